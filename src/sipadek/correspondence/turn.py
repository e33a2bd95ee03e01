"""What every step is decided with, and how its acts are made."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import attrs

from sipadek.archive import Secrecy
from sipadek.correspondence.kinds import INSTRUCTIONS, KINDS, LetterKind
from sipadek.flow import Act, Case, Command, Situation, Transition
from sipadek.people import Organisation, Standing


@attrs.frozen(kw_only=True)
class Setting:
    """The city as it is on a day: its organisation, its kinds of letters and its instructions."""

    organisation: Organisation
    on: datetime.date
    kinds: Mapping[str, LetterKind] = KINDS
    instructions: tuple[str, ...] = INSTRUCTIONS


@attrs.frozen(kw_only=True)
class Turn:
    """One command at one case: the row of the machine that it falls under, and what is known."""

    setting: Setting
    command: Command
    situation: Situation
    row: Transition

    @property
    def case(self) -> Case:
        """The case, which is open."""
        case = self.situation.case
        assert case is not None
        return case

    @property
    def organisation(self) -> Organisation:
        """The city's organisation."""
        return self.setting.organisation

    def permit(
        self, action: str, *, unit: str, post: str = "", secrecy: Secrecy | None = None
    ) -> Standing:
        """In which standing the actor does it. Raises NotAllowed."""
        if secrecy is None:
            secrecy = self.case.secrecy
        return self.organisation.permit(
            self.command.actor,
            action,
            on=self.setting.on,
            unit=unit,
            post=post or self.command.post,
            secrecy=secrecy,
        )

    def permit_holder(self, action: str) -> Standing:
        """As `permit`, for the post that the case waits for, in that post's own unit."""
        post = self.organisation.post(self.case.holder)
        return self.permit(action, unit=post.unit, post=post.code)

    def act(
        self,
        state: str = "",
        *,
        case: str = "",
        event: str = "",
        data: Mapping[str, Any] | None = None,
        **sets: str,
    ) -> Act:
        """The act of this turn, on the case or on another one. ``state`` is needed where the row leads
        to several; with ``event``, the kind of another event, it may be any."""
        if not event:
            state = state or self.row.targets[0]
            assert state in self.row.targets, (self.row, state)
        return Act(
            case=case or self.case.id,
            kind=event or self.row.act,
            at=self.command.at,
            actor=self.command.actor,
            state=state,
            reason=self.command.reason,
            sets=sets,
            data=data or {},
        )
