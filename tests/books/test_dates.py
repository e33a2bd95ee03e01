"""Dates of books are read for certain, or refused."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.books import parse_date
from sipadek.errors import InvalidInput
from sipadek.naskah import date_text

DAY = datetime.date(2026, 11, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03",
        "2026-11-3",
        "2026-11-03 00:00:00",
        "2026-11-03T08:15",
        "3/11/2026",
        "03/11/2026",
        "03-11-2026",
        "3.11.2026",
        "3 November 2026",
        "03 NOVEMBER 2026",
        "3 Nov 2026",
        "3-Nov-2026",
        "3 Nop. 2026",
        "3 Nopember 2026",
    ],
)
def test_the_ways_to_write_a_date(text: str) -> None:
    assert parse_date(text) == DAY


@given(st.dates(datetime.date(1000, 1, 1)))
def test_every_day_is_read(day: datetime.date) -> None:
    ways = (f"{day.day}/{day.month}/{day.year}", f"{day:%d-%m-%Y}", day.isoformat(), date_text(day))
    assert {parse_date(text) for text in ways} == {day}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3/11/26",
        "11/25/2026",
        "31/02/2026",
        "29 Februari 2026",
        "2026/11/03",
        "3-11/2026",
        "3 Movember 2026",
        "November 2026",
        "46329",
        "３/11/2026",
        "0000-01-01",
        "3 Nov 2026 pagi",
    ],
)
def test_what_is_in_doubt_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_date(text)


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert isinstance(parse_date(text), datetime.date)
