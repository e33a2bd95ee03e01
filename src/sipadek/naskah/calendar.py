"""Months and dates as Indonesian letters write them."""

from __future__ import annotations

import datetime
from typing import Final

from sipadek.errors import InvalidInput

MONTHS: Final = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ROMAN_MONTHS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def month_name(month: int) -> str:
    """'November' for 11. Raises InvalidInput outside 1 to 12."""
    return MONTHS[_index(month)]


def roman_month(month: int) -> str:
    """'XI' for 11. Raises InvalidInput outside 1 to 12."""
    return ROMAN_MONTHS[_index(month)]


def parse_roman_month(text: str) -> int:
    """11 for 'XI'. Capitals only; raises InvalidInput for anything but I to XII."""
    try:
        return ROMAN_MONTHS.index(text) + 1
    except ValueError:
        raise InvalidInput(
            f"{text!r} is not a month in Roman numerals; write I to XII in capitals", value=text
        ) from None


def date_text(date: datetime.date) -> str:
    """'24 November 2026': the day without a leading zero, the month in words, the year."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def day_text(date: datetime.date) -> str:
    """'Selasa, 24 November 2026'."""
    return f"{DAYS[date.weekday()]}, {date_text(date)}"


def _index(month: int) -> int:
    if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= 12:
        raise InvalidInput(f"month {month!r} does not exist; months run from 1 to 12", value=month)
    return month - 1
