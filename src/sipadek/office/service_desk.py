"""What all calls of the desk of citizen services share: reading, deciding whose turn it is, keeping."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

import attrs

from sipadek.archive import Letter
from sipadek.errors import NotAllowed, NotFound, PersonalErased, StepNotPossible
from sipadek.flow import Case
from sipadek.office.service_cases import Change, ServiceCases
from sipadek.office.service_letters import LetterDesk
from sipadek.office.service_staff import ServiceStaff
from sipadek.services import (
    APPLICANT,
    BY_APPLICANT,
    Action,
    Application,
    Catalogue,
    Service,
    Stage,
    clock,
    code_digest,
)
from sipadek.services.record import Private, application_of, private_of


@attrs.frozen(kw_only=True)
class Read:
    """An application as it was read."""

    case: Case
    service: Service
    application: Application
    private: Private | None

    @property
    def known(self) -> Private:
        """The private part. Raises PersonalErased."""
        if self.private is None:
            raise PersonalErased(
                "what the citizen wrote was erased; only the steps are kept", case=self.case.id
            )
        return self.private


@attrs.frozen(kw_only=True)
class Turn:
    """Who goes on: those of a ``role`` in the unit ``seat``, or the applicant, or ('') nobody."""

    role: str
    seat: str


class ServiceDesk:
    """The parts around the desk, and what its calls do with them."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        cases: ServiceCases,
        staff: ServiceStaff,
        letters: LetterDesk,
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._staff = staff
        self._letters = letters
        self._clock = clock

    # --- reading --------------------------------------------------------------------------------

    def _values(
        self, service: Service, values: Mapping[str, str], now: datetime.datetime
    ) -> dict[str, str]:
        today = self._catalogue.calendar.local_date(now)
        return service.read(values, today=today, provinces=self._catalogue.provinces)

    def _today(self) -> datetime.date:
        return self._catalogue.calendar.local_date(self._clock())

    def _read(self, id_: str) -> Read:
        return self._of(self._cases.get(id_))

    def _of(self, case: Case) -> Read:
        private = private_of(case.personal)
        application = application_of(case.id, case.unit, case.body, private)
        service = self._catalogue.service(application.service)
        return Read(case=case, service=service, application=application, private=private)

    def _coded(self, code: str) -> Read:
        case = self._cases.find(code_digest(code))
        if case is None:
            raise NotFound("no application has this tracking code; copy it from the receipt")
        return self._of(case)

    def _letters_of(self, application: Application) -> list[Letter]:
        return [self._letters.get(id_) for id_ in application.letters]

    # --- whose turn it is -----------------------------------------------------------------------

    def _turn(self, service: Service, application: Application) -> Turn:
        role, unit = application.holder(service), application.unit
        if application.stage in (Stage.DRAFTED, Stage.PARTLY_SIGNED):
            signing = service.signed_by[len(application.letters)]
            unit = self._letters.unit_of(signing, unit)
        return Turn(role=role, seat=unit)

    def _after(
        self, read: Read, action: Action, *, actor: str, reason: str = "", letter: str = ""
    ) -> Application:
        """The application after a step that ``actor`` may take now."""
        if read.private is not None and read.private.pending and action is not Action.SIGN:
            raise StepNotPossible(
                f"the letter is being signed, so that {action} is not possible; sign again to finish it,"
                " or stop the signing first",
                action=str(action), possible=("sign", "stop-signing"),
            )  # fmt: skip
        post = APPLICANT
        if action not in BY_APPLICANT:
            turn = self._turn(read.service, read.application)
            post = turn.role
            if post not in ("", APPLICANT) and not self._staff.may(
                actor, post, turn.seat, read.case.unit, self._today()
            ):
                raise not_allowed(actor, f"{action} as {post} of {turn.seat}")
        return read.application.after(
            read.service, action, post=post, at=self._clock(), actor=actor, reason=reason, letter=letter
        )  # fmt: skip

    def _sees(self, read: Read, actor: str) -> bool:
        """Whether ``actor`` works on such applications: at their unit, or where they are signed."""
        service, unit, today = read.service, read.case.unit, self._today()
        own = [service.checked_by, service.drafted_by, service.handed_over_by]
        seats = {(role, unit) for role in own}
        seats |= {
            (signing.post, self._letters.unit_of(signing, unit)) for signing in service.signed_by
        }
        return any(self._staff.may(actor, role, seat, unit, today) for role, seat in seats)

    # --- keeping --------------------------------------------------------------------------------

    def _step(self, read: Read, action: Action, *, actor: str, reason: str = "") -> None:
        self._keep_step(read, self._after(read, action, actor=actor, reason=reason), actor=actor)

    def _keep_step(self, read: Read, after: Application, *, actor: str) -> None:
        entry = after.history[-1]
        reasons = dict(read.known.reasons)
        if entry.reason:
            reasons[len(after.history) - 1] = entry.reason
        private = attrs.evolve(read.known, reasons=reasons)
        self._keep(read, str(entry.action), after, private, actor=actor, at=entry.at)

    def _keep(
        self,
        read: Read,
        action: str,
        after: Application,
        private: Private | None,
        *,
        actor: str,
        at: datetime.datetime,
    ) -> Case:
        change = self._change(action, read.service, after, private, actor=actor, at=at)
        return self._cases.change(read.case, change)

    def _change(
        self,
        action: str,
        service: Service,
        after: Application,
        private: Private | None,
        *,
        actor: str,
        at: datetime.datetime,
    ) -> Change:
        turn = self._turn(service, after)
        holder = turn.role
        if holder not in ("", APPLICANT):
            holder = self._staff.holder(turn.role, turn.seat) or holder
        return Change(
            action=action, application=after, private=private, holder=holder,
            due=clock(after, service, self._catalogue.calendar, now=at).due, actor=actor, at=at,
        )  # fmt: skip


def not_allowed(actor: str, what: str) -> NotAllowed:
    """The refusal of something to someone."""
    return NotAllowed(f"{actor} may not {what}; leave it to whose turn it is", actor=actor)
