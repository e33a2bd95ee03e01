from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidQuery
from sipadek.search import Field, Range, parse_query
from sipadek.search.periods import RELATIVE, parse_period, parse_span

TODAY = datetime.date(2026, 3, 4)  # A Wednesday.


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026-01-15", "2026-01-15", "2026-01-15"),
        ("2026-1-5", "2026-01-05", "2026-01-05"),
        ("15-01-2026", "2026-01-15", "2026-01-15"),
        ("15/1/2026", "2026-01-15", "2026-01-15"),
        ('"15 Januari 2026"', "2026-01-15", "2026-01-15"),
        ("februari-2024", "2024-02-01", "2024-02-29"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("12-2026", "2026-12-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-01..2026-03", "2026-01-01", "2026-03-31"),
        ("2026-01..", "2026-01-01", None),
        ("..2026-01", None, "2026-01-31"),
        ("bulan-lalu..hari-ini", "2026-02-01", "2026-03-04"),
        ("hari-ini", "2026-03-04", "2026-03-04"),
        ("kemarin", "2026-03-03", "2026-03-03"),
        ("minggu-ini", "2026-03-02", "2026-03-08"),
        ("minggu-lalu", "2026-02-23", "2026-03-01"),
        ("bulan-ini", "2026-03-01", "2026-03-31"),
        ("BULAN-LALU", "2026-02-01", "2026-02-28"),
        ('"bulan lalu"', "2026-02-01", "2026-02-28"),
        ("tahun-ini", "2026-01-01", "2026-12-31"),
        ("tahun-lalu", "2025-01-01", "2025-12-31"),
    ],
)
def test_dates(text: str, low: str | None, high: str | None) -> None:
    expected = Range(field=Field.DATE, low=low and day(low), high=high and day(high))
    assert parse_query(f"tanggal:{text}", today=TODAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        "besok",
        "lalu",
        "..",
        "...",
        "2026-13",
        "2026-02-30",
        "31-02-2026",
        "26-01-15",
        "2026-01-01-01",
        "20261",
        "0000",
        "x..2026",
        "2026-03..2026-01",
        "2026..2025",
        "२०२६",
        "2026-01*",
        "maret",
        "1..2..3",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        parse_query(f"surat tanggal:{text}", today=TODAY)
    assert refused.value.fields["position"] >= 14


def test_without_a_today_nothing_is_counted_from_it() -> None:
    for name in RELATIVE:
        with pytest.raises(InvalidQuery) as refused:
            parse_query(f"tanggal:{name}")
        assert refused.value.fields["position"] == 8
    assert parse_query("tanggal:2026")


@given(st.dates(min_value=datetime.date(2, 1, 1), max_value=datetime.date(9998, 1, 1)))
def test_periods_of_today_are_whole_and_follow_each_other(today: datetime.date) -> None:
    one = datetime.timedelta(days=1)
    for unit in ("minggu", "bulan", "tahun"):
        first, last = parse_period(f"{unit}-ini", today)
        before, end = parse_period(f"{unit} lalu", today)
        assert before <= end == first - one < first <= today <= last
    assert parse_period("minggu-ini", today)[0].weekday() == 0
    assert parse_period("bulan-ini", today)[0].day == 1
    iso = today.isoformat()
    assert (
        parse_span(iso, None)
        == parse_span(today.strftime("%d-%m-") + iso[:4], None)
        == (today, today)
    )
    assert parse_span(f"{iso[:7]}..{iso}", None) == (today.replace(day=1), today)


@given(st.text("0123456789-/. abdefgijlmnoprtu"))
def test_any_text_is_a_span_or_refused(text: str) -> None:
    try:
        low, high = parse_span(text, TODAY)
    except ValueError:
        return
    assert low is None or high is None or low <= high
