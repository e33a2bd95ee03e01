"""The way of an application, as a table of steps, and the clock that runs along. Pure.

Nothing here is personal: what the citizen wrote is kept elsewhere, in one row that can be erased.
"""

from __future__ import annotations

import datetime
import enum
from typing import Final

import attrs

from sipadek.errors import FieldsMissing, InvalidInput, StepNotPossible
from sipadek.flow import Machine, Transition
from sipadek.flow.machine import START
from sipadek.services.catalogue import Service
from sipadek.services.working_time import WorkingCalendar

APPLICANT: Final = "pemohon"
"""The one who asks, where others have a kind of post."""


class Stage(enum.StrEnum):
    """Where an application is."""

    SUBMITTED = "submitted"
    CHECKED = "checked"
    RETURNED = "returned"
    DRAFTED = "drafted"
    PARTLY_SIGNED = "partly-signed"
    SIGNED = "signed"
    HANDED_OVER = "handed-over"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Action(enum.StrEnum):
    """What can be done to an application."""

    SUBMIT = "submit"
    CHECK = "check"
    RETURN = "return"
    COMPLETE = "complete"
    DRAFT = "draft"
    SEND_BACK = "send-back"
    SIGN = "sign"
    HAND_OVER = "hand-over"
    REJECT = "reject"
    WITHDRAW = "withdraw"


BY_APPLICANT: Final = frozenset({Action.SUBMIT, Action.COMPLETE, Action.WITHDRAW})
_OFFICE: Final = "the post that the service names"
_SIGNED: Final = (Stage.SIGNED, Stage.PARTLY_SIGNED)


def _row(
    stage: Stage | None, action: Action, *targets: Stage, act: str, reason: bool = False
) -> Transition:
    return Transition(
        state=START if stage is None else str(stage),
        action=str(action),
        targets=tuple(map(str, targets)),
        act=f"application.{act}",
        who=APPLICANT if action in BY_APPLICANT else _OFFICE,
        reason=reason,
    )


MACHINE: Final = Machine(
    kind="service",
    transitions=[
        _row(None, Action.SUBMIT, Stage.SUBMITTED, act="submitted"),
        _row(Stage.SUBMITTED, Action.CHECK, Stage.CHECKED, act="checked"),
        _row(Stage.RETURNED, Action.COMPLETE, Stage.SUBMITTED, act="completed"),
        _row(Stage.CHECKED, Action.DRAFT, Stage.DRAFTED, act="drafted"),
        _row(Stage.DRAFTED, Action.SEND_BACK, Stage.CHECKED, act="sent-back", reason=True),
        _row(Stage.DRAFTED, Action.SIGN, *_SIGNED, act="signed"),
        _row(Stage.PARTLY_SIGNED, Action.SIGN, *_SIGNED, act="signed"),
        _row(Stage.SIGNED, Action.HAND_OVER, Stage.HANDED_OVER, act="handed-over"),
        *(
            _row(stage, Action.RETURN, Stage.RETURNED, act="returned", reason=True)
            for stage in (Stage.SUBMITTED, Stage.CHECKED)
        ),
        *(
            _row(stage, Action.REJECT, Stage.REJECTED, act="rejected", reason=True)
            for stage in (Stage.SUBMITTED, Stage.CHECKED, Stage.DRAFTED, Stage.PARTLY_SIGNED)
        ),
        *(
            _row(stage, Action.WITHDRAW, Stage.WITHDRAWN, act="withdrawn")
            for stage in (Stage.SUBMITTED, Stage.CHECKED, Stage.RETURNED, Stage.DRAFTED)
        ),
    ],
)
"""Every step there is. A signing leads to PARTLY_SIGNED where others sign after it, else to SIGNED."""

_DECIDED: Final = frozenset({Stage.SIGNED, Stage.HANDED_OVER, Stage.REJECTED, Stage.WITHDRAWN})
_LONGEST: Final = 2000


def check_told(name: str, text: str) -> None:
    """Refuse what cannot be kept of what someone tells in their own words; the text is not repeated.

    Raises InvalidInput (``fields['field']`` is ``name``).
    """
    if len(text) > _LONGEST or any("\ud800" <= each <= "\udfff" for each in text):
        raise InvalidInput(
            f"the {name} has {len(text)} characters, or some that are none; write at most {_LONGEST}",
            field=name,
        )


@attrs.frozen(kw_only=True)
class Entry:
    """One step that was taken: by ``actor`` in a ``post`` (a kind of post, or APPLICANT) at ``at``.
    ``reason`` is what the applicant is told; ``letter`` the id of the letter that a signing issued."""

    action: Action
    stage: Stage
    at: datetime.datetime
    post: str
    actor: str = ""
    reason: str = attrs.field(default="", repr=False)
    letter: str = ""


@attrs.frozen(kw_only=True)
class Application:
    """An application for a ``service`` (code) at a ``unit`` (code), and the steps that were taken."""

    id: str
    service: str
    unit: str
    history: tuple[Entry, ...] = ()

    @property
    def stage(self) -> Stage:
        """Where it is. Raises InvalidInput before it was submitted."""
        if not self.history:
            raise InvalidInput("the application was not submitted yet", application=self.id)
        return self.history[-1].stage

    @property
    def letters(self) -> tuple[str, ...]:
        """The ids of its letters, in the order of signing."""
        return tuple(entry.letter for entry in self.history if entry.letter)

    def holder(self, service: Service) -> str:
        """Whose turn it is: a kind of post, APPLICANT, or '' once nobody's."""
        match self.stage:
            case Stage.SUBMITTED:
                return service.checked_by
            case Stage.CHECKED:
                return service.drafted_by
            case Stage.RETURNED:
                return APPLICANT
            case Stage.DRAFTED | Stage.PARTLY_SIGNED:
                return service.signed_by[len(self.letters)].post
            case Stage.SIGNED:
                return service.handed_over_by
        return ""

    def possible(self) -> tuple[str, ...]:
        """What can be done next, by whoever may."""
        return MACHINE.possible(self._state)

    @property
    def _state(self) -> str:
        return str(self.history[-1].stage) if self.history else START

    def after(
        self,
        service: Service,
        action: Action,
        *,
        post: str,
        at: datetime.datetime,
        actor: str = "",
        reason: str = "",
        letter: str = "",
    ) -> Application:
        """The application after one more step.

        Only the holder of the stage takes steps, or the applicant those of the applicant. A signing
        brings the id of the letter that it issued, and no other step does. Raises StepNotPossible where
        there is no such step from here or it is another's turn, FieldsMissing without a
        reason where one is needed, InvalidInput for one that is too long or a time before the last step.
        """
        stage = self._next(service, action)
        turn = APPLICANT if action in BY_APPLICANT else self.holder(service)
        if post != turn:
            raise StepNotPossible(
                f"{action} is for {turn or 'nobody'} now, not for {post}; leave it to them",
                action=str(action), possible=self.possible(), expected=turn, post=post,
            )  # fmt: skip
        if MACHINE.transitions[self._state, str(action)].reason and not reason.strip():
            raise FieldsMissing(
                f"{action} needs a reason that the applicant is told; give one", missing=("reason",)
            )
        check_told("reason", reason)
        if bool(letter) != (action is Action.SIGN):
            raise InvalidInput("a signing, and no other step, has a letter", field="letter")
        if at.tzinfo is None or (self.history and at < self.history[-1].at):
            raise InvalidInput(
                f"a step at {at.isoformat()} lies before the last one or has no time zone; look at the"
                " clock",
                field="at",
            )
        entry = Entry(
            action=action, stage=stage, at=at, post=post, actor=actor, reason=reason, letter=letter
        )
        return attrs.evolve(self, history=(*self.history, entry))

    def _next(self, service: Service, action: Action) -> Stage:
        row = MACHINE.transitions.get((self._state, str(action)))
        if row is None:
            raise StepNotPossible(
                f"an application that is {self._state or 'not submitted'} takes no {action}; possible is"
                f" {', '.join(self.possible()) or 'nothing more'}",
                action=str(action),
                state=self._state,
                possible=self.possible(),
            )
        if action is Action.SIGN and len(self.letters) + 1 < len(service.signed_by):
            return Stage.PARTLY_SIGNED
        return Stage(row.targets[0])


@attrs.frozen(kw_only=True)
class Clock:
    """The time of an application, in working minutes: ``used`` by the office, ``paused`` while it was
    returned to the applicant. ``due`` is until when the decision is promised (UTC), ``decided`` when
    it came (None: not yet), ``running`` whether time passes now, ``late`` whether it was or is late."""

    used: int
    paused: int
    due: datetime.datetime
    decided: datetime.datetime | None
    running: bool
    late: bool


def clock(
    application: Application, service: Service, calendar: WorkingCalendar, *, now: datetime.datetime
) -> Clock:
    """How long it took, or takes, at ``now``. The clock runs from the submission to the last signature,
    the rejection or the withdrawal; it stands while the applicant has it."""
    start = application.history[0].at
    decided = next((each.at for each in application.history if each.stage in _DECIDED), None)
    end = decided or now
    paused = 0
    moments = [each.at for each in application.history[1:]] + [end]
    for entry, until in zip(application.history, moments, strict=True):
        if entry.stage is Stage.RETURNED:
            paused += calendar.minutes(entry.at, min(until, end))
    due = calendar.due(start, service.promise, paused=paused)
    used = calendar.minutes(start, end) - paused
    return Clock(
        used=used,
        paused=paused,
        due=due,
        decided=decided,
        running=decided is None and application.stage is not Stage.RETURNED,
        late=used > service.promise.minutes if service.promise.minutes else end > due,
    )
