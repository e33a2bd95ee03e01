"""The time that a scorecard is about: whole days of one year, in the office's own time zone."""

from __future__ import annotations

import calendar
import datetime
import re
import zoneinfo
from fractions import Fraction
from typing import Final, Self

import attrs

from sipadek.errors import InvalidInput
from sipadek.naskah import month_name

_FORM: Final = re.compile(r"(\d{4})(?:-(?:S([12])|T([1-4])|(0[1-9]|1[0-2])))?")
_ROMAN: Final = ("I", "II", "III", "IV")
_SECOND: Final = datetime.timedelta(seconds=1)


@attrs.frozen(kw_only=True)
class Period:
    """The days from ``first`` until before ``end``, both dates in ``timezone`` (IANA). ``code`` is how
    it is asked for, ``name`` what a page calls it."""

    code: str
    name: str
    first: datetime.date
    end: datetime.date
    timezone: str = "Asia/Jakarta"

    @classmethod
    def parse(cls, code: str, *, timezone: str = "Asia/Jakarta") -> Self:
        """The period of '2026', '2026-S1' (half of the year), '2026-T3' (quarter) or '2026-11'.

        Raises InvalidInput for anything else, and for a time zone that does not exist.
        """
        found = _FORM.fullmatch(code)
        if not found or not 1900 <= int(found[1]) <= 9998:
            raise InvalidInput(
                f"{code!r} is not a period; write a year (2026), a half (2026-S1), a quarter"
                " (2026-T3) or a month (2026-11)",
                period=code,
            )
        try:
            zoneinfo.ZoneInfo(timezone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidInput(
                f"the time zone {timezone!r} does not exist; give one such as Asia/Jakarta",
                timezone=timezone,
            ) from None
        year, half, quarter, month = found.groups()
        if half:
            first, months, name = 6 * int(half) - 5, 6, f"Semester {_ROMAN[int(half) - 1]} {year}"
        elif quarter:
            first, months = 3 * int(quarter) - 2, 3
            name = f"Triwulan {_ROMAN[int(quarter) - 1]} {year}"
        elif month:
            first, months, name = int(month), 1, f"{month_name(int(month))} {year}"
        else:
            first, months, name = 1, 12, f"Tahun {year}"
        after = first + months
        return cls(
            code=code,
            name=name,
            first=datetime.date(int(year), first, 1),
            end=datetime.date(int(year) + after // 13, (after - 1) % 12 + 1, 1),
            timezone=timezone,
        )

    @property
    def begins(self) -> datetime.datetime:
        """The first moment of it (UTC)."""
        return self._midnight(self.first)

    @property
    def ends(self) -> datetime.datetime:
        """The first moment after it (UTC)."""
        return self._midnight(self.end)

    def until(self, at: datetime.datetime) -> datetime.datetime:
        """Up to where it can be looked at, at the moment ``at`` (aware): at most to its end (UTC).

        Raises InvalidInput where it has not begun by then.
        """
        if at <= self.begins:
            raise InvalidInput(
                f"the period {self.code} begins on {self.first}; ask for one that has begun",
                period=self.code,
            )
        return min(self.ends, at.astimezone(datetime.UTC))

    def share_of_year(self, until: datetime.datetime) -> Fraction:
        """How much of its year lies between its beginning and ``until``."""
        days = 366 if calendar.isleap(self.first.year) else 365
        return Fraction((until - self.begins) // _SECOND, days * 86400)

    def _midnight(self, date: datetime.date) -> datetime.datetime:
        zone = zoneinfo.ZoneInfo(self.timezone)
        return datetime.datetime.combine(date, datetime.time(), zone).astimezone(datetime.UTC)
