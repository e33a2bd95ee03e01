"""One thread that gives many callers their numbers in common transactions.

Waiting for the disk takes longer than giving a number. While one commit waits, the next callers
queue up, and the next commit takes all of them: the more callers, the more numbers a commit.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from sipadek.archive.letter import Letter, ReservationRequest
from sipadek.errors import OfficeError, SipadekError, UnsafeDatabase

MAX_GROUP: Final = 1000
"""Most numbers of one commit."""

_Job = tuple[ReservationRequest, "concurrent.futures.Future[Letter]"]


class Reserves(Protocol):
    """What gives numbers to many requests in one transaction."""

    def reserve(self, requests: Sequence[ReservationRequest], /) -> list[Letter | SipadekError]: ...


class GroupWriter:
    """Gives numbers through ``numbers`` for any number of threads. Use it in a ``with`` statement:
    leaving it answers everyone who asked, and ends the thread.

    Not for bound mode, where the host's transaction decides when a number is kept.
    """

    def __init__(self, numbers: Reserves) -> None:
        self._numbers = numbers
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._process = os.getpid()
        self._gate = threading.Lock()  # No job comes after the one that ends the thread.
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sipadek-numbers", daemon=True)
        self._thread.start()

    def submit(self, request: ReservationRequest) -> concurrent.futures.Future[Letter]:
        """Ask for a number; the future has it once it is kept, or the error of ``Numbers.reserve``.

        Raises:
            OfficeError: the writer was closed.
            UnsafeDatabase: this process is the fork of one that made the writer.
        """
        if os.getpid() != self._process:
            raise UnsafeDatabase(
                "The process was forked after its writer was made; the child makes its own."
            )
        answer: concurrent.futures.Future[Letter] = concurrent.futures.Future()
        with self._gate:
            if self._closed:
                raise OfficeError("The writer was closed. Make a new one.")
            self._jobs.put((request, answer))
        return answer

    def reserve(self, request: ReservationRequest) -> Letter:
        """A number, kept when this returns. Raises what ``submit`` and ``Numbers.reserve`` raise."""
        return self.submit(request).result()

    def close(self) -> None:
        """Answer everyone who asked, then end the thread. Harmless when repeated."""
        with self._gate:
            if not self._closed and os.getpid() == self._process:
                self._jobs.put(None)
            self._closed = True
        if os.getpid() == self._process:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            with contextlib.suppress(queue.Empty):
                while len(group) < MAX_GROUP:
                    job = self._jobs.get_nowait()
                    if job is None:
                        self._answer(group)
                        return
                    group.append(job)
            self._answer(group)

    def _answer(self, group: Sequence[_Job]) -> None:
        wanted = [job for job in group if job[1].set_running_or_notify_cancel()]
        try:
            outcomes = self._numbers.reserve([request for request, _ in wanted])
        except BaseException as error:
            for _, answer in wanted:
                answer.set_exception(error)
            return
        for (_, answer), outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, SipadekError):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
