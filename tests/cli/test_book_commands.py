"""book, gaps, import."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from command_line import Run

import sipadek
from sipadek.books import LegacyTable, read_legacy_csv, read_legacy_xlsx

GIVE = ("--series", "agenda", "--unit", "U", "--date")
OLD = "Nomor,Tanggal,Perihal\n1/U/2026,5/1/2026,Undangan\n2/U/2026,6/1/2026,Laporan\n"


@pytest.fixture
def agenda(run: Run, tmp_path: Path) -> Path:
    folder = tmp_path / "agenda"
    with sipadek.open(folder) as office:
        office.define_series("agenda", "{nomor}/{unit}/{tahun}", scope=["unit"], insertion=".A")
    return folder


@pytest.fixture
def three(run: Run, agenda: Path) -> Path:
    for key, date in (("a", "2026-11-03"), ("b", "2026-12-01"), ("c", "2026-12-01")):
        run("give", agenda, *GIVE, date, "--subject", f"Surat {key}", "--key", key)
    who = ("--actor", "Sekretaris", "--reason", "tertinggal")
    run("insert", agenda, *GIVE, "2026-11-03", "--subject", "Susulan", "--key", "d", *who)
    return agenda


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8-sig").splitlines()


def numbers(table: LegacyTable) -> list[str]:
    return [row.number for row in table.rows]


def test_the_register_book_stands_in_the_order_of_numbers(run: Run, three: Path) -> None:
    output = three.parent / "buku.csv"
    ran = run("book", three, "agenda", "-o", output, "--name", "Kelurahan Legok")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{output}: 4 entries, ")
    found = numbers(read_legacy_csv(io.BytesIO(output.read_bytes())))
    assert found[:4] == ["1/U/2026", "1.A/U/2026", "2/U/2026", "3/U/2026"]


def test_the_agenda_stands_in_the_order_of_recording(run: Run, three: Path) -> None:
    output = three.parent / "agenda.xlsx"
    assert run("book", three, "agenda", "-o", output, "--agenda").code == 0
    found = numbers(read_legacy_xlsx(io.BytesIO(output.read_bytes())))
    assert found[:4] == ["1/U/2026", "2/U/2026", "3/U/2026", "1.A/U/2026"]


def test_a_book_of_a_month_has_the_columns_asked_for(run: Run, three: Path) -> None:
    output = three.parent / "desember.csv"
    ran = run(
        "book", three, "agenda", "-o", output, "--period", "2026-12", "--columns", "nomor, perihal",
        "--json",
    )  # fmt: skip
    assert ran.value == {"path": str(output), "entries": 2, "size": output.stat().st_size}
    assert lines(output)[:3] == ["Nomor surat,Perihal", "2/U/2026,Surat b", "3/U/2026,Surat c"]


@pytest.mark.parametrize("ending", ["pdf", "html"])
def test_a_book_is_a_page_to_print(run: Run, three: Path, ending: str) -> None:
    pytest.importorskip("typst")
    output = three.parent / f"buku.{ending}"
    assert run("book", three, "agenda", "-o", output).code == 0
    assert output.read_bytes().startswith(b"%PDF-" if ending == "pdf" else b"<!DOCTYPE html>")


def test_a_book_that_cannot_be_written_leaves_what_was_there(run: Run, three: Path) -> None:
    output = three.parent / "buku.csv"
    output.write_text("lama")
    refused = run("book", three, "agenda", "-o", output, "--columns", "tidak-ada")
    assert refused.code == 2
    assert "does not exist" in refused.err
    assert run("book", three, "lain", "-o", output).code == 1
    assert run("book", three, "agenda", "-o", three.parent / "buku.doc").code == 2
    assert run("book", three, "agenda", "-o", three.parent / "tidak-ada" / "buku.csv").code == 2
    assert output.read_text() == "lama"
    assert [path.name for path in three.parent.glob(".*")] == []


def test_the_gap_report_accounts_for_every_number(run: Run, three: Path) -> None:
    output = three.parent / "nomor.csv"
    assert run("gaps", three, "-o", output).code == 0
    text = "\n".join(lines(output))
    assert "agenda,unit=U;2026,1,3,3,3,0,0,0,0,0" in text
    assert "sisipan,1.A/U/2026" in text


def test_an_older_book_is_imported_and_gone_on_after(run: Run, agenda: Path) -> None:
    old = agenda.parent / "lama.csv"
    old.write_text(OLD)
    ask = ("import", agenda, "agenda", old, "--actor", "Arsiparis")
    checked = run(*ask, "--check")
    assert (checked.code, checked.out) == (0, "agenda: 2 lines of lama.csv ready to be imported\n")
    assert run("account", agenda).rows == []
    ran = run(*ask, "--json")
    assert (ran.code, ran.value["imported"], ran.value["numbers"]) == (0, True, 2)
    given = run("give", agenda, *GIVE, "2026-11-03", "--subject", "Baru", "--key", "a")
    assert given.rows[0][0] == "3/U/2026"
    assert run("audit", agenda).code == 0


def test_holes_and_repeats_are_explained_or_nothing_is_imported(run: Run, agenda: Path) -> None:
    old = agenda.parent / "lama.csv"
    old.write_text(f"{OLD}2/U/2026,6/1/2026,Lain\n4/U/2026,8/1/2026,Nota\nrusak,,\n")
    ask = ("import", agenda, "agenda", old, "--actor", "Arsiparis")
    refused = run(*ask)
    assert refused.code == 1
    assert [row[:2] for row in refused.rows[:-1]].count(["hole", "OPEN"]) == 1
    assert run("account", agenda).rows == []
    ran = run(*ask, "--explain", "buku rusak", "--set-aside", "6=tidak terbaca", "--json")
    assert (ran.code, ran.value["imported"], ran.value["set_aside"]) == (0, True, [6])
    kinds = {(one["kind"], one["settled"]) for one in ran.value["problems"]}
    assert {("hole", True), ("repeat", True)} <= kinds
    assert run("account", agenda).code == 0
    again = run(*ask, "--explain", "buku rusak", "--set-aside", "6=tidak terbaca")
    assert again.code == 2


@pytest.mark.parametrize("options", [("--set-aside", "enam=x"), ("--set-aside", "6"), ()])
def test_what_is_no_older_book_is_told(run: Run, agenda: Path, options: tuple[str, ...]) -> None:
    old = agenda.parent / ("lama.csv" if options else "lama.doc")
    old.write_text(OLD)
    refused = run("import", agenda, "agenda", old, "--actor", "Arsiparis", *options)
    assert refused.code == 2
    assert run("import", agenda, "agenda", agenda / "tidak-ada.csv", "--actor", "A").code == 2


def test_numbers_that_were_held_too_long_become_void(run: Run, agenda: Path) -> None:
    hold = ("--key", "a", "--hold", "0.0000001")
    run("give", agenda, *GIVE, "2026-11-03", "--subject", "S", *hold)
    assert run("expire", agenda, "--json").value == {"voided": ["1/U/2026"]}
    assert run("expire", agenda).out == "numbers made void: 0\n"
