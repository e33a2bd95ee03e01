"""A disposal: one list of folders on its way to the records centre, the archive, or their end."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from sipadek.retention.scheme import check_name


class DisposalKind(enum.StrEnum):
    """Where the folders of a disposal go."""

    MOVE = "pindah"
    DESTRUCTION = "musnah"
    TRANSFER = "serah"


class Step(enum.StrEnum):
    """How far a disposal came; each is the end of an event's kind, 'disposal.proposed'."""

    PROPOSED = "proposed"
    CONSIDERED = "considered"
    APPROVED = "approved"
    DECIDED = "decided"
    CARRIED_OUT = "carried-out"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


_HEARD: Final = (
    Step.PROPOSED,
    Step.CONSIDERED,
    Step.APPROVED,
    Step.DECIDED,
    Step.CARRIED_OUT,
)
FLOW: Final[Mapping[DisposalKind, tuple[Step, ...]]] = {
    DisposalKind.MOVE: (Step.PROPOSED, Step.CARRIED_OUT),
    DisposalKind.TRANSFER: _HEARD,
    DisposalKind.DESTRUCTION: (*_HEARD, Step.COMPLETED),
}
"""The steps of each kind, in order; until it is carried out a disposal can be withdrawn."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Paper:
    """The paper behind a step: its ``number`` and ``date``, ``by`` whom it is (the panel, the authority,
    who decided, who carried it out), who witnessed, and a note."""

    number: str = attrs.field(validator=check_name)
    date: datetime.date
    by: str = attrs.field(validator=check_name)
    witnesses: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    note: str = ""

    def value(self) -> dict[str, Any]:
        """As JSON values, for ``of``."""
        return {
            "number": self.number,
            "date": self.date.isoformat(),
            "by": self.by,
            "witnesses": list(self.witnesses),
            "note": self.note,
        }

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Paper:
        """Raises InvalidInput, LookupError, TypeError or ValueError."""
        date = datetime.date.fromisoformat(value["date"])
        return cls(**{**value, "date": date})


@attrs.frozen(kw_only=True)
class Disposal:
    """``name`` is 'musnah/2029/1': kind, year and a running number. ``as_of`` is the day on which its
    folders had to be due, ``authority`` who has to approve, ``panel`` who considers (panitia penilai).
    ``papers`` are those of its steps."""

    name: str
    kind: DisposalKind
    step: Step
    as_of: datetime.date
    folders: tuple[str, ...]
    authority: str = ""
    panel: tuple[str, ...] = ()
    papers: Mapping[Step, Paper] = attrs.field(factory=dict)

    @property
    def pending(self) -> bool:
        """Whether it is still to be carried out."""
        return self.step not in (Step.CARRIED_OUT, Step.COMPLETED, Step.WITHDRAWN)

    def follows(self, step: Step) -> bool:
        """Whether ``step`` comes next."""
        flow = FLOW[self.kind]
        return self.step in flow[:-1] and flow[flow.index(self.step) + 1] is step


@attrs.frozen(kw_only=True)
class Destruction:
    """Under what a letter was destroyed: the ``disposal``, the decision, and the minutes, whose date is
    that of the destruction."""

    disposal: str
    decision: Paper
    minutes: Paper

    @property
    def text(self) -> str:
        """'destroyed on 2029-03-05 under the decision 045.3/12/2029 of 2029-02-01'."""
        return (
            f"destroyed on {self.minutes.date} under the decision {self.decision.number} of "
            f"{self.decision.date} ({self.decision.by})"
        )
