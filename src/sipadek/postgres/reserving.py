"""Giving numbers, many in one transaction: the rules of ``sipadek.sql``, with locks on rows.

Every transaction locks in one order: the series (shared: only closing a period and importing a book
lock it alone), then counters by name, then entries by position. What is read after a lock is what
others left behind, since READ COMMITTED looks anew for each statement.
"""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable, Sequence
from typing import Final

from sipadek.archive.letter import Letter, LetterDetails, ReservationRequest
from sipadek.errors import SipadekError
from sipadek.numbering import NumberFields, Series
from sipadek.postgres import outbox
from sipadek.postgres.faults import Changed
from sipadek.postgres.handle import Handle
from sipadek.sql import rows
from sipadek.sql.reserving import Prepared, Reserving

SELECT: Final = f"SELECT {', '.join(rows.COLUMNS)} FROM sipadek.entry"  # noqa: S608

# Entries get their positions when they are written; until then they count from here.
_PROVISIONAL: Final = 2**62
_LAPSED: Final = (
    "SELECT position FROM sipadek.entry WHERE key = ANY(%s) AND state = 'reserved'"
    " AND expires_at <= %s ORDER BY position FOR UPDATE"
)
_KEYS: Final = (
    "SELECT key, state = 'reserved' AND coalesce(expires_at <= %s, false)"
    " FROM sipadek.entry WHERE key = ANY(%s)"
)
_SHARE: Final = "SELECT code FROM sipadek.series WHERE code = ANY(%s) ORDER BY code FOR KEY SHARE"
_CLOSED: Final = "SELECT DISTINCT series FROM sipadek.closed WHERE series = ANY(%s)"
_LOCK: Final = (
    "INSERT INTO sipadek.counter AS counter (series, counter, last)"
    " SELECT series, counter, before FROM unnest(%s::text[], %s::text[], %s::bigint[])"
    ' AS wanted (series, counter, before) ORDER BY series COLLATE "C", counter COLLATE "C"'
    " ON CONFLICT (series, counter) DO UPDATE SET last = counter.last"
    " RETURNING series, counter, last"
)
_KEEP: Final = (
    "UPDATE sipadek.counter AS counter SET last = given.last"
    " FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS given (series, counter, last)"
    " WHERE counter.series = given.series AND counter.counter = given.counter"
)
_UNUSED: Final = "DELETE FROM sipadek.counter WHERE series = %s AND counter = %s AND last = %s"
_POSITIONS: Final = (
    "SELECT nextval('sipadek.entry_position_seq'::regclass) FROM generate_series(1, %s)"
)
_LATER: Final = {"filed_digest", "filed_size", "signer", "extractor", "issued_at", "void_reason"}
_WRITTEN: Final = [name for name in rows.COLUMNS[1:] if name not in _LATER]
_of_row: Final = operator.itemgetter(*(rows.COLUMNS.index(name) for name in _WRITTEN))
_COPY: Final = f"COPY sipadek.entry (position, {', '.join(_WRITTEN)}) FROM STDIN"
_INSERT: Final = (
    f"INSERT INTO sipadek.entry (position, {', '.join(_WRITTEN)})"  # noqa: S608
    f" VALUES (%s{', %s' * len(_WRITTEN)})"
)
_FEW: Final = 8


class Giving(Reserving):
    """The numbers of one transaction on PostgreSQL."""

    def __init__(
        self,
        handle: Handle,
        find_series: Callable[[Handle, str], Series],
        at: datetime.datetime,
    ) -> None:
        super().__init__(handle.shared, lambda _, code: find_series(handle, code), at)
        self._handle = handle
        self._position = _PROVISIONAL
        self._locked: dict[tuple[str, str], int] = {}
        self._before: dict[tuple[str, str], int] = {}
        self._never_closed: set[str] = set()

    def lock(self, wanted: Sequence[tuple[str, LetterDetails]]) -> None:
        """Lock what numbers for these keys and letters need, and learn which of the keys are new."""
        keys = [key for key, _ in wanted]
        found = self._handle.run(_KEYS, (self._moment, keys)).fetchall()
        self._new_keys = {*keys} - {key for key, _ in found}
        details = [one for key, one in wanted if key in self._new_keys]
        if details:
            self._lock_counters(details)
        if any(over for _, over in found):
            self._handle.run(_LAPSED, (keys, self._moment))

    def _lock_counters(self, details: Sequence[LetterDetails]) -> None:
        codes = sorted({one.series for one in details})
        self._handle.run(_SHARE, (codes,))
        closed = {code for (code,) in self._handle.run(_CLOSED, (codes,))}
        self._never_closed = {*codes} - closed
        for one in details:
            try:
                series, _, counter = self._placed(one)
            except SipadekError:
                continue  # Told to the one who asked, in its turn.
            self._before[series.code, counter] = series.start - 1
        if self._before:
            counters = [(*place, before) for place, before in self._before.items()]
            taken = self._handle.run(_LOCK, [list(each) for each in zip(*counters, strict=True)])
            self._locked = {(series, counter): last for series, counter, last in taken}

    def run(self, prepared: Sequence[Prepared]) -> list[Letter | SipadekError]:
        """A letter, or the reason there is none, for each request in its place."""
        self._lock_for(prepared)
        return super().run(prepared)

    def together(self, prepared: Sequence[Prepared]) -> list[Letter]:
        """Numbers of one paper: for all requests, or the first error is raised and none is kept."""
        self._lock_for(prepared)
        return super().together(prepared)

    def insert(
        self, request: ReservationRequest, print_: str, *, after: Letter | None, reason: str
    ) -> Letter:
        """A number put in after another one; the counter does not move."""
        self.lock([(request.key, request.details)])
        return super().insert(request, print_, after=after, reason=reason)

    def stock(self, details: LetterDetails, count: int, *, actor: str, prefix: str) -> list[Letter]:
        """``count`` numbers held for a date."""
        self._lock_counters([details])
        return super().stock(details, count, actor=actor, prefix=prefix)

    def draw(self, request: ReservationRequest, print_: str) -> Letter:
        """The first number of the stock of the request's date that reads the same for it."""
        self.lock([(request.key, request.details)])
        return super().draw(request, print_)

    def write(self) -> list[outbox.Logged]:
        """Write the counters and entries; returns the events to be left in the outbox."""
        if self._last:
            kept = [(*place, last) for place, last in self._last.items()]
            self._handle.run(_KEEP, [list(each) for each in zip(*kept, strict=True)])
        for place, before in self._before.items():
            if place not in self._last and self._locked[place] == before:
                self._handle.run(_UNUSED, (*place, before))
        places = self._write_entries()
        return [
            (position if position is None else places.get(position, position), body)
            for position, body in self._events
        ]

    def _write_entries(self) -> dict[int, int]:
        """The positions that the provisional ones became."""
        if not self._rows:
            return {}
        found = self._handle.run(_POSITIONS, (len(self._rows),)).fetchall()
        given = sorted(place for (place,) in found)
        places = {row[0]: place for row, place in zip(self._rows, given, strict=True)}
        written = [(places[row[0]], *_of_row(row)) for row in self._rows]
        if len(written) <= _FEW:
            for row in written:
                self._handle.run(_INSERT, row)
        else:
            self._handle.copy(_COPY, written)
        return places

    def _lock_for(self, prepared: Sequence[Prepared]) -> None:
        self.lock(
            [
                (request.key, request.details)
                for request, print_ in prepared
                if not isinstance(print_, SipadekError)
            ]
        )

    def _place(self, details: LetterDetails) -> tuple[Series, NumberFields, str]:
        if details.series not in self._never_closed:
            return super()._place(details)  # Asks for every period.
        series = self._find_series(self._connection, details.series)
        fields = rows.number_fields(details)
        return series, fields, series.counter(fields)

    def _look_up(self, keys: Sequence[str]) -> None:
        """Done by ``lock``."""

    def _next(self, series: Series, counter: str) -> int:
        last = self._last.get((series.code, counter))
        return (self._locked[series.code, counter] if last is None else last) + 1

    def _draw(
        self, request: ReservationRequest, print_: str, held: Letter, position: int
    ) -> Letter:
        # The counter is locked against other draws, not against the making void of single entries.
        still = self._handle.run(
            "SELECT 1 FROM sipadek.entry WHERE position = %s AND state = 'reserved'"
            " AND key = stock FOR UPDATE",
            (position,),
        ).fetchone()
        if still is None:
            raise Changed
        return super()._draw(request, print_, held, position)
