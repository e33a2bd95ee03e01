"""Numbers inside a host's own transaction, in the host's own SQLite database.

The letter's row of a city app and the number then come into being together, or not at all. Nothing
here commits, rolls back the host's work, or changes a setting of the host's connection.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from sipadek.errors import InvalidInput, NotAnOffice, NotFound, StorageFailed, UnsafeDatabase
from sipadek.ledger import CheckpointKey
from sipadek.sql import case_rows, letter_index, recognition, saved, schema
from sipadek.sql.faults import database_errors
from sipadek.sql.hosts import sqlalchemy_connection
from sipadek.sql.log import EventLog
from sipadek.sql.numbers import Numbers

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

Host: TypeAlias = "sa.Connection | Session | sqlite3.Connection"
"""What a host's transaction runs on. Django's is ``django.db.connection.connection``."""

_FULL: Final = 2
_EXTRA: Final = 3
# Journal mode → the least synchronous with which a power loss takes no acknowledged transaction.
_LEAST: Final = {"wal": _FULL, "delete": _EXTRA, "truncate": _EXTRA, "persist": _EXTRA}
_INSTALLED: Final = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sipadek_meta'"


class Bound:
    """A host's transaction as the place where numbers are kept. ``durable`` false leaves out the look
    at the settings that a power loss asks for: for a host's own tests, in memory.

    Raises:
        InvalidInput: the connection is none to SQLite.
        UnsafeDatabase: no transaction is open, or a power loss could take an acknowledged number.
    """

    def __init__(self, host: Host, *, durable: bool = True) -> None:
        self._host = host
        with self._connection() as connection:
            if durable:
                _check_durable(connection)

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A savepoint in the host's transaction: an operation that raises leaves nothing behind."""
        with self._connection() as connection:
            connection.execute("SAVEPOINT sipadek")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK TO sipadek")
                    connection.execute("RELEASE sipadek")
                raise
            if not connection.in_transaction:
                raise StorageFailed("SQLite rolled the host's transaction back by itself.")
            connection.execute("RELEASE sipadek")

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The host's transaction."""
        with self._connection() as connection:
            yield connection

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = _driver(self._host)
        with database_errors(_path(connection)):
            if not connection.in_transaction:
                _begin(self._host, connection)
            yield connection


def install(host: Host, *, key: CheckpointKey, origin: str, durable: bool = True) -> Numbers:
    """Make the tables (``sipadek_…``) in the host's database, in its transaction, and bind to them.

    Do it where the host makes its own tables, and again with a new version of this library. ``key``
    signs the log, which is named ``origin``. Tables that are there already are kept; an index that an
    earlier version made with other columns is made anew.

    Raises what ``bind`` raises.
    """
    bound = Bound(host, durable=durable)
    with bound.write() as connection:
        if connection.execute(_INSTALLED).fetchone() is None:
            for statement in schema.statements():
                connection.execute(statement)
            connection.executemany(
                "INSERT INTO sipadek_meta (name, value) VALUES (?, ?)",
                [("schema_version", schema.VERSION), ("origin", origin)],
            )
            EventLog(key=key, origin=origin).start(connection)
        letter_index.create(connection)
        recognition.create(connection)
        saved.create(connection)
        case_rows.create(connection)
    return bind(host, key=key, origin=origin, durable=durable)


def bind(host: Host, *, key: CheckpointKey, origin: str, durable: bool = True) -> Numbers:
    """The numbers in the host's database, for as long as its present transaction lasts: bind anew in
    the next one. The host commits, and must close its transaction soon: SQLite has one writer.

    Raises:
        InvalidInput: the connection is none to SQLite.
        NotFound: the tables were not installed.
        NotAnOffice: the tables are those of another origin, or of another version of this library.
        DamagedRegister: the log's head was not signed by ``key``.
        UnsafeDatabase: no transaction is open, or a power loss could take an acknowledged number.
    """
    bound = Bound(host, durable=durable)
    log = EventLog(key=key, origin=origin)
    with bound.read() as connection:
        if connection.execute(_INSTALLED).fetchone() is None:
            raise NotFound("The host's database has no tables of sipadek. Install them first.")
        found = dict(connection.execute("SELECT name, value FROM sipadek_meta").fetchall())
        if found != {"schema_version": schema.VERSION, "origin": origin}:
            raise NotAnOffice(
                f"The tables in the host's database are of {found}, not of version "
                f"{schema.VERSION} and {origin!r}.",
                found=found,
            )
        log.head(connection)
    return Numbers(bound, log)


def _driver(host: Host) -> sqlite3.Connection:
    theirs = sqlalchemy_connection(host)
    if theirs is not None:
        _refuse_autocommit(theirs)
    driver = host if theirs is None else theirs.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise InvalidInput(
            f"Expected a connection to SQLite, got {type(driver).__name__}.",
            connection=type(driver).__name__,
        )
    return driver


def _refuse_autocommit(host: sa.Connection) -> None:
    # Each statement would be kept by itself, whatever became of the host's work.
    if not host.in_transaction() or host.get_isolation_level() == "AUTOCOMMIT":
        raise _no_transaction()


def _begin(host: Host, connection: sqlite3.Connection) -> None:
    """SQLAlchemy's transaction may not have reached the driver yet; a bare connection's has."""
    if isinstance(host, sqlite3.Connection):
        raise _no_transaction()
    connection.execute("BEGIN IMMEDIATE")


def _no_transaction() -> UnsafeDatabase:
    return UnsafeDatabase(
        "The host's connection has no open transaction, or commits each statement by itself: a number "
        "would stay when the host's work is rolled back. Begin a transaction first."
    )


def _check_durable(connection: sqlite3.Connection) -> None:
    mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0]).lower()
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode not in _LEAST or synchronous < _LEAST[mode]:
        raise UnsafeDatabase(
            f"The host's database runs with journal_mode = {mode} and synchronous = {synchronous}: a "
            "power loss could take an acknowledged number, which would then be given again. Set "
            "journal_mode = WAL and synchronous = FULL on every connection.",
            journal_mode=mode,
            synchronous=synchronous,
        )


def _path(connection: sqlite3.Connection) -> Path:
    row = connection.execute("PRAGMA database_list").fetchone()
    return Path(row[2] or ":memory:")
