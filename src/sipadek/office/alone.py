"""Work that one process of this machine does at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sipadek.errors import OfficeError, StorageFailed
from sipadek.sql.queue import WriteQueue


@contextlib.contextmanager
def alone(lock: Path, what: str) -> Iterator[None]:
    """Hold the file ``lock`` meanwhile. Raises OfficeError where another process does."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(WriteQueue(lock).hold(timeout=0))
        except StorageFailed:
            raise
        except OfficeError:
            raise OfficeError(
                f"Another process is {what}. Let it finish; what it leaves is done by the next call."
            ) from None
        yield
