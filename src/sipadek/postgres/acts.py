"""What is done to a whole series: defined, a period closed or opened again, an older book imported.

All but the defining lock the series alone, against whoever is reserving in it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

from sipadek.archive.legacy import LegacyNumber
from sipadek.archive.letter import Letter
from sipadek.errors import SeriesConflict
from sipadek.ledger import Event
from sipadek.numbering import Series
from sipadek.postgres import changing, outbox
from sipadek.postgres.handle import Handle
from sipadek.postgres.kept import KeptNumbers
from sipadek.sql import events, legacy, periods, rows

_DEFINE: Final = (
    "INSERT INTO sipadek.series (code, definition, start, defined_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (code) DO NOTHING"
)
_LOCK_SERIES: Final = "SELECT 1 FROM sipadek.series WHERE code = %s FOR UPDATE"
_CLOSE: Final = (
    "INSERT INTO sipadek.closed (series, period, actor, reason, closed_at)"
    " VALUES (%s, %s, %s, %s, %s)"
)
_SHUT: Final = (
    "UPDATE sipadek.series SET shut = ARRAY(SELECT period FROM sipadek.closed"
    " WHERE series = code ORDER BY period) WHERE code = %s"
)
_IS_CLOSED: Final = "SELECT 1 FROM sipadek.closed WHERE series = %s AND period = %s"
_REOPEN: Final = "DELETE FROM sipadek.closed WHERE series = %s AND period = %s"


class SeriesActs(KeptNumbers):
    """The acts on series."""

    def define_series(self, series: Series, *, at: datetime.datetime | None = None) -> Series:
        """Define a series; doing so again with the same definition is no error.

        Raises:
            InvalidInput: ``at`` has no time zone.
            SeriesConflict: a series of that code has another definition.
        """
        at = self._now(at)

        def work(handle: Handle) -> Series:
            text = events.definition_text(series.definition())
            values = (series.code, text, series.start, rows.time_text(at))
            if handle.run(_DEFINE, values).rowcount:
                outbox.leave(handle, [(None, events.defined(series, at))])
                return series
            known = self._find_series(handle, series.code)
            if known != series:
                raise SeriesConflict(
                    f"The series {series.code!r} is defined already, in another way: "
                    f"{known}. Numbers were given by it; use another code.",
                    series=series.code,
                )
            return known

        return self._transactions.write(work)

    # --- periods --------------------------------------------------------------------------------

    def close_period(
        self,
        series: str,
        period: str,
        *,
        reason: str,
        actor: str,
        at: datetime.datetime | None = None,
        void_held: bool = False,
    ) -> tuple[Letter, ...]:
        """Let a year ('2026') or month ('2026-11') of a series give no more numbers: none to letters
        of a date in it.

        Numbers still held in it (reserved, in stock) are made void with ``void_held``, and returned.
        A period that is closed already stays so. It waits for those who are reserving in the series.

        Raises:
            InvalidInput: no reason or actor, no such period, or numbers are held and not to be void.
            NotFound: there is no such series.
        """
        at = self._now(at)
        periods.check_act(period, reason, actor, "A period is only closed")
        rows.check_text("series", series)

        def work(handle: Handle) -> tuple[Letter, ...]:
            handle.run(_LOCK_SERIES, (series,))
            self._find_series(handle, series)
            if handle.run(_IS_CLOSED, (series, period)).fetchone() is not None:
                return ()
            found = changing.held(handle, series, period)
            if not void_held:
                periods.check_empty(series, period, found)
            letters, logged = changing.void_held(
                handle, found, reason=f"buku {period} ditutup: {reason}", actor=actor, at=at
            )
            handle.run(_CLOSE, (series, period, actor, reason, rows.time_text(at)))
            handle.run(_SHUT, (series,))
            event = events.closed(series, period, actor=actor, reason=reason, at=at)
            outbox.leave(handle, [*logged, (None, event)])
            return tuple(letters)

        return self._transactions.write(work)

    def reopen_period(
        self,
        series: str,
        period: str,
        *,
        reason: str,
        actor: str,
        at: datetime.datetime | None = None,
    ) -> None:
        """Let a closed period give numbers again. One that is open stays so.

        Raises:
            InvalidInput: no reason or actor, or no such period.
            NotFound: there is no such series.
        """
        at = self._now(at)
        periods.check_act(period, reason, actor, "A period is only opened again")
        rows.check_text("series", series)

        def work(handle: Handle) -> None:
            handle.run(_LOCK_SERIES, (series,))
            self._find_series(handle, series)
            if handle.run(_REOPEN, (series, period)).rowcount:
                handle.run(_SHUT, (series,))
                event = events.reopened(series, period, actor=actor, reason=reason, at=at)
                outbox.leave(handle, [(None, event)])

        self._transactions.write(work)

    # --- older books ----------------------------------------------------------------------------

    def import_legacy(
        self,
        series: str,
        numbers: Sequence[LegacyNumber],
        *,
        source: str,
        actor: str,
        at: datetime.datetime | None = None,
    ) -> None:
        """Keep the numbers of an older book as they are, and go on after the last of each counter.

        ``source`` names the book, for the record.

        Raises:
            InvalidInput: the book leaves a number unaccounted for, a hole or repeat unexplained, or
                the counter was used already; nothing was imported.
            NotFound: there is no such series.
        """
        at = self._now(at)
        rows.check_text("source", source)
        rows.check_text("actor", actor)
        counters = legacy.check(self.series(series), numbers)

        def work(handle: Handle) -> None:
            handle.run(_LOCK_SERIES, (series,))
            told = legacy.write(handle.shared, self._find_series(handle, series), counters)
            data = {"source": source, "actor": actor, "counters": told}
            event = Event(kind=events.LEGACY_IMPORTED, at=at, subject=series, data=data)
            outbox.leave(handle, [(None, event.canonical_bytes())])

        self._transactions.write(work)
