"""The letters that are like one letter: by the words that tell it from others.

Those are taken from its subject, and the most frequent ones from its body; rare ones count. Only letters
that may be seen have a say in what is rare.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Final

from sipadek.search import ANALYSIS, AccessPolicy, And, Or, Query, Word
from sipadek.sql import letter_index

WORDS: Final = 16  # That a letter is known by.
_CANDIDATES: Final = 40
_SHORTEST: Final = 3
_COMMON: Final = 0.3  # A word of more letters than this share tells nothing.
_SUBJECT: Final = 3  # A word of the subject counts as so many of the body.


def likeness(
    connection: sqlite3.Connection, subject: str, pages: Sequence[str], policy: AccessPolicy
) -> Query | None:
    """What finds letters like the one of that subject and those pages, and that one; None where no word
    of it stands in another letter that may be seen."""
    weights: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for text, weight in ((subject, _SUBJECT), *((page, 1) for page in pages)):
        tokens = ANALYSIS.index_tokens(text)
        for exact, stem in zip(tokens.exact, tokens.stems, strict=True):
            if len(stem) >= _SHORTEST and stem.isalpha():
                weights[stem] += weight
                forms.setdefault(stem, exact)
    every, _ = letter_index.search(connection, And(()), policy, limit=0)
    told: list[tuple[float, str]] = []
    for stem, weight in sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:_CANDIDATES]:
        word = Word(stems=(stem,), exact=(forms[stem],))
        count, _ = letter_index.search(connection, word, policy, limit=0)
        if 2 <= count <= max(2, _COMMON * every):
            told.append((-math.log1p(weight) * math.log(1 + every / count), stem))
    words = [Word(stems=(stem,), exact=(forms[stem],)) for _, stem in sorted(told)[:WORDS]]
    return Or(tuple(words), several=True) if words else None
