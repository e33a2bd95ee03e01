"""Comparing the table of cases with the events that made them, by making them anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from sipadek.errors import InvalidInput, LedgerInconsistent
from sipadek.flow import Case, canonical, commitment, evolve
from sipadek.ledger import Event
from sipadek.sql import case_rows, checking
from sipadek.sql.checking import Finding

_ACTS: Final = (
    "SELECT act.version, act.kind, act.actor, act.key, act.fingerprint, event.body"
    " FROM sipadek_act AS act LEFT JOIN sipadek_event AS event ON event.position = act.event"
    " WHERE act.position = ? ORDER BY act.version"
)
_UNTIED: Final = (
    "SELECT position, body FROM sipadek_event WHERE entry IS NULL"
    " AND position NOT IN (SELECT event FROM sipadek_act) ORDER BY position"
)


def check(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Findings of cases, one case at a time; and events of cases that no row is tied to."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'sipadek_case'"
    if connection.execute(query).fetchone() is None:
        return  # A host's database may hold numbers alone; that a table is missing is told elsewhere.
    previous = 0
    for row in connection.execute(f"{case_rows.SELECT} ORDER BY c.position"):
        told = dict(zip(case_rows.COLUMNS, row, strict=True))
        subject = f"case {told['id']}"
        if told["position"] != previous + 1:
            yield Finding(
                "case-misplaced",
                subject,
                f"Its position is {told['position']}; the case before it stands at {previous}.",
            )
        previous = told["position"]
        yield from _history(connection, subject, told)
    for position, body in connection.execute(_UNTIED):
        try:
            event = Event.parse(checking.as_bytes(body))
        except LedgerInconsistent:
            continue  # Named where the log is read.
        if case_rows.is_act(event):
            yield Finding(
                "case-missing",
                f"case {event.subject}",
                f"The log says {event.kind} (event {position}); the table of acts lacks it.",
            )


def _history(
    connection: sqlite3.Connection, subject: str, told: dict[str, Any]
) -> Iterator[Finding]:
    case: Case | None = None
    promise = ""
    try:
        for version, *row, body in connection.execute(_ACTS, (told["position"],)):
            event = Event.parse(checking.as_bytes(body))
            case = evolve(case, case_rows.act(event))
            data: Any = event.data
            promise = data.get("personal", promise)
            tied = [event.kind, data["actor"], data.get("key", ""), data.get("fingerprint", "")]
            if case.version != version or data["version"] != version or row != tied:
                raise LedgerInconsistent(f"act {version} is tied to the event {event.kind}")
    except (InvalidInput, LedgerInconsistent, LookupError) as error:
        yield Finding("case-unreadable", subject, f"Its history cannot be replayed: {error}.")
        return
    if case is None:
        yield Finding("case-unrecorded", subject, "No event of the log knows the case.")
        return
    yield from _differences(subject, told, case, promise)


def _differences(subject: str, told: dict[str, Any], case: Case, promise: str) -> Iterator[Finding]:
    wanted = case_rows.columns(case)
    for column in set(wanted) - {"personal"}:
        if told[column] != wanted[column] or type(told[column]) is not type(wanted[column]):
            yield Finding(
                "case-differs",
                subject,
                f"The column {column} says {told[column]!r}; the log says {wanted[column]!r}.",
            )
    if _committed(told) != promise:
        yield Finding(
            "case-differs",
            subject,
            "The personal part is not the one that the log vouches for, or is missing although it was "
            "not erased.",
        )


def _committed(told: dict[str, Any]) -> str:
    """What an event would say of the row's personal part."""
    if told["personal"] == "" and told["salt"] == "":
        return ""
    try:
        kept = case_rows.case(tuple(told.values())).personal
        salt = bytes.fromhex(told["salt"])
        one_spelling = (canonical(kept), salt.hex()) == (told["personal"], told["salt"])
        return commitment(kept, salt) if one_spelling else "unreadable"
    except Exception:  # Damaged in whatever way: it is then not what was vouched for.
        return "unreadable"
