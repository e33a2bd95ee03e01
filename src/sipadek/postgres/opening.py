"""Numbers on a PostgreSQL server of the office's own: installed, opened, sealed."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from sipadek.errors import NotAnOffice, NotFound
from sipadek.ledger import CheckpointKey
from sipadek.postgres import loading
from sipadek.postgres import schema as tables
from sipadek.postgres.handle import Handle
from sipadek.postgres.numbers import Numbers
from sipadek.postgres.place import LOCK_TIMEOUT, Connect, Server, connector
from sipadek.postgres.sealing import MAX_SEALED, Sealer
from sipadek.sql.log import LogHead
from sipadek.sql.numbers import Clock

_INSTALLED: Final = "SELECT to_regclass(%s) IS NOT NULL"
# Two who install at once would both find nothing.
_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class PostgresNumbers(Numbers):
    """Numbers on a server, over connections of their own. Use it in a ``with`` statement, or
    ``close`` it. Safe to share between threads; many processes may have it open.

    ``dsn`` of ``open`` and ``install`` is a connection string, or what makes a ``psycopg.Connection``.
    """

    def __init__(self, server: Server, sealer: Sealer, *, clock: Clock | None = None) -> None:
        super().__init__(server, sealer, clock=clock)
        self._server = server

    @classmethod
    def install(
        cls,
        dsn: str | Connect,
        *,
        key: CheckpointKey,
        origin: str,
        schema: str = tables.DEFAULT,
        lock_timeout: datetime.timedelta = LOCK_TIMEOUT,
        clock: Clock | None = None,
    ) -> Self:
        """Make the tables in a schema of their own, where they are missing, and open them. ``key``
        signs the log, which is named ``origin``.

        Raises what ``open`` raises.
        """
        server = Server(connector(dsn), schema=tables.check_name(schema), lock_timeout=lock_timeout)
        sealer = Sealer(key=key, origin=origin)

        def work(handle: Handle) -> None:
            handle.run(_ALONE, (f"sipadek {schema}",))
            if _installed(handle):
                return
            handle.run(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            for statement in tables.statements():
                handle.run(statement)
            for name, value in (("schema_version", tables.VERSION), ("origin", origin)):
                handle.run("INSERT INTO sipadek.meta (name, value) VALUES (%s, %s)", (name, value))
            sealer.start(handle)

        try:
            server.write(work)
        finally:
            server.close()
        return cls.open(
            dsn, key=key, origin=origin, schema=schema, lock_timeout=lock_timeout, clock=clock
        )

    @classmethod
    def open(
        cls,
        dsn: str | Connect,
        *,
        key: CheckpointKey,
        origin: str,
        schema: str = tables.DEFAULT,
        lock_timeout: datetime.timedelta = LOCK_TIMEOUT,
        clock: Clock | None = None,
    ) -> Self:
        """Open tables that were installed. ``lock_timeout`` is the longest wait for others who hold a
        counter or a number.

        Raises:
            InvalidInput: the connection string, the schema's name or ``lock_timeout`` cannot be used.
            StorageFailed: no connection could be made.
            UnsafeDatabase: the server's settings could lose an acknowledged number.
            NotFound: the tables were not installed.
            NotAnOffice: they are those of another origin, or of another version of this library.
            DamagedRegister: the log's head was not signed by ``key``.
        """
        server = Server(connector(dsn), schema=tables.check_name(schema), lock_timeout=lock_timeout)
        with contextlib.ExitStack() as undo:
            undo.callback(server.close)
            made = cls(server, Sealer(key=key, origin=origin), clock=clock)
            with server.read() as handle:
                check_tables(handle, origin)
            made.head()
            undo.pop_all()
        return made

    def seal(self) -> LogHead:
        """Give all events that wait their places in the log, and sign its new head, which is returned.

        Call it often, from any process: what is not sealed yet is not proven. Those who call it at
        the same time wait for each other.

        Raises:
            DamagedRegister: this office's key did not sign the present head; nothing was sealed.
        """
        while self._transactions.write(self._sealer.seal) == MAX_SEALED:
            pass
        return self.head()

    def load(self, lines: Iterable[bytes]) -> None:
        """As `sipadek.sql.Numbers.load`, into tables that were just installed."""
        self._transactions.write(lambda handle: loading.load(handle, lines, self._sealer))

    def close(self) -> None:
        """Close the connections. Harmless when repeated."""
        self._server.close()

    def __repr__(self) -> str:
        return f"PostgresNumbers({self._sealer.origin!r}, {self._server!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def check_tables(handle: Handle, origin: str) -> None:
    """Refuse tables that are missing, or not of this origin and version.

    Raises:
        NotFound: the tables were not installed.
        NotAnOffice: they are of another origin or version.
    """
    if not _installed(handle):
        raise NotFound(
            f"The schema {handle.schema!r} has no tables of sipadek. Install them first.",
            schema=handle.schema,
        )
    found: dict[str, str] = dict(handle.run("SELECT name, value FROM sipadek.meta").fetchall())
    if found != {"schema_version": tables.VERSION, "origin": origin}:
        raise NotAnOffice(
            f"The tables in the schema {handle.schema!r} are of {found}, not of version "
            f"{tables.VERSION} and {origin!r}.",
            found=found,
        )


def _installed(handle: Handle) -> bool:
    row = handle.run(_INSTALLED, (f'"{handle.schema}".meta',)).fetchone()
    return row is not None and bool(row[0])
