"""Writers as processes of their own, and limits on how long anything may take."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["sipadek.sql", "sipadek.postgres", "rich.console", "rich.table"])


class Crew:
    """Processes that are all dead when the block is left."""

    def __init__(self) -> None:
        self.processes: list[BaseProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self, task: Callable[..., None], *arguments: Any) -> BaseProcess:
        process = CONTEXT.Process(target=task, args=arguments, name=task.__name__)
        process.start()
        self.processes.append(process)
        return process

    def kill(self) -> None:
        """SIGKILL to all, at once."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.join()

    def finish(self, seconds: float) -> int:
        """Wait for all; returns how many are still not done after ``seconds``."""
        end = time.monotonic() + seconds
        for process in self.processes:
            process.join(max(0.0, end - time.monotonic()))
        return sum(process.exitcode is None for process in self.processes)

    def failed(self) -> list[str]:
        """Who ended with an error of its own."""
        ended = [(process.name, process.exitcode) for process in self.processes]
        return [
            f"{name} exited with {code}" for name, code in ended if code is not None and code > 0
        ]


def pause(process: BaseProcess) -> None:
    """SIGSTOP, until the process stands still."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    end = time.monotonic() + 5.0
    while _state(process.pid) != "T":
        if time.monotonic() > end:
            raise TimeoutError("a stopped process did not stop")
        time.sleep(0.001)


def resume(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGCONT)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the main thread, even out of a wait for a lock."""

    def ring(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
