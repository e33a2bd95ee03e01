"""Numbers on PostgreSQL: 32 clients on one counter and on 500, beside the floor and django-sequences.

All ways use one server with the settings it comes with, in turns, each with four processes of eight
threads, each thread with a connection of its own. (The ``sipadek writer`` has one in each process:
its transactions take the numbers that the threads asked for meanwhile.) The peer writes a letter's
row in the transaction of its number, as its documentation tells; it has no ledger. Ours leaves its
events to be sealed later: what that costs is a row of its own, and one row has a sealer at work
beside the clients.
"""

from __future__ import annotations

import concurrent.futures
import datetime
import itertools
import multiprocessing
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from measure import rate_row, stretch

from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.errors import SipadekError
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.sql import GroupWriter

sys.path.append(str(Path(__file__).parent.parent / "postgres"))

import cluster

NAME = "bench"
SERIES = Series(code="sk", pattern="SK/{nomor:4}/{unit}/{tahun}", scope=("unit",))
DAY = datetime.date(2026, 11, 3)
NOW = datetime.datetime(2026, 11, 3, 2, 15, tzinfo=datetime.UTC)
PROCESSES, THREADS, COUNTERS = 4, 8, 500
CLIENTS = PROCESSES * THREADS
SUBJECT, DIGEST = "Keterangan domisili", "0" * 64
ALONE = "PG 1 client"
Do = Callable[[], object]


@attrs.frozen(kw_only=True)
class Size:
    """Seconds of each stretch, rounds of it, and batches of 1,000."""

    seconds: float = 3.0
    rounds: int = 4
    batches: int = 20


QUICK = Size(seconds=0.5, rounds=1, batches=3)


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Rows and ratios; ``folder`` must be on the disk that is to be measured. Neither of them, and a
    message, where no server can be run."""
    missing = cluster.missing()
    if missing:
        print(f"PostgreSQL is left out: {missing}", file=sys.stderr)
        return {"rows": [], "ratios": {}}
    size = QUICK if quick else Size()
    with cluster.cluster(folder / "server", connections=300) as server:
        context = multiprocessing.get_context("spawn")
        with (
            context.Manager() as manager,
            concurrent.futures.ProcessPoolExecutor(PROCESSES, mp_context=context) as pool,
        ):
            rows = _measure(Crowd(server.dsn, pool, manager.Barrier(PROCESSES)), size)
    return {"rows": rows, "ratios": _ratios(rows)}


# --- the ways: each makes clients, one for each thread --------------------------------------------


class Floor:
    """What cannot be left out: a row, its commit, and the wait for the disk."""

    INSERT = "INSERT INTO floor (number, key, unit, subject, day, digest, size) VALUES"
    TABLE = (
        "CREATE TABLE IF NOT EXISTS floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " number text, key text UNIQUE, unit text, subject text, day date, digest text, size bigint)"
    )

    def __init__(self, dsn: str, pem: bytes, counters: int) -> None:
        self._dsn, self._counters = dsn, counters
        self._new_key = _keys()

    def client(self) -> Do:
        import psycopg

        connection = psycopg.connect(self._dsn, autocommit=True)
        insert = f"{self.INSERT} (%s, %s, %s, %s, %s, %s, 1)"

        def one() -> None:
            unit = _unit(self._counters)
            values = (f"SK/{unit}/2026", self._new_key(), unit, SUBJECT, DAY, DIGEST)
            connection.execute(insert, values)

        return one


class Ours:
    """Full rows, and events in the outbox; the threads of a process share one object."""

    def __init__(self, dsn: str, pem: bytes, counters: int) -> None:
        from sipadek.postgres import PostgresNumbers

        key = CheckpointKey.from_pem(pem, NAME)
        self.numbers = PostgresNumbers.open(dsn, key=key, origin=NAME)
        self._counters = counters
        self._new_key = _keys()
        self._writer: GroupWriter | None = None

    def request(self, unit: str) -> ReservationRequest:
        details = LetterDetails(series="sk", subject=SUBJECT, date=DAY, unit=unit)
        return ReservationRequest(key=self._new_key(), details=details, content=DIGEST, size=1)

    def client(self) -> Do:
        def one() -> None:
            (outcome,) = self.numbers.reserve([self.request(_unit(self._counters))])
            if isinstance(outcome, SipadekError):
                raise outcome

        return one


class OurWriters(Ours):
    """The threads of a process have their numbers committed together by a writer."""

    def client(self) -> Do:
        if self._writer is None:
            self._writer = GroupWriter(self.numbers)
        writer = self._writer
        return lambda: writer.reserve(self.request(_unit(self._counters)))


class Peer:
    """django-sequences 3.1: the next number and a letter's row in one transaction."""

    def __init__(self, dsn: str, pem: bytes, counters: int) -> None:
        import django_letters

        self._letters = django_letters.Letters(dsn)
        self._counters = counters
        self._new_key = _keys()

    def client(self) -> Do:
        def one() -> None:
            unit = _unit(self._counters)
            self._letters.give(
                f"sk/{unit}",
                lambda number: f"SK/{number:04}/{unit}/2026",
                key=self._new_key(),
                unit=unit,
                subject=SUBJECT,
                day=DAY,
                digest=DIGEST,
                size=1,
                reserved_at=NOW,
            )

        return one


WAYS: dict[str, Callable[[str, bytes, int], Any]] = {
    "floor": Floor,
    "sipadek": Ours,
    "sipadek writer": OurWriters,
    "django-sequences": Peer,
}


def _unit(counters: int) -> str:
    return f"U{random.randrange(counters):03}"


def _keys() -> Callable[[], str]:
    """Makes a new key with every call, in whatever thread."""
    mark, count = f"{os.getpid()}-{time.monotonic_ns()}", itertools.count()
    return lambda: f"{mark}/{next(count)}"


# --- many clients ---------------------------------------------------------------------------------

_clients: dict[tuple[str, int], list[Do]] = {}


@attrs.frozen
class Crowd:
    """Processes that stay, and what they need to make clients."""

    dsn: str
    pool: concurrent.futures.ProcessPoolExecutor
    gate: Any
    pem: bytes = attrs.field(factory=lambda: CheckpointKey.generate(NAME).to_pem(), repr=False)

    def stretch(self, way: str, counters: int, seconds: float) -> list[list[float]]:
        """How long each call of each client took (ms)."""
        asked = [
            self.pool.submit(_serve, way, self.dsn, self.pem, counters, seconds, self.gate)
            for _ in range(PROCESSES)
        ]
        return [client for process in asked for client in process.result()]


def _serve(
    way: str, dsn: str, pem: bytes, counters: int, seconds: float, gate: Any
) -> list[list[float]]:
    """One process: the clients are made, and each gives a number, before the clock starts."""
    if (way, counters) not in _clients:
        made = WAYS[way](dsn, pem, counters)
        _clients[way, counters] = [made.client() for _ in range(THREADS)]
    ready = threading.Barrier(THREADS, lambda: gate.wait(60))

    def serve(one: Do) -> list[float]:
        one()
        ready.wait(60)
        return stretch(one, seconds)

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(serve, _clients[way, counters]))


def _install_peer(dsn: str) -> None:
    Peer(dsn, b"", 1)


# --- what is measured -----------------------------------------------------------------------------


def _measure(crowd: Crowd, size: Size) -> list[dict[str, Any]]:
    import psycopg

    from sipadek.postgres import PostgresNumbers

    key = CheckpointKey.from_pem(crowd.pem, NAME)
    with psycopg.connect(crowd.dsn, autocommit=True) as connection:
        connection.execute(Floor.TABLE)
    # Not here: this process may have set Django up for another database.
    crowd.pool.submit(_install_peer, crowd.dsn).result()
    PostgresNumbers.install(crowd.dsn, key=key, origin=NAME).close()
    ours = Ours(crowd.dsn, crowd.pem, COUNTERS)
    with ours.numbers:
        ours.numbers.define_series(SERIES)
        ours.numbers.reserve([ours.request(f"U{n:03}") for n in range(COUNTERS)])
        rows = _alone(crowd, size) + _together(crowd, size)
        rows.append(_sealed_meanwhile(crowd, ours, size))
        rows.append(_sealing(ours))
        rows.append(_batches(ours, size))
    return rows


def _alone(crowd: Crowd, size: Size) -> list[dict[str, Any]]:
    """One client. The floor's is also that of one counter, whoever asks: it is locked while a commit
    waits for the disk."""
    clients = {way: WAYS[way](crowd.dsn, crowd.pem, 1).client() for way in ("floor", "sipadek")}
    took: dict[str, list[float]] = {way: [] for way in clients}
    for _ in range(size.rounds):
        for way, one in clients.items():
            one()
            took[way] += stretch(one, size.seconds / 2)
    seconds = size.rounds * size.seconds / 2
    return [rate_row(ALONE, way, took[way], seconds) for way in clients]


def _together(crowd: Crowd, size: Size) -> list[dict[str, Any]]:
    """All ways in turn, in every round."""
    turns = [
        ("floor", 1),
        ("sipadek", 1),
        ("sipadek writer", 1),
        ("django-sequences", 1),
        ("sipadek", COUNTERS),
        ("sipadek writer", COUNTERS),
        ("django-sequences", COUNTERS),
    ]
    took: dict[tuple[str, int], list[list[float]]] = {turn: [] for turn in turns}
    for _ in range(size.rounds):
        for turn in turns:
            took[turn] += crowd.stretch(*turn, size.seconds)
    seconds = size.rounds * size.seconds
    return [
        rate_row(_case(counters, way), way, list(itertools.chain(*calls)), seconds)
        for (way, counters), calls in took.items()
    ]


def _case(counters: int, way: str) -> str:
    if way == "floor":
        return f"PG {CLIENTS} clients"
    return f"PG {CLIENTS} clients, {'1 counter' if counters == 1 else f'{counters} counters'}"


def _sealed_meanwhile(crowd: Crowd, ours: Ours, size: Size) -> dict[str, Any]:
    """One more process seals all the time."""
    ours.numbers.seal()
    over = threading.Event()

    def seal() -> None:
        while not over.is_set():
            ours.numbers.seal()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sealing = pool.submit(seal)
        try:
            calls = crowd.stretch("sipadek", 1, size.seconds)
        finally:
            over.set()
        sealing.result()
    took = list(itertools.chain(*calls))
    case = f"{_case(1, 'sipadek')}, sealed meanwhile"
    left = ours.numbers.unsealed()
    return rate_row(case, "sipadek", took, size.seconds, left_unsealed=left)


def _sealing(ours: Ours) -> dict[str, Any]:
    """How fast events get their places in the signed log."""
    while (waiting := ours.numbers.unsealed()) < 20_000:
        ours.numbers.reserve([ours.request("U000") for _ in range(1000)])
    start = time.perf_counter()
    ours.numbers.seal()
    seconds = time.perf_counter() - start
    return {
        "case": "PG sealing",
        "way": "sipadek",
        "numbers": waiting,
        "per_s": round(waiting / seconds, 1),
    }


def _batches(ours: Ours, size: Size) -> dict[str, Any]:
    took = []
    for _ in range(size.batches):
        requests = [ours.request("U000") for _ in range(1000)]
        start = time.perf_counter()
        ours.numbers.reserve(requests)
        took.append(time.perf_counter() - start)
    return {
        "case": "PG 1,000 a commit",
        "way": "sipadek",
        "numbers": 1000 * size.batches,
        "per_s": round(1000 * size.batches / sum(took), 1),
        "p50_ms": round(statistics.median(took) * 1000, 3),
    }


def _ratios(rows: list[dict[str, Any]]) -> dict[str, float]:
    rates = {(row["case"], row["way"]): row["per_s"] for row in rows}
    one, many = _case(1, ""), _case(COUNTERS, "")
    ours = rates[one, "sipadek"]
    return {
        "pg1_vs_floor": round(rates[ALONE, "sipadek"] / rates[ALONE, "floor"], 2),
        "pg32_vs_floor1": round(ours / rates[ALONE, "floor"], 2),
        "pg32_vs_floor": round(ours / rates[_case(1, "floor"), "floor"], 2),
        "pg32_vs_django_sequences": round(ours / rates[one, "django-sequences"], 2),
        "pg32_writer_vs_django_sequences": round(
            rates[one, "sipadek writer"] / rates[one, "django-sequences"], 2
        ),
        "pg500_vs_pg1": round(rates[many, "sipadek"] / ours, 2),
        "pg500_vs_django_sequences": round(
            rates[many, "sipadek"] / rates[many, "django-sequences"], 2
        ),
        "pg_sealing_per_s": rates["PG sealing", "sipadek"],
        "pg_batch_per_s": rates["PG 1,000 a commit", "sipadek"],
    }
