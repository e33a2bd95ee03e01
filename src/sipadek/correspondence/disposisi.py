"""A disposisi: what a post asks another one to do with an incoming letter, over several levels. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sipadek.correspondence.turn import Setting, Turn
from sipadek.errors import InvalidInput, NotAllowed, StepNotPossible
from sipadek.flow import Act, Case, Command, Machine, Situation, Transition, moment_text
from sipadek.people import Standing

DISPOSISI: Final = Machine(
    kind="disposisi",
    transitions=(
        *(
            Transition(
                state=state, action="forward", targets=("forwarded",), act="disposisi.forwarded",
                who="its post", needs=("to",),
            )
            for state in ("given", "read", "forwarded")
        ),
        Transition(
            state="given", action="read", targets=("read",), act="disposisi.read", who="its post",
        ),
        *(
            Transition(
                state=state, action="report", targets=("reported",), act="disposisi.reported",
                who=who, needs=("report",),
            )
            for state, who in (
                ("given", "its post"),
                ("read", "its post"),
                ("forwarded", "its post, once those it went on to have ended"),
            )
        ),
        *(
            Transition(
                state=state, action="recall", targets=("recalled",), act="disposisi.recalled",
                who="the post that gave it", reason=True,
            )
            for state in ("given", "read", "forwarded")
        ),
    ),
)  # fmt: skip
"""The steps of a disposisi. It is opened by disposing of a letter, or by forwarding a disposisi."""


def decide(setting: Setting, command: Command, situation: Situation) -> Sequence[Act]:
    """What follows from a command. Raises a leaf of CaseError, InvalidInput or NotFound."""
    row = DISPOSISI.step(situation.case, command)
    return _STEPS[command.action](
        Turn(setting=setting, command=command, situation=situation, row=row)
    )


def given(turn: Turn, giver: Standing, *, root: Case) -> list[Act]:
    """The acts that open a disposisi for each post in the command's ``to``."""
    told: Mapping[str, Any] = turn.command.data
    to = told["to"]
    if isinstance(to, str) or not to or len(set(to)) != len(to):
        raise InvalidInput(f"to is {to!r}; give a list of different posts", field="to")
    instructions = list(told.get("instructions", ()))
    unknown = [one for one in instructions if one not in turn.setting.instructions]
    if unknown:
        raise InvalidInput(
            f"There is no instruction {unknown[0]!r}; use {', '.join(turn.setting.instructions)}, or "
            "write a note.",
            field="instructions",
        )
    if not instructions and not str(told.get("note", "")).strip():
        raise InvalidInput(
            "A disposisi asks for something: give instructions or a note.", field="note"
        )
    due = _due(str(told.get("due", "")), turn.command.at)
    body = {
        "subject": turn.case.body["subject"],
        "letter_case": root.body.get("letter_case", root.id),
        "giver": giver.person.id,
        "giver_post": giver.post.code,
        "giver_title": giver.title,
        "instructions": instructions,
        "note": str(told.get("note", "")),
    }
    return [_one(turn, giver, post, body, due) for post in to]


def _one(turn: Turn, giver: Standing, to: str, body: Mapping[str, Any], due: str) -> Act:
    organisation, case = turn.organisation, turn.case
    post = organisation.post(to)
    if post == giver.post or post.unit not in organisation.within(giver.post.unit):
        raise InvalidInput(
            f"{giver.post.code} cannot give {to} a disposisi: it goes to posts of the own unit and of "
            "those under it.",
            field="to",
        )
    if not organisation.holders(to, turn.setting.on):
        raise InvalidInput(
            f"Nobody holds {to} on {turn.setting.on}; choose another post.", field="to"
        )
    if post.clearance.rank < case.secrecy.rank:
        raise NotAllowed(
            f"{to} may not see letters of secrecy {case.secrecy.value}; choose another post.",
            post=to,
            action="disposisi.receive",
            unit=post.unit,
        )
    return turn.act(
        case=turn.situation.new_id(),
        event="disposisi.given",
        state="given",
        data={**body, "to_post": to},
        kind=DISPOSISI.kind,
        parent=case.id,
        unit=post.unit,
        secrecy=case.secrecy.value,
        holder=to,
        letter=case.letter,
        due_at=due,
    )


def _due(text: str, now: datetime.datetime) -> str:
    if not text:
        return ""
    try:
        moment = datetime.datetime.fromisoformat(text)
        told = moment_text(moment)
    except ValueError:
        raise InvalidInput(f"due is {text!r}; give a time in ISO 8601", field="due") from None
    if moment <= now:
        raise InvalidInput(f"due is {text}, which is over; give a later time", field="due")
    return told


def _mine(turn: Turn) -> Standing:
    post = turn.organisation.post(turn.case.holder)
    return turn.permit("disposisi.act", unit=post.unit, post=post.code)


def _read(turn: Turn) -> Sequence[Act]:
    _mine(turn)
    return [turn.act()]


def _forward(turn: Turn) -> Sequence[Act]:
    acts = given(turn, _mine(turn), root=turn.case)
    return [turn.act(data={"to": [act.sets["holder"] for act in acts]}), *acts]


def _report(turn: Turn) -> Sequence[Act]:
    standing = _mine(turn)
    waiting = [child.holder for child in turn.situation.children() if not child.ended]
    if waiting:
        raise StepNotPossible(
            f"The step 'report' is not possible: it went on to {', '.join(waiting)}, who have not "
            "reported. Wait for them, or recall it from them.",
            action="report",
            possible=("forward",),
        )
    data = {"report": turn.command.data["report"], "reporter": standing.title}
    return [turn.act(data=data, holder="")]


def _recall(turn: Turn) -> Sequence[Act]:
    giver = turn.organisation.post(turn.case.body["giver_post"])
    turn.permit("disposisi.act", unit=giver.unit, post=giver.code)
    waiting = [child.holder for child in turn.situation.children() if not child.ended]
    if waiting:
        raise StepNotPossible(
            f"The step 'recall' is not possible: it went on to {', '.join(waiting)}. Let it be recalled "
            "from them first.",
            action="recall",
            possible=("report",),
        )
    return [turn.act(holder="")]


_STEPS: Final[Mapping[str, Callable[[Turn], Sequence[Act]]]] = {
    "read": _read,
    "forward": _forward,
    "report": _report,
    "recall": _recall,
}
