"""Clocks and figures that every benchmark shares."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs


@attrs.define
class Samples:
    """Wall and processor milliseconds of one way to do one thing, a value per repetition."""

    case: str
    way: str
    wall: list[float] = attrs.Factory(list)
    cpu: list[float] = attrs.Factory(list)

    def time(self, work: Callable[[], object]) -> None:
        """Do ``work`` once and keep what it took in this process."""
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)

    def row(self) -> dict[str, Any]:
        """The figures of a table's row."""
        return {
            "case": self.case,
            "way": self.way,
            "letters": len(self.wall),
            "wall_ms": round(statistics.median(self.wall), 2),
            "wall_ms_p95": round(percentile(self.wall, 95), 2),
            "cpu_ms": round(statistics.median(self.cpu), 2),
            "cpu_ms_p95": round(percentile(self.cpu, 95), 2),
        }


@attrs.define
class Batch:
    """Wall and processor seconds that many letters took together, a value per interleaved round."""

    case: str
    way: str
    letters: list[int] = attrs.Factory(list)
    wall: list[float] = attrs.Factory(list)
    cpu: list[float] = attrs.Factory(list)

    def time(self, work: Callable[[], int]) -> None:
        """Do ``work``, which returns how many letters it filed."""
        wall, cpu = time.perf_counter(), family_seconds()
        self.letters.append(work())
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(family_seconds() - cpu)

    @property
    def wall_ms(self) -> float:
        """Per letter, over all rounds together, so that no round is chosen."""
        return sum(self.wall) * 1000 / sum(self.letters)

    @property
    def cpu_ms(self) -> float:
        """Per letter, in all processes together; not a number where the system does not tell."""
        return sum(self.cpu) * 1000 / sum(self.letters)

    def row(self) -> dict[str, Any]:
        """The figures of a table's row; the 95th percentile is the worst round's mean."""
        rounds = list(zip(self.wall, self.cpu, self.letters, strict=True))
        row = {
            "case": self.case,
            "way": self.way,
            "letters": sum(self.letters),
            "wall_ms": round(self.wall_ms, 2),
            "wall_ms_p95": round(max(wall * 1000 / n for wall, _, n in rounds), 2),
            "letters_per_s": round(1000 / self.wall_ms, 1),
        }
        if not math.isnan(self.cpu_ms):
            row["cpu_ms"] = round(self.cpu_ms, 2)
            row["cpu_ms_p95"] = round(max(cpu * 1000 / n for _, cpu, n in rounds), 2)
        return row


def family_seconds() -> float:
    """Processor seconds of this process and its living children, to 1/100 s (Linux; else nan)."""
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        return math.nan
    tick = os.sysconf("SC_CLK_TCK")
    total = time.process_time()
    for task in tasks.iterdir():
        for child in (task / "children").read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / tick
    return total


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]


def stretch(one: Callable[[], object], seconds: float) -> list[float]:
    """How long each call took (ms), for that many seconds."""
    took = []
    end = time.perf_counter() + seconds
    start = time.perf_counter()
    while start < end:
        one()
        now = time.perf_counter()
        took.append((now - start) * 1000)
        start = now
    return took


def rate_row(case: str, way: str, took: list[float], seconds: float, **more: Any) -> dict[str, Any]:
    """A table's row of numbers given in a stretch of time."""
    return {
        "case": case,
        "way": way,
        "numbers": len(took),
        "per_s": round(len(took) / seconds, 1),
        "p50_ms": round(statistics.median(took), 3),
        "p99_ms": round(percentile(took, 99), 2),
    } | more
