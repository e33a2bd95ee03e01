"""The words of the search index: which ones a wildcard means, and which one was misspelt.

``sipadek_letter_words`` is FTS5's own view of the index, in the connection's temporary database. It
knows the words of all letters, hidden ones too: what comes from here is only looked for, by a
search that a policy narrows, and never shown, counted or ranked before that.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from sipadek.search import Wildcard
from sipadek.search.query import MIN_PREFIX
from sipadek.search.spelling import HEAD, LONG, edits, near
from sipadek.sql.letter_match import exact_columns

_WORDS: Final = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.sipadek_letter_words"
    " USING fts5vocab(main, sipadek_letter_index, row)"
)
_BETWEEN: Final = "SELECT term FROM temp.sipadek_letter_words WHERE term >= ? AND term < ?"
_END: Final = "\U0010ffff"  # Beyond every character of a word.
_HOLDING: Final = (
    "SELECT DISTINCT letter.rowid FROM json_each(?) AS wanted CROSS JOIN sipadek_letter_index AS letter"
    " WHERE letter.sipadek_letter_index MATCH wanted.value"
)
_ANY: Final = "0123456789abcdefghijklmnopqrstuvwxyz"  # What '?' stands for.


def holding(connection: sqlite3.Connection, wildcard: Wildcard) -> list[int]:
    """The positions of all letters that ``wildcard`` finds, in no order.

    Raises:
        sqlite3.DatabaseError: the index is damaged.
    """
    exact, at = wildcard.exact, wildcard.at
    columns = exact_columns(wildcard.field)
    matches = [
        f'{columns}:"{" ".join((*exact[:at], word, *exact[at + 1 :]))}"'
        for word in _fitting(connection, exact[at])
    ]
    return [position for (position,) in connection.execute(_HOLDING, (json.dumps(matches),))]


def _fitting(connection: sqlite3.Connection, token: str) -> Iterator[str]:
    """The words that ``token`` can mean: the index is read where they could begin."""
    head = token.partition("*")[0]
    if "?" in head[MIN_PREFIX:]:
        head = head[: head.index("?", MIN_PREFIX)]
    before, mark, after = head.partition("?")
    connection.execute(_WORDS)
    for begin in [before + sign + after for sign in _ANY] if mark else [head]:
        # Without the '+' SQLite makes of GLOB a wider range, which FTS5 then takes.
        found = connection.execute(
            f"{_BETWEEN} AND +term GLOB ?", (begin, begin + _END, token.replace("?", "[0-9a-z]"))
        )
        yield from (term for (term,) in found)


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
            f"{_BETWEEN} AND length(term) BETWEEN ? AND ?",
            (word[:HEAD], word[:HEAD] + _END, len(word) - 2, len(word) + 2),
        )
        yield [term for (term,) in found if near(word, term) == 2]
