"""Numbers on SQLite: one and eight processes, batches and many callers, beside the floor and peers.

Those on PostgreSQL (``numbering_pg``) follow.
"""

from __future__ import annotations

import concurrent.futures
import datetime
import multiprocessing
import os
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import django_numbers
import numbering_pg
from measure import rate_row, stretch

from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.sql import Database, GroupWriter, Register

NAME = "bench"
SERIES = Series(code="sk", pattern="SK/{nomor:4}/{unit}/{tahun}", scope=("unit",))
DAY = datetime.date(2026, 11, 3)
PAGE = 4096


@attrs.frozen(kw_only=True)
class Size:
    """Seconds of each measured stretch, rounds of it, and how large the register grows."""

    seconds: float = 1.5
    rounds: int = 4
    together: float = 4.0
    batches: int = 20
    grown: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)


QUICK = Size(seconds=0.3, rounds=2, together=1.0, batches=3, grown=(1_000, 5_000))


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Rows and ratios; ``folder`` must be on the disk that is to be measured."""
    size = QUICK if quick else Size()
    rows = _alone(folder, size)
    rows += [_batches(folder / "batch", size)]
    rows += _callers(folder / "callers", size)
    rows += _together(folder, size)
    rows += _growing(folder / "grown", size)
    ratios = _ratios(rows)
    postgres = numbering_pg.run(folder / "postgres", quick=quick)
    return {"rows": rows + postgres["rows"], "ratios": ratios | postgres["ratios"]}


# --- the ways -------------------------------------------------------------------------------------


class Floor:
    """What cannot be left out: a page appended to a file, and the wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "floor", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._page = bytes(PAGE)

    def one(self) -> None:
        os.write(self._file, self._page)
        os.fdatasync(self._file)


class Ours:
    """A register with full rows and signed ledger events."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        pem = folder / "key.pem"
        if not pem.exists():
            pem.write_bytes(CheckpointKey.generate(NAME).to_pem())
        database = Database(folder / "register.sqlite", lock=folder / "lock")
        key = CheckpointKey.from_pem(pem.read_bytes(), NAME)
        self.register = Register(database, key=key, origin=NAME)
        self.register.define_series(SERIES)
        self._count, self._mark = 0, f"{os.getpid()}-{time.monotonic_ns()}"

    def request(self) -> ReservationRequest:
        self._count += 1
        details = LetterDetails(
            series="sk", subject="Keterangan domisili", date=DAY, unit="KEL-LEGOK"
        )
        key = f"{self._mark}/{self._count}"
        return ReservationRequest(key=key, details=details, content="0" * 64, size=1)

    def one(self) -> None:
        self.register.reserve([self.request()])


class Naive:
    """max + 1, read and then written, as many applications do."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.connection = sqlite3.connect(folder / "naive.sqlite", timeout=10)
        self.connection.execute("PRAGMA journal_mode = wal")
        self.connection.execute("CREATE TABLE IF NOT EXISTS letter (number INTEGER NOT NULL)")

    def one(self) -> None:
        query = "SELECT coalesce(max(number), 0) + 1 FROM letter"
        (number,) = self.connection.execute(query).fetchone()
        self.connection.execute("INSERT INTO letter VALUES (?)", (number,))
        self.connection.commit()

    def doubled(self) -> int:
        query = "SELECT count(*) - count(DISTINCT number) FROM letter"
        return int(self.connection.execute(query).fetchone()[0])


WAYS: dict[str, Callable[[Path], Any]] = {
    "floor": Floor,
    "sipadek": Ours,
    "django-sequences": django_numbers.Sequences,
    "naive max+1": Naive,
}


# --- what is measured -----------------------------------------------------------------------------


def _alone(folder: Path, size: Size) -> list[dict[str, Any]]:
    """One process, the ways in turn."""
    made = {}
    for way in ("floor", "sipadek", "django-sequences"):
        (folder / f"alone-{way}").mkdir()
        made[way] = WAYS[way](folder / f"alone-{way}")
        made[way].one()
    took: dict[str, list[float]] = {way: [] for way in made}
    for _ in range(size.rounds):
        for way, one in made.items():
            took[way] += stretch(one.one, size.seconds)
    seconds = size.rounds * size.seconds
    return [rate_row("1 process", way, took[way], seconds) for way in made]


def _batches(folder: Path, size: Size) -> dict[str, Any]:
    ours = Ours(folder)
    took = []
    for _ in range(size.batches):
        requests = [ours.request() for _ in range(1000)]
        start = time.perf_counter()
        ours.register.reserve(requests)
        took.append(time.perf_counter() - start)
    return {
        "case": "1,000 a commit",
        "way": "sipadek",
        "numbers": 1000 * size.batches,
        "per_s": round(1000 * size.batches / sum(took), 1),
        "p50_ms": round(statistics.median(took), 3),
    }


def _callers(folder: Path, size: Size) -> list[dict[str, Any]]:
    """One writer thread, many threads that ask."""
    ours = Ours(folder)
    rows = []
    for count in (8, 32, 128):
        with (
            GroupWriter(ours.register) as writer,
            concurrent.futures.ThreadPoolExecutor(count) as pool,
        ):
            start = time.perf_counter()
            asked = [
                pool.submit(stretch, lambda: writer.reserve(ours.request()), size.together)
                for _ in range(count)
            ]
            took = [one for caller in asked for one in caller.result()]
            rows.append(
                rate_row(f"{count} callers", "sipadek writer", took, time.perf_counter() - start)
            )
    return rows


def _worker(way: str, folder: Path, seconds: float, go: Any) -> list[float]:
    one = WAYS[way](folder)
    go.wait()
    return stretch(one.one, seconds)


def _together(folder: Path, size: Size) -> list[dict[str, Any]]:
    """Eight processes on one file."""
    rows = []
    for way in ("sipadek", "django-sequences", "naive max+1"):
        place = folder / f"together-{way}"
        place.mkdir()
        WAYS[way](place)
        context = multiprocessing.get_context("spawn")
        with context.Manager() as manager:
            go = manager.Barrier(8)
            with concurrent.futures.ProcessPoolExecutor(8, mp_context=context) as pool:
                asked = [pool.submit(_worker, way, place, size.together, go) for _ in range(8)]
                served = [one.result() for one in asked]
        took = [one for process in served for one in process]
        counts = [len(process) for process in served]
        more: dict[str, Any] = {"least_vs_most": round(min(counts) / max(counts), 2)}
        if way == "naive max+1":
            more["doubled"] = Naive(place).doubled()
        rows.append(rate_row("8 processes", way, took, size.together, **more))
    return rows


def _growing(folder: Path, size: Size) -> list[dict[str, Any]]:
    """What one number costs while the register grows."""
    ours = Ours(folder)
    rows = []
    for entries in size.grown:
        while (missing := entries - ours.register.count()) > 0:
            ours.register.reserve([ours.request() for _ in range(min(missing, 1000))])
        took = stretch(ours.one, size.seconds)
        rows.append(rate_row(f"after {entries:,} numbers", "sipadek", took, size.seconds))
    return rows


def _ratios(rows: list[dict[str, Any]]) -> dict[str, float]:
    def row(case: str, way: str) -> dict[str, Any]:
        return next(one for one in rows if (one["case"], one["way"]) == (case, way))

    floor = row("1 process", "floor")["per_s"]
    together = row("8 processes", "sipadek")
    grown = [one for one in rows if one["case"].startswith("after")]
    return {
        "sqlite_vs_floor": round(row("1 process", "sipadek")["per_s"] / floor, 2),
        "sqlite8_least_vs_most": together["least_vs_most"],
        "sqlite8_p99_ms": together["p99_ms"],
        "sqlite_batch_per_s": row("1,000 a commit", "sipadek")["per_s"],
        "writer128_vs_floor": round(row("128 callers", "sipadek writer")["per_s"] / floor, 2),
        "sqlite8_vs_django_sequences": round(
            together["per_s"] / row("8 processes", "django-sequences")["per_s"], 2
        ),
        "grown_vs_small": round(grown[-1]["p50_ms"] / grown[0]["p50_ms"], 2),
    }
