"""A letter that comes in: received, given its agenda number, disposed of, closed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sipadek.archive import Secrecy
from sipadek.correspondence import disposisi
from sipadek.correspondence.drafting import Draft
from sipadek.correspondence.turn import Setting, Turn
from sipadek.errors import DuplicateLetter, StepNotPossible
from sipadek.flow import Act, Case, Command, Machine, Situation, Transition, canonical

INCOMING: Final = Machine(
    kind="incoming",
    transitions=(
        Transition(
            state="", action="receive", targets=("received",), act="letter.received",
            who="mail post", needs=("unit", "sender", "date", "subject", "digest"),
        ),
        Transition(
            state="received", action="register", targets=("registered",), act="agenda.given",
            who="mail post", needs=("agenda", "agenda_id"),
        ),
        Transition(
            state="received", action="refuse", targets=("refused",), act="letter.refused",
            who="mail post", reason=True,
        ),
        Transition(
            state="registered", action="dispose", targets=("disposed",), act="letter.disposed",
            who="head of the unit", needs=("to",),
        ),
        Transition(
            state="registered", action="close", targets=("closed",), act="letter.closed",
            who="head of the unit",
        ),
        Transition(
            state="disposed", action="dispose", targets=("disposed",), act="letter.disposed",
            who="head of the unit", needs=("to",),
        ),
        Transition(
            state="disposed", action="close", targets=("closed",), act="letter.closed",
            who="head of the unit, once every disposisi has ended",
        ),
    ),
)  # fmt: skip
"""The steps of an incoming letter. One that its sender makes void ends in the state 'void', and so do
the disposisi of it, by the sender's act."""


def decide(setting: Setting, command: Command, situation: Situation) -> Sequence[Act]:
    """What follows from a command. Raises a leaf of CaseError, InvalidInput or NotFound."""
    row = INCOMING.step(situation.case, command)
    return _STEPS[command.action](
        Turn(setting=setting, command=command, situation=situation, row=row)
    )


def arrival(turn: Turn, unit: str, draft: Draft, *, copy: bool) -> Act:
    """The act that opens the case of a letter sent to a unit, as a part of sending it."""
    case = turn.case
    desk = turn.organisation.desk("incoming.register", unit, case.secrecy)
    sender = turn.organisation.unit(case.unit)
    body: dict[str, Any] = {
        "subject": case.body["subject"],
        "sender": sender.name,
        "sender_unit": sender.code,
        "number": case.body["number"],
        "date": case.body["date"],
        "digest": case.body["digest"],
        "same": same_letter(sender.name, case.body["number"], case.body["date"]),
        "classification": draft.classification,
        "urgency": draft.urgency,
        "from_case": case.id,
        "copy": copy,
    }
    return turn.act(
        case=turn.situation.new_id(),
        event="letter.received",
        state="received",
        data=body,
        kind=INCOMING.kind,
        unit=unit,
        secrecy=case.secrecy.value,
        holder=desk.code,
        letter=case.letter,
    )


def same_letter(sender: str, number: str, date: str) -> str:
    """What two registrations of one letter have in common: sender, number and date; '' where the letter
    has no number."""
    told = [" ".join(text.casefold().split()) for text in (sender, number)]
    return canonical([*told, date]) if told[1] else ""


def _receive(turn: Turn) -> Sequence[Act]:
    told: Mapping[str, Any] = turn.command.data
    unit, secrecy = str(told["unit"]), Secrecy(told.get("secrecy", "B"))
    standing = turn.permit("incoming.register", unit=unit, secrecy=secrecy)
    same = same_letter(told["sender"], told.get("number", ""), told["date"])
    body = {
        name: told.get(name, "")
        for name in ("subject", "sender", "number", "date", "digest", "classification", "urgency")
    } | {"same": same, "copy": False}
    found = turn.situation.alike(INCOMING.kind, unit, "digest", body["digest"])
    if found is None and same:
        found = turn.situation.alike(INCOMING.kind, unit, "same", same)
    if found is not None:
        if not turn.command.reason.strip():
            raise _duplicate(found, body)
        body["duplicate_of"] = found.id
    return [
        turn.act(
            case=turn.situation.new_id(),
            event=turn.row.act,
            state="received",
            data=body,
            kind=INCOMING.kind,
            unit=unit,
            secrecy=secrecy.value,
            holder=standing.post.code,
        )
    ]


def _duplicate(found: Case, body: Mapping[str, Any]) -> DuplicateLetter:
    agenda = found.body.get("agenda") or "none yet"
    alike = "bytes" if found.body["digest"] == body["digest"] else "sender, number and date"
    return DuplicateLetter(
        f"The letter from {body['sender']} was received before (the same {alike}): "
        f"{found.body['subject']}, agenda number {agenda}. To register it again, give the reason.",
        case=found.id,
        alike=alike,
    )


def _register(turn: Turn) -> Sequence[Act]:
    turn.permit("incoming.register", unit=turn.case.unit)
    head = turn.organisation.desk("incoming.dispose", turn.case.unit, turn.case.secrecy)
    told = turn.command.data
    sets = {"holder": head.code}
    if not turn.case.letter:
        sets["letter"] = str(told["agenda_id"])
    data = {
        "agenda": told["agenda"],
        "agenda_id": told["agenda_id"],
        "agenda_on": turn.setting.on.isoformat(),
    }
    return [turn.act(data=data, **sets)]


def _refuse(turn: Turn) -> Sequence[Act]:
    turn.permit("incoming.register", unit=turn.case.unit)
    return [turn.act(holder="")]


def _dispose(turn: Turn) -> Sequence[Act]:
    standing = turn.permit_holder("incoming.dispose")
    given = disposisi.given(turn, standing, root=turn.case)
    return [turn.act(data={"to": [act.sets["holder"] for act in given]}), *given]


def _close(turn: Turn) -> Sequence[Act]:
    turn.permit_holder("incoming.dispose")
    refuse_open(turn.situation.children(), turn.row.action)
    return [turn.act(holder="")]


def refuse_open(children: Sequence[Case], action: str) -> None:
    """Refuse to end what others still work on."""
    waiting = [child for child in children if not child.ended]
    if waiting:
        raise StepNotPossible(
            f"The step {action!r} is not possible: {len(waiting)} disposisi have not ended, with "
            f"{', '.join(child.holder for child in waiting)}. Wait for their report, or recall them.",
            action=action,
            possible=("dispose",),
        )


_STEPS: Final[Mapping[str, Callable[[Turn], Sequence[Act]]]] = {
    "receive": _receive,
    "register": _register,
    "refuse": _refuse,
    "dispose": _dispose,
    "close": _close,
}
