"""The register against a model of a few dictionaries, in any order of calls."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from pathlib import Path

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sql_office import NOW, Office, filed, request

from sipadek.archive import Letter, State
from sipadek.errors import KeyConflict, NotFound, NumberVoid, SeriesConflict
from sipadek.numbering import Series

SERIES = {
    series.code: series
    for series in (
        Series(code="surat", pattern="{nomor:3}/{unit}/{tahun}", scope=("unit",)),
        Series(code="nota", pattern="N-{nomor}", restart="never", start=5),
        Series(code="harian", pattern="{nomor}-{bulan:2}-{tahun}", restart="monthly"),
    )
}
KEYS = [f"key {n}" for n in range(12)]
asked = st.builds(
    request,
    st.sampled_from(KEYS),
    series=st.sampled_from(sorted(SERIES)),
    unit=st.sampled_from(["A", "B"]),
    year=st.sampled_from([2026, 2027]),
    content=st.sampled_from(["x", "y"]),
)


@attrs.define
class Known:
    """What the model holds of one letter."""

    request: object
    letter: Letter
    pages: tuple[str, ...] = ()


class RegisterMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.office = Office(self.folder)
        self.series: set[str] = set()
        self.known: dict[str, Known] = {}
        self.counters: dict[tuple[str, str], int] = {}
        self.events = 0
        self.at = NOW

    def teardown(self) -> None:
        try:
            assert self.office.findings() == []
        finally:
            self.office.close()
            shutil.rmtree(self.folder)

    def now(self) -> datetime.datetime:
        self.at += datetime.timedelta(seconds=1)
        return self.at

    # --- calls ------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.define("surat")

    @rule(code=st.sampled_from(sorted(SERIES)))
    def define(self, code: str) -> None:
        assert self.office.register.define_series(SERIES[code], at=self.now()) == SERIES[code]
        self.events += code not in self.series
        self.series.add(code)

    @rule(code=st.sampled_from(sorted(SERIES)))
    def define_otherwise(self, code: str) -> None:
        if code in self.series:
            with pytest.raises(SeriesConflict):
                self.office.register.define_series(
                    attrs.evolve(SERIES[code], start=99), at=self.now()
                )

    @rule(requests=st.lists(asked, max_size=6))
    def reserve(self, requests: list) -> None:
        at = self.now()
        outcomes = self.office.register.reserve(requests, at=at)
        assert len(outcomes) == len(requests)
        for wanted, outcome in zip(requests, outcomes, strict=True):
            known = self.known.get(wanted.key)
            if known is not None:
                if known.request != wanted:
                    assert isinstance(outcome, KeyConflict)
                elif known.letter.state is State.VOID:
                    assert isinstance(outcome, NumberVoid)
                else:
                    assert outcome == known.letter
                continue
            details = wanted.details
            if details.series not in self.series:
                assert isinstance(outcome, NotFound)
                continue
            assert isinstance(outcome, Letter)
            period = {"surat": f"unit={details.unit};{details.date.year}", "nota": "all"}
            counter = period.get(details.series, f"{details.date:%Y-%m}")
            name = details.series, counter
            last = self.counters.get(name, SERIES[details.series].start - 1)
            assert (outcome.counter, outcome.sequence) == (counter, last + 1)
            assert outcome.state is State.RESERVED
            assert (outcome.details, outcome.key, outcome.reserved_at) == (details, wanted.key, at)
            self.counters[name] = last + 1
            self.known[wanted.key] = Known(wanted, outcome)
            self.events += 1

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def issue(self, data: st.DataObject) -> None:
        keys = data.draw(st.lists(st.sampled_from(sorted(self.known)), min_size=1, max_size=4))
        at = self.now()
        wanted = [filed(self.known[key].letter) for key in keys]
        if any(self.known[key].letter.state is State.VOID for key in keys):
            with pytest.raises(NumberVoid):
                self.office.register.issue(wanted, at=at)
            return
        letters = self.office.register.issue(wanted, at=at)
        for key, one, letter in zip(keys, wanted, letters, strict=True):
            known = self.known[key]
            if known.letter.state is State.RESERVED:
                known.letter = attrs.evolve(
                    known.letter,
                    state=State.ISSUED,
                    filed_digest=one.digest,
                    filed_size=one.size,
                    signer=one.signer,
                    issued_at=at,
                )
                known.pages = one.pages
                self.events += 1
            assert letter == known.letter

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        known = self.known[data.draw(st.sampled_from(sorted(self.known)))]
        letter = self.office.register.void(known.letter.id, reason="batal", at=self.now())
        if known.letter.state is not State.VOID:
            known.letter = attrs.evolve(known.letter, state=State.VOID, void_reason="batal")
            self.events += 1
        assert letter == known.letter

    @rule()
    def reopen(self) -> None:
        self.office.close()
        self.office.open()

    # --- what always holds ------------------------------------------------------------------

    @invariant()
    def every_letter_is_as_the_model_says(self) -> None:
        letters = {letter.key: letter for letter in self.office.register.letters()}
        assert letters == {key: known.letter for key, known in self.known.items()}

    @invariant()
    def every_number_is_accounted_for(self) -> None:
        given: dict[tuple[str, str], list[int]] = {}
        for letter in self.office.register.letters():
            given.setdefault((letter.details.series, letter.counter), []).append(letter.sequence)
        assert set(given) == set(self.counters)
        for name, sequences in given.items():
            start = SERIES[name[0]].start
            assert sequences == list(range(start, self.counters[name] + 1))
        stands = {(c.series, c.counter): c for c in self.office.register.counters()}
        assert {name: stand.last for name, stand in stands.items()} == self.counters
        for name, stand in stands.items():
            states = stand.reserved + stand.issued + stand.void
            assert states == self.counters[name] - stand.start + 1

    @invariant()
    def the_log_grows_by_what_happened(self) -> None:
        assert self.office.register.head().size == self.events


pytestmark = pytest.mark.no_cover  # other tests run every line; here it would only cost time
TestRegisterModel = RegisterMachine.TestCase
TestRegisterModel.settings = settings(stateful_step_count=25)
