"""Working time against counting it minute by minute."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.services import Promise, WorkingCalendar

WIB = datetime.timezone(datetime.timedelta(hours=7))
_DAY = ((datetime.time(7, 30), datetime.time(12)), (datetime.time(13), datetime.time(16)))
CALENDAR = WorkingCalendar(
    hours=dict.fromkeys(range(5), _DAY),
    holidays={datetime.date(2026, 11, 25): "Hari libur contoh"},
)
_MOMENTS = st.datetimes(
    datetime.datetime(2026, 11, 20), datetime.datetime(2026, 12, 2), timezones=st.just(WIB)
).map(lambda moment: moment.replace(second=0, microsecond=0))


def _open(moment: datetime.datetime) -> bool:
    local = moment.astimezone(WIB)
    free = local.weekday() > 4 or local.date() == datetime.date(2026, 11, 25)
    return not free and any(opens <= local.time() < closes for opens, closes in _DAY)


def _counted(start: datetime.datetime, end: datetime.datetime) -> int:
    minute = datetime.timedelta(minutes=1)
    return sum(_open(start + n * minute) for n in range(max(0, (end - start) // minute)))


@given(_MOMENTS, _MOMENTS)
def test_minutes_are_those_in_which_the_counter_is_open(
    start: datetime.datetime, end: datetime.datetime
) -> None:
    assert CALENDAR.minutes(start, end) == _counted(start, end)
    assert CALENDAR.minutes(end.astimezone(datetime.UTC), end) == 0


@given(_MOMENTS, _MOMENTS, _MOMENTS)
def test_minutes_add_up(a: datetime.datetime, b: datetime.datetime, c: datetime.datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert CALENDAR.minutes(a, b) + CALENDAR.minutes(b, c) == CALENDAR.minutes(a, c)


@given(_MOMENTS, st.integers(1, 3000), st.integers(0, 1000))
def test_due_is_when_the_promised_minutes_are_over(
    start: datetime.datetime, minutes: int, paused: int
) -> None:
    due = CALENDAR.due(start, Promise(minutes=minutes), paused=paused)
    assert CALENDAR.minutes(start, due) == minutes + paused
    assert CALENDAR.minutes(start, due - datetime.timedelta(minutes=1)) == minutes + paused - 1


@given(_MOMENTS, st.integers(1, 9))
def test_promised_days_end_when_the_counter_closes(start: datetime.datetime, days: int) -> None:
    due = CALENDAR.due(start, Promise(days=days)).astimezone(WIB)
    assert due.time() == datetime.time(16)
    first = start.astimezone(WIB).date()
    span = [first + datetime.timedelta(days=n) for n in range(1, (due.date() - first).days + 1)]
    assert sum(map(CALENDAR.is_working_day, span)) == days
    assert CALENDAR.is_working_day(due.date())


@given(_MOMENTS, st.integers(1, 9), st.integers(1, 2000))
def test_a_pause_puts_promised_days_off(start: datetime.datetime, days: int, paused: int) -> None:
    promise = Promise(days=days)
    plain, later = CALENDAR.due(start, promise), CALENDAR.due(start, promise, paused=paused)
    assert CALENDAR.minutes(plain, later) == paused


def test_calendars_and_promises_that_cannot_be_are_refused() -> None:
    noon, nine = datetime.time(12), datetime.time(9)
    for hours in (
        {},
        {0: ()},
        {0: ((noon, nine),)},
        {7: ((nine, noon),)},
        {0: ((nine, noon),) * 2},
    ):
        with pytest.raises(InvalidInput):
            WorkingCalendar(hours=hours)
    with pytest.raises(InvalidInput):
        WorkingCalendar(hours={0: ((nine, noon),)}, timezone="Asia/Jambi")
    for minutes, days in ((0, 0), (5, 5), (-1, 0)):
        with pytest.raises(InvalidInput):
            Promise(minutes=minutes, days=days)


def test_no_working_time_for_years_is_an_error_not_a_search_without_end() -> None:
    first = datetime.date(2026, 1, 1)
    free = {first + datetime.timedelta(days=n): "libur" for n in range(366 * 6)}
    never = WorkingCalendar(hours={0: _DAY}, holidays=free)
    start = datetime.datetime(2026, 1, 1, tzinfo=WIB)
    for promise in (Promise(minutes=1), Promise(days=1)):
        with pytest.raises(InvalidInput):
            never.due(start, promise)
    assert str(Promise(days=3)) == "3 hari kerja"
    assert str(Promise(minutes=15)) == "15 menit kerja"
