"""Running the middle of filing in other processes, where one hostile file costs only itself."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from typing import Any, Self, TypeVar

from sipadek.errors import SipadekError, Unexpected, WorkerLost

CPU_SECONDS = 60
"""Processor time that one file may take in a worker process before the process is ended."""
_CHUNK = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers:
    """A pool of ``workers`` processes of our own, or the caller's ``executor``, or none at all.

    A process of ours that dies or uses up CPU_SECONDS takes its file with it: that file's result is
    WorkerLost, the others of its chunk are done again. The caller's executor cannot be mended here:
    when it breaks, every item it was working on is WorkerLost.
    """

    def __init__(self, workers: int = 0, executor: futures.Executor | None = None) -> None:
        self._count = workers
        self._executor = executor
        self._pool: futures.ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def start(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Callable[[], list[Result | SipadekError]]:
        """Begin to work on all items; call what is returned for the results, in order."""
        if not self._count and self._executor is None:
            return lambda: [_guarded(work, item) for item in items]
        chunks = [items[i : i + _CHUNK] for i in range(0, len(items), _CHUNK)]
        started = [(chunk, self._submit(work, chunk)) for chunk in chunks]

        def results() -> list[Result | SipadekError]:
            return [r for chunk, future in started for r in self._results(work, chunk, future)]

        return results

    def _submit(self, work: Callable[[Item], Result], chunk: Sequence[Item]) -> Any:
        for _ in range(2):  # a pool that broke under an earlier chunk is made anew
            try:
                executor = self._executor or self._own()
                return executor.submit(_work, work, chunk, limited=self._executor is None)
            except futures.BrokenExecutor:
                self._pool = None
        return None

    def _own(self) -> futures.ProcessPoolExecutor:
        if self._pool is None:
            self._pool = futures.ProcessPoolExecutor(self._count, initializer=_leave_interrupts)
        return self._pool

    def _results(
        self, work: Callable[[Item], Result], chunk: Sequence[Item], future: Any
    ) -> list[Result | SipadekError]:
        with contextlib.suppress(futures.BrokenExecutor):
            if future is not None:
                return list(future.result())
        if self._executor is not None:
            return [_lost() for _ in chunk]
        self._pool = None
        return [_alone(work, item) for item in chunk]


def _alone(work: Callable[[Item], Result], item: Item) -> Result | SipadekError:
    """The item in a process of its own, so that a death is surely this item's."""
    with futures.ProcessPoolExecutor(1, initializer=_leave_interrupts) as pool:
        try:
            return pool.submit(_work, work, [item], limited=True).result()[0]
        except futures.BrokenExecutor:
            return _lost()


def _lost() -> WorkerLost:
    return WorkerLost(
        f"the process that worked on the file died, or used more than {CPU_SECONDS} s of processor"
        " time; print the document to a new PDF and file that"
    )


def _work(
    work: Callable[[Item], Result], chunk: Sequence[Item], *, limited: bool
) -> list[Result | SipadekError]:
    results = []
    for item in chunk:
        if limited:
            _limit_processor_time()
        results.append(_guarded(work, item))
    return results


def _guarded(work: Callable[[Item], Result], item: Item) -> Result | SipadekError:
    try:
        return work(item)
    except SipadekError as error:
        return error
    except Exception as error:  # one file must not stop a batch
        return Unexpected(
            f"{type(error).__name__}: {error}; this is a fault of sipadek, please report it",
            error=type(error).__name__,
        )


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal: only the parent acts on it, and ends the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _limit_processor_time() -> None:
    """From now on this process may use CPU_SECONDS; past that the system ends it."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(time.process_time()) + 1 + CPU_SECONDS
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
