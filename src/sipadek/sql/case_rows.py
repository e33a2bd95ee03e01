"""The tables of cases, and the values that their rows and events stand for.

``sipadek_case`` has a row for each case as it stands; ``sipadek_act`` ties every event of a case to it.
The personal part and its salt stand in the row only: the event holds a commitment of them, so that they
can be erased and the log still verifies.
"""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from sipadek.archive.letter import Secrecy
from sipadek.errors import DamagedRegister, LedgerInconsistent
from sipadek.flow import Act, Case, canonical, commitment, moment_text
from sipadek.ledger import Event

MAKE_TABLES: Final = (
    """
CREATE TABLE sipadek_case (
    position INTEGER NOT NULL PRIMARY KEY, -- In the order of opening.
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    state TEXT NOT NULL,
    unit TEXT NOT NULL,
    secrecy TEXT NOT NULL,
    secrecy_rank INTEGER NOT NULL,
    holder TEXT NOT NULL,
    due_at TEXT NOT NULL,
    letter TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    acted_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    personal TEXT NOT NULL,
    salt TEXT NOT NULL,
    CHECK (version >= 1 AND secrecy_rank BETWEEN 0 AND 3),
    CHECK ((personal = '') = (salt = ''))
) STRICT
""",
    """
CREATE TABLE sipadek_act (
    event INTEGER NOT NULL PRIMARY KEY REFERENCES sipadek_event (position),
    position INTEGER NOT NULL REFERENCES sipadek_case (position),
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    UNIQUE (position, version)
) STRICT
""",
    "CREATE INDEX sipadek_case_waiting ON sipadek_case (holder, due_at) WHERE holder <> ''",
    "CREATE INDEX sipadek_case_unit ON sipadek_case (unit, kind, state)",
    "CREATE INDEX sipadek_case_parent ON sipadek_case (parent) WHERE parent <> ''",
    "CREATE INDEX sipadek_case_letter ON sipadek_case (letter) WHERE letter <> ''",
    "CREATE INDEX sipadek_case_digest ON sipadek_case (unit, kind, json_extract(body, '$.digest'))"
    " WHERE json_extract(body, '$.digest') IS NOT NULL",
    "CREATE INDEX sipadek_case_same ON sipadek_case (unit, kind, json_extract(body, '$.same'))"
    " WHERE json_extract(body, '$.same') IS NOT NULL",
    "CREATE UNIQUE INDEX sipadek_act_key ON sipadek_act (key) WHERE key <> ''",
    "CREATE INDEX sipadek_act_actor ON sipadek_act (actor, position)",
)

COLUMNS: Final = (
    "position", "id", "kind", "parent", "state", "unit", "secrecy", "secrecy_rank", "holder", "due_at",
    "letter", "opened_at", "acted_at", "version", "body", "personal", "salt",
)  # fmt: skip
SELECT: Final = f"SELECT {', '.join(f'c.{name}' for name in COLUMNS)} FROM sipadek_case AS c"  # noqa: S608
INSERT: Final = (
    f"INSERT INTO sipadek_case ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
)
UPDATE: Final = (
    f"UPDATE sipadek_case SET {', '.join(f'{name} = ?' for name in COLUMNS[1:])} WHERE position = ?"  # noqa: S608
)
_MARK: Final = "case"


def create(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'sipadek_case'"
    if connection.execute(query).fetchone() is None:
        for statement in MAKE_TABLES:
            connection.execute(statement)


def columns(case: Case) -> dict[str, Any]:
    """The row of a case, but for its position and salt."""
    return {
        "id": case.id,
        "kind": case.kind,
        "parent": case.parent,
        "state": case.state,
        "unit": case.unit,
        "secrecy": case.secrecy.value,
        "secrecy_rank": case.secrecy.rank,
        "holder": case.holder,
        "due_at": moment_text(case.due_at),
        "letter": case.letter,
        "opened_at": moment_text(case.opened_at),
        "acted_at": moment_text(case.acted_at),
        "version": case.version,
        "body": canonical(case.body),
        "personal": canonical(case.personal) if case.personal else "",
    }


def case(row: tuple[Any, ...], *, masked: bool = False) -> Case:
    """The case of a row in the order of ``COLUMNS``; a masked one is without its personal part.

    Raises DamagedRegister where the row holds what this library never wrote.
    """
    told = dict(zip(COLUMNS, row, strict=True))
    try:
        return Case(
            id=told["id"],
            kind=told["kind"],
            parent=told["parent"],
            state=told["state"],
            unit=told["unit"],
            secrecy=Secrecy(told["secrecy"]),
            holder=told["holder"],
            due_at=datetime.datetime.fromisoformat(told["due_at"]) if told["due_at"] else None,
            letter=told["letter"],
            opened_at=datetime.datetime.fromisoformat(told["opened_at"]),
            acted_at=datetime.datetime.fromisoformat(told["acted_at"]),
            version=told["version"],
            body=json.loads(told["body"]),
            personal=json.loads(told["personal"]) if told["personal"] and not masked else {},
        )
    except (TypeError, ValueError) as error:
        raise DamagedRegister(
            f"The register's case {told['id']} holds a value sipadek never wrote: {error}. Audit the "
            "office.",
            case=told["id"],
        ) from error


def event(act: Act, *, version: int, key: str, print_: str, salt: bytes) -> Event:
    """The event of an act. Raises InvalidInput where it cannot be one."""
    data: dict[str, Any] = {
        _MARK: {"state": act.state, **act.sets},
        "actor": act.actor,
        "body": dict(act.data),
        "version": version,
    }
    if act.reason:
        data["reason"] = act.reason
    if key:
        data |= {"key": key, "fingerprint": print_}
    if act.personal is not None:
        # Made an event of, for its rules: what is kept of it must have one spelling too.
        kept = Event(kind="personal.kept", at=act.at, subject=act.case, data=act.personal).data
        data["personal"] = commitment(kept, salt) if kept else ""
    return Event(kind=act.kind, at=act.at, subject=act.case, data=data)


def is_act(event: Event) -> bool:
    """Whether an event is of a case."""
    return _MARK in event.data


def act(event: Event) -> Act:
    """The act that an event tells of, without its personal part. Raises LedgerInconsistent."""
    data: Mapping[str, Any] = event.data
    try:
        sets = dict(data[_MARK])
        return Act(
            case=event.subject,
            kind=event.kind,
            at=event.at,
            actor=data["actor"],
            state=sets.pop("state"),
            reason=data.get("reason", ""),
            sets=sets,
            data=data["body"],
        )
    except (LookupError, TypeError, ValueError) as error:
        raise LedgerInconsistent(
            f"the event {event.kind} of case {event.subject} lacks {error}"
        ) from error
