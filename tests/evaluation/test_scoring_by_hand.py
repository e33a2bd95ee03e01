"""Scores that were worked out by hand, from few facts and round criteria."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import pytest
from scored import NOON, application, disposition, letter, score

from sipadek.evaluation import LetterFact, Way
from sipadek.testing.memory_facts import MemoryFacts

FOUR = ("dinas", "nota", "undangan", "tugas")


def _letters(counts: dict[tuple[str, Way], int]) -> list[LetterFact]:
    return [letter(kind, way) for (kind, way), n in counts.items() for _ in range(n)]


def _each(n: int, way: Way = Way.SIGNED) -> dict[tuple[str, Way], int]:
    return {(kind, way): n for kind in FOUR}


# Of a year: 20 letters expected, of 4 kinds, a kind counts from 1 letter (5 %) on, at most 10 of a kind
# count. Weights 20, 20, 20, 10 of letters; without cases they are 2/7, 2/7, 2/7 and 1/7.
CASES: list[tuple[str, MemoryFacts, dict[str, Any], Fraction, str]] = [
    (
        "nothing at all: every level is 1",
        MemoryFacts(),
        {"volume": 0, "breadth": 0, "signed": 0, "direct": 0, "disposition": None},
        Fraction(1),
        "kurang",
    ),
    (
        "all that is expected, all of it signed",
        MemoryFacts(_letters(_each(5))),
        {"volume": 1, "breadth": 1, "signed": 1, "direct": 1, "on-time": None},
        Fraction(5),
        "sangat",
    ),
    (
        # volume 10/20, level 3; breadth 1, level 5; signed 1/2, level 3; direct 1, level 5:
        # (20·3 + 20·5 + 20·3 + 10·5) / 70 = 270/70
        "half of it, and half of that signed",
        MemoryFacts(
            _letters(
                {
                    **dict.fromkeys([("dinas", Way.SIGNED)], 5),
                    ("nota", Way.STAMPED): 3,
                    ("undangan", Way.STAMPED): 1,
                    ("tugas", Way.STAMPED): 1,
                }
            )
        ),
        {"volume": Fraction(1, 2), "breadth": 1, "signed": Fraction(1, 2), "direct": 1},
        Fraction(27, 7),
        "baik",
    ),
    (
        # 200 travel orders: volume counts 10 of 20, breadth 1/4 as two kinds of travel are one.
        # (20·3 + 20·2 + 20·5 + 10·5) / 70 = 250/70, brought into the lowest quarter of 1 to 5.
        "travel orders only, whatever their number",
        MemoryFacts(_letters({("tugas", Way.SIGNED): 120, ("sppd", Way.SIGNED): 80})),
        {"volume": Fraction(1, 2), "breadth": Fraction(1, 4), "signed": 1, "direct": 1},
        1 + (Fraction(250, 70) - 1) / 4,
        "kurang",
    ),
    (
        # signed and direct 0: level 1 each, and both below their minimum.
        # (20·5 + 20·5 + 20·1 + 10·1) / 70 = 230/70
        "all numbered for paper",
        MemoryFacts(_letters(_each(5, Way.BY_HAND))),
        {"volume": 1, "breadth": 1, "signed": 0, "direct": 0},
        1 + (Fraction(230, 70) - 1) / 4,
        "kurang",
    ),
    (
        # The older book is no volume and no kind, but half of all letters:
        # signed and direct 1/2, level 3. (20·5 + 20·5 + 20·3 + 10·3) / 70 = 290/70
        "half of it in an older book",
        MemoryFacts(_letters(_each(5)) + _letters({("", Way.IMPORTED): 20})),
        {"volume": 1, "breadth": 1, "signed": Fraction(1, 2), "direct": Fraction(1, 2)},
        Fraction(29, 7),
        "sangat",
    ),
    (
        # Dispositions of 1, 5 and 9 days: median 5, level 3; in time 1 of 3, level 1 + 4/3.
        # Services 30 and 60 minutes of 30: median 3/2, level 4; in time 2 of 2 -> all 3 of 5: 3.4.
        # All in all 20·5 three times, 10·5, 10·3, 10·4 and 10·3.4, of 100.
        "with dispositions and services",
        MemoryFacts(
            _letters(_each(5)),
            [disposition(1), disposition(5), disposition(9)],
            [application(30), application(60)],
        ),
        {"disposition": 5, "service": Fraction(3, 2), "on-time": Fraction(3, 5)},
        Fraction(454, 100),
        "sangat",
    ),
]


@pytest.mark.parametrize(
    ("facts", "values", "wanted", "category"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_score_is_what_it_is_by_hand(
    facts: MemoryFacts, values: dict[str, Any], wanted: Fraction, category: str
) -> None:
    found = score(facts)
    assert {code: found.part(code).value for code in values} == values
    assert found.score == wanted
    assert found.category.code == category


def test_more_is_expected_of_a_unit_of_greater_size() -> None:
    facts = MemoryFacts(_letters(_each(5)))  # 20 letters, which are expected of 1,000 residents
    assert score(facts, size=1000).part("volume").value == 1
    assert score(facts, size=4000).part("volume").value == Fraction(1, 4)


def test_a_small_unit_that_works_well_is_as_good_as_a_great_one() -> None:
    small = MemoryFacts(_letters(_each(2)))
    assert score(small, size=400).score == score(MemoryFacts(_letters(_each(20))), size=4000).score


def test_what_is_not_reported_takes_until_the_end_and_is_late_once_it_is_due() -> None:
    long_ago = disposition(None, due=3)
    found = score(MemoryFacts(disposition_facts=[long_ago]))
    days = found.part("disposition").value
    assert days is not None
    assert int(days) == (datetime.date(2027, 1, 1) - NOON.date()).days - 1  # 2 March, 12.00 WIB
    assert found.part("on-time").value == 0


def test_what_may_still_be_in_time_is_not_judged() -> None:
    last_day = datetime.datetime(2026, 12, 31, 2, tzinfo=datetime.UTC)
    found = score(MemoryFacts(disposition_facts=[disposition(None, due=3, at=last_day)]))
    assert found.part("on-time").value is None
    assert found.part("on-time").facts == 0


def test_what_was_reported_after_the_period_is_not_known_in_it() -> None:
    last_day = datetime.datetime(2026, 12, 31, 2, tzinfo=datetime.UTC)
    reported = MemoryFacts(disposition_facts=[disposition(2, due=3, at=last_day)])
    open_ = MemoryFacts(disposition_facts=[disposition(None, due=3, at=last_day)])
    assert score(reported) == score(open_)
