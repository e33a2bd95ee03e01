"""Reading the register: single letters, streams of them, counters and events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

import attrs

from sipadek.archive.letter import Letter, State
from sipadek.errors import DamagedRegister, InvalidInput, InvalidPattern, NotFound
from sipadek.numbering import Series
from sipadek.sql import rows

_PAGE: Final = 500  # Rows read at once by the streams.
_SERIES: Final = "SELECT code, definition, start FROM sipadek_series WHERE code = ?"
_LAST: Final = "SELECT last FROM sipadek_counter WHERE series = ? AND counter = ?"
_COUNTERS: Final = (
    "SELECT counter.series, counter.counter, start, last,"
    " total(state = 'reserved'), total(state = 'issued'), total(state = 'void')"
    " FROM sipadek_counter AS counter JOIN sipadek_series AS series ON series.code = counter.series"
    " LEFT JOIN sipadek_entry AS entry USING (series, counter)"
    " GROUP BY counter.series, counter.counter ORDER BY counter.series, counter.counter"
)


class Readable(Protocol):
    """Where the register is read."""

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction whose queries all see the same state."""
        ...


@attrs.frozen(kw_only=True)
class Content:
    """What the register says of a letter's bytes, as it stands in the table: nothing is checked.
    ``filed_digest`` is empty where nothing is filed; ``month`` is that of the reservation (UTC);
    ``destroyed`` names the disposal under which the letter was destroyed."""

    position: int
    id: str
    number: str
    state: str
    month: str
    original_digest: str
    original_size: int
    filed_digest: str
    filed_size: int
    signer: str
    destroyed: str


@attrs.frozen(kw_only=True)
class CounterState:
    """Where a counter stands: ``start`` to ``last`` is exactly what was given, of which
    ``reserved``, ``issued`` and ``void`` tell how many are in each state."""

    series: str
    counter: str
    start: int
    last: int
    reserved: int
    issued: int
    void: int


_CONTENT: Final = tuple(attrs.fields_dict(Content))


def series(connection: sqlite3.Connection, code: str) -> Series | None:
    """The series of that code, None where there is none."""
    row = connection.execute(_SERIES, (code,)).fetchone()
    if row is None:
        return None
    try:
        return Series.from_definition(json.loads(row[1]))
    except (InvalidInput, InvalidPattern, TypeError, ValueError) as error:
        raise DamagedRegister(
            f"The series {code!r} holds a definition sipadek never wrote: {error}. "
            "Audit the office.",
            series=code,
        ) from error


def last(connection: sqlite3.Connection, series: str, counter: str) -> int | None:
    """The last sequence that a counter gave, None where it gave none."""
    row = connection.execute(_LAST, (series, counter)).fetchone()
    return None if row is None else int(row[0])


def letter(connection: sqlite3.Connection, number_or_id: str) -> Letter:
    """The letter of that id or number; raises NotFound, or InvalidInput for several."""
    query = f"{rows.SELECT} WHERE id = ? OR number = ? ORDER BY position LIMIT 50"
    found = connection.execute(query, (number_or_id, number_or_id)).fetchall()
    letters = [rows.letter(row) for row in found]
    letters = [one for one in letters if one.id == number_or_id] or letters
    if not letters:
        raise NotFound(f"No letter has the number or id {number_or_id!r}.", name=number_or_id)
    if len(letters) > 1:
        told = ", ".join(f"{one.id} ({one.details.series})" for one in letters)
        raise InvalidInput(
            f"Several series gave the number {number_or_id!r}. Ask by id: {told}.",
            letters=[one.id for one in letters],
        )
    return letters[0]


def letters(database: Readable, state: State | None) -> Iterator[Letter]:
    """All letters of that state (None: all) by position, a page at a time."""
    last = 0
    condition = "" if state is None else " AND state = ?"
    values = () if state is None else (state.value,)
    query = f"{rows.SELECT} WHERE position > ?{condition} ORDER BY position LIMIT {_PAGE}"
    while True:
        page = _rows(database, query, (last, *values))
        yield from map(rows.letter, page)
        if len(page) < _PAGE:
            return
        last = page[-1][0]


def contents(database: Readable, after: int) -> Iterator[Content]:
    """What the register says of the bytes of all letters behind that position, a page at a time."""
    query = (
        "SELECT position, id, number, state, substr(reserved_at, 1, 7), original_digest,"  # noqa: S608
        " original_size, filed_digest, filed_size, signer, coalesce(destroyed, '') FROM sipadek_entry"
        " LEFT JOIN sipadek_folder_letter USING (position)"
        f" WHERE position > ? ORDER BY position LIMIT {_PAGE}"
    )
    while True:
        page = _rows(database, query, (after,))
        for row in page:
            yield Content(**dict(zip(_CONTENT, row, strict=True)))
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def pending(connection: sqlite3.Connection, moment: str) -> tuple[Letter, ...]:
    """What was reserved before that moment (time text) and is not issued, oldest first."""
    query = (
        f"{rows.SELECT} WHERE state = 'reserved' AND reserved_at < ? ORDER BY reserved_at, position"
    )
    return tuple(map(rows.letter, connection.execute(query, (moment,)).fetchall()))


def filed(connection: sqlite3.Connection, digest: str) -> Letter | None:
    """The letter whose filed PDF has that digest."""
    # The second condition lets SQLite use the index of filed letters.
    query = f"{rows.SELECT} WHERE filed_digest = ? AND filed_digest <> '' ORDER BY position"
    row = connection.execute(query, (digest,)).fetchone()
    return None if row is None else rows.letter(row)


def counters(connection: sqlite3.Connection) -> tuple[CounterState, ...]:
    """Where every counter stands, by series and counter."""
    return tuple(
        CounterState(
            series=code,
            counter=counter,
            start=start,
            last=last,
            reserved=int(reserved),
            issued=int(issued),
            void=int(void),
        )
        for code, counter, start, last, reserved, issued, void in connection.execute(_COUNTERS)
    )


def events(database: Readable, start: int) -> Iterator[bytes]:
    """The bodies of the log's events from ``start`` on, a page at a time."""
    query = f"SELECT position, body FROM sipadek_event WHERE position >= ? ORDER BY 1 LIMIT {_PAGE}"  # noqa: S608
    while True:
        page = _rows(database, query, (start,))
        for _, body in page:
            yield body
        if len(page) < _PAGE:
            return
        start = page[-1][0] + 1


def _rows(database: Readable, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return connection.execute(query, values).fetchall()
