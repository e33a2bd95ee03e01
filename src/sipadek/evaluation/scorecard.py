"""The scorecard of a period: every unit's score, and what stands behind it."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import attrs

from sipadek.errors import InvalidInput, NotFound
from sipadek.evaluation.criteria import LETTER_MEASURES, MEASURES, Criteria, Unit, UnitKind
from sipadek.evaluation.facts import (
    DispositionFact,
    Fact,
    FactSource,
    LetterFact,
    Way,
)
from sipadek.evaluation.period import Period
from sipadek.evaluation.scoring import UnitScore, score_unit
from sipadek.evaluation.tally import Tally, ended, in_time


@attrs.frozen(kw_only=True)
class Scorecard:
    """The scores of all units for a period, as it stood at ``until`` (UTC); by kind of unit in the order
    of the criteria, the best first. ``unplaced`` counts facts of units that are of no kind. ``source``
    is where the facts were read, and are read again."""

    criteria: Criteria
    period: Period
    until: datetime.datetime
    scores: tuple[UnitScore, ...]
    unplaced: Mapping[str, int]
    source: FactSource = attrs.field(repr=False, eq=False)

    def score(self, unit: str) -> UnitScore:
        """The score of the unit of that code. Raises NotFound."""
        for each in self.scores:
            if each.unit.code == unit:
                return each
        raise NotFound(
            f"the scorecard has no unit {unit!r}; it has {len(self.scores)} others", unit=unit
        )

    def behind(self, unit: str, measure: str, *, good: bool | None = None) -> Iterator[Fact]:
        """The facts from which a unit's part was computed, read again one by one.

        ``good`` True gives those that raise the value (signed, made here, in time), False the others.
        For 'volume' and 'breadth' every letter counts as good; for 'disposition' and 'service' what
        has ended.

        Raises NotFound (no such unit), InvalidInput (no such measure).
        """
        if measure not in MEASURES:
            known = ", ".join(MEASURES)
            raise InvalidInput(
                f"there is no measure {measure!r}; there are {known}", measure=measure
            )
        self.score(unit)
        for fact in self._facts(unit, measure):
            verdict = self._verdict(fact, measure)
            if verdict is not None and (good is None or verdict is good):
                yield fact

    def letters(
        self, unit: str, measure: str = "volume", *, good: bool | None = None
    ) -> Iterator[LetterFact]:
        """The letters behind 'volume', 'breadth', 'signed' or 'direct'; as `behind`."""
        if measure not in LETTER_MEASURES:
            raise InvalidInput(
                f"no letters stand behind {measure!r}, but behind {', '.join(LETTER_MEASURES)}",
                measure=measure,
            )
        for fact in self.behind(unit, measure, good=good):
            assert isinstance(fact, LetterFact)
            yield fact

    def _facts(self, unit: str, measure: str) -> Iterator[Fact]:
        source, since = self.source, self.period.begins
        if measure in LETTER_MEASURES:
            yield from source.letters(since, self.until, unit=unit)
        if measure in {"disposition", "on-time"}:
            yield from source.dispositions(since, self.until, unit=unit)
        if measure in {"service", "on-time"}:
            yield from source.applications(since, self.until, unit=unit)

    def _verdict(self, fact: Fact, measure: str) -> bool | None:
        if isinstance(fact, LetterFact):
            return _LETTER_VERDICTS[measure](fact)
        done = fact.reported_at if isinstance(fact, DispositionFact) else fact.decided_at
        done = ended(done, self.until)
        return in_time(fact.due_at, done, self.until) if measure == "on-time" else done is not None


_LETTER_VERDICTS: Final[Mapping[str, Callable[[LetterFact], bool | None]]] = {
    "volume": lambda fact: None if fact.way is Way.IMPORTED else True,
    "breadth": lambda fact: None if fact.way is Way.IMPORTED else True,
    "signed": lambda fact: fact.way is Way.SIGNED,
    "direct": lambda fact: fact.way in {Way.SIGNED, Way.STAMPED},
}


def evaluate(
    source: FactSource,
    *,
    period: Period,
    at: datetime.datetime,
    criteria: Criteria,
    units: Iterable[Unit] = (),
) -> Scorecard:
    """The scorecard of ``period`` as it stands at the moment ``at`` (aware).

    ``units`` are those to be measured; others that have facts are added, and their kind is told by their
    code. A unit without a single fact is only seen where it is named here.

    Raises InvalidInput: the period has not begun, or a unit names a kind that does not exist.
    """
    until = period.until(at)
    tallies = _count(source, period.begins, until, criteria)
    share = period.share_of_year(until)
    known = {unit.code: unit for unit in units}
    scores, unplaced = [], {}
    for code in known.keys() | tallies.keys():
        unit = known.get(code) or Unit(code=code)
        kind, tally = criteria.unit_kind(unit) if code else None, tallies.get(code) or Tally()
        if kind is None:
            unplaced[code] = tally.letters + len(tally.dispositions) + tally.applications
        else:
            scores.append(score_unit(unit, kind, tally, criteria, share))
    return Scorecard(
        criteria=criteria,
        period=period,
        until=until,
        scores=tuple(sorted(scores, key=_order(criteria.unit_kinds))),
        unplaced=dict(sorted(unplaced.items())),
        source=source,
    )


def _count(
    source: FactSource, since: datetime.datetime, until: datetime.datetime, criteria: Criteria
) -> dict[str, Tally]:
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for letter in source.letters(since, until):
        tallies[letter.unit].letter(letter, criteria.group(letter.kind))
    for disposition in source.dispositions(since, until):
        tallies[disposition.unit].disposition(disposition, until)
    for application in source.applications(since, until):
        tallies[application.unit].application(application, until)
    return dict(tallies)


def _order(kinds: tuple[UnitKind, ...]) -> Callable[[UnitScore], tuple[object, ...]]:
    places = {kind.code: place for place, kind in enumerate(kinds)}
    return lambda each: (places[each.kind.code], -each.score, each.unit.code)


def category_counts(scores: Iterable[UnitScore]) -> Counter[tuple[str, str]]:
    """How many units of each kind are in each category: by (kind, category)."""
    return Counter((each.kind.code, each.category.code) for each in scores)
