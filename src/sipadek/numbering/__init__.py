"""Number patterns and series: what a number looks like and which counter it comes from. Pure."""

from __future__ import annotations

from sipadek.numbering.insertion import INSERTIONS
from sipadek.numbering.pattern import MAX_PATTERN, Pattern
from sipadek.numbering.rules import MAX_RULES, Choice, Rule, Rules
from sipadek.numbering.series import MAX_KINDS, Restart, Series
from sipadek.numbering.values import (
    MAX_INSERTION,
    MAX_SEQUENCE,
    MAX_VALUE,
    NumberFields,
    ParsedNumber,
)

__all__ = [
    "INSERTIONS",
    "MAX_INSERTION",
    "MAX_KINDS",
    "MAX_PATTERN",
    "MAX_RULES",
    "MAX_SEQUENCE",
    "MAX_VALUE",
    "Choice",
    "NumberFields",
    "ParsedNumber",
    "Pattern",
    "Restart",
    "Rule",
    "Rules",
    "Series",
]
