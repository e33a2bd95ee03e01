"""An application as it is kept: what may be known of it, and apart from it what is personal. Pure.

The open part goes into the record and the ledger. The private part (what the citizen wrote, reasons,
complaints, a letter that is being signed) lies in one row of its own, which can be erased.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping
from typing import Any

import attrs

from sipadek.services.application import Action, Application, Entry, Stage


@attrs.frozen(kw_only=True)
class Complaint:
    """A citizen's word that money was asked for what is free. ``amount`` is in rupiah, ``text`` what
    happened, in the citizen's words."""

    amount: int
    text: str = attrs.field(repr=False)
    at: datetime.datetime


@attrs.frozen(kw_only=True)
class Pending:
    """A letter that is being signed: its document ``date`` and the PDF to be filed."""

    date: datetime.date
    pdf: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Private:
    """What is personal in an application; its repr tells nothing. ``attempt`` counts the tries of the
    letter that is being signed, since after a number that was made void it takes another key."""

    values: Mapping[str, str] = attrs.field(repr=False)
    reasons: Mapping[int, str] = attrs.field(factory=dict, repr=False)
    complaints: tuple[Complaint, ...] = attrs.field(default=(), repr=False)
    pending: Pending | None = attrs.field(default=None, repr=False)
    attempt: int = 1


def private_part(private: Private) -> dict[str, Any]:
    """The private part as it is kept."""
    kept: dict[str, Any] = {
        "values": dict(private.values),
        "reasons": [{"step": n, "text": text} for n, text in private.reasons.items()],
        "complaints": [
            {"amount": each.amount, "text": each.text, "at": each.at.isoformat()}
            for each in private.complaints
        ],
        "attempt": private.attempt,
    }
    if private.pending is not None:
        pdf = base64.b64encode(private.pending.pdf).decode()
        kept["pending"] = {"date": private.pending.date.isoformat(), "pdf": pdf}
    return kept


def private_of(kept: Mapping[str, Any]) -> Private | None:
    """The private part that was kept so; None where it was erased."""
    if not kept:
        return None
    pending = kept.get("pending")
    return Private(
        values=kept["values"],
        reasons={each["step"]: each["text"] for each in kept["reasons"]},
        complaints=tuple(
            Complaint(
                amount=each["amount"],
                text=each["text"],
                at=datetime.datetime.fromisoformat(each["at"]),
            )
            for each in kept["complaints"]
        ),
        pending=None
        if pending is None
        else Pending(
            date=datetime.date.fromisoformat(pending["date"]), pdf=base64.b64decode(pending["pdf"])
        ),
        attempt=kept["attempt"],
    )


def open_part(application: Application) -> dict[str, Any]:
    """What is kept in the open: the steps, without their reasons."""
    return {
        "service": application.service,
        "history": [
            {
                "action": str(entry.action),
                "stage": str(entry.stage),
                "at": entry.at.isoformat(),
                "post": entry.post,
                "actor": entry.actor,
                "letter": entry.letter,
            }
            for entry in application.history
        ],
    }


def application_of(
    id_: str, unit: str, kept: Mapping[str, Any], private: Private | None
) -> Application:
    """The application that was kept so, with its reasons where they were not erased."""
    reasons = {} if private is None else private.reasons
    return Application(
        id=id_,
        service=kept["service"],
        unit=unit,
        history=tuple(
            Entry(
                action=Action(each["action"]),
                stage=Stage(each["stage"]),
                at=datetime.datetime.fromisoformat(each["at"]),
                post=each["post"],
                actor=each["actor"],
                reason=reasons.get(n, ""),
                letter=each["letter"],
            )
            for n, each in enumerate(kept["history"])
        ),
    )
