"""Cases in the register: every step is one transaction that also logs the events that prove it."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from sipadek.errors import CaseChanged, InvalidInput, KeyConflict, NotFound
from sipadek.flow import ERASED, Act, Case, CaseViewer, Command, Situation, evolve
from sipadek.sql import case_listing, case_rows, rows, voiding
from sipadek.sql.case_listing import Listing, Step, WorkList
from sipadek.sql.log import EventLog
from sipadek.sql.numbers import Transactions

_BY_ID: Final = f"{case_rows.SELECT} WHERE c.id = ?"
_BY_KEY: Final = (
    f"{case_rows.SELECT.replace('SELECT', 'SELECT act.fingerprint,', 1)}"
    " JOIN sipadek_act AS act USING (position) WHERE act.key = ?"
)
_CHILDREN: Final = f"{case_rows.SELECT} WHERE c.parent = ? ORDER BY c.position"
_ABOUT: Final = f"{case_rows.SELECT} WHERE c.letter = ? AND c.letter <> '' ORDER BY c.position"
_ALIKE: Final = {
    name: f"{case_rows.SELECT} WHERE c.unit = ? AND c.kind = ? AND json_extract(c.body, '$.{name}') = ?"
    " ORDER BY c.position LIMIT 1"
    for name in ("digest", "same")
}
_LAST: Final = "SELECT coalesce(max(position), 0) FROM sipadek_case"
_SIZE: Final = "SELECT size FROM sipadek_log_head"
_ADD_ACT: Final = (
    "INSERT INTO sipadek_act (event, position, version, kind, actor, key, fingerprint)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_SALT: Final = 32

Decide = Callable[[Situation], Sequence[Act]]
"""What a step does: at least one act, the first of them on the case that the command is about."""


class Cases:
    """The cases kept in ``transactions``, with their history in ``log``."""

    def __init__(self, transactions: Transactions, log: EventLog) -> None:
        self._transactions = transactions
        self._log = log

    def record(self, command: Command, decide: Decide) -> Case:
        """Decide a command and put on record what follows, all or nothing; the case as it is then.

        ``decide`` is called in the transaction, so that what it sees is what it changes. A command whose
        key was used before is not decided again; the case is returned as it stands now.

        Raises:
            NotFound: there is no such case.
            CaseChanged: ``command.version`` is not the case's version any more.
            KeyConflict: the key was used for another command.
            whatever ``decide`` raises; nothing was recorded.
        """
        rows.check_text("key", command.key)
        print_ = command.fingerprint()
        with self._transactions.write() as connection:
            if command.key:
                done = _done(connection, command, print_)
                if done is not None:
                    return done
            case = None if not command.case else _read(connection, command.case)
            _check_version(case, command)
            acts = decide(_Situation(connection, case, command))
            (size,) = connection.execute(_SIZE).fetchone()
            changed, events, tied = _write(connection, acts, command.key, print_)
            self._log.append(connection, [(None, body) for body in events])
            connection.executemany(
                _ADD_ACT, [(size + place, *values) for place, values in enumerate(tied)]
            )
        return changed[acts[0].case]

    def consider(self, command: Command, decide: Decide) -> None:
        """Decide a command and record nothing: for what has to be done before, such as taking a number.
        Raises what `record` would."""
        with self._transactions.read() as connection:
            case = None if not command.case else _read(connection, command.case)
            _check_version(case, command)
            decide(_Situation(connection, case, command))

    def erase(self, command: Command) -> Case:
        """Take away the personal part of a case, for good, and say so; its state stays. ``command`` says
        who and why. Whether they may is for the caller to know.

        Raises InvalidInput without an actor or a reason, and what `record` raises.
        """
        voiding.check_reason(command.reason, "Personal data are only erased")
        if not command.actor.strip():
            raise InvalidInput("Name who erases it, as actor.", field="actor")

        def decide(situation: Situation) -> Sequence[Act]:
            case = situation.case
            if case is None:
                raise NotFound("Say whose personal data are to be erased.", case="")
            return [
                Act(case=case.id, kind=ERASED, at=command.at, actor=command.actor, state=case.state,
                    reason=command.reason, personal={})
            ]  # fmt: skip

        return self.record(command, decide)

    # --- reading --------------------------------------------------------------------------------

    def get(self, id: str, viewer: CaseViewer) -> Case:
        """The case of that id. Raises NotFound, also for one that ``viewer`` may not see."""
        rows.check_text("id", id)
        with self._transactions.read() as connection:
            return case_listing.case(connection, id, viewer)

    def find_key(self, key: str) -> Case | None:
        """The case that the command of that key was about, as it stands; None for a new key."""
        with self._transactions.read() as connection:
            row = connection.execute(_BY_KEY, (key,)).fetchone()
        return None if row is None else case_rows.case(row[1:])

    def list(self, viewer: CaseViewer, listing: Listing) -> WorkList:
        """Cases that ``viewer`` may see, without their personal parts, and how many there are in all."""
        with self._transactions.read() as connection:
            return case_listing.find(connection, viewer, listing)

    def timeline(self, id: str, viewer: CaseViewer) -> tuple[Step, ...]:
        """What was done to a case, oldest first. Raises NotFound as `get`."""
        rows.check_text("id", id)
        with self._transactions.read() as connection:
            return case_listing.timeline(connection, id, viewer)


class _Situation:
    """What is known in the transaction that records a command."""

    def __init__(self, connection: sqlite3.Connection, case: Case | None, command: Command) -> None:
        self._connection = connection
        self._at = command.at
        self.case = case

    def new_id(self) -> str:
        return rows.new_id(self._at)

    def children(self) -> Sequence[Case]:
        if self.case is None:
            return ()
        found = self._connection.execute(_CHILDREN, (self.case.id,)).fetchall()
        return tuple(case_rows.case(row) for row in found)

    def about(self, letter: str) -> Sequence[Case]:
        found = self._connection.execute(_ABOUT, (letter,)).fetchall()
        return tuple(case_rows.case(row) for row in found)

    def alike(self, kind: str, unit: str, name: str, value: str) -> Case | None:
        row = self._connection.execute(_ALIKE[name], (unit, kind, value)).fetchone()
        return None if row is None else case_rows.case(row)


def _read(connection: sqlite3.Connection, id_: str) -> Case:
    row = connection.execute(_BY_ID, (id_,)).fetchone()
    if row is None:
        raise NotFound(f"There is no case {id_!r} in this register.", case=id_)
    return case_rows.case(row)


def _done(connection: sqlite3.Connection, command: Command, print_: str) -> Case | None:
    row = connection.execute(_BY_KEY, (command.key,)).fetchone()
    if row is None:
        return None
    found = case_rows.case(row[1:])
    if row[0] != print_:
        raise KeyConflict(
            f"The key {command.key!r} was used for another step, of case {found.id}. Repeat exactly "
            "the same call, or use a new key.",
            key=command.key,
            case=found.id,
        )
    return found


def _check_version(case: Case | None, command: Command) -> None:
    if case is None or command.version is None or case.version == command.version:
        return
    raise CaseChanged(
        f"Case {case.id} was seen at version {command.version}, and is at {case.version} now "
        f"({case.state}). Look at it again, then decide.",
        case=case.id,
        version=case.version,
    )


def _write(
    connection: sqlite3.Connection, acts: Sequence[Act], key: str, print_: str
) -> tuple[dict[str, Case], list[bytes], list[tuple[int | str, ...]]]:
    """The cases that the acts changed, by id; the events to be logged; and what ties each of these to
    its case. The key is the first act's."""
    changed: dict[str, Case] = {}
    events: list[bytes] = []
    tied: list[tuple[int | str, ...]] = []
    for place, act in enumerate(acts):
        opens = "kind" in act.sets
        before = None if opens else changed.get(act.case) or _read(connection, act.case)
        after = evolve(before, act)
        salt = secrets.token_bytes(_SALT) if act.personal else b""
        key, print_ = (key, print_) if place == 0 and key else ("", "")
        event = case_rows.event(act, version=after.version, key=key, print_=print_, salt=salt)
        position = _keep(connection, after, act, salt)
        events.append(event.canonical_bytes())
        tied.append((position, after.version, act.kind, act.actor, key, print_))
        changed[act.case] = after
    return changed, events, tied


def _keep(connection: sqlite3.Connection, case: Case, act: Act, salt: bytes) -> int:
    """Write the case's row; its position."""
    values = case_rows.columns(case)
    if case.version == 1:
        position: int = connection.execute(_LAST).fetchone()[0] + 1
        connection.execute(case_rows.INSERT, (position, *values.values(), salt.hex()))
        return position
    position, kept = connection.execute(
        "SELECT position, salt FROM sipadek_case WHERE id = ?", (case.id,)
    ).fetchone()
    if act.personal is not None:
        # What is replaced or erased must not stay behind in the file's free pages.
        connection.execute("PRAGMA secure_delete = ON")
        kept = salt.hex()
    connection.execute(case_rows.UPDATE, (*values.values(), kept, position))
    return position
