"""Clocks and figures that every benchmark shares."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
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
    """Wall seconds that many letters took together, one value per interleaved round."""

    case: str
    way: str
    letters: list[int] = attrs.Factory(list)
    seconds: list[float] = attrs.Factory(list)

    def time(self, work: Callable[[], int]) -> None:
        """Do ``work``, which returns how many letters it filed."""
        start = time.perf_counter()
        letters = work()
        self.seconds.append(time.perf_counter() - start)
        self.letters.append(letters)

    @property
    def ms_per_letter(self) -> float:
        """Over all rounds together, so that no round is chosen."""
        return sum(self.seconds) * 1000 / sum(self.letters)

    def row(self) -> dict[str, Any]:
        """The figures of a table's row."""
        each = [s * 1000 / n for s, n in zip(self.seconds, self.letters, strict=True)]
        return {
            "case": self.case,
            "way": self.way,
            "letters": sum(self.letters),
            "wall_ms": round(self.ms_per_letter, 2),
            "wall_ms_p95": round(max(each), 2),  # the worst round's mean
            "letters_per_s": round(1000 / self.ms_per_letter, 1),
        }


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]
