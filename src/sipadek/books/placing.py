"""The first half of a plan: each row of an older book finds its place in a counter, or none."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from sipadek.books.legacy_rows import LegacyRow
from sipadek.books.problems import Problem, ProblemKind, SetAside
from sipadek.errors import InvalidInput, InvalidNumber
from sipadek.naskah import date_text
from sipadek.numbering import ParsedNumber, Restart, Series

_PERIOD: Final[Mapping[Restart, tuple[str, ...]]] = {
    Restart.YEARLY: ("year",),
    Restart.MONTHLY: ("year", "month"),
    Restart.NEVER: (),
}


@attrs.frozen
class Placed:
    """A row whose number has a place in a counter."""

    row: LegacyRow
    parsed: ParsedNumber
    other_period: bool

    def order(self) -> tuple[Any, ...]:
        """By the date, then by all else that a row says, so that its line decides last."""
        row = self.row
        date = row.date or datetime.date.max
        return date, row.number, row.subject, row.recipient, row.note, row.line


class Placing:
    """Takes rows one by one; ``placed`` holds them by counter. ``explain`` gives what is known of a
    counter's sequence, '' for nothing; ``reasons`` says, by line, why a row is set aside."""

    def __init__(
        self, series: Series, explain: Callable[[str, int], str], reasons: Mapping[int, str]
    ) -> None:
        self._series = series
        self._explain = explain
        self._reasons = reasons
        self.lines: set[int] = set()
        self.placed: dict[str, list[Placed]] = defaultdict(list)
        self.problems: list[Problem] = []
        self.aside: list[SetAside] = []
        self.refused: list[LegacyRow] = []

    def take(self, row: LegacyRow) -> None:
        """Place a row, or say why it has no place. Raises InvalidInput for a line that is none."""
        if row.line < 1 or row.line in self.lines:
            raise InvalidInput(
                f"line {row.line} comes twice, or is none; give each row the line of the book that "
                "it stands on, from 1",
                line=row.line,
            )
        self.lines.add(row.line)
        if row.line in self._reasons:
            self.aside.append(SetAside(row=row, reason=self._reasons[row.line]))
            return
        for fault in (*(fault.message for fault in row.faults), *_unkept(row)):
            self.problem(ProblemKind.CELL, fault, line=row.line)
        try:
            parsed = self._series.parse(row.number)
        except InvalidNumber as error:
            what = f"Line {row.line}: {error}" if row.number else f"Line {row.line} has no number."
            self.refuse(ProblemKind.UNREAD, what, row)
            return
        counter = self._counter(row, parsed)
        if counter is not None:
            other_period = self._compare_date(row, parsed, counter)
            self.placed[counter].append(Placed(row, parsed, other_period))

    def _counter(self, row: LegacyRow, parsed: ParsedNumber) -> str | None:
        """The counter of a number; None, and a problem, where it has no place in one."""
        if parsed.sequence < self._series.start:
            what = (
                f"Line {row.line}: {row.number!r} is lower than {self._series.start}, where the series "
                f"{self._series.code} starts. Start the series lower, or set the row aside."
            )
            self.refuse(ProblemKind.BELOW_START, what, row)
            return None
        fields = parsed.fields()
        untold = [n for n in _PERIOD[self._series.restart] if getattr(parsed, n) is None]
        if untold:
            if row.date is None:
                what = (
                    f"Line {row.line}: {row.number!r} does not tell its {untold[0]}, and the row has "
                    "no date. Write the date, or set the row aside."
                )
                self.refuse(ProblemKind.UNDATED, what, row)
                return None
            year, month = parsed.year or row.date.year, parsed.month or row.date.month
            fields = attrs.evolve(fields, date=datetime.date(year, month, 1))
        return self._series.counter(fields)

    def _compare_date(self, row: LegacyRow, parsed: ParsedNumber, counter: str) -> bool:
        """Whether the date lies in another period than the number tells; a lesser difference is
        remarked."""
        if row.date is None:
            return False
        names = ("year", "month", "day")
        told = {name: getattr(parsed, name) for name in names}
        wrong = [n for n in names if told[n] is not None and told[n] != getattr(row.date, n)]
        if not wrong:
            return False
        other_period = any(name in _PERIOD[self._series.restart] for name in wrong)
        kind = ProblemKind.OTHER_PERIOD if other_period else ProblemKind.DATE_DIFFERS
        self.problem(
            kind,
            f"Line {row.line}: {row.number!r} is dated {date_text(row.date)}, which is another "
            f"{wrong[0]} than it tells.",
            settled=not other_period or bool(self._explain(counter, parsed.sequence)),
            line=row.line,
            counter=counter,
            sequence=parsed.sequence,
        )
        return other_period

    def problem(
        self, kind: ProblemKind, message: str, *, settled: bool = False, **place: Any
    ) -> None:
        """Note a problem; ``place`` are its line, counter, sequence and last."""
        self.problems.append(Problem(kind=kind, message=message, settled=settled, **place))

    def refuse(self, kind: ProblemKind, message: str, row: LegacyRow) -> None:
        """Leave a row out for a problem that only the caller can solve."""
        self.problem(kind, message, line=row.line)
        self.refused.append(row)


def sound(text: str) -> bool:
    """Whether the register can keep a text: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _unkept(row: LegacyRow) -> Iterator[str]:
    for name in ("number", "subject", "recipient", "note"):
        if not sound(getattr(row, name)):
            yield (
                f"Line {row.line}: the {name} holds a NUL or half of a surrogate pair. Take it out, or "
                "set the row aside."
            )
