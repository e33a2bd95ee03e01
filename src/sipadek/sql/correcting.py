"""What was meant by a query that finds nothing: its unknown words, each with a near one in its place.

Only what ``policy`` lets be seen has a say. A word is unknown, and another one known, by a search that
it narrows; so a hidden letter neither makes a word known nor one of two words the likelier.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from sipadek.search import AccessPolicy, Asked, Phrase, Query
from sipadek.search.query import MAX_LENGTH, Typed
from sipadek.sql import letter_index, letter_words

MAX_UNKNOWN: Final = 3
"""A query with more unknown words is not about these letters."""


def corrected(connection: sqlite3.Connection, asked: Asked, policy: AccessPolicy) -> str:
    """The query text with each unknown word replaced: by the one that stands in most letters, of
    those that one mistake makes of it, or else that two do. '' where no word is unknown, more than
    ``MAX_UNKNOWN`` are, or one has none near.

    Raises:
        SearchError, sqlite3.DatabaseError: the index is damaged.
    """
    unknown = [typed for typed in asked.words if not _letters(connection, typed.word, policy)]
    if not 1 <= len(unknown) <= MAX_UNKNOWN:
        return ""
    text = asked.text
    for typed in reversed(unknown):
        word = _likeliest(connection, typed, policy)
        if not word:
            return ""
        text = text[: typed.start] + word + text[typed.end :]
    return text if len(text) <= MAX_LENGTH else ""


def _likeliest(connection: sqlite3.Connection, typed: Typed, policy: AccessPolicy) -> str:
    field = typed.word.field
    for others in letter_words.near_words(connection, typed.word.exact[0]):
        # Asked as they stand there: by its stem, a word that only a hidden letter has would be known.
        counted = [
            (-_letters(connection, Phrase(exact=(other,), field=field), policy), other)
            for other in others
        ]
        if known := [one for one in counted if one[0]]:
            return min(known)[1]
    return ""


def _letters(connection: sqlite3.Connection, query: Query, policy: AccessPolicy) -> int:
    total, _ = letter_index.search(connection, query, policy, limit=0)
    return total
