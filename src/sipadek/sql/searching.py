"""Serving a query: the letters that match, near words where none does, and those with some of the words.

`find` reads in the caller's transaction, and only of letters that the policy lets be seen; `shown` makes
the snippets, which take longer, when the transaction is over.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, Protocol

import attrs

from sipadek.archive.letter import Letter, State
from sipadek.errors import DamagedRegister, NotFound
from sipadek.search import (
    AccessPolicy,
    Asked,
    Facets,
    Hit,
    Or,
    Query,
    Results,
    Sort,
    excerpt,
    permits,
)
from sipadek.sql import letter_index, recognition, rows
from sipadek.sql.correcting import corrected
from sipadek.sql.similar import likeness

ENOUGH: Final = 50
"""Where fewer letters hold all words of a query, those that hold some of them are shown behind."""

_AT_POSITIONS: Final = f"{rows.SELECT} WHERE position IN (SELECT value FROM json_each(?))"  # noqa: S608

_BY_ID: Final = f"{rows.SELECT} WHERE id = ?"

_Scored = tuple[int, float]


class Search(Protocol):
    """An engine that finds letters: `letter_index.search`, or another one in its stead."""

    def __call__(
        self,
        connection: sqlite3.Connection,
        query: Query,
        policy: AccessPolicy,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
    ) -> tuple[int, list[_Scored]]:
        """See `letter_index.search`."""
        ...


@attrs.frozen(kw_only=True)
class Found:
    """What was read: (position, score) of the page's letters, of those with some of the words last
    (``whole`` is how many hold all), and by position what is to be shown of each."""

    query: Query
    suggestion: str
    total: int
    others: int
    scored: Sequence[_Scored]
    whole: int
    letters: Mapping[int, Letter]
    texts: Mapping[int, tuple[tuple[str, ...], str]]
    recognised: Mapping[int, Collection[int]]
    facets: Facets


def find(
    connection: sqlite3.Connection,
    query: Query | str,
    understood: Callable[[str], Asked],
    policy: AccessPolicy,
    *,
    limit: int,
    offset: int,
    sort: Sort | None,
    facets: bool = False,
    search: Search = letter_index.search,
) -> Found:
    """See ``Register.search``; ``understood`` reads a query text, ``search`` finds the letters."""
    asked = understood(query) if isinstance(query, str) else Asked(text="", query=query)
    order = sort or asked.sort or Sort.RELEVANCE
    page = partial(search, policy=policy, sort=order)
    total, found = page(connection, asked.query, limit=limit, offset=offset)
    meant = "" if total else corrected(connection, asked, policy)
    if meant:
        better = understood(meant)
        count, hits = page(connection, better.query, limit=limit, offset=offset)
        if count:
            asked, total, found = better, count, hits
        else:
            meant = ""
    others, behind = 0, found[:0]
    if asked.looser is not None and total < ENOUGH and order is Sort.RELEVANCE:
        rest, skipped = limit - len(found), max(0, offset - total)
        others, behind = page(connection, asked.looser, limit=rest, offset=skipped)
    return _read(
        connection,
        asked.query,
        found,
        behind,
        suggestion=meant,
        total=total,
        others=others,
        facets=letter_index.facets(connection, asked.query, policy) if facets else {},
    )


def alike(connection: sqlite3.Connection, id: str, policy: AccessPolicy, *, limit: int) -> Found:
    """See ``Register.similar``."""
    row = connection.execute(_BY_ID, (id,)).fetchone()
    letter = None if row is None else rows.letter(row)
    if letter is None or letter.state is not State.ISSUED or not permits(policy, letter):
        raise NotFound(f"There is no letter {id!r} that may be seen.", letter=id)
    texts = letter_index.kept(connection, [row[0]])
    if not texts:  # Of a letter that was destroyed.
        raise NotFound(f"No text of the letter {id!r} is kept to compare.", letter=id)
    query = likeness(connection, letter.details.subject, texts[row[0]][0], policy)
    if query is None:
        return _read(connection, Or(()), [], [], total=0)
    total, found = letter_index.search(connection, query, policy, limit=limit + 1)
    others = [each for each in found if each[0] != row[0]][:limit]
    return _read(connection, query, others, [], total=total - 1)


def _read(
    connection: sqlite3.Connection,
    query: Query,
    found: Sequence[_Scored],
    behind: Sequence[_Scored],
    *,
    total: int,
    others: int = 0,
    suggestion: str = "",
    facets: Facets | None = None,
) -> Found:
    positions = [position for position, _ in (*found, *behind)]
    entries = connection.execute(_AT_POSITIONS, (json.dumps(positions),))
    return Found(
        query=query,
        suggestion=suggestion,
        total=total,
        others=others,
        scored=(*found, *behind),
        whole=len(found),
        letters={row[0]: rows.letter(row) for row in entries},
        texts=letter_index.kept(connection, positions),
        facets=facets or {},
        recognised={at: recognition.recognised(connection, at) for at in positions},
    )


def shown(found: Found, policy: AccessPolicy) -> Results:
    """The results, with snippets. Raises DamagedRegister for a letter that may not be seen."""
    return Results(
        total=found.total,
        hits=tuple(_hits(found, policy)),
        query=found.query,
        suggestion=found.suggestion,
        others=found.others,
        facets=found.facets,
    )


def _hits(found: Found, policy: AccessPolicy) -> Iterator[Hit]:
    for place, (position, score) in enumerate(found.scored):
        letter = found.letters[position]
        # Asked again, so that a fault above fails closed.
        if letter.state is not State.ISSUED or not permits(policy, letter):
            raise DamagedRegister("The search gave a letter that may not be seen.")
        pages, about = found.texts.get(position, ((), ""))
        piece = excerpt((*pages, about), found.query)
        page = piece.page if piece.page <= len(pages) else 0
        yield Hit(
            letter=letter,
            snippet=piece.html,
            score=score,
            page=page,
            recognised=page in found.recognised[position],
            partial=place >= found.whole,
        )
