"""Many at once: no number twice, none left out, no key twice, whoever is cut off."""

from __future__ import annotations

import datetime
import multiprocessing
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from postgres_office import PostgresOffice, PostgresRegister, check_gapless, reserve
from sql_office import NOW, ORIGIN
from test_numbers import AGENDA, DECREE, HOUR, ask

from sipadek.archive import State
from sipadek.errors import (
    InvalidInput,
    NotFound,
    NumberVoid,
    PeriodClosed,
    SipadekError,
    StorageFailed,
)
from sipadek.ledger import CheckpointKey

CLIENTS = 8


@pytest.fixture
def numbers(office: PostgresOffice) -> PostgresOffice:
    office.define(AGENDA, DECREE)
    return office


def all_at_once(work: Callable[[int], Any], clients: int = CLIENTS) -> list[Any]:
    gate = threading.Barrier(clients)

    def run(n: int) -> Any:
        gate.wait(20)
        return work(n)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(run, range(clients)))


@pytest.mark.parametrize("units", [["A"], [f"U{n}" for n in range(20)]])
def test_threads_on_the_same_counters(numbers: PostgresOffice, units: list[str]) -> None:
    def work(n: int) -> None:
        for k in range(15):
            unit = units[(n + k) % len(units)]
            reserve(numbers.register, ask(f"{n} {k}", unit=unit))
            if k % 5 == 0:
                many = [ask(f"{n} {k} {m}", unit=units[m % len(units)]) for m in range(12)]
                random.Random(n).shuffle(many)
                reserve(numbers.register, *many)

    all_at_once(work)
    assert numbers.register.count() == CLIENTS * (15 + 3 * 12)
    check_gapless(numbers)


def _process(dsn: str, schema: str, pem: bytes, n: int) -> None:
    key = CheckpointKey.from_pem(pem, ORIGIN)
    with PostgresRegister.open(dsn, key=key, origin=ORIGIN, schema=schema) as register:
        for k in range(15):
            reserve(register, ask(f"{n} {k}"))
            if k % 5 == 0:
                register.seal()


def test_processes(numbers: PostgresOffice) -> None:
    context = multiprocessing.get_context("spawn")
    started = [
        context.Process(
            target=_process, args=(numbers.dsn, numbers.schema, numbers.key.to_pem(), n)
        )
        for n in range(4)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
        assert process.exitcode == 0
    assert numbers.register.count() == 60
    check_gapless(numbers)


def test_a_fork_makes_its_own_connections(numbers: PostgresOffice) -> None:
    reserve(numbers.register, ask("before"))
    context = multiprocessing.get_context("fork")
    children = [
        context.Process(target=lambda n=n: reserve(numbers.register, ask(f"child {n}")))
        for n in range(3)
    ]
    for child in children:
        child.start()
    reserve(numbers.register, ask("parent"))
    for child in children:
        child.join(30)
        assert child.exitcode == 0
    reserve(numbers.register, ask("after"))
    assert numbers.register.count() == 6
    check_gapless(numbers)


@pytest.mark.parametrize("many", [1, 3])
def test_the_same_key_from_many(numbers: PostgresOffice, many: int) -> None:
    for k in range(5):
        requests = [ask(f"same {k} {m}") for m in range(many)]
        found = all_at_once(lambda _, requests=requests: reserve(numbers.register, *requests))
        assert all(one == found[0] for one in found)
    assert numbers.register.count() == 5 * many
    check_gapless(numbers)


def test_the_same_keys_on_other_counters(numbers: PostgresOffice) -> None:
    """Whoever comes first has the key; the others are refused, and take no number."""
    outcomes = all_at_once(
        lambda n: numbers.register.reserve([ask("same", unit=f"U{n}")], at=NOW)[0]
    )
    assert sum(not isinstance(one, SipadekError) for one in outcomes) == 1
    assert numbers.register.count() == 1
    check_gapless(numbers)


def test_batches_in_opposite_order(numbers: PostgresOffice) -> None:
    units = [f"U{n}" for n in range(10)]

    def work(n: int) -> None:
        for k in range(6):
            order = units if n % 2 else units[::-1]
            reserve(numbers.register, *(ask(f"{n} {k} {unit}", unit=unit) for unit in order))

    all_at_once(work)
    check_gapless(numbers)


def test_every_operation_at_once(numbers: PostgresOffice) -> None:
    register = numbers.register
    reserve(register, ask("first"), ask("first decree", series="keputusan"))

    def work(n: int) -> None:
        chance = random.Random(n)
        for k in range(12):
            key = f"{n} {k}"
            try:
                match chance.randrange(9):
                    case 0:
                        register.stock(ask("").details, 3, key=f"s{k}", actor="T", at=NOW)
                    case 1:
                        register.draw(ask(key), at=NOW)
                    case 2:
                        register.insert(ask(key, actor="S"), reason="susulan", at=NOW)
                    case 3:
                        requests = [ask(f"{key}a"), ask(f"{key}b", series="keputusan")]
                        register.reserve_paper(requests[:: chance.choice([1, -1])], at=NOW)
                    case 4:
                        register.give([ask(f"{key} {m}", unit="B") for m in range(5)], at=NOW)
                    case 5:
                        reserve(register, ask(key, lease=HOUR))
                        register.expire(at=NOW + HOUR)
                    case 6:
                        letters = [one.id for one in register.letters(state=State.RESERVED)]
                        register.void(chance.choice(letters), reason="r", at=NOW)
                    case 7:
                        (letter,) = reserve(register, ask(key))
                        register.confirm([letter.id], at=NOW)
                    case _:
                        register.seal()
                        assert list(register.verify_history()) == []
            except (NotFound, NumberVoid):  # No stock; or another has ended the lease.
                continue

    all_at_once(work)
    check_gapless(numbers)


@pytest.mark.no_cover
def test_no_number_after_the_closing(numbers: PostgresOffice) -> None:
    """What is reserved while a period closes is either held there, or refused."""
    closed = threading.Event()

    def work(n: int) -> None:
        if n == 0:
            while True:
                try:
                    numbers.register.close_period(
                        "agenda", "2026", reason="akhir", actor="S", at=NOW, void_held=True
                    )
                    break
                except InvalidInput:
                    continue
            closed.set()
            return
        for k in range(200):
            requests = [ask(f"{n} {k} {m}") for m in range(1 + n % 2)]
            after = closed.is_set()
            for outcome in numbers.register.reserve(requests, at=NOW):
                if isinstance(outcome, PeriodClosed):
                    return
                assert not after
                assert not isinstance(outcome, SipadekError)

    all_at_once(work)
    assert all(one.state is State.VOID for one in numbers.register.letters())
    check_gapless(numbers)


def test_a_long_wait_is_told(numbers: PostgresOffice) -> None:
    reserve(numbers.register, ask("a"))
    quick = numbers.open(lock_timeout=datetime.timedelta(milliseconds=50))
    with quick, psycopg.connect(numbers.dsn) as other:
        other.execute(f"SELECT 1 FROM {numbers.schema}.counter FOR UPDATE")  # type: ignore[arg-type]
        for requests in ([ask("b")], [ask("c"), ask("d")]):
            with pytest.raises(StorageFailed, match="lock timeout"):
                quick.reserve(requests, at=NOW)
        other.rollback()
        assert reserve(quick, ask("b"))[0].sequence == 2
    check_gapless(numbers)


@pytest.mark.no_cover
def test_sessions_are_ended_in_the_middle(numbers: PostgresOffice) -> None:
    """An administrator ends sessions at random; every caller repeats with the same key."""
    # One session is ended for each success, so that the last caller on a slow machine gets through.
    successes = threading.Semaphore(0)
    over = threading.Event()
    ended: list[bool] = []

    def end_sessions() -> None:
        chance = random.Random(0)
        with psycopg.connect(numbers.dsn, autocommit=True) as admin:
            while not over.wait(chance.uniform(0, 0.02)):
                if not successes.acquire(timeout=0.1):
                    continue
                ended.extend(
                    row[0]
                    for row in admin.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <>"
                        " pg_backend_pid() AND query LIKE %s ORDER BY random() LIMIT 1",
                        (f'%"{numbers.schema}"%',),
                    )
                )

    def insist(*requests: Any) -> None:
        for _ in range(1_000):
            try:
                reserve(numbers.register, *requests)
            except StorageFailed:
                continue
            successes.release()
            return
        raise AssertionError("never")

    def work(n: int) -> None:
        if n == 0:
            end_sessions()
            return
        for k in range(25):
            insist(ask(f"{n} {k}"))
            insist(*(ask(f"{n} {k} {m}", unit=f"U{m % 3}") for m in range(10)))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads[1:]:
        thread.join()
    over.set()
    threads[0].join()
    assert any(ended)
    assert numbers.register.count() == (CLIENTS - 1) * 25 * 11
    check_gapless(numbers)
