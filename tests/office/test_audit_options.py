"""Samples, going on, the pace, what ends soon, the roots, and the report to look at."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sipadek
from sipadek.errors import DamagedRegister, InvalidInput, KeyUnusable
from sipadek.office import audit_page
from sipadek.office.audit_words import meaning
from sipadek.office.content_audit import Pace
from sipadek.sql import Finding
from sipadek.testing.authority import Authority

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
Pdf = Callable[..., bytes]


@pytest.fixture
def letters(
    office: sipadek.Office, letter_pdf: Pdf, signer: sipadek.KeySigner
) -> list[sipadek.Letter]:
    return [
        office.file(
            letter_pdf(f"isi {n}"),
            series="ket",
            subject=f"Perihal <{n}>",
            unit="U",
            signer=signer if n == 0 else None,
        )
        for n in range(5)
    ]


def path_of(folder: Path, letter: sipadek.Letter) -> Path:
    path = folder / "objects" / letter.filed_digest[:2] / letter.filed_digest
    path.chmod(0o600)
    return path


def test_a_sample_reads_less_and_still_sees_lengths(
    office: sipadek.Office, folder: Path, letters: list[sipadek.Letter]
) -> None:
    assert office.audit(sample=0).read_objects == 0
    report = office.audit()
    assert report.read_objects == 5
    assert report.read_bytes == sum(letter.filed_size for letter in letters)
    path = path_of(folder, letters[3])
    path.write_bytes(path.read_bytes() + b"x")
    path_of(folder, letters[4]).unlink()
    found = {finding.code: finding.subject for finding in office.audit(sample=0).findings}
    assert found == {"object-altered": letters[3].number, "object-missing": letters[4].number}


@pytest.mark.parametrize("options", [{"sample": 1.1}, {"sample": -1}, {"rate": 0}])
def test_a_share_or_rate_that_is_none_is_refused(
    office: sipadek.Office, options: dict[str, float]
) -> None:
    with pytest.raises(InvalidInput):
        office.audit(**options)  # type: ignore[arg-type]


def test_a_run_that_was_ended_goes_on(
    office: sipadek.Office,
    folder: Path,
    letters: list[sipadek.Letter],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sipadek.office.content_audit._SAVE_EVERY", 1)
    path_of(folder, letters[0]).unlink()
    resume = tmp_path / "sampai-mana.json"

    class Ended(Exception):
        pass

    def end_at_three(done: int, total: int) -> None:
        if done == 4:
            raise Ended

    with pytest.raises(Ended):
        office.audit(resume=resume, progress=end_at_three)
    value = json.loads(resume.read_text())
    assert (value["after"], value["objects"]) == (3, 2)
    path_of(folder, letters[1]).write_bytes(b"")  # was read already: only a new run sees it
    report = office.audit(resume=resume)
    assert [finding.subject for finding in report.findings] == [letters[0].number]
    assert report.read_objects == 4
    assert not resume.exists()
    assert len(office.audit(resume=resume).findings) == 2
    resume.write_text("x")
    with pytest.raises(InvalidInput):
        office.audit(resume=resume)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=30), st.floats(1, 1e6))
def test_the_pace_never_exceeds_the_rate(sizes: list[int], rate: float) -> None:
    clock = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    pace = Pace(rate, now=lambda: clock[0], sleep=sleep)
    for size in sizes:
        pace.spend(size)
        clock[0] += 1e-7
    assert sum(sizes) / rate <= clock[0] * 1.0001
    assert all(seconds > 0 for seconds in slept)


def test_what_ends_soon_or_has_ended_is_warned_of(
    office: sipadek.Office, letters: list[sipadek.Letter]
) -> None:
    assert not office.audit().warnings or office.audit().warnings[0].code == "disk-low"
    report = office.audit(soon=datetime.timedelta(days=5000))
    warned = [each for each in report.warnings if each.code == "signature-expiring"]
    assert len(warned) == 1
    assert letters[0].number in warned[0].message
    assert report.clean
    assert sum(report.provable_until.values()) == 1
    assert not office.audit(signatures=False).provable_until


def test_signatures_that_ended_and_lead_nowhere(
    folder: Path, office: sipadek.Office, letters: list[sipadek.Letter]
) -> None:
    office.trust(Authority.create(now=NOW, key="p256").root)
    next(
        path for path in (folder / "keys" / "roots").iterdir() if path.stem not in _newest(office)
    ).unlink()
    later = NOW + datetime.timedelta(days=9000)
    with sipadek.open(folder, clock=lambda: later) as opened:
        report = opened.audit()
    codes = {each.code for each in report.warnings}
    assert {"signature-expired", "signature-untrusted"} <= codes
    assert [each.code for each in report.findings] == ["root-missing"]


def _newest(office: sipadek.Office) -> str:
    return [body for body in office._register.events() if b"root.trusted" in body][-1].decode()


def test_roots_and_keys_are_held_against_the_ledger(office: sipadek.Office, folder: Path) -> None:
    (root,) = (folder / "keys" / "roots").iterdir()
    planted = Authority.create(now=NOW, key="p256").root
    name = office._folder.trust(planted)  # as someone does who can only write files
    pem = root.read_bytes()
    root.write_bytes(b"rusak")
    (folder / "keys" / "checkpoint.pub").write_text("lain")
    found = {finding.code: finding.subject for finding in office.audit().findings}
    assert found == {
        "key-differs": "keys/checkpoint.pub",
        "root-unreadable": root.stem,
        "root-unrecorded": name,
    }
    with pytest.raises(KeyUnusable):
        office._roots()
    root.write_bytes(pem)


def test_a_lost_key_or_register_is_told_and_nothing_is_made_anew(
    office: sipadek.Office, folder: Path, letters: list[sipadek.Letter]
) -> None:
    office.close()
    key = folder / "keys" / "checkpoint.key"
    secret = key.read_bytes()
    key.unlink()
    with pytest.raises(KeyUnusable):
        sipadek.open(folder)
    assert not key.exists()
    key.write_bytes(secret)
    (folder / "register.sqlite").unlink()
    with pytest.raises(DamagedRegister):
        sipadek.open(folder)
    assert not (folder / "register.sqlite").exists()


# --- the page -------------------------------------------------------------------------------------


def test_the_page_tells_all_and_escapes(
    office: sipadek.Office, folder: Path, letters: list[sipadek.Letter]
) -> None:
    path_of(folder, letters[2]).unlink()
    report = office.audit(soon=datetime.timedelta(days=5000))
    bad = Finding("entry-differs", "<script>", "says '<b>'")
    report = attrs.evolve(report, findings=(*report.findings, bad))
    page = audit_page(report, office="arsip <kota>")
    assert "arsip &lt;kota&gt;" in page
    assert "<script>" not in page
    assert "2 temuan" in page
    assert letters[2].number in page
    assert meaning("object-missing") in page
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) >= 4
    for drawing in drawings:
        ElementTree.fromstring(drawing)
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_of_a_new_office_is_short(tmp_path: Path) -> None:
    with sipadek.open(tmp_path / "baru") as office:
        page = audit_page(attrs.evolve(office.audit(), disk_total=0), office="baru")
    assert "Bersih" in page
    assert "<svg" not in page


def test_every_finding_has_a_meaning_in_indonesian() -> None:
    reference = Path(__file__).resolve().parents[2] / "docs" / "reference.md"
    part = reference.read_text("utf-8").split("## Findings")[1].split("## ")[0]
    codes = re.findall(r"`([a-z]+-[a-z-]+)`", part)
    assert len(codes) >= 40
    assert [code for code in codes if meaning(code) == code] == []
