"""`sipadek retention …`: a folder from its opening to its end, on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import DETAILS, Run

STEP = ("--date", "2020-06-01", "--actor", "Siti")
WHO = ("--actor", "Siti")
OFFICE_NAME = (
    "--name",
    "Kota Contoh",
    "--place",
    "Contoh",
    "--party",
    "Siti|Kepala Arsip|1|Pelaksana",
)


@pytest.fixture
def planned(run: Run, office: Path, tmp_path: Path) -> Path:
    """An office with a plan by which everything is due at once."""
    (tmp_path / "k.csv").write_text(
        "kode,nama\n400.12.2.1,Identitas penduduk\n000.8.3.3,Standar\n700,Pengawasan\n"
    )
    (tmp_path / "j.csv").write_text(
        "kode,aktif,inaktif,nasib,pengecualian\n400,0,0,musnah,kecuali sengketa\n"
        "000,0,0,permanen,-\n700,0,0,dinilai kembali,-\n"
    )
    for words in (
        ("scheme", office, tmp_path / "k.csv", "--name", "83", "--source", "Permendagri"),
        (
            "rules",
            office,
            tmp_path / "j.csv",
            "--name",
            "JRA",
            "--source",
            "Perwal",
            "--scheme",
            "83",
        ),
    ):
        ran = run("retention", *words, "--actor", "Siti")
        assert (ran.code, ran.err) == (0, "")
    return office


def opened(run: Run, office: Path, code: str, title: str, *letters: str, close: bool = True) -> str:
    ran = run(
        "retention", "open", office, code, title,
        "--unit", "KEL", "--year", "2020", "--actor", "Siti", "--json",
    )  # fmt: skip
    name = str(ran.value["name"])
    if letters:
        assert run("retention", "place", office, name, *letters, "--actor", "Siti").code == 0
    if close:
        ran = run("retention", "close", office, name, "--on", "2020-06-01", "--actor", "Siti")
        assert ran.code == 0, ran.err
    return name


def moved(run: Run, office: Path, *names: str) -> None:
    ran = run(
        "retention", "move", office, *names, "--as-of", "2020-06-01",
        "--number", "BA-1", "--by", "Umum", "--witness", "Budi", *STEP,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.out.startswith("pindah/2020/")


def proposed(run: Run, office: Path, to: str, *names: str) -> tuple[str, str]:
    ran = run(
        "retention", "propose", office, *names, "--to", to, "--as-of", "2020-06-01",
        "--panel", "Siti", "--panel", "Budi", "--actor", "Siti", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.out
    return ran.value["name"], ran.value["authority"]


def decided(run: Run, office: Path, to: str, *names: str) -> str:
    disposal, authority = proposed(run, office, to, *names)
    for step, by in (("considered", "Panitia"), ("approved", authority), ("decided", "Wali Kota")):
        ran = run("retention", "step", office, disposal, step, "--number", "X", "--by", by, *STEP)
        assert ran.code == 0, ran.err
    return disposal


def test_a_folder_is_destroyed_step_by_step(
    run: Run, planned: Path, pdf: Callable[..., Path], tmp_path: Path
) -> None:
    pytest.importorskip("typst")
    path = pdf()
    ran = run("file", planned, path, *DETAILS, "--subject", "x", "--date", "2020-05-01", "--json")
    number = ran.value["letters"][0]["letter"]["number"]
    name = opened(run, planned, "400.12.2.1", "Keterangan domisili", number)
    due = run("retention", "due", planned, "--as-of", "2020-06-01")
    assert due.rows == [[name, "pindah ke inaktif", "2020-06-01", "", "Keterangan domisili"]]
    copy = tmp_path / "salinan.pdf"
    assert run("original", planned, number, "--filed", "-o", copy).code == 0
    moved(run, planned, name)
    inactive = tmp_path / "inaktif.pdf"
    assert run("retention", "inactive", planned, "-o", inactive, "--name", "Kota").code == 0
    assert inactive.read_bytes().startswith(b"%PDF")

    disposal = decided(run, planned, "musnah", name)
    for kind, more in (("daftar", ()), ("pertimbangan", ("--number", "P-1"))):
        out = tmp_path / f"{kind}.pdf"
        ran = run("retention", "document", planned, disposal, kind, "-o", out, *OFFICE_NAME, *more)
        assert ran.code == 0, ran.err
    early = tmp_path / "dini.pdf"
    ran = run("retention", "document", planned, disposal, "berita-acara", "-o", early, *OFFICE_NAME)
    assert (ran.code, early.exists()) == (1, False)

    run("retention", "hold", planned, name, "--reason", "perkara", "--actor", "Jaksa")
    last = (
        "retention",
        "step",
        planned,
        disposal,
        "carried-out",
        "--number",
        "BA",
        "--by",
        "Arsip",
        *STEP,
    )
    ran = run(*last, "--json")
    assert (ran.code, ran.value["error"]["code"]) == (1, "on-hold")
    run("retention", "release", planned, name, "--reason", "putusan", "--actor", "Jaksa")
    ran = run(*last, "--witness", "Budi", "--note", "dihapus", "--json")
    assert (ran.code, ran.value["step"]) == (0, "completed")
    assert run(*last, "--witness", "Budi", "--note", "dihapus").code == 0, "again changes nothing"

    ran = run("original", planned, number, "-o", tmp_path / "o.pdf", "--json")
    assert (ran.code, ran.value["error"]["code"]) == (1, "letter-destroyed")
    assert run("show", planned, number, "--json").value["destroyed"]["disposal"] == disposal
    assert "Content:\tdestroyed on 2020-06-01 under" in run("show", planned, number).out
    ran = run("verify", planned, copy, "--json")
    assert ran.value["destroyed"]["disposal"] == disposal
    assert "destroyed on 2020-06-01" in run("verify", planned, copy).out
    listed = run("retention", "list", planned, "--state", "musnah")
    assert [row[0] for row in listed.rows] == [name]
    assert run("retention", "list", planned, "--json").value[0]["letters"] == 1
    assert run("audit", planned).code == 0


def test_a_transfer_is_packed(run: Run, planned: Path, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    one, other = (opened(run, planned, "000.8.3.3", title) for title in ("Satu", "Dua"))
    moved(run, planned, one, other)
    disposal, _ = proposed(run, planned, "serah", one, other)
    ran = run(
        "retention", "exclude", planned, disposal, other, "--reason", "rusak", "--actor", "Siti",
        "--json",
    )  # fmt: skip
    assert ran.value["folders"] == [one]
    ran = run("retention", "withdraw", planned, disposal, "--reason", "ulang", "--actor", "Siti")
    assert "withdrawn" in ran.out
    disposal = decided(run, planned, "serah", one)
    run("retention", "step", planned, disposal, "carried-out", "--number", "B", "--by", "A", *STEP)
    target = tmp_path / "paket"
    ran = run("retention", "package", planned, disposal, "-o", target, *OFFICE_NAME, "--json")
    assert ran.value == {"path": str(target), "files": 5}
    rows = run("retention", "disposals", planned).rows
    assert {row[0]: row[1] for row in rows}[disposal] == "carried-out"
    assert len(run("retention", "disposals", planned, "--json").value) == 3


def test_folders_are_reopened_and_reappraised(run: Run, planned: Path) -> None:
    name = opened(run, planned, "700", "Pengawasan")
    told = ("--actor", "Siti", "--json")
    assert (
        run("retention", "reopen", planned, name, "--reason", "lagi", *told).value["fate"] is None
    )
    run("retention", "close", planned, name, "--on", "2020-06-01", "--actor", "Siti")
    moved(run, planned, name)
    ran = run("retention", "appraise", planned, name, "--as-of", "2020-06-01", *told)
    assert ran.value["state"] == "dinilai kembali"
    ran = run(
        "retention", "reappraise", planned, name, "--fate", "permanen", "--until", "2030-01-01",
        "--reason", "nilai guna", *told,
    )  # fmt: skip
    assert (ran.value["fate"], ran.value["fate_on"]) == ("permanen", "2030-01-01")
    due = run("retention", "due", planned, "--as-of", "2031-01-01", "--json").value
    assert [(each["action"], each["since"]) for each in due] == [("usul serah", "2030-01-01")]


def test_letters_come_out_again(run: Run, planned: Path) -> None:
    ran = run("give", planned, "--key", "k", *DETAILS, "--subject", "x", "--json")
    number = ran.value["letters"][0]["number"]
    name = opened(run, planned, "700", "Isi", number, close=False)
    told = ("--reason", "salah", "--actor", "Siti")
    assert run("retention", "take-out", planned, name, number, *told).code == 0
    assert run("retention", "take-out", planned, name, number, *told).code == 1
    assert run("retention", "list", planned).rows[0][4] == "0"


def test_the_rule_of_a_code(run: Run, planned: Path, tmp_path: Path) -> None:
    ran = run("retention", "rule", planned, "400.12.2.1")
    assert ran.out == "400.12.2.1: 0 + 0 years, then musnah (rule of 400); kecuali sengketa\n"
    assert run("retention", "rule", planned, "400", "--json").value["fate"] == "musnah"
    ran = run("retention", "rule", planned, "500", "--json")
    assert (ran.code, ran.value["error"]["code"]) == (1, "no-rule")
    (tmp_path / "g.csv").write_text("kode_lama,kode_baru\n471,400.12\n")
    ran = run(
        "retention", "successions", planned, tmp_path / "g.csv", "--old", "83", "--new", "83",
        "--source", "x", "--actor", "Siti",
    )  # fmt: skip
    assert (ran.code, ran.out) == (0, "83 → 83: 1 entries imported\n")
    ran = run(
        "retention", "rules", planned, tmp_path / "j.csv", "--name", "J2", "--source", "x",
        "--scheme", "83", "--actor", "Siti", "--authority", "musnah:0=Wali Kota", "--json",
    )  # fmt: skip
    assert ran.value == {"kind": "rules", "name": "J2", "entries": 3}


UNREADABLE = (
    ("list", "--state", "terbakar"),
    ("due", "--as-of", "kemarin"),
    ("propose", "f", "--to", "bakar", "--as-of", "2020-01-01", "--panel", "S", *WHO),
    ("step", "d", "dilihat", "--number", "1", "--by", "x", *STEP),
    ("document", "d", "puisi", "-o", "x.pdf", "--name", "K"),
    ("document", "d", "daftar", "-o", "x.pdf", "--name", "K", "--party", "Siti"),
    ("reappraise", "f", "--fate", "hilang", "--until", "2020-01-01", "--reason", "x", *WHO),
    ("scheme", "tiada.csv", "--name", "n", "--source", "s", *WHO),
    ("rules", "j.csv", "--name", "n", "--source", "s", "--scheme", "83", *WHO, "--authority", "x"),
    ("tidak-ada",),
)


def test_what_cannot_be_read_is_told(run: Run, office: Path) -> None:
    for words in UNREADABLE:
        ran = run("retention", words[0], office, *words[1:])
        assert ran.code == 2, words
        assert ran.err.startswith("sipadek: ")
