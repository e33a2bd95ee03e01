"""What the operations of numbers must do, on the plain state of ``numbers_book``: the model of the
state machine. It is written from the documentation of ``Numbers``, not from its code."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import attrs
from numbers_book import Book, Known, asked, check, lapsed, reserved
from numbers_forms import FORMS, periods

from sipadek.archive import (
    Filed,
    LegacyKind,
    LegacyNumber,
    Letter,
    LetterDetails,
    ReservationRequest,
    State,
)
from sipadek.errors import (
    InvalidInput,
    InvalidNumber,
    KeyConflict,
    NotFound,
    SeriesConflict,
    SipadekError,
)
from sipadek.numbering import Series

Outcome = Letter | type[SipadekError]


def whole(operation: Callable[..., Any]) -> Callable[..., Any]:
    """All of the operation or, where it raises, nothing."""

    @functools.wraps(operation)
    def attempt(book: Operations, *arguments: Any, **more: Any) -> Any:
        before = {name: type(value)(value) for name, value in vars(book).items()}
        try:
            return operation(book, *arguments, **more)
        except SipadekError:
            vars(book).update(before)
            raise

    return attempt


class Operations(Book):
    @whole
    def define(self, series: Series) -> Series:
        if series.code not in self.series:
            self.series[series.code] = series
            self.events += 1
        if self.series[series.code] != series:
            raise SeriesConflict("")
        return series

    @whole
    def reserve(
        self, requests: Sequence[ReservationRequest], at: datetime.datetime
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for request in requests:
            try:
                outcomes.append(self._reserve(request, at))
            except SipadekError as error:
                outcomes.append(type(error))
        return outcomes

    @whole
    def give(self, requests: Sequence[ReservationRequest], at: datetime.datetime) -> list[Outcome]:
        if any(request.content or request.lease is not None for request in requests):
            raise InvalidInput("")
        outcomes = self.reserve(requests, at)
        keys = [one.key for one in outcomes if isinstance(one, Letter)]
        given = iter(self.confirm([self.find(key) for key in keys], at))
        return [next(given) if isinstance(one, Letter) else one for one in outcomes]

    @whole
    def paper(
        self, requests: Sequence[ReservationRequest], at: datetime.datetime
    ) -> tuple[Letter, ...]:
        if len(requests) < 2:
            raise InvalidInput("")
        known = []
        for request in requests:
            check(request)
            known.append(self.known_by(request, asked(request), at))
        if len({request.key for request in requests}) < len(requests):
            raise KeyConflict("")
        if any(known):
            if not all(known) or {one.paper for one in known} != {known[0].paper or "none"}:
                raise KeyConflict("")
            return tuple(known)
        paper = str(len(self.entries))
        return tuple(self.new(request, asked(request), at, paper=paper) for request in requests)

    @whole
    def insert(
        self,
        request: ReservationRequest,
        at: datetime.datetime,
        *,
        reason: str,
        after: str | None,
        parents: Sequence[int],
    ) -> Letter:
        """``parents`` are the places of the entries that ``after`` names."""
        if not reason or not request.actor:
            raise InvalidInput("")
        check(request)
        if after is not None and len(parents) != 1:
            raise InvalidInput("") if parents else NotFound("")
        same = asked(request, "insert", reason, after or "")
        known = self.known_by(request, same, at)
        if known is not None:
            return known
        form, counter = self.place(request.details)
        if after is None:
            earlier = [
                one
                for one in self.of_counter(form.series.code, counter)
                if not one.letter.insertion
                and not one.letter.stock
                and one.letter.details.date <= request.details.date
            ]
            if not earlier:
                raise NotFound("")
            parent = max(earlier, key=lambda one: one.letter.sequence).letter
        else:
            parent = self.entries[parents[0]].letter
            if (parent.details.series, parent.counter) != (form.series.code, counter):
                raise InvalidInput("")
            if parent.insertion or parent.stock:
                raise InvalidInput("")
        if form.label is None:
            raise InvalidNumber("")
        siblings = [
            one
            for one in self.of_counter(form.series.code, counter)
            if one.letter.sequence == parent.sequence
        ]
        number = form.number(parent.sequence, form.label(len(siblings)), request.details)
        letter = attrs.evolve(
            reserved(request, at, counter, parent.sequence, number),
            insertion=len(siblings),
            reason=reason,
        )
        return self.add(Known(letter, same))

    @whole
    def stock(
        self, details: LetterDetails, count: int, at: datetime.datetime, *, key: str, actor: str
    ) -> tuple[Letter, ...]:
        if count < 1:
            raise InvalidInput("")
        letters = []
        for n in range(1, count + 1):
            request = ReservationRequest(key=f"{key}#{n}", details=details, actor=actor)
            held = [one.letter for one in self.entries if one.stock == request.key]
            if not held:
                self.known_by(request, ("stock",), at)
                letters.append(self.new(request, ("stock",), at, stock=request.key))
                continue
            _, counter = self.place(details)
            mine = held[0].details.series, held[0].counter, held[0].details.date
            if mine != (details.series, counter, details.date):
                raise KeyConflict("")
            letters += held
        return tuple(letters)

    @whole
    def draw(self, request: ReservationRequest, at: datetime.datetime) -> Letter:
        check(request)
        same = asked(request, "draw")
        known = self.known_by(request, same, at)
        if known is not None:
            return known
        form, counter = self.place(request.details)
        for place, one in enumerate(self.entries):
            held = one.letter
            here = held.details.series, held.counter, held.details.date
            if not held.stock or held.state is not State.RESERVED:
                continue
            if here != (form.series.code, counter, request.details.date):
                continue
            if form.number(held.sequence, "", request.details) == held.number:
                letter = reserved(request, at, counter, held.sequence, held.number)
                self.change(place, letter, asked=same)
                return letter
        raise NotFound("")

    @whole
    def confirm(self, places: Iterable[int | None], at: datetime.datetime) -> list[Letter]:
        letters = []
        for place in places:
            letter = self.live(place, at)
            if letter.state is State.RESERVED:
                if letter.original_digest or letter.stock:
                    raise InvalidInput("")
                letter = attrs.evolve(letter, state=State.ISSUED, issued_at=at)
                self.change(place, letter)
            letters.append(letter)
        return letters

    @whole
    def issue(
        self, filed: Sequence[tuple[int | None, Filed]], at: datetime.datetime
    ) -> list[Letter]:
        letters = []
        for place, one in filed:
            letter = self.live(place, at)
            if letter.state is State.RESERVED:
                if letter.stock:
                    raise InvalidInput("")
                letter = attrs.evolve(
                    letter,
                    state=State.ISSUED,
                    issued_at=at,
                    filed_digest=one.digest,
                    filed_size=one.size,
                    signer=one.signer,
                )
                self.change(place, letter)
            letters.append(letter)
        return letters

    @whole
    def void(self, place: int | None, reason: str) -> Letter:
        if not reason:
            raise InvalidInput("")
        if place is None:
            raise NotFound("")
        if self.entries[place].letter.state is not State.VOID:
            self.make_void(place, reason)
        return self.entries[place].letter

    @whole
    def expire(self, at: datetime.datetime) -> tuple[Letter, ...]:
        return tuple(
            self.lapse(place) for place, one in enumerate(self.entries) if lapsed(one.letter, at)
        )

    @whole
    def close(
        self, series: str, period: str, *, reason: str, void_held: bool
    ) -> tuple[Letter, ...]:
        if series not in self.series:
            raise NotFound("")
        if (series, period) in self.closed:
            return ()
        held = [
            place
            for place, one in enumerate(self.entries)
            if (one.letter.details.series, one.letter.state) == (series, State.RESERVED)
            and period in periods(one.letter.details)
        ]
        if held and not void_held:
            raise InvalidInput("")
        self.closed.add((series, period))
        self.events += 1
        return tuple(self.make_void(place, f"buku {period} ditutup: {reason}") for place in held)

    @whole
    def reopen(self, series: str, period: str) -> None:
        if series not in self.series:
            raise NotFound("")
        if (series, period) in self.closed:
            self.closed.remove((series, period))
            self.events += 1

    @whole
    def import_legacy(self, series: str, lines: Sequence[LegacyNumber]) -> None:
        """For lines of one counter."""
        if series not in self.series:
            raise NotFound("")
        where = series, lines[0].counter
        first = [one.sequence for one in lines if one.kind is not LegacyKind.REPEAT]
        start = FORMS[series].series.start
        if where in self.last or first != list(range(start, start + len(first))):
            raise InvalidInput("")
        self.legacy[where] = list(lines)
        self.last[where] = first[-1]
        self.events += 1

    def _reserve(self, request: ReservationRequest, at: datetime.datetime) -> Letter:
        check(request)
        same = asked(request)
        return self.known_by(request, same, at) or self.new(request, same, at)
