"""Comparing the tables with the signed log, and with the events that still wait to be sealed.

The rules are those of ``sipadek.sql.checking``; tables are read side by side with their events, a page
at a time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

import psycopg

from sipadek.ledger import CheckpointVerifier
from sipadek.postgres import schema
from sipadek.postgres.handle import Handle
from sipadek.postgres.reserving import SELECT
from sipadek.sql import checking, dumping, rows
from sipadek.sql.checking import Finding

_HISTORY: Final = (
    "SELECT entry, body FROM (SELECT entry, 0 AS part, position AS place, body FROM sipadek.event"
    " UNION ALL SELECT entry, 1, id, body FROM sipadek.outbox) AS every"
    " WHERE entry IS NOT NULL ORDER BY entry, part, place"
)
_BARE: Final = f"{SELECT} ORDER BY position"
_WITH_TEXTS: Final = (
    f"SELECT {', '.join(f'entry.{name}' for name in rows.COLUMNS)}, kept.number, kept.subject,"  # noqa: S608
    " kept.pages FROM sipadek.entry AS entry LEFT JOIN sipadek.letter_text AS kept"
    " USING (position) ORDER BY entry.position"
)
_RECOGNISED: Final = (
    "SELECT position, page, recogniser FROM sipadek.recognition WHERE state = 'recognised'"
)
_WAITING: Final = "SELECT id, body FROM sipadek.outbox WHERE entry IS NULL ORDER BY id"
_COUNTERS: Final = (
    "SELECT series, counter, low, high, count, start, last, older FROM"
    " (SELECT series, counter, min(sequence) AS low, max(sequence) AS high,"
    " count(*) FILTER (WHERE insertion = 0) AS count FROM sipadek.entry GROUP BY series, counter)"
    " AS given FULL JOIN sipadek.counter AS counted USING (series, counter)"
    " FULL JOIN (SELECT series, counter, max(sequence) AS older FROM sipadek.legacy"
    " GROUP BY series, counter) AS legacy USING (series, counter)"
    " LEFT JOIN (SELECT code AS series, start FROM sipadek.series) AS defined USING (series)"
    " ORDER BY 1, 2"
)


def replay(
    handle: Handle, *, verifier: CheckpointVerifier, origin: str, known: Sequence[str] = ()
) -> Iterator[Finding]:
    """All findings of one read transaction. ``known`` are signed checkpoints kept elsewhere."""
    try:
        yield from _tables(handle)
        yield from _meta(handle, origin)
        told = checking.Told()
        stream = handle.shared_stream
        yield from checking.log(stream, checking.Witness(verifier, origin, known), told)
        for id_, body in handle.stream(_WAITING):
            yield from checking.event_of_no_entry(id_, None, body, told)
        yield from checking.series(stream, told.series)
        yield from checking.closed(stream, told.closed)
        yield from _shut(handle)
        yield from checking.legacy_books(stream, told.legacy)
        yield from _entries(handle)
        yield from _counters(handle)
    except (psycopg.DataError, psycopg.InternalError) as error:
        yield Finding(
            "register-corrupt",
            "the register",
            f"The database cannot be read to its end ({type(error).__name__}). Restore it from a "
            "backup.",
        )


def _tables(handle: Handle) -> Iterator[Finding]:
    where = (handle.schema,)
    query = (
        "SELECT 'trigger', trigger.tgname FROM pg_trigger AS trigger"
        " JOIN pg_class AS class ON class.oid = trigger.tgrelid"
        " JOIN pg_namespace AS space ON space.oid = class.relnamespace"
        " WHERE space.nspname = %s AND (NOT trigger.tgisinternal OR trigger.tgenabled <> 'O')"
        " UNION ALL SELECT 'rule', rulename FROM pg_rules WHERE schemaname = %s ORDER BY 1, 2"
    )
    for kind, name in handle.run(query, where * 2):
        yield Finding(
            "schema-altered",
            "the register",
            f"The {kind} {name!r} is not of sipadek, or was turned off; it can change what is "
            "written.",
        )
    query = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
    for name in sorted({*schema.TABLES} - {name for (name,) in handle.run(query, where)}):
        yield Finding("schema-altered", "the register", f"The table {name} is missing.")
    query = (
        "SELECT class.relname FROM pg_index AS index JOIN pg_class AS class"
        " ON class.oid = index.indexrelid JOIN pg_namespace AS space"
        " ON space.oid = class.relnamespace WHERE space.nspname = %s AND index.indisvalid"
    )
    wanted = {*schema.INDEXES, "entry_id", "entry_key", "entry_place", "entry_number"}
    for name in sorted(wanted - {name for (name,) in handle.run(query, where)}):
        yield Finding("schema-altered", "the register", f"The index {name} is missing.")


def _meta(handle: Handle, origin: str) -> Iterator[Finding]:
    found: dict[str, str] = dict(handle.run("SELECT name, value FROM sipadek.meta").fetchall())
    yield from checking.meta(found, version=schema.VERSION, origin=origin)


def _shut(handle: Handle) -> Iterator[Finding]:
    query = (
        "SELECT code, shut, ARRAY(SELECT period FROM sipadek.closed WHERE series = code)"
        " FROM sipadek.series ORDER BY code"
    )
    for code, shut, closed in handle.run(query):
        if sorted(shut) != sorted(closed):
            yield Finding(
                "closed-differs",
                code,
                f"The series is shut for {sorted(shut)}; the table of closed periods says "
                f"{sorted(closed)}.",
            )


def _entries(handle: Handle) -> Iterator[Finding]:
    """Every entry beside its events, both in the order of positions."""
    query, queued = (_WITH_TEXTS, _recognised(handle)) if has_texts(handle) else (_BARE, {})
    entries = iter(handle.stream(query))
    told = itertools.groupby(handle.stream(_HISTORY), key=itemgetter(0))
    row, (place, bodies) = next(entries, None), _next(told)
    while row is not None or place is not None:
        if row is None or (place is not None and place < row[0]):
            assert place is not None
            yield checking.lost_entry(place, bodies)
            place, bodies = _next(told)
            continue
        entry = dict(zip(rows.COLUMNS, row[: len(rows.COLUMNS)], strict=True))
        mine = bodies if place == row[0] else []
        kept = _texts(entry, row[len(rows.COLUMNS) :])
        yield from checking.entry_history(entry, kept, mine, queued.get(row[0]))
        if place == row[0]:
            place, bodies = _next(told)
        row = next(entries, None)


def _next(told: Iterator[tuple[int, Iterator[tuple[Any, ...]]]]) -> tuple[int | None, list[bytes]]:
    for place, events in told:
        return place, [body for _, body in events]
    return None, []


def _texts(entry: dict[str, Any], kept: Sequence[str | None]) -> tuple[str | None, ...]:
    """What an index keeps of the entry: what was ``kept`` where it was filed, or else what follows from
    it, once it was issued."""
    if kept and kept[0] is not None:
        return tuple(kept)
    if entry["issued_at"] is None:
        return (None,)
    return dumping.texts_of(entry["number"], entry["subject"], entry["extra"])


def has_texts(handle: Handle) -> bool:
    """Whether the register was loaded from one that keeps texts of letters."""
    row = handle.run("SELECT to_regclass('sipadek.letter_text') IS NOT NULL").fetchone()
    return row is not None and bool(row[0])


def _recognised(handle: Handle) -> dict[int, dict[int, str]]:
    """The recognised pages of each letter that has any, and what read them."""
    found: dict[int, dict[int, str]] = {}
    for position, page, recogniser in handle.stream(_RECOGNISED):
        found.setdefault(position, {})[page] = recogniser
    return found


def _counters(handle: Handle) -> Iterator[Finding]:
    """Each counter's start..last must be exactly the older book's sequences and then those of its
    entries; numbers put in after others do not count."""
    for series, counter, low, high, count, start, last, older in handle.stream(_COUNTERS):
        subject = f"{series} {counter}"
        if low is None:
            if last != older:
                yield Finding("counter-differs", subject, f"It says {last}, but gave no number.")
            continue
        first = start if older is None else older + 1
        yield from checking.counter(
            subject, low=low, high=high, count=count, first=first, last=last
        )
