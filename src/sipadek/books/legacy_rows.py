"""The lines of an older book, as a file has them: which column is what, and what stands in it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from sipadek.books.dates import parse_date
from sipadek.errors import InvalidInput

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("nomor surat", "nomor naskah", "no surat", "no naskah", "nomor"),
    "date": ("tanggal surat", "tanggal naskah", "tgl surat", "tgl naskah", "tanggal", "tgl"),
    "subject": ("perihal", "perihal surat", "hal", "isi ringkas", "isi surat", "tentang"),
    "recipient": ("kepada", "ditujukan kepada", "tujuan", "tujuan surat", "penerima"),
    "note": ("keterangan", "ket", "catatan"),
}
"""What a column is called, the first that is there counts; 'No.' is no number of a letter but of a
line. Capitals, dots, colons, hyphens and underscores make no difference."""

MAX_HEADING_LINE: Final = 20
"""The headings stand on one of the first so many lines."""

_SHOWN: Final = 40
_IGNORED: Final = str.maketrans({".": " ", ":": " ", "_": " ", "-": " "})


@attrs.frozen(kw_only=True)
class CellFault:
    """A cell that cannot be taken as it is: the heading of its column, what is wrong and what to do."""

    column: str
    message: str


@attrs.frozen(kw_only=True)
class LegacyRow:
    """A line of an older book. ``line`` counts the lines of the file from 1; ``number`` is the text of
    the book without spaces at its ends. A ``date`` that could not be read is None and a fault."""

    line: int
    number: str
    date: datetime.date | None = None
    subject: str = ""
    recipient: str = ""
    note: str = ""
    faults: tuple[CellFault, ...] = ()


@attrs.frozen(kw_only=True)
class LegacyTable:
    """The lines of a file that are not empty, ``columns`` by what they are ('number') as their
    headings are written, and the headings of columns that were ``ignored``."""

    rows: tuple[LegacyRow, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]


@attrs.frozen
class Headings:
    """Where the columns of a table are: the line of the headings, and the place of each column."""

    line: int
    texts: tuple[str, ...]
    places: Mapping[str, int]


def normal(heading: str) -> str:
    """A heading without what makes no difference."""
    return " ".join(heading.casefold().translate(_IGNORED).split())


def check_columns(columns: Mapping[str, str]) -> None:
    """Raises InvalidInput for a mapping that names a field which does not exist."""
    for name in columns:
        if name not in HEADINGS:
            raise InvalidInput(
                f"columns names the field {name!r}; the fields are {', '.join(HEADINGS)}",
                field=name,
            )


def find_headings(
    lines: Iterable[tuple[int, Sequence[Any]]], columns: Mapping[str, str]
) -> Headings | None:
    """The first line that has a heading for the number; None where there is none. ``lines`` is read
    no further. Raises InvalidInput where it has two of a kind, or not all that ``columns`` names."""
    for line, cells in lines:
        texts = tuple(text_of(cell) for cell in cells)
        by_name: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            by_name.setdefault(normal(text), []).append(place)
        wanted = [normal(columns["number"])] if "number" in columns else HEADINGS["number"]
        if any(name in by_name for name in wanted):
            return Headings(line, texts, _places(line, texts, by_name, columns))
        if line >= MAX_HEADING_LINE:
            break
    return None


def _places(
    line: int, texts: tuple[str, ...], by_name: dict[str, list[int]], columns: Mapping[str, str]
) -> dict[str, int]:
    places = {}
    for field, names in HEADINGS.items():
        given = columns.get(field)
        wanted = names if given is None else (normal(given),)
        name = next((name for name in wanted if name in by_name), None)
        if name is None:
            if given is not None:
                raise InvalidInput(
                    f"line {line} has no heading {given!r} for the {field}; it has "
                    f"{', '.join(map(repr, filter(None, texts)))}",
                    line=line,
                    field=field,
                )
            continue
        if len(by_name[name]) > 1:
            raise InvalidInput(
                f"line {line} has the heading {texts[by_name[name][0]]!r} {len(by_name[name])} times; "
                f"let only the column of the {field} have it",
                line=line,
                field=field,
            )
        places[field] = by_name[name][0]
    return places


def no_headings(columns: Mapping[str, str]) -> InvalidInput:
    """The error for a table of which no line has a heading for the number."""
    wanted = columns.get("number", "' or '".join(HEADINGS["number"]))
    return InvalidInput(
        f"none of the first {MAX_HEADING_LINE} lines has a heading {wanted!r}; write one above the "
        "column of the numbers, or say what it is called with columns={'number': …}",
        field="number",
    )


def read_rows(headings: Headings, lines: Iterable[tuple[int, Sequence[Any]]]) -> LegacyTable:
    """The rows below the headings."""
    used = set(headings.places.values())
    return LegacyTable(
        rows=tuple(
            _row(headings, line, cells) for line, cells in lines if any(map(text_of, cells))
        ),
        columns={field: headings.texts[place] for field, place in headings.places.items()},
        ignored=tuple(
            text for place, text in enumerate(headings.texts) if text and place not in used
        ),
    )


def _row(headings: Headings, line: int, cells: Sequence[Any]) -> LegacyRow:
    faults: list[CellFault] = []

    def cell(field: str) -> Any:
        place = headings.places.get(field, len(cells))
        return cells[place] if place < len(cells) else None

    def fault(field: str, message: str) -> None:
        heading = headings.texts[headings.places[field]]
        shown = f"Line {line}, column {heading!r}: {message}"
        faults.append(CellFault(column=heading, message=shown))

    number = cell("number")
    if isinstance(number, datetime.date | datetime.time | datetime.timedelta):
        fault(
            "number",
            f"a spreadsheet made a date of the number ({text_of(number)}); format the column as "
            "text and write the number as the book has it",
        )
    date, wrong = _date(cell("date"))
    if wrong:
        fault("date", wrong)
    beyond = [text for text in map(text_of, cells[len(headings.texts) :]) if text]
    if beyond:
        message = (
            f"Line {line} has {len(beyond)} more cells than there are headings "
            f"({beyond[0][:_SHOWN]!r}); put texts that hold the separator in quotes"
        )
        faults.append(CellFault(column="", message=message))
    return LegacyRow(
        line=line,
        number=text_of(number),
        date=date,
        subject=text_of(cell("subject")),
        recipient=text_of(cell("recipient")),
        note=text_of(cell("note")),
        faults=tuple(faults),
    )


def _date(cell: Any) -> tuple[datetime.date | None, str]:
    """The date of a cell, and what is wrong where it cannot be read."""
    if isinstance(cell, datetime.datetime):
        return cell.date(), ""
    if isinstance(cell, datetime.date):
        return cell, ""
    text = text_of(cell)
    if not text:
        return None, ""
    if not isinstance(cell, str):
        return None, f"{text} is no date; format the column as a date, or as text"
    try:
        return parse_date(re.sub(r"\s+", " ", text)), ""
    except InvalidInput as error:
        return None, error.message


def text_of(cell: Any) -> str:
    """A cell as text, without spaces at its ends; whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
