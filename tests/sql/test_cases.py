"""Cases in the register: one transaction a step, every act an event, nothing seen that may not be."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_office import NOW, Office

from sipadek.archive import Secrecy
from sipadek.errors import (
    CaseChanged,
    DamagedRegister,
    InvalidInput,
    KeyConflict,
    NotFound,
    StepNotPossible,
)
from sipadek.flow import Act, Case, CaseViewer, Command, Situation, moment_text
from sipadek.sql import Cases, Listing

ALL = CaseViewer(units=None, clearance=Secrecy.SANGAT_RAHASIA)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def step(
    cases: Cases,
    case: str = "",
    *,
    at: datetime.datetime = NOW,
    actor: str = "ani",
    state: str = "open",
    reason: str = "",
    key: str = "",
    version: int | None = None,
    personal: dict[str, str] | None = None,
    children: int = 0,
    data: dict[str, str] | None = None,
    **sets: str,
) -> Case:
    """Open a case, or act on one, with no more rules than the register's own."""
    wanted = {"data": {"n": "1"} if data is None else data}
    command = Command(
        action=state, actor=actor, at=at, case=case, key=key, version=version, reason=reason,
        personal=personal, **wanted,  # type: ignore[arg-type]
    )  # fmt: skip

    def decide(situation: Situation) -> Sequence[Act]:
        id_ = case or situation.new_id()
        own = sets if case else {"kind": "test", "unit": "U", "holder": "P"} | sets
        acts = [
            Act(case=id_, kind="case.stepped", at=at, actor=actor, state=state, reason=reason,
                sets=own, personal=personal, **wanted),  # type: ignore[arg-type]
        ]  # fmt: skip
        acts += [
            Act(case=situation.new_id(), kind="case.opened", at=at, actor=actor, state="open",
                sets={"kind": "child", "unit": "U", "holder": "Q", "parent": id_})
            for _ in range(children)
        ]  # fmt: skip
        return acts

    return cases.record(command, decide)


def test_a_case_and_its_children_are_opened_in_one_transaction(office: Office) -> None:
    cases = office.register.cases
    case = step(cases, children=2, reason="permintaan warga")
    assert (case.version, case.state, case.holder) == (1, "open", "P")
    found = cases.list(ALL, Listing(parent=case.id))
    assert [one.holder for one in found.cases] == ["Q", "Q"]
    (first,) = cases.timeline(case.id, ALL)
    assert (first.kind, first.actor, first.reason) == ("case.stepped", "ani", "permintaan warga")
    assert office.findings() == []
    office.close()
    office.open()
    assert office.register.cases.get(case.id, ALL) == case


def test_a_repeated_command_is_done_once(office: Office) -> None:
    cases = office.register.cases
    case = step(cases, key="a")
    again = step(cases, key="a", at=NOW + datetime.timedelta(1))
    assert again == case
    assert cases.find_key("a") == case
    assert cases.find_key("b") is None
    with pytest.raises(KeyConflict):
        step(cases, key="a", state="other")
    later = step(cases, case.id, key="b", state="done", holder="")
    assert step(cases, key="a") == later, "a retry gives the case as it stands"
    assert cases.list(ALL, Listing()).total == 1


def test_two_people_at_once_one_gets_a_conflict(office: Office) -> None:
    cases = office.register.cases
    case = step(cases)
    step(cases, case.id, actor="ani", version=1, state="taken")
    with pytest.raises(CaseChanged) as caught:
        step(cases, case.id, actor="budi", version=1, state="taken")
    assert caught.value.fields["version"] == 2
    assert len(cases.timeline(case.id, ALL)) == 2


def test_a_step_that_raises_leaves_nothing(office: Office) -> None:
    cases = office.register.cases
    case = step(cases)
    size = office.register.event_count()

    def refuse(_: Situation) -> Sequence[Act]:
        raise StepNotPossible("no", possible=())

    with pytest.raises(StepNotPossible):
        cases.record(Command(action="x", actor="ani", at=NOW, case=case.id), refuse)
    with pytest.raises(NotFound):
        step(cases, "a" * 26)
    assert office.register.event_count() == size
    assert cases.get(case.id, ALL) == case


def test_the_personal_part_can_be_erased_and_all_still_verifies(office: Office) -> None:
    nik = "1571010101900001"
    cases = office.register.cases
    case = step(cases, personal={"nik": nik, "nama": "Ani Contoh"})
    step(cases, case.id, state="checked")
    assert cases.get(case.id, ALL).personal["nik"] == nik
    assert cases.list(ALL, Listing()).cases[0].personal == {}
    assert all(nik.encode() not in body for body in office.register.events())
    assert office.findings() == []
    for lacking in ({"reason": " "}, {"actor": ""}, {"case": ""}, {"case": "a" * 26}):
        told = {"case": case.id, "actor": "ani", "reason": "masa simpan habis"} | lacking
        with pytest.raises((InvalidInput, NotFound)):
            cases.erase(Command(action="erase", at=NOW, **told))
    erased = cases.erase(
        Command(action="erase", actor="ani", at=NOW, case=case.id, reason="masa simpan habis")
    )
    assert (erased.state, erased.personal) == ("checked", {})
    assert cases.timeline(case.id, ALL)[-1].kind == "personal.erased"
    assert cases.get(case.id, ALL) == erased
    assert office.findings() == []
    office.close()
    for file in office.folder.glob("register.sqlite*"):
        assert nik.encode() not in file.read_bytes(), file
    office.open()
    assert office.findings() == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE sipadek_case SET state = 'done'", "case-differs"),
        ("UPDATE sipadek_case SET holder = 'Z'", "case-differs"),
        ('UPDATE sipadek_case SET body = \'{"n":"2"}\'', "case-differs"),
        ('UPDATE sipadek_case SET personal = \'{"nik":"2"}\'', "case-differs"),
        ("UPDATE sipadek_case SET personal = '', salt = ''", "case-differs"),
        ("UPDATE sipadek_case SET salt = 'zz'", "case-differs"),
        ("UPDATE sipadek_case SET secrecy = 'SR', secrecy_rank = 3", "case-differs"),
        ("UPDATE sipadek_case SET position = 7", "case-misplaced"),
        ("DELETE FROM sipadek_case", "case-missing"),
        ("DELETE FROM sipadek_act WHERE version = 2", "case-missing"),
        ("DELETE FROM sipadek_act", "case-unrecorded"),
        ("UPDATE sipadek_act SET actor = 'budi' WHERE version = 1", "case-unreadable"),
        ("UPDATE sipadek_act SET key = 'other' WHERE version = 1", "case-unreadable"),
        ("UPDATE sipadek_act SET version = version + 1 WHERE version = 2", "case-unreadable"),
        ("DROP TABLE sipadek_act", "schema-altered"),
    ],
)
def test_the_audit_names_what_was_altered(office: Office, statement: str, code: str) -> None:
    case = step(office.register.cases, personal={"nik": "1"}, key="k")
    step(office.register.cases, case.id)
    with contextlib.closing(sqlite3.connect(office.path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        if statement.startswith("DELETE FROM sipadek_case"):
            connection.execute("DELETE FROM sipadek_act")
        connection.execute(statement)
        connection.commit()
    found = [finding.code for finding in office.register.verify_history()]
    assert code in found, found


def test_an_older_register_gets_the_tables(office: Office) -> None:
    office.close()
    with contextlib.closing(sqlite3.connect(office.path)) as connection:
        connection.executescript("DROP TABLE sipadek_act; DROP TABLE sipadek_case;")
    office.open()
    assert office.findings() == []
    step(office.register.cases)
    assert office.findings() == []


def test_a_damaged_row_is_named(office: Office) -> None:
    case = step(office.register.cases)
    with contextlib.closing(sqlite3.connect(office.path)) as connection:
        connection.execute("UPDATE sipadek_case SET opened_at = 'x'")
        connection.commit()
    with pytest.raises(DamagedRegister):
        office.register.cases.get(case.id, ALL)


# --- lists ----------------------------------------------------------------------------------------

_UNITS, _POSTS, _PEOPLE = "UVW", "PQR", ("ani", "budi")
_VIEWERS = st.builds(
    CaseViewer,
    person=st.sampled_from(_PEOPLE),
    posts=st.frozensets(st.sampled_from(_POSTS)),
    units=st.none() | st.frozensets(st.sampled_from(_UNITS)),
    clearance=st.sampled_from(Secrecy),
)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cases, dict[str, set[str]]]]:
    """Cases of all units, posts, people and grades, and who acted on each."""
    office = Office(tmp_path_factory.mktemp("crowd"))
    cases = office.register.cases
    acted: dict[str, set[str]] = {}
    for n in range(36):
        due = moment_text(NOW + datetime.timedelta(n % 5 - 2)) if n % 3 else ""
        case = step(cases, unit=_UNITS[n % 3], holder=(*_POSTS, "")[n // 3 % 4], actor=_PEOPLE[n % 2],
                    secrecy=tuple(Secrecy)[n % 4].value, due_at=due, kind=f"k{n % 2}")  # fmt: skip
        acted[case.id] = {_PEOPLE[n % 2]}
        if n % 5 == 0:
            step(cases, case.id, actor="budi")
            acted[case.id].add("budi")
    yield cases, acted
    office.close()


@given(viewer=_VIEWERS, which=st.sampled_from(["all", "mine", "waiting", "overdue", "sent", "ended"]),
       only=st.none() | st.frozensets(st.sampled_from(_UNITS)))  # fmt: skip
@settings(max_examples=60)
def test_a_list_holds_exactly_what_may_be_seen(crowd, viewer, which, only) -> None:  # type: ignore[no-untyped-def]
    cases, acted = crowd
    everything = cases.list(ALL, Listing(limit=1000)).cases
    assert len(everything) == len(acted)
    rule = {
        "all": lambda case: True,
        "mine": lambda case: case.holder in viewer.posts,
        "waiting": lambda case: not case.ended,
        "overdue": lambda case: case.overdue(NOW),
        "sent": lambda case: viewer.person in acted[case.id] and case.holder not in viewer.posts,
        "ended": lambda case: case.ended,
    }[which]
    wanted = {
        case.id
        for case in everything
        if rule(case)
        and viewer.may_see(case, acted=viewer.person in acted[case.id])
        and (only is None or case.unit in only)
    }
    found = cases.list(viewer, Listing(which=which, at=NOW, units=only, limit=1000))
    assert {case.id for case in found.cases} == wanted
    assert found.total == len(wanted)
    page = cases.list(viewer, Listing(which=which, at=NOW, units=only, limit=2, offset=1))
    assert page.cases == found.cases[1:3]
    for case in everything[:6]:
        seen = viewer.may_see(case, acted=viewer.person in acted[case.id])
        with contextlib.nullcontext() if seen else pytest.raises(NotFound):
            assert cases.get(case.id, viewer) == case
            assert cases.timeline(case.id, viewer)


def test_of_many_who_act_at_the_same_moment_one_does(office: Office) -> None:
    case = step(office.register.cases)
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def act(name: str) -> None:
        start.wait()
        try:
            step(office.register.cases, case.id, actor=name, version=1, state="taken")
        except CaseChanged as error:
            outcomes.append(error.code)
        else:
            outcomes.append(name)

    threads = [threading.Thread(target=act, args=(f"p{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("case-changed") == 5
    (winner,) = set(outcomes) - {"case-changed"}
    assert [each.actor for each in office.register.cases.timeline(case.id, ALL)] == ["ani", winner]
    assert office.findings() == []
