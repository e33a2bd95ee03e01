"""Making numbers void: for a reason, or because their lease is over."""

from __future__ import annotations

import datetime
import sqlite3
from typing import Final

import attrs

from sipadek.archive.letter import Letter, State
from sipadek.errors import InvalidInput
from sipadek.sql import events, letter_index, rows

_LAPSED: Final = (
    f"{rows.SELECT} WHERE state = 'reserved' AND expires_at IS NOT NULL AND expires_at <= ?"
    " ORDER BY position"
)


def check_reason(reason: str, what: str = "A number is only made void") -> None:
    """Refuse an act without a reason.

    Raises:
        InvalidInput: the reason is empty, or holds NUL or lone surrogates.
    """
    rows.check_text("reason", reason)
    if not reason.strip():
        raise InvalidInput(f"{what} for a reason. Say why.", field="reason")


def lapsed(letter: Letter, at: datetime.datetime) -> bool:
    """Whether the number was held for a time that is over."""
    return (
        letter.state is State.RESERVED and letter.expires_at is not None and letter.expires_at <= at
    )


def make_void(
    connection: sqlite3.Connection,
    position: int,
    letter: Letter,
    *,
    at: datetime.datetime,
    reason: str = "",
    actor: str = "",
) -> tuple[Letter, bytes]:
    """The letter as void, and the event to be logged. Without a reason it is that of a lease."""
    if not reason:
        assert letter.expires_at is not None
        reason = f"masa pesan berakhir pada {rows.time_text(letter.expires_at)}"
    if letter.state is State.ISSUED:
        letter_index.forget(connection, position)
    connection.execute(rows.VOID, (reason, position))
    event = events.voided(letter, reason=reason, at=at, actor=actor)
    return attrs.evolve(letter, state=State.VOID, void_reason=reason), event


def expire(
    connection: sqlite3.Connection, at: datetime.datetime
) -> tuple[list[Letter], list[tuple[int | None, bytes]]]:
    """Every number whose lease is over, made void, and the events to be logged."""
    letters: list[Letter] = []
    logged: list[tuple[int | None, bytes]] = []
    for row in connection.execute(_LAPSED, (rows.time_text(at),)).fetchall():
        letter, event = make_void(connection, row[0], rows.letter(row), at=at)
        letters.append(letter)
        logged.append((row[0], event))
    return letters, logged
