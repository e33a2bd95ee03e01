"""CSV gives back what was written, is no program for a spreadsheet, and is written row by row."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

import pytest
from book_letters import HOSTILE, Sheets, any_text, letter, tables
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Letter
from sipadek.books import (
    DELIMITERS,
    Book,
    Cell,
    guarded,
    read_legacy_csv,
    unguarded,
    write_csv,
)
from sipadek.books.table import clean
from sipadek.errors import InvalidInput

BOOK = Book.register(office="Kelurahan Legok", period="Tahun 2026")


def written(entries: list[tuple[Cell, ...]], delimiter: str = ",") -> bytes:
    file = io.BytesIO()
    write_csv(entries, file, Sheets(), delimiter=delimiter)
    return file.getvalue()


@given(tables, st.sampled_from(DELIMITERS))
def test_cells_read_back_as_they_were(rows: list[tuple[Cell, ...]], delimiter: str) -> None:
    data = written(rows, delimiter)
    assert data.startswith(codecs.BOM_UTF8)
    assert data == written(rows, delimiter)
    lines = io.StringIO(data.decode("utf-8-sig"), newline="")
    headings, *found = csv.reader(lines, delimiter=delimiter, strict=True)
    assert headings == ["Kolom 0", "Kolom 1", "Kolom 2"]
    expected = [[clean(cell) if isinstance(cell, str) else str(cell) for cell in r] for r in rows]
    assert [[unguarded(cell) for cell in line] for line in found] == expected


@given(any_text)
def test_no_text_looks_like_a_formula(text: str) -> None:
    shown = guarded(clean(text))
    assert unguarded(shown) == clean(text)
    bare = shown.strip()
    assert len(bare) < 2 or bare[0] not in "=+-@"
    assert not shown.startswith(("\t", "\r", "\n"))


def test_a_sign_alone_stays_as_it_is() -> None:
    assert [guarded(text) for text in ("-", "", "'", "Surat", "'-1", "-1")] == [
        "-", "", "'", "Surat", "''-1", "'-1",
    ]  # fmt: skip


def test_a_table_is_written_row_by_row() -> None:
    file = io.BytesIO()

    def entries() -> Iterator[Letter]:
        before = 0
        for n in range(1, 200):
            assert n == 1 or file.tell() > before, "the row before is written by now"
            before = file.tell()
            yield letter(n)

    write_csv(entries(), file, BOOK)
    assert file.getvalue().count(b"\r\n") == 200


def test_a_register_is_read_as_an_older_book() -> None:
    letters = [letter(n, subject=text) for n, text in enumerate(HOSTILE, 1)]
    file = io.BytesIO()
    write_csv(letters, file, BOOK)
    file.seek(0)
    table = read_legacy_csv(file)
    assert [(row.number, row.date, row.subject) for row in table.rows] == [
        (one.number, one.details.date, clean(one.details.subject).strip()) for one in letters
    ]


def test_an_unknown_delimiter_is_refused() -> None:
    with pytest.raises(InvalidInput, match="delimiter"):
        written([], "|")
