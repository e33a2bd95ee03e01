"""Where the numbers are kept: a PostgreSQL server, reached over connections of this library's own."""

from __future__ import annotations

import contextlib
import datetime
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from sipadek.errors import InvalidInput, StorageFailed, UnsafeDatabase
from sipadek.postgres import faults
from sipadek.postgres.handle import Handle

Result = TypeVar("Result")
Connect = Callable[[], psycopg.Connection[Any]]
"""Makes a new connection with every call."""

TRIES: Final = 20
"""How often a transaction that lost a race or was broken off for others is begun."""

LOCK_TIMEOUT: Final = datetime.timedelta(seconds=10)
_CONNECT_TIMEOUT: Final = 10  # Seconds, where the connection string says nothing.
_MAX_IDLE: Final = 32
_MIN_SERVER: Final = 140000
_DURABLE: Final = {"on", "remote_apply", "remote_write"}
_SETTINGS: Final = (
    "SELECT current_setting('server_version_num')::int, current_setting('synchronous_commit'),"
    " current_setting('fsync'), current_setting('full_page_writes'), pg_is_in_recovery(),"
    " current_setting('server_encoding'), current_setting('client_encoding'),"
    " current_setting('transaction_isolation'), current_setting('transaction_read_only')"
)
_PREPARE: Final = (
    "SELECT set_config('lock_timeout', %s, false), set_config('client_encoding', 'UTF8', false),"
    " set_config('default_transaction_isolation', 'read committed', false),"
    " set_config('default_transaction_read_only', 'off', false)"
)


class Transactions(Protocol):
    """Where the numbers are kept. All raise leaves of SipadekError."""

    def write(self, work: Callable[[Handle], Result]) -> Result:
        """Do the work in a transaction; where it lost a race, again in a new one."""

    def single(self, statement: str, values: Sequence[Any]) -> TupleRow | None:
        """The first row of one statement that is a transaction by itself."""

    def read(self) -> contextlib.AbstractContextManager[Handle]:
        """A transaction to read in."""

    def still(self) -> contextlib.AbstractContextManager[Handle]:
        """A transaction whose queries all see the same state."""


def check_settings(connection: psycopg.Connection[Any], schema: str) -> None:
    """Refuse a server or session that could lose or double a number.

    Raises:
        UnsafeDatabase: it is older than 14, a standby, reads only, does not wait for the disk, is not
            in UTF-8, or isolates transactions otherwise than READ COMMITTED.
    """
    row = Handle(connection, schema).run(_SETTINGS).fetchone()
    assert row is not None
    version, synchronous, fsync, pages, standby, encoding, client, isolation, read_only = row
    wrong = []
    if version < _MIN_SERVER:
        wrong.append(f"its version is {version // 10000}, at least 14 is needed")
    if synchronous not in _DURABLE:
        wrong.append(f"synchronous_commit is {synchronous}, it must be on")
    if fsync != "on":
        wrong.append("fsync is off")
    if pages != "on":
        wrong.append("full_page_writes is off")
    if standby:
        wrong.append("it is in recovery: a standby, or not yet started up")
    elif read_only != "off":
        wrong.append("its transactions only read")
    if (encoding, client) != ("UTF8", "UTF8"):
        wrong.append(f"its encoding is {encoding}, the client's {client}; both must be UTF8")
    if isolation != "read committed":
        wrong.append(f"the isolation level is {isolation}, it must be read committed")
    if wrong:
        raise UnsafeDatabase(
            f"PostgreSQL in {name_of(connection)} cannot keep numbers safely: {'; '.join(wrong)}.",
            wrong=wrong,
        )


def name_of(connection: psycopg.Connection[Any]) -> str:
    """The database and its host, for messages."""
    info = connection.pgconn
    try:
        return f"{info.db.decode()!r} at {info.host.decode() or 'localhost'}"
    except psycopg.Error:  # It is closed.
        return "PostgreSQL"


def connector(dsn: str | Connect) -> Connect:
    """What makes connections: itself, or from a connection string.

    Raises:
        InvalidInput: the string cannot be read (it is not shown: it may hold a password).
    """
    if not isinstance(dsn, str):
        return dsn
    try:
        given = conninfo_to_dict(dsn)
    except psycopg.Error:
        raise InvalidInput(
            "The connection string of PostgreSQL cannot be read; write it as "
            "postgresql://user@host/database."
        ) from None
    wait = {} if "connect_timeout" in given else {"connect_timeout": _CONNECT_TIMEOUT}
    conninfo = make_conninfo(dsn, **wait)
    return lambda: psycopg.connect(conninfo)


class Server:
    """Connections to a server, kept open for the next call. Safe to share between threads; the fork
    of a process makes its own connections."""

    def __init__(self, connect: Connect, *, schema: str, lock_timeout: datetime.timedelta) -> None:
        milliseconds = lock_timeout // datetime.timedelta(milliseconds=1)
        if not 1 <= milliseconds < 2**31:
            raise InvalidInput(
                f"lock_timeout is {lock_timeout}; give a positive time.", field="lock_timeout"
            )
        self.schema = schema
        self._connect = connect
        self._timeout = f"{milliseconds}ms"
        self._gate = threading.Lock()
        self._idle: list[psycopg.Connection[Any]] = []
        self._abandoned: list[psycopg.Connection[Any]] = []  # Of a parent: never closed here.
        self._process = os.getpid()
        self._closed = False
        self._name = "PostgreSQL"

    def __repr__(self) -> str:
        return f"Server({self._name})"

    def close(self) -> None:
        """Close the connections that are not in use; those in use are closed after it."""
        with self._gate:
            self._closed = True
            idle, self._idle = self._idle, []
        if os.getpid() == self._process:
            for connection in idle:
                connection.close()

    def write(self, work: Callable[[Handle], Result]) -> Result:
        """Do the work in a transaction, again where it lost a race.

        Raises:
            StorageFailed: it lost too many, waited too long for a lock, or the connection broke; where
                it broke at the end, the outcome is unknown, and the message says so.
            DamagedRegister, NotFound: as ``faults.told`` says.
        """

        def attempt(connection: psycopg.Connection[Any]) -> Result:
            handle = Handle(connection, self.schema)
            handle.run("BEGIN")
            result = work(handle)
            self._keep(handle)
            return result

        return self._repeated(attempt)

    def single(self, statement: str, values: Sequence[Any]) -> TupleRow | None:
        """The first row of a statement that is a transaction by itself: one round trip."""

        def attempt(connection: psycopg.Connection[Any]) -> TupleRow | None:
            try:
                return Handle(connection, self.schema).run(statement, values).fetchone()
            except psycopg.Error as error:
                if faults.cut_off(error):  # With the statement came its commit.
                    raise faults.unknown(self._name) from error
                raise

        return self._repeated(attempt)

    @contextlib.contextmanager
    def read(self) -> Iterator[Handle]:
        """A transaction whose queries all see the same state."""
        with self._lent() as connection:
            handle = Handle(connection, self.schema)
            try:
                handle.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield handle
                handle.run("COMMIT")
            except psycopg.Error as error:
                raise faults.told(error, self._name) from error

    still = read

    def _keep(self, handle: Handle) -> None:
        try:
            handle.run("COMMIT")
        except psycopg.Error as error:
            if faults.cut_off(error):
                raise faults.unknown(self._name) from error
            raise

    def _repeated(self, attempt: Callable[[psycopg.Connection[Any]], Result]) -> Result:
        left = TRIES
        while True:
            left -= 1
            with self._lent() as connection:
                try:
                    return attempt(connection)
                except psycopg.Error as error:
                    # A connection that broke before the commit took its transaction with it.
                    again = faults.lost_race(error) or faults.passes(error) or faults.cut_off(error)
                    if not again or not left:
                        raise faults.told(error, self._name) from error
                except faults.Changed as error:
                    if not left:
                        raise StorageFailed(
                            f"Others keep changing the same number in {self._name}. Repeat the call."
                        ) from error
            time.sleep(random.uniform(0, 0.002) * (TRIES - left))  # noqa: S311

    @contextlib.contextmanager
    def _lent(self) -> Iterator[psycopg.Connection[Any]]:
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _take(self) -> psycopg.Connection[Any]:
        with self._gate:
            if os.getpid() != self._process:
                self._abandoned += self._idle
                self._idle = []
                self._process = os.getpid()
            if self._closed:
                raise StorageFailed("The numbers were closed. Open them again.")
            while self._idle:
                connection = self._idle.pop()
                if _alive(connection):
                    return connection
        return self._new()

    def _new(self) -> psycopg.Connection[Any]:
        try:
            connection = self._connect()
        except psycopg.Error as error:
            # The message of libpq may quote the connection string, and so may the error's frames.
            raise StorageFailed(
                f"No connection to PostgreSQL could be made ({type(error).__name__}). Check that the "
                "server runs, and the user, password and database of the connection string.",
            ) from None
        try:
            connection.autocommit = True
            Handle(connection, self.schema).run(_PREPARE, (self._timeout,))
            check_settings(connection, self.schema)
        except psycopg.Error as error:
            connection.close()
            raise faults.told(error, name_of(connection)) from error
        except BaseException:
            connection.close()
            raise
        self._name = name_of(connection)
        return connection

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            with contextlib.suppress(psycopg.Error):
                connection.execute("ROLLBACK")
        fit = connection.pgconn.transaction_status == TransactionStatus.IDLE
        with self._gate:
            if fit and not self._closed and len(self._idle) < _MAX_IDLE:
                self._idle.append(connection)
                return
            if not fit:
                # Where one was cut off, the others were too, or will be found alive again.
                self._idle = [one for one in self._idle if _alive(one)]
        connection.close()


def _alive(connection: psycopg.Connection[Any]) -> bool:
    with contextlib.suppress(psycopg.Error):
        connection.pgconn.consume_input()  # Does not wait; tells if the server has hung up.
    if connection.closed:
        connection.close()
        return False
    return True
