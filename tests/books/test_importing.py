"""From an older book on paper to a register that goes on, and back to books."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipadek.archive import Letter, LetterDetails, ReservationRequest, State
from sipadek.books import (
    Book,
    GapReport,
    ProblemKind,
    counter_letters,
    plan_legacy,
    read_legacy_csv,
    write_csv,
    write_html,
    write_pdf,
    write_xlsx,
)
from sipadek.errors import InvalidInput
from sipadek.ledger import CheckpointKey
from sipadek.naskah import date_text, roman_month
from sipadek.numbering import Series
from sipadek.sql import Database, Register

NOW = datetime.datetime(2026, 11, 3, 2, 15, tzinfo=datetime.UTC)
SERIES = Series(
    code="keterangan",
    pattern="{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}",
    scope=("unit",),
    insertion=".A",
)
COUNTER = "unit=KEL-LEGOK;2026"
HOLES = (17, 18, 19, 203)
REPEATS = (44, 301, 301)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    database = Database(tmp_path / "register.sqlite", lock=tmp_path / "locks" / "register.lock")
    with contextlib.closing(database):
        origin = "arsip.kota.example"
        made = Register(database, key=CheckpointKey.generate(origin), origin=origin)
        made.define_series(SERIES, at=NOW)
        yield made


def older_book() -> bytes:
    """500 numbers as a clerk's spreadsheet has them: holes, repeats, and one line that is no row."""
    choose = random.Random(2026)
    lines: list[tuple[str, ...]] = [
        ("BUKU AGENDA SURAT KELUAR", "", "", "", ""),
        ("No.", "Nomor Surat", "Tgl. Surat", "Perihal", "Kepada"),
    ]
    numbers = [n for n in range(1, 501) if n not in HOLES] + list(REPEATS)
    for place, n in enumerate(sorted(numbers), 1):
        date = datetime.date(2026, 1, 5) + datetime.timedelta(days=n // 2)
        shown = choose.choice([date.isoformat(), f"{date:%d/%m/%Y}", date_text(date)])
        number = f"400.12.2.1/{n:04}/KEL-LEGOK/{roman_month(date.month)}/{date.year}"
        subject = choose.choice(["Keterangan domisili", "Surat pengantar; segera", "Usaha “Café”"])
        lines.append((str(place), number, shown, subject, f"Warga RT {n % 40:02}"))
    lines.append(("", "jumlah 499 surat", "", "", ""))
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows(lines)
    return file.getvalue().encode("cp1252")


def test_an_older_book_is_imported_and_gone_on_with(register: Register) -> None:
    table = read_legacy_csv(io.BytesIO(older_book()))
    plan = plan_legacy(SERIES, table.rows)
    found = [(p.kind, p.sequence, p.last) for p in plan.open if p.kind is not ProblemKind.UNREAD]
    assert sorted(found) == [
        (ProblemKind.HOLE, 17, 19),
        (ProblemKind.HOLE, 203, 203),
        (ProblemKind.REPEAT, 44, 0),
        (ProblemKind.REPEAT, 301, 0),
        (ProblemKind.REPEAT, 301, 0),
    ]
    with pytest.raises(InvalidInput):
        plan.approved()
    (total,) = plan.refused
    plan = plan_legacy(
        SERIES,
        table.rows,
        explanations={COUNTER: {17: "buku basah", 44: "dua petugas pada hari yang sama"}},
        default_explanation="tidak diketahui lagi",
        set_aside={total.line: "baris jumlah"},
    )
    register.import_legacy(
        "keterangan", plan.approved(), source="Buku agenda 2026", actor="Tata usaha", at=NOW
    )

    letters = [give(register, n) for n in range(1, 6)]
    assert [one.sequence for one in letters] == [501, 502, 503, 504, 505]
    register.confirm([one.id for one in letters[:4]], at=NOW)
    register.void(letters[1].id, reason="=salah(unit)", at=NOW, actor="Lurah")
    late = ReservationRequest(key="sisip", details=details(9), actor="Sekretaris")
    register.insert(late, reason="terlambat dicatat", after=letters[2].number, at=NOW)
    assert list(register.verify_history()) == []

    book = counter_letters(register.letters(), series="keterangan", counter=COUNTER)
    assert [(one.sequence, one.insertion) for one in book] == [
        (501, 0),
        (502, 0),
        (503, 0),
        (503, 1),
        (504, 0),
        (505, 0),
    ]
    export(register, book)
    report(register)


def details(n: int) -> LetterDetails:
    return LetterDetails(
        series="keterangan",
        subject=f"Keterangan usaha {n}",
        date=datetime.date(2026, 11, 3),
        unit="KEL-LEGOK",
        classification="400.12.2.1",
    )


def give(register: Register, n: int) -> Letter:
    request = ReservationRequest(key=f"k-{n}", details=details(n), actor="Sekretaris")
    (outcome,) = register.reserve([request], at=NOW)
    assert isinstance(outcome, Letter)
    return outcome


def export(register: Register, letters: list[Letter]) -> None:
    """The book in every form; the CSV, read as an older book, has the same numbers."""
    book = Book.register(office="Kelurahan Legok", period="Tahun 2026")
    file = io.BytesIO()
    write_csv(register.letters(), file, book)
    rows = file.getvalue().decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + len(letters)
    file = io.BytesIO()
    write_csv(letters, file, book)
    file.seek(0)
    again = read_legacy_csv(file)
    assert [row.number for row in again.rows] == [one.number for one in letters]
    remarks = {row.number: row.note for row in again.rows}
    assert remarks[letters[1].number] == "Batal: =salah(unit)"
    assert remarks[letters[3].number] == "Sisipan ke-1 oleh Sekretaris: terlambat dicatat"
    assert letters[1].state is State.VOID
    page = io.BytesIO()
    write_html(letters, page, book)
    assert "Jumlah 6 nomor: 3 terbit, 2 dipesan, 1 batal." in page.getvalue().decode()


def report(register: Register) -> None:
    form = GapReport(office="Kelurahan Legok", period="Tahun 2026")
    accounts = register.accounts("keterangan")
    file = io.BytesIO()
    write_csv(accounts, file, form)
    lines = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    summary = dict(zip(lines[0], lines[1], strict=True))
    assert {name: summary[name] for name in ("Jumlah", "Terbit", "Buku lama", "Kosong")} == {
        "Jumlah": "505",
        "Terbit": "3",
        "Buku lama": "496",
        "Kosong": "4",
    }
    assert (summary["Tidak tercatat"], summary["Ganda"], summary["Sisipan"]) == ("0", "3", "1")
    told = [(line[2], line[3], line[4]) for line in lines[4:]]
    assert ("kosong di buku lama", "17", "buku basah") in told
    assert ("kosong di buku lama", "203", "tidak diketahui lagi") in told
    assert [reason for group, _, reason in told if group == "batal"] == ["'=salah(unit)"]
    assert [group for group, _, _ in told].count("ganda di buku lama") == 3
    for name, write in (("openpyxl", write_xlsx), ("typst", write_pdf)):
        pytest.importorskip(name)
        write(accounts, io.BytesIO(), form)
