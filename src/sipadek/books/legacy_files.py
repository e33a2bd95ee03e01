"""Older books from files: CSV in the dialects that spreadsheets write, and XLSX workbooks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import IO, Any, Final

from sipadek.books.csv_file import DELIMITERS
from sipadek.books.legacy_rows import (
    Headings,
    LegacyTable,
    check_columns,
    find_headings,
    no_headings,
    read_rows,
)
from sipadek.books.sheets import csv_lines, decoded, open_workbook, sheet_lines
from sipadek.errors import InvalidInput

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


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
    with open_workbook(file) as workbook:
        return _read_sheet(workbook, columns, sheet)


def _read_sheet(workbook: Any, columns: Mapping[str, str], name: str) -> LegacyTable:
    by_name = {one.title: one for one in workbook.worksheets}
    if not by_name or (name and name not in by_name):
        raise InvalidInput(
            f"the workbook has no sheet {name!r}; it has {', '.join(map(repr, by_name)) or 'none'}",
            sheet=name,
        )
    sheet = by_name[name] if name else workbook.worksheets[0]
    lines = sheet_lines(sheet)
    headings = find_headings(lines, columns)
    if headings is None:
        raise no_headings(columns)
    return read_rows(headings, lines)
