"""Pages without text: the queue of what is to be recognised, and what became of it.

``sipadek_recognition`` has a row for each page of an issued letter on which no text was found: it is
``waiting``, ``recognised``, ``empty`` (looked at, nothing to read) or ``failed``. The text itself
takes its page's place in ``letter_text``, so the index can be made anew from there, and the event
``letter.recognised`` vouches for it.

Every function takes an ``sqlite3.Connection`` inside the caller's transaction and neither begins nor
ends one.
"""

from __future__ import annotations

import datetime
import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from sipadek.archive.letter import Letter, State
from sipadek.errors import InvalidInput
from sipadek.sql import events, letter_index, rows

_TABLE: Final = """
CREATE TABLE sipadek_recognition (
    position INTEGER NOT NULL, -- The entry's.
    page INTEGER NOT NULL, -- From 1.
    state TEXT NOT NULL,
    recogniser TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (position, page),
    CHECK (page >= 1),
    CHECK (state IN ('waiting', 'recognised', 'empty', 'failed')),
    CHECK ((recogniser <> '') = (state IN ('recognised', 'empty')))
) STRICT, WITHOUT ROWID
"""
_WAITING: Final = (
    "CREATE INDEX sipadek_recognition_waiting ON sipadek_recognition (position)"
    " WHERE state = 'waiting'"
)
MAKE_TABLES: Final = (_TABLE, _WAITING)
_ADD: Final = (
    "INSERT INTO sipadek_recognition (position, page, state) VALUES (?, ?, 'waiting')"
    " ON CONFLICT DO NOTHING"
)
_OUTCOME: Final = (
    "UPDATE sipadek_recognition SET state = ?, recogniser = ? WHERE position = ? AND page = ?"
)
_DUE: Final = (
    " FROM sipadek_recognition AS due JOIN sipadek_entry AS entry USING (position)"
    " WHERE entry.state = 'issued' AND {due}"
)
_IS_WAITING: Final = "due.state = 'waiting'"
# What another recogniser read, or could not, may come out better with this one.
_IS_UNLIKE: Final = f"({_IS_WAITING} OR due.recogniser <> :recogniser)"
_WORD: Final = re.compile(r"[^\W_]")


@attrs.frozen(kw_only=True)
class Recognised:
    """What came of looking at one page (from 1): its ``text``, '' where there is nothing to read, None
    where it could not be looked at."""

    page: int
    text: str | None

    @property
    def readable(self) -> bool:
        """Whether a letter or a digit was read."""
        return self.text is not None and _WORD.search(self.text) is not None


def create(connection: sqlite3.Connection) -> None:
    """Make the table where it is missing, and queue what is on record already."""
    if exists(connection):
        return
    for statement in MAKE_TABLES:
        connection.execute(statement)
    last = -(2**63)
    while batch := connection.execute(
        # Without an extractor nothing is known of the pages.
        "SELECT position FROM sipadek_letter_text JOIN sipadek_entry USING (position)"
        " WHERE position > ? AND extractor <> '' ORDER BY position LIMIT 500",
        (last,),
    ).fetchall():
        positions = [position for (position,) in batch]
        found = letter_index.texts(connection, positions)
        enqueue(connection, [(position, pages or ("",)) for position, pages in found.items()])
        last = positions[-1]


def exists(connection: sqlite3.Connection) -> bool:
    """Whether the table is there; a database of numbers alone has none."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'sipadek_recognition'"
    return connection.execute(query).fetchone() is not None


def enqueue(connection: sqlite3.Connection, letters: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Queue the pages without a letter or digit of these letters, given as (position, pages)."""
    connection.executemany(
        _ADD,
        [
            (position, page)
            for position, pages in letters
            for page, text in enumerate(pages, start=1)
            if not _WORD.search(text)
        ],
    )


def waiting(connection: sqlite3.Connection, *, unlike: str | None = None) -> int:
    """How many pages wait; with ``unlike`` also those that another recogniser was at, or that failed."""
    query = f"SELECT count(*){_due(unlike)}"
    (count,) = connection.execute(query, {"recogniser": unlike}).fetchone()
    return int(count)


def next_pages(
    connection: sqlite3.Connection, *, after: tuple[int, int], limit: int, unlike: str | None = None
) -> tuple[int, Letter, tuple[int, ...]] | None:
    """The next letter with pages that wait, behind ``after`` (position, page), its position, and at
    most ``limit`` of those pages; None where there is none. ``unlike`` as for `waiting`."""
    values = {"position": after[0], "page": after[1], "recogniser": unlike, "limit": limit}
    behind = " AND (position, page) > (:position, :page)"
    row = connection.execute(
        f"SELECT position{_due(unlike)}{behind} ORDER BY position, page LIMIT 1",
        values,
    ).fetchone()
    if row is None:
        return None
    values["only"] = row[0]
    pages = connection.execute(
        f"SELECT page{_due(unlike)}{behind} AND position = :only ORDER BY page LIMIT :limit",
        values,
    ).fetchall()
    entry = connection.execute(f"{rows.SELECT} WHERE position = ?", row).fetchone()
    return row[0], rows.letter(entry), tuple(page for (page,) in pages)


def record(
    connection: sqlite3.Connection,
    position: int,
    found: Sequence[Recognised],
    *,
    recogniser: str,
    at: datetime.datetime,
) -> list[tuple[int | None, bytes]]:
    """Put on record what was found on queued pages of one letter; the event to be logged in this
    transaction, if any. Nothing changes where the letter was made void meanwhile."""
    rows.check_text("recogniser", recogniser)
    if not recogniser:
        raise InvalidInput("The recogniser has no name; say what read the pages.")
    row = connection.execute(f"{rows.SELECT} WHERE position = ?", (position,)).fetchone()
    if row is None or (letter := rows.letter(row)).state is not State.ISSUED:
        return []
    queued = recognised(connection, position, every=True)
    ours = [one for one in found if one.page in queued]
    read = {one.page: one.text for one in ours if one.text is not None and one.readable}
    outcomes = []
    for one in ours:
        if one.page in read:
            outcomes.append(("recognised", recogniser, position, one.page))
        elif not queued[one.page]:  # nothing takes the place of what another recogniser read
            done = ("failed", "") if one.text is None else ("empty", recogniser)
            outcomes.append((*done, position, one.page))
    connection.executemany(_OUTCOME, outcomes)
    if not read:
        return []
    changes = {page - 1: text for page, text in read.items()}
    kept = letter_index.change_pages(connection, position, changes)
    body = events.recognised(
        letter,
        pages=sorted(read),
        recogniser=recogniser,
        texts=events.texts_digest(*kept),
        moment=rows.time_text(at),
    )
    return [(position, body)]


def recognised(
    connection: sqlite3.Connection, position: int, *, every: bool = False
) -> dict[int, str]:
    """The letter's recognised pages, and what read each; with ``every`` all queued ones, with ''
    for those that were not recognised."""
    query = (
        "SELECT page, iif(state = 'recognised', recogniser, '') FROM sipadek_recognition"
        " WHERE position = ?"
    )
    found = connection.execute(query, (position,)).fetchall()
    return {page: name for page, name in found if every or name}


def _due(unlike: str | None) -> str:
    return _DUE.format(due=_IS_WAITING if unlike is None else _IS_UNLIKE)
