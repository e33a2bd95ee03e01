"""All that a register knows, as lines of text that SQLite and PostgreSQL write alike.

A dump is JSON Lines in UTF-8, each line canonical (keys sorted, no spaces): a header, every row of every
table in a fixed order, and a trailer with the number of rows and the SHA-256 of all lines before it. The
same register has the same bytes, whichever database it is in: positions of entries are counted densely,
and texts that follow from an entry are left out. Contents, keys and the search index are no part of it.

The queries here are in the part of SQL that SQLite and PostgreSQL share.
"""

# ruff: noqa: S608 - statements are made of nothing that comes from elsewhere
from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sipadek.archive.letter import FORMER_NUMBER
from sipadek.errors import DamagedRegister, InvalidInput
from sipadek.sql import legacy, letter_index, rows

FORMAT: Final = "sipadek-dump"
VERSION: Final = 1

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "series": ("code", "definition", "start", "defined_at"),
    "counter": ("series", "counter", "last"),
    "closed": ("series", "period", "actor", "reason", "closed_at"),
    "legacy": legacy.COLUMNS,
    "entry": rows.COLUMNS,
    "letter_text": ("position", "number", "subject", "pages"),
    "recognition": ("position", "page", "state", "recogniser"),
    "event": ("position", "entry", "body"),
    "log_head": ("size", "hashes", "checkpoint"),
}
"""The tables and their columns, in the order of a dump."""

_BEYOND: Final = {
    "sipadek_case": "cases",
    "sipadek_plan": "filing plans",
    "sipadek_folder": "record folders",
}
TEXTS: Final = ("letter_text", "recognition")
"""Tables that a register on PostgreSQL has only where it was loaded from one with texts."""

_ORDER: Final = {
    "series": "code",
    "counter": "series, counter",
    "closed": "series, period",
    "legacy": "series, counter, sequence, line",
    "entry": "position",
    "log_head": "size",
}
# An entry's place among the others: rolled back transactions leave holes in the positions of PostgreSQL.
_PLACED: Final = (
    "(SELECT position, number, subject, extra, row_number() OVER (ORDER BY position) AS place"
    " FROM sipadek_entry) AS placed"
)
_QUERIES: Final = {
    "letter_text": (
        "SELECT place, kept.number, kept.subject, kept.pages, placed.number, placed.subject, extra"
        f" FROM sipadek_letter_text AS kept JOIN {_PLACED} ON placed.position = kept.position"
        " ORDER BY place"
    ),
    "recognition": (
        "SELECT place, page, state, recogniser FROM sipadek_recognition AS queued"
        f" JOIN {_PLACED} ON placed.position = queued.position ORDER BY place, page"
    ),
    "event": (
        "SELECT event.position, place, body FROM sipadek_event AS event"
        f" LEFT JOIN {_PLACED} ON placed.position = event.entry ORDER BY event.position"
    ),
}


def dump(
    connection: sqlite3.Connection, *, origin: str, tables: Iterable[str] = COLUMNS
) -> Iterator[bytes]:
    """The lines of the register that ``connection`` sees, each with its end; ``tables`` are those that
    are there. Memory does not grow with the register.

    Raises DamagedRegister where a value is none that this library wrote.
    """
    digest, count = hashlib.sha256(), 0
    head = {"columns": COLUMNS, "format": FORMAT, "origin": origin, "version": VERSION}
    line = _line(head)
    for table in COLUMNS:
        for row in _rows(connection, table) if table in tables else ():
            digest.update(line)
            yield line
            line = _line({"row": row, "table": table})
            count += 1
    digest.update(line)
    yield line
    yield _line({"rows": count, "sha256": digest.hexdigest()})


def check_whole(connection: sqlite3.Connection) -> None:
    """Refuse a register on SQLite that holds more than a dump does. Raises InvalidInput."""
    for table, what in _BEYOND.items():
        if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
            raise InvalidInput(
                f"the register has {what}, which a dump does not hold yet; back the office up instead",
                table=table,
            )


def read_dump(lines: Iterable[bytes], *, origin: str) -> Iterator[tuple[str, list[Any]]]:
    """The rows of a dump: table and values. Raises InvalidInput, with the line, where it is not one of
    ``origin``'s register, was cut off, or altered: the last at its end, so keep nothing before that."""
    digest, count, at = hashlib.sha256(), 0, 0
    order = list(COLUMNS)
    coming = iter(lines)
    for at, line in enumerate(coming, 1):
        value = _parsed(line, at)
        if at == 1:
            wanted = json.loads(
                _line({"columns": COLUMNS, "format": FORMAT, "origin": origin, "version": VERSION})
            )
            if value != wanted:
                raise _refused(at, f"it is no dump of version {VERSION} of the register {origin!r}")
        elif "sha256" in value:
            if value != {"rows": count, "sha256": digest.hexdigest()}:
                raise _refused(at, "its lines are not those that were written")
            if next(coming, None) is not None:
                raise _refused(at + 1, "something follows its end")
            return
        else:
            table, row = value.get("table"), value.get("row")
            if table not in order or not isinstance(row, list):
                raise _refused(at, "it is no row, or of a table that came before")
            if len(row) != len(COLUMNS[table]):
                raise _refused(at, f"it has {len(row)} values, {table} has {len(COLUMNS[table])}")
            order = order[order.index(table) :]
            count += 1
            yield table, _stored(table, row, at)
        digest.update(line)
    raise _refused(at + 1, "it ends before its end")


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[list[Any]]:
    columns = COLUMNS[table]
    query = _QUERIES.get(table)
    if query is None:
        query = f"SELECT {', '.join(columns)} FROM sipadek_{table} ORDER BY {_ORDER[table]}"
    for place, found in enumerate(connection.execute(query), 1):
        row = list(found)
        if table == "entry":
            row[0] = place
        elif table == "letter_text":
            number, subject, extra = row[4:]
            row = row[:4]
            if tuple(row[1:]) == texts_of(number, subject, extra):
                continue
        elif table == "event":
            row[2] = _text(row[2])
        elif table == "log_head":
            row[1] = bytes(row[1]).hex()
        yield row


def texts_of(number: str, subject: str, extra: str) -> tuple[str, str, str]:
    """The texts that are kept of an issued entry without a PDF."""
    former = json.loads(extra).get(FORMER_NUMBER, "") if extra else ""
    return letter_index.without_pages(number, subject, former)


def _text(body: bytes) -> str:
    try:
        return bytes(body).decode()
    except UnicodeDecodeError as error:
        raise DamagedRegister("An event of the log is not UTF-8. Audit the office.") from error


def _stored(table: str, row: list[Any], line: int) -> list[Any]:
    try:
        if table == "event":
            row[2] = row[2].encode()
        elif table == "log_head":
            row[1] = bytes.fromhex(row[1])
    except (AttributeError, TypeError, ValueError) as error:
        raise _refused(line, str(error)) from error
    return row


def _line(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _parsed(line: bytes, at: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
        if isinstance(value, dict) and _line(value) == line:
            return value
    except (ValueError, RecursionError):
        pass
    raise _refused(at, "it is not JSON as a dump writes it")


def _refused(line: int, reason: str) -> InvalidInput:
    return InvalidInput(
        f"line {line} of the dump cannot be taken: {reason}; nothing was loaded. Dump the register"
        " anew",
        line=line,
    )


def batches(found: Iterable[tuple[str, list[Any]]]) -> Iterator[tuple[str, Sequence[list[Any]]]]:
    """The rows of a dump in pieces of one table."""
    piece: list[list[Any]] = []
    current = ""
    for table, row in found:
        if piece and (table != current or len(piece) >= _PIECE):
            yield current, piece
            piece = []
        current = table
        piece.append(row)
    if piece:
        yield current, piece


_PIECE: Final = 1000
