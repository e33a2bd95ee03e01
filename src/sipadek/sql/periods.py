"""The periods of a series that can be closed: a year, or a month."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sipadek.errors import InvalidInput
from sipadek.sql import rows, voiding


def of(date: datetime.date) -> list[str]:
    """What must not be closed where a letter of that date is to get a number: year and month."""
    return [f"{date.year:04d}", f"{date.year:04d}-{date.month:02d}"]


def check_act(period: str, reason: str, actor: str, what: str) -> None:
    """Refuse to close or open a period without a reason and an actor, or one that is none.

    Raises:
        InvalidInput: ``what`` begins the message about a missing reason.
    """
    voiding.check_reason(reason, what)
    rows.check_text("actor", actor)
    if not actor.strip():
        raise InvalidInput("Name who does it, as actor.", field="actor")
    year, _, month = period.partition("-")
    sound = len(year) == 4 and year.isascii() and year.isdigit()
    if "-" in period:
        sound = sound and len(month) == 2 and month.isdigit() and 1 <= int(month) <= 12
    if not sound:
        raise InvalidInput(
            f"{period!r} is no period; write a year such as 2026, or a month such as 2026-11.",
            period=period,
        )


def check_empty(series: str, period: str, held: Sequence[tuple[Any, ...]]) -> None:
    """Refuse to close a period in which numbers are ``held`` (rows of entries): InvalidInput."""
    if held:
        shown = ", ".join(rows.letter(row).number for row in held[:5])
        raise InvalidInput(
            f"{len(held)} numbers of {series} {period} are still held ({shown}). Issue them, "
            "or have them made void with the closing.",
            series=series,
            period=period,
            held=len(held),
        )
