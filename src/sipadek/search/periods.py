"""What ``tanggal:`` takes: days, months, years, how long ago they were, and from one to another."""

from __future__ import annotations

import datetime
import re
from typing import Final

from sipadek.naskah import MONTHS

Period = tuple[datetime.date, datetime.date]
"""The first and the last day."""

_DAY: Final = datetime.timedelta(days=1)
_MONTHS: Final = {name.lower(): month for month, name in enumerate(MONTHS, start=1)}
_ISO: Final = re.compile("([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
# Also 15/1/2026, 1-2026, '15 Januari 2026' and 'Januari 2026'.
_INDONESIAN: Final = re.compile(
    f"(?:([0-9]{{1,2}})[-/ ])?([0-9]{{1,2}}|{'|'.join(_MONTHS)})[-/ ]([0-9]{{4}})"
)
RELATIVE: Final = (
    "hari-ini",
    "kemarin",
    "minggu-ini",
    "minggu-lalu",
    "bulan-ini",
    "bulan-lalu",
    "tahun-ini",
    "tahun-lalu",
)
"""The periods that are counted from today. A week begins on Monday."""


class NoToday(ValueError):
    """A period is counted from today, and what day it is was not told."""


def parse_span(
    text: str, today: datetime.date | None
) -> tuple[datetime.date | None, datetime.date | None]:
    """The first and last day of a period, or of ``a..b``, ``a..`` or ``..b``; None is an open end.

    Raises:
        ValueError: it cannot be understood, or ends before it begins; NoToday.
    """
    if ".." not in text:
        return parse_period(text, today)
    first, last = (part.strip() for part in text.split("..", 1))
    low = parse_period(first, today)[0] if first else None
    high = parse_period(last, today)[1] if last else None
    if low is None and high is None:
        raise ValueError("neither end is given")
    if low is not None and high is not None and low > high:
        raise ValueError("it ends before it begins")
    return low, high


def parse_period(text: str, today: datetime.date | None) -> Period:
    """The first and last day of a day, month, year, or one of ``RELATIVE``.

    Raises:
        ValueError: there is no such period; NoToday.
    """
    text = " ".join(text.lower().split())
    name = text.replace(" ", "-")
    if name in RELATIVE:
        if today is None:
            raise NoToday("it is not told what day it is")
        return _relative(name, today)
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _INDONESIAN.fullmatch(text):
        day, month, year = found.groups()
    else:
        raise ValueError("it is no period")
    return _period(int(year), _month(month), None if day is None else int(day))


def _month(text: str | None) -> int | None:
    return None if text is None else _MONTHS.get(text) or int(text)


def _period(year: int, month: int | None, day: int | None) -> Period:
    if month is None:
        return datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    if day is not None:
        return (one := datetime.date(year, month, day)), one
    first = datetime.date(year, month, 1)
    if month == 12:
        return first, datetime.date(year, 12, 31)
    return first, datetime.date(year, month + 1, 1) - _DAY


def _relative(name: str, today: datetime.date) -> Period:
    if name in ("hari-ini", "kemarin"):
        day = today - _DAY * (name == "kemarin")
        return day, day
    what, _, when = name.partition("-")
    back = when == "lalu"
    match what:
        case "minggu":
            monday = today - (today.weekday() + 7 * back) * _DAY
            return monday, monday + 6 * _DAY
        case "bulan":
            day = today.replace(day=1) - _DAY * back
            return _period(day.year, day.month, None)
        case _:
            return _period(today.year - back, None, None)
