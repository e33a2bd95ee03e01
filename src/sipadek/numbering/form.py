"""What of a series' numbers does not depend on the sequence.

It is told from two numbers whose sequences differ in each of their ten digits: where the texts
differ, the sequence stands, and nowhere else; what is equal in both does not depend on it.
"""

from __future__ import annotations

from typing import Final, Self

import attrs

from sipadek.numbering.series import Series
from sipadek.numbering.values import MAX_SEQUENCE, NumberFields

ONES: Final = 1_111_111_111
TWOS: Final = 2_222_222_222


@attrs.frozen
class Form:
    """A number as what stands before its sequence, the fewest digits of that, and what stands
    after."""

    before: str
    width: int
    after: str

    @classmethod
    def of(cls, series: Series, fields: NumberFields) -> Self | None:
        """The form of a series' numbers for these fields; None where it cannot be told."""
        around = pieces(series.render(ONES, fields), series.render(TWOS, fields), 1)
        if around is None:
            return None
        before, after = around
        width = len(series.render(1, fields)) - len(before) - len(after)
        form = cls(before, width, after)
        sure = all(form.number(n) == series.render(n, fields) for n in (1, 10, 10**9, MAX_SEQUENCE))
        return form if sure else None

    def number(self, sequence: int) -> str:
        """The number of that sequence."""
        return f"{self.before}{sequence:0{self.width}d}{self.after}"


def pieces(first: str, second: str, count: int) -> list[str] | None:
    """What stands around the ``count`` places where one text has the first sequence and the other the
    second; None where they differ in any other way."""
    if len(first) != len(second):
        return None
    found = []
    start = 0
    for _ in range(count):
        place = next((n for n in range(start, len(first)) if first[n] != second[n]), None)
        if place is None:
            return None
        end = place + len(str(ONES))
        if (first[place:end], second[place:end]) != (str(ONES), str(TWOS)):
            return None
        found.append(first[start:place])
        start = end
    if first[start:] != second[start:]:
        return None
    return [*found, first[start:]]
