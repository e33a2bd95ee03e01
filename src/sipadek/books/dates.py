"""Dates as offices write them in their books."""

from __future__ import annotations

import datetime
import re
from typing import Final

from sipadek.errors import InvalidInput
from sipadek.naskah import MONTHS

# A time may stand behind a date that a program wrote.
_ISO: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", re.A
)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.A)
_IN_WORDS: Final = re.compile(r"(\d{1,2})[ -]+([A-Za-z]{3,9})\.?[ -]+(\d{4})", re.A)
_OTHER_SPELLINGS: Final = {
    "pebruari": 2,
    "peb": 2,
    "agt": 8,
    "agust": 8,
    "sept": 9,
    "nopember": 11,
    "nop": 11,
}
_MONTHS: Final = {
    **{name.lower()[:3]: month for month, name in enumerate(MONTHS, 1)},
    **{name.lower(): month for month, name in enumerate(MONTHS, 1)},
    **_OTHER_SPELLINGS,
}


def parse_date(text: str) -> datetime.date:
    """The date of '2026-11-03', '3/11/2026', '03-11-2026', '3.11.2026' or '3 November 2026', months
    also shortened or in the older spelling ('Nopember'). Days come before months, years have four
    digits. Raises InvalidInput for anything else, and for days that do not exist."""
    found = _ISO.fullmatch(text)
    if found:
        year, month, day = (int(part) for part in found.groups())
        return _date(text, year, month, day)
    found = _DAY_FIRST.fullmatch(text)
    if found:
        return _date(text, int(found[4]), int(found[3]), int(found[1]))
    found = _IN_WORDS.fullmatch(text)
    if found and found[2].lower() in _MONTHS:
        return _date(text, int(found[3]), _MONTHS[found[2].lower()], int(found[1]))
    raise InvalidInput(
        f"{text!r:.80} is no date that can be read for certain; write it as 2026-11-03, 3/11/2026 or "
        "3 November 2026, with four digits for the year",
        value=text,
    )


def _date(text: str, year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is no day of the calendar (day {day}, month {month}, year {year}); correct it",
            value=text,
        ) from None
