"""Numbers inside a host's transaction: they come and go with the host's own work."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from postgres_office import PostgresOffice, check_gapless, reserve
from psycopg.rows import dict_row
from sql_office import NOW, ORIGIN
from sqlalchemy.orm import Session
from test_numbers import AGENDA, DECREE, HOUR, ask

from sipadek.errors import (
    InvalidInput,
    NotAnOffice,
    NotFound,
    NumberVoid,
    StorageFailed,
    UnsafeDatabase,
)
from sipadek.postgres import Numbers, bind


class City(PostgresOffice):
    """A host with a table of its own in the same schema."""

    def bound(self, host: Any, **more: Any) -> Numbers:
        return bind(host, key=self.key, origin=ORIGIN, **{"schema": self.schema, **more})

    def connect(self, **more: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(self.dsn, **more)

    def keep(self, connection: psycopg.Connection[Any], number: str) -> None:
        connection.execute(f"INSERT INTO {self.schema}.surat VALUES (%s)", (number,))  # type: ignore[arg-type]

    def kept(self) -> list[str]:
        return [number for (number,) in self.sql("SELECT nomor FROM sipadek.surat ORDER BY 1")]


@pytest.fixture
def city(dsn: str) -> Iterator[City]:
    with contextlib.closing(City(dsn)) as made:
        made.define(AGENDA, DECREE)
        made.sql("CREATE TABLE sipadek.surat (nomor text NOT NULL)")
        yield made


@pytest.fixture
def engine(city: City) -> Iterator[sa.Engine]:
    made = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(city.dsn))
    yield made
    made.dispose()


def test_the_number_and_the_letter_are_kept_together(city: City) -> None:
    with city.connect() as connection:
        (letter,) = reserve(city.bound(connection), ask("a"))
        city.keep(connection, letter.number)
        assert city.kept() == []
    assert city.kept() == ["1/A/2026"]
    assert city.register.get("1/A/2026") == letter
    check_gapless(city)


def test_they_go_together_too(city: City) -> None:
    with city.connect() as connection:
        numbers = city.bound(connection)
        many = [ask(f"k{n}") for n in range(12)]
        city.keep(connection, reserve(numbers, ask("a"), *many)[0].number)
        numbers.close_period("keputusan", "2026", reason="r", actor="S", at=NOW)
        connection.rollback()
    assert city.kept() == []
    assert city.register.counters() == ()
    assert reserve(city.register, ask("b"))[0].number == "1/A/2026"
    check_gapless(city)


def test_an_operation_that_fails_leaves_the_host_its_work(city: City) -> None:
    with city.connect() as connection:
        numbers = city.bound(connection)
        city.keep(connection, "tanpa nomor")
        with pytest.raises(NotFound):
            numbers.reserve_paper([ask("a"), ask("b", series="none")], at=NOW)
        with pytest.raises(NotFound):
            numbers.get("none")
        assert reserve(numbers, ask("d"))[0].number == "1/A/2026"
        assert list(numbers.verify_history()) == []
    assert city.kept() == ["tanpa nomor"]
    check_gapless(city)


def test_sqlalchemy(city: City, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        assert reserve(city.bound(connection), ask("a"))[0].number == "1/A/2026"
    with engine.connect() as connection, connection.begin() as work:
        reserve(city.bound(connection), ask("b"))
        work.rollback()
    with Session(engine) as session, session.begin():
        assert reserve(city.bound(session), ask("c"))[0].number == "2/A/2026"
        with session.begin_nested() as savepoint:
            reserve(city.bound(session), ask("d"))
            savepoint.rollback()
        assert reserve(city.bound(session), ask("e"))[0].number == "3/A/2026"
    check_gapless(city)


def test_what_commits_by_itself_is_refused(city: City, engine: sa.Engine) -> None:
    with (
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(UnsafeDatabase, match="transaction"),
    ):
        city.bound(connection)
    with engine.connect() as connection, pytest.raises(UnsafeDatabase, match="transaction"):
        city.bound(connection)
    with city.connect(autocommit=True) as plain:
        with pytest.raises(UnsafeDatabase, match="transaction"):
            city.bound(plain)
        with plain.transaction():
            numbers = city.bound(plain)
            assert reserve(numbers, ask("a"))[0].number == "1/A/2026"
        with pytest.raises(UnsafeDatabase):
            numbers.reserve([ask("b")], at=NOW)


@pytest.mark.parametrize(
    "setting",
    [
        "TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "LOCAL synchronous_commit = off",
        "LOCAL synchronous_commit = local",
        "TRANSACTION READ ONLY",
        "LOCAL client_encoding = latin1",
    ],
)
def test_settings_that_lose_numbers_are_refused(city: City, setting: str) -> None:
    with city.connect() as connection:
        connection.execute(f"SET {setting}")  # type: ignore[arg-type]
        with pytest.raises(UnsafeDatabase):
            city.bound(connection)


def test_a_hosts_settings_make_no_difference(city: City) -> None:
    with city.connect(row_factory=dict_row) as connection:
        reserve(city.bound(connection), ask("a"), *(ask(f"k{n}") for n in range(12)))
        assert connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}
    check_gapless(city)


def test_a_transaction_that_failed_is_told(city: City) -> None:
    with city.connect() as connection:
        numbers = city.bound(connection)
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1/0")
        with pytest.raises(StorageFailed, match="rolled back"):
            numbers.reserve([ask("a")], at=NOW)
        connection.rollback()
        connection.close()
        with pytest.raises(StorageFailed):
            numbers.reserve([ask("a")], at=NOW)


def test_others_wait_for_the_host(city: City) -> None:
    answers: list[Any] = []
    with city.connect() as connection:
        (mine,) = reserve(city.bound(connection), ask("same"))
        waiting = [
            threading.Thread(
                target=lambda key=key: answers.append(reserve(city.register, ask(key)))
            )
            for key in ("same", "other")
        ]
        for thread in waiting:
            thread.start()
        waiting[0].join(0.2)
        assert answers == []
        assert city.register.find_keys(["same"]) == {}
    for thread in waiting:
        thread.join(10)
    assert sorted(one.sequence for (one,) in answers) == [1, 2]
    assert [mine] in answers
    check_gapless(city)


def test_a_key_that_another_has_just_used(city: City) -> None:
    """The savepoint is rolled back, and the number found: the host's work stays."""
    with city.connect() as first, city.connect() as second:
        (mine,) = reserve(city.bound(first), ask("same"))
        found: list[Any] = []

        def work() -> None:
            city.keep(second, "kerja")
            found.append(reserve(city.bound(second), ask("same")))
            second.commit()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(0.2)
        first.commit()
        thread.join(10)
    assert found == [[mine]]
    assert city.kept() == ["kerja"]
    check_gapless(city)


def test_tables_of_others_are_refused(city: City) -> None:
    with city.connect() as connection:
        with pytest.raises(NotAnOffice):
            bind(connection, key=city.key, origin="kota.lain", schema=city.schema)
        with pytest.raises(NotFound, match="Install"):
            city.bound(connection, schema="tidak_ada")
    with pytest.raises(InvalidInput):
        city.bound(sqlite3.connect(":memory:"))
    with pytest.raises(InvalidInput):
        city.bound("dbname=postgres")


def test_an_audit_in_the_transaction_keeps_writers_out(city: City) -> None:
    reserve(city.register, ask("a"))
    with ThreadPoolExecutor(1) as pool, city.connect() as connection:
        findings = city.bound(connection).verify_history()
        first = next(findings, None)
        writing = pool.submit(reserve, city.register, ask("b"))
        with pytest.raises(TimeoutError):
            writing.result(0.3)
        assert first is None
        connection.commit()
        assert writing.result(20)[0].number == "2/A/2026"
    check_gapless(city)


def test_a_confirmation_waits_for_who_makes_the_number_void(city: City) -> None:
    (letter,) = reserve(city.register, ask("a", lease=HOUR))
    with ThreadPoolExecutor(1) as pool, city.connect() as connection:
        assert len(city.bound(connection).expire(at=NOW + HOUR)) == 1
        confirming = pool.submit(city.register.confirm, [letter.id], at=NOW)
        with pytest.raises(TimeoutError):
            confirming.result(0.3)
        connection.commit()
        with pytest.raises(NumberVoid):
            confirming.result(20)
    check_gapless(city)
