"""Older books from files: CSV in the dialects that spreadsheets write, and XLSX workbooks."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import IO, Any, Final

from sipadek.books.csv_file import DELIMITERS
from sipadek.books.csv_lines import csv_lines, decoded
from sipadek.books.legacy_rows import (
    Headings,
    LegacyTable,
    check_columns,
    find_headings,
    no_headings,
    read_rows,
)
from sipadek.books.xlsx_file import MAX_ROWS, read_back
from sipadek.errors import InvalidInput, MissingExtra

_NONE: Final[Mapping[str, str]] = MappingProxyType({})

_Lines = Iterator[tuple[int, Sequence[Any]]]


def read_legacy_csv(
    file: IO[bytes],
    *,
    columns: Mapping[str, str] = _NONE,
    delimiter: str = "",
    encoding: str = "",
) -> LegacyTable:
    """The lines of a CSV file, all in memory.

    ``columns`` tells headings that are not among HEADINGS, by field: ``{'number': 'No agenda'}``.
    ``delimiter`` is one of DELIMITERS, by default the one that finds most headings; ``encoding`` is
    by default UTF-8 (or UTF-16 with its mark), else Windows-1252. An apostrophe before what a
    spreadsheet could take for a formula is taken away, as ``write_csv`` puts it there.

    What is wrong in single cells is told with the rows (``LegacyRow.faults``).

    Raises:
        InvalidInput: no line has the headings, quotes do not close, or the encoding is in doubt.
    """
    check_columns(columns)
    if delimiter not in ("", *DELIMITERS):
        raise InvalidInput(
            f"delimiter {delimiter!r} is not used; take one of {', '.join(map(repr, DELIMITERS))}",
            delimiter=delimiter,
        )
    text = decoded(file.read(), encoding)
    found: list[tuple[str, Headings]] = []
    faults: list[InvalidInput] = []
    for each in [delimiter] if delimiter else DELIMITERS:
        try:
            headings = find_headings(csv_lines(text, each), columns)
        except InvalidInput as error:
            faults.append(error)
            continue
        if headings is not None:
            found.append((each, headings))
    if not found:
        raise faults[0] if faults else no_headings(columns)
    best, headings = max(found, key=lambda one: len(one[1].places))
    lines = csv_lines(text, best)
    return read_rows(headings, itertools.dropwhile(lambda one: one[0] <= headings.line, lines))


def read_legacy_xlsx(
    file: IO[bytes], *, columns: Mapping[str, str] = _NONE, sheet: str = ""
) -> LegacyTable:
    """The lines of a sheet of a workbook, by default of the first. ``columns`` and faults as of
    ``read_legacy_csv``. Formulas count as what they gave when the workbook was saved.

    Raises:
        MissingExtra: openpyxl is not installed.
        InvalidInput: it is no workbook, has no such sheet, or no line has the headings.
    """
    check_columns(columns)
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
            return _read_sheet(workbook, columns, sheet)
    except InvalidInput:
        raise
    except Exception as error:  # openpyxl lets through whatever a damaged file makes it raise.
        raise InvalidInput(
            f"the file cannot be read as an XLSX workbook ({type(error).__name__}: {error}); open it "
            "in a spreadsheet and save it anew as XLSX, or as CSV"
        ) from error


def _read_sheet(workbook: Any, columns: Mapping[str, str], name: str) -> LegacyTable:
    by_name = {one.title: one for one in workbook.worksheets}
    if not by_name or (name and name not in by_name):
        raise InvalidInput(
            f"the workbook has no sheet {name!r}; it has {', '.join(map(repr, by_name)) or 'none'}",
            sheet=name,
        )
    sheet = by_name[name] if name else workbook.worksheets[0]
    lines = _sheet_lines(sheet)
    headings = find_headings(lines, columns)
    if headings is None:
        raise no_headings(columns)
    return read_rows(headings, lines)


def _sheet_lines(sheet: Any) -> _Lines:
    sheet.reset_dimensions()  # What a file says of its size may be wrong, or huge.
    for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if line > MAX_ROWS:
            raise InvalidInput(f"the sheet has more than {MAX_ROWS} rows; divide it", line=line)
        yield line, [read_back(cell) if isinstance(cell, str) else cell for cell in cells]
