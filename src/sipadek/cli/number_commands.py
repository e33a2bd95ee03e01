"""Commands about numbers that have no PDF here: agendas, decrees, numbers held for later."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Annotated, Any

import attrs
import typer

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.cli.failing import FINE, NO
from sipadek.cli.output import document, passages, say, table
from sipadek.cli.parameters import (
    Actor,
    Date,
    Extra,
    Json,
    LetterName,
    OfficeFolder,
    Post,
    as_date,
    as_pairs,
)
from sipadek.cli.values import letter_value
from sipadek.errors import InvalidInput, SipadekError
from sipadek.sql import Account

SeriesCode = Annotated[str, typer.Option(metavar="CODE", help="The series that gives the number.")]
Subject = Annotated[str, typer.Option(metavar="TEXT", help="Perihal.")]
Unit = Annotated[str, typer.Option(metavar="UNIT", help="The unit that issues it.")]
Classification = Annotated[str, typer.Option(metavar="CODE", help="Classification code.")]
Kind = Annotated[str, typer.Option(metavar="KIND", help="Kind of letter.")]
Secrecy = Annotated[str, typer.Option(metavar="SECRECY", help="B, T, R or SR.")]
Key = Annotated[
    str, typer.Option(metavar="KEY", help="Idempotency key: the same again is the same number.")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it stays in the register.")]


def give(
    office: OfficeFolder,
    series: SeriesCode,
    subject: Subject,
    key: Key,
    unit: Unit = "",
    classification: Classification = "",
    kind: Kind = "",
    secrecy: Secrecy = "B",
    post: Post = "",
    extra: Extra = None,
    date: Date = None,
    hold: Annotated[
        float | None,
        typer.Option(
            metavar="HOURS", min=0, help="Only hold it: void if not confirmed within so long."
        ),
    ] = None,
    actor: Actor = "",
    json: Json = False,
) -> int:
    """Give a number to a letter that needs no PDF here, or hold one with --hold."""
    with sipadek.open(office, create=False) as opened:
        details = _details(opened, locals())
        request = ReservationRequest(key=key, details=details, actor=actor)
        if hold is None:
            (outcome,) = opened.numbers.give([request])
        else:
            lease = datetime.timedelta(hours=hold)
            (outcome,) = opened.numbers.reserve([attrs.evolve(request, lease=lease)])
    if isinstance(outcome, SipadekError):
        raise outcome
    return _tell([outcome], json=json)


def confirm(office: OfficeFolder, letter: LetterName, json: Json = False) -> int:
    """Put a held number on record as given out."""
    with sipadek.open(office, create=False) as opened:
        letters = opened.numbers.confirm([opened.get(letter).id])
    return _tell(letters, json=json)


def insert(
    office: OfficeFolder,
    series: SeriesCode,
    subject: Subject,
    key: Key,
    actor: Actor,
    reason: Reason,
    after: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER", help="Behind this one. [default: the last on or before the date]"
        ),
    ] = None,
    unit: Unit = "",
    classification: Classification = "",
    kind: Kind = "",
    secrecy: Secrecy = "B",
    post: Post = "",
    extra: Extra = None,
    date: Date = None,
    json: Json = False,
) -> int:
    """Put a number in behind an earlier one, such as 12.A. It is held until it is confirmed."""
    with sipadek.open(office, create=False) as opened:
        request = ReservationRequest(key=key, details=_details(opened, locals()), actor=actor)
        letter = opened.numbers.insert(request, reason=reason, after=after)
    return _tell([letter], json=json)


def stock(
    office: OfficeFolder,
    count: Annotated[int, typer.Argument(metavar="COUNT", help="How many numbers to hold.")],
    series: SeriesCode,
    key: Key,
    actor: Actor,
    subject: Subject = "Cadangan nomor",
    unit: Unit = "",
    classification: Classification = "",
    kind: Kind = "",
    secrecy: Secrecy = "B",
    post: Post = "",
    extra: Extra = None,
    date: Date = None,
    json: Json = False,
) -> int:
    """Hold numbers of a date for letters of that day that come late; draw takes from them."""
    with sipadek.open(office, create=False) as opened:
        details = _details(opened, locals())
        letters = opened.numbers.stock(details, count, key=key, actor=actor)
    return _tell(letters, json=json)


def draw(
    office: OfficeFolder,
    series: SeriesCode,
    subject: Subject,
    key: Key,
    date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The date of the stock.")],
    unit: Unit = "",
    classification: Classification = "",
    kind: Kind = "",
    secrecy: Secrecy = "B",
    post: Post = "",
    extra: Extra = None,
    actor: Actor = "",
    json: Json = False,
) -> int:
    """Take the first number in stock for a date. It is held until it is confirmed."""
    with sipadek.open(office, create=False) as opened:
        request = ReservationRequest(key=key, details=_details(opened, locals()), actor=actor)
        letter = opened.numbers.draw(request)
    return _tell([letter], json=json)


def close(
    office: OfficeFolder,
    series: Annotated[str, typer.Argument(metavar="CODE", help="The series.")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2026, or 2026-11.")],
    reason: Reason,
    actor: Actor,
    void_held: Annotated[
        bool, typer.Option("--void-held", help="Make numbers void that are still held in it.")
    ] = False,
    json: Json = False,
) -> int:
    """Let a year or month of a series give no more numbers."""
    with sipadek.open(office, create=False) as opened:
        voided = opened.numbers.close_period(
            series, period, reason=reason, actor=actor, void_held=void_held
        )
    if json:
        voids = [letter_value(letter) for letter in voided]
        document({"series": series, "period": period, "closed": True, "voided": voids})
    else:
        say(f"{series} {period}: closed, numbers made void: {len(voided)}")
    return FINE


def reopen(
    office: OfficeFolder,
    series: Annotated[str, typer.Argument(metavar="CODE", help="The series.")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2026, or 2026-11.")],
    reason: Reason,
    actor: Actor,
    json: Json = False,
) -> int:
    """Let a closed year or month give numbers again."""
    with sipadek.open(office, create=False) as opened:
        opened.numbers.reopen_period(series, period, reason=reason, actor=actor)
    if json:
        document({"series": series, "period": period, "closed": False})
    else:
        say(f"{series} {period}: open")
    return FINE


def expire(office: OfficeFolder, json: Json = False) -> int:
    """Make every number void whose time to be confirmed is over."""
    with sipadek.open(office, create=False) as opened:
        voided = opened.numbers.expire()
    if json:
        document({"voided": [letter.number for letter in voided]})
    else:
        say(f"numbers made void: {len(voided)}")
    return FINE


def account(
    office: OfficeFolder,
    series: Annotated[
        str, typer.Argument(metavar="[CODE]", help="Only this series.", show_default=False)
    ] = "",
    json: Json = False,
) -> int:
    """Account for every number of every counter. Exit code 1 where one is missing."""
    with sipadek.open(office, create=False) as opened:
        accounts = opened.numbers.accounts(series)
    code = NO if any(each.missing for each in accounts) else FINE
    if json:
        document({"accounts": [_account_value(each) for each in accounts]})
        return code
    headers = [
        "SERIES",
        "COUNTER",
        "FROM",
        "TO",
        "ISSUED",
        "OLDER",
        "HELD",
        "VOID",
        "PUT IN",
        "MISSING",
    ]
    rows = [
        [
            each.series, each.counter, str(each.start), str(each.last), str(each.issued),
            str(each.legacy), str(len(each.held)), str(len(each.void)), str(len(each.inserted)),
            ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in each.missing) or "none",
        ]
        for each in accounts
    ]  # fmt: skip
    table(headers, rows)
    remarks = [
        [name, remark.number, remark.actor, remark.reason]
        for each in accounts
        for name in ("void", "held", "inserted", "holes", "repeats")
        for remark in getattr(each, name)
    ]
    if remarks:
        say()
        passages(["WHAT", "NUMBER", "WHO", "WHY"], remarks)
    return code


def _details(opened: sipadek.Office, given: dict[str, Any]) -> LetterDetails:
    """The details that a command's options give."""
    series = opened.numbers.series(given["series"])
    date = as_date(given["date"]) or series.local_date(datetime.datetime.now(datetime.UTC))
    try:
        secrecy = sipadek.Secrecy(given["secrecy"])
    except ValueError:
        raise InvalidInput(f"--secrecy is {given['secrecy']!r}; give B, T, R or SR") from None
    return LetterDetails(
        series=series.code,
        subject=given["subject"],
        date=date,
        unit=given["unit"],
        classification=given["classification"],
        kind=given["kind"],
        secrecy=secrecy,
        post=given["post"],
        extra=as_pairs("extra", given["extra"]),
    )


def _tell(letters: Sequence[sipadek.Letter], *, json: bool) -> int:
    if json:
        document({"letters": [letter_value(letter) for letter in letters]})
        return FINE
    rows = [
        [each.number, each.state.value, each.details.date.isoformat(), each.details.subject]
        for each in letters
    ]
    table(["NUMBER", "STATE", "DATE", "SUBJECT"], rows)
    return FINE


def _account_value(account: Account) -> dict[str, Any]:
    value = attrs.asdict(account)
    for name in ("void", "held", "inserted", "holes", "repeats"):
        for remark in value[name]:
            for moment in ("since", "until"):
                remark[moment] = remark[moment] and remark[moment].isoformat()
    return value
