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
from typing import Final

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.errors import NotAnOffice, OfficeError, StorageFailed, UnsafeDatabase
from sipadek.sql import forks, migrating, network, schema
from sipadek.sql.faults import database_errors
from sipadek.sql.queue import WriteQueue

_BUSY_SECONDS: Final = 10.0  # For programs outside the queue, such as the sqlite3 shell.
_MAX_IDLE: Final = 8
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
        self._idle: list[sqlite3.Connection] = []
        self._in_use: set[sqlite3.Connection] = set()
        self._closed = False
        self._sound = False
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
    def write(self) -> Iterator[sqlite3.Connection]:
        """A write transaction, alone on this machine: committed at the end, or rolled back.

        Raises:
            OfficeError: a write inside a write, or after ``close``.
            StorageFailed: the disk refused it; nothing is acknowledged.
            DamagedRegister: the file is corrupt or contradicts itself.
            UnsafeDatabase: this process is the fork of one that was using the database.
        """
        forks.refuse(self.path)  # Before queueing: the parent may be the one that holds the lock.
        with self.queue.hold(), self._use(writing=True) as connection:
            yield connection
            # SQLite rolls back by itself after some disk errors; what followed was in autocommit.
            if not connection.in_transaction:
                raise StorageFailed(f"The write to {self.path} was rolled back by SQLite.")
            connection.commit()

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A read transaction: all its queries see the same state, and it waits for no writer.

        Keep it short: while it lasts the write-ahead log cannot be folded back.
        Raises like ``write``.
        """
        with self._use(writing=False) as connection:
            yield connection

    @contextlib.contextmanager
    def _use(self, *, writing: bool) -> Iterator[sqlite3.Connection]:
        if self._closed:
            raise OfficeError(f"The register {self.path} was closed. Open the office again.")
        process = os.getpid()
        with database_errors(self.path):
            connection = self._take()
            try:
                if writing and not self._sound:
                    _make_durable(connection, self.path)
                    self._sound = True  # As long as this connection, or a later one, stays open.
                connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
                yield connection
            finally:
                if os.getpid() != process:
                    raise UnsafeDatabase(
                        "The process was forked inside a transaction of the register; "
                        "the child must not go on with it."
                    )
                self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._gate:  # Closed while the process forks.
            forks.refuse(self.path)
            connection = self._idle.pop() if self._idle else connect(self.path)
            self._in_use.add(connection)
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        """What is not committed by now is rolled back."""
        fit = False
        try:
            connection.rollback()
            fit = True
        finally:
            with self._gate:
                self._in_use.discard(connection)
                fit = fit and not self._closed and len(self._idle) < _MAX_IDLE
                if fit:
                    self._idle.append(connection)
            if not fit:
                connection.close()

    def scour(self) -> None:
        """Write the file anew without what was deleted from it, and fold the write-ahead log back:
        SQLite only marks deleted rows as free. It takes as long as the file is large, and as much room.

        Raises like ``write``.
        """
        if self._closed:
            raise OfficeError(f"The register {self.path} was closed. Open the office again.")
        forks.refuse(self.path)
        with self.queue.hold(), database_errors(self.path):
            connection = self._take()
            try:
                connection.execute("VACUUM")
                _make_durable(connection, self.path)
            finally:
                self._give_back(connection)

    # --- opening and closing --------------------------------------------------------------------

    def close(self) -> None:
        """Close idle connections; the last one of all folds the write-ahead log back.

        Harmless when repeated. Uses that are running in other threads finish first on their own.
        """
        self._closed = True
        with contextlib.nullcontext() if self.queue.mine else self.queue.hold(), self._gate:
            self._close_idle()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _upgrade(self) -> None:
        """Bring an older version's file to this one, with a copy kept, alone under the queue."""
        with (
            database_errors(self.path),
            self.queue.hold(),
            contextlib.closing(connect(self.path)) as connection,
        ):
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

    def _prepare(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        tables = {name for (name,) in found}
        if not tables:
            for statement in schema.statements():
                connection.execute(statement)
            connection.execute(
                "INSERT INTO sipadek_meta (name, value) VALUES ('schema_version', ?)",
                (schema.VERSION,),
            )
        missing = {*schema.TABLES} - tables if tables else set()
        version = None if missing else migrating.version(connection)
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
                self._close_idle()
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
            forks.abandon(*self._idle, *self._in_use)
            self._idle, self._in_use = [], set()
            self._sound = False
            self.queue.forget()
        self._gate.release()


def connect(path: Path) -> sqlite3.Connection:
    """A connection of its own, configured; statements begin no transaction by themselves.

    Raises what ``configure`` raises.
    """
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        configure(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


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
