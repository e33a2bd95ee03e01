"""init, series, trust, audit, recover."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import DETAILS, Keys, Run
from cryptography.hazmat.primitives import hashes

import sipadek
from sipadek.testing.authority import Authority, Credential

PATTERN = "{nomor:3}/{unit}/{tahun}"


def test_init_makes_an_office_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "arsip"

    first, second = run("init", folder, "--json"), run("init", folder, "--json")

    assert (first.code, first.value) == (0, {"office": str(folder), "created": True})
    assert (second.code, second.value) == (0, {"office": str(folder), "created": False})
    assert run("audit", folder).out == "0 letters, 0 events, 0 objects: clean\n"


def test_init_leaves_a_foreign_folder_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "catatan.txt").write_text("penting")

    assert run("init", tmp_path).code == 2

    assert [path.name for path in tmp_path.iterdir()] == ["catatan.txt"]


def test_a_series_has_kinds_insertions_and_repeats(run: Run, office: Path) -> None:
    options = ["--kind", "nota-dinas=ND/{nomor}", "--insertion", ".A", "--repeats"]

    shown = run("series", office, "keluar", "--pattern", "{nomor}/{unit}", *options, "--json")

    assert shown.value["kinds"] == [["nota-dinas", "ND/{nomor}"]]
    assert (shown.value["insertion"], shown.value["repeats"]) == (".A", True)
    with sipadek.open(office) as opened:
        assert opened.numbers.series("keluar").kinds == {"nota-dinas": "ND/{nomor}"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--kind", "nota-dinas"], "NAME=VALUE"),
        (["--kind", "a={nomor}/A", "--kind", "a={nomor}/B"], "twice"),
    ],
)
def test_a_wrong_kind_is_told(run: Run, office: Path, options: list[str], told: str) -> None:
    refused = run("series", office, "keluar", "--pattern", PATTERN, *options)
    assert refused.code == 2
    assert told in refused.err


def test_a_series_is_defined_shown_and_listed(run: Run, office: Path) -> None:
    options = ["--scope", "unit, kind", "--restart", "monthly", "--timezone", "Asia/Jayapura"]
    pattern = "{nomor}/{jenis}/{unit}/{bulan}/{tahun}"

    defined = run("series", office, "sp", "--pattern", pattern, *options, "--start", 7, "--json")

    assert defined.code == 0
    assert defined.value == {
        "code": "sp",
        "pattern": pattern,
        "scope": ["unit", "kind"],
        "restart": "monthly",
        "timezone": "Asia/Jayapura",
        "start": 7,
    }
    assert run("series", office, "sp", "--json").value == defined.value
    listed = run("series", office, "--json").value["series"]
    assert [each["code"] for each in listed] == ["ket", "sp"]
    assert run("series", office).rows == [
        ["ket", "{kode}/{nomor:3}/{unit}/{tahun}", "unit", "yearly", "Asia/Jakarta", "1"],
        ["sp", pattern, "unit, kind", "monthly", "Asia/Jayapura", "7"],
    ]


def test_a_series_can_be_defined_again_only_in_the_same_way(run: Run, office: Path) -> None:
    assert run("series", office, "sp", "--pattern", PATTERN).code == 0
    assert run("series", office, "sp", "--pattern", PATTERN).code == 0

    other = run("series", office, "sp", "--pattern", PATTERN, "--scope", "unit", "--json")

    assert (other.code, other.value["error"]["code"]) == (2, "series-conflict")


def test_an_unknown_series_is_not_found(run: Run, office: Path) -> None:
    ran = run("series", office, "sp", "--json")

    assert (ran.code, ran.value["error"]["code"]) == (1, "not-found")


def test_an_office_without_series_lists_none(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "arsip")

    assert run("series", tmp_path / "arsip", "--json").value == {"series": []}


def test_a_trusted_root_makes_signatures_verify(
    run: Run,
    office: Path,
    pdf: Callable[..., Path],
    keys: Keys,
    credential: tuple[Authority, Credential],
    tmp_path: Path,
) -> None:
    filed = run("file", office, pdf(), *DETAILS, *keys.options, "--json").value["letters"][0]
    copy = tmp_path / "salinan.pdf"
    run("original", office, filed["letter"]["id"], "--filed", "-o", copy)

    before = run("verify", office, copy, "--json")
    for_once = run("verify", office, copy, "--trust", keys.root)
    trusted = run("trust", office, keys.root, "--json")

    assert (before.code, before.value["error"]["code"]) == (1, "signature-untrusted")
    assert for_once.code == 0
    (root,) = trusted.value["trusted"]
    assert root["sha256"] == credential[0].root.fingerprint(hashes.SHA256()).hex()
    assert run("verify", office, copy).code == 0


def test_an_audit_names_each_finding(run: Run, office: Path, pdf: Callable[..., Path]) -> None:
    for text in ("satu", "dua"):
        run("file", office, pdf(text, f"{text}.pdf"), *DETAILS)
    clean = run("audit", office, "--json")
    letter = run("show", office, f"400.12.2.1/002/KEL-LEGOK/{today().year}", "--json").value
    (kept,) = (office / "objects").rglob(letter["filed_digest"])
    kept.unlink()

    ran, told = run("audit", office, "--json"), run("audit", office)

    assert clean.code == 0
    expected = {"clean": True, "letters": 2, "events": 5, "objects": 2, "findings": []}
    assert {name: clean.value[name] for name in expected} == expected
    beside = {"warnings", "at", "provable_until", "read_objects", "read_bytes"}
    assert clean.value.keys() - expected.keys() == {*beside, "disk_free", "disk_total"}
    assert ran.code == told.code == 1
    (finding,) = ran.value["findings"]
    assert (ran.value["clean"], finding["code"]) == (False, "object-missing")
    assert finding["subject"] == letter["number"]
    assert told.rows[0][:2] == ["object-missing", letter["number"]]
    assert told.out.endswith("findings: 1\n")
    assert told.err == ""


def today() -> datetime.date:
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).date()


def reserved_only(office: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a reservation behind, as a power cut between the two commits does."""
    from sipadek.objects import DirectoryStore

    with monkeypatch.context() as patch, sipadek.open(office) as opened:
        patch.setattr(DirectoryStore, "put", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            opened.file(
                source,
                series="ket",
                subject="Terputus",
                unit="KEL-LEGOK",
                classification="400.12.2.1",
            )


def test_recover_leaves_young_reservations_alone(
    run: Run, office: Path, pdf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    reserved_only(office, pdf(), monkeypatch)

    young, old = run("recover", office), run("recover", office, "--older-than", 0, "--json")

    assert young.code == old.code == 0
    assert young.out.startswith("0 completed, 0 void")
    assert old.value["completed"] == []
    (voided,) = old.value["voided"]
    assert (voided["state"], voided["subject"]) == ("void", "Terputus")
    assert voided["void_reason"]
    assert isinstance(old.value["dropped"], int)
    assert run("audit", office).code == 0


@pytest.mark.parametrize("command", ["series", "audit", "recover"])
def test_only_init_makes_an_office(run: Run, tmp_path: Path, command: str) -> None:
    folder = tmp_path / "belum"

    ran = run(command, folder, "--json")

    assert (ran.code, ran.value["error"]["code"]) == (2, "not-an-office")
    assert f"sipadek init {folder}" in ran.err
    assert not folder.exists()
