"""Numbers inside a host's own transaction, in the host's own PostgreSQL database.

The letter's row of a city app and the number then come into being together, or not at all. Nothing
here commits, rolls back the host's work, or changes a setting of the host's connection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from sipadek.errors import InvalidInput, StorageFailed, UnsafeDatabase
from sipadek.ledger import CheckpointKey
from sipadek.postgres import faults, schema
from sipadek.postgres.handle import Handle
from sipadek.postgres.numbers import Numbers
from sipadek.postgres.opening import check_tables
from sipadek.postgres.place import TRIES, Result, check_settings, name_of
from sipadek.postgres.sealing import Sealer
from sipadek.sql.hosts import sqlalchemy_connection

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

Host: TypeAlias = "sa.Connection | Session | psycopg.Connection[Any]"
"""What a host's transaction runs on. Django's is ``django.db.connection.connection``."""

_LOCK: Final = "LOCK TABLE sipadek.entry, sipadek.outbox, sipadek.series IN SHARE MODE"


class Bound:
    """A host's transaction as the place where numbers are kept."""

    def __init__(self, host: Host, schema: str) -> None:
        self._host = host
        self._schema = schema
        connection = self._connection()
        with self._errors(connection):
            check_settings(connection, schema)

    def write(self, work: Callable[[Handle], Result]) -> Result:
        """A savepoint in the host's transaction: an operation that raises leaves nothing behind."""
        connection = self._connection()
        for left in range(TRIES - 1, -1, -1):
            with self._errors(connection):
                try:
                    with self._savepoint(connection) as handle:
                        return work(handle)
                except (psycopg.Error, faults.Changed) as error:
                    # A deadlock is the host's to solve: it must let go of its own locks.
                    if not faults.lost_race(error) or not left:
                        raise
        raise AssertionError

    def single(self, statement: str, values: Sequence[Any]) -> TupleRow | None:
        """The first row of one statement."""
        return self.write(lambda handle: handle.run(statement, values).fetchone())

    @contextlib.contextmanager
    def read(self) -> Iterator[Handle]:
        """The host's transaction, in a savepoint, so that a query that fails does not end it."""
        connection = self._connection()
        with self._errors(connection), self._savepoint(connection) as handle:
            yield handle

    @contextlib.contextmanager
    def still(self) -> Iterator[Handle]:
        """The same, with the tables locked against whoever writes until the host's transaction ends,
        since each query of it sees what others committed meanwhile."""
        with self.read() as handle:
            handle.run(_LOCK)
            yield handle

    @contextlib.contextmanager
    def _savepoint(self, connection: psycopg.Connection[Any]) -> Iterator[Handle]:
        handle = Handle(connection, self._schema)
        handle.run("SAVEPOINT sipadek")
        try:
            yield handle
        except BaseException:
            if not connection.closed:
                handle.run("ROLLBACK TO SAVEPOINT sipadek")
                handle.run("RELEASE SAVEPOINT sipadek")
            raise
        handle.run("RELEASE SAVEPOINT sipadek")

    @contextlib.contextmanager
    def _errors(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise faults.told(error, name_of(connection)) from error
        except faults.Changed as error:
            raise StorageFailed("Others keep changing the same number. Repeat the call.") from error

    def _connection(self) -> psycopg.Connection[Any]:
        connection = _driver(self._host)
        if connection.closed:
            raise StorageFailed("The host's connection is closed.")
        match connection.info.transaction_status:
            case TransactionStatus.INTRANS:
                return connection
            case TransactionStatus.IDLE if not connection.autocommit:
                # The driver begins with the first statement; the host ends it.
                with self._errors(connection):
                    connection.execute("SELECT 1")
                return connection
            case TransactionStatus.INERROR:
                raise StorageFailed(
                    "A statement of the host's transaction failed: it can only be rolled back."
                )
        raise UnsafeDatabase(
            "The host's connection has no open transaction, or commits each statement by itself: a "
            "number would stay when the host's work is rolled back. Begin a transaction first."
        )


def bind(host: Host, *, key: CheckpointKey, origin: str, schema: str = schema.DEFAULT) -> Numbers:
    """The numbers in the host's database, for as long as its present transaction lasts: bind anew in
    the next one. The host commits, and must close its transaction soon: others who want a number of
    the same counter wait for it. Sealing is not done here (``PostgresNumbers.seal``).

    ``verify_history`` locks out whoever gives numbers until the host's transaction ends.

    Raises:
        InvalidInput: the connection is none of psycopg.
        NotFound: the tables were not installed.
        NotAnOffice: the tables are those of another origin, or of another version of this library.
        UnsafeDatabase: no transaction is open, its isolation is not READ COMMITTED, or the server's
            settings could lose an acknowledged number.
    """
    bound = Bound(host, schema)
    with bound.read() as handle:
        check_tables(handle, origin)
    return Numbers(bound, Sealer(key=key, origin=origin))


def _driver(host: Host) -> psycopg.Connection[Any]:
    theirs = sqlalchemy_connection(host)
    if theirs is not None and not theirs.in_transaction():
        raise UnsafeDatabase("The host's connection has no open transaction. Begin one first.")
    driver = host if theirs is None else theirs.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise InvalidInput(
            f"Expected a connection of psycopg to PostgreSQL, got {type(driver).__name__}.",
            connection=type(driver).__name__,
        )
    return driver
