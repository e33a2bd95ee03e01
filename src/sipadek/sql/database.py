"""The register's database file: opened safely, or not at all.

A number that was acknowledged and then lost would be given a second time. So the settings that
keep it through a power loss (write-ahead log, synchronous=FULL) are set, read back and insisted
upon, and every write is one explicit transaction: on a connection in autocommit a failed call would
leave half of its work behind.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.errors import NotAnOffice, OfficeError, StorageFailed, UnsafeDatabase
from sipadek.sql import forks, migrating, network, schema
from sipadek.sql.faults import database_errors
from sipadek.sql.queue import WriteQueue

_BUSY_SECONDS: Final = 10.0  # For programs outside the queue, such as the sqlite3 shell.
_REQUIRED: Final = (
    ("journal_mode", "wal"),
    ("synchronous", 2),  # FULL
    ("foreign_keys", 1),
    ("fullfsync", 1),  # macOS: through the drive's cache.
    ("checkpoint_fullfsync", 1),
)


class Database:
    """One SQLite file and the queue of its writers; safe to share between threads.

    ``path`` is the database, ``lock`` the file its writers queue on; both are made when missing.
    Every use takes a connection of its own, so no connection is ever in two threads, nor in two
    processes: before a fork the idle ones are closed.

    Raises:
        NotAnOffice: the file is something else, or of a newer version of this library.
        UnsafeDatabase: the settings that keep numbers through a power loss do not hold here, or it
            lies on a network file system.
        DamagedRegister: the file is corrupt.
        StorageFailed: the disk refused it.
    """

    def __init__(self, path: Path, *, lock: Path) -> None:
        forks.refuse(path)
        network.refuse(path)
        self.path = path
        self.queue = WriteQueue(lock)
        self._gate = threading.Lock()
        self._in_use: set[sa.Connection] = set()
        self._closed = False
        self._sound = False
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)),
            pool_size=8,
            max_overflow=-1,
            pool_use_lifo=True,
            connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None},
        )
        sa.event.listen(self._engine, "connect", lambda made, _: configure(made, path))
        sa.event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(sipadek_begin="BEGIN IMMEDIATE")
        try:
            self._upgrade()
            with self.write() as connection:
                self._prepare(connection)
        except BaseException:
            self.close()
            raise
        forks.watch(self)

    # --- transactions ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A write transaction, alone on this machine: committed at the end, or rolled back.

        Raises:
            OfficeError: a write inside a write, or after ``close``.
            StorageFailed: the disk refused it; nothing is acknowledged.
            DamagedRegister: the file is corrupt or contradicts itself.
            UnsafeDatabase: this process is the fork of one that was using the database.
        """
        forks.refuse(self.path)  # Before queueing: the parent may be the one that holds the lock.
        with self.queue.hold(), self._use(self._writer) as connection:
            yield connection
            # SQLite rolls back by itself after some disk errors; what followed was in autocommit.
            if not raw(connection).in_transaction:
                raise StorageFailed(f"The write to {self.path} was rolled back by SQLite.")
            connection.commit()

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction: all its queries see the same state, and it waits for no writer.

        Keep it short: while it lasts the write-ahead log cannot be folded back.
        Raises like ``write``.
        """
        with self._use(self._engine) as connection:
            yield connection

    @contextlib.contextmanager
    def _use(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        if self._closed:
            raise OfficeError(f"The register {self.path} was closed. Open the office again.")
        process = os.getpid()
        with database_errors(self.path):
            with self._gate:  # Closed while the process forks.
                forks.refuse(self.path)
                connection = engine.connect()
                self._in_use.add(connection)
            try:
                if engine is self._writer and not self._sound:
                    _make_durable(raw(connection), self.path)
                    self._sound = True  # As long as this connection, or a later one, stays open.
                connection.begin()
                yield connection
            finally:
                if os.getpid() != process:
                    raise UnsafeDatabase(
                        "The process was forked inside a transaction of the register; "
                        "the child must not go on with it."
                    )
                self._in_use.discard(connection)
                try:
                    # SQLAlchemy takes a commit that was refused for the end of the transaction.
                    raw(connection).rollback()
                except sqlite3.Error:
                    connection.invalidate()
                finally:
                    connection.close()

    # --- opening and closing --------------------------------------------------------------------

    def close(self) -> None:
        """Close idle connections; the last one of all folds the write-ahead log back.

        Harmless when repeated. Uses that are running in other threads finish first on their own.
        """
        self._closed = True
        if self.queue.mine:
            self._engine.dispose()
            return
        with self.queue.hold():
            self._engine.dispose()

    def _upgrade(self) -> None:
        """Bring an older version's file to this one, with a copy kept, alone under the queue."""
        with database_errors(self.path), self.queue.hold():
            connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            with contextlib.closing(connection):
                configure(connection, self.path)
                _make_durable(connection, self.path)
                found = migrating.version(connection)
                if not migrating.is_older(found):
                    return
                assert found is not None
                copy = migrating.back_up(connection, self.path, found)
                sync_file(copy)
                sync_directory(copy.parent)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    migrating.migrate(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise

    def _prepare(self, connection: sa.Connection) -> None:
        tables = set(sa.inspect(connection).get_table_names())
        if not tables:
            schema.METADATA.create_all(connection)
            connection.execute(
                schema.META.insert(), {"name": "schema_version", "value": schema.VERSION}
            )
        missing = set(schema.METADATA.tables) - tables if tables else set()
        version = None
        if not missing:
            named = schema.META.c.name == "schema_version"
            version = connection.scalar(sa.select(schema.META.c.value).where(named))
        if version != schema.VERSION:
            raise NotAnOffice(
                f"{self.path} holds a register of version {version}, missing tables "
                f"{sorted(missing)}; this library knows version {schema.VERSION}. "
                "Install the version of sipadek that made it, or a newer one.",
                path=str(self.path),
                version=version,
            )

    # --- forks ----------------------------------------------------------------------------------

    def before_fork(self) -> bool:
        """Close what is idle and keep the gate shut; whether any connection is left open."""
        shut = closed = False
        try:
            with contextlib.nullcontext() if self.queue.mine else self.queue.hold(timeout=2.0):
                shut = self._gate.acquire()
                self._engine.dispose()
                self._sound = False
                closed = True
        except Exception:  # A hook must not stop the fork; the child is refused instead.
            closed = False
        if not shut:
            self._gate.acquire()
        return bool(self._in_use) or not closed

    def after_fork(self, *, child: bool) -> None:
        """Open the gate again; a child forgets the parent's connections without closing them."""
        if child:
            forks.abandon(self._engine.pool, self._in_use)
            self._in_use = set()
            self._engine.dispose(close=False)
            self._sound = False
            self.queue.forget()
        self._gate.release()


def configure(connection: sqlite3.Connection, path: Path) -> None:
    """Set what keeps numbers through a power loss, and insist that it holds.

    Raises:
        NotAnOffice: another program's database; it is left as it was.
        UnsafeDatabase: a setting did not take.
    """
    with database_errors(path):
        _recognise(connection, path)
        for name, wanted in _REQUIRED:
            connection.execute(f"PRAGMA {name} = {wanted}")
        for name, wanted in _REQUIRED:
            found = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if found != wanted:
                raise UnsafeDatabase(
                    f"{path} runs with {name} = {found}, but only {wanted} keeps numbers through "
                    "a power loss. Put the office on a local disk.",
                    setting=name,
                    found=found,
                )


def _make_durable(connection: sqlite3.Connection, path: Path) -> None:
    """Wait for the disk with everything this connection sees. Called with the queue held.

    The first connection after all others were closed sees commits that a killed process wrote and
    never waited for, or whose wait failed. A repeated call would be answered from them, so they are
    folded back first: written anew, which a failed wait needs. The folder has to know the names of
    the file and its log too; SQLite waits for that when it makes them, but ignores a failure.
    """
    with database_errors(path), storage_errors("Writing", path.parent):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        log = path.with_name(path.name + "-wal")
        if log.exists():
            sync_file(log)
        sync_directory(path.parent)


def _recognise(connection: sqlite3.Connection, path: Path) -> None:
    identity = connection.execute("PRAGMA application_id").fetchone()[0]
    if identity == schema.APPLICATION_ID:
        return
    if identity == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        return
    raise NotAnOffice(
        f"{path} is a database of another program. Choose another folder.", path=str(path)
    )


def raw(connection: sa.Connection | sqlite3.Connection) -> sqlite3.Connection:
    """The driver's connection below, for statements where every microsecond counts."""
    if isinstance(connection, sqlite3.Connection):
        return connection
    driver: Any = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _begin(connection: sa.Connection) -> None:
    statement = connection.get_execution_options().get("sipadek_begin", "BEGIN")
    connection.exec_driver_sql(statement)
    if not raw(connection).in_transaction:
        raise UnsafeDatabase("SQLite did not start a transaction.")
