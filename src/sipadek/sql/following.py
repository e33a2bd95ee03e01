"""An index beside the register, and how it follows: the log of events is its outbox.

Every change of what can be found is an event. An index keeps a `Mark`: how many events it has followed.
To follow is to read the letters that later events are about and to put or remove them; the mark moves with
them, so an end at any point leaves nothing out, and the same again changes nothing.

A search is served by such an index only where it holds exactly what the register holds at that moment;
else by the register's own.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from sipadek.errors import IndexDamaged
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
"""Events that an index follows at once, and at most before a search: about 250 letters."""

_SIZE: Final = "SELECT count(*) FROM sipadek_event"
_BODY: Final = "SELECT body FROM sipadek_event WHERE position = ?"
_ABOUT: Final = (
    "SELECT DISTINCT entry, state FROM sipadek_event AS event"
    " JOIN sipadek_entry AS entry ON entry.position = event.entry"
    " WHERE event.position >= ? AND event.position < ?"
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


class NotServing(Exception):
    """The index does not hold what the register holds now: another one has to be asked."""


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


def step(connection: sqlite3.Connection, writer: IndexWriter, *, most: int = BATCH) -> int:
    """Follow the next events, at most ``most``; how many are left. An index that has to is begun anew."""
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
                left = step(connection, writer)
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


@attrs.frozen
class Beside:
    """Searches ``index`` in the register's stead, if it holds the same."""

    index: SearchIndex

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Let the index follow one batch, where it is behind and nobody else is at it.

        Raises:
            NotServing: it is behind still.
        """
        if followed(connection, self.index) == size(connection):
            return
        with self.index.writing(wait=False) as writer:
            if writer is None or step(connection, writer):
                raise NotServing

    def search(
        self,
        connection: sqlite3.Connection,
        query: Query,
        policy: AccessPolicy,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
    ) -> tuple[int, list[tuple[int, float]]]:
        """As `letter_index.search`.

        Raises:
            NotServing: the index holds something else than the register.
            IndexDamaged: it cannot be read.
        """
        letter_index.check_page(limit, offset)
        total, hits = self.index.search(query, policy, limit=limit, offset=offset, sort=sort)
        positions = json.dumps([position for position, _ in hits])
        (issued,) = connection.execute(_ISSUED, (positions,)).fetchone()
        if issued != len(hits) or followed(connection, self.index) != size(connection):
            raise NotServing
        return total, hits

    def mend(self, query: Query, policy: AccessPolicy) -> None:
        """Forget an index that could not be read, so that it is made anew. Not where another process is
        writing it: that alone can be why."""
        with self.index.writing(wait=False) as writer:
            if writer is None:
                return
            try:
                self.index.search(query, policy, limit=1)
            except IndexDamaged:
                writer.clear()
