"""The words of the search index: which ones a wildcard means, and which one was misspelt.

``sipadek_letter_words`` is FTS5's own view of the index, in the connection's temporary database. It
knows the words of all letters, hidden ones too: what comes from here is only looked for, by a
search that a viewer limits, and never shown, counted or ranked before that.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from sipadek.search import Wildcard
from sipadek.search.query import MIN_PREFIX
from sipadek.search.spelling import HEAD, LONG, edits, near

_WORDS: Final = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.sipadek_letter_words"
    " USING fts5vocab(main, sipadek_letter_index, row)"
)
# Beyond every word that begins with it.
_FROM: Final = (
    "SELECT term FROM json_each(?) AS head CROSS JOIN temp.sipadek_letter_words"
    " WHERE term >= head.value AND term < head.value || char(1114111)"
)
_ANY: Final = "0123456789abcdefghijklmnopqrstuvwxyz"  # What '?' stands for.


def fitting(connection: sqlite3.Connection, wildcard: Wildcard) -> list[str]:
    """The words that the wildcard's ``*`` and ``?`` can mean.

    Raises:
        sqlite3.DatabaseError: the index is damaged.
    """
    token = wildcard.exact[wildcard.at]
    head = token.partition("*")[0]
    if "?" in head[MIN_PREFIX:]:
        head = head[: head.index("?", MIN_PREFIX)]
    before, mark, after = head.partition("?")
    heads = [before + sign + after for sign in _ANY] if mark else [head]
    connection.execute(_WORDS)
    pattern = token.replace("?", "[0-9a-z]")
    found = connection.execute(f"{_FROM} AND term GLOB ?", (json.dumps(heads), pattern))
    return [term for (term,) in found]


def near_words(connection: sqlite3.Connection, word: str) -> Iterator[list[str]]:
    """The words of the index that ``near`` puts at 1 from ``word``, then those at 2.

    Raises:
        sqlite3.DatabaseError: the index is damaged.
    """
    connection.execute(_WORDS)
    found = connection.execute(
        "SELECT term FROM temp.sipadek_letter_words WHERE term IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(edits(word)))),),
    )
    yield [term for (term,) in found if near(word, term) == 1]
    if len(word) >= LONG:
        found = connection.execute(
            f"{_FROM} AND length(term) BETWEEN ? AND ?",
            (json.dumps([word[:HEAD]]), len(word) - 2, len(word) + 2),
        )
        yield [term for (term,) in found if near(word, term) == 2]
