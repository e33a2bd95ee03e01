"""Numbers on PostgreSQL: the operations of ``sipadek.sql.Numbers``, with the same arguments, results
and errors. Many processes on many machines give numbers at once."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

from sipadek.archive.letter import Letter, LetterDetails, ReservationRequest
from sipadek.errors import InvalidInput, SipadekError
from sipadek.postgres import changing, outbox, single
from sipadek.postgres.acts import SeriesActs
from sipadek.postgres.handle import Handle
from sipadek.postgres.reserving import Giving
from sipadek.sql import reading as shared
from sipadek.sql import rows, voiding
from sipadek.sql.reserving import MAX_STOCK, Prepared, prepare

MAX_KEY: Final = 1000
"""Most bytes of an idempotency key: PostgreSQL indexes no long texts."""


class Numbers(SeriesActs):
    """The numbers kept in ``transactions``; safe to share between threads as far as that is.

    ``at`` of every operation is the moment (aware) that is put on record, by default what ``clock``
    says. It never decides the year of a number: the document date does. Beside what an operation
    names, all raise StorageFailed where the server cannot be used, a lock was waited for in vain, or
    the outcome is unknown because the connection was lost at the end (the same key then tells), and
    DamagedRegister where the tables contradict themselves.
    """

    # --- giving numbers -------------------------------------------------------------------------

    def reserve(
        self, requests: Sequence[ReservationRequest], *, at: datetime.datetime | None = None
    ) -> list[Letter | SipadekError]:
        """Give numbers to all requests in one transaction: a letter, or an error, in each's place.

        A key that is known with the same content and details gives the letter it gave before, in
        whatever state it is. A request that gets an error takes no number and disturbs no other:
        ``InvalidInput``, ``InvalidNumber``, ``NotFound`` (the series), ``PeriodClosed``,
        ``KeyConflict`` (the key was used for something else), ``NumberVoid`` (its number was made
        void, or its lease is over). One request alone takes one round trip to the server.

        Raises:
            InvalidInput: ``at`` has no time zone.
        """
        at = self._now(at)
        prepared = _prepare(requests)
        if not prepared:
            return []
        if len(prepared) == 1:
            outcome = self._reserve_one(*prepared[0], at)
            if outcome is not None:
                return [outcome]

        def work(handle: Handle) -> list[Letter | SipadekError]:
            giving = Giving(handle, self._find_series, at)
            outcomes = giving.run(prepared)
            outbox.leave(handle, giving.write())
            return outcomes

        return self._transactions.write(work)

    def _reserve_one(
        self, request: ReservationRequest, print_: str | SipadekError, at: datetime.datetime
    ) -> Letter | SipadekError | None:
        """In one statement; None where it needs the longer way."""
        if isinstance(print_, SipadekError):
            return print_
        try:
            asked = single.Single.of(request, print_, self.series(request.details.series), at)
        except SipadekError:
            return None  # A key that is known is known even if its details are at fault by now.
        if asked is None:
            return None
        return asked.outcome(self._transactions.single(single.STATEMENT, asked.values))

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
        prepared = _prepare(requests)
        if not prepared:
            return []

        def work(handle: Handle) -> list[Letter | SipadekError]:
            giving = Giving(handle, self._find_series, at)
            outcomes = giving.run(prepared)
            logged = giving.write()
            ids = [one.id for one in outcomes if isinstance(one, Letter)]
            letters, confirmed = changing.confirm(handle, ids, at)
            outbox.leave(handle, [*logged, *confirmed])
            given = iter(letters)
            return [next(given) if isinstance(one, Letter) else one for one in outcomes]

        return self._transactions.write(work)

    def reserve_paper(
        self, requests: Sequence[ReservationRequest], *, at: datetime.datetime | None = None
    ) -> tuple[Letter, ...]:
        """A number from each request's series for one paper that all of them register: all or none.

        Raises what ``reserve`` puts in a request's place, and KeyConflict where the keys belong to
        different papers, or one stands there twice.
        """
        at = self._now(at)
        if len(requests) < 2:
            raise InvalidInput("A paper is registered by two series or more.", count=len(requests))
        prepared = _prepare(requests)

        def work(handle: Handle) -> tuple[Letter, ...]:
            giving = Giving(handle, self._find_series, at)
            letters = giving.together(prepared)
            outbox.leave(handle, giving.write())
            return tuple(letters)

        return self._transactions.write(work)

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
        rows.check_text("after", after or "")
        print_ = _one(_prepare([request], "insert", reason, after or ""))

        def work(handle: Handle) -> Letter:
            parent = None if after is None else shared.letter(handle.shared, after)
            giving = Giving(handle, self._find_series, at)
            letter = giving.insert(request, print_, after=parent, reason=reason)
            outbox.leave(handle, giving.write())
            return letter

        return self._transactions.write(work)

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
        if not 1 <= count <= MAX_STOCK:
            raise InvalidInput(f"count is {count}; hold 1 to {MAX_STOCK} numbers.", count=count)
        _one(_prepare([ReservationRequest(key=f"{key}#{count}", details=details, actor=actor)]))

        def work(handle: Handle) -> tuple[Letter, ...]:
            giving = Giving(handle, self._find_series, at)
            letters = giving.stock(details, count, actor=actor, prefix=key)
            outbox.leave(handle, giving.write())
            return tuple(letters)

        return self._transactions.write(work)

    def draw(self, request: ReservationRequest, *, at: datetime.datetime | None = None) -> Letter:
        """Reserve the first number in stock for the request's date and counter.

        Raises:
            NotFound: no number in stock reads the same for this letter.
            KeyConflict, NumberVoid, PeriodClosed: as of ``reserve``.
        """
        at = self._now(at)
        print_ = _one(_prepare([request], "draw"))

        def work(handle: Handle) -> Letter:
            giving = Giving(handle, self._find_series, at)
            letter = giving.draw(request, print_)
            outbox.leave(handle, giving.write())
            return letter

        return self._transactions.write(work)

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

        def work(handle: Handle) -> list[Letter]:
            letters, logged = changing.confirm(handle, ids, at)
            outbox.leave(handle, logged)
            return letters

        return self._transactions.write(work)

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

        def work(handle: Handle) -> Letter:
            letter, logged = changing.void(handle, id, reason=reason, actor=actor, at=at)
            outbox.leave(handle, logged)
            return letter

        return self._transactions.write(work)

    def expire(self, *, at: datetime.datetime | None = None) -> tuple[Letter, ...]:
        """Make every number void whose lease is over at ``at``; returns them. None is given again."""
        at = self._now(at)

        def work(handle: Handle) -> tuple[Letter, ...]:
            letters, logged = changing.expire(handle, at)
            outbox.leave(handle, logged)
            return tuple(letters)

        return self._transactions.write(work)


def _prepare(requests: Sequence[ReservationRequest], *more: str) -> list[Prepared]:
    return [
        (request, print_ if isinstance(print_, SipadekError) else _short(request) or print_)
        for request, print_ in prepare(requests, *more)
    ]


def _short(request: ReservationRequest) -> SipadekError | None:
    if len(request.key) <= MAX_KEY // 4 or len(request.key.encode()) <= MAX_KEY:
        return None
    return InvalidInput(
        f"The key has more than {MAX_KEY} bytes. Use a digest of it.", field="key", most=MAX_KEY
    )


def _one(prepared: Sequence[Prepared]) -> str:
    ((_, print_),) = prepared
    if isinstance(print_, SipadekError):
        raise print_
    return print_
