"""Putting a dump into a register on SQLite that has nothing yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from sipadek.errors import DamagedRegister, InvalidInput
from sipadek.ledger import CompactRange
from sipadek.sql import dumping, letter_index
from sipadek.sql.log import HeadSigner, split
from sipadek.sql.replay import replay

_EMPTY: Final = (
    "SELECT (SELECT count(*) FROM sipadek_series) + (SELECT count(*) FROM sipadek_event)"
)
_ISSUED: Final = (
    "SELECT position, number, subject, extra FROM sipadek_entry WHERE issued_at IS NOT NULL"
    " AND position NOT IN (SELECT position FROM sipadek_letter_text)"
)
_TEXT: Final = (
    "INSERT INTO sipadek_letter_text (position, number, subject, pages) VALUES (?, ?, ?, ?)"
)
_HEAD: Final = "SELECT size, hashes, checkpoint FROM sipadek_log_head"


def load(connection: sqlite3.Connection, lines: Iterable[bytes], log: HeadSigner) -> None:
    """Load a dump within the caller's transaction, make the index, and compare every table with the
    signed log. The caller rolls back where it raises.

    Raises:
        InvalidInput: the register is not empty, or the dump is none, another's, or not whole.
        DamagedRegister: what it holds does not agree with its log, or ``log`` did not sign that.
    """
    check_empty(connection.execute(_EMPTY).fetchone()[0])
    connection.execute("DELETE FROM sipadek_log_head")
    found = dumping.read_dump(lines, origin=log.origin)
    for table, rows in dumping.batches(found):
        columns = dumping.COLUMNS[table]
        names = ", ".join(columns) + (", only" if table == "log_head" else "")
        values = ", ".join("?" * len(columns)) + (", 1" if table == "log_head" else "")
        try:
            connection.executemany(
                f"INSERT INTO sipadek_{table} ({names}) VALUES ({values})",  # noqa: S608
                rows,
            )
        except sqlite3.Error as error:
            raise not_taken(table, str(error)) from error
    missing = connection.execute(_ISSUED).fetchall()
    connection.executemany(
        _TEXT, [(position, *dumping.texts_of(*rest)) for position, *rest in missing]
    )
    letter_index.rebuild(connection)
    check_head(log, connection.execute(_HEAD).fetchone())
    check_agrees(replay(connection, verifier=log.verifier, origin=log.origin))


def check_empty(count: int) -> None:
    """Raises InvalidInput for a register that has anything."""
    if count:
        raise InvalidInput("A dump is only loaded into a register that has no series and no event.")


def check_head(log: HeadSigner, stored: tuple[int, bytes, str] | None) -> None:
    """That the head that came is one that ``log`` signed. Raises DamagedRegister."""
    size, hashes, _ = log.checked(stored)
    CompactRange(size, split(hashes))


def check_agrees(findings: Iterable[object]) -> None:
    """Raises DamagedRegister for the first finding."""
    for finding in findings:
        raise DamagedRegister(
            f"What the dump holds does not agree with its log: {finding}. Nothing was loaded."
        )


def not_taken(table: str, reason: str) -> DamagedRegister:
    """A row that the tables do not take."""
    return DamagedRegister(f"A row of {table} cannot be kept ({reason}). Nothing was loaded.")
