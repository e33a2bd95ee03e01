"""What stands in a letter beside its content: letterhead, date, recipients, signature block. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sipadek.archive import Secrecy
from sipadek.correspondence.drafting import Draft
from sipadek.correspondence.kinds import DISPOSISI_SHEET, INSTRUCTIONS, LetterKind
from sipadek.errors import NotFound
from sipadek.flow import Case
from sipadek.naskah import date_text, secrecy_name
from sipadek.people import Organisation, Standing

NUMBER_TAG: Final = "${nomor}"
"""Where the number is drawn once it is taken."""

STAMP_TAG: Final = "${ttd}"
"""Where the stamp, with the QR code, is drawn."""


def compose(
    draft: Draft,
    organisation: Organisation,
    kinds: Mapping[str, LetterKind],
    *,
    on: datetime.date,
    standing: Standing,
    number_like: str = "",
) -> dict[str, Any]:
    """What a template sets: plain values, all texts in Indonesian. ``number_like`` is as wide as the
    number will be."""
    kind = kinds[draft.kind]
    unit = organisation.unit(draft.unit)
    return {
        "kind": kind.code,
        "template": kind.template,
        "title": kind.title,
        "letterhead": letterhead(draft.unit, organisation),
        "place": unit.place or organisation.path(draft.unit)[0].place,
        "date": date_text(on),
        "day": [on.year, on.month, on.day],
        "subject": draft.subject,
        "secrecy": secrecy_name(draft.secrecy),
        "urgency": draft.urgency,
        "attachments": draft.attachments,
        "to": [addressee(name, organisation) for name in draft.to],
        "copies": [addressee(name, organisation) for name in draft.copies],
        "content": dict(draft.content),
        "signature": {
            "lines": signature_lines(draft.signing_for, standing, organisation),
            "title": standing.title,
            "name": standing.person.name,
            "rank": standing.person.rank,
            "nip": standing.person.nip,
        },
        "number_like": number_like,
        "tags": {"number": NUMBER_TAG, "stamp": STAMP_TAG},
    }


def letterhead(unit: str, organisation: Organisation) -> dict[str, Any]:
    """The names of the unit and those above it, in capitals, and its address."""
    path = organisation.path(unit)
    return {"lines": [each.name.upper() for each in path], "address": path[-1].address}


def addressee(name: str, organisation: Organisation) -> str:
    """How a recipient is called: a unit by the title of who heads it, anything else as it is."""
    try:
        return organisation.desk("incoming.dispose", name).title
    except NotFound:
        pass
    try:
        return organisation.unit(name).name
    except NotFound:
        return name


def signature_lines(
    signing_for: Sequence[str], standing: Standing, organisation: Organisation
) -> list[str]:
    """The lines over a signature: "a.n." for the one in whose name it is signed, "u.b." below a second
    one, and "Plt.", "Plh." or "Pj." before the title of who holds the post so."""
    lines = []
    for place, post in enumerate(signing_for):
        title = organisation.post(post).title.upper()
        lines.append(f"{'a.n. ' if place == 0 else ''}{title}{',' if place else ''}")
    if len(signing_for) > 1:
        lines.append("u.b.")
    title = " ".join(filter(None, (standing.capacity.prefix, standing.post.title.upper())))
    return [*lines, f"{title},"]


def compose_sheet(
    letter: Case,
    disposisi: Sequence[Case],
    organisation: Organisation,
    *,
    instructions: Sequence[str] = INSTRUCTIONS,
    zone: datetime.tzinfo = datetime.UTC,
) -> dict[str, Any]:
    """What a lembar disposisi shows of an incoming letter and of those disposisi of it; ``zone`` says
    what day a moment was."""
    body, opened = letter.body, letter.opened_at.astimezone(zone)
    return {
        "kind": DISPOSISI_SHEET.code,
        "template": DISPOSISI_SHEET.template,
        "title": DISPOSISI_SHEET.title,
        "subject": body["subject"],
        "letterhead": letterhead(letter.unit, organisation),
        "day": [opened.year, opened.month, opened.day],
        "sender": body["sender"],
        "number": body["number"] or "-",
        "date": _day(body["date"]),
        "received": _day(body.get("agenda_on", "")),
        "agenda": body.get("agenda", "-"),
        "secrecy": secrecy_name(Secrecy(letter.secrecy)),
        "urgency": body["urgency"] or "Biasa",
        "instructions": list(instructions),
        "disposisi": [_row(each, organisation, zone) for each in disposisi],
    }


def _row(case: Case, organisation: Organisation, zone: datetime.tzinfo) -> dict[str, Any]:
    body = case.body
    post = organisation.post(body["to_post"])
    return {
        "from": body["giver_title"],
        "to": post.title,
        "instructions": list(body["instructions"]),
        "note": body["note"],
        "given": date_text(case.opened_at.astimezone(zone).date()),
        "due": "" if case.due_at is None else date_text(case.due_at.astimezone(zone).date()),
        "report": body.get("report", ""),
        "state": case.state,
    }


def _day(text: str) -> str:
    return date_text(datetime.date.fromisoformat(text)) if text else "-"
