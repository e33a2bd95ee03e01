"""Which words could have been meant by a misspelt one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

MIN_LENGTH: Final = 4
"""Shorter words are not taken for misspelt."""
LONG: Final = 8
"""From this length on a word may have two mistakes, behind its first ``HEAD`` characters."""
HEAD: Final = 4
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_SPELT: Final = re.compile(f"[a-z]{{{MIN_LENGTH},32}}")


def is_spelt(word: str) -> bool:
    """Whether ``word`` is one that could be misspelt: 4 to 32 of a to z, so no number."""
    return _SPELT.fullmatch(word) is not None


def near(word: str, other: str) -> int:
    """1 or 2 where ``other`` could be meant by the misspelt ``word``, 0 where not.

    1: one letter is missing, too much or another, or two neighbours changed places. 2: two such
    mistakes, in words of at least ``LONG`` letters that begin with the same ``HEAD`` letters.
    """
    if not is_spelt(word) or not is_spelt(other) or word == other:
        return 0
    far = distance(word, other)
    if far == 2 and (len(word) < LONG or word[:HEAD] != other[:HEAD]):
        return 0
    return far if far <= 2 else 0


def edits(word: str) -> Iterator[str]:
    """Every word that ``near`` puts at 1, with repeats."""
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        yield from (head + letter + tail for letter in _LETTERS)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in _LETTERS)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


def distance(a: str, b: str) -> int:
    """The least number of letters put in, taken out or replaced, and of neighbours that change
    places, each place at most once; 3 stands for more than 2."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, right in enumerate(b, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], 3)
