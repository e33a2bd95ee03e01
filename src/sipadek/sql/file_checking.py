"""Whether the database file is sound, and its tables are those that this library makes."""

from __future__ import annotations

import contextlib
import functools
import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sipadek.sql import (
    case_rows,
    letter_index,
    recognition,
    retention_tables,
    saved,
    schema,
)
from sipadek.sql.checking import Finding

# SQLite keeps statistics of its own; the indexes that it makes for a table are part of the table.
_OBJECTS: Final = (
    "SELECT type, name, tbl_name, sql FROM sqlite_schema"
    " WHERE name NOT LIKE 'sqlite~_stat%' ESCAPE '~' AND name <> 'sqlite_sequence'"
)
_MOST: Final = 100
_OWN: Final = "sipadek_"
_BELOW: Final = (
    "sipadek_letter_index_"  # FTS5's own tables, all but the one that names the analysis.
)
_ANALYSIS: Final = "sipadek_letter_index_analysis"

Key = tuple[str, str]
"""Type and name of something in the schema."""


def check(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Findings of SQLite's own checks, and of the schema. In a host's database only what is called as
    this library's tables, or hangs on them, is of interest."""
    for (message,) in connection.execute(f"PRAGMA integrity_check({_MOST})").fetchall():
        if message != "ok":
            yield Finding("register-corrupt", "the register", f"SQLite finds: {message}.")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
        yield Finding(
            "register-corrupt", "the register", f"Row {row} of {table} refers to no {parent}."
        )
    identity, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    own = identity == schema.APPLICATION_ID
    if own and version != 0:
        yield _altered(f"The file's user_version is {version}; sipadek leaves it at 0.")
    yield from _schema(connection, own=own)


def _schema(connection: sqlite3.Connection, *, own: bool) -> Iterator[Finding]:
    wanted, found = _wanted(), {}
    for kind, name, table, sql in connection.execute(_OBJECTS).fetchall():
        if own or str(table).startswith(_OWN):
            found[kind, name] = (table, _plain(sql))
    for (kind, name), told in found.items():
        if kind in ("trigger", "view"):
            yield _altered(
                f"The {kind} {name!r} is not of sipadek; it can change what is written or read."
            )
        elif _is_below(name):
            continue
        elif (kind, name) not in wanted:
            yield _altered(f"The {kind} {name!r} is not of sipadek.")
        elif told != wanted[kind, name]:
            yield _altered(f"The {kind} {name} is not defined as sipadek defined it.")
    for kind, name in wanted:
        # The tables of the index and its texts come with the register; a host may have only numbers.
        if (kind, name) not in found and not name.startswith("sipadek_letter_"):
            yield _altered(f"The {kind} {name} is missing.")
    for name, columns in _wanted_below().items():
        there = connection.execute(f"PRAGMA table_info({name})").fetchall()
        if there and there != columns:
            yield _altered(f"The table {name} of the search index has other columns than FTS5's.")


def _is_below(name: str) -> bool:
    bare = str(name).removeprefix("sqlite_autoindex_")
    return bare.startswith(_BELOW) and bare != _ANALYSIS


def _plain(sql: object) -> str:
    """The statement without what says nothing: kinds of white space, and quotes, which renaming adds."""
    text = str(sql).replace('"', "").replace("IF NOT EXISTS ", "")
    return re.sub(r"\s+", " ", text)


@functools.cache
def _wanted() -> Mapping[Key, tuple[str, str]]:
    with contextlib.closing(_made()) as made:
        rows = made.execute(_OBJECTS).fetchall()
    return {
        (kind, name): (table, _plain(sql)) for kind, name, table, sql in rows if not _is_below(name)
    }


@functools.cache
def _wanted_below() -> Mapping[str, Any]:
    with contextlib.closing(_made()) as made:
        names = [name for _, name, _, _ in made.execute(_OBJECTS) if name.startswith(_BELOW)]
        names.remove(_ANALYSIS)
        return {name: made.execute(f"PRAGMA table_info({name})").fetchall() for name in names}


def _made() -> sqlite3.Connection:
    """A new register's tables, in memory."""
    connection = sqlite3.connect(":memory:")
    tables = (
        *letter_index.MAKE_TABLES,
        letter_index.MAKE_INDEX,
        *recognition.MAKE_TABLES,
        *saved.MAKE_TABLES,
        *retention_tables.MAKE_TABLES,
        *case_rows.MAKE_TABLES,
    )
    for statement in (*schema.statements(), *tables):
        connection.execute(statement)
    return connection


def _altered(message: str) -> Finding:
    return Finding("schema-altered", "the register", message)
