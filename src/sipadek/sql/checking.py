"""What a register and its log must have in common, whichever database holds them.

The queries here are in the part of SQL that SQLite and PostgreSQL share.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from sipadek.errors import CheckpointInvalid, LedgerInconsistent
from sipadek.ledger import Checkpoint, CheckpointVerifier, CompactRange, Event, Note, leaf_hash
from sipadek.sql import case_rows, events, legacy, proving, rows, schema
from sipadek.sql.log import split
from sipadek.sql.retention_events import ToldOfRetention

_BATCH: Final = 500


@attrs.frozen
class Finding:
    """Something that is not as it must be: a stable ``code``, what it is about (a letter's number
    where one is known), and what is wrong, for people."""

    code: str
    subject: str
    message: str


class Witness:
    """Checks roots against checkpoints while the log is read."""

    def __init__(self, verifier: CheckpointVerifier, origin: str, known: Sequence[str]) -> None:
        self.verifier = verifier
        self.origin = origin
        self.known = known

    def checkpoint(self, note: str) -> Checkpoint:
        """The checkpoint in a note; raises CheckpointInvalid."""
        return self.verifier.verify_checkpoint(note, origin=self.origin)


@attrs.define
class Told:
    """What the events that belong to no entry say: each series' definition, the closed periods by
    (series, period), the older books by (series, counter), the trusted roots by fingerprint, and what
    is told of retention."""

    series: dict[str, Event] = attrs.Factory(dict)
    closed: dict[tuple[str, str], Event] = attrs.Factory(dict)
    legacy: dict[tuple[str, str], dict[str, Any]] = attrs.Factory(dict)
    roots: dict[str, Event] = attrs.Factory(dict)
    retention: ToldOfRetention = attrs.Factory(ToldOfRetention)

    def apply(self, event: Event) -> None:
        """Raises LookupError, TypeError or ValueError where the event cannot follow."""
        data: Any = event.data
        match event.kind:
            case events.SERIES_DEFINED if event.subject not in self.series:
                self.series[event.subject] = event
            case events.PERIOD_CLOSED if (event.subject, data["period"]) not in self.closed:
                self.closed[event.subject, data["period"]] = event
            case events.PERIOD_REOPENED:
                del self.closed[event.subject, data["period"]]
            case events.ROOT_TRUSTED if event.subject not in self.roots:
                self.roots[event.subject] = event
            case events.CHECKPOINT_COSIGNED | events.LOG_RESTORED:
                pass  # What they say is held against the log itself.
            case events.LEGACY_IMPORTED:
                for book in data["counters"]:
                    self.legacy[event.subject, book["counter"]] = book
            case _ if case_rows.is_act(event):
                pass  # Read beside its case.
            case _ if not self.retention.apply(event):
                raise ValueError(event.kind)


def log(connection: sqlite3.Connection, witness: Witness, told: Told) -> Iterator[Finding]:
    """Findings of the log itself; fills ``told``."""
    expected: dict[int, bytes] = {}
    for note in (*witness.known, *proving.cosigned_notes(connection)):
        try:
            checkpoint = witness.checkpoint(note)
        except CheckpointInvalid as error:
            yield Finding("checkpoint-unknown", "a kept checkpoint", str(error))
        else:
            if expected.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
                yield Finding(
                    "log-forked",
                    "the event log",
                    f"Two checkpoints of {checkpoint.size} events were signed that differ.",
                )
    grown = CompactRange()
    leaves: list[bytes] = []
    stops = sorted(expected, reverse=True)
    query = "SELECT position, entry, body FROM sipadek_event ORDER BY position"
    for place, (position, entry, stored) in enumerate(connection.execute(query)):
        body = as_bytes(stored)
        while stops and stops[-1] <= place:
            grown, leaves = grown.extend(leaves), []
            yield from _compare_root(grown, expected[stops.pop()])
        if position != place:
            yield Finding(
                "log-altered",
                "the event log",
                f"Event {place} is missing: the next one stands at {position}.",
            )
            break
        leaves.append(leaf_hash(body))
        if len(leaves) == _BATCH:
            grown, leaves = grown.extend(leaves), []
        yield from event_of_no_entry(position, entry, body, told)
    grown = grown.extend(leaves)
    for size in stops[::-1]:
        if size <= grown.size:
            yield from _compare_root(grown, expected[size])
        else:
            yield Finding(
                "log-rolled-back",
                "the event log",
                f"It has {grown.size} events; a checkpoint kept elsewhere proves {size}. "
                "An older state was put back.",
            )
    yield from _head(connection, witness, grown)


def _compare_root(grown: CompactRange, root: bytes) -> Iterator[Finding]:
    if grown.root() != root:
        yield Finding(
            "log-altered",
            "the event log",
            f"Its first {grown.size} events are not those a checkpoint kept elsewhere proves.",
        )


def event_of_no_entry(
    position: int, entry: int | None, body: bytes, told: Told
) -> Iterator[Finding]:
    """Read an event that belongs to no entry; the others are read beside their entries."""
    if entry is not None:
        return
    try:
        event = Event.parse(body)
    except LedgerInconsistent as error:
        yield Finding("event-unreadable", f"event {position}", str(error))
        return
    try:
        told.apply(event)
    except (LookupError, TypeError, ValueError):
        yield Finding(
            "event-misplaced",
            event.subject,
            f"Event {position} ({event.kind}) is not tied to its letter, or cannot follow.",
        )


def _head(
    connection: sqlite3.Connection, witness: Witness, grown: CompactRange
) -> Iterator[Finding]:
    heads = connection.execute(
        "SELECT only, size, hashes, checkpoint FROM sipadek_log_head"
    ).fetchall()
    if [row[0] for row in heads] != [1]:
        yield Finding("log-altered", "the event log", f"It has {len(heads)} heads, not its one.")
        return
    _, size, hashes, note = heads[0]
    if (size, split(hashes)) != (grown.size, grown.hashes):
        yield Finding(
            "log-altered",
            "the event log",
            f"log_head says {size} events, and its size or hashes differ from those of the "
            f"{grown.size} events that are stored.",
        )
    try:
        checkpoint = witness.checkpoint(note)
        signatures = len(Note.parse(note).signatures)
    except CheckpointInvalid as error:
        yield Finding("checkpoint-invalid", "the event log", f"Its checkpoint is not ours: {error}")
        return
    if (checkpoint.size, checkpoint.root) != (grown.size, grown.root()) or signatures != 1:
        yield Finding(
            "log-altered",
            "the event log",
            f"The signed checkpoint is of {checkpoint.size} events and not of the {grown.size} "
            "that are stored: events were changed, removed or added.",
        )


def series(connection: sqlite3.Connection, defined: dict[str, Event]) -> Iterator[Finding]:
    names = schema.columns("sipadek_series")
    query = f"SELECT {', '.join(names)} FROM sipadek_series"  # noqa: S608
    found = {row[0]: dict(zip(names, row, strict=True)) for row in connection.execute(query)}
    for code in sorted(found.keys() | defined.keys()):
        if code not in found:
            yield Finding("series-missing", code, "The log defines the series; the table lacks it.")
        elif code not in defined:
            yield Finding("series-unrecorded", code, "No event of the log defines the series.")
        else:
            event = defined[code]
            wanted = {
                "code": code,
                "definition": events.definition_text(event.data),
                "start": event.data.get("start"),
                "defined_at": rows.time_text(event.at),
            }
            yield from _differences("series", code, found[code], wanted)


def closed(
    connection: sqlite3.Connection, closed: dict[tuple[str, str], Event]
) -> Iterator[Finding]:
    query = "SELECT series, period, actor, reason, closed_at FROM sipadek_closed"
    found = {(row[0], row[1]): row[2:] for row in connection.execute(query)}
    wanted = {
        place: (event.data.get("actor"), event.data.get("reason"), rows.time_text(event.at))
        for place, event in closed.items()
    }
    for place in sorted(found.keys() | wanted.keys()):
        if found.get(place) != wanted.get(place):
            yield Finding(
                "closed-differs",
                " ".join(place),
                f"The table of closed periods says {found.get(place)}; the log says "
                f"{wanted.get(place)}.",
            )


def legacy_books(
    connection: sqlite3.Connection, told: dict[tuple[str, str], dict[str, Any]]
) -> Iterator[Finding]:
    query = "SELECT DISTINCT series, counter FROM sipadek_legacy"
    found = set(connection.execute(query).fetchall())
    for place in sorted(found | told.keys()):
        book = told.get(place)
        kept = legacy.summary(connection, *place)
        if book is None or kept != (book.get("rows"), book.get("digest")):
            yield Finding(
                "legacy-differs",
                " ".join(place),
                "The older book's numbers are not those that were imported.",
            )


def lost_entry(position: int, bodies: list[bytes]) -> Finding:
    try:
        subject = str(Event.parse(bodies[0]).data["number"])
    except (KeyError, LedgerInconsistent):
        subject = f"entry {position}"
    return Finding("letter-missing", subject, "The log knows the letter; the register lacks it.")


def entry_history(
    entry: dict[str, Any],
    texts: tuple[str | None, ...],
    bodies: list[bytes],
    recognised: Mapping[int, str] | None = None,
    placing: tuple[str, str] = ("", ""),
) -> Iterator[Finding]:
    subject = str(entry["number"])
    if not bodies:
        yield Finding("letter-unrecorded", subject, "No event of the log knows the letter.")
        return
    expected = events.Expected()
    try:
        for body in bodies:
            event = Event.parse(body)
            expected.apply(event)
            if event.subject != expected.columns["id"]:
                raise LedgerInconsistent(f"an event of letter {event.subject} stands among its own")
    except LedgerInconsistent as error:
        yield Finding(
            "event-unreadable", subject, f"The letter's history cannot be replayed: {error}."
        )
        return
    yield from _differences(
        "entry", subject, entry, expected.columns | {"position": entry["position"]}
    )
    kept = events.texts_digest(*map(str, texts)) if texts[0] is not None else ""
    if kept != expected.texts:
        yield Finding(
            "text-differs",
            subject,
            "The texts kept for the search (letter_text) are not those the letter was issued with, or"
            " that were recognised in it.",
        )
    if (recognised or {}) != expected.recognised:
        yield Finding(
            "recognition-differs",
            subject,
            f"The table of recognised pages says {dict(recognised or {})}; the log says "
            f"{expected.recognised}.",
        )
    if placing != expected.placing:
        yield Finding(
            "placing-differs",
            subject,
            f"The table of letters in folders says (folder, destroyed under) {placing}; the log says "
            f"{expected.placing}.",
        )


def _differences(
    table: str, subject: str, found: dict[str, Any], wanted: dict[str, Any]
) -> Iterator[Finding]:
    for column, value in found.items():
        right = wanted.get(column)
        # Python holds 1 == 1.0 == True; SQLite's columns are typed, so types count.
        if value != right or type(value) is not type(right):
            yield Finding(
                f"{table}-differs",
                subject,
                f"The column {column} of {table} says {value!r}; the log says {right!r}.",
            )


def as_bytes(body: object) -> bytes:
    """The stored body; a damaged file can hold another type than the table allows."""
    return body if isinstance(body, bytes) else repr(body).encode()


def meta(found: dict[str, str], *, version: str, origin: str) -> Iterator[Finding]:
    """The table of names and values must say this version and origin, and nothing else."""
    wanted = {"schema_version": version, "origin": origin}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            yield Finding(
                "meta-differs",
                "the register",
                f"meta has {name} = {found.get(name)!r}, it must be {wanted.get(name)!r}.",
            )


def counter(
    subject: str, *, low: int, high: int, count: int, first: int, last: int
) -> Iterator[Finding]:
    """``count`` numbers from ``low`` to ``high`` must be all from ``first`` to the counter's last."""
    if last != high:
        yield Finding(
            "counter-differs",
            subject,
            f"The column last of counter says {last!r}; the last number given is {high}.",
        )
    if low != first or high - low + 1 != count:
        yield Finding(
            "counter-gap",
            subject,
            f"{count} numbers stand between {low} and {high}, counted from {first!r}: "
            "not every number is accounted for.",
        )
