"""A register and its model side by side: how their answers are compared, and what always holds."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import tempfile
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant
from numbers_desk import Desk
from numbers_forms import FORMS
from numbers_host import Host
from numbers_operations import Operations

from sipadek.archive import LegacyKind, Letter, LetterDetails, ReservationRequest, Secrecy, State
from sipadek.errors import SeriesConflict, SipadekError
from sipadek.sql import schema

# New Year in Jayapura and Makassar already, not yet in Jakarta and in UTC.
START = datetime.datetime(2026, 12, 31, 16, 30, tzinfo=datetime.UTC)
ZONES = [
    zoneinfo.ZoneInfo(name)
    for name in ("UTC", "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "America/Lima")
]
FORWARD = list(State)
SHAPE = schema.wanted_shape()  # Made once: it never differs, and making it takes half of the time.


FLAWS: dict[str, dict[str, Any]] = {
    "no key": {"key": ""},
    "no digest": {"content": "short", "size": 5},
    "no lease": {"lease": datetime.timedelta(0)},
    "too long for an event": {"subject": "x" * 2**20},
    "no such series": {"series": "lain"},
    "no such unit": {"unit": "A/B", "classification": ""},
}
"""What is wrong with a request."""

CHANGES: dict[str, Callable[[ReservationRequest], Any]] = {
    "subject": lambda one: one.details.subject + "!",
    "unit": lambda one: "A" if one.details.unit != "A" else "B;2026",
    "classification": lambda one: one.details.classification + "2",
    "kind": lambda one: one.details.kind + "x",
    "post": lambda one: one.details.post + "x",
    "date": lambda one: one.details.date + datetime.timedelta(days=1),
    "secrecy": lambda one: Secrecy.RAHASIA,
    "size": lambda one: one.size + 1 if one.content else 0,
    "actor": lambda one: one.actor + "!",
}
"""What is another request with the same key; all but the last ask for something else."""


@attrs.frozen
class Ask:
    """A request whose date is told from the day of the operation; or a repeat of an earlier one."""

    repeat: int | None
    change: str | None
    flaw: str | None
    key: str
    series: str
    days: int
    unit: str
    code: str
    subject: str
    content: str
    lease: datetime.timedelta | None
    actor: str
    date: datetime.date | None = None

    def like(self, details: LetterDetails) -> Ask:
        """The same for another letter of that counter and date."""
        return attrs.evolve(
            self,
            series=details.series,
            date=details.date,
            unit=details.unit,
            code=details.classification if self.days == 0 else self.code,
        )


class SideBySide(RuleBasedStateMachine):
    desks: type[Desk] | type[Host] = Desk

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.desk = self.desks(self.folder)
        self.book = Operations()
        self.clock = START
        self.zone = ZONES[0]
        self.asked: list[ReservationRequest] = []
        self.calls: list[tuple[Callable[[], Any], Callable[[], Any]]] = []
        self.letters: list[Letter] = []
        self.before: list[Letter] = []
        self.checkpoints: list[str] = []
        self.written = False  # Since the file was opened.
        self.checked = True

        self.patches = contextlib.ExitStack()
        self.patches.enter_context(mock.patch.object(schema, "wanted_shape", return_value=SHAPE))

    def teardown(self) -> None:
        self.patches.close()
        for code, series in self.book.series.items():
            with pytest.raises(SeriesConflict):
                self.register.define_series(attrs.evolve(series, start=99), at=self.at)
            assert self.register.series(code) == series
        self.desk.close()
        shutil.rmtree(self.folder)

    # --- how an operation is compared -------------------------------------------------------

    @property
    def register(self) -> Any:
        return self.desk.register

    @property
    def at(self) -> datetime.datetime:
        return self.clock.astimezone(self.zone)

    def both(self, fault: str | None, real: Callable[[], Any], model: Callable[[], Any]) -> None:
        """The register and the book give the same, or refuse for the same reason; where the fault
        hits, nothing has happened, which the invariants see."""
        self.written, self.checked = True, False
        self.calls.append((real, model))
        faults = self.desk.faults
        for _ in range(2 if fault == "reply lost" else 1):
            with self.desk.planted(fault if fault in faults else None) as plant:
                try:
                    got = real()
                except (SipadekError, *faults.values()) as error:
                    got = type(error)
            if plant.hit:
                assert got is faults[str(fault)]
                return
            self.letters = list(self.register.letters())
            try:
                wanted = model()
            except SipadekError as error:
                wanted = type(error)
            assert self.seen(got) == wanted

    def seen(self, outcome: Any) -> Any:
        """What a call gave, as the book has it."""
        if isinstance(outcome, list | tuple):
            return type(outcome)(map(self.seen, outcome))
        if isinstance(outcome, SipadekError):
            return type(outcome)
        if not isinstance(outcome, Letter):
            return outcome
        ids = [letter.id for letter in self.letters]
        assert outcome.id in ids
        paper = str(ids.index(outcome.paper)) if outcome.paper else ""
        return attrs.evolve(outcome, id="", paper=paper)

    def request(self, ask: Ask, **more: Any) -> ReservationRequest:
        if ask.repeat is not None and ask.repeat < len(self.asked):
            request = attrs.evolve(self.asked[-1 - ask.repeat], **more)
            return request if ask.change is None else changed(request, ask.change)
        form = FORMS[ask.series]
        today = form.series.local_date(self.at)
        assert today == form.local(self.clock)
        details = {
            "series": ask.series,
            "subject": ask.subject,
            "date": ask.date or today + datetime.timedelta(days=ask.days),
            "unit": ask.unit,
            "classification": ask.code,
        }
        about = {
            "key": ask.key,
            "content": ask.content,
            "size": len(ask.content),
            "lease": ask.lease,
            "actor": ask.actor,
        }
        for name, value in FLAWS.get(ask.flaw or "", {}).items():
            (details if name in details else about)[name] = value
        request = ReservationRequest(details=LetterDetails(**details), **about | more)
        self.asked.append(request)
        return request

    def place(self, number: int) -> tuple[int | None, str]:
        """An entry's place and id, 0 for the newest; now and then of none."""
        if number == 77 or not self.letters:
            return None, "none"
        place = -1 - number % len(self.letters)
        return len(self.letters) + place, self.letters[place].id

    # --- what always holds ------------------------------------------------------------------

    @invariant()
    def the_letters_are_those_of_the_book(self) -> None:
        self.letters = list(self.register.letters())
        assert self.seen(self.letters) == [one.letter for one in self.book.entries]

    @invariant()
    def nothing_goes_back(self) -> None:
        letters = list(self.register.letters())
        assert len(letters) >= len(self.before)
        for old, new in zip(self.before, letters, strict=False):
            assert (new.id, new.number, new.sequence) == (old.id, old.number, old.sequence)
            assert new.key == old.key or old.stock
            assert FORWARD.index(new.state) >= FORWARD.index(old.state)
        self.before = letters

    @invariant()
    def every_number_is_accounted_for_once(self) -> None:
        accounts = {(one.series, one.counter): one for one in self.register.accounts()}
        assert set(accounts) == set(self.book.last)
        given: dict[tuple[str, str], list[int]] = {where: [] for where in accounts}
        for letter in self.register.letters():
            if not letter.insertion:
                given[letter.details.series, letter.counter].append(letter.sequence)
        for where, account in accounts.items():
            assert account.missing == ()
            older = account.legacy + len(account.holes)
            assert given[where] == list(range(account.start + older, account.last + 1))
            told = (account.void, account.held, account.inserted, account.holes, account.repeats)
            void, held, inserted, holes, repeats = ([one.number for one in many] for many in told)
            assert self.book.account(where) == (
                account.start, account.last, account.issued, void, held, inserted,
                account.legacy, holes, repeats,
            )  # fmt: skip
        assert {(c.series, c.counter): c.last for c in self.register.counters()} == self.book.last

    @invariant()
    def no_number_comes_twice(self) -> None:
        for code, form in FORMS.items():
            texts = [
                (one.counter if form.series.repeats else "", one.number)
                for one in [
                    *(one for one in self.letters if one.details.series == code),
                    *(
                        one
                        for where, lines in self.book.legacy.items()
                        for one in lines
                        if where[0] == code and one.kind is LegacyKind.NUMBER
                    ),
                ]
            ]
            assert len(set(texts)) == len(texts)

    @invariant()
    def the_log_only_grows_and_proves_it(self) -> None:
        head = self.register.head()
        assert head.size == self.book.events
        if head.checkpoint not in self.checkpoints:
            self.checkpoints.append(head.checkpoint)
        if self.checked:
            return
        findings = [*self.register.verify_history(known=self.checkpoints)]
        assert [*findings, *self.register.check_index()] == []
        self.checked = True


def changed(request: ReservationRequest, name: str) -> ReservationRequest:
    value = CHANGES[name](request)
    if hasattr(request, name):
        return attrs.evolve(request, **{name: value})
    return attrs.evolve(request, details=attrs.evolve(request.details, **{name: value}))
