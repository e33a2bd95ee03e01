"""Indonesian vocabulary of official letters: months, dates, secrecy. Pure."""

from __future__ import annotations

from sipadek.naskah.calendar import (
    DAYS,
    MONTHS,
    ROMAN_MONTHS,
    date_text,
    day_text,
    month_name,
    parse_roman_month,
    roman_month,
)
from sipadek.naskah.secrecy import SECRECY_NAMES, secrecy_name

__all__ = [
    "DAYS",
    "MONTHS",
    "ROMAN_MONTHS",
    "SECRECY_NAMES",
    "date_text",
    "day_text",
    "month_name",
    "parse_roman_month",
    "roman_month",
    "secrecy_name",
]
