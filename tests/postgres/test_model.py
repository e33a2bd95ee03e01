"""All operations against the model of the numbers on SQLite, in any order, with broken transactions:
on a server, and in the transactions of a host."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import psycopg
import pytest
from hypothesis import settings
from numbers_desk import Plant, Planted
from postgres_office import PostgresOffice, PostgresRegister
from sql_office import ORIGIN
from test_numbers_model import NumbersMachine

from sipadek.archive import Letter
from sipadek.errors import DamagedRegister, StorageFailed
from sipadek.postgres import bind, outbox
from sipadek.postgres.handle import Handle
from sipadek.sql import LogHead

FAULTS: dict[str, type[Exception]] = {
    "error before the log": Planted,
    "error after the log": Planted,
    "statement refused": DamagedRegister,
    "interrupted": StorageFailed,
}
READING = {"accounts", "counters", "series", "verify_history"}


class Register(PostgresRegister):
    def head(self) -> LogHead:
        """The head of all that happened: it is sealed first."""
        while self._transactions.write(self._sealer.seal):
            pass
        return super().head()

    def check_index(self) -> list[Any]:
        return []


class Desk(PostgresOffice):
    dsn_of_run: ClassVar[str]
    files = False
    faults = FAULTS

    def __init__(self, folder: Path) -> None:
        super().__init__(self.dsn_of_run)
        self.path = folder
        self.go_on(folder)

    def killed(self) -> Path:
        return self.path

    def go_on(self, path: Path) -> None:
        """Open it as a new process would; the old one's connections are never closed in order."""
        self.register.close()
        self.register = Register.open(self.dsn, key=self.key, origin=ORIGIN, schema=self.schema)

    @contextlib.contextmanager
    def planted(self, fault: str | None) -> Iterator[Plant]:
        plant = Plant(fault or "")
        if fault is None:
            yield plant
            return
        leave = outbox.leave

        def left(handle: Handle, events: Any) -> None:
            plant.hit = True
            if fault == "error before the log":
                raise Planted
            leave(handle, events)
            match fault:
                case "statement refused":
                    handle.run("INSERT INTO sipadek.meta SELECT * FROM sipadek.meta")
                case "interrupted":
                    handle.run("SET LOCAL statement_timeout = 1")
                    handle.run("SELECT pg_sleep(1)")
                case _:
                    raise Planted

        with mock.patch.object(outbox, "leave", left):
            yield plant


class HostDesk(Desk):
    """Every call is made in a transaction of the host together with work of its own."""

    faults = FAULTS | {"host rolls back": Planted}

    def __init__(self, folder: Path) -> None:
        self.fault: str | None = None
        super().__init__(folder)
        self.real = self.register
        self.register = self  # type: ignore[assignment]
        self.work = 0
        self.sql("CREATE TABLE sipadek.work (done text NOT NULL)")
        self.connection = psycopg.connect(self.dsn)

    def close(self) -> None:
        assert self.sql("SELECT count(*) FROM sipadek.work") == [(self.work,)]
        self.connection.close()
        self.register = self.real
        super().close()

    def go_on(self, path: Path) -> None:
        if self.register is not self:
            super().go_on(path)

    @contextlib.contextmanager
    def planted(self, fault: str | None) -> Iterator[Plant]:
        self.fault = fault
        with super().planted(None if fault == "host rolls back" else fault) as plant:
            self.plant = plant
            yield plant
        self.fault = None

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._call, name)

    def head(self) -> LogHead:
        return self.real.head()

    def letters(self) -> list[Letter]:
        return list(self.real.letters())

    def check_index(self) -> list[Any]:
        return []

    def _call(self, name: str, *given: Any, **more: Any) -> Any:
        rolls_back = name in READING or self.fault == "host rolls back"
        schema = self.schema
        try:
            self.connection.execute(f"INSERT INTO {schema}.work VALUES ('a letter')")  # type: ignore[arg-type]
            numbers = bind(self.connection, key=self.key, origin=ORIGIN, schema=schema)
            outcome = getattr(numbers, name)(*given, **more)
            if isinstance(outcome, Iterator):
                outcome = list(outcome)
            if self.fault == "host rolls back":
                self.plant.hit = True
                raise Planted
        finally:
            if rolls_back:
                self.connection.rollback()
            else:
                self.connection.commit()
                self.work += 1
        return outcome


class PostgresMachine(NumbersMachine):
    desks = Desk  # type: ignore[assignment]


class HostMachine(NumbersMachine):
    desks = HostDesk  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _server(dsn: str) -> None:
    Desk.dsn_of_run = dsn


pytestmark = pytest.mark.no_cover  # other tests run every line; here it would only cost time
TestPostgresModel = PostgresMachine.TestCase
TestPostgresModel.settings = settings(max_examples=12, stateful_step_count=30, derandomize=True)
TestHostModel = HostMachine.TestCase
TestHostModel.settings = TestPostgresModel.settings
