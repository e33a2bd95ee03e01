"""Tables as CSV: UTF-8 with a byte order mark, so that spreadsheets show it as it is."""

from __future__ import annotations

import codecs
import csv
import datetime
import re
from collections.abc import Iterable
from typing import IO, Final, TypeVar

from sipadek.books.table import Cell, Printed, clean
from sipadek.errors import InvalidInput

Entry = TypeVar("Entry")

DELIMITERS: Final = (",", ";", "\t")
"""What can part the cells of a line; spreadsheets in Indonesian expect the semicolon."""

# What a spreadsheet could take for a formula, also behind spaces and behind guards put here before.
# A sign that stands alone, such as the usual '-', is none.
_FORMULA: Final = re.compile(r"[\s']*(?:[=+\-@＝＋－＠].|[\t\r\n])", re.DOTALL)


class _Encoded:
    """What the csv module writes to: text in, UTF-8 out."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        self._file.write(text.encode())


def write_csv(
    entries: Iterable[Entry], file: IO[bytes], book: Printed[Entry], *, delimiter: str = ","
) -> None:
    """Write the tables of ``book``, each with its headings, an empty line between; one row in memory
    at a time where ``entries`` are. Dates are ISO 8601. The same entries give the same bytes.

    A text that a spreadsheet could take for a formula gets an apostrophe in front; ``unguarded``
    takes it away again. Control characters become their signs, as with ``clean``.

    Raises:
        InvalidInput: ``delimiter`` is not one of DELIMITERS.
    """
    if delimiter not in DELIMITERS:
        raise InvalidInput(
            f"delimiter {delimiter!r} is not used; take one of {', '.join(map(repr, DELIMITERS))}",
            delimiter=delimiter,
        )
    file.write(codecs.BOM_UTF8)
    writer = csv.writer(_Encoded(file), delimiter=delimiter)
    for place, table in enumerate(book.tables(entries)):
        if place:
            writer.writerow([])
        writer.writerow([guarded(column.heading) for column in table.columns])
        writer.writerows(map(_texts, table.rows))


def _texts(row: tuple[Cell, ...]) -> list[str]:
    return [guarded(clean(cell)) if isinstance(cell, str) else _plain(cell) for cell in row]


def _plain(cell: int | datetime.date) -> str:
    return cell.isoformat() if isinstance(cell, datetime.date) else str(cell)


def guarded(text: str) -> str:
    """``text`` with an apostrophe in front where a spreadsheet could take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that ``guarded`` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
