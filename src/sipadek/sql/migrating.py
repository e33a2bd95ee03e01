"""Bringing an older register's file to this version's tables, in place.

First a copy of the file is made beside it and waited for; then everything happens in one
transaction, at the end of which the tables must look as this version makes them. A process that is
killed in between leaves the old file as it was.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sipadek.errors import DamagedRegister, StorageFailed
from sipadek.sql import schema

_BACKUP: Final = "{name}.version-{version}"


def version(connection: sqlite3.Connection) -> str | None:
    """The version of the tables in the file; None for a file without them."""
    for table in ("sipadek_meta", "meta"):
        query = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
        if connection.execute(query, (table,)).fetchone() is not None:
            row = connection.execute(
                f"SELECT value FROM {table} WHERE name = 'schema_version'"  # noqa: S608
            ).fetchone()
            value = None if row is None else str(row[0])
            # The tables' names came with version 2.
            return value if (table == "meta") == (value == "1") else None
    return None


def is_older(found: str | None) -> bool:
    """Whether this library knows how to go on from that version."""
    return found in _STEPS


def back_up(connection: sqlite3.Connection, path: Path, found: str) -> Path:
    """A copy of the register as it is, next to it; one that an earlier try left is made anew.

    Must be called outside of a transaction.
    """
    copy = path.with_name(_BACKUP.format(name=path.name, version=found))
    try:
        copy.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(f"The old copy {copy} cannot be replaced: {error.strerror}.") from error
    connection.execute("VACUUM INTO ?", (str(copy),))
    return copy


def migrate(connection: sqlite3.Connection) -> None:
    """Every step from the file's version to this one, inside the caller's transaction.

    Raises:
        DamagedRegister: what came out is not as it must be; the caller rolls back.
    """
    connection.execute("PRAGMA defer_foreign_keys = ON")
    found = version(connection)
    while found in _STEPS:
        found = _STEPS[found](connection)
    looks, wanted = schema.shape(connection), schema.wanted_shape()
    odd = [table for table in wanted if looks[table] != wanted[table]]
    if found != schema.VERSION or odd or connection.execute("PRAGMA foreign_key_check").fetchone():
        raise DamagedRegister(
            f"The register cannot be brought to version {schema.VERSION}: {odd or found} is not as "
            "it must be. Nothing was changed; audit it with the version that made it."
        )


def _from_1(connection: sqlite3.Connection) -> str:
    """Version 1 had unprefixed tables, one pattern a series, and no number without a PDF."""
    for statement in schema.statements():
        connection.execute(statement)
    connection.execute("INSERT INTO sipadek_meta SELECT name, value FROM meta")
    connection.execute("UPDATE sipadek_meta SET value = '2' WHERE name = 'schema_version'")
    for code, pattern, scope, restart, timezone, start, defined_at in connection.execute(
        "SELECT code, pattern, scope, restart, timezone, start, defined_at FROM series"
    ).fetchall():
        definition = {
            "code": code,
            "pattern": pattern,
            "restart": restart,
            "scope": json.loads(scope),
            "start": start,
            "timezone": timezone,
        }
        text = json.dumps(definition, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        connection.execute(
            "INSERT INTO sipadek_series (code, definition, start, defined_at) VALUES (?, ?, ?, ?)",
            (code, text, start, defined_at),
        )
    connection.execute(
        "INSERT INTO sipadek_counter (series, counter, last) SELECT series, counter, last FROM counter"
    )
    columns = (
        "position, id, series, counter, sequence, number, state, key, fingerprint, unit,"
        " classification, kind, secrecy, secrecy_rank, subject, document_date, document_year,"
        " original_digest, original_size, filed_digest, filed_size, signer, extractor, reserved_at,"
        " issued_at, void_reason"
    )
    connection.execute(f"INSERT INTO sipadek_entry ({columns}) SELECT {columns} FROM entry")  # noqa: S608
    connection.execute(
        "INSERT INTO sipadek_event (position, entry, body) SELECT position, entry, body FROM event"
    )
    connection.execute(
        "INSERT INTO sipadek_log_head (only, size, hashes, checkpoint)"
        " SELECT only, size, hashes, checkpoint FROM log_head"
    )
    connection.execute("ALTER TABLE letter_text RENAME TO sipadek_letter_text")
    # The index is made anew from the texts when the register is opened.
    for table in ("letter_index", "letter_index_analysis", "log_head", "event", "entry", "counter",
                  "series", "meta"):  # fmt: skip
        connection.execute(f"DROP TABLE {table}")
    return "2"


_STEPS: Final[dict[str | None, Callable[[sqlite3.Connection], str]]] = {"1": _from_1}
