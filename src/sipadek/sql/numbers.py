"""Numbers: given, held, put in, drawn, made void, and accounted for.

Every operation is one transaction that also logs the events that prove it. Whose transaction that
is, ``Transactions`` decides: the register's own file, or one that a host began and will end.
"""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol

from sipadek.archive.legacy import LegacyNumber
from sipadek.archive.letter import Letter, LetterDetails, ReservationRequest, State
from sipadek.errors import InvalidInput, NotFound, SeriesConflict, SipadekError
from sipadek.ledger import Event
from sipadek.numbering import Series
from sipadek.sql import (
    accounting,
    dumping,
    events,
    issuing,
    legacy,
    loading,
    periods,
    reading,
    reserving,
    rows,
    voiding,
)
from sipadek.sql.checking import Finding
from sipadek.sql.log import EventLog, LogHead
from sipadek.sql.replay import replay

_WITH_KEYS: Final = f"{rows.SELECT} WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608
_BY_ID: Final = f"{rows.SELECT} WHERE id = ?"
_HELD: Final = (
    f"{rows.SELECT} WHERE series = ? AND state = 'reserved'"
    " AND document_date LIKE ? || '-%' ORDER BY position"
)
_CODES: Final = "SELECT code FROM sipadek_series ORDER BY code"
_DEFINE: Final = (
    "INSERT INTO sipadek_series (code, definition, start, defined_at) VALUES (?, ?, ?, ?)"
)
_CLOSE: Final = (
    "INSERT INTO sipadek_closed (series, period, actor, reason, closed_at) VALUES (?, ?, ?, ?, ?)"
)
_IS_CLOSED: Final = "SELECT 1 FROM sipadek_closed WHERE series = ? AND period = ?"
_REOPEN: Final = "DELETE FROM sipadek_closed WHERE series = ? AND period = ?"


Clock = Callable[[], datetime.datetime]


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Transactions(Protocol):
    """Where the numbers are kept. Both raise leaves of SipadekError."""

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that is alone in writing: kept if the ``with`` ends, or else not."""

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction whose queries all see the same state."""


class Numbers:
    """The numbers kept in ``transactions``, with their history in ``log``; safe to share between
    threads as far as ``transactions`` is.

    ``at`` of every operation is the moment (aware) that is put on record, by default what ``clock``
    says. It never decides the year of a number: the document date does.
    """

    def __init__(
        self, transactions: Transactions, log: EventLog, *, clock: Clock | None = None
    ) -> None:
        self._transactions = transactions
        self._log = log
        self._clock = clock or _utc_now
        self._series: dict[str, Series] = {}  # Definitions never change.

    def _now(self, at: datetime.datetime | None) -> datetime.datetime:
        return rows.in_utc(self._clock() if at is None else at)

    # --- series ---------------------------------------------------------------------------------

    def define_series(self, series: Series, *, at: datetime.datetime | None = None) -> Series:
        """Define a series; doing so again with the same definition is no error.

        Raises:
            InvalidInput: ``at`` has no time zone.
            SeriesConflict: a series of that code has another definition.
        """
        at = self._now(at)
        with self._transactions.write() as connection:
            known = reading.series(connection, series.code)
            if known is not None:
                if known != series:
                    raise SeriesConflict(
                        f"The series {series.code!r} is defined already, in another way: "
                        f"{known}. Numbers were given by it; use another code.",
                        series=series.code,
                    )
                return known
            text = events.definition_text(series.definition())
            values = (series.code, text, series.start, rows.time_text(at))
            connection.execute(_DEFINE, values)
            self._log.append(connection, [(None, events.defined(series, at))])
        return series

    def series(self, code: str) -> Series:
        """The series of that code.

        Raises:
            NotFound: there is none.
        """
        if code in self._series:
            return self._series[code]
        rows.check_text("code", code)
        with self._transactions.read() as connection:
            return self._find_series(connection, code)

    def all_series(self) -> tuple[Series, ...]:
        """All series, by code."""
        with self._transactions.read() as connection:
            codes = connection.execute(_CODES).fetchall()
            return tuple(self._find_series(connection, code) for (code,) in codes)

    def _find_series(self, connection: sqlite3.Connection, code: str) -> Series:
        known = self._series.get(code) or reading.series(connection, code)
        if known is None:
            raise NotFound(
                f"There is no series {code!r} in this register. Define it first.", series=code
            )
        self._series[code] = known
        return known

    # --- giving numbers -------------------------------------------------------------------------

    def reserve(
        self, requests: Sequence[ReservationRequest], *, at: datetime.datetime | None = None
    ) -> list[Letter | SipadekError]:
        """Give numbers to all requests in one transaction: a letter, or an error, in each's place.

        A key that is known with the same content and details gives the letter it gave before, in
        whatever state it is. A request that gets an error takes no number and disturbs no other:
        ``InvalidInput``, ``InvalidNumber``, ``NotFound`` (the series), ``PeriodClosed``,
        ``KeyConflict`` (the key was used for something else), ``NumberVoid`` (its number was made
        void, or its lease is over).

        Raises:
            InvalidInput: ``at`` has no time zone.
            StorageFailed, DamagedRegister: nothing was reserved.
        """
        at = self._now(at)
        prepared = reserving.prepare(requests)
        if not prepared:
            return []
        with self._transactions.write() as connection:
            work = reserving.Reserving(connection, self._find_series, at)
            outcomes = work.run(prepared)
            self._log.append(connection, work.write())
        return outcomes

    def give(
        self, requests: Sequence[ReservationRequest], *, at: datetime.datetime | None = None
    ) -> list[Letter | SipadekError]:
        """Like ``reserve`` and ``confirm`` in one transaction: numbers for letters that need no PDF
        here. Errors as of ``reserve``."""
        at = self._now(at)
        for request in requests:
            if request.content or request.lease is not None:
                raise InvalidInput(
                    f"The request {request.key!r} has content or a lease; a number that is given at "
                    "once has neither. Reserve it.",
                    key=request.key,
                )
        prepared = reserving.prepare(requests)
        if not prepared:
            return []
        with self._transactions.write() as connection:
            work = reserving.Reserving(connection, self._find_series, at)
            outcomes = work.run(prepared)
            logged = work.write()
            ids = [one.id for one in outcomes if isinstance(one, Letter)]
            letters, confirmed = issuing.confirm(connection, ids, at)
            self._log.append(connection, [*logged, *confirmed])
        given = iter(letters)
        return [next(given) if isinstance(one, Letter) else one for one in outcomes]

    def reserve_paper(
        self, requests: Sequence[ReservationRequest], *, at: datetime.datetime | None = None
    ) -> tuple[Letter, ...]:
        """A number from each request's series for one paper that all of them register: all or none.

        Raises what ``reserve`` puts in a request's place, and KeyConflict where the keys belong to
        different papers.
        """
        at = self._now(at)
        if len(requests) < 2:
            raise InvalidInput("A paper is registered by two series or more.", count=len(requests))
        with self._transactions.write() as connection:
            work = reserving.Reserving(connection, self._find_series, at)
            letters = work.together(reserving.prepare(requests))
            self._log.append(connection, work.write())
        return tuple(letters)

    def insert(
        self,
        request: ReservationRequest,
        *,
        reason: str,
        after: str | None = None,
        at: datetime.datetime | None = None,
    ) -> Letter:
        """Reserve a number that stands after an earlier one, such as 12.A; the counter does not move.

        ``after`` is the number or id of the parent; by default the counter's last number on or
        before the document date.

        Raises:
            InvalidInput: no reason or actor; the parent is of another counter, or inserted itself.
            InvalidNumber: the series allows no insertion.
            NotFound: there is no parent.
            KeyConflict, NumberVoid, PeriodClosed: as of ``reserve``.
        """
        at = self._now(at)
        voiding.check_reason(reason, "A number is only put in")
        if not request.actor.strip():
            raise InvalidInput("Name who puts the number in, as actor.", field="actor")
        (prepared,) = reserving.prepare([request], "insert", reason, after or "")
        _, print_ = prepared
        if isinstance(print_, SipadekError):
            raise print_
        with self._transactions.write() as connection:
            parent = None if after is None else reading.letter(connection, after)
            work = reserving.Reserving(connection, self._find_series, at)
            letter = work.insert(request, print_, after=parent, reason=reason)
            self._log.append(connection, work.write())
        return letter

    def stock(
        self,
        details: LetterDetails,
        count: int,
        *,
        key: str,
        actor: str,
        at: datetime.datetime | None = None,
    ) -> tuple[Letter, ...]:
        """Hold ``count`` numbers for the date of ``details``, for letters of that day to come late.

        ``details`` has what stands in the number; its subject says what the stock is for. The same
        key gives the same numbers, as they stand by then. ``draw`` takes from them; what is left is
        made void in the end.

        Raises:
            InvalidInput: ``count`` is not 1 to MAX_STOCK.
            KeyConflict: the key holds numbers of another counter or date.
            InvalidNumber, NotFound, PeriodClosed: as of ``reserve``; no number was taken.
        """
        at = self._now(at)
        if not 1 <= count <= reserving.MAX_STOCK:
            raise InvalidInput(
                f"count is {count}; hold 1 to {reserving.MAX_STOCK} numbers.", count=count
            )
        with self._transactions.write() as connection:
            work = reserving.Reserving(connection, self._find_series, at)
            letters = work.stock(details, count, actor=actor, prefix=key)
            self._log.append(connection, work.write())
        return tuple(letters)

    def draw(self, request: ReservationRequest, *, at: datetime.datetime | None = None) -> Letter:
        """Reserve the first number in stock for the request's date and counter.

        Raises:
            NotFound: no number in stock reads the same for this letter.
            KeyConflict, NumberVoid, PeriodClosed: as of ``reserve``.
        """
        at = self._now(at)
        ((_, print_),) = reserving.prepare([request], "draw")
        if isinstance(print_, SipadekError):
            raise print_
        with self._transactions.write() as connection:
            work = reserving.Reserving(connection, self._find_series, at)
            letter = work.draw(request, print_)
            self._log.append(connection, work.write())
        return letter

    # --- what becomes of them -------------------------------------------------------------------

    def confirm(self, ids: Sequence[str], *, at: datetime.datetime | None = None) -> list[Letter]:
        """Put reserved numbers on record as given out, without a PDF here, in one transaction.

        A number that is issued already is returned as it is.

        Raises:
            InvalidInput: a number was reserved for a PDF, or is in stock; none was confirmed.
            NotFound: a number is not in the register; none of them was confirmed.
            NumberVoid: a number is void or its lease is over; none of them was confirmed.
        """
        at = self._now(at)
        for id_ in ids:
            rows.check_text("id", id_)
        with self._transactions.write() as connection:
            letters, logged = issuing.confirm(connection, ids, at)
            self._log.append(connection, logged)
        return letters

    def void(self, id: str, *, reason: str, at: datetime.datetime, actor: str = "") -> Letter:
        """Make a reserved or issued number void, for a reason; it is never given again.

        A letter that is void already is returned as it is, with its first reason.

        Raises:
            InvalidInput: no reason, or ``at`` has no time zone.
            NotFound: there is no such letter.
        """
        at = self._now(at)
        rows.check_text("id", id)
        rows.check_text("actor", actor)
        voiding.check_reason(reason)
        with self._transactions.write() as connection:
            row = connection.execute(_BY_ID, (id,)).fetchone()
            if row is None:
                raise NotFound(f"There is no letter {id!r} in this register.", letter=id)
            letter = rows.letter(row)
            if letter.state is State.VOID:
                return letter
            letter, event = voiding.make_void(
                connection, row[0], letter, at=at, reason=reason, actor=actor
            )
            self._log.append(connection, [(row[0], event)])
        return letter

    def expire(self, *, at: datetime.datetime | None = None) -> tuple[Letter, ...]:
        """Make every number void whose lease is over at ``at``; returns them. None is given again."""
        at = self._now(at)
        with self._transactions.write() as connection:
            letters, logged = voiding.expire(connection, at)
            self._log.append(connection, logged)
        return tuple(letters)

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
        A period that is closed already stays so.

        Raises:
            InvalidInput: no reason or actor, no such period, or numbers are held and not to be void.
            NotFound: there is no such series.
        """
        at = self._now(at)
        periods.check_act(period, reason, actor, "A period is only closed")
        with self._transactions.write() as connection:
            self._find_series(connection, series)
            if connection.execute(_IS_CLOSED, (series, period)).fetchone() is not None:
                return ()
            held = connection.execute(_HELD, (series, period)).fetchall()
            if not void_held:
                periods.check_empty(series, period, held)
            letters = []
            logged: list[tuple[int | None, bytes]] = []
            for row in held:
                letter, event = voiding.make_void(
                    connection,
                    row[0],
                    rows.letter(row),
                    at=at,
                    reason=f"buku {period} ditutup: {reason}",
                    actor=actor,
                )
                letters.append(letter)
                logged.append((row[0], event))
            values = (series, period, actor, reason, rows.time_text(at))
            connection.execute(_CLOSE, values)
            event = events.closed(series, period, actor=actor, reason=reason, at=at)
            self._log.append(connection, [*logged, (None, event)])
        return tuple(letters)

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
        with self._transactions.write() as connection:
            self._find_series(connection, series)
            if connection.execute(_REOPEN, (series, period)).rowcount:
                event = events.reopened(series, period, actor=actor, reason=reason, at=at)
                self._log.append(connection, [(None, event)])

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
        with self._transactions.write() as connection:
            told = legacy.write(connection, self._find_series(connection, series), counters)
            data = {"source": source, "actor": actor, "counters": told}
            event = Event(kind=events.LEGACY_IMPORTED, at=at, subject=series, data=data)
            self._log.append(connection, [(None, event.canonical_bytes())])

    # --- dumping --------------------------------------------------------------------------------

    def dump(self) -> Iterator[bytes]:
        """All that the register knows, as lines (JSON Lines, see ``sipadek.sql.dumping``): series,
        counters, entries, texts, events, the signed head. The same register gives the same bytes on
        SQLite and on PostgreSQL. Contents, keys and the search index are no part of it.

        One read transaction lasts as long as the iteration. Raises DamagedRegister, or InvalidInput
        where there are cases, filing plans or record folders, which a dump does not hold. Saved searches
        are left out.
        """
        with self._transactions.read() as connection:
            dumping.check_whole(connection)
            yield from dumping.dump(connection, origin=self._log.origin)

    def load(self, lines: Iterable[bytes]) -> None:
        """Take up the dump of a register of the same origin and key, into one that has nothing yet: all
        in one transaction, and only if every table agrees with the signed log.

        Raises:
            InvalidInput: this register has something; the dump is none, another's, cut off or altered.
            DamagedRegister: it does not agree with its log, or this office's key did not sign that.
        """
        with self._transactions.write() as connection:
            loading.load(connection, lines, self._log)

    # --- reading --------------------------------------------------------------------------------

    def head(self) -> LogHead:
        """The log's size, root and signed checkpoint; its signature is verified.

        Raises:
            DamagedRegister: this office's key did not sign it.
        """
        with self._transactions.read() as connection:
            return self._log.head(connection)

    def verify_history(self, *, known: Sequence[str] = ()) -> Iterator[Finding]:
        """Everything in which the tables differ from the signed log, one finding at a time.

        ``known`` are signed checkpoints kept elsewhere: a register that was put back to an older
        state, or given another history, does not contain them. One read transaction lasts as long
        as the iteration; memory does not grow with the register.
        """
        with self._transactions.read() as connection:
            yield from replay(
                connection,
                verifier=self._log.verifier,
                origin=self._log.origin,
                known=known,
            )

    def get(self, number_or_id: str) -> Letter:
        """The letter of that id or number.

        Raises:
            NotFound: there is none.
            InvalidInput: several series gave that number; ``fields['letters']`` has the ids.
        """
        rows.check_text("number_or_id", number_or_id)
        with self._transactions.read() as connection:
            return reading.letter(connection, number_or_id)

    def find_keys(self, keys: Sequence[str]) -> dict[str, Letter]:
        """The letters reserved under these idempotency keys, by key; keys not in use are left out."""
        with self._transactions.read() as connection:
            found = connection.execute(_WITH_KEYS, (json.dumps(list(keys)),)).fetchall()
        return {letter.key: letter for letter in map(rows.letter, found)}

    def expected(self, details: LetterDetails) -> str:
        """The number that a letter with these details would get next, if none came before it. Nothing is
        taken, and nothing promised. Raises NotFound (no such series) or InvalidNumber."""
        series, fields = self.series(details.series), rows.number_fields(details)
        counter = series.counter(fields)
        with self._transactions.read() as connection:
            last = reading.last(connection, series.code, counter)
        return series.render(series.start if last is None else last + 1, fields)

    def accounts(self, series: str = "") -> tuple[accounting.Account, ...]:
        """What became of every number, by counter, of that series or of all."""
        rows.check_text("series", series)
        with self._transactions.read() as connection:
            return tuple(accounting.accounts(connection, series))

    def counters(self) -> tuple[reading.CounterState, ...]:
        """Where every counter stands, by series and counter. Reads the whole register."""
        with self._transactions.read() as connection:
            return reading.counters(connection)
