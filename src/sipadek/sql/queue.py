"""The queue of writers: one exclusive lock on a file, for every thread and process of this machine.

SQLite's own waiting is a lottery (eight processes: the slowest write took 1.4 s and one process
got nothing at all); the kernel hands a file lock on in order (56 ms). Checkpoints and closing must
stand in the same queue: before SQLite 3.51.3 they could race with a writer.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import portalocker

from sipadek.errors import OfficeError, StorageFailed

_POLL = 0.005  # Seconds between tries where waiting has a limit.


class WriteQueue:
    """Stands at ``path``, which is made with its folder when missing.

    Raises:
        StorageFailed: the folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # (thread, descriptor) of the holder in this process; there can be only one.
        self._held: tuple[int, int] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refused(path, error) from error

    @property
    def mine(self) -> bool:
        """Whether this thread holds the queue."""
        held = self._held
        return held is not None and held[0] == threading.get_ident()

    @contextlib.contextmanager
    def hold(self, *, timeout: float | None = None) -> Iterator[None]:
        """Wait for the turn and keep it; ``timeout`` in seconds, None waits for ever.

        Raises:
            OfficeError: this thread holds it already, or the time ran out.
            StorageFailed: the lock file cannot be used.
        """
        if self.mine:
            raise OfficeError(
                "A write was started inside another write of the same thread. "
                "Finish the first one before starting the next."
            )
        # A descriptor of its own each time: that makes the lock exclude threads as well.
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise _refused(self.path, error) from error
        process = os.getpid()
        try:
            self._lock(descriptor, timeout)
            self._held = (threading.get_ident(), descriptor)
            try:
                yield
            finally:
                if os.getpid() == process:
                    self._held = None
                    # Unlocked by name: a forked child may hold a copy of the descriptor.
                    portalocker.unlock(descriptor)
        finally:
            if os.getpid() == process:
                os.close(descriptor)

    def _lock(self, descriptor: int, timeout: float | None) -> None:
        end = None if timeout is None else time.monotonic() + timeout
        flags = portalocker.LockFlags.EXCLUSIVE
        if end is not None:
            flags |= portalocker.LockFlags.NON_BLOCKING
        while True:
            try:
                portalocker.lock(descriptor, flags)
            except portalocker.exceptions.AlreadyLocked as error:
                # On Windows even a blocking lock gives up after some seconds.
                if end is not None and time.monotonic() >= end:
                    raise OfficeError(
                        f"Another writer kept {self.path} for longer than {timeout} s."
                    ) from error
                time.sleep(_POLL)
            except (portalocker.exceptions.LockException, OSError) as error:
                raise _refused(self.path, error) from error
            else:
                return

    def forget(self) -> None:
        """After a fork, in the child: the lock and its descriptor belong to the parent."""
        held, self._held = self._held, None
        if held is not None:
            os.close(held[1])  # Without unlocking, which would take the parent's lock away.


def _refused(path: Path, error: Exception) -> StorageFailed:
    return StorageFailed(
        f"The lock file {path} cannot be used ({error}). "
        "The office's folder must be writable and its filesystem must support file locks.",
        path=str(path),
    )
