"""Four series that differ in all that a counter can differ in, each told a second time in plain code."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import attrs

from sipadek.archive import LetterDetails
from sipadek.numbering import Series

MONTHS = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


@attrs.frozen
class Form:
    """A series, and in other words what it must do: the clock's hours ahead of UTC, the counter of
    a letter, and its number from a sequence, the label of an insertion, and the letter."""

    series: Series
    hours: int
    counter: Callable[[LetterDetails], str]
    number: Callable[[int, str, LetterDetails], str]
    label: Callable[[int], str] | None = None
    told: tuple[str, ...] = ()  # Values that stand in the number, and need to be fit for it.

    def local(self, at: datetime.datetime) -> datetime.date:
        return (at.astimezone(datetime.UTC) + datetime.timedelta(hours=self.hours)).date()


def _letters(insertion: int) -> str:
    return chr(ord("A") + insertion - 1)


FORMS = {
    form.series.code: form
    for form in (
        Form(
            Series(
                code="agenda", pattern="{nomor}/{unit}/{tahun}", scope=("unit",), insertion=".A"
            ),
            7,
            lambda d: f"unit={d.unit.replace('%', '%25').replace(';', '%3B')};{d.date.year}",
            lambda n, label, d: f"{n}{label}/{d.unit}/{d.date.year}",
            lambda n: f".{_letters(n)}",
            ("unit",),
        ),
        Form(
            Series(
                code="harian",
                pattern="{nomor:2}-{bulan:romawi}-{tahun}",
                restart="monthly",
                timezone="Asia/Makassar",
            ),
            8,
            lambda d: f"{d.date:%Y-%m}",
            lambda n, _, d: f"{n:02}-{MONTHS[d.date.month - 1]}-{d.date.year}",
        ),
        Form(
            Series(
                code="nota",
                pattern="N{nomor}",
                restart="never",
                start=7,
                timezone="Asia/Jayapura",
                insertion="-1",
            ),
            9,
            lambda _: "all",
            lambda n, label, _: f"N{n}{label}",
            lambda n: f"-{n}",
        ),
        # Its numbers come again every year, and tell something that is not in the scope.
        Form(
            Series(code="ulang", pattern="{kode}/{nomor:3}", repeats=True, insertion="a"),
            7,
            lambda d: f"{d.date.year}",
            lambda n, label, d: f"{d.classification}/{n:03}{label}",
            lambda n: _letters(n).lower(),
            ("classification",),
        ),
    )
}


def periods(details: LetterDetails) -> tuple[str, ...]:
    """The periods that must not be closed where the letter is to get a number."""
    return f"{details.date:%Y}", f"{details.date:%Y-%m}"
