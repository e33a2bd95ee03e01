"""Making the register's own index anew while letters are filed and found.

A second index is filled beside the one that serves, some hundred letters at a time, each time in a write
of its own. The last write puts in what the log says has changed since, and changes the two tables'
places. An end before that leaves the old index serving; what was made is dropped by the next call,
which begins anew.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol

from sipadek.sql import following, letter_index
from sipadek.sql.letter_index import Row, tokens_of

BATCH: Final = 200
"""Letters of one write: about 40 ms, in which no letter is filed."""

_INDEX: Final = "sipadek_letter_index"
_NEW: Final = "sipadek_letter_index_new"
_MAKE: Final = letter_index.MAKE_INDEX.replace(_INDEX, _NEW)
_ADD: Final = letter_index.ADD_TOKENS.replace(_INDEX, _NEW)
_DROP: Final = letter_index.DROP_TOKENS.replace(_INDEX, _NEW)
_COUNT: Final = "SELECT count(*) FROM sipadek_letter_text"
_CHANGED: Final = (
    "SELECT DISTINCT entry FROM sipadek_event WHERE position >= ? AND entry IS NOT NULL"
)
_IS_IN: Final = f"SELECT 1 FROM {_NEW}_docsize WHERE id = ?"  # noqa: S608
_MAY_CHANGE: Final = (  # Only pages without text are ever given another one.
    "SELECT DISTINCT position FROM sipadek_recognition"
    " WHERE position IN (SELECT value FROM json_each(?))"
)

Progress = Callable[[int, int], object]
Tokens = tuple[int | str, ...]


class Writable(Protocol):
    """Where the register is read and written."""

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """A read transaction."""
        ...

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """A write transaction."""
        ...


class _Remembered:
    """Rows as they were put into the new index, of letters whose texts may change: an FTS5 index without
    contents has to be told what it is to forget. In a temporary file."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("CREATE TABLE old (position INTEGER PRIMARY KEY, row TEXT NOT NULL)")

    def keep(self, connection: sqlite3.Connection, rows: list[Row]) -> None:
        positions = json.dumps([row[0] for row in rows])
        may = {position for (position,) in connection.execute(_MAY_CHANGE, (positions,))}
        told = [(row[0], json.dumps(row)) for row in rows if row[0] in may]
        self._rows.executemany("INSERT OR REPLACE INTO old VALUES (?, ?)", told)

    def row(self, position: int) -> Row | None:
        found = self._rows.execute("SELECT row FROM old WHERE position = ?", (position,)).fetchone()
        return None if found is None else tuple(json.loads(found[0]))

    def close(self) -> None:
        self._rows.close()


def reindex(database: Writable, *, progress: Progress | None = None) -> int:
    """Make the index anew from the kept texts, whatever is wrong with the one that is there; how many
    letters are in it. Only one call may run at a time, of all processes.

    ``progress`` is called with letters done and letters in all.
    """
    with contextlib.closing(_Remembered()) as remembered:
        with database.write() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {_NEW}")
            connection.execute(_MAKE)
            since = following.size(connection)
        last, done = -(2**63), 0
        for rows, total in _batches(database):
            ready = {row: tokens_of(row) for row in rows}  # The slow part, outside of the write.
            with database.write() as connection:
                done += _put(connection, ready, remembered)
            last = rows[-1][0]
            if progress is not None:
                progress(done, total)
        with database.write() as connection:
            done += _finish(connection, last, since, remembered)
    if progress is not None:
        progress(done, done)
    return done


def _batches(database: Writable) -> Iterator[tuple[list[Row], int]]:
    """All but the last letters, and how many there are in all."""
    last = -(2**63)
    while True:
        with database.read() as connection:
            rows = letter_index.behind(connection, last, BATCH)
            (total,) = connection.execute(_COUNT).fetchone()
        if len(rows) < BATCH:
            return
        yield rows, total
        last = rows[-1][0]


def _put(
    connection: sqlite3.Connection, ready: Mapping[Row, Tokens], remembered: _Remembered
) -> int:
    """Put in letters, as their texts are by now."""
    now = letter_index.at(connection, [row[0] for row in ready])
    connection.executemany(_ADD, [ready.get(row) or tokens_of(row) for row in now])
    remembered.keep(connection, now)
    return len(now)


def _finish(connection: sqlite3.Connection, last: int, since: int, remembered: _Remembered) -> int:
    """Put in what is left and what has changed, and change the tables' places; how many came in."""
    added = 0
    positions = [position for (position,) in connection.execute(_CHANGED, (since,)).fetchall()]
    passed = [one for one in positions if one <= last]
    _forget_void(connection, passed, remembered)
    for now in letter_index.at(connection, passed):
        if connection.execute(_IS_IN, (now[0],)).fetchone() is None:
            connection.execute(_ADD, tokens_of(now))
            added += 1
        elif (old := remembered.row(now[0])) is not None and old != now:
            connection.execute(_DROP, tokens_of(old))
            connection.execute(_ADD, tokens_of(now))
    while rows := letter_index.behind(connection, last, BATCH):
        connection.executemany(_ADD, map(tokens_of, rows))
        added, last = added + len(rows), rows[-1][0]
    letter_index.drop(connection)
    connection.execute(f"ALTER TABLE {_NEW} RENAME TO {_INDEX}")
    letter_index.say_analysis(connection)
    return added


def _forget_void(
    connection: sqlite3.Connection, positions: Sequence[int], remembered: _Remembered
) -> None:
    """Letters that were made void since they were put in."""
    issued = {row[0] for row in letter_index.at(connection, positions)}
    for row in letter_index.at(connection, positions, void=True):
        if row[0] not in issued and connection.execute(_IS_IN, (row[0],)).fetchone() is not None:
            connection.execute(_DROP, tokens_of(remembered.row(row[0]) or row))
