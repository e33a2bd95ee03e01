"""A letter that goes out: from draft over paraf, number and signature to the archive. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sipadek.correspondence import incoming
from sipadek.correspondence.composing import compose
from sipadek.correspondence.drafting import Draft, check_complete, check_draft, units_among
from sipadek.correspondence.turn import Setting, Turn
from sipadek.errors import NotAllowed
from sipadek.flow import Act, Command, Machine, Situation, Transition

OUTGOING: Final = Machine(
    kind="outgoing",
    transitions=(
        Transition(
            state="", action="draft", targets=("draft",), act="letter.drafted",
            who="drafter", needs=("draft",),
        ),
        Transition(
            state="draft", action="revise", targets=("draft",), act="draft.revised",
            who="drafter's post", needs=("draft",),
        ),
        Transition(
            state="draft", action="submit", targets=("paraf", "signature"), act="draft.submitted",
            who="drafter's post",
        ),
        Transition(
            state="draft", action="withdraw", targets=("withdrawn",), act="draft.withdrawn",
            who="drafter's post", reason=True,
        ),
        Transition(
            state="paraf", action="paraf", targets=("paraf", "signature"), act="paraf.given",
            who="next post of the chain, not the drafter",
        ),
        Transition(
            state="paraf", action="return", targets=("draft",), act="draft.returned",
            who="next post of the chain", reason=True,
        ),
        Transition(
            state="paraf", action="withdraw", targets=("withdrawn",), act="draft.withdrawn",
            who="drafter's post", reason=True,
        ),
        Transition(
            state="signature", action="begin", targets=("signing",), act="signing.begun",
            who="signatory",
        ),
        Transition(
            state="signature", action="return", targets=("draft",), act="draft.returned",
            who="signatory", reason=True,
        ),
        Transition(
            state="signature", action="withdraw", targets=("withdrawn",), act="draft.withdrawn",
            who="drafter's post", reason=True,
        ),
        Transition(
            state="signing", action="finish", targets=("signed",), act="letter.signed",
            who="signatory", needs=("letter", "number", "digest"),
        ),
        Transition(
            state="signing", action="fail", targets=("signature",), act="signing.failed",
            who="signatory", reason=True,
        ),
        Transition(
            state="signed", action="send", targets=("sent",), act="letter.sent", who="mail post",
        ),
        Transition(
            state="signed", action="archive", targets=("archived",), act="letter.archived",
            who="mail post",
        ),
        Transition(
            state="sent", action="archive", targets=("archived",), act="letter.archived",
            who="mail post",
        ),
        *(
            Transition(
                state=state, action="void", targets=("void",), act="letter.voided",
                who="who may void", reason=True,
            )
            for state in ("signed", "sent", "archived")
        ),
    ),
)  # fmt: skip
"""The steps of an outgoing letter."""


def decide(setting: Setting, command: Command, situation: Situation) -> Sequence[Act]:
    """What follows from a command. Raises a leaf of CaseError, InvalidInput or NotFound."""
    row = OUTGOING.step(situation.case, command)
    return _STEPS[command.action](
        Turn(setting=setting, command=command, situation=situation, row=row)
    )


def _draft(turn: Turn) -> Sequence[Act]:
    draft = _checked(turn)
    standing = turn.permit("outgoing.draft", unit=draft.unit, secrecy=draft.secrecy)
    body = {
        "subject": draft.subject,
        "draft": draft.body(),
        "drafter": turn.command.actor,
        "drafter_post": standing.post.code,
        "parafs": [],
        "attempt": 0,
    }
    return [
        turn.act(
            case=turn.situation.new_id(),
            data=body,
            event=turn.row.act,
            state="draft",
            kind=OUTGOING.kind,
            unit=draft.unit,
            secrecy=draft.secrecy.value,
            holder=standing.post.code,
        )
    ]


def _checked(turn: Turn) -> Draft:
    told: Any = turn.command.data["draft"]
    draft = Draft.of(told)
    check_draft(draft, turn.setting.kinds, turn.organisation)
    return draft


def _revise(turn: Turn) -> Sequence[Act]:
    turn.permit_holder("outgoing.draft")
    draft = _checked(turn)
    turn.permit("outgoing.draft", unit=draft.unit, post=turn.case.holder, secrecy=draft.secrecy)
    data = {"subject": draft.subject, "draft": draft.body()}
    return [turn.act(data=data, unit=draft.unit, secrecy=draft.secrecy.value)]


def _submit(turn: Turn) -> Sequence[Act]:
    turn.permit_holder("outgoing.draft")
    draft = Draft.of(turn.case.body["draft"])
    check_complete(draft, turn.setting.kinds, turn.organisation)
    # Somebody must be there to send it, and to take it in: better said now than once it is signed.
    turn.organisation.desk("outgoing.send", draft.unit, draft.secrecy)
    for unit in units_among([*draft.to, *draft.copies], turn.organisation):
        turn.organisation.desk("incoming.register", unit, draft.secrecy)
    if draft.chain:
        return [turn.act("paraf", holder=draft.chain[0], data={"parafs": []})]
    return [turn.act("signature", holder=draft.signatory, data={"parafs": []})]


def _paraf(turn: Turn) -> Sequence[Act]:
    standing = turn.permit_holder("outgoing.paraf")
    case = turn.case
    if turn.command.actor == case.body["drafter"]:
        raise NotAllowed(
            f"{turn.command.actor} drafted the letter and does not give it a paraf as well.",
            person=turn.command.actor,
            action="outgoing.paraf",
            unit=case.unit,
        )
    given = {
        "post": standing.post.code,
        "person": standing.person.id,
        "title": standing.title,
        "note": str(turn.command.data.get("note", "")),
    }
    parafs = [*case.body["parafs"], given]
    draft = Draft.of(case.body["draft"])
    if len(parafs) < len(draft.chain):
        return [turn.act("paraf", holder=draft.chain[len(parafs)], data={"parafs": parafs})]
    return [turn.act("signature", holder=draft.signatory, data={"parafs": parafs})]


def _return(turn: Turn) -> Sequence[Act]:
    signs = turn.case.state == "signature"
    turn.permit_holder("outgoing.sign" if signs else "outgoing.paraf")
    return [turn.act(holder=turn.case.body["drafter_post"], data={"parafs": []})]


def _withdraw(turn: Turn) -> Sequence[Act]:
    turn.permit("outgoing.draft", unit=turn.case.unit, post=turn.case.body["drafter_post"])
    return [turn.act(holder="")]


def _begin(turn: Turn) -> Sequence[Act]:
    standing = turn.permit_holder("outgoing.sign")
    draft = Draft.of(turn.case.body["draft"])
    assert [one["post"] for one in turn.case.body["parafs"]] == list(draft.chain)
    sheet = compose(
        draft,
        turn.organisation,
        turn.setting.kinds,
        on=turn.setting.on,
        standing=standing,
        number_like=str(turn.command.data.get("number_like", "")),
    )
    data = {
        "attempt": turn.case.body["attempt"] + 1,
        "date": turn.setting.on.isoformat(),
        "signer": {"person": standing.person.id, "title": standing.title},
        "sheet": sheet,
    }
    return [turn.act(data=data)]


def _finish(turn: Turn) -> Sequence[Act]:
    turn.permit_holder("outgoing.sign")
    told = turn.command.data
    desk = turn.organisation.desk("outgoing.send", turn.case.unit, turn.case.secrecy)
    return [
        turn.act(
            letter=str(told["letter"]),
            holder=desk.code,
            data={"number": told["number"], "digest": told["digest"]},
        )
    ]


def _fail(turn: Turn) -> Sequence[Act]:
    turn.permit_holder("outgoing.sign")
    return [turn.act()]


def _send(turn: Turn) -> Sequence[Act]:
    turn.permit("outgoing.send", unit=turn.case.unit)
    draft = Draft.of(turn.case.body["draft"])
    to = units_among(draft.to, turn.organisation)
    copies = [unit for unit in units_among(draft.copies, turn.organisation) if unit not in to]
    arriving = [incoming.arrival(turn, unit, draft, copy=unit in copies) for unit in (*to, *copies)]
    return [turn.act(data={"sent_to": [*to, *copies]}), *arriving]


def _archive(turn: Turn) -> Sequence[Act]:
    turn.permit("outgoing.archive", unit=turn.case.unit)
    return [turn.act(holder="")]


def _void(turn: Turn) -> Sequence[Act]:
    turn.permit("outgoing.void", unit=turn.case.unit)
    # Nobody goes on working on it at the other end.
    others = [
        turn.act("void", case=case.id, event="letter.voided", holder="")
        for case in turn.situation.about(turn.case.letter)
        if case.id != turn.case.id and not case.ended
    ]
    return [turn.act(holder=""), *others]


_STEPS: Final[Mapping[str, Callable[[Turn], Sequence[Act]]]] = {
    "draft": _draft,
    "revise": _revise,
    "submit": _submit,
    "paraf": _paraf,
    "return": _return,
    "withdraw": _withdraw,
    "begin": _begin,
    "finish": _finish,
    "fail": _fail,
    "send": _send,
    "archive": _archive,
    "void": _void,
}
