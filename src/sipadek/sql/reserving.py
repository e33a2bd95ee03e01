"""Giving numbers, many in one transaction."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

from sipadek.archive.letter import Letter, ReservationRequest, State
from sipadek.errors import KeyConflict, NumberVoid, SipadekError
from sipadek.numbering import Series
from sipadek.sql import events, rows

_BY_KEY: Final = f"{rows.SELECT} WHERE key = ?"
_LAST: Final = "SELECT last FROM sipadek_counter WHERE series = ? AND counter = ?"
_KEEP: Final = (
    "INSERT INTO sipadek_counter (series, counter, last) VALUES (?, ?, ?)"
    " ON CONFLICT (series, counter) DO UPDATE SET last = excluded.last"
)
_FINGERPRINT: Final = rows.COLUMNS.index("fingerprint")

Prepared = tuple[ReservationRequest, str | SipadekError]


def prepare(requests: Sequence[ReservationRequest]) -> list[Prepared]:
    """Check and fingerprint the requests; done before the transaction, to keep it short."""
    prepared: list[Prepared] = []
    for request in requests:
        try:
            rows.check(request)
        except SipadekError as error:
            prepared.append((request, error))
        else:
            prepared.append((request, rows.fingerprint(request)))
    return prepared


class Reserving:
    """The numbers of one transaction. ``find_series`` raises NotFound for an unknown code."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        find_series: Callable[[sqlite3.Connection, str], Series],
        at: datetime.datetime,
    ) -> None:
        self._connection = connection
        self._find_series = find_series
        self._at = at
        self._moment = rows.time_text(at)
        self._last: dict[tuple[str, str], int] = {}
        self._fresh: dict[str, tuple[Letter, str]] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._events: list[tuple[int | None, bytes]] = []
        found = connection.execute("SELECT max(position) FROM sipadek_entry").fetchone()
        self._position: int = found[0] or 0

    def run(self, prepared: Sequence[Prepared]) -> list[Letter | SipadekError]:
        """A letter, or the reason there is none, for each request in its place."""
        outcomes: list[Letter | SipadekError] = []
        for request, print_ in prepared:
            if isinstance(print_, SipadekError):
                outcomes.append(print_)
                continue
            try:
                outcomes.append(self._known(request, print_) or self._new(request, print_))
            except SipadekError as error:
                outcomes.append(error)
        return outcomes

    def write(self) -> list[tuple[int | None, bytes]]:
        """Write the counters and entries; returns the events to be logged in this transaction."""
        self._connection.executemany(_KEEP, [(*name, last) for name, last in self._last.items()])
        self._connection.executemany(rows.INSERT, self._rows)
        return self._events

    def _known(self, request: ReservationRequest, print_: str) -> Letter | None:
        fresh = self._fresh.get(request.key)
        if fresh is not None:
            letter, known = fresh
        else:
            row = self._connection.execute(_BY_KEY, (request.key,)).fetchone()
            if row is None:
                return None
            letter, known = rows.letter(row), row[_FINGERPRINT]
        if known != print_:
            raise KeyConflict(
                f"The key {request.key!r} belongs to the number {letter.number}, with other "
                "content or other details. Repeat exactly the same call, or use a new key.",
                key=request.key,
                letter=letter.id,
                number=letter.number,
            )
        if letter.state is State.VOID:
            raise NumberVoid(
                f"The number {letter.number} behind the key {request.key!r} was made void "
                f"({letter.void_reason}). File the letter again with a new key.",
                key=request.key,
                letter=letter.id,
                number=letter.number,
            )
        return letter

    def _new(self, request: ReservationRequest, print_: str) -> Letter:
        details = request.details
        series = self._find_series(self._connection, details.series)
        fields = rows.number_fields(details)
        counter = series.counter(fields)
        sequence = self._next(series, counter)
        letter = Letter(
            id=rows.new_id(),
            number=series.render(sequence, fields),
            sequence=sequence,
            counter=counter,
            state=State.RESERVED,
            details=details,
            key=request.key,
            original_digest=request.content,
            original_size=request.size,
            reserved_at=self._at,
        )
        # The last thing that can refuse: after it the number counts as taken.
        event = events.reserved(letter, print_, self._moment)
        self._position += 1
        self._last[details.series, counter] = sequence
        self._fresh[request.key] = letter, print_
        self._rows.append(rows.reserved_row(self._position, letter, print_, self._moment))
        self._events.append((self._position, event))
        return letter

    def _next(self, series: Series, counter: str) -> int:
        last = self._last.get((series.code, counter))
        if last is None:
            row = self._connection.execute(_LAST, (series.code, counter)).fetchone()
            last = row[0] if row else series.start - 1
        return last + 1
