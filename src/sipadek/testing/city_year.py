"""What the units of a made-up city do in its year, day by day."""

from __future__ import annotations

import datetime
import math
import random
import zoneinfo
from collections.abc import Iterator
from typing import Final

import attrs

from sipadek.services import Promise, default_catalogue
from sipadek.testing.city import City, CityUnit, Habits

__all__ = [
    "CityApplication",
    "CityDisposition",
    "CityLetter",
    "UnitYear",
    "unit_year",
    "working_days",
]

_ZONE: Final = zoneinfo.ZoneInfo("Asia/Jakarta")
_DAY: Final = datetime.timedelta(days=1)
# How busy each month is: the weeks of Idulfitri are quiet, the end of the year is not.
_BUSY: Final = (0.8, 0.95, 1.1, 1.0, 0.6, 1.05, 1.0, 0.9, 1.1, 1.15, 1.2, 1.25)
_HOLIDAYS: Final = frozenset(
    {(1, 1), (3, 11), (5, 1), (5, 12), (5, 13), (5, 14), (6, 1), (7, 20), (8, 17), (12, 25)}
)
_CLOSING: Final = datetime.time(16)  # When a day's letters are put on record.
_MINUTES: Final = 450  # Working minutes of a day.
_DISPOSITION_DAYS: Final = (3, 5, 5, 7)
_CODES: Final = {"surat-tugas": "800.1.11.1", "sppd": "000.1.2.3"}


@attrs.frozen(kw_only=True)
class CityLetter:
    """A letter put on record at ``at`` (aware): as 'signed', 'stamped' or 'by-hand'; 'imported' stands
    in the unit's older book instead, under that day."""

    unit: str
    kind: str
    way: str
    at: datetime.datetime
    classification: str
    subject: str


@attrs.frozen(kw_only=True)
class CityDisposition:
    """A disposition to a unit, and when it was reported (None: never)."""

    unit: str
    given_at: datetime.datetime
    due_at: datetime.datetime
    reported_at: datetime.datetime | None


@attrs.frozen(kw_only=True)
class CityApplication:
    """A citizen's application for a service (code), and when its letter was signed (None: never), after
    so many working ``minutes``."""

    unit: str
    service: str
    submitted_at: datetime.datetime
    signed_at: datetime.datetime | None
    minutes: int


@attrs.frozen(kw_only=True)
class UnitYear:
    """All that a unit did, each kind of thing in the order of time."""

    unit: CityUnit
    letters: tuple[CityLetter, ...]
    dispositions: tuple[CityDisposition, ...]
    applications: tuple[CityApplication, ...]


def unit_year(city: City, unit: CityUnit, *, share: float = 1.0) -> UnitYear:
    """The year of one unit, always the same for the same city. ``share`` keeps that part of its days."""
    dice = random.Random(f"tahun {city.seed} {unit.code}")  # noqa: S311
    days = working_days(city, share=share)
    return UnitYear(
        unit=unit,
        letters=tuple(_letters(unit, days, dice)),
        dispositions=tuple(_dispositions(unit, days, dice)),
        applications=tuple(_applications(unit, days, dice)),
    )


def _letters(
    unit: CityUnit, days: list[datetime.date], dice: random.Random
) -> Iterator[CityLetter]:
    habits = unit.habits
    kinds, weights = zip(*habits.kinds.items(), strict=True)
    for day in days:
        if habits.stopped and day >= habits.stopped:
            return
        for _ in range(_count(habits.letters, day, dice)):
            kind = dice.choices(kinds, weights)[0]
            yield CityLetter(
                unit=unit.code,
                kind=kind,
                way=_way(habits, day, dice),
                at=_at(day, _CLOSING),
                classification=_CODES.get(kind, "400.10.2.2"),
                subject=f"{kind.replace('-', ' ').capitalize()} {dice.randrange(1, 1000)}",
            )


def _way(habits: Habits, day: datetime.date, dice: random.Random) -> str:
    if habits.joined and day < habits.joined:
        return "imported"
    roll = dice.random()
    if roll < habits.by_hand:
        return "by-hand"
    return "signed" if roll < habits.by_hand + habits.signed else "stamped"


def _dispositions(
    unit: CityUnit, days: list[datetime.date], dice: random.Random
) -> Iterator[CityDisposition]:
    habits = unit.habits
    for day in days:
        for _ in range(_count(habits.dispositions, day, dice)):
            given = _at(day, datetime.time(8 + dice.randrange(7), dice.randrange(60)))
            taken = habits.answer_days * dice.lognormvariate(0, 0.5)
            done = given + _DAY * taken
            yield CityDisposition(
                unit=unit.code,
                given_at=given,
                due_at=given + _DAY * dice.choice(_DISPOSITION_DAYS),
                reported_at=None if dice.random() < habits.ignored else _in_second(done),
            )


def _applications(
    unit: CityUnit, days: list[datetime.date], dice: random.Random
) -> Iterator[CityApplication]:
    habits, catalogue = unit.habits, default_catalogue()
    services = [each for each in catalogue.services.values() if len(each.signed_by) == 1]
    for day in days:
        for _ in range(_count(habits.applications, day, dice)):
            service = dice.choice(services)
            asked = _at(day, datetime.time(8 + dice.randrange(5), dice.randrange(60)))
            promised = service.promise.minutes or service.promise.days * _MINUTES
            taken = max(3, round(promised * habits.service_pace * dice.lognormvariate(0, 0.45)))
            signed = catalogue.calendar.due(asked, Promise(minutes=taken))
            yield CityApplication(
                unit=unit.code,
                service=service.code,
                submitted_at=asked,
                signed_at=None if dice.random() < 0.01 else signed,
                minutes=taken,
            )


def working_days(city: City, *, share: float = 1.0) -> list[datetime.date]:
    """The days on which the city works, or the first ``share`` of them."""
    first = datetime.date(city.year, 1, 1)
    days = [first + _DAY * n for n in range((datetime.date(city.year + 1, 1, 1) - first).days)]
    days = [d for d in days if d.weekday() < 5 and (d.month, d.day) not in _HOLIDAYS]
    return days[: max(1, round(len(days) * share))]


def _count(a_year: float, day: datetime.date, dice: random.Random) -> int:
    """How many of so many a year fall on this day: Poisson, by Knuth's way."""
    bound = math.exp(-a_year / 252 * _BUSY[day.month - 1])
    product, count = dice.random(), 0
    while product > bound:
        product *= dice.random()
        count += 1
    return count


def _at(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, _ZONE).astimezone(datetime.UTC)


def _in_second(at: datetime.datetime) -> datetime.datetime:
    return at.replace(microsecond=0)
