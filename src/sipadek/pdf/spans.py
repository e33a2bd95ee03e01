"""Stretches of object numbers, as cross-reference sections list them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import pairwise


class Spans:
    """Stretches of object numbers, to be found in by halves: a file may have 100,000 of them. Where
    they overlap, the one that is listed first counts."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        """``spans``: first number and count of each."""
        edges = sorted({edge for first, count in spans for edge in (first, first + count)})
        coming = sorted(range(len(spans)), key=lambda which: -spans[which][0])
        within: list[int] = []
        self._starts: list[int] = []
        self._which: list[int | None] = []
        for start, _ in pairwise([*edges, 0]):
            while coming and spans[coming[-1]][0] <= start:
                heappush(within, coming.pop())
            while within and sum(spans[within[0]]) <= start:
                heappop(within)
            self._starts.append(start)
            self._which.append(within[0] if within else None)

    def find(self, number: int) -> int | None:
        """Which span (from 0) holds a number, or None."""
        place = bisect_right(self._starts, number) - 1
        return self._which[place] if place >= 0 else None
