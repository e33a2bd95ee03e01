"""Letters and disposisi against a model: whoever tries whatever, in any order.

The model knows the rules in words of its own: who holds what, and which step follows which. It says of
every try whether it must succeed, and what then stands where.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from desk_world import World
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import sipadek
from sipadek.errors import CaseError, NotFound
from sipadek.sql import Listing

PEOPLE = ("ratna", "agus", "bambang", "citra", "dedi", "eka", "gita", "hadi", "fajar")
HELD = ("SEKDA", "ASISTEN", "KABAG", "STAF", "TU", "KADIS", "KABID", "PRANATA", "TU-KOMINFO")
POSTS = dict(zip(PEOPLE, HELD, strict=True))
CHAIN = ("bambang", "agus")
SETDA, KOMINFO = PEOPLE[:5], PEOPLE[5:]
ACTIONS = ("submit", "revise", "paraf", "return", "withdraw", "sign", "send", "archive", "void",
           "register", "refuse", "dispose", "read", "report", "recall", "close")  # fmt: skip


@attrs.define
class Known:
    """What the model knows of a case. ``waits`` is the person whose turn it is, '' for nobody."""

    kind: str
    state: str
    waits: str
    unit: str
    drafter: str = ""
    giver: str = ""
    parent: str = ""
    origin: str = ""
    parafs: list[str] = attrs.Factory(list)
    letter: bool = False
    acted: set[str] = attrs.Factory(set)


class Letters(RuleBasedStateMachine):
    def __init__(self, office: sipadek.Office, signer: sipadek.KeySigner) -> None:
        super().__init__()
        self.world = World(office, signer)
        self.model: dict[str, Known] = {}
        self.looks = PEOPLE[0]
        self.desk = self.world.desk

    # --- rules ----------------------------------------------------------------------------------

    @precondition(lambda self: sum(one.kind == "outgoing" for one in self.model.values()) < 3)
    @rule(person=st.sampled_from(PEOPLE))
    def draft(self, person: str) -> None:
        if person not in ("bambang", "citra", "dedi"):
            with pytest.raises(CaseError):
                self.desk.draft(self.world.draft(), actor=self.world(person))
            return
        case = self.desk.draft(self.world.draft(), actor=self.world(person))
        self.model[case.id] = Known(
            "outgoing", "draft", person, "SETDA", drafter=person, acted={person}
        )

    @precondition(lambda self: self.model)
    @rule(data=st.data(), wise=st.sampled_from((True, True, True, False)))
    def act(self, data: st.DataObject, wise: bool) -> None:
        """Somebody tries something; mostly what goes on, so that letters get far."""
        ids = sorted(self.model, key=list(self.model).index)
        case = data.draw(st.sampled_from(ids), label="case")
        known = self.model[case]
        action = data.draw(st.sampled_from(ACTIONS), label="action")
        person = self.looks = data.draw(st.sampled_from(PEOPLE), label="person")
        if wise:
            person = known.waits or person
            action = ON.get((known.kind, known.state), action)
        to = data.draw(st.sampled_from(PEOPLE), label="to") if action == "dispose" else ""
        for other in {data.draw(st.sampled_from(PEOPLE), label="first"), person}:
            if not self.allowed(case, action, other, to):
                self.refused(case, action, other, to)
        if self.allowed(case, action, person, to):
            self.do(case, action, person, to)
            self.follow(case, action, person, to)

    def refused(self, case: str, action: str, person: str, to: str) -> None:
        before = self.world.office.cases.timeline(case, self.viewer())
        with pytest.raises((CaseError, sipadek.errors.InvalidInput, NotFound)):
            self.do(case, action, person, to)
        assert self.world.office.cases.timeline(case, self.viewer()) == before

    # --- the model ------------------------------------------------------------------------------

    def allowed(self, case: str, action: str, person: str, to: str) -> bool:
        known = self.model[case]
        mine = person == known.waits
        match known.kind, known.state, action:
            case "outgoing", "draft", "submit" | "revise":
                return mine
            case "outgoing", "draft" | "paraf" | "signature", "withdraw":
                return person == known.drafter
            case "outgoing", "paraf", "paraf":
                return mine and person != known.drafter
            case "outgoing", "paraf" | "signature", "return":
                return mine
            case "outgoing", "signature", "sign":
                return mine
            case "outgoing", "signed", "send" | "archive":
                return person == "dedi"
            case "outgoing", "sent", "archive":
                return person == "dedi"
            case "outgoing", "signed" | "sent" | "archived" | "void", "void":
                return person == "ratna"
            case "incoming", "received", "register":
                return person == "fajar"
            case "incoming", "received", "refuse":
                return person == "fajar"
            case "incoming", "registered" | "disposed", "dispose":
                return mine and to in KOMINFO and to != person
            case "incoming", "registered" | "disposed", "close":
                return mine and not self.open_children(case)
            case "disposisi", "given", "read":
                return mine
            case "disposisi", "given" | "read" | "forwarded", "dispose":
                return mine and to in KOMINFO and to != person
            case "disposisi", "given" | "read" | "forwarded", "report":
                return mine and not self.open_children(case)
            case "disposisi", "given" | "read" | "forwarded", "recall":
                return person == known.giver and not self.open_children(case)
        return False

    def follow(self, case: str, action: str, person: str, to: str) -> None:
        known = self.model[case]
        known.acted.add(person)
        match action:
            case "submit":
                known.state, known.waits, known.parafs = "paraf", CHAIN[0], []
            case "paraf":
                known.parafs.append(person)
                done = len(known.parafs) == len(CHAIN)
                known.state = "signature" if done else "paraf"
                known.waits = "ratna" if done else CHAIN[len(known.parafs)]
            case "return":
                known.state, known.waits, known.parafs = "draft", known.drafter, []
            case "sign":
                known.state, known.waits, known.letter = "signed", "dedi", True
            case "send":
                known.state = "sent"
                self.found("incoming", "received", "fajar", origin=case, acted={person})
            case "register":
                known.state, known.waits = "registered", "eka"
            case "dispose":
                known.state = "disposed" if known.kind == "incoming" else "forwarded"
                more = {"parent": case, "origin": known.origin, "giver": person}
                self.found("disposisi", "given", to, acted={person}, **more)
            case "read":
                known.state = "read"
            case "withdraw" | "archive" | "void" | "refuse" | "report" | "recall" | "close":
                known.state, known.waits = ENDS[action], ""
                for other in self.model.values():
                    if action == "void" and other.origin == case and other.waits:
                        other.state, other.waits = "void", ""
                        other.acted.add(person)

    def found(self, kind: str, state: str, waits: str, **more: Any) -> None:
        """Take the case that must have opened into the model."""
        new = [each for each in self.cases() if each.id not in self.model]
        assert [(each.kind, each.state) for each in new] == [(kind, state)]
        self.model[new[0].id] = Known(kind, state, waits, "DISKOMINFO", **more)

    def open_children(self, case: str) -> bool:
        return any(each.parent == case and each.waits for each in self.model.values())

    # --- the system -----------------------------------------------------------------------------

    def do(self, case: str, action: str, person: str, to: str) -> None:
        actor, desk = self.world(person), self.desk
        match action:
            case "revise":
                desk.revise(case, self.world.draft(subject="Perbaikan"), actor=actor)
            case "return":
                desk.give_back(case, actor=actor, reason="sebab")
            case "sign":
                desk.sign(case, actor=actor, signer=self.world.signer)
            case "dispose":
                desk.dispose(case, actor=actor, to=[self.world(POSTS[to])], note="tolong")
            case "withdraw" | "void" | "refuse" | "recall":
                getattr(desk, action)(case, actor=actor, reason="sebab")
            case "report":
                desk.report(case, actor=actor, report="sudah")
            case _:
                getattr(desk, action)(case, actor=actor)

    def viewer(self) -> Any:
        """Someone who sees everything in this world."""
        viewer = self.desk.viewer(self.world("ratna"))
        units = {self.world(unit) for unit in ("SETDA", "DISKOMINFO")}
        return attrs.evolve(viewer, units=frozenset(units))

    def cases(self) -> tuple[Any, ...]:
        return self.world.office.cases.list(self.viewer(), Listing(limit=1000)).cases

    # --- what always holds ----------------------------------------------------------------------

    @invariant()
    def no_letter_is_lost_between_states(self) -> None:
        found = {each.id: each for each in self.cases()}
        assert found.keys() == self.model.keys()
        for id_, known in self.model.items():
            case = found[id_]
            waits = self.world(POSTS[known.waits]) if known.waits else ""
            assert (case.kind, case.state, case.holder) == (known.kind, known.state, waits)

    @invariant()
    def no_signature_without_all_paraf_and_no_number_without_a_letter(self) -> None:
        unit = self.world("SETDA")
        letters = {
            letter.id: letter
            for letter in self.world.office.letters()
            if letter.details.unit == unit and letter.details.series == "surat"
        }
        told = [case for case in self.cases() if case.kind == "outgoing" and case.letter]
        assert sorted(case.letter for case in told) == sorted(letters)
        for case in told:
            known, letter = self.model[case.id], letters[case.letter]
            assert known.letter
            assert known.parafs == list(CHAIN)
            assert [each["person"] for each in case.body["parafs"]] == [*map(self.world, CHAIN)]
            assert case.body["drafter"] not in [each["person"] for each in case.body["parafs"]]
            assert letter.filed_digest
            assert (letter.state is sipadek.State.VOID) == (known.state == "void")
        assert sum(known.letter for known in self.model.values()) == len(letters)
        assert [letter.sequence for letter in letters.values()] == [*range(1, len(letters) + 1)]

    @invariant()
    def one_sees_what_waits_for_one_and_no_more(self) -> None:
        self.sees(self.looks)

    def teardown(self) -> None:
        for person in PEOPLE:
            self.sees(person)

    def sees(self, person: str) -> None:
        wide = {"ratna": "SETDA", "dedi": "SETDA", "eka": "DISKOMINFO", "fajar": "DISKOMINFO"}
        mine = {id_ for id_, known in self.model.items() if known.waits == person}
        listed = self.desk.work(self.world(person), Listing(which="mine", limit=1000))
        assert {case.id for case in listed.cases} == mine
        seen = {
            id_
            for id_, known in self.model.items()
            if known.waits == person or person in known.acted or wide.get(person) == known.unit
        }
        found = self.desk.work(self.world(person), Listing(limit=1000))
        assert {case.id for case in found.cases} == seen


ON = {
    ("outgoing", "draft"): "submit",
    ("outgoing", "paraf"): "paraf",
    ("outgoing", "signature"): "sign",
    ("outgoing", "signed"): "send",
    ("incoming", "received"): "register",
    ("incoming", "registered"): "dispose",
    ("disposisi", "given"): "dispose",
    ("disposisi", "read"): "report",
    ("incoming", "disposed"): "close",
}
ENDS = {"withdraw": "withdrawn", "archive": "archived", "void": "void", "refuse": "refused",
        "report": "reported", "recall": "recalled", "close": "closed"}  # fmt: skip


def test_letters_go_their_way_whoever_tries_what(
    kantor: sipadek.Office, signer: sipadek.KeySigner
) -> None:
    run_state_machine_as_test(
        lambda: Letters(kantor, signer),
        settings=settings(max_examples=6, stateful_step_count=50, deadline=None),
    )


WALK = [
    ("outgoing", *each.split())
    for each in (
        "submit citra", "return bambang", "revise citra", "submit citra", "paraf bambang", "paraf agus",
        "sign ratna", "send dedi",
    )
]  # fmt: skip
"""Kind, step, who takes it, and to whom it goes."""
INSIDE = [
    ("incoming", "register", "fajar"),
    ("incoming", "dispose", "eka", "gita"),
    ("disposisi", "read", "gita"),
    ("disposisi", "dispose", "gita", "hadi"),
    ("disposisi", "recall", "gita"),
    ("disposisi", "report", "gita"),
    ("incoming", "close", "eka"),
    ("outgoing", "archive", "dedi"),
    ("outgoing", "void", "ratna"),
    ("outgoing", "withdraw", "citra"),
]


def test_every_step_is_refused_to_everyone_else_and_every_other_step_to_everyone(
    kantor: sipadek.Office, signer: sipadek.KeySigner
) -> None:
    letters = Letters(kantor, signer)
    letters.draft("citra")
    letters.draft("citra")
    withdrawn = list(letters.model)[1]
    for kind, action, person, *more in [*WALK, *INSIDE]:
        to = more[0] if more else "hadi"
        of_kind = [id_ for id_, known in letters.model.items() if known.kind == kind]
        case = of_kind[-1] if kind == "disposisi" and action == "recall" else of_kind[0]
        case = withdrawn if action == "withdraw" else case
        tries = {(action, other) for other in PEOPLE} | {(other, person) for other in ACTIONS}
        for what, who in sorted(tries):
            if not letters.allowed(case, what, who, to):
                letters.refused(case, what, who, to)
        letters.do(case, action, person, to)
        letters.follow(case, action, person, to)
        letters.no_letter_is_lost_between_states()
    letters.no_signature_without_all_paraf_and_no_number_without_a_letter()
    letters.teardown()


def test_a_letter_to_the_wrong_unit_is_refused_by_its_mail_post_alone(
    kantor: sipadek.Office, signer: sipadek.KeySigner
) -> None:
    letters = Letters(kantor, signer)
    letters.draft("citra")
    for _, action, person in WALK[3:]:
        (case,) = letters.model
        letters.do(case, action, person, "")
        letters.follow(case, action, person, "")
    arrived = list(letters.model)[1]
    for person in PEOPLE:
        if person != "fajar":
            letters.refused(arrived, "refuse", person, "")
    letters.do(arrived, "refuse", "fajar", "")
