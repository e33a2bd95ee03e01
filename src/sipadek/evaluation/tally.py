"""Counting the facts of one unit: nothing of a single fact is kept but a time."""

from __future__ import annotations

import datetime
import statistics
from array import array
from collections import Counter
from fractions import Fraction

import attrs

from sipadek.evaluation.facts import DispositionFact, LetterFact, ServiceFact, Way

_DAY = 86_400_000_000  # In microseconds, as times are counted.
_MICROSECOND = datetime.timedelta(microseconds=1)


def _times() -> array[int]:
    return array("q")


def _ratios() -> array[float]:
    return array("d")


@attrs.define
class Tally:
    """What was counted of a unit until a moment. ``ways`` counts letters by how they came, ``kinds``
    those that were not imported, by their kind (grouped). ``in_time`` of the ``due`` dispositions and
    applications ended in their time; those that may still do so are in neither."""

    ways: Counter[Way] = attrs.Factory(Counter)
    kinds: Counter[str] = attrs.Factory(Counter)
    dispositions: array[int] = attrs.Factory(_times)
    applications: int = 0
    ratios: array[float] = attrs.Factory(_ratios)
    in_time: int = 0
    due: int = 0

    def letter(self, fact: LetterFact, group: str) -> None:
        """Count a letter, whose kind counts as ``group``."""
        self.ways[fact.way] += 1
        if fact.way is not Way.IMPORTED:
            self.kinds[group] += 1

    def disposition(self, fact: DispositionFact, until: datetime.datetime) -> None:
        """Count a disposition as it stands at ``until``."""
        reported = ended(fact.reported_at, until)
        self.dispositions.append(((reported or until) - fact.given_at) // _MICROSECOND)
        self._punctual(fact.due_at, reported, until)

    def application(self, fact: ServiceFact, until: datetime.datetime) -> None:
        """Count an application as it stands at ``until``."""
        self.applications += 1
        if fact.promised > 0:
            self.ratios.append(fact.used / fact.promised)
        self._punctual(fact.due_at, ended(fact.decided_at, until), until)

    def _punctual(
        self,
        due: datetime.datetime | None,
        done: datetime.datetime | None,
        until: datetime.datetime,
    ) -> None:
        verdict = in_time(due, done, until)
        if verdict is not None:
            self.due += 1
            self.in_time += verdict

    @property
    def letters(self) -> int:
        """All letters."""
        return self.ways.total()

    @property
    def disposition_days(self) -> Fraction | None:
        """The median time of dispositions in days; None where there are none."""
        if not self.dispositions:
            return None
        return Fraction(statistics.median(self.dispositions)) / _DAY

    @property
    def service_ratio(self) -> Fraction | None:
        """The median of time taken to time promised; None where nothing was promised."""
        return Fraction(statistics.median(self.ratios)) if self.ratios else None


def ended(at: datetime.datetime | None, until: datetime.datetime) -> datetime.datetime | None:
    """The end, where it lies before ``until``: what came later is not looked at."""
    return at if at is not None and at < until else None


def in_time(
    due: datetime.datetime | None, done: datetime.datetime | None, until: datetime.datetime
) -> bool | None:
    """Whether something that was due ended in its time; None where it was not due by ``until``."""
    if due is None or (done is None and due >= until):
        return None
    return done is not None and done <= due
