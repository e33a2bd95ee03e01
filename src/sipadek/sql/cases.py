"""Cases: what goes through an office step by step, each step with an event in the signed log.

A case has an open part, which the event repeats, and a private part, which it does not: that lies in
one row of ``sipadek_case_private``, and event and case hold only a salted commitment to it. So a private
part cannot be changed unnoticed, and can be erased without a hole in the log. The salt goes with it.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

import attrs

from sipadek.archive.case import Case
from sipadek.errors import CaseChanged, InvalidInput, LedgerInconsistent, NotFound
from sipadek.ledger import Event
from sipadek.sql import events, rows
from sipadek.sql.checking import Finding, Told, as_bytes
from sipadek.sql.log import EventLog

_CASE: Final = """
CREATE TABLE sipadek_case (
    position INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    state TEXT NOT NULL, -- Canonical JSON.
    commitment TEXT NOT NULL, -- Of the private part; '' once that was erased.
    event INTEGER NOT NULL UNIQUE REFERENCES sipadek_event (position), -- The newest of the case.
    CHECK (length(id) = 26 AND version >= 1),
    CHECK (length(commitment) IN (0, 64))
) STRICT
"""
_PRIVATE: Final = """
CREATE TABLE sipadek_case_private (
    position INTEGER NOT NULL PRIMARY KEY REFERENCES sipadek_case (position),
    salt BLOB NOT NULL,
    body TEXT NOT NULL,
    CHECK (length(salt) = 32)
) STRICT
"""
_BY_UNIT: Final = "CREATE INDEX sipadek_case_unit ON sipadek_case (kind, unit, position)"
MAKE_TABLES: Final = (_CASE, _PRIVATE, _BY_UNIT)

_COLUMNS: Final = "id, kind, unit, reference, version, state, commitment"
_SELECT: Final = (
    f"SELECT {_COLUMNS}, body, salt, event, position FROM sipadek_case"  # noqa: S608
    " LEFT JOIN sipadek_case_private USING (position)"
)
_OF_UNITS: Final = (
    f"{_SELECT} WHERE kind = ? AND unit IN (SELECT value FROM json_each(?))"  # noqa: S608
    " ORDER BY position"
)
_INSERT: Final = f"INSERT INTO sipadek_case ({_COLUMNS}, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_UPDATE: Final = (
    "UPDATE sipadek_case SET version = ?, state = ?, commitment = ?, event = ?"
    " WHERE id = ? AND version = ? RETURNING position"
)
_PUT_PRIVATE: Final = (
    "INSERT INTO sipadek_case_private (position, salt, body) VALUES (?, ?, ?)"
    " ON CONFLICT (position) DO UPDATE SET salt = excluded.salt, body = excluded.body"
)
_DROP_PRIVATE: Final = "DELETE FROM sipadek_case_private WHERE position = ?"
_NEXT_EVENT: Final = "SELECT size FROM sipadek_log_head"
_EVENTS: Final = f"""
SELECT {_COLUMNS}, body, salt, event.body FROM sipadek_case
LEFT JOIN sipadek_case_private USING (position)
LEFT JOIN sipadek_event AS event ON event.position = sipadek_case.event
ORDER BY sipadek_case.position
""".replace("body, salt", "sipadek_case_private.body, salt")  # noqa: S608
_SALT: Final = 32
_MAX_PRIVATE: Final = 8 * 2**20


class Place(Protocol):
    """Where cases are kept. Both raise leaves of SipadekError."""

    def write(self) -> Any:
        """A transaction that is alone in writing."""

    def read(self) -> Any:
        """A transaction whose queries all see the same state."""


def create(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'sipadek_case'"
    if connection.execute(query).fetchone() is None:
        for statement in MAKE_TABLES:
            connection.execute(statement)


class Cases:
    """The cases kept in ``place``, with their history in ``log``."""

    def __init__(self, place: Place, log: EventLog) -> None:
        self._place = place
        self._log = log

    def open(
        self,
        *,
        kind: str,
        unit: str,
        reference: str,
        action: str,
        state: Mapping[str, Any],
        private: str,
        actor: str,
        at: datetime.datetime,
    ) -> Case:
        """Keep a new case. ``reference`` finds it again and is no other's; ``action`` is what opens it.
        ``state`` is what may stand in the log, ``private`` what may not. Raises InvalidInput."""
        case = Case(
            id=rows.new_id(at), kind=kind, unit=unit, reference=reference, version=1,
            state=state, private=private,
        )  # fmt: skip
        salt = secrets.token_bytes(_SALT)
        told = _told(case, salt, action, actor)
        with self._place.write() as connection:
            known = connection.execute(f"{_SELECT} WHERE reference = ?", (reference,)).fetchone()
            if known is not None:
                raise InvalidInput("a case of this reference is kept already", field="reference")
            (event,) = connection.execute(_NEXT_EVENT).fetchone()
            self._log.append(connection, [(None, _event(events.CASE_OPENED, case, told, at))])
            position = connection.execute(
                _INSERT,
                (case.id, kind, unit, reference, 1, told["state"], told["commitment"], event),
            ).lastrowid
            connection.execute(_PUT_PRIVATE, (position, salt, private))
        return case

    def change(
        self,
        case: Case,
        *,
        action: str,
        state: Mapping[str, Any],
        private: str | None,
        actor: str,
        at: datetime.datetime,
    ) -> Case:
        """Keep a change of a case as it was read; without ``private`` that part is erased, for good.

        Raises:
            CaseChanged: it was changed since it was read; read it again.
            InvalidInput: something cannot be kept; nothing was changed.
        """
        changed = attrs.evolve(case, version=case.version + 1, state=state, private=private)
        salt = secrets.token_bytes(_SALT)
        told = _told(changed, salt, action, actor)
        kind = events.CASE_CHANGED if private is not None else events.CASE_ERASED
        with self._place.write() as connection:
            # What is replaced is written over with zeros in the file, and not only forgotten.
            connection.execute("PRAGMA secure_delete = ON")
            (event,) = connection.execute(_NEXT_EVENT).fetchone()
            self._log.append(connection, [(None, _event(kind, changed, told, at))])
            values = (changed.version, told["state"], told["commitment"], event)
            found = connection.execute(_UPDATE, (*values, case.id, case.version)).fetchone()
            if found is None:
                raise CaseChanged(
                    f"the case was changed by someone else since version {case.version} was read; read"
                    " it again",
                    case=case.id,
                )
            if private is None:
                connection.execute(_DROP_PRIVATE, found)
            else:
                connection.execute(_PUT_PRIVATE, (*found, salt, private))
        return changed

    def get(self, id: str) -> Case:
        """The case of that id. Raises NotFound."""
        with self._place.read() as connection:
            row = connection.execute(f"{_SELECT} WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise NotFound(f"there is no case {id!r} here", case=id)
        return _case(row)

    def find(self, reference: str) -> Case | None:
        """The case of that reference, None where there is none."""
        with self._place.read() as connection:
            row = connection.execute(f"{_SELECT} WHERE reference = ?", (reference,)).fetchone()
        return None if row is None else _case(row)

    def of_units(self, kind: str, units: Iterable[str]) -> tuple[Case, ...]:
        """The cases of that kind of these units, oldest first."""
        with self._place.read() as connection:
            found = connection.execute(_OF_UNITS, (kind, json.dumps(list(units)))).fetchall()
        return tuple(map(_case, found))


def _case(row: tuple[Any, ...]) -> Case:
    id_, kind, unit, reference, version, state, _, body = row[:8]
    return Case(
        id=id_, kind=kind, unit=unit, reference=reference, version=version,
        state=json.loads(state), private=body,
    )  # fmt: skip


def _told(case: Case, salt: bytes, action: str, actor: str) -> dict[str, Any]:
    """What the event says of the case: all but what is private."""
    if case.private is not None and len(case.private) > _MAX_PRIVATE:
        raise InvalidInput(
            f"the private part has {len(case.private)} characters, {_MAX_PRIVATE} can be kept",
            field="private",
        )
    for name, text in (("kind", case.kind), ("unit", case.unit), ("reference", case.reference)):
        rows.check_text(name, text)
    return {
        "kind": case.kind,
        "unit": case.unit,
        "reference": case.reference,
        "version": case.version,
        "action": action,
        "actor": actor,
        "state": _text(case.state),
        "commitment": "" if case.private is None else _commitment(salt, case.private),
    }


def _event(kind: str, case: Case, told: Mapping[str, Any], at: datetime.datetime) -> bytes:
    return Event(kind=kind, at=at, subject=case.id, data=told).canonical_bytes()


def _text(state: Mapping[str, Any]) -> str:
    return json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _commitment(salt: bytes, private: str) -> str:
    """Tells whether a private part is the one that was meant, and nothing of it without the salt."""
    return hmac.new(salt, private.encode(), hashlib.sha256).hexdigest()


# --- audit ----------------------------------------------------------------------------------------


def check(connection: sqlite3.Connection, told: Told) -> Iterator[Finding]:
    """Every case must be as its newest event says, no event may be missing in between, and its private
    part must be the one that the event vouches for."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'sipadek_case'"
    if connection.execute(query).fetchone() is None:
        return
    count = versions = 0
    for *kept, body, salt, stored in connection.execute(_EVENTS):
        names = _COLUMNS.split(", ")
        case = dict(zip(names, kept, strict=True))
        count, versions = count + 1, versions + case["version"]
        yield from _compare(case, stored)
        if (body is None) != (case["commitment"] == "") or (
            body is not None and _commitment(salt, body) != case["commitment"]
        ):
            yield Finding(
                "case-private-differs",
                case["id"],
                "Its private part is not the one that the log vouches for, or is missing.",
            )
    if (count, versions) != (told.cases_opened, told.case_events):
        yield Finding(
            "case-missing",
            "the cases",
            f"There are {count} cases with {versions} changes; the log tells of {told.cases_opened}"
            f" with {told.case_events}. A case was removed, or an older state put back.",
        )


def _compare(case: Mapping[str, Any], stored: object) -> Iterator[Finding]:
    differs: list[str]
    try:
        event = Event.parse(as_bytes(stored))
        said: dict[str, Any] = {"id": event.subject, **event.data}
        differs = [name for name, value in case.items() if said.get(name) != value]
    except LedgerInconsistent:
        differs = ["event"]
    if differs:
        yield Finding(
            "case-differs",
            case["id"],
            f"Its {', '.join(differs)} is not what its newest event says.",
        )
