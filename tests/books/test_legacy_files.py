"""Older books are read from the files that offices have, and what is wrong is named by its place."""

from __future__ import annotations

import codecs
import contextlib
import datetime
import io
import zipfile
from typing import Any

import pytest
from book_letters import letter
from hypothesis import given
from hypothesis import strategies as st

from sipadek.books import (
    Book,
    LegacyRow,
    LegacyTable,
    read_legacy_csv,
    read_legacy_xlsx,
    write_xlsx,
)
from sipadek.books.legacy_rows import HEADINGS
from sipadek.errors import InvalidInput

DAY = datetime.date(2026, 11, 3)
BOOK = "Nomor,Tanggal,Perihal,Kepada,Keterangan\n1/A/2026,3/11/2026,Undangan,Camat,segera\n"
ROW = LegacyRow(
    line=2, number="1/A/2026", date=DAY, subject="Undangan", recipient="Camat", note="segera"
)


def csv_table(text: str | bytes, **more: Any) -> LegacyTable:
    data = text.encode() if isinstance(text, str) else text
    return read_legacy_csv(io.BytesIO(data), **more)


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_dialects_of_spreadsheets(delimiter: str, end: str, encoding: str) -> None:
    text = BOOK.replace("Camat", "“Café”").replace(",", delimiter).replace("\n", end)
    table = csv_table(text.encode(encoding))
    assert [(row.number, row.date, row.recipient) for row in table.rows] == [
        ("1/A/2026", DAY, "“Café”")
    ]
    assert table.columns == {
        "number": "Nomor",
        "date": "Tanggal",
        "subject": "Perihal",
        "recipient": "Kepada",
        "note": "Keterangan",
    }
    assert table.ignored == ()


def test_a_row_is_read_with_its_line() -> None:
    table = csv_table(BOOK + '\n,,,,\n2/A/2026,,"dua\nbaris",,\n3/A/2026\n')
    assert table.rows[0] == ROW
    assert [(row.line, row.number) for row in table.rows] == [
        (2, "1/A/2026"),
        (5, "2/A/2026"),
        (7, "3/A/2026"),
    ]
    assert table.rows[1].subject == "dua\nbaris"


@pytest.mark.parametrize(
    "heading", ["NOMOR SURAT", "No. Surat", "nomor_surat", " Nomor   surat: ", "Nomor Naskah"]
)
def test_headings_are_known_in_many_writings(heading: str) -> None:
    table = csv_table(f"No.;{heading};Nomor\n1;7/A/2026;x\n")
    assert table.rows[0].number == "7/A/2026"
    assert table.ignored == ("No.", "Nomor")


def test_titles_above_the_headings_are_passed_over() -> None:
    table = csv_table("sep=;\nBUKU AGENDA;;\nTAHUN 2026;;\nNo;Nomor;Hal\n1;7/A/2026;Rapat\n")
    assert [(row.line, row.number, row.subject) for row in table.rows] == [(5, "7/A/2026", "Rapat")]


def test_the_delimiter_that_finds_most_headings_counts() -> None:
    table = csv_table("No;Nomor;Tanggal, Nomor, Sifat;Perihal\n1;7/A/2026;x;Rapat\n")
    assert [(row.number, row.subject) for row in table.rows] == [("7/A/2026", "Rapat")]
    assert csv_table("Nomor;x,Nomor\n1;y,7/A\n", delimiter=",").rows[0].number == "7/A"


def test_a_caller_can_say_what_columns_are_called() -> None:
    text = "No agenda,Nomor,Diterima\n7/A/2026,lain,3/11/2026\n"
    table = csv_table(text, columns={"number": "no. AGENDA", "date": "diterima"})
    assert (table.rows[0].number, table.rows[0].date) == ("7/A/2026", DAY)


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("", {}, "none of the first 20 lines"),
        ("a,b\n1,2\n", {}, "none of the first 20 lines"),
        ("\n" * 20 + BOOK, {}, "none of the first 20 lines"),
        (BOOK, {"columns": {"number": "No agenda"}}, "No agenda"),
        (BOOK, {"columns": {"date": "Diterima"}}, "line 1 has no heading 'Diterima'"),
        (BOOK, {"columns": {"tanggal": "Tanggal"}}, "the fields are number, date"),
        ("Nomor,Nomor\n1,2\n", {}, "2 times"),
        ("Nomor,Hal\n1,a\n2,\"buka\n3,c\n", {}, "line 3 cannot be read as CSV"),
        ("Nomor,Hal\n1,\"a\"b\n", {}, "line 2 cannot be read as CSV"),
        (BOOK, {"delimiter": "|"}, "delimiter"),
        (BOOK, {"encoding": "klingon"}, "encoding"),
        (BOOK.replace("Camat", "Caf\u00e9").encode("cp1252"), {"encoding": "utf-8"}, "line 2"),
        (BOOK.encode() + b"2,,\xc3\xa9,\xe9,", {}, "UTF-8 in some places"),
        (BOOK.encode() + b"2,,\x81,,", {}, "line 3 holds bytes"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(
    text: str | bytes, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        csv_table(text, **more)
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        ("1/A/2026,31/2/2026,,,", "Tanggal", "Line 2, column 'Tanggal': '31/2/2026' is no day"),
        ("1/A/2026,kemarin,,,", "Tanggal", "write it as 2026-11-03"),
        ("1/A/2026,3/11/2026,Undangan, rapat,Camat,segera", "", "Line 2 has 1 more cells"),
    ],
)
def test_a_cell_that_is_wrong_is_named(line: str, column: str, told: str) -> None:
    heading = BOOK.partition("\n")[0]
    (row,) = csv_table(f"{heading}\n{line}\n").rows
    (fault,) = row.faults
    assert fault.column == column
    assert told in fault.message
    assert row.number == "1/A/2026"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    for start in (b"", codecs.BOM_UTF8, b"Nomor;Tanggal\n"):
        with contextlib.suppress(InvalidInput):
            assert isinstance(csv_table(start + data), LegacyTable)


# --- XLSX ---------------------------------------------------------------------------------------


def workbook(*rows: list[Any], name: str = "Buku", **formats: str) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    for cell, number_format in formats.items():
        book.active[cell].number_format = number_format
    book.create_sheet("Lain").append(["Nomor"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsx_table(data: bytes, **more: Any) -> LegacyTable:
    return read_legacy_xlsx(io.BytesIO(data), **more)


def test_cells_of_a_workbook_are_read_as_what_they_are() -> None:
    data = workbook(
        ["Buku agenda"],
        [],
        ["Nomor", "Tanggal", "Perihal"],
        [15, datetime.datetime(2026, 11, 3), 2026.0],
        [],
        ["16/A", "3 November 2026", True],
        ["17/A", None, 1.5],
        ["18/A", datetime.date(2026, 11, 3), None],
    )
    table = xlsx_table(data)
    assert [(row.line, row.number, row.date, row.subject) for row in table.rows] == [
        (4, "15", DAY, "2026"),
        (6, "16/A", DAY, "True"),
        (7, "17/A", None, "1.5"),
        (8, "18/A", DAY, ""),
    ]
    assert not any(row.faults for row in table.rows)


def test_what_a_spreadsheet_did_to_a_cell_is_named() -> None:
    data = workbook(
        ["Nomor", "Tanggal"], [datetime.datetime(2026, 3, 12), DAY], ["1/A", 46329], ["2/A", DAY, "x"]
    )  # fmt: skip
    first, second, third = xlsx_table(data).rows
    assert "Line 2, column 'Nomor': a spreadsheet made a date" in first.faults[0].message
    assert first.number == "2026-03-12"
    assert "Line 3, column 'Tanggal': 46329 is no date" in second.faults[0].message
    assert "more cells than there are headings" in third.faults[0].message


def test_a_sheet_is_chosen_by_name() -> None:
    data = workbook(["Nomor"], ["1/A"])
    assert len(xlsx_table(data).rows) == 1
    assert xlsx_table(data, sheet="Lain").rows == ()
    with pytest.raises(InvalidInput, match="'Buku', 'Lain'"):
        xlsx_table(data, sheet="2026")
    with pytest.raises(InvalidInput, match="none of the first 20 lines"):
        xlsx_table(workbook(["a"]))


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    data = workbook(["Nomor", "Hal"], ["1/A", "x"])
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name).replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
            new.writestr(name, part)
    assert [row.number for row in xlsx_table(file.getvalue()).rows] == ["1/A"]


@pytest.mark.parametrize(
    "data", [b"", b"Nomor;Tanggal\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200]
)
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    pytest.importorskip("openpyxl")
    with pytest.raises(InvalidInput, match="cannot be read as an XLSX workbook"):
        xlsx_table(data)


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    file = io.BytesIO()
    write_xlsx([letter(1), letter(2)], file, Book.register(office="Legok", period="2026"))
    damaged = bytearray(file.getvalue())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(InvalidInput):
        assert isinstance(xlsx_table(bytes(damaged)), LegacyTable)


def test_no_heading_means_two_things() -> None:
    names = [name for names in HEADINGS.values() for name in names]
    assert len(names) == len(set(names))
