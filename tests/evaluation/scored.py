"""What the tests of scorecards share: criteria with round numbers, and facts of one unit."""

from __future__ import annotations

import datetime

from sipadek.evaluation import (
    DispositionFact,
    LetterFact,
    Period,
    Scorecard,
    ServiceFact,
    Unit,
    UnitScore,
    Way,
    evaluate,
    read_criteria,
)
from sipadek.testing.memory_facts import MemoryFacts

NOON = datetime.datetime(2026, 3, 2, 5, tzinfo=datetime.UTC)
END = datetime.datetime(2027, 1, 5, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)

_CATEGORY = """
[[category]]
code = "{code}"
name = "{code}"
least = {least}
colour = "#000000"
source = "uji"
"""
_MEASURE = """
[[measure]]
code = "{code}"
name = "{code}"
meaning = "uji"
weight = {weight}
worst = {worst}
best = {best}
{minimum}
written = "percent"
source = "uji"
"""
TEXT = (
    """
name = "Uji"
source = "uji"
timezone = "Asia/Jakarta"
other_series = []
[breadth]
kind_share = 0.05
kind_limit = 0.5
[groups]
jalan = ["tugas", "sppd"]
[[unit_kind]]
code = "kel"
name = "Kelurahan"
prefixes = ["KEL-"]
letters = 20
kinds = 4
size = 1000
source = "uji"
"""
    + "".join(
        _CATEGORY.format(code=code, least=least)
        for code, least in (("kurang", 1.0), ("cukup", 2.0), ("baik", 3.0), ("sangat", 4.0))
    )
    + "".join(
        _MEASURE.format(
            code=code,
            weight=weight,
            worst=worst,
            best=best,
            minimum="" if minimum is None else f"minimum = {minimum}",
        )
        for code, weight, worst, best, minimum in (
            ("volume", 20, 0.0, 1.0, 0.2),
            ("breadth", 20, 0.0, 1.0, 0.5),
            ("signed", 20, 0.0, 1.0, 0.25),
            ("direct", 10, 0.0, 1.0, 0.25),
            ("disposition", 10, 9.0, 1.0, None),
            ("service", 10, 3.0, 1.0, None),
            ("on-time", 10, 0.0, 1.0, 0.25),
        )
    )
)
CRITERIA = read_criteria(TEXT)


def letter(
    kind: str = "dinas",
    way: Way = Way.SIGNED,
    at: datetime.datetime = NOON,
    unit: str = "KEL-A",
    name: str = "x",
) -> LetterFact:
    return LetterFact(letter=name, number=name, unit=unit, kind=kind, way=way, at=at)


def disposition(
    days: float | None, *, due: float = 3, at: datetime.datetime = NOON
) -> DispositionFact:
    return DispositionFact(
        disposition="d",
        unit="KEL-A",
        given_at=at,
        due_at=at + due * DAY,
        reported_at=None if days is None else at + days * DAY,
    )


def application(
    used: int, promised: int = 30, *, late: bool = False, at: datetime.datetime = NOON
) -> ServiceFact:
    due = at + datetime.timedelta(minutes=promised)
    done = due + DAY if late else due
    return ServiceFact(
        application="a", unit="KEL-A", service="s", submitted_at=at, due_at=due, decided_at=done,
        used=used, promised=promised,
    )  # fmt: skip


def card(facts: MemoryFacts, *, period: str = "2026", size: int = 0) -> Scorecard:
    return evaluate(
        facts,
        period=Period.parse(period),
        at=END,
        criteria=CRITERIA,
        units=[Unit(code="KEL-A", size=size)],
    )


def score(facts: MemoryFacts, *, size: int = 0) -> UnitScore:
    return card(facts, size=size).score("KEL-A")
