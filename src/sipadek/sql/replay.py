"""Comparing the register's tables with its signed log.

The log is the truth: its events, in order, say what every row must be. Tables are read once, in the
order of their keys, side by side with the events; nothing is held but the row at hand, so memory
does not grow with the register.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from sipadek.ledger import CheckpointVerifier
from sipadek.sql import (
    case_checking,
    checking,
    file_checking,
    recognition,
    retention_checking,
    retention_tables,
    rows,
    schema,
)
from sipadek.sql.checking import Finding

# A damaged file gives NULL, or another type, where the table allows none.
_UNREADABLE: Final = (
    sqlite3.DatabaseError,
    AttributeError,
    LookupError,
    OverflowError,
    TypeError,
    ValueError,
)
_ENTRIES: Final = (
    f"SELECT {', '.join(f'entry.{name}' for name in rows.COLUMNS)},"  # noqa: S608
    " letter_text.number, letter_text.subject, letter_text.pages"
    " FROM sipadek_entry AS entry LEFT JOIN sipadek_letter_text AS letter_text USING (position)"
    " ORDER BY entry.position"
)
_HISTORY: Final = (
    "SELECT entry, body FROM sipadek_event WHERE entry IS NOT NULL ORDER BY entry, position"
)


def replay(
    connection: sqlite3.Connection,
    *,
    verifier: CheckpointVerifier,
    origin: str,
    known: Sequence[str] = (),
) -> Iterator[Finding]:
    """All findings of one read transaction. ``known`` are signed checkpoints kept elsewhere."""
    try:
        yield from file_checking.check(connection)
        yield from _meta(connection, origin)
        told = checking.Told()
        yield from checking.log(connection, checking.Witness(verifier, origin, known), told)
        yield from checking.series(connection, told.series)
        yield from checking.closed(connection, told.closed)
        yield from checking.legacy_books(connection, told.legacy)
        yield from retention_checking.check(connection, told.retention)
        yield from _entries(connection)
        yield from _counters(connection)
        yield from case_checking.check(connection)
    except _UNREADABLE as error:
        yield Finding(
            "register-corrupt",
            "the register",
            f"The database cannot be read to its end ({error}). Restore it from a backup.",
        )


def _meta(connection: sqlite3.Connection, origin: str) -> Iterator[Finding]:
    found = dict(connection.execute("SELECT name, value FROM sipadek_meta").fetchall())
    yield from checking.meta(found, version=schema.VERSION, origin=origin)


def _entries(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Every entry beside its events, both in the order of positions."""
    history = _History(connection)
    queue, placed = recognition.exists(connection), retention_tables.exists(connection)
    previous = 0
    for row in connection.execute(_ENTRIES):
        entry = dict(zip(rows.COLUMNS, row[: len(rows.COLUMNS)], strict=True))
        position = entry["position"]
        for lost, bodies in history.before(position):
            yield checking.lost_entry(lost, bodies)
        if position != previous + 1:
            yield Finding(
                "entry-misplaced",
                entry["number"],
                f"The entry's position is {position}; the one before it stands at {previous}.",
            )
        previous = position
        texts, events = row[len(rows.COLUMNS) :], history.of(position)
        pages = recognition.recognised(connection, position) if queue else {}
        placing = retention_tables.placing(connection, position) if placed else ("", "")
        yield from checking.entry_history(entry, texts, events, pages, placing)
    for lost, bodies in history.before(None):
        yield checking.lost_entry(lost, bodies)


class _History:
    """The events of entries, grouped, in the order of positions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor().execute(_HISTORY)
        self._next = self._fetch()

    def of(self, position: int) -> list[bytes]:
        """The events of the entry at ``position``, which comes next or has none."""
        bodies = []
        while self._next is not None and self._next[0] == position:
            bodies.append(self._next[1])
            self._next = self._fetch()
        return bodies

    def _fetch(self) -> tuple[int, bytes] | None:
        row = self._cursor.fetchone()
        if row is None:
            return None
        entry, body = row
        if not isinstance(entry, int):  # Stands where SQLite sorts it.
            entry = 0 if entry is None else 2**63
        return entry, checking.as_bytes(body)

    def before(self, position: int | None) -> Iterator[tuple[int, list[bytes]]]:
        """What is passed over on the way to ``position`` (None: the end)."""
        while self._next is not None and (position is None or self._next[0] < position):
            lost = self._next[0]
            yield lost, self.of(lost)


def _counters(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Each counter's start..last must be exactly the older book's sequences and then those of its
    entries; numbers put in after others do not count."""
    query = (
        "SELECT entry.series, entry.counter, min(sequence), max(sequence), sum(insertion = 0),"
        " start, last, (SELECT max(sequence) FROM sipadek_legacy AS legacy"
        " WHERE legacy.series = entry.series AND legacy.counter = entry.counter)"
        " FROM sipadek_entry AS entry"
        " LEFT JOIN sipadek_series AS series ON series.code = entry.series"
        " LEFT JOIN sipadek_counter AS counter"
        " ON counter.series = entry.series AND counter.counter = entry.counter"
        " GROUP BY entry.series, entry.counter"
    )
    for series, counter, low, high, count, start, last, older in connection.execute(query):
        subject = f"{series} {counter}"
        first = start if older is None else older + 1
        yield from checking.counter(
            subject, low=low, high=high, count=count, first=first, last=last
        )
    query = (
        "SELECT series, counter, last, (SELECT max(sequence) FROM sipadek_legacy AS legacy"
        " WHERE legacy.series = counter.series AND legacy.counter = counter.counter)"
        " FROM sipadek_counter AS counter"
        " WHERE NOT EXISTS (SELECT 1 FROM sipadek_entry AS entry"
        " WHERE entry.series = counter.series AND entry.counter = counter.counter)"
    )
    for series, counter, last, older in connection.execute(query):
        if last != older:
            yield Finding(
                "counter-differs", f"{series} {counter}", f"It says {last}, but gave no number."
            )
    query = (
        "SELECT series, counter, max(sequence) FROM sipadek_legacy AS legacy"
        " WHERE NOT EXISTS (SELECT 1 FROM sipadek_counter AS counter"
        " WHERE counter.series = legacy.series AND counter.counter = legacy.counter)"
        " GROUP BY series, counter"
    )
    for series, counter, older in connection.execute(query):
        yield Finding(
            "counter-differs",
            f"{series} {counter}",
            f"The counter is missing; an older book gave its numbers to {older}.",
        )
