"""Opening, sealing, and what an alteration behind the register's back comes to."""

from __future__ import annotations

import datetime

import psycopg
import pytest
from postgres_office import PostgresOffice, PostgresRegister, reserve
from sql_office import NOW, ORIGIN
from test_numbers import AGENDA, HOUR, NUMBER, ask, book

from sipadek.errors import (
    DamagedRegister,
    InvalidInput,
    NotAnOffice,
    NotFound,
    StorageFailed,
    UnsafeDatabase,
)
from sipadek.ledger import CheckpointKey, Event
from sipadek.postgres import PostgresNumbers, bind
from sipadek.postgres.sealing import MAX_SEALED


@pytest.fixture
def numbers(office: PostgresOffice) -> PostgresOffice:
    """Some of everything: half of it sealed, half of it waiting."""
    office.define(AGENDA)
    register = office.register
    lines = book((1, NUMBER), (2, NUMBER), counter="unit=B;2026")
    register.import_legacy("agenda", lines, source="buku", actor="T", at=NOW)
    register.close_period("agenda", "2025", reason="lama", actor="S", at=NOW)
    reserve(register, *(ask(f"k{n}") for n in range(10)))
    register.seal()
    reserve(register, *(ask(f"l{n}") for n in range(10)))
    (letter, other) = register.find_keys(["k1", "l1"]).values()
    register.confirm([letter.id, other.id], at=NOW + HOUR)
    register.void(other.id, reason="salah", at=NOW + HOUR)
    return office


def test_each_call_seals_all(office: PostgresOffice) -> None:
    office.define(AGENDA)
    count = 2 * MAX_SEALED + 7
    reserve(office.register, *(ask(f"k{n}") for n in range(count)))
    assert office.register.unsealed() == count + 1
    head = office.register.seal()
    assert (head.size, office.register.unsealed()) == (count + 1, 0)
    assert office.register.seal() == head
    assert list(office.register.verify_history(known=[head.checkpoint])) == []


def test_what_is_committed_late_is_sealed_late(office: PostgresOffice) -> None:
    office.define(AGENDA)
    with psycopg.connect(office.dsn) as late:
        numbers = bind(late, key=office.key, origin=ORIGIN, schema=office.schema)
        reserve(numbers, ask("late", unit="B"))
        reserve(office.register, ask("a"))
        head = office.register.seal()
        assert (head.size, office.register.unsealed()) == (2, 0)
    assert office.register.unsealed() == 1
    assert office.register.seal().size == 3
    assert list(office.register.verify_history(known=[head.checkpoint])) == []


def test_events_of_a_letter_are_sealed_as_they_happened(numbers: PostgresOffice) -> None:
    numbers.register.seal()
    (letter,) = numbers.register.find_keys(["l1"]).values()
    bodies = numbers.sql(
        "SELECT event.body FROM sipadek.event AS event JOIN sipadek.entry AS entry"
        " ON entry.position = event.entry WHERE id = %s ORDER BY event.position",
        (letter.id,),
    )
    kinds = [Event.parse(body).kind for (body,) in bodies]
    assert kinds == ["number.reserved", "number.confirmed", "number.voided"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sipadek.entry SET subject = 'lain' WHERE key = 'k1'",
        "UPDATE sipadek.entry SET subject = 'lain' WHERE key = 'l1'",
        "UPDATE sipadek.entry SET void_reason = 'lain' WHERE key = 'l1'",
        "UPDATE sipadek.entry SET state = 'reserved', issued_at = NULL WHERE key = 'k1'",
        "DELETE FROM sipadek.entry WHERE key = 'l9'",
        "UPDATE sipadek.entry SET series = 'lain' WHERE key = 'l9'",
        "UPDATE sipadek.counter SET last = last + 1 WHERE counter = 'unit=A;2026'",
        "UPDATE sipadek.counter SET last = 3 WHERE counter = 'unit=B;2026'",
        "INSERT INTO sipadek.counter VALUES ('agenda', 'unit=Z;2026', 4)",
        "DELETE FROM sipadek.counter WHERE counter = 'unit=A;2026'",
        "DELETE FROM sipadek.outbox WHERE id = (SELECT max(id) FROM sipadek.outbox)",
        "DELETE FROM sipadek.outbox",
        "UPDATE sipadek.outbox SET body = 'x' WHERE id = (SELECT max(id) FROM sipadek.outbox)",
        "DELETE FROM sipadek.event WHERE position = 5",
        "UPDATE sipadek.event SET body = 'x' WHERE position = 5",
        "UPDATE sipadek.log_head SET size = size - 1",
        "DELETE FROM sipadek.log_head",
        "UPDATE sipadek.series SET shut = '{}'",
        "DELETE FROM sipadek.closed",
        "UPDATE sipadek.legacy SET subject = 'lain'",
        "UPDATE sipadek.series SET defined_at = ''",
        "INSERT INTO sipadek.meta VALUES ('lain', '')",
        "DROP INDEX sipadek.entry_stock",
        "ALTER TABLE sipadek.entry DROP CONSTRAINT entry_key",
        "CREATE RULE r AS ON UPDATE TO sipadek.entry DO INSTEAD NOTHING",
        "CREATE TRIGGER t BEFORE UPDATE ON sipadek.entry FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ],
)
def test_what_is_altered_is_named(numbers: PostgresOffice, statement: str) -> None:
    assert list(numbers.register.verify_history()) == []
    numbers.sql(statement)
    assert list(numbers.register.verify_history()) != []


def test_an_old_state_that_was_put_back_is_named(numbers: PostgresOffice) -> None:
    old = numbers.sql("SELECT size, hashes, checkpoint FROM sipadek.log_head")[0]
    kept = numbers.register.seal().checkpoint
    numbers.sql("DELETE FROM sipadek.event WHERE position >= %s", (old[0],))
    numbers.sql("UPDATE sipadek.log_head SET size = %s, hashes = %s, checkpoint = %s", old)
    codes = {finding.code for finding in numbers.register.verify_history(known=[kept])}
    assert "log-rolled-back" in codes


def test_nothing_is_sealed_on_a_foreign_head(numbers: PostgresOffice) -> None:
    numbers.sql("UPDATE sipadek.log_head SET size = 0, hashes = ''")
    waiting = numbers.register.unsealed()
    with pytest.raises(DamagedRegister, match="not one this office signed"):
        numbers.register.seal()
    assert numbers.register.unsealed() == waiting
    with pytest.raises(DamagedRegister):
        numbers.open()
    numbers.sql("DELETE FROM sipadek.log_head")
    with pytest.raises(DamagedRegister, match="lost its head"):
        numbers.register.seal()


def test_opening(numbers: PostgresOffice) -> None:
    with numbers.open() as other:
        assert other.all_series() == (AGENDA,)
    with pytest.raises(StorageFailed, match="closed"):
        other.all_series()
    again = PostgresNumbers.install(
        numbers.dsn, key=numbers.key, origin=ORIGIN, schema=numbers.schema
    )
    with again:
        assert again.series("agenda") == AGENDA
    more = {"schema": numbers.schema}
    with pytest.raises(NotAnOffice):
        PostgresNumbers.open(numbers.dsn, key=numbers.key, origin="kota.lain", **more)
    with pytest.raises(DamagedRegister):
        PostgresNumbers.open(numbers.dsn, key=CheckpointKey.generate(ORIGIN), origin=ORIGIN, **more)
    with pytest.raises(NotFound):
        PostgresNumbers.open(numbers.dsn, key=numbers.key, origin=ORIGIN, schema="tidak_ada")
    for name in ("", "Besar", 'a"; DROP TABLE x; --', "x" * 64):
        with pytest.raises(InvalidInput):
            PostgresNumbers.open(numbers.dsn, key=numbers.key, origin=ORIGIN, schema=name)
    with pytest.raises(InvalidInput):
        numbers.open(lock_timeout=datetime.timedelta(0))
    numbers.sql("UPDATE sipadek.meta SET value = '99' WHERE name = 'schema_version'")
    with pytest.raises(NotAnOffice):
        numbers.open()


def test_a_factory_makes_the_connections(numbers: PostgresOffice) -> None:
    with numbers.open(dsn=lambda: psycopg.connect(numbers.dsn)) as register:
        assert reserve(register, ask("m"))[0].sequence == 21


@pytest.mark.parametrize("setting", ["synchronous_commit=off", "client_min_messages=notice"])
def test_unsafe_sessions_are_refused(numbers: PostgresOffice, setting: str) -> None:
    def connect() -> psycopg.Connection[object]:
        return psycopg.connect(numbers.dsn, options=f"-c {setting}")

    if "off" in setting:
        with pytest.raises(UnsafeDatabase, match="synchronous_commit"):
            numbers.open(dsn=connect)
    else:
        numbers.open(dsn=connect).close()


def test_a_server_that_isolates_otherwise_makes_no_difference(numbers: PostgresOffice) -> None:
    def connect() -> psycopg.Connection[object]:
        options = "-c default_transaction_isolation=serializable -c client_encoding=latin1"
        return psycopg.connect(numbers.dsn, options=options)

    with numbers.open(dsn=connect) as register:
        subject = "Śurat — 😀"
        (letter,) = reserve(register, ask("m", subject=subject))
        assert numbers.register.get(letter.id).details.subject == subject


def test_what_postgresql_cannot_index_is_refused(office: PostgresOffice) -> None:
    office.define(AGENDA)
    for key in ("k" * 1001, "é" * 501, "\0", "\ud800"):
        for requests in ([ask(key)], [ask(key), ask("b")]):
            assert isinstance(office.register.reserve(requests, at=NOW)[0], InvalidInput)
    assert isinstance(
        office.register.reserve([ask("c", subject="x" * (1 << 20))], at=NOW)[0], InvalidInput
    )
    assert reserve(office.register, ask("é" * 500), ask("b"))[1].sequence == 1
    assert office.findings() == []


def test_installing_at_once(dsn: str) -> None:
    import threading

    office = PostgresOffice(dsn)
    office.register.close()
    office.sql(f"DROP SCHEMA {office.schema} CASCADE")
    made: list[PostgresRegister] = []

    def work() -> None:
        made.append(
            PostgresRegister.install(dsn, key=office.key, origin=ORIGIN, schema=office.schema)
        )

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    for one in made:
        one.close()
    office.close()
