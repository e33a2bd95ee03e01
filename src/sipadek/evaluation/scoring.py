"""A unit's score: what each measure came to, and how that adds up, exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

import attrs

from sipadek.evaluation.criteria import LOWEST, Category, Criteria, Measure, Unit, UnitKind
from sipadek.evaluation.facts import Way
from sipadek.evaluation.tally import Tally


@attrs.frozen(kw_only=True)
class Part:
    """What one measure gives a unit. ``value`` is None where there was nothing to measure: then its
    weight went to the others. ``weight`` is its share of all weights, ``level`` 1 to 5,
    ``contribution`` their product. ``passed`` says whether the minimum was reached, ``told`` in words
    what was counted, and ``facts`` how many letters, dispositions or applications stand behind it."""

    measure: Measure
    value: Fraction | None
    weight: Fraction
    level: Fraction | None
    contribution: Fraction
    passed: bool
    facts: int
    told: str


@attrs.frozen(kw_only=True)
class UnitScore:
    """A unit's score, 1 to 5: the sum of its parts' contributions and of ``deduction``, which is 0 or,
    where a minimum was missed, what brings the score into the lowest category."""

    unit: Unit
    kind: UnitKind
    score: Fraction
    category: Category
    parts: tuple[Part, ...]
    deduction: Fraction

    @property
    def missed(self) -> tuple[Part, ...]:
        """The parts whose minimum was not reached."""
        return tuple(part for part in self.parts if not part.passed)

    def part(self, measure: str) -> Part:
        """The part of the measure of that code."""
        return next(part for part in self.parts if part.measure.code == measure)


_Value = tuple[Fraction | None, int, str]


def score_unit(
    unit: Unit, kind: UnitKind, tally: Tally, criteria: Criteria, share_of_year: Fraction
) -> UnitScore:
    """The score of a unit of that kind for what was counted in that share of a year."""
    expected = criteria.expected(unit, kind, share_of_year)
    values = {code: value(tally, criteria, kind, expected) for code, value in _VALUES.items()}
    parts = _parts(values, criteria)
    whole = sum((part.contribution for part in parts), Fraction(0))
    score = whole
    if not all(part.passed for part in parts):
        score = LOWEST + (whole - LOWEST) * criteria.lowest_room
    return UnitScore(
        unit=unit,
        kind=kind,
        score=score,
        category=criteria.category(score),
        parts=parts,
        deduction=score - whole,
    )


def _parts(values: Mapping[str, _Value], criteria: Criteria) -> tuple[Part, ...]:
    measured = [m.weight for m in criteria.measures.values() if values[m.code][0] is not None]
    weights = sum(measured)
    parts = []
    for measure in criteria.measures.values():
        value, facts, told = values[measure.code]
        weight, level = Fraction(0), None
        if value is not None:
            level = measure.level(value)
            weight = Fraction(measure.weight, weights) if weights else Fraction(0)
        parts.append(
            Part(
                measure=measure,
                value=value,
                weight=weight,
                level=level,
                contribution=weight * (level or LOWEST),
                passed=value is None or measure.passes(value, facts),
                facts=facts,
                told=told,
            )
        )
    return tuple(parts)


def _volume(tally: Tally, criteria: Criteria, _: UnitKind, expected: Fraction) -> _Value:
    most = criteria.kind_limit * expected
    counted = sum((min(Fraction(n), most) for n in tally.kinds.values()), Fraction(0))
    told = f"{tally.kinds.total()} naskah, dihitung {_number(counted)}; harapan {_number(expected)}"
    return min(Fraction(1), counted / expected), tally.kinds.total(), told


def _breadth(tally: Tally, criteria: Criteria, kind: UnitKind, expected: Fraction) -> _Value:
    least = max(Fraction(1), criteria.kind_share * expected)
    used = [name for name, n in tally.kinds.items() if n >= least]
    told = f"{len(used)} dari {kind.kinds} jenis, masing-masing {_number(least)} naskah atau lebih"
    return min(Fraction(1), Fraction(len(used), kind.kinds)), tally.kinds.total(), told


def _signed(tally: Tally, _: Criteria, __: UnitKind, ___: Fraction) -> _Value:
    signed = tally.ways[Way.SIGNED]
    return _share(signed, tally.letters), tally.letters, f"{signed} dari {tally.letters} naskah"


def _direct(tally: Tally, _: Criteria, __: UnitKind, ___: Fraction) -> _Value:
    by_hand, imported = tally.ways[Way.BY_HAND], tally.ways[Way.IMPORTED]
    direct = tally.letters - by_hand - imported
    told = f"{by_hand} hanya nomornya, {imported} dari buku lama, dari {tally.letters} naskah"
    return _share(direct, tally.letters), tally.letters, told


def _disposition(tally: Tally, _: Criteria, __: UnitKind, ___: Fraction) -> _Value:
    count = len(tally.dispositions)
    return tally.disposition_days, count, f"{count} disposisi"


def _service(tally: Tally, _: Criteria, __: UnitKind, ___: Fraction) -> _Value:
    return tally.service_ratio, tally.applications, f"{tally.applications} permohonan"


def _on_time(tally: Tally, _: Criteria, __: UnitKind, ___: Fraction) -> _Value:
    told = f"{tally.in_time} dari {tally.due} yang jatuh tempo"
    return (Fraction(tally.in_time, tally.due) if tally.due else None), tally.due, told


def _share(part: int, whole: int) -> Fraction:
    # No letter at all is no good share: else the first one could lower a score.
    return Fraction(part, whole) if whole else Fraction(0)


def _number(value: Fraction) -> str:
    return f"{float(value):.1f}".removesuffix(".0").replace(".", ",")


_VALUES: Final[Mapping[str, Callable[[Tally, Criteria, UnitKind, Fraction], _Value]]] = {
    "volume": _volume,
    "breadth": _breadth,
    "signed": _signed,
    "direct": _direct,
    "disposition": _disposition,
    "service": _service,
    "on-time": _on_time,
}
