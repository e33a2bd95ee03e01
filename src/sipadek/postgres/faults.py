"""What PostgreSQL refuses, told in this library's errors.

A driver's message can quote a connection string, so none about connecting is passed on.
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import errors

from sipadek.errors import (
    DamagedRegister,
    InvalidInput,
    KeyConflict,
    NotFound,
    SipadekError,
    StorageFailed,
)

_RACES: Final = {"entry_key", "entry_stock"}


def lost_race(error: BaseException) -> bool:
    """Whether another transaction has just used the key: what it wrote is found by a repeat."""
    return (
        isinstance(error, errors.UniqueViolation) and error.diag.constraint_name in _RACES
    ) or isinstance(error, Changed)


def passes(error: BaseException) -> bool:
    """Whether the transaction was broken off for the sake of others, and can be repeated."""
    return isinstance(error, errors.SerializationFailure | errors.DeadlockDetected)


def cut_off(error: psycopg.Error) -> bool:
    """Whether the connection is lost, or about to be: by the network, an administrator, a crash."""
    state = error.sqlstate or ""
    lost = isinstance(error, psycopg.OperationalError) and not state
    return lost or state.startswith(("08", "57P"))


class Changed(Exception):
    """Never leaves this package: a row was changed between being read and being written."""


def told(error: psycopg.Error, name: str) -> SipadekError:
    """The error for callers; ``name`` says which database, without a password."""
    match error:
        case errors.LockNotAvailable():
            return StorageFailed(
                f"Another transaction kept the numbers in {name} locked for longer than the lock "
                "timeout. Nothing was kept of this call. See who holds a transaction open, and "
                "repeat the call with the same key.",
                database=name,
                sqlstate=str(error.sqlstate),
            )
        case errors.UndefinedTable() | errors.InvalidSchemaName():
            return NotFound(f"The tables are missing in {name}. Install them first.", database=name)
        case errors.ProgramLimitExceeded():
            return InvalidInput(
                "A text is too long for the indexes of PostgreSQL: the key, or the number. Use a "
                "shorter one.",
                database=name,
            )
        case errors.UniqueViolation() if lost_race(error):
            return KeyConflict(
                "The key belongs to another number. Repeat exactly the same call, or use a new key.",
                database=name,
            )
        case errors.IntegrityError() | errors.DataError() | errors.DataCorrupted():
            return DamagedRegister(
                f"The register in {name} is damaged or contradicts itself "
                f"({error.diag.message_primary}). Nothing was written. Audit it; restore it from a "
                "backup where it is corrupt.",
                database=name,
            )
    told = error.diag.message_primary or type(error).__name__
    return StorageFailed(
        f"The register in {name} could not be used ({told}; {error.sqlstate or 'connection'}). "
        "Nothing was acknowledged. Check the server, then repeat the call with the same key.",
        database=name,
        sqlstate=str(error.sqlstate or ""),
    )


def unknown(name: str) -> StorageFailed:
    """The connection broke while the transaction was being kept."""
    return StorageFailed(
        f"The connection to {name} was lost while the transaction was being kept: the outcome is "
        "unknown. Repeat the call with the same key: it gives what was kept, or does it now.",
        database=name,
        outcome="unknown",
    )
