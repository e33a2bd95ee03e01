"""The way of an application against a model that is written down another way."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sipadek.errors import FieldsMissing, InvalidInput, StepNotPossible
from sipadek.services import default_catalogue
from sipadek.services.application import (
    APPLICANT,
    MACHINE,
    Action,
    Application,
    Stage,
    clock,
)
from sipadek.services.views import STAGE_NAMES, list_row, public_view

CATALOGUE = default_catalogue()
START = datetime.datetime(2026, 11, 23, 1, 0, tzinfo=datetime.UTC)  # Monday, 08.00 WIB
# What the model says: who may do what, in the words of the office, and where it leads.
ENDS = {Stage.HANDED_OVER, Stage.REJECTED, Stage.WITHDRAWN}
_STOP = {"reject": "rejected", "withdraw": "withdrawn"}
WAY = {
    Stage.SUBMITTED: {"check": "checked", "return": "returned", **_STOP},
    Stage.CHECKED: {"draft": "drafted", "return": "returned", **_STOP},
    Stage.RETURNED: {"complete": "submitted", "withdraw": "withdrawn"},
    Stage.DRAFTED: {"sign": "?", "send-back": "checked", **_STOP},
    Stage.PARTLY_SIGNED: {"sign": "?", "reject": "rejected"},
    Stage.SIGNED: {"hand-over": "handed-over"},
}
NEEDS_REASON = {"return", "send-back", "reject"}
POSTS = ["petugas-loket", "kasi-pemerintahan", "lurah", "camat", APPLICANT, "kasi-ekonomi"]


class ApplicationMachine(RuleBasedStateMachine):
    """Any steps by anyone at any time, against a model that counts minutes itself."""

    def __init__(self) -> None:
        super().__init__()
        self.service = CATALOGUE.service("ahli-waris")
        self.now = START
        self.application = Application(id="a", service=self.service.code, unit="KEL-A").after(
            self.service, Action.SUBMIT, post=APPLICANT, at=self.now
        )
        self.signed = 0
        self.returned_minutes = 0
        self.worked_minutes = 0
        self.stopped = False
        self.decided = False

    @rule(minutes=st.integers(1, 2000))
    def time_passes(self, minutes: int) -> None:
        later = self.now + datetime.timedelta(minutes=minutes)
        worked = CATALOGUE.calendar.minutes(self.now, later)
        if self.application.stage is Stage.RETURNED:
            self.returned_minutes += worked
        elif not self.decided:
            self.worked_minutes += worked
        self.now = later

    @rule(action=st.sampled_from(list(Action)), post=st.sampled_from(POSTS), reason=st.booleans())
    def someone_tries(self, action: Action, post: str, reason: bool) -> None:
        before = self.application
        ways = WAY.get(before.stage, {})
        turn = (
            APPLICANT
            if action in ("withdraw", "complete", "submit")
            else before.holder(self.service)
        )
        may = action in ways and post == turn and (reason or action not in NEEDS_REASON)
        letter = f"letter-{self.signed}" if action is Action.SIGN else ""
        told = "Lengkapi berkas." if reason else " "

        def step() -> Application:
            return before.after(
                self.service, action, post=post, at=self.now, reason=told, letter=letter
            )

        if not may:
            with pytest.raises((StepNotPossible, FieldsMissing, InvalidInput)):
                step()
            return
        self.application = step()
        if action is Action.SIGN:
            self.signed += 1
            expected: Any = "signed" if self.signed == 2 else "partly-signed"
        else:
            expected = ways[action]
        assert self.application.stage == expected
        self.decided = self.decided or expected in ("signed", "rejected", "withdrawn")

    @precondition(lambda self: self.application.stage not in ENDS)
    @rule(data=st.data())
    def whose_turn_it_is_goes_on(self, data: st.DataObject) -> None:
        """So that the way to the end is walked as well, and not only refused."""
        action = data.draw(st.sampled_from(sorted(WAY[self.application.stage])))
        post = (
            APPLICANT
            if action in ("withdraw", "complete")
            else self.application.holder(self.service)
        )
        self.someone_tries(Action(action), post, True)

    @invariant()
    def no_step_is_skipped(self) -> None:
        states = ["", *(str(entry.stage) for entry in self.application.history)]
        for earlier, entry in zip(states, self.application.history, strict=False):
            assert entry.stage in MACHINE.transitions[earlier, entry.action].targets

    @invariant()
    def no_letter_without_a_signature_and_none_signed_without_a_letter(self) -> None:
        signings = [e for e in self.application.history if e.action is Action.SIGN]
        assert [e.letter for e in signings] == list(self.application.letters)
        assert len(self.application.letters) == self.signed
        if self.application.stage in (Stage.SIGNED, Stage.HANDED_OVER):
            assert self.signed == 2
            assert [e.post for e in signings] == ["lurah", "camat"]

    @invariant()
    def the_clock_stands_while_the_applicant_has_it(self) -> None:
        time = clock(self.application, self.service, CATALOGUE.calendar, now=self.now)
        assert (time.used, time.paused) == (self.worked_minutes, self.returned_minutes)
        assert time.running == (not self.decided and self.application.stage is not Stage.RETURNED)
        assert (time.decided is not None) == self.decided

    @invariant()
    def the_views_tell_the_same(self) -> None:
        shown = public_view(
            self.application,
            self.service,
            CATALOGUE.calendar,
            unit="Kelurahan A",
            numbers=(),
            now=self.now,
        )
        assert shown.stage == STAGE_NAMES[self.application.stage]
        assert len(shown.steps) == len(self.application.history)
        assert (shown.holder == "") == (self.application.stage in ENDS)
        assert shown.stopped == (self.application.stage is Stage.RETURNED)
        assert shown.fee == "Rp0"
        row = list_row(
            self.application, self.service, CATALOGUE.calendar,
            {"nama": "Siti Contoh", "nik": "1571994101900001"}, now=self.now,
        )  # fmt: skip
        assert row.nik == "************0001"
        assert "1571994101900001" not in repr(row)


TestApplication = ApplicationMachine.TestCase
TestApplication.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def _walked(code: str, *actions: Action) -> Application:
    service = CATALOGUE.service(code)
    application = Application(id="a", service=code, unit="KEL-A")
    for n, action in enumerate((Action.SUBMIT, *actions)):
        post = (
            APPLICANT if action in (Action.SUBMIT, Action.COMPLETE) else application.holder(service)
        )
        application = application.after(
            service, action, post=post, at=START + datetime.timedelta(minutes=5 * n),
            reason="alasan", letter=f"l{n}" if action is Action.SIGN else "",
        )  # fmt: skip
    return application


def test_the_way_of_a_letter_with_two_signatures() -> None:
    service = CATALOGUE.service("ahli-waris")
    way = (Action.CHECK, Action.DRAFT, Action.SIGN)
    half = _walked("ahli-waris", *way)
    assert (half.stage, half.holder(service)) == (Stage.PARTLY_SIGNED, "camat")
    whole = _walked("ahli-waris", *way, Action.SIGN, Action.HAND_OVER)
    assert (whole.stage, whole.holder(service)) == (Stage.HANDED_OVER, "")
    assert whole.letters == ("l3", "l4")


def test_late_is_after_what_was_promised() -> None:
    service = CATALOGUE.service("domisili")  # 15 minutes
    in_time = _walked("domisili", Action.CHECK, Action.DRAFT, Action.SIGN)
    late = _walked(
        "domisili", Action.CHECK, Action.DRAFT, Action.SEND_BACK, Action.DRAFT, Action.SIGN
    )
    far = START + datetime.timedelta(days=9)
    assert not clock(in_time, service, CATALOGUE.calendar, now=far).late
    assert clock(late, service, CATALOGUE.calendar, now=far).late
    waiting = _walked("domisili", Action.CHECK)
    minute = datetime.timedelta(minutes=1)
    assert not clock(waiting, service, CATALOGUE.calendar, now=START + 15 * minute).late
    assert clock(waiting, service, CATALOGUE.calendar, now=START + 16 * minute).late


def test_promised_days() -> None:
    service = CATALOGUE.service("ahli-waris")  # three working days
    waiting = _walked("ahli-waris", Action.CHECK)
    thursday = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)  # 16.00 WIB
    time = clock(waiting, service, CATALOGUE.calendar, now=thursday)
    assert (time.due, time.late) == (thursday, False)
    assert clock(
        waiting, service, CATALOGUE.calendar, now=thursday + datetime.timedelta(seconds=1)
    ).late


def test_what_a_step_must_bring() -> None:
    service = CATALOGUE.service("domisili")
    drafted = _walked("domisili", Action.CHECK, Action.DRAFT)
    later = START + datetime.timedelta(hours=1)
    with pytest.raises(InvalidInput, match="letter"):
        drafted.after(service, Action.SIGN, post="lurah", at=later)
    with pytest.raises(InvalidInput, match="clock"):
        drafted.after(service, Action.SIGN, post="lurah", at=START, letter="l")
    with pytest.raises(InvalidInput, match="clock"):
        drafted.after(service, Action.SIGN, post="lurah", at=later.replace(tzinfo=None), letter="l")
    with pytest.raises(InvalidInput, match="at most 2000"):
        drafted.after(service, Action.SEND_BACK, post="lurah", at=later, reason="x" * 2001)
    with pytest.raises(StepNotPossible, match="lurah"):
        drafted.after(service, Action.SIGN, post="camat", at=later, letter="l")
    with pytest.raises(InvalidInput):
        _ = Application(id="a", service="domisili", unit="KEL-A").stage
