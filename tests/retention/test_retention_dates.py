"""When retention ends: a table of dated cases worked by hand, and what holds of all dates."""

from __future__ import annotations

import datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.retention import Action, Fate, FolderState, RecordFolder, years_after

DATES = st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2400, 12, 31))
YEARS = st.integers(min_value=0, max_value=200)

BY_HAND = [
    # closed on, active, inactive → may be moved from, meets its fate from
    ("2026-11-24", 2, 3, "2028-11-24", "2031-11-24"),  # 400.12.2.1: 2 + 3
    ("2026-11-24", 2, 4, "2028-11-24", "2032-11-24"),  # 000.1.5: 2 + 4
    ("2026-11-24", 5, 3, "2031-11-24", "2034-11-24"),  # 000.1.2.3: 5 + 3
    ("2026-12-31", 1, 0, "2027-12-31", "2027-12-31"),
    ("2026-01-01", 1, 9, "2027-01-01", "2036-01-01"),
    ("2026-11-24", 0, 0, "2026-11-24", "2026-11-24"),  # over on the day itself
    ("2026-11-24", 0, 5, "2026-11-24", "2031-11-24"),
    ("2023-02-28", 1, 0, "2024-02-28", "2024-02-28"),  # a leap year does not make it longer
    ("2024-02-28", 1, 3, "2025-02-28", "2028-02-28"),
    ("2024-02-29", 0, 0, "2024-02-29", "2024-02-29"),
    ("2024-02-29", 1, 0, "2025-03-01", "2025-03-01"),  # a whole year: not on 28 February yet
    ("2024-02-29", 2, 2, "2026-03-01", "2028-02-29"),  # counted from closing, not from the move
    ("2024-02-29", 1, 3, "2025-03-01", "2028-02-29"),
    ("2024-02-29", 4, 6, "2028-02-29", "2034-03-01"),
    ("2024-02-29", 76, 0, "2100-03-01", "2100-03-01"),  # 2100 is no leap year
    ("2000-02-29", 100, 300, "2100-03-01", "2400-02-29"),  # 2400 is one
    ("1999-12-31", 25, 75, "2024-12-31", "2099-12-31"),
]


def folder(closed: datetime.date, active: int, inactive: int) -> RecordFolder:
    return RecordFolder(
        name="400/U/2026/1",
        code="400",
        scheme="s",
        title="t",
        unit="U",
        year=2026,
        closed_on=closed,
        fate=Fate.DESTROY,
        inactive_on=years_after(closed, active),
        fate_on=years_after(closed, active + inactive),
    )


@pytest.mark.parametrize(("closed", "active", "inactive", "move", "end"), BY_HAND)
def test_cases_worked_by_hand(closed: str, active: int, inactive: int, move: str, end: str) -> None:
    found = folder(datetime.date.fromisoformat(closed), active, inactive)
    assert (str(found.inactive_on), str(found.fate_on)) == (move, end)
    day, last = datetime.timedelta(days=1), datetime.date.fromisoformat(end)
    moved = attrs.evolve(found, state=FolderState.INACTIVE)
    assert moved.due(last - day) is None
    due = moved.due(last)
    assert due is not None
    assert due.action is Action.DESTROY


@given(DATES, YEARS)
def test_whole_years_have_passed_and_no_day_more_than_needed(
    date: datetime.date, years: int
) -> None:
    end = years_after(date, years)
    assert end.year - date.year == years
    assert (end.month, end.day) >= (date.month, date.day), "never a day early"
    same = (end.month, end.day) == (date.month, date.day)
    assert same or ((date.month, date.day) == (2, 29) and (end.month, end.day) == (3, 1))


@given(DATES, DATES, YEARS, YEARS)
def test_who_closes_later_or_keeps_longer_ends_no_earlier(
    one: datetime.date, other: datetime.date, years: int, more: int
) -> None:
    first, last = sorted((one, other))
    assert years_after(first, years) <= years_after(last, years)
    assert years_after(first, years) <= years_after(first, years + more)
    assert years_after(years_after(first, years), more) >= years_after(first, years + more)


@given(DATES, st.integers(0, 30), st.integers(0, 30), st.integers(0, 40))
def test_ten_years_or_more_is_told_by_the_end(
    closed: datetime.date, active: int, inactive: int, least: int
) -> None:
    assert folder(closed, active, inactive).kept_for(least) == (active + inactive >= least)


@pytest.mark.parametrize("years", [-1, True, 1.0, "2", None])
def test_what_are_no_years(years: object) -> None:
    with pytest.raises(InvalidInput):
        years_after(datetime.date(2026, 1, 1), years)  # type: ignore[arg-type]


def test_no_date_is_beyond_the_calendar() -> None:
    with pytest.raises(InvalidInput, match="beyond the year 9999"):
        years_after(datetime.date(9990, 1, 1), 10)
    with pytest.raises(InvalidInput, match="beyond the year 9999"):
        years_after(datetime.date(9988, 2, 29), 10**30)
