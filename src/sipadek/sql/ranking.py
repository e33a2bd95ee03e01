"""Which of the letters that match come first: by where the words stand, never by hidden letters.

A letter's score is the sum of what each thing that was asked for is worth in it: more in the letter's
head (number, subject, sender, recipient) than in its body; more there as it was typed than in another
form; and more the fewer letters have it. Letters in which everything merely stands somewhere are equal.
Of equals the newest comes first.

All of it is counted over the letters that may be seen. FTS5's own ``bm25`` is not: it weighs how rare
a word is, and how long letters are, over all of them (decision 21).
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from sipadek.search import And, Not, Or, Query
from sipadek.search import wanted as texts_of
from sipadek.sql.letter_match import Matching, exact_words, expression

_HEAD: Final = ("number", "subject", "sender", "recipient")
_IN_HEAD: Final = 4
_IN_NUMBER: Final = 4  # On top, for what holds a digit.
_AS_TYPED: Final = 2  # On top, in the head.
_ANYWHERE: Final = 1
_UNIT: Final = (
    1000  # Scores are whole numbers, so that equal ones are the same in any order of adding.
)
_MOST: Final = 64  # Things asked for that are weighed: SQLite takes 500 parts of a query.


@attrs.frozen
class _Asked:
    """One thing that was asked for, as an FTS5 expression; ``sure`` where every letter that matches
    has it."""

    query: Query
    told: str
    sure: bool


@attrs.frozen
class _Head:
    """Letters that match ``wanted`` are worth that much more."""

    wanted: Matching
    worth: int


def ranked(
    connection: sqlite3.Connection,
    query: Query,
    wanted: Matching,
    seen: Matching,
    *,
    limit: int,
    offset: int,
) -> list[tuple[int, float]]:
    """(position, score) of the letters that match ``wanted``, what ``query`` compiled to, from
    ``offset`` on, at most ``limit``. Of all ``seen`` it is reckoned how rare something is."""
    heads = list(_heads(connection, list(_asked(query))[:_MOST], wanted, seen))
    if not heads:
        return _unscored(connection, wanted, limit=limit, offset=offset)
    scored, values = _scored(heads)
    found = connection.execute(
        f"{scored} SELECT position, score FROM scored ORDER BY score DESC, position DESC"  # noqa: S608
        " LIMIT ? OFFSET ?",
        (*values, limit, offset),
    ).fetchall()
    if len(found) == limit:
        return found
    count = offset + len(found)
    if not found:
        count_all = f"{scored} SELECT count(*) FROM scored"  # noqa: S608
        (count,) = connection.execute(count_all, values).fetchone()
    others = wanted.without([head.wanted.match for head in heads])
    skipped = max(0, offset - count)
    return found + _unscored(connection, others, limit=limit - len(found), offset=skipped)


def _unscored(
    connection: sqlite3.Connection, wanted: Matching, *, limit: int, offset: int
) -> list[tuple[int, float]]:
    """Of equals the newest first. FTS5 gives its rows in this order by itself, without sorting."""
    select = f"SELECT {wanted.position}, 0.0 {wanted.source} ORDER BY 1 DESC LIMIT ? OFFSET ?"
    return connection.execute(select, (*wanted.parameters, limit, offset)).fetchall()


def _asked(query: Query) -> Iterator[_Asked]:
    """What is weighed, each for itself: what words of it stand somewhere."""
    for part in query.parts if isinstance(query, And) else (query,):
        several = isinstance(part, Or) and part.several
        for each in part.parts if isinstance(part, Or) and several else (part,):
            told = None if isinstance(each, Not) else expression(each)
            if told is not None and any(True for _ in texts_of(each)):
                yield _Asked(each, told, sure=not several)


def _heads(
    connection: sqlite3.Connection, asked: Sequence[_Asked], wanted: Matching, seen: Matching
) -> Iterator[_Head]:
    for one, rare in zip(
        asked, _rarity(connection, [one.told for one in asked], seen), strict=True
    ):
        unit = _UNIT * rare
        # Where it stands in the head, it stands somewhere.
        rest = wanted.less(one.told) if one.sure else wanted
        if not one.sure:
            yield _Head(rest.narrowed(one.told), round(_ANYWHERE * unit))
        worth = [(expression(one.query, _HEAD), _IN_HEAD)]
        if any(sign.isdigit() for leaf in texts_of(one.query) for sign in "".join(leaf.exact)):
            worth.append((expression(one.query, ("number",)), _IN_NUMBER))
        worth += [(typed, _AS_TYPED) for typed in exact_words(one.query, _HEAD)]
        for told, more in worth:
            if told is not None and told != one.told:
                yield _Head(rest.narrowed(told), round(more * unit))


def _rarity(connection: sqlite3.Connection, told: Sequence[str], seen: Matching) -> list[float]:
    """What each is worth for being rare; of a single one it does not matter."""
    if len(told) < 2:
        return [1.0] * len(told)
    every = _count(connection, seen)
    return [math.log(1 + every / (_count(connection, seen.narrowed(one)) + 1)) for one in told]


def _count(connection: sqlite3.Connection, wanted: Matching) -> int:
    found: int = connection.execute(wanted.counting, wanted.parameters).fetchone()[0]
    return found


def _scored(heads: Sequence[_Head]) -> tuple[str, tuple[object, ...]]:
    """A common table ``scored`` (position, score) of the letters that have a head."""
    selects, values = [], []
    for head in heads:
        selects.append(
            f"SELECT {head.wanted.position} AS position, ? AS worth {head.wanted.source}"
        )
        values += [head.worth, *head.wanted.parameters]
    return (
        f"WITH head AS ({' UNION ALL '.join(selects)}), scored AS ("  # noqa: S608
        "SELECT position, sum(worth) AS score FROM head GROUP BY position)"
    ), tuple(values)
