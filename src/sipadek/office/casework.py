"""What the ways of correspondence, and of services, have in common: commands, and what may be seen."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sipadek.archive import Secrecy
from sipadek.flow import Act, Case, CaseViewer, Command, Situation
from sipadek.people import Organisation
from sipadek.search import Viewer
from sipadek.sql import Cases, Listing, Step, WorkList

VIEW = "case.view"
"""The action that lets the holder of a post see what is of a unit."""

ERASE = "case.erase"
"""The action that takes away the personal part of a case."""

_EVERYTHING = CaseViewer(units=None, clearance=Secrecy.SANGAT_RAHASIA)


class Casework:
    """Cases of an organisation's people. Every call names its ``actor`` or ``person`` by id; what may
    not be seen is not found. Calls that act take ``key`` (a repetition is the same act), ``post`` (where
    the actor holds several), and ``version`` (the one that the actor saw).

    They raise NotAllowed, StepNotPossible, FieldsMissing, CaseChanged, KeyConflict, NotFound or
    InvalidInput.
    """

    def __init__(
        self,
        cases: Cases,
        organisation: Organisation,
        *,
        zone: datetime.tzinfo,
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self._cases = cases
        self.organisation = organisation
        self._zone = zone
        self._clock = clock

    # --- seeing ---------------------------------------------------------------------------------

    def viewer(self, person: str) -> CaseViewer:
        """What someone may see today. Raises NotFound where nobody of that id works here."""
        on = self._today()
        return CaseViewer(
            person=person,
            posts=[each.post.code for each in self.organisation.standings(person, on)],
            units=self.organisation.sees(person, on, VIEW),
            clearance=self.organisation.clearance(person, on),
        )

    def reader(self, person: str) -> Viewer:
        """The same for `Office.search`: letters of the units that someone sees."""
        viewer = self.viewer(person)
        return Viewer(units=viewer.units, clearance=viewer.clearance)

    def get(self, case: str, *, person: str) -> Case:
        """The case of that id."""
        return self._cases.get(case, self.viewer(person))

    def timeline(self, case: str, *, person: str) -> tuple[Step, ...]:
        """What was done to a case, oldest first: when, by whom, why."""
        return self._cases.timeline(case, self.viewer(person))

    def work(self, person: str, listing: Listing | None = None) -> WorkList:
        """What waits for someone (the default), or another list; see `sipadek.sql.Listing`."""
        listing = listing or Listing(which="mine", at=self._clock())
        return self._cases.list(self.viewer(person), listing)

    def erase(self, case: str, *, actor: str, reason: str, key: str = "") -> Case:
        """Take away the personal part of a case, for good; whoever has 'case.erase' in its unit may. The
        log still verifies. Copies in backups are not reached."""
        found = self._case(case)
        self._permit(found, actor, ERASE)
        return self._cases.erase(self._command("erase", actor, case, reason=reason, key=key))

    # --- acting ---------------------------------------------------------------------------------

    def _today(self) -> datetime.date:
        return self._clock().astimezone(self._zone).date()

    def _permit(self, case: Case, actor: str, action: str) -> None:
        self.organisation.permit(
            actor, action, on=self._today(), unit=case.unit, secrecy=case.secrecy
        )

    def _case(self, id: str) -> Case:
        """The case whoever looks; what is done with it is permitted where it is decided."""
        return self._cases.get(id, _EVERYTHING)

    def _command(
        self,
        action: str,
        actor: str,
        case: str = "",
        *,
        data: Mapping[str, Any] | None = None,
        personal: Mapping[str, Any] | None = None,
        reason: str = "",
        post: str = "",
        key: str = "",
        version: int | None = None,
    ) -> Command:
        return Command(
            action=action,
            actor=actor,
            at=self._clock(),
            case=case,
            data=data or {},
            personal=personal,
            reason=reason,
            post=post,
            key=key,
            version=version,
        )

    def _record(
        self, decide: Callable[[Command, Situation], Sequence[Act]], command: Command
    ) -> Case:
        return self._cases.record(command, lambda situation: decide(command, situation))
