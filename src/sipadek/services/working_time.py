"""Working time: when the counter is open, and how much of it lies between two moments. Pure."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from sipadek.errors import InvalidInput

_MINUTE: Final = datetime.timedelta(minutes=1)
_LONGEST: Final = 366 * 5  # Days that are looked through for working time before giving up.

Hours = tuple[datetime.time, datetime.time]
"""From when to when the counter is open, in local time."""


@attrs.frozen(kw_only=True)
class Promise:
    """A promised time: ``minutes`` of working time, or ``days`` that are working days.

    Days count from the next working day on: what is asked on Monday with one day is due when the
    counter closes on Tuesday.
    """

    minutes: int = 0
    days: int = 0

    def __attrs_post_init__(self) -> None:
        if (self.minutes > 0) == (self.days > 0) or min(self.minutes, self.days) < 0:
            raise InvalidInput(
                f"a promised time of {self.minutes} minutes and {self.days} days; give one of both,"
                " above 0",
                field="promise",
            )

    def __str__(self) -> str:
        return f"{self.days} hari kerja" if self.days else f"{self.minutes} menit kerja"


@attrs.frozen(kw_only=True)
class WorkingCalendar:
    """The hours of each weekday (0 is Monday), the days on which there are none, and where.

    ``hours`` gives each weekday its open times in order, a break lying between two of them; weekdays
    that are not named are free. ``holidays`` names each free date. ``timezone`` is an IANA name.
    Raises InvalidInput for hours that overlap or run backwards, or a zone that does not exist.
    """

    hours: Mapping[int, tuple[Hours, ...]]
    holidays: Mapping[datetime.date, str] = attrs.field(factory=dict)
    timezone: str = "Asia/Jakarta"

    def __attrs_post_init__(self) -> None:
        for weekday, times in self.hours.items():
            edges = [edge for pair in times for edge in pair]
            if weekday not in range(7) or edges != sorted(set(edges)):
                raise InvalidInput(
                    f"the hours of weekday {weekday} overlap or run backwards; give weekdays 0 to 6, and"
                    " each day's times in order",
                    field="hours",
                )
        if not any(self.hours.values()):
            raise InvalidInput("no weekday has working hours; give at least one", field="hours")
        try:
            zoneinfo.ZoneInfo(self.timezone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            raise InvalidInput(
                f"the time zone {self.timezone!r} does not exist; give one such as Asia/Jakarta",
                field="timezone",
            ) from None

    def local_date(self, at: datetime.datetime) -> datetime.date:
        """What day it is there at ``at`` (aware)."""
        return at.astimezone(self._zone).date()

    def is_working_day(self, date: datetime.date) -> bool:
        """Whether the counter opens on that date."""
        return date not in self.holidays and bool(self.hours.get(date.weekday()))

    def minutes(self, start: datetime.datetime, end: datetime.datetime) -> int:
        """Whole working minutes from ``start`` to ``end`` (aware); 0 where ``end`` is not later."""
        worked = datetime.timedelta()
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            worked += min(closes, end) - max(opens, start)
        return worked // _MINUTE

    def due(
        self, start: datetime.datetime, promise: Promise, *, paused: int = 0
    ) -> datetime.datetime:
        """Until when something asked for at ``start`` is promised (UTC).

        ``paused`` is for how many working minutes the clock stood still; a promise of days is put off
        by as many.
        """
        if promise.minutes:
            return self._after(start, promise.minutes + paused)
        closes = self._closing(start, promise.days)
        return self._after(closes, paused) if paused else closes

    def _after(self, start: datetime.datetime, minutes: int) -> datetime.datetime:
        left = minutes * _MINUTE
        for opens, closes in self._open_from(start):
            begins = max(opens, start)
            if left <= closes - begins:
                return (begins + left).astimezone(datetime.UTC)
            left -= closes - begins
        raise self._never(start)

    def _closing(self, start: datetime.datetime, days: int) -> datetime.datetime:
        """When the counter closes on the ``days``-th working day after that of ``start``."""
        date = self.local_date(start)
        for _ in range(_LONGEST):
            date += datetime.timedelta(days=1)
            days -= self.is_working_day(date)
            if not days:
                return self._moment(date, self.hours[date.weekday()][-1][1])
        raise self._never(start)

    def _open_from(
        self, start: datetime.datetime
    ) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
        """The open times that end after ``start``, in order."""
        first = self.local_date(start)
        for n in range(_LONGEST):
            date = first + datetime.timedelta(days=n)
            if date in self.holidays:
                continue
            for opens, closes in self.hours.get(date.weekday(), ()):
                pair = self._moment(date, opens), self._moment(date, closes)
                if pair[1] > start:
                    yield pair

    def _moment(self, date: datetime.date, time: datetime.time) -> datetime.datetime:
        local = datetime.datetime.combine(date, time, tzinfo=self._zone)
        return local.astimezone(datetime.UTC)

    @property
    def _zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    def _never(self, start: datetime.datetime) -> InvalidInput:
        return InvalidInput(
            f"there is not enough working time in the five years after {start:%Y-%m-%d}; look at the"
            " calendar's hours and holidays",
            field="hours",
        )
