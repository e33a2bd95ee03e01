"""How many of the letters found are of each unit, kind, year, classification and secrecy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

import attrs

from sipadek.naskah import SECRECY_NAMES, code_order
from sipadek.search.query import Field

Fields: TypeAlias = tuple[str, str, str, int, int]
"""Unit, kind, classification, year and rank of secrecy of a letter."""

_SECRECY: Final = tuple(SECRECY_NAMES)


@attrs.frozen
class FacetCount:
    """``count`` letters (at least one) have that ``value``: as it is written after the field's name in
    a query. A classification counts what lies under it, too."""

    value: str
    count: int


Facets: TypeAlias = Mapping[Field, tuple[FacetCount, ...]]
"""For UNIT, KIND, YEAR, CLASSIFICATION and SECRECY. Units and kinds have the most frequent first, years
the newest; codes follow their numbers (400.9 before 400.10), each behind the ones above it. An empty
value is not told."""


def counted(letters: Iterable[Fields]) -> Facets:
    """The facets of those letters."""
    units: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    years: Counter[int] = Counter()
    ranks: Counter[int] = Counter()
    for (unit, kind, code, year, rank), count in Counter(letters).items():
        units[unit] += count
        kinds[kind] += count
        years[year] += count
        ranks[rank] += count
        parts = code.split(".")
        for depth in range(1, len(parts) + 1):
            codes[".".join(parts[:depth])] += count
    return {
        Field.UNIT: _told(sorted(units.items(), key=_frequent)),
        Field.KIND: _told(sorted(kinds.items(), key=_frequent)),
        Field.YEAR: _told(
            (str(year), count) for year, count in sorted(years.items(), reverse=True)
        ),
        Field.CLASSIFICATION: _told(sorted(codes.items(), key=lambda one: code_order(one[0]))),
        Field.SECRECY: _told((_SECRECY[rank], count) for rank, count in sorted(ranks.items())),
    }


def _frequent(one: tuple[str, int]) -> tuple[int, str]:
    return -one[1], one[0]


def _told(counts: Iterable[tuple[str, int]]) -> tuple[FacetCount, ...]:
    return tuple(FacetCount(value, count) for value, count in counts if value)
