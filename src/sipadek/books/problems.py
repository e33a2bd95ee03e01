"""What is found in an older book, and the plan of its import. Pure values."""

from __future__ import annotations

import enum

import attrs

from sipadek.archive import LegacyNumber
from sipadek.books.legacy_rows import LegacyRow
from sipadek.errors import InvalidInput

_SHOWN = 5


class ProblemKind(enum.StrEnum):
    """What can be found. Of the first six, the row is corrected or set aside; the next three need
    an explanation; the last two are remarks."""

    CELL = "cell"
    """A cell that cannot be taken."""
    UNREAD = "unread"
    """The number is not one of the series."""
    UNDATED = "undated"
    """The number does not tell its period, and the row has no date."""
    BELOW_START = "below-start"
    """The sequence is lower than the series' first."""
    PARENTLESS = "parentless"
    """An inserted number, and the book does not have the one it follows."""
    TOO_WIDE = "too-wide"
    """More numbers are missing than can be a hole: one after it is written wrongly, surely."""
    REPEAT = "repeat"
    """A sequence that the book has already."""
    HOLE = "hole"
    """Sequences, from ``sequence`` to ``last``, that the book does not have."""
    OTHER_PERIOD = "other-period"
    """The date lies in another period than the number tells."""
    UNUSED = "unused"
    """An explanation, or a row to set aside, that there is nothing for."""
    DATE_DIFFERS = "date-differs"
    """The date differs from what the number tells, within the period."""
    OUT_OF_ORDER = "out-of-order"
    """An earlier date than a number before it has."""


@attrs.frozen(kw_only=True)
class Problem:
    """One thing found. ``line`` is its row (of a hole: the row after it), 0 where there is none.
    ``settled``: it is explained, or only a remark; the plan is ready when all are."""

    kind: ProblemKind
    message: str
    settled: bool
    line: int = 0
    counter: str = ""
    sequence: int = 0
    last: int = 0


@attrs.frozen(kw_only=True)
class SetAside:
    """A row that the caller leaves out, and why."""

    row: LegacyRow
    reason: str


@attrs.frozen(kw_only=True)
class LegacyPlan:
    """What an import would do. Every row is in one place: a number or a repeat of ``numbers``, among
    the rows ``set_aside``, or among those ``refused``. Every sequence from the series' start to the
    last of a counter is a number or a hole of ``numbers``, unless a hole is too wide to be one."""

    series: str
    numbers: tuple[LegacyNumber, ...]
    problems: tuple[Problem, ...]
    set_aside: tuple[SetAside, ...]
    refused: tuple[LegacyRow, ...]

    @property
    def open(self) -> tuple[Problem, ...]:
        """The problems that still keep it from being imported."""
        return tuple(problem for problem in self.problems if not problem.settled)

    @property
    def ready(self) -> bool:
        """Whether the register takes ``numbers``."""
        return bool(self.numbers) and not self.open

    def approved(self) -> tuple[LegacyNumber, ...]:
        """``numbers``, to be imported. Raises InvalidInput where the plan is not ready."""
        if not self.numbers:
            raise InvalidInput("the book has no number that could be imported", series=self.series)
        if self.open:
            shown = "\n".join(problem.message for problem in self.open[:_SHOWN])
            raise InvalidInput(
                f"{len(self.open)} problems of the book are open; correct its rows, explain its holes "
                f"and repeats, or set rows aside. The first are:\n{shown}",
                series=self.series,
                open=len(self.open),
            )
        return self.numbers
