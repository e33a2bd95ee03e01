"""Periods: whole days where the office is, whatever time it is elsewhere."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored import END, card, letter

from sipadek.errors import InvalidInput
from sipadek.evaluation import Period
from sipadek.testing.memory_facts import MemoryFacts

SECOND = datetime.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("code", "name", "first", "end"),
    [
        ("2026", "Tahun 2026", "2026-01-01", "2027-01-01"),
        ("2026-S1", "Semester I 2026", "2026-01-01", "2026-07-01"),
        ("2026-S2", "Semester II 2026", "2026-07-01", "2027-01-01"),
        ("2026-T3", "Triwulan III 2026", "2026-07-01", "2026-10-01"),
        ("2026-T4", "Triwulan IV 2026", "2026-10-01", "2027-01-01"),
        ("2026-02", "Februari 2026", "2026-02-01", "2026-03-01"),
        ("2026-12", "Desember 2026", "2026-12-01", "2027-01-01"),
    ],
)
def test_a_period_has_its_days(code: str, name: str, first: str, end: str) -> None:
    found = Period.parse(code)
    assert (found.name, str(found.first), str(found.end)) == (name, first, end)


@pytest.mark.parametrize(
    "code", ["", "26", "2026-S3", "2026-T0", "2026-13", "2026-1", "x2026", "0001"]
)
def test_no_other_text_is_a_period(code: str) -> None:
    with pytest.raises(InvalidInput, match="is not a period"):
        Period.parse(code)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        Period.parse("2026", timezone="Asia/Tidak")


@pytest.mark.parametrize(
    ("zone", "hours"), [("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9)]
)
def test_the_year_begins_at_midnight_there(zone: str, hours: int) -> None:
    found = Period.parse("2026", timezone=zone)
    utc = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) - datetime.timedelta(hours=hours)
    assert found.begins == utc
    assert found.ends - found.begins == datetime.timedelta(days=365)


def test_a_letter_of_the_first_second_of_the_year_in_wib_is_of_that_year() -> None:
    new_year = datetime.datetime(2025, 12, 31, 17, tzinfo=datetime.UTC)  # 1 January, 00.00 WIB
    for at, counted in ((new_year - SECOND, 0), (new_year, 1)):
        found = card(MemoryFacts([letter(at=at)]))
        assert found.score("KEL-A").part("signed").facts == counted


@given(st.sampled_from(["2024", "2026"]), st.sampled_from("ST"))
def test_parts_of_a_year_are_the_year(year: str, part: str) -> None:
    parts = [Period.parse(f"{year}-{part}{n}") for n in range(1, 3 if part == "S" else 5)]
    whole = Period.parse(year)
    assert [parts[0].begins, *(each.ends for each in parts[:-1])] == [each.begins for each in parts]
    assert (parts[0].begins, parts[-1].ends) == (whole.begins, whole.ends)
    assert sum(each.share_of_year(each.ends) for each in parts) == 1


def test_a_running_period_is_looked_at_up_to_now() -> None:
    found = Period.parse("2026")
    now = datetime.datetime(2026, 7, 2, 5, tzinfo=datetime.UTC)
    assert found.until(now) == now
    assert found.share_of_year(found.until(now)) == Fraction(182 * 2 + 1, 365 * 2)
    assert found.until(END) == found.ends


def test_a_period_that_has_not_begun_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has begun"):
        Period.parse("2026").until(datetime.datetime(2025, 12, 31, 17, tzinfo=datetime.UTC))
