"""A machine is a table; acts, folded in order, make a case."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Secrecy
from sipadek.errors import FieldsMissing, InvalidInput, LedgerInconsistent, StepNotPossible
from sipadek.flow import (
    Act,
    Case,
    CaseViewer,
    Command,
    Machine,
    Transition,
    commitment,
    evolve,
    moment_text,
)

AT = datetime.datetime(2026, 11, 3, 2, tzinfo=datetime.UTC)
DOOR = Machine(
    kind="door",
    transitions=(
        Transition(state="", action="make", targets=("shut",), act="door.made",
                   who="anyone", needs=("name",)),
        Transition(state="shut", action="open", targets=("open",), act="door.opened", who="anyone"),
        Transition(state="open", action="shut", targets=("shut",), act="door.shut", who="anyone"),
        Transition(state="open", action="break", targets=("broken",), act="door.broken",
                   who="anyone", reason=True),
    ),
)  # fmt: skip


def command(action: str, **more: object) -> Command:
    return Command(action=action, actor="ani", at=AT, **more)  # type: ignore[arg-type]


def opened(**sets: str) -> Case:
    return evolve(
        None,
        Act(case="c1", kind="door.made", at=AT, actor="ani", state="shut",
            sets={"kind": "door", "unit": "U", **sets}, data={"name": "D"}),
    )  # fmt: skip


def test_the_table_says_what_is_possible() -> None:
    assert DOOR.states == {"shut", "open", "broken"}
    assert DOOR.ends == {"broken"}
    assert DOOR.possible("open") == ("shut", "break")
    with pytest.raises(StepNotPossible) as caught:
        DOOR.step(opened(), command("shut"))
    assert caught.value.fields["possible"] == ("open",)
    assert "Possible are: open" in caught.value.message
    with pytest.raises(StepNotPossible, match="not open yet"):
        DOOR.step(None, command("shut"))
    with pytest.raises(StepNotPossible, match="of the kind window"):
        DOOR.step(opened(kind="window"), command("open"))


def test_what_a_step_lacks_is_named() -> None:
    with pytest.raises(FieldsMissing) as caught:
        DOOR.step(None, command("make", data={"name": " "}))
    assert caught.value.fields["missing"] == ("name",)
    broken = evolve(opened(), Act(case="c1", kind="door.opened", at=AT, actor="ani", state="open"))
    with pytest.raises(FieldsMissing, match="reason"):
        DOOR.step(broken, command("break"))
    assert DOOR.step(broken, command("break", reason="storm")).act == "door.broken"


def test_a_table_with_a_step_twice_is_refused() -> None:
    row = Transition(state="", action="a", targets=("b",), act="x.y", who="anyone")
    with pytest.raises(InvalidInput):
        Machine(kind="k", transitions=(row, row))


def test_an_act_changes_what_it_says_and_nothing_else() -> None:
    case = opened()
    later = evolve(
        case,
        Act(case="c1", kind="door.opened", at=AT + datetime.timedelta(1), actor="budi", state="open",
            sets={"holder": "P", "due_at": moment_text(AT), "secrecy": "R"}, data={"wide": True},
            personal={"nik": "1"}),
    )  # fmt: skip
    assert (later.version, later.state, later.holder, later.due_at) == (2, "open", "P", AT)
    assert later.body == {"name": "D", "wide": True}
    assert (later.secrecy, later.personal) == (Secrecy.RAHASIA, {"nik": "1"})
    assert later.overdue(AT + datetime.timedelta(1))
    assert not later.ended
    assert case.ended
    erased = evolve(
        later, Act(case="c1", kind="personal.erased", at=AT, actor="ani", state="open", personal={})
    )
    assert erased.personal == {}
    assert erased.holder == "P"


@pytest.mark.parametrize(
    ("case", "act"),
    [
        (None, {"sets": {"unit": "U"}}),
        (None, {"sets": {"kind": "door"}}),
        (None, {"sets": {"kind": "door", "unit": "U", "secrecy": "X"}}),
        (opened(), {"sets": {"kind": "door", "unit": "U"}}),
        (opened(), {"case": "c2"}),
        (opened(), {"sets": {"due_at": "tomorrow"}}),
    ],
)
def test_an_act_that_cannot_follow_is_refused(case: Case | None, act: dict[str, object]) -> None:
    values = {"case": "c1", "kind": "door.x", "at": AT, "actor": "ani", "state": "open"} | act
    with pytest.raises(LedgerInconsistent):
        evolve(case, Act(**values))  # type: ignore[arg-type]


def test_an_act_sets_only_what_there_is() -> None:
    with pytest.raises(InvalidInput):
        Act(case="c", kind="a.b", at=AT, actor="x", state="s", sets={"version": "3"})
    with pytest.raises(InvalidInput):
        Act(case="c", kind="a.b", at=AT, actor="x", state="Not a state")
    with pytest.raises(InvalidInput):
        moment_text(datetime.datetime(2026, 1, 1))


@given(st.text(), st.text(), st.binary(min_size=32, max_size=32))
def test_a_commitment_stands_for_one_value(one: str, other: str, salt: bytes) -> None:
    same = commitment({"nik": one}, salt) == commitment({"nik": other}, salt)
    assert same == (one == other)


@given(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3))
def test_a_fingerprint_tells_commands_apart(action: str, reason: str, post: str) -> None:
    one, other = (
        command(action, reason=reason, post=post),
        command(reason, reason=action, post=post),
    )
    assert (one.fingerprint() == other.fingerprint()) == (action == reason)
    later = Command(
        action=action,
        actor="ani",
        at=AT + datetime.timedelta(3),
        reason=reason,
        post=post,
        version=4,
    )
    assert later.fingerprint() == one.fingerprint()


def test_who_may_see_a_case() -> None:
    case = evolve(opened(), Act(case="c1", kind="a.b", at=AT, actor="x", state="open",
                                sets={"secrecy": "T", "holder": "P"}))  # fmt: skip
    cleared = Secrecy.TERBATAS
    assert not CaseViewer(units=None).may_see(case, acted=True)
    assert CaseViewer(units=None, clearance=cleared).may_see(case, acted=False)
    assert CaseViewer(units=frozenset(), clearance=cleared).may_see(case, acted=True)
    assert not CaseViewer(units=frozenset({"V"}), clearance=cleared).may_see(case, acted=False)
    assert CaseViewer(units=frozenset(), posts={"P"}, clearance=cleared).may_see(case, acted=False)
