"""A connection to PostgreSQL as the operations use it, for one transaction."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

import psycopg
from psycopg.rows import TupleRow, tuple_row

_PAGE: Final = 500  # Rows fetched at once by streams.


@functools.lru_cache(maxsize=512)
def _qualified(statement: str, schema: str) -> bytes:
    return statement.replace("sipadek.", f'"{schema}".').encode()


@functools.lru_cache(maxsize=128)
def _translated(statement: str) -> str:
    told = statement.replace("%", "%%").replace("?", "%s").replace("sipadek_", "sipadek.")
    return told.replace("SELECT only,", 'SELECT "only",')  # A reserved word here.


class Handle:
    """Runs statements that name the tables ``sipadek.…``, whatever the schema is called. The settings
    of the connection (row factory and the like) may be a host's; they make no difference."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self.connection = connection
        self.schema = schema
        self._streams = 0

    def run(self, statement: str, values: Sequence[Any] | None = None) -> psycopg.Cursor[TupleRow]:
        """Execute a statement with ``%s`` for its values."""
        cursor = psycopg.Cursor(self.connection, row_factory=tuple_row)
        return cursor.execute(_qualified(statement, self.schema), values)

    def run_many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each of the values."""
        with psycopg.Cursor(self.connection, row_factory=tuple_row) as cursor:
            cursor.executemany(_qualified(statement, self.schema), values)

    def copy(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Put rows into a table."""
        with (
            psycopg.Cursor(self.connection, row_factory=tuple_row) as cursor,
            cursor.copy(_qualified(statement, self.schema)) as target,
        ):
            for row in rows:
                target.write_row(row)

    def stream(
        self, statement: str, values: Sequence[Any] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, fetched a page at a time, while the transaction lasts."""
        self._streams += 1
        name = f"sipadek_{self._streams}"
        self.run(f"DECLARE {name} NO SCROLL CURSOR FOR {statement}", values)
        while page := self.run(f"FETCH {_PAGE} FROM {name}").fetchall():
            yield from page

    @property
    def shared(self) -> sqlite3.Connection:
        """For the functions of ``sipadek.sql`` whose statements both databases understand; they only
        ever call ``execute`` and ``executemany``."""
        return cast(sqlite3.Connection, _Shared(self, streaming=False))

    @property
    def shared_stream(self) -> sqlite3.Connection:
        """Likewise, for queries whose rows do not fit in memory."""
        return cast(sqlite3.Connection, _Shared(self, streaming=True))


class _Shared:
    def __init__(self, handle: Handle, *, streaming: bool) -> None:
        self._handle = handle
        self._streaming = streaming

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        if self._streaming:
            return _Rows(self._handle.stream(_translated(statement), values))
        return self._handle.run(_translated(statement), values)

    def executemany(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        self._handle.run_many(_translated(statement), values)


class _Rows:
    """Rows that come a page at a time, as a cursor of SQLite gives them."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._rows)
