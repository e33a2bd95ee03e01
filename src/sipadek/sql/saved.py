"""Searches that people keep under a name.

Every function takes an ``sqlite3.Connection`` inside the caller's transaction and neither begins nor
ends one. They are no part of the record: the log knows nothing of them.
"""

from __future__ import annotations

import datetime
import sqlite3
from typing import Final

from sipadek.errors import NotFound
from sipadek.search import SavedSearch
from sipadek.sql import rows

MAKE_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS sipadek_saved_search (owner TEXT NOT NULL, name TEXT NOT NULL,"
    " query TEXT NOT NULL, saved_at TEXT NOT NULL, PRIMARY KEY (owner, name),"
    " CHECK (name <> '' AND query <> '')) STRICT, WITHOUT ROWID",
)
_SAVE: Final = (
    "INSERT INTO sipadek_saved_search (owner, name, query, saved_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query, saved_at = excluded.saved_at"
)
_ALL: Final = "SELECT owner, name, query, saved_at FROM sipadek_saved_search WHERE owner = ?"


def create(connection: sqlite3.Connection) -> None:
    """Make the table where it is missing."""
    for statement in MAKE_TABLES:
        connection.execute(statement)


def save(connection: sqlite3.Connection, search: SavedSearch) -> None:
    """Keep it, in the place of the owner's search of that name."""
    moment = rows.time_text(search.saved_at)
    connection.execute(_SAVE, (search.owner, search.name, search.query, moment))


def all_of(connection: sqlite3.Connection, owner: str) -> tuple[SavedSearch, ...]:
    """The owner's searches, by name."""
    found = connection.execute(f"{_ALL} ORDER BY name", (owner,)).fetchall()
    return tuple(
        SavedSearch(
            owner=each, name=name, query=query, saved_at=datetime.datetime.fromisoformat(moment)
        )
        for each, name, query, moment in found
    )


def drop(connection: sqlite3.Connection, owner: str, name: str) -> None:
    """Forget it. Raises NotFound where there is none."""
    dropped = connection.execute(
        "DELETE FROM sipadek_saved_search WHERE owner = ? AND name = ?", (owner, name)
    )
    if not dropped.rowcount:
        raise NotFound(f"{owner!r} has saved no search {name!r}.", owner=owner, name=name)
