"""Dispositions and applications of a made-up city, kept as cases with their events in the log."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from sipadek.archive import Case
from sipadek.services import APPLICANT, Action, Application, Service, default_catalogue
from sipadek.services.record import open_part
from sipadek.sql import Register
from sipadek.sql.cases import Cases
from sipadek.testing.city_year import CityApplication, CityDisposition, UnitYear

__all__ = ["CaseBook"]

_ACTOR: Final = "pegawai-contoh"

Act = tuple[datetime.datetime, Callable[[], None]]


@attrs.frozen
class _Held:
    """A transaction that is open already: many cases of one day share its commit."""

    connection: sqlite3.Connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        yield self.connection

    read = write


@attrs.define
class CaseBook:
    """What is to be done about cases, by day; ``letter`` gives the id of a unit's letter, or ''."""

    register: Register
    letter: Callable[[str], str]
    cases: int = 0
    _acts: dict[datetime.date, list[Act]] = attrs.Factory(dict)
    _kept: Cases | None = None

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
        return set(self._acts)

    def day(self, day: datetime.date) -> None:
        """Do all of one day, in the order of time, in one transaction."""
        acts = sorted(self._acts.pop(day, []), key=lambda act: act[0])
        if acts:
            with self.register._database.write() as connection:
                self._kept = Cases(_Held(connection), self.register._log)
                for _, act in acts:
                    act()

    def _at(self, at: datetime.datetime, act: Callable[[], None]) -> None:
        self._acts.setdefault(at.date(), []).append((at, act))

    # --- dispositions ---------------------------------------------------------------------------

    def _disposition(self, asked: CityDisposition) -> None:
        given = {"action": "give", "at": _text(asked.given_at), "due": _text(asked.due_at)}
        held: list[Case] = []

        def give() -> None:
            state = {"history": [given]}
            held.append(self._open("disposition", asked.unit, "give", state, asked.given_at))

        def report(at: datetime.datetime) -> None:
            state = {"history": [given, {"action": "report", "at": _text(at)}]}
            self._change(held[0], "report", state, at)

        self._at(asked.given_at, give)
        if (done := asked.reported_at) is not None:
            self._at(done, lambda: report(done))

    # --- applications ---------------------------------------------------------------------------

    def _application(self, asked: CityApplication) -> None:
        service = default_catalogue().service(asked.service)
        begun = Application(id="", service=service.code, unit=asked.unit).after(
            service, Action.SUBMIT, post=APPLICANT, at=asked.submitted_at, actor=APPLICANT
        )
        held: list[Case] = []

        def submit() -> None:
            state = open_part(begun)
            at = asked.submitted_at
            held.append(self._open("service", asked.unit, Action.SUBMIT, state, at))

        def finish(at: datetime.datetime) -> None:
            ended = _finished(begun, service, self.letter(asked.unit), at)
            self._change(held[0], ended.history[-1].action, open_part(ended), at)

        self._at(asked.submitted_at, submit)
        if (done := asked.signed_at) is not None:
            self._at(done, lambda: finish(done))

    # --- what they share ------------------------------------------------------------------------

    def _open(
        self, kind: str, unit: str, action: str, state: Mapping[str, Any], at: datetime.datetime
    ) -> Case:
        assert self._kept is not None
        self.cases += 1
        return self._kept.open(
            kind=kind, unit=unit, reference=f"{kind}-{self.cases}", action=str(action),
            state=state, private="{}", actor=_ACTOR, at=at,
        )  # fmt: skip

    def _change(
        self, case: Case, action: str, state: Mapping[str, Any], at: datetime.datetime
    ) -> None:
        assert self._kept is not None
        self._kept.change(case, action=str(action), state=state, private="{}", actor=_ACTOR, at=at)


def _finished(
    application: Application, service: Service, letter: str, at: datetime.datetime
) -> Application:
    """Checked, drafted, signed and handed over; rejected where the unit has no letter to hand over."""
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


def _text(at: datetime.datetime) -> str:
    return at.isoformat()
