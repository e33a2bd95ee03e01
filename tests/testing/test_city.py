"""The made-up city: always the same, as large as it is said to be, and found out by its facts alone."""

from __future__ import annotations

import ast
import datetime
from collections import Counter
from pathlib import Path

import attrs
import pytest

import sipadek.testing
from sipadek.evaluation import Period, Scorecard, Unit, default_criteria, evaluate
from sipadek.testing.city import FLAWS, City, evaluation_2022, make_city
from sipadek.testing.city_year import unit_year, working_days
from sipadek.testing.memory_facts import city_facts

FOLDER = Path(sipadek.testing.__file__).parent


def _card(city: City) -> Scorecard:
    return evaluate(
        city_facts(city),
        period=Period.parse(str(city.year)),
        at=datetime.datetime(city.year + 1, 1, 20, tzinfo=datetime.UTC),
        criteria=default_criteria(),
        units=[Unit(code=u.code, name=u.name, kind=u.kind, size=u.size) for u in city.units],
    )


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return _card(evaluation_2022())


def test_the_scorecard_finds_exactly_the_37_kelurahan_that_were_made_weak(card: Scorecard) -> None:
    city = evaluation_2022()
    found = {each.unit.code for each in card.scores if each.category.code == "kurang"}
    assert found == {*city.made_weak}
    assert len(found) == 37
    assert all(code.startswith("KEL-") for code in found)


def test_offices_come_out_good(card: Scorecard) -> None:
    offices = Counter(each.category.code for each in card.scores if each.kind.code == "opd")
    assert offices.total() == 40
    assert offices.keys() <= {"baik", "sangat-baik"}


def test_each_flaw_is_seen_where_it_is(card: Scorecard) -> None:
    wanted = {
        "jarang": "volume",
        "berhenti": "volume",
        "perjalanan-dinas-saja": "breadth",
        "di-atas-kertas": "direct",
        "terlambat-bergabung": "direct",
        "tanpa-tte": "signed",
        "lambat": "on-time",
    }
    assert wanted.keys() == FLAWS.keys()
    seen: set[str] = set()
    for unit in evaluation_2022().units:
        missed = {part.measure.code for part in card.score(unit.code).missed}
        if len(unit.flaws) == 1:
            assert wanted[unit.flaws[0]] in missed
            seen.add(unit.flaws[0])
    assert seen == FLAWS.keys()


def test_a_small_kelurahan_that_works_well_is_among_the_good(card: Scorecard) -> None:
    good = [unit for unit in evaluation_2022().units if unit.kind == "kelurahan" and not unit.flaws]
    smallest = min(good, key=lambda unit: unit.size)
    greatest = max(good, key=lambda unit: unit.size)
    assert smallest.size * 3 < greatest.size
    assert card.score(smallest.code).category.code in {"baik", "sangat-baik"}


def test_in_another_city_hardly_a_unit_is_misjudged() -> None:
    city = make_city(5)
    city = attrs.evolve(city, units=city.units[::3])
    found = {each.unit.code for each in _card(city).scores if each.category.code == "kurang"}
    assert {*city.made_weak} <= found
    assert len(found - {*city.made_weak}) <= 1


def test_the_city_has_its_units() -> None:
    kinds = Counter(unit.kind for unit in make_city(1).units)
    assert kinds == {"opd": 40, "kecamatan": 11, "kelurahan": 62}
    codes = [unit.code for unit in make_city(1).units]
    assert len({*codes}) == len(codes)


def test_a_seed_is_a_city() -> None:
    assert make_city(3) == make_city(3)
    assert make_city(3) != make_city(4)
    city = make_city(3)
    year = unit_year(city, city.units[0])
    assert year == unit_year(city, city.units[0])
    days = {*working_days(city)}
    assert {letter.at.date() for letter in year.letters} <= days


def test_the_city_does_not_know_what_a_scorecard_thinks_of_it() -> None:
    for path in FOLDER.glob("city*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not str(node.module).startswith("sipadek.evaluation"), path.name
