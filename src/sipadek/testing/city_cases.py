"""Dispositions and applications of a made-up city, kept as cases with their events in the log."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from sipadek.flow import Act, Command, Situation, moment_text
from sipadek.services import APPLICANT, MACHINE, Action, Application, Service, default_catalogue
from sipadek.services.record import open_part
from sipadek.sql import Cases
from sipadek.testing.city_year import CityApplication, CityDisposition, UnitYear

__all__ = ["CaseBook"]

_ACTOR: Final = "pegawai-contoh"


@attrs.define
class _Step:
    """Something to be done about a case at a moment. ``id`` holds the case's id once it is open."""

    at: datetime.datetime
    id: list[str]
    make: Callable[[str], Act]


@attrs.define
class CaseBook:
    """What is to be done about cases, by day; ``letter`` gives the id of a unit's letter, or ''."""

    cases: Cases
    letter: Callable[[str], str]
    opened: int = 0
    _steps: dict[datetime.date, list[_Step]] = attrs.Factory(dict)

    def plan(self, years: Sequence[UnitYear]) -> None:
        """Take in what the units will do."""
        for year in years:
            for disposition in year.dispositions:
                self._disposition(disposition)
            for application in year.applications:
                self._application(application)

    @property
    def days(self) -> set[datetime.date]:
        """The days on which something is done (UTC)."""
        return set(self._steps)

    def day(self, day: datetime.date) -> None:
        """Do all of one day, in the order of time and in one transaction."""
        steps = sorted(self._steps.pop(day, []), key=lambda step: step.at)
        if not steps:
            return

        def decide(situation: Situation) -> list[Act]:
            acts = []
            for step in steps:
                if not step.id:
                    step.id.append(situation.new_id())
                    self.opened += 1
                acts.append(step.make(step.id[0]))
            return acts

        command = Command(action="record", actor=_ACTOR, at=steps[-1].at)
        self.cases.record(command, decide)

    def _add(self, at: datetime.datetime, id_: list[str], make: Callable[[str], Act]) -> None:
        self._steps.setdefault(at.date(), []).append(_Step(at, id_, make))

    def _disposition(self, asked: CityDisposition) -> None:
        id_: list[str] = []
        opening = {"kind": "disposisi", "unit": asked.unit, "due_at": moment_text(asked.due_at)}
        self._add(
            asked.given_at,
            id_,
            lambda case: _act(case, "disposisi.given", asked.given_at, "given", opening),
        )
        if (done := asked.reported_at) is not None:
            self._add(
                done, id_, lambda case: _act(case, "disposisi.reported", done, "reported", {})
            )

    def _application(self, asked: CityApplication) -> None:
        service = default_catalogue().service(asked.service)
        begun = Application(id="", service=service.code, unit=asked.unit).after(
            service, Action.SUBMIT, post=APPLICANT, at=asked.submitted_at, actor=APPLICANT
        )
        id_: list[str] = []
        opening = {"kind": MACHINE.kind, "unit": asked.unit}
        self._add(
            asked.submitted_at,
            id_,
            lambda case: _kept(case, begun, "application.submitted", opening),
        )

        def finish(case: str, at: datetime.datetime) -> Act:
            ended = _finished(begun, service, self.letter(asked.unit), at)
            act = "application.rejected" if not ended.letters else "application.handed-over"
            return _kept(case, ended, act, {})

        if (done := asked.signed_at) is not None:
            self._add(done, id_, lambda case: finish(case, done))


def _act(
    case: str,
    kind: str,
    at: datetime.datetime,
    state: str,
    sets: dict[str, str],
    data: dict[str, Any] | None = None,
) -> Act:
    return Act(case=case, kind=kind, at=at, actor=_ACTOR, state=state, sets=sets, data=data or {})


def _kept(case: str, application: Application, kind: str, sets: dict[str, str]) -> Act:
    at, stage = application.history[-1].at, str(application.stage)
    return _act(case, kind, at, stage, sets, open_part(application))


def _finished(
    application: Application, service: Service, letter: str, at: datetime.datetime
) -> Application:
    """Checked, drafted, signed and handed over; rejected where the unit has no letter to hand over.
    These steps are put on record together."""
    half = application.history[0].at + (at - application.history[0].at) / 2
    if not letter:
        return application.after(
            service, Action.REJECT, post=service.checked_by, at=at, actor=_ACTOR, reason="contoh"
        )
    checked = application.after(
        service, Action.CHECK, post=service.checked_by, at=half, actor=_ACTOR
    )
    drafted = checked.after(service, Action.DRAFT, post=service.drafted_by, at=half, actor=_ACTOR)
    signed = drafted.after(
        service, Action.SIGN, post=service.signed_by[0].post, at=at, actor=_ACTOR, letter=letter
    )
    return signed.after(service, Action.HAND_OVER, post=service.handed_over_by, at=at, actor=_ACTOR)
