"""The one piece of arithmetic that retention needs: whole years after a date."""

from __future__ import annotations

import datetime

from sipadek.errors import InvalidInput


def years_after(date: datetime.date, years: int) -> datetime.date:
    """The first day on which ``years`` whole years have passed since ``date``: the same day of that
    year, or 1 March where 29 February is not in it, since nothing may be destroyed a day early. 0 years
    are over on the day itself.

    Years are always counted from the date that began them and never from the end of other years:
    2 and 2 years after 29 February 2024 would end on 1 March 2028, 4 years end on 29 February 2028.

    Raises InvalidInput for negative years, and for an end that is no date (after 9999).
    """
    if isinstance(years, bool) or not isinstance(years, int) or years < 0:
        raise InvalidInput(f"{years!r} years of retention; give a whole number from 0", years=years)
    try:
        return date.replace(year=date.year + years)
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.date(date.year + years, 3, 1)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{years} years after {date} is beyond the year {datetime.MAXYEAR}", years=years
        ) from None
