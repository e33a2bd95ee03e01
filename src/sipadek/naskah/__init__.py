"""Indonesian vocabulary of official letters: months, dates, secrecy, order of codes, NIK, KK. Pure."""

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
from sipadek.naskah.codes import code_order
from sipadek.naskah.identity import (
    FamilyCardNumber,
    Nik,
    mask_identities,
    masked,
    masked_name,
)
from sipadek.naskah.secrecy import SECRECY_NAMES, secrecy_name

__all__ = [
    "DAYS",
    "MONTHS",
    "ROMAN_MONTHS",
    "SECRECY_NAMES",
    "FamilyCardNumber",
    "Nik",
    "code_order",
    "date_text",
    "day_text",
    "mask_identities",
    "masked",
    "masked_name",
    "month_name",
    "parse_roman_month",
    "roman_month",
    "secrecy_name",
]
