"""What units are measured by: expectations, weights and limits, as an office sets them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import attrs

from sipadek.errors import InvalidInput
from sipadek.people import Organisation

LETTER_MEASURES: Final = ("volume", "breadth", "signed", "direct")
"""What is measured of letters, by code."""

MEASURES: Final = (*LETTER_MEASURES, "disposition", "service", "on-time")
"""All that is measured, by code."""

LOWEST: Final = Fraction(1)
HIGHEST: Final = Fraction(5)
"""Levels, and so scores, run from 1 to 5."""


@attrs.frozen(kw_only=True)
class Category:
    """A label for scores of ``least`` and more, up to the next one's, and its ``colour`` (#rrggbb)."""

    code: str
    name: str
    least: Fraction
    colour: str
    source: str


@attrs.frozen(kw_only=True)
class Measure:
    """One thing that is measured. A value of ``worst`` is level 1, one of ``best`` level 5, and what
    lies between them lies between; ``worst`` may be the greater one. ``weight`` is its share among the
    weights of all. A unit whose value is on the wrong side of ``minimum`` cannot leave the lowest
    category, if it has ``minimum_from`` facts or more. ``written`` is how a value is written: as
    'percent', 'days' or 'times'."""

    code: str
    name: str
    meaning: str
    weight: int
    worst: Fraction
    best: Fraction
    minimum: Fraction | None
    written: str
    source: str
    minimum_from: int = 0

    def level(self, value: Fraction) -> Fraction:
        """The level of a value, 1 to 5."""
        part = (value - self.worst) / (self.best - self.worst)
        return LOWEST + (HIGHEST - LOWEST) * min(Fraction(1), max(Fraction(0), part))

    def passes(self, value: Fraction, facts: int) -> bool:
        """Whether the value, of so many facts, is as good as the minimum, or better."""
        if self.minimum is None or facts < self.minimum_from:
            return True
        return value >= self.minimum if self.best > self.worst else value <= self.minimum

    def text(self, value: Fraction) -> str:
        """The value as staff read it: '87,5 %', '2,4 hari', '0,8 kali'."""
        number = float(value * 100 if self.written == "percent" else value)
        unit = {"percent": " %", "days": " hari", "times": " kali"}[self.written]
        return f"{number:.1f}".replace(".", ",") + unit


@attrs.frozen(kw_only=True)
class UnitKind:
    """What is expected of a kind of unit: ``letters`` in a year, of ``kinds`` kinds. Units whose code
    begins with one of ``prefixes`` are of this kind; without prefixes it is all others.

    ``letters`` is for a unit of ``size`` (such as residents); of another size as many in proportion.
    """

    code: str
    name: str
    prefixes: tuple[str, ...]
    letters: int
    kinds: int
    size: int
    source: str


@attrs.frozen(kw_only=True)
class Unit:
    """A unit that is measured. ``size`` is its own, in what `UnitKind.size` counts; 0: unknown."""

    code: str
    name: str = ""
    kind: str = ""
    size: int = 0


@attrs.frozen(kw_only=True)
class Criteria:
    """All that a scorecard goes by. ``categories`` stand from the lowest on.

    A kind of letter counts for breadth from ``kind_share`` of the letters expected of the unit on, and
    letters of one kind count for volume up to ``kind_limit`` of them. ``groups`` says which kinds of
    letter count as one. Letters of ``other_series`` are not looked at, such as agendas of what came in.
    """

    name: str
    source: str
    timezone: str
    categories: tuple[Category, ...]
    measures: Mapping[str, Measure]
    unit_kinds: tuple[UnitKind, ...]
    groups: Mapping[str, str]
    kind_share: Fraction
    kind_limit: Fraction
    other_series: tuple[str, ...] = ()

    def category(self, score: Fraction) -> Category:
        """The highest category that the score reaches."""
        return [each for each in self.categories if each.least <= score][-1]

    @property
    def lowest_room(self) -> Fraction:
        """Which part of the way from 1 to 5 the lowest category is."""
        return (self.categories[1].least - LOWEST) / (HIGHEST - LOWEST)

    def group(self, kind: str) -> str:
        """What a kind of letter counts as."""
        return self.groups.get(kind, kind)

    def unit_kind(self, unit: Unit) -> UnitKind | None:
        """The kind of a unit, by what it says itself or by its code; None where there is none.

        Raises InvalidInput where it names a kind that does not exist.
        """
        if unit.kind:
            for each in self.unit_kinds:
                if each.code == unit.kind:
                    return each
            known = ", ".join(each.code for each in self.unit_kinds)
            raise InvalidInput(
                f"the unit {unit.code} is of the kind {unit.kind!r}, which the criteria do not have; "
                f"they have {known}",
                unit=unit.code,
                kind=unit.kind,
            )
        for each in self.unit_kinds:
            if unit.code.startswith(each.prefixes):
                return each
        return next((each for each in self.unit_kinds if not each.prefixes), None)

    def units_of(self, organisation: Organisation) -> tuple[Unit, ...]:
        """The units of an organisation whose kind the criteria have, such as its kelurahan. Others,
        such as the parts of an office, are left out. Their sizes are not known there."""
        known = {each.code for each in self.unit_kinds}
        return tuple(
            Unit(code=each.code, name=each.name, kind=each.kind)
            for each in organisation.units
            if each.kind in known
        )

    def expected(self, unit: Unit, kind: UnitKind, share_of_year: Fraction) -> Fraction:
        """How many letters are expected of the unit in that share of a year."""
        letters = kind.letters * share_of_year
        return letters * Fraction(unit.size, kind.size) if unit.size and kind.size else letters
