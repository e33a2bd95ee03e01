"""All operations of numbers against a model, in any order: with failing requests, broken
transactions, killed processes, and a clock that goes over the end of the year in three zones.

The model is ``numbers_operations``; ``numbers_machine`` compares, ``numbers_desk`` breaks.
"""

from __future__ import annotations

import datetime
import functools

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from numbers_forms import FORMS
from numbers_host import Host
from numbers_machine import CHANGES, FLAWS, ZONES, Ask, SideBySide
from sql_office import digest_of

from sipadek.archive import Filed, LegacyKind, LegacyNumber, State

HOUR = datetime.timedelta(hours=1)
STEPS = [HOUR / 2, HOUR, 2 * HOUR, 20 * HOUR, 24 * HOUR, 31 * 24 * HOUR, -HOUR]

codes = st.sampled_from(sorted(FORMS))
asks = st.builds(
    Ask,
    repeat=st.sampled_from([*[None] * 10, 0, 1, 2, 3, 5, 9]),
    change=st.sampled_from([*[None] * 12, *CHANGES]),
    flaw=st.sampled_from([*[None] * 24, *FLAWS]),
    key=st.integers(0, 400).map("key {}".format),
    series=st.sampled_from([*FORMS, "agenda", "agenda", "nota"]),
    days=st.sampled_from([0, 0, 0, 0, -1, 1, -31, 31]),
    unit=st.sampled_from(["A", "A", "B;2026"]),
    code=st.sampled_from(["K", "K", "L"]),
    subject=st.sampled_from(["Undangan", "Laporan"]),
    content=st.sampled_from(["", "", digest_of("x")]),
    lease=st.sampled_from([None, None, HOUR, 20 * HOUR]),
    actor=st.sampled_from(["Sekretaris", "Camat"]),
)
faults = st.sampled_from([*[None] * 21, "reply lost", *Host.faults])
places = st.integers(0, 99)
chosen = st.lists(places, min_size=1, max_size=3)
steps = st.sampled_from([0 * HOUR, 0 * HOUR, HOUR, 20 * HOUR])


class NumbersMachine(SideBySide):
    # --- giving numbers ---------------------------------------------------------------------

    @initialize(later=st.sampled_from([None, None, None, *sorted(FORMS)]))
    def begin(self, later: str | None) -> None:
        for code in FORMS:
            if code != later:
                self.define(code, None)

    @precondition(lambda self: len(self.book.series) < len(FORMS))
    @rule(code=codes, fault=faults)
    def define(self, code: str, fault: str | None) -> None:
        series = FORMS[code].series
        self.both(
            fault,
            lambda: self.register.define_series(series, at=self.at),
            lambda: self.book.define(series),
        )

    @rule(asks=st.lists(asks, min_size=1, max_size=5), fault=faults)
    def reserve(self, asks: list[Ask], fault: str | None) -> None:
        requests = [self.request(ask) for ask in asks]
        self.both(
            fault,
            lambda: self.register.reserve(requests, at=self.at),
            lambda: self.book.reserve(requests, self.clock),
        )

    @rule(asks=st.lists(asks, min_size=1, max_size=3), fault=faults)
    def give(self, asks: list[Ask], fault: str | None) -> None:
        requests = [self.request(ask, content="", size=0, lease=None) for ask in asks]
        self.both(
            fault,
            lambda: self.register.give(requests, at=self.at),
            lambda: self.book.give(requests, self.clock),
        )

    @rule(
        asks=st.lists(asks, min_size=2, max_size=3),
        same_key=st.sampled_from([False] * 9 + [True]),
        fault=faults,
    )
    def reserve_paper(self, asks: list[Ask], same_key: bool, fault: str | None) -> None:
        requests = []
        for ask in asks:
            request = self.request(ask)
            if not same_key and request.key in {one.key for one in requests}:
                request = self.request(ask, key=f"{request.key} {len(requests)}")
            requests.append(request)
        if same_key:
            requests = [attrs.evolve(one, key=requests[0].key) for one in requests]
        self.both(
            fault,
            lambda: self.register.reserve_paper(requests, at=self.at),
            lambda: self.book.paper(requests, self.clock),
        )

    @rule(
        ask=asks,
        reason=st.sampled_from([*["susulan"] * 9, "lain", ""]),
        near=places,
        parent=st.sampled_from(
            ["by date", "by date", "by date", "by number", "by id", "elsewhere"]
        ),
        fault=faults,
    )
    def insert(self, ask: Ask, reason: str, near: int, parent: str, fault: str | None) -> None:
        if not self.letters:
            self.give([attrs.evolve(ask, key="first")], None)
        place, id_ = self.place(near)
        if place is not None and parent != "elsewhere":
            ask = ask.like(self.letters[place].details)
        name, parents = None, lambda: [] if place is None else [place]
        if parent == "by number" and place is not None:
            name = self.letters[place].number
            parents = functools.partial(self.book.numbered, name)
        elif parent != "by date":
            name = id_
        request = self.request(ask)
        self.both(
            fault,
            lambda: self.register.insert(request, reason=reason, after=name, at=self.at),
            lambda: self.book.insert(
                request, self.clock, reason=reason, after=name, parents=parents()
            ),
        )

    @rule(
        ask=asks,
        count=st.sampled_from([1, 1, 2, 2, 3, 3, 3, 0]),
        key=st.sampled_from(["s", "t", "u"]),
        fault=faults,
    )
    def stock(self, ask: Ask, count: int, key: str, fault: str | None) -> None:
        request = self.request(ask)
        self.both(
            fault,
            lambda: self.register.stock(
                request.details, count, key=key, actor="Tata usaha", at=self.at
            ),
            lambda: self.book.stock(
                request.details, count, self.clock, key=key, actor="Tata usaha"
            ),
        )

    @rule(ask=asks, like=places, fault=faults)
    def draw(self, ask: Ask, like: int, fault: str | None) -> None:
        if not any(one.stock for one in self.book.entries):
            self.stock(ask, 2, "s", None)
        held = [one.letter.details for one in self.book.entries if one.letter.stock]
        if held and like % 8:
            ask = ask.like(held[like % len(held)])
            if like % 8 == 1 and ask.date is not None:
                ask = attrs.evolve(ask, date=ask.date + datetime.timedelta(days=1))
        request = self.request(ask)
        self.both(
            fault,
            lambda: self.register.draw(request, at=self.at),
            lambda: self.book.draw(request, self.clock),
        )

    @precondition(lambda self: any(one.stock for one in self.book.entries))
    @rule(ask=asks, fault=faults)
    def reserve_with_the_key_of_a_stock(self, ask: Ask, fault: str | None) -> None:
        key = next(one.stock for one in self.book.entries if one.stock)
        request = self.request(attrs.evolve(ask, repeat=None, flaw=None), key=key)
        self.both(
            fault,
            lambda: self.register.reserve([request], at=self.at),
            lambda: self.book.reserve([request], self.clock),
        )

    # --- what becomes of them ---------------------------------------------------------------

    @precondition(lambda self: self.letters)
    @rule(numbers=chosen, step=steps, fault=faults)
    def confirm(self, numbers: list[int], step: datetime.timedelta, fault: str | None) -> None:
        self.clock += step
        found = [self.place(number) for number in numbers]
        self.both(
            fault,
            lambda: self.register.confirm([id_ for _, id_ in found], at=self.at),
            lambda: self.book.confirm([place for place, _ in found], self.clock),
        )

    @precondition(lambda self: self.letters and self.desk.files)
    @rule(numbers=chosen, text=st.sampled_from(["", "isi"]), fault=faults)
    def issue(self, numbers: list[int], text: str, fault: str | None) -> None:
        found = [self.place(number) for number in numbers]
        filed = [
            Filed(
                letter=id_,
                digest=digest_of(id_),
                size=len(id_),
                signer="CN=Lurah",
                pages=(text, text),
                extractor="none",
            )
            for _, id_ in found
        ]
        self.both(
            fault,
            lambda: self.register.issue(filed, at=self.at),
            lambda: self.book.issue(
                [(place, one) for (place, _), one in zip(found, filed, strict=True)], self.clock
            ),
        )

    @precondition(lambda self: self.letters)
    @rule(number=places, reason=st.sampled_from([*["salah"] * 5, "batal", ""]), fault=faults)
    def void(self, number: int, reason: str, fault: str | None) -> None:
        place, id_ = self.place(number)
        self.both(
            fault,
            lambda: self.register.void(id_, reason=reason, actor="Sekretaris", at=self.at),
            lambda: self.book.void(place, reason),
        )

    @rule(step=steps, fault=faults)
    def expire(self, step: datetime.timedelta, fault: str | None) -> None:
        self.clock += step
        self.both(
            fault, lambda: self.register.expire(at=self.at), lambda: self.book.expire(self.clock)
        )

    @precondition(lambda self: self.leases())
    @rule(number=places, late=st.booleans(), swept=st.booleans(), fault=faults)
    def a_lease_ends(self, number: int, late: bool, swept: bool, fault: str | None) -> None:
        """To the moment, and the letter is confirmed then, swept away or not."""
        ends = self.leases()
        place, end = ends[number % len(ends)]
        self.clock = end if late else end - datetime.timedelta.resolution
        if swept:
            self.expire(0 * HOUR, fault)
        else:
            self.confirm([len(self.letters) - 1 - place], 0 * HOUR, fault)

    def leases(self) -> list[tuple[int, datetime.datetime]]:
        return [
            (place, one.expires_at)
            for place, one in enumerate(self.letters)
            if one.state is State.RESERVED and one.expires_at is not None
        ]

    # --- periods, older books ---------------------------------------------------------------

    @rule(code=codes, near=places, month=st.booleans(), void_held=st.booleans(), fault=faults)
    def close_period(
        self, code: str, near: int, month: bool, void_held: bool, fault: str | None
    ) -> None:
        date = FORMS[code].local(self.clock)
        if self.letters and near % 5 != 4:
            details = self.letters[near % len(self.letters)].details
            code, date = details.series, details.date
        period = f"{date:%Y-%m}" if month else f"{date:%Y}"
        self.both(
            fault,
            lambda: self.register.close_period(
                code, period, reason="akhir", actor="S", at=self.at, void_held=void_held
            ),
            lambda: self.book.close(code, period, reason="akhir", void_held=void_held),
        )

    @precondition(lambda self: self.book.closed)
    @rule(number=places, fault=faults)
    def reopen_period(self, number: int, fault: str | None) -> None:
        closed = sorted(self.book.closed)
        series, period = closed[number % len(closed)]
        self.both(
            fault,
            lambda: self.register.reopen_period(
                series, period, reason="koreksi", actor="S", at=self.at
            ),
            lambda: self.book.reopen(series, period),
        )

    @rule(
        ask=asks,
        kinds=st.lists(st.sampled_from([*LegacyKind, LegacyKind.NUMBER]), min_size=1, max_size=5),
        missing=st.sampled_from([False, False, False, True]),
        fault=faults,
    )
    def import_legacy(
        self, ask: Ask, kinds: list[LegacyKind], missing: bool, fault: str | None
    ) -> None:
        form = FORMS[ask.series]
        details = self.request(attrs.evolve(ask, repeat=None, flaw=None)).details
        lines: list[LegacyNumber] = []
        sequence = form.series.start - 1 + missing
        for line, kind in enumerate(kinds, 1):
            if kind is not LegacyKind.REPEAT or not lines or lines[-1].kind is LegacyKind.HOLE:
                kind = LegacyKind.NUMBER if kind is LegacyKind.REPEAT else kind  # noqa: PLW2901
                sequence += 1
            lines.append(
                LegacyNumber(
                    counter=form.counter(details),
                    sequence=sequence,
                    line=line,
                    kind=kind,
                    number="" if kind is LegacyKind.HOLE else form.number(sequence, "", details),
                    explanation="" if kind is LegacyKind.NUMBER else "tidak diketahui",
                )
            )
        self.both(
            fault,
            lambda: self.register.import_legacy(
                form.series.code, lines, source="buku", actor="T", at=self.at
            ),
            lambda: self.book.import_legacy(form.series.code, lines),
        )

    # --- what is asked again, whatever became of it ------------------------------------------

    @precondition(lambda self: self.calls)
    @rule(number=places, fault=faults)
    def again(self, number: int, fault: str | None) -> None:
        real, model = self.calls[-1 - number % min(len(self.calls), 15)]
        self.both(fault, real, model)

    # --- the world --------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS), zone=st.sampled_from(ZONES))
    def time_passes(self, step: datetime.timedelta, zone: datetime.tzinfo) -> None:
        self.clock += step
        self.zone = zone

    @precondition(lambda self: self.written)
    @rule(killed=st.booleans())
    def another_process_goes_on(self, killed: bool) -> None:
        self.desk.go_on(self.desk.killed() if killed else self.desk.path)
        self.written, self.checked = False, False


class HostMachine(NumbersMachine):
    """The same in the transactions of a host."""

    desks = Host


pytestmark = pytest.mark.no_cover  # other tests run every line; here it would only cost time
TestNumbersModel = NumbersMachine.TestCase
TestNumbersModel.settings = settings(stateful_step_count=40, derandomize=True)
TestHostModel = HostMachine.TestCase
TestHostModel.settings = TestNumbersModel.settings
