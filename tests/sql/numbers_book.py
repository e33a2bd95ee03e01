"""The state of the model: what is known of every number, in plain dictionaries and lists."""

from __future__ import annotations

import datetime
from typing import Any

import attrs
from numbers_forms import FORMS, Form, periods

from sipadek.archive import (
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
    NumberVoid,
    PeriodClosed,
)
from sipadek.numbering import Series


@attrs.frozen
class Known:
    """An entry: the letter (without its id; ``paper`` is the place of the paper's first letter),
    what a repeat of its key must ask for, and the key it was put in stock with."""

    letter: Letter
    asked: tuple[Any, ...]
    stock: str = ""


class Book:
    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self.entries: list[Known] = []  # In the order of their numbers' giving.
        self.last: dict[tuple[str, str], int] = {}
        self.closed: set[tuple[str, str]] = set()
        self.legacy: dict[tuple[str, str], list[LegacyNumber]] = {}
        self.events = 0

    def find(self, key: str) -> int | None:
        return next((n for n, one in enumerate(self.entries) if one.letter.key == key), None)

    def numbered(self, number: str) -> list[int]:
        return [n for n, one in enumerate(self.entries) if one.letter.number == number]

    def known_by(
        self, request: ReservationRequest, asked: tuple[Any, ...], at: datetime.datetime
    ) -> Letter | None:
        place = self.find(request.key)
        if place is None:
            return None
        if lapsed(self.entries[place].letter, at):
            self.lapse(place)
        if self.entries[place].asked != asked:
            raise KeyConflict("")
        if self.entries[place].letter.state is State.VOID:
            raise NumberVoid("")
        return self.entries[place].letter

    def place(self, details: LetterDetails) -> tuple[Form, str]:
        if details.series not in self.series:
            raise NotFound("")
        form = FORMS[details.series]
        if any("/" in getattr(details, name) or not getattr(details, name) for name in form.told):
            raise InvalidNumber("")
        if any((details.series, period) in self.closed for period in periods(details)):
            raise PeriodClosed("")
        return form, form.counter(details)

    def new(
        self,
        request: ReservationRequest,
        asked: tuple[Any, ...],
        at: datetime.datetime,
        *,
        stock: str = "",
        paper: str = "",
    ) -> Letter:
        form, counter = self.place(request.details)
        where = form.series.code, counter
        sequence = self.last.get(where, form.series.start - 1) + 1
        letter = reserved(
            request, at, counter, sequence, form.number(sequence, "", request.details)
        )
        self.last[where] = sequence
        return self.add(Known(attrs.evolve(letter, stock=bool(stock), paper=paper), asked, stock))

    def add(self, known: Known) -> Letter:
        self.entries.append(known)
        self.events += 1
        return known.letter

    def change(self, place: int, letter: Letter, **more: Any) -> None:
        self.entries[place] = attrs.evolve(self.entries[place], letter=letter, **more)
        self.events += 1

    def make_void(self, place: int, reason: str) -> Letter:
        letter = self.entries[place].letter
        letter = attrs.evolve(letter, state=State.VOID, void_reason=reason)
        self.change(place, letter)
        return letter

    def lapse(self, place: int) -> Letter:
        end = self.entries[place].letter.expires_at
        return self.make_void(place, f"masa pesan berakhir pada {end:%Y-%m-%dT%H:%M:%S.%fZ}")

    def live(self, place: int | None, at: datetime.datetime) -> Letter:
        if place is None:
            raise NotFound("")
        letter = self.entries[place].letter
        if letter.state is State.VOID or lapsed(letter, at):
            raise NumberVoid("")
        return letter

    def of_counter(self, series: str, counter: str) -> list[Known]:
        return [
            one
            for one in self.entries
            if (one.letter.details.series, one.letter.counter) == (series, counter)
        ]

    def account(self, where: tuple[str, str]) -> tuple[Any, ...]:
        """What ``accounts`` must tell of a counter."""
        there = sorted(
            self.of_counter(*where), key=lambda one: (one.letter.sequence, one.letter.insertion)
        )
        entries = [one.letter for one in there]
        book = sorted(self.legacy.get(where, []), key=lambda one: (one.sequence, one.line))
        return (
            FORMS[where[0]].series.start,
            self.last[where],
            sum(one.state is State.ISSUED and not one.insertion for one in entries),
            [one.number for one in entries if one.state is State.VOID],
            [one.number for one in entries if one.state is State.RESERVED],
            [one.number for one in entries if one.insertion],
            sum(one.kind is LegacyKind.NUMBER for one in book),
            [str(one.sequence) for one in book if one.kind is LegacyKind.HOLE],
            [one.number for one in book if one.kind is LegacyKind.REPEAT],
        )


def check(request: ReservationRequest) -> None:
    if not request.key or (request.lease is not None and request.lease <= datetime.timedelta(0)):
        raise InvalidInput("")
    if request.content and len(request.content) != 64:
        raise InvalidInput("")


def asked(request: ReservationRequest, *more: str) -> tuple[Any, ...]:
    return (request.details, request.content, request.size, *more)


def lapsed(letter: Letter, at: datetime.datetime) -> bool:
    end = letter.expires_at
    return letter.state is State.RESERVED and end is not None and end <= at


def reserved(
    request: ReservationRequest, at: datetime.datetime, counter: str, sequence: int, number: str
) -> Letter:
    if len(request.details.subject) >= 2**20:
        raise InvalidInput("")
    return Letter(
        id="",
        number=number,
        sequence=sequence,
        counter=counter,
        state=State.RESERVED,
        details=request.details,
        key=request.key,
        original_digest=request.content,
        original_size=request.size,
        reserved_at=at,
        actor=request.actor,
        expires_at=None if request.lease is None else at + request.lease,
    )
