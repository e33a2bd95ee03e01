"""Planning the import of an older book: every row is accounted for, and nothing is renumbered."""

from __future__ import annotations

import datetime
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from sipadek.archive import LegacyKind, LegacyNumber
from sipadek.books.legacy_rows import LegacyRow
from sipadek.books.placing import Placed, Placing, sound
from sipadek.books.problems import LegacyPlan, ProblemKind
from sipadek.errors import InvalidInput
from sipadek.naskah import date_text
from sipadek.numbering import Series

MAX_HOLES: Final = 100_000
"""The most numbers that the holes of a book may have in all."""

_NO_TEXTS: Final[Mapping[str, Mapping[int, str]]] = MappingProxyType({})
_NO_ROWS: Final[Mapping[int, str]] = MappingProxyType({})


def plan_legacy(
    series: Series,
    rows: Iterable[LegacyRow],
    *,
    explanations: Mapping[str, Mapping[int, str]] = _NO_TEXTS,
    default_explanation: str = "",
    set_aside: Mapping[int, str] = _NO_ROWS,
) -> LegacyPlan:
    """What an import of ``rows`` into ``series`` would do, and all that is in its way.

    ``explanations`` says, by counter and sequence, what is known of a hole, of a repeat, of a date
    in another period, or of any number; ``default_explanation`` is said of those of the first three
    that have none. ``set_aside`` leaves rows out, by line, each for a reason.

    Of rows with the same sequence, the one with the earliest date is the number and the others
    repeat it. An inserted number (12.A) stands as a repeat of its parent that explains itself.

    Raises:
        InvalidInput: two rows have the same line, a row is set aside without a reason, or a text
            cannot be kept.
    """
    planning = _Planning(series, explanations, default_explanation.strip(), set_aside)
    return planning.plan(rows)


class _Planning:
    def __init__(
        self,
        series: Series,
        explanations: Mapping[str, Mapping[int, str]],
        default: str,
        set_aside: Mapping[int, str],
    ) -> None:
        self._series = series
        self._texts = {
            (counter, sequence): text.strip()
            for counter, texts in explanations.items()
            for sequence, text in texts.items()
        }
        self._default = default
        self._reasons = dict(set_aside)
        _check_texts(default, self._texts.values(), self._reasons)
        self._placing = Placing(series, self._text, self._reasons)
        self._holes = 0

    def _text(self, counter: str, sequence: int) -> str:
        return self._texts.get((counter, sequence)) or self._default

    def plan(self, rows: Iterable[LegacyRow]) -> LegacyPlan:
        for row in sorted(rows, key=lambda one: one.line):
            self._placing.take(row)
        numbers = [
            number
            for counter, placed in sorted(self._placing.placed.items())
            for number in self._of_counter(counter, placed)
        ]
        self._check_unused(numbers)
        return LegacyPlan(
            series=self._series.code,
            numbers=tuple(numbers),
            problems=tuple(self._placing.problems),
            set_aside=tuple(self._placing.aside),
            refused=tuple(sorted(self._placing.refused, key=lambda row: row.line)),
        )

    def _of_counter(self, counter: str, placed: list[Placed]) -> Iterator[LegacyNumber]:
        main: dict[int, list[Placed]] = defaultdict(list)
        inserted: dict[int, list[Placed]] = defaultdict(list)
        for one in placed:
            (inserted if one.parsed.insertion else main)[one.parsed.sequence].append(one)
        for sequence in sorted(inserted.keys() - main.keys()):
            for one in inserted.pop(sequence):
                what = (
                    f"Line {one.row.line}: {one.row.number!r} was put in after a number that the book "
                    "does not have. Add that number, or set the row aside."
                )
                self._placing.refuse(ProblemKind.PARENTLESS, what, one.row)
        following = self._series.start
        latest = _Latest()
        for sequence in sorted(main):
            found = sorted(main[sequence], key=Placed.order)
            first, repeats = found[0], found[1:]
            if following < sequence:
                yield from self._hole(counter, following, sequence - 1, first.row.line)
            following = sequence + 1
            own = "" if repeats else self._texts.get((counter, sequence), "")
            if first.other_period:
                own = self._text(counter, sequence)
            yield _number(counter, first, LegacyKind.NUMBER, own)
            for one in repeats:
                yield self._repeat(counter, one, first.row.line)
            yield from self._inserted(counter, inserted.get(sequence, []))
            self._remark_order(counter, first, latest)

    def _hole(self, counter: str, first: int, last: int, line: int) -> Iterator[LegacyNumber]:
        self._holes += last - first + 1
        run = str(first) if first == last else f"{first} to {last}"
        place: dict[str, Any] = {"line": line, "counter": counter, "sequence": first, "last": last}
        if self._holes > MAX_HOLES:
            what = (
                f"Line {line}: {counter} would lack {run} before it, and a book may lack {MAX_HOLES} "
                "numbers in all. Correct the number, or set the row aside."
            )
            self._placing.problem(ProblemKind.TOO_WIDE, what, **place)
            return
        told = {n: self._text(counter, n) for n in range(first, last + 1)}
        what = f"{counter} does not have {run} (before line {line})."
        self._placing.problem(ProblemKind.HOLE, what, settled=all(told.values()), **place)
        for sequence, text in told.items():
            yield LegacyNumber(
                counter=counter,
                sequence=sequence,
                line=line,
                kind=LegacyKind.HOLE,
                explanation=text,
            )

    def _inserted(self, counter: str, placed: list[Placed]) -> Iterator[LegacyNumber]:
        lines: dict[int, int] = {}
        for one in sorted(placed, key=Placed.order):
            line = lines.setdefault(one.parsed.insertion, one.row.line)
            if line != one.row.line:
                yield self._repeat(counter, one, line)
                continue
            text = self._text(counter, one.parsed.sequence) if one.other_period else ""
            yield _number(counter, one, LegacyKind.REPEAT, text)

    def _repeat(self, counter: str, one: Placed, first_line: int) -> LegacyNumber:
        sequence = one.parsed.sequence
        text = self._text(counter, sequence)
        self._placing.problem(
            ProblemKind.REPEAT,
            f"Line {one.row.line}: {one.row.number!r} is a number of {counter} that line {first_line} "
            "has already.",
            settled=bool(text),
            line=one.row.line,
            counter=counter,
            sequence=sequence,
        )
        return _number(counter, one, LegacyKind.REPEAT, text)

    def _remark_order(self, counter: str, one: Placed, latest: _Latest) -> None:
        date = one.row.date
        if date is None:
            return
        if date >= latest.date:
            latest.date, latest.sequence = date, one.parsed.sequence
            return
        self._placing.problem(
            ProblemKind.OUT_OF_ORDER,
            f"Line {one.row.line}: {one.row.number!r} is dated {date_text(date)}, but the earlier "
            f"number {latest.sequence} of {counter} {date_text(latest.date)}.",
            settled=True,
            line=one.row.line,
            counter=counter,
            sequence=one.parsed.sequence,
        )

    def _check_unused(self, numbers: Sequence[LegacyNumber]) -> None:
        there = {(number.counter, number.sequence) for number in numbers}
        for counter, sequence in sorted(self._texts.keys() - there):
            what = (
                f"There is an explanation for {sequence} of {counter}, which the book neither has nor "
                "lacks. Correct the counter or the sequence."
            )
            self._placing.problem(ProblemKind.UNUSED, what, counter=counter, sequence=sequence)
        for line in sorted(self._reasons.keys() - self._placing.lines):
            what = (
                f"Line {line} is to be set aside, but the book has no such row. Correct the line."
            )
            self._placing.problem(ProblemKind.UNUSED, what, line=line)


@attrs.define
class _Latest:
    """The latest date so far, and the number that has it."""

    date: datetime.date = datetime.date.min
    sequence: int = 0


def _number(counter: str, one: Placed, kind: LegacyKind, text: str) -> LegacyNumber:
    row, insertion = one.row, one.parsed.insertion
    parts = (
        text,
        f"nomor sisipan ke-{insertion}" if insertion else "",
        f"kepada {row.recipient}" if row.recipient else "",
        row.note,
    )
    return LegacyNumber(
        counter=counter,
        sequence=one.parsed.sequence,
        line=row.line,
        kind=kind,
        number=row.number,
        date=row.date,
        subject=row.subject,
        explanation="; ".join(filter(None, parts)),
    )


def _check_texts(default: str, texts: Iterable[str], reasons: Mapping[int, str]) -> None:
    for text in itertools.chain([default], texts, reasons.values()):
        if not sound(text):
            raise InvalidInput(f"{text!r:.80} holds a NUL or half of a surrogate pair; take it out")
    for line, reason in reasons.items():
        if not reason.strip():
            raise InvalidInput(f"line {line} is only set aside for a reason; say why", line=line)
