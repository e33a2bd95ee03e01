"""An index beside the register, and how it follows: the log of events is its outbox.

Every change of what can be found is an event. An index keeps a `Mark`: how many events it has followed.
To follow is to read the letters that later events are about and to put or remove them; the mark
moves with them, so an end at any point leaves nothing out, and the same again changes nothing.

A search is served by such an index only where it holds exactly what the register holds at that moment;
else by the register's own.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from sipadek.errors import IndexDamaged, StorageFailed
from sipadek.search import (
    ANALYSIS,
    AccessPolicy,
    Document,
    IndexWriter,
    Mark,
    Query,
    SearchIndex,
    Sort,
)
from sipadek.sql import letter_index
from sipadek.sql.reading import Readable

BATCH: Final = 500
"""Events that an index follows at most before a search: about 250 letters."""

BULK: Final = 4 * BATCH
"""Events that it follows at once where nobody waits: fewer commits, and fewer merges."""

_SIZE: Final = "SELECT count(*) FROM sipadek_event"
_BODY: Final = "SELECT body FROM sipadek_event WHERE position = ?"
_KIND: Final = "json_extract(iif(json_valid(body), body, '{}'), '$.kind')"
_ABOUT: Final = (  # A number that was only reserved is not found, so it need not be looked at.
    "SELECT DISTINCT entry, state FROM (SELECT entry, CAST(body AS TEXT) AS body FROM sipadek_event"  # noqa: S608
    " WHERE position >= ? AND position < ? AND entry IS NOT NULL)"
    f" JOIN sipadek_entry AS entry ON position = entry WHERE {_KIND} IS NOT 'number.reserved'"
)
_LETTERS: Final = (
    "SELECT text.position, text.number, text.subject, pages, {sender}, {recipient}, unit, kind,"
    " classification, secrecy_rank, document_date, sequence"
    " FROM sipadek_letter_text AS text JOIN sipadek_entry AS entry USING (position)"
    " WHERE text.position IN (SELECT value FROM json_each(?)) ORDER BY text.position"
)
_ISSUED: Final = (
    "SELECT count(*) FROM sipadek_entry"
    " WHERE state = 'issued' AND position IN (SELECT value FROM json_each(?))"
)


Found = TypeVar("Found")


class _NotServing(Exception):
    """The index does not hold what the register holds now."""


def size(connection: sqlite3.Connection) -> int:
    """How many events the log has."""
    (count,) = connection.execute(_SIZE).fetchone()
    return int(count)


def mark(connection: sqlite3.Connection, upto: int) -> Mark:
    """What an index says of itself that has followed so far."""
    row = connection.execute(_BODY, (upto - 1,)).fetchone() if upto else None
    event = "" if row is None else hashlib.sha256(row[0]).hexdigest()
    return Mark(upto=upto, event=event, analysis=ANALYSIS.version)


def followed(connection: sqlite3.Connection, index: SearchIndex | IndexWriter) -> int | None:
    """How many events the index has followed; None where it has to begin anew: it is missing or
    unusable, of another analysis, or of a log that this one does not go on from."""
    found = index.mark()
    if found is None or found.upto > size(connection) or found != mark(connection, found.upto):
        return None
    return found.upto


def lag(connection: sqlite3.Connection, index: SearchIndex) -> int:
    """How many events the index is behind."""
    return size(connection) - (followed(connection, index) or 0)


def step(connection: sqlite3.Connection, writer: IndexWriter, most: int) -> int:
    """Follow the next events, at most ``most``; how many are left. An index that cannot go on is begun
    anew."""
    start = followed(connection, writer)
    if start is None:
        writer.clear()
        start = 0
    end = size(connection)
    upto = min(end, start + most)
    states = dict(connection.execute(_ABOUT, (start, upto)).fetchall())
    found = documents(connection, [at for at, state in states.items() if state == "issued"])
    # A reserved letter was never put.
    removed = {at for at, state in states.items() if state == "void"}
    if upto > start or writer.mark() is None:
        writer.apply(found, removed, mark(connection, upto))
    return end - upto


def follow(
    database: Readable,
    index: SearchIndex,
    *,
    anew: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> int:
    """Follow to the end of the log, in batches, while letters are filed; how many events that were.

    ``anew`` forgets first what the index holds, damaged or not. ``progress`` is called with the
    events followed and the events in all.
    """
    done = 0
    with index.writing() as writer:
        assert writer is not None
        if anew:
            writer.clear()
        while True:
            with database.read() as connection:
                before = followed(connection, writer) or 0
                left = step(connection, writer, BULK)
                end = size(connection)
            done += end - left - before
            if progress is not None:
                progress(end - left, end)
            if not left:
                return done


def documents(connection: sqlite3.Connection, positions: Sequence[int]) -> list[Document]:
    """The letters at these positions, as far as their texts are kept."""
    rows = connection.execute(
        _LETTERS.format(sender=letter_index.own("dari"), recipient=letter_index.own("kepada")),
        (json.dumps(list(positions)),),
    )
    return [
        Document(
            position=row[0],
            number=row[1],
            subject=row[2],
            body=row[3],
            sender=row[4],
            recipient=row[5],
            unit=row[6],
            kind=row[7],
            classification=row[8],
            secrecy=row[9],
            date=datetime.date.fromisoformat(row[10]),
            sequence=row[11],
        )
        for row in rows
    ]


def found(
    connection: sqlite3.Connection,
    index: SearchIndex,
    ask: Callable[..., Found],
) -> Found | None:
    """What ``ask`` (`searching.find`) finds with the index, which follows one batch first where it is
    behind. None where it does not hold what the register holds now, or cannot be read: then it is begun
    anew."""
    try:
        if _up_to_date(connection, index):
            return ask(connection, search=partial(_search, index=index))
    except (_NotServing, StorageFailed):
        pass
    except IndexDamaged:
        return _once_more(connection, index, ask)
    return None


def _once_more(
    connection: sqlite3.Connection, index: SearchIndex, ask: Callable[..., Found]
) -> Found | None:
    """Ask again, alone: that it was being written can be all that was wrong. If not, forget it."""
    try:
        with index.writing(wait=False) as writer:
            if writer is None:
                return None
            try:
                if not step(connection, writer, BATCH):
                    return ask(connection, search=partial(_search, index=index))
            except IndexDamaged:
                writer.clear()
    except (_NotServing, StorageFailed):
        pass
    return None


def _up_to_date(connection: sqlite3.Connection, index: SearchIndex) -> bool:
    if followed(connection, index) == size(connection):
        return True
    with index.writing(wait=False) as writer:
        return writer is not None and not step(connection, writer, BATCH)


def _search(
    connection: sqlite3.Connection,
    query: Query,
    policy: AccessPolicy,
    *,
    limit: int,
    offset: int = 0,
    sort: Sort = Sort.RELEVANCE,
    index: SearchIndex,
) -> tuple[int, list[tuple[int, float]]]:
    """As `letter_index.search`."""
    letter_index.check_page(limit, offset)
    total, hits = index.search(query, policy, limit=limit, offset=offset, sort=sort)
    positions = json.dumps([position for position, _ in hits])
    (issued,) = connection.execute(_ISSUED, (positions,)).fetchone()
    # Another process may have moved it on meanwhile.
    if issued != len(hits) or followed(connection, index) != size(connection):
        raise _NotServing
    return total, hits
