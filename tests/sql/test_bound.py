"""Numbers inside a host's transaction: they come and go with the host's own work."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sql_office import NOW, ORIGIN
from sqlalchemy.orm import Session

from sipadek.archive import Letter, LetterDetails, ReservationRequest
from sipadek.errors import (
    InvalidInput,
    NotAnOffice,
    NotFound,
    SipadekError,
    StorageFailed,
    UnsafeDatabase,
)
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.sql import Numbers, bind, install

KEY = CheckpointKey.generate(ORIGIN)
SERIES = Series(code="agenda", pattern="{nomor}/{tahun}")


def request(key: str, series: str = "agenda") -> ReservationRequest:
    details = LetterDetails(series=series, subject="Undangan", date=datetime.date(2026, 11, 3))
    return ReservationRequest(key=key, details=details)


def reserve(numbers: Numbers, key: str) -> Letter:
    (outcome,) = numbers.reserve([request(key)], at=NOW)
    if isinstance(outcome, SipadekError):
        raise outcome
    return outcome


def bound(host: sa.Connection | Session | sqlite3.Connection) -> Numbers:
    return bind(host, key=KEY, origin=ORIGIN)


def settings(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = full")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = sa.create_engine(f"sqlite:///{tmp_path / 'kota.sqlite'}")
    sa.event.listen(made, "connect", lambda connection, _: settings(connection))
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE surat (nomor TEXT NOT NULL)")
        numbers = install(connection, key=KEY, origin=ORIGIN)
        numbers.define_series(SERIES, at=NOW)
    yield made
    made.dispose()


def letters_of(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT nomor FROM surat").scalars())


def test_the_number_and_the_letter_are_kept_together(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        letter = reserve(bound(connection), "a")
        connection.exec_driver_sql("INSERT INTO surat VALUES (?)", (letter.number,))
    assert letters_of(engine) == ["1/2026"]
    with engine.begin() as connection:
        assert bound(connection).get("1/2026") == letter
        assert list(bound(connection).verify_history()) == []


def test_installing_again_brings_earlier_tables_up_to_date(engine: sa.Engine) -> None:
    """As before there were words of sender and recipient, and pages to be recognised."""
    with engine.begin() as connection:
        for statement in (
            "DROP TABLE sipadek_recognition",
            "DROP TABLE sipadek_letter_index",
            "CREATE VIRTUAL TABLE sipadek_letter_index USING fts5(number_exact, number_stem,"
            " subject_exact, subject_stem, body_exact, body_stem, content='', tokenize='ascii')",
        ):
            connection.exec_driver_sql(statement)
    with engine.begin() as connection:
        (letter,) = install(connection, key=KEY, origin=ORIGIN).give([request("a")], at=NOW)
        assert not isinstance(letter, SipadekError)
        assert letter.number == "1/2026"
        assert list(bound(connection).verify_history()) == []


def test_they_go_together_too(engine: sa.Engine) -> None:
    with engine.connect() as connection, connection.begin() as work:
        letter = reserve(bound(connection), "a")
        connection.exec_driver_sql("INSERT INTO surat VALUES (?)", (letter.number,))
        work.rollback()
    assert letters_of(engine) == []
    with engine.begin() as connection:
        numbers = bound(connection)
        with pytest.raises(NotFound):
            numbers.get("1/2026")
        assert reserve(numbers, "b").number == "1/2026"
        assert list(numbers.verify_history()) == []


def test_an_operation_that_fails_leaves_the_host_its_work(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        numbers = bound(connection)
        connection.exec_driver_sql("INSERT INTO surat VALUES ('tanpa nomor')")
        with pytest.raises(NotFound):
            numbers.reserve_paper([request("a"), request("b", "none")], at=NOW)
        assert reserve(numbers, "d").number == "1/2026"
    assert letters_of(engine) == ["tanpa nomor"]


def test_a_session_is_taken_too(engine: sa.Engine) -> None:
    with Session(engine) as session, session.begin():
        assert reserve(bound(session), "a").number == "1/2026"
    with Session(engine) as session:
        reserve(bound(session), "b")
        session.rollback()
        assert reserve(bound(session), "c").number == "2/2026"


def test_a_connection_in_autocommit_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    with (
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(UnsafeDatabase, match="transaction"),
    ):
        bound(connection)
    with engine.connect() as connection, pytest.raises(UnsafeDatabase, match="transaction"):
        bound(connection)
    plain = sqlite3.connect(tmp_path / "kota.sqlite", isolation_level=None)
    with contextlib.closing(plain):
        settings(plain)
        with pytest.raises(UnsafeDatabase, match="transaction"):
            bound(plain)


def test_a_plain_connection_is_taken_inside_its_transaction(
    engine: sa.Engine, tmp_path: Path
) -> None:
    plain = sqlite3.connect(tmp_path / "kota.sqlite", isolation_level=None)
    with contextlib.closing(plain):
        settings(plain)
        plain.execute("BEGIN IMMEDIATE")
        numbers = bound(plain)
        assert reserve(numbers, "a").number == "1/2026"
        plain.execute("ROLLBACK")
        with pytest.raises(UnsafeDatabase):
            numbers.get("1/2026")


@pytest.mark.parametrize(
    ("mode", "synchronous", "safe"),
    [("wal", "full", True), ("wal", "normal", False), ("delete", "full", False),
     ("delete", "extra", True), ("memory", "extra", False), ("off", "extra", False)],
)  # fmt: skip
def test_settings_that_lose_numbers_are_refused(
    tmp_path: Path, mode: str, synchronous: str, safe: bool
) -> None:
    plain = sqlite3.connect(tmp_path / "kota.sqlite", isolation_level=None)
    with contextlib.closing(plain):
        plain.execute(f"PRAGMA journal_mode = {mode}")
        plain.execute(f"PRAGMA synchronous = {synchronous}")
        plain.execute("BEGIN IMMEDIATE")
        with contextlib.nullcontext() if safe else pytest.raises(UnsafeDatabase):
            install(plain, key=KEY, origin=ORIGIN)


def test_a_host_may_test_in_memory() -> None:
    plain = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.closing(plain):
        plain.execute("BEGIN")
        numbers = install(plain, key=KEY, origin=ORIGIN, durable=False)
        numbers.define_series(SERIES, at=NOW)
        assert reserve(numbers, "a").number == "1/2026"


def test_tables_of_others_are_refused(engine: sa.Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        with pytest.raises(NotAnOffice):
            bind(connection, key=KEY, origin="kota.lain")
        install(connection, key=KEY, origin=ORIGIN)  # again, and nothing is lost
        assert [series.code for series in bound(connection).all_series()] == ["agenda"]
    empty = sa.create_engine(f"sqlite:///{tmp_path / 'kosong.sqlite'}")
    sa.event.listen(empty, "connect", lambda connection, _: settings(connection))
    with empty.begin() as connection, pytest.raises(NotFound, match="Install"):
        bound(connection)
    empty.dispose()
    with pytest.raises(InvalidInput):
        bind("kota.sqlite", key=KEY, origin=ORIGIN)  # type: ignore[arg-type]


def test_triggers_of_the_host_are_its_own_affair(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TRIGGER lain AFTER INSERT ON surat BEGIN SELECT 1; END")
        reserve(bound(connection), "a")
        assert list(bound(connection).verify_history()) == []
        connection.exec_driver_sql(
            "CREATE TRIGGER bad AFTER INSERT ON sipadek_entry BEGIN SELECT 1; END"
        )
        assert [finding.code for finding in bound(connection).verify_history()] == [
            "schema-altered"
        ]


def test_two_hosts_wait_for_each_other(engine: sa.Engine, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "kota.sqlite", isolation_level=None, timeout=0.05)
    with contextlib.closing(other), engine.begin() as connection:
        settings(other)
        reserve(bound(connection), "a")
        other.execute("BEGIN")
        with pytest.raises(StorageFailed, match="locked"):
            reserve(bound(other), "b")
