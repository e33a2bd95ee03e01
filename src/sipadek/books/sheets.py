"""Rows of tables that people keep in spreadsheets: CSV in the dialects that those write, and XLSX."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

from sipadek.books.csv_file import DELIMITERS, unguarded
from sipadek.books.xlsx_file import MAX_ROWS, read_back
from sipadek.errors import InvalidInput, MissingExtra

_UTF8_SEQUENCE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")

Lines = Iterator[tuple[int, Sequence[Any]]]
"""Rows, each with the line on which it begins, from 1."""


def read_table(file: IO[bytes], *, xlsx: bool) -> list[tuple[int, Sequence[Any]]]:
    """The rows of a CSV file, or of a workbook's first sheet, with their lines. The delimiter of a CSV
    file is the one that its first filled line has most of.

    Raises:
        MissingExtra: openpyxl is not installed.
        InvalidInput: the file is not what it should be; the message names the line.
    """
    if xlsx:
        with open_workbook(file) as workbook:
            return list(sheet_lines(workbook.worksheets[0]))
    text = decoded(file.read(), "")
    first = next((line for line in text.splitlines() if line.strip()), "")
    return list(csv_lines(text, max(DELIMITERS, key=first.count)))


@contextlib.contextmanager
def open_workbook(file: IO[bytes]) -> Iterator[Any]:
    """A workbook of openpyxl, to be read. Formulas count as what they gave when it was saved.

    Raises MissingExtra, and InvalidInput for what is no workbook, also from within.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra(
            "Workbooks are read with openpyxl, which is not installed. Install 'sipadek[all]', or "
            "save the sheet as CSV."
        ) from error
    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        with contextlib.closing(workbook):
            yield workbook
    except InvalidInput:
        raise
    except Exception as error:  # openpyxl lets through whatever a damaged file makes it raise.
        raise InvalidInput(
            f"the file cannot be read as an XLSX workbook ({type(error).__name__}: {error}); open it "
            "in a spreadsheet and save it anew as XLSX, or as CSV"
        ) from error


def sheet_lines(sheet: Any) -> Lines:
    """The rows of a worksheet. Raises InvalidInput for more than MAX_ROWS."""
    sheet.reset_dimensions()  # What a file says of its size may be wrong, or huge.
    for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if line > MAX_ROWS:
            raise InvalidInput(f"the sheet has more than {MAX_ROWS} rows; divide it", line=line)
        yield line, [read_back(cell) if isinstance(cell, str) else cell for cell in cells]


def csv_lines(text: str, delimiter: str) -> Lines:
    """The records with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InvalidInput(
                f"line {line} cannot be read as CSV ({error}); look for a quote that is not closed, "
                "and write quotes inside of texts twice",
                line=line,
            ) from error
        if cells is None:
            return
        yield line, [unguarded(cell) for cell in cells]


def decoded(data: bytes, encoding: str = "") -> str:
    """The text of a CSV file; ``encoding`` is by default UTF-8 (or UTF-16 with its mark), else
    Windows-1252. Raises InvalidInput where that is in doubt."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16")):
        if data.startswith(mark) and not encoding:
            encoding = name
    if encoding:
        return _by(encoding, data)
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode()
    if _UTF8_SEQUENCE.search(data):
        raise InvalidInput(
            "the file is UTF-8 in some places and not in others; save it anew as UTF-8, or say "
            "which encoding it has, such as encoding='cp1252'"
        )
    return _by("cp1252", data)


def _by(encoding: str, data: bytes) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise InvalidInput(
            f"encoding {encoding!r} is not known; use 'utf-8' or 'cp1252'", encoding=encoding
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"line {line} holds bytes that are no {encoding} text; save the file as UTF-8",
            line=line,
            encoding=encoding,
        ) from error
