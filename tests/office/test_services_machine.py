"""Several applications at two kelurahan at once, anyone trying anything, on a real office.

The model knows of each application only its stage and who may go on with it, in the words of the
catalogue; the register is the witness of what was numbered.
"""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule
from services_desk import ABOVE, NIK, OTHER, POSTS, START, UNIT, Desk, values

import sipadek
from sipadek.errors import InvalidInput, NotAllowed, StepNotPossible
from sipadek.testing.authority import Authority

pytest.importorskip("typst")

NOW = START - datetime.timedelta(hours=1)
WHOSE = {
    "Diajukan": ("petugas-loket", "own"),
    "Diperiksa dan lengkap": ("kasi-pemerintahan", "own"),
    "Menunggu tanda tangan": ("lurah", "own"),
    "Ditandatangani, menunggu tanda tangan berikutnya": ("camat", "above"),
    "Selesai, siap diserahkan": ("petugas-loket", "own"),
}
STEPS = {
    "Diajukan": {"check": "Diperiksa dan lengkap", "give_back": "Dikembalikan untuk dilengkapi"},
    "Diperiksa dan lengkap": {
        "draft": "Menunggu tanda tangan",
        "give_back": "Dikembalikan untuk dilengkapi",
    },
    "Menunggu tanda tangan": {"send_back": "Diperiksa dan lengkap", "sign": ""},
    "Ditandatangani, menunggu tanda tangan berikutnya": {"sign": ""},
    "Selesai, siap diserahkan": {"hand_over": "Sudah diserahkan"},
    "Dikembalikan untuk dilengkapi": {},
}
REJECTABLE = {*list(WHOSE)[:4]}
ACTIONS = ["check", "give_back", "draft", "send_back", "sign", "hand_over", "reject"]
_AUTHORITY: list[Authority] = []


def _authority() -> Authority:
    if not _AUTHORITY:
        _AUTHORITY.append(Authority.create(now=NOW, key="p256"))
    return _AUTHORITY[0]


class ServicesMachine(RuleBasedStateMachine):
    applications: Bundle[Any] = Bundle("applications")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.desk = Desk(Path(self.folder.name) / "arsip", _authority())
        self.model: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        assert self.desk.office.audit(signatures=False).clean
        self.desk.close()
        self.folder.cleanup()

    @rule(
        target=applications,
        service=st.sampled_from(["domisili", "ahli-waris"]),
        unit=st.sampled_from([UNIT, OTHER]),
    )
    def submit(self, service: str, unit: str) -> Any:
        if len(self.model) == 4:
            return multiple()
        id_, code = self.desk.submit(service, unit=unit)
        self.model[id_] = {
            "code": code, "unit": unit, "service": service, "stage": "Diajukan", "letters": 0,
            "used": 0, "minutes": 0,
        }  # fmt: skip
        return id_

    @rule(minutes=st.integers(1, 300))
    def time_passes(self, minutes: int) -> None:
        self.desk.clock.pass_(minutes=minutes)

    @rule(
        id_=applications, action=st.sampled_from(ACTIONS), actor=st.sampled_from(sorted(POSTS)),
        likely=st.booleans(),
    )  # fmt: skip
    def staff_try(self, id_: str, action: str, actor: str, likely: bool) -> None:
        known = self.model[id_]
        stage = known["stage"]
        if likely and STEPS.get(stage):  # so that the way is walked as well
            action = max(STEPS[stage])
            actor = self._turn(known) or actor
        may = actor == self._turn(known) and (
            action in STEPS.get(stage, {}) or (action == "reject" and stage in REJECTABLE)
        )
        more: dict[str, Any] = {"actor": actor}
        if action in ("give_back", "send_back", "reject"):
            more["reason"] = "Sebab contoh."
        if action == "sign":
            more["signer"] = self.desk.signers.get(actor, self.desk.signers["siti"])
        call = getattr(self.desk.services, action)
        if not may:
            with pytest.raises((NotAllowed, StepNotPossible)):
                call(id_, **more)
            return
        call(id_, **more)
        self._move(known, action)

    def _turn(self, known: dict[str, Any]) -> str | None:
        post, level = WHOSE.get(known["stage"], ("", ""))
        unit = ABOVE if level == "above" else known["unit"]
        return next((who for who, held in POSTS.items() if held == (post, unit)), None)

    def _move(self, known: dict[str, Any], action: str) -> None:
        if action == "reject":
            known["stage"], known["letters"] = "Ditolak", -known["letters"]
        elif action == "sign":
            known["letters"] += 1
            last = known["service"] == "domisili" or known["letters"] == 2
            known["stage"] = list(WHOSE)[4 if last else 3]
        else:
            known["stage"] = STEPS[known["stage"]][action]

    @rule(id_=applications, withdraw=st.booleans())
    def citizen_tries(self, id_: str, withdraw: bool) -> None:
        known = self.model[id_]
        if withdraw:
            may = known["stage"] in list(STEPS)[:3] or known["stage"].startswith("Dikembalikan")
            call: Any = lambda: self.desk.services.withdraw(known["code"])  # noqa: E731
        else:
            may = known["stage"].startswith("Dikembalikan")
            call = lambda: self.desk.services.complete(known["code"], values(known["service"]))  # noqa: E731
        if not may:
            with pytest.raises((StepNotPossible, InvalidInput)):
                call()
            return
        call()
        known["stage"] = "Ditarik oleh pemohon" if withdraw else "Diajukan"

    @invariant()
    def each_is_where_the_model_has_it(self) -> None:
        for known in self.model.values():
            view = self.desk.services.track(known["code"])
            assert view.stage == known["stage"]
            assert len(view.numbers) == abs(known["letters"])
            assert view.stopped == known["stage"].startswith("Dikembalikan")
            assert NIK not in repr(view)

    @invariant()
    def no_number_without_a_letter_and_none_twice(self) -> None:
        letters = list(self.desk.office.letters())
        states = [letter.state for letter in letters]
        assert states.count(sipadek.State.ISSUED) == sum(
            known["letters"] for known in self.model.values() if known["letters"] > 0
        )
        assert states.count(sipadek.State.VOID) == -sum(
            known["letters"] for known in self.model.values() if known["letters"] < 0
        )
        assert len({letter.number for letter in letters}) == len(letters)
        assert all(letter.filed_digest for letter in letters)

    @invariant()
    def nobody_sees_what_they_may_not(self) -> None:
        ended = {"Sudah diserahkan", "Ditolak", "Ditarik oleh pemohon"}
        for actor, (_, own) in POSTS.items():
            for unit in (UNIT, OTHER):
                expected = {
                    id_
                    for id_, known in self.model.items()
                    if known["unit"] == unit and known["stage"] not in ended
                    and (own == unit or (own == ABOVE and known["service"] == "ahli-waris"))
                }  # fmt: skip
                rows = self.desk.services.waiting(unit, actor=actor)
                assert {row.id for row in rows} == expected
                assert NIK not in repr(rows)


TestServices = ServicesMachine.TestCase
TestServices.settings = settings(max_examples=6, stateful_step_count=20, deadline=None)
