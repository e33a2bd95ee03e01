"""A workbook gives back what was written, as texts, numbers and dates."""

from __future__ import annotations

import datetime
import io
import sys
import zipfile
from typing import Any

import pytest
from book_letters import HOSTILE, Sheets, letter, tables
from hypothesis import given

from sipadek.books import (
    MAX_TEXT,
    Book,
    Cell,
    read_legacy_xlsx,
    write_xlsx,
    xlsx_file,
)
from sipadek.books.table import clean
from sipadek.errors import InvalidInput, MissingExtra

openpyxl = pytest.importorskip("openpyxl")
BOOK = Book.register(office="Kelurahan Legok", period="Tahun 2026")


def written(entries: list[tuple[Cell, ...]], **more: Any) -> bytes:
    file = io.BytesIO()
    write_xlsx(entries, file, Sheets(**more))
    return file.getvalue()


def expected(cell: Cell) -> Any:
    if isinstance(cell, str):
        return clean(cell) or None
    if isinstance(cell, datetime.date):
        if cell < datetime.date(1900, 3, 1):
            return cell.isoformat()
        return datetime.datetime.combine(cell, datetime.time())
    return cell


@given(tables)
def test_cells_read_back_as_they_were(rows: list[tuple[Cell, ...]]) -> None:
    data = written(rows)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Isi"]
    found = [
        [
            xlsx_file.read_back(value) if isinstance(value, str) else value
            for value in (sheet.cell(6 + line, place).value for place in (1, 2, 3))
        ]
        for line in range(len(rows))
    ]
    assert found == [[expected(cell) for cell in row] for row in rows]
    kinds = {sheet.cell(6 + line, 1).data_type for line in range(len(rows))}
    assert not kinds & {"f", "e"}


def test_texts_are_cells_of_text_whatever_they_look_like() -> None:
    data = written([(text, "", "") for text in HOSTILE])
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Isi"]
    for line in range(6, 6 + len(HOSTILE)):
        cell = sheet.cell(line, 1)
        assert (cell.data_type, cell.number_format) == ("s", "@")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_the_same_book_is_the_same_bytes() -> None:
    rows: list[tuple[Cell, ...]] = [("a", 1, datetime.date(2026, 11, 3))] * 3
    data = written(rows)
    assert data == written(rows)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_long_text_is_cut_and_says_so() -> None:
    fits, long = "é" * MAX_TEXT, "🏛" * MAX_TEXT
    sheet = openpyxl.load_workbook(io.BytesIO(written([(fits, long, "")])))["Isi"]
    assert sheet["A6"].value == fits
    cut = sheet["B6"].value
    assert cut.endswith("… (dipotong)")
    assert len(cut.encode("utf-16-le")) // 2 in (MAX_TEXT - 1, MAX_TEXT)


def test_a_sheet_prints_as_a_book(tmp_path: Any) -> None:
    path = tmp_path / "buku.xlsx"
    with path.open("wb") as file:
        write_xlsx([letter(n) for n in range(1, 40)], file, BOOK)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Buku"]
    assert [sheet.cell(n, 1).value for n in (1, 2, 3)] == [
        "Buku Register Surat", "Kelurahan Legok", "Tahun 2026",
    ]  # fmt: skip
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A6", "$5:$5")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.auto_filter.ref == "A5:K44"
    assert sheet["B6"].number_format.endswith("d mmmm yyyy")
    assert workbook.properties.creator == "sipadek"


def test_a_register_is_read_as_an_older_book() -> None:
    letters = [letter(n, subject=text) for n, text in enumerate(HOSTILE, 1)]
    file = io.BytesIO()
    write_xlsx(letters, file, BOOK)
    table = read_legacy_xlsx(file)
    assert [(row.line, row.number, row.date, row.subject) for row in table.rows] == [
        (line, one.number, one.details.date, clean(one.details.subject).strip())
        for line, one in enumerate(letters, 6)
    ]


def test_a_table_that_is_too_long_for_a_sheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MAX_ROWS", 8)
    written([("a", 1, 2)] * 3)
    with pytest.raises(InvalidInput, match="more than the 8 rows"):
        written([("a", 1, 2)] * 4)


def test_openpyxl_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"sipadek\[all\]"):
        written([])
    with pytest.raises(MissingExtra, match=r"sipadek\[all\]"):
        read_legacy_xlsx(io.BytesIO())
