"""Number patterns and series: what a number looks like and which counter it comes from. Pure."""

from __future__ import annotations

from sipadek.numbering.fields import MAX_SEQUENCE, MAX_VALUE, NumberFields, ParsedNumber
from sipadek.numbering.pattern import MAX_PATTERN, Pattern
from sipadek.numbering.series import Restart, Series

__all__ = [
    "MAX_PATTERN",
    "MAX_SEQUENCE",
    "MAX_VALUE",
    "NumberFields",
    "ParsedNumber",
    "Pattern",
    "Restart",
    "Series",
]
