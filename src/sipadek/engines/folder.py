"""Where an index lies, how far it is, and the lock of its one writer."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import portalocker

from sipadek.archive.durable import (
    replace_file,
    storage_errors,
    sync_directory,
    sync_file,
)
from sipadek.errors import StorageFailed
from sipadek.search import Mark

_DATA: Final = "data-"


class IndexFolder:
    """The folder of an index, for its owner only: it holds the words of secret letters, and what lies in
    it can be code to the engine that reads it.

    ``mark.json`` names the folder of the present index (``data-…``) and how far it has followed. An
    index that is made anew gets a new folder, so that no reader takes one for the other; what no mark
    names is rubbish. ``layout`` names the engine and its version: a mark of another one is none.
    """

    def __init__(self, path: str | os.PathLike[str], *, layout: str) -> None:
        self.path = Path(path)
        self._layout = layout
        with storage_errors("Making", self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if sys.platform != "win32":
                self.path.chmod(0o700)

    def read(self) -> tuple[Path, Mark] | None:
        """The folder of the index and its mark; None where there is none that can be used."""
        try:
            told = json.loads((self.path / "mark.json").read_bytes())
            folder, layout = str(told.pop("folder")), told.pop("layout")
            mark = Mark(**told)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        data = self.path / folder
        plain = folder.startswith(_DATA) and data.name == folder
        sound = isinstance(mark.upto, int) and mark.upto >= 0
        return (
            (data, mark) if layout == self._layout and plain and sound and data.is_dir() else None
        )

    def write(self, data: Path, mark: Mark) -> None:
        """Say that the index in ``data`` has followed so far."""
        told = {
            "folder": data.name,
            "layout": self._layout,
            "upto": mark.upto,
            "event": mark.event,
            "analysis": mark.analysis,
        }
        replace_file(self.path / "mark.json", json.dumps(told).encode(), mode=0o600)

    def begin(self) -> Path:
        """A new, empty folder for an index; what no mark names is removed."""
        self.sweep()
        data = self.path / f"{_DATA}{secrets.token_hex(8)}"
        with storage_errors("Making", data):
            data.mkdir(mode=0o700)
            sync_directory(self.path)
        return data

    def forget(self) -> None:
        """Remove the mark, and with it the index."""
        with storage_errors("Removing", self.path):
            (self.path / "mark.json").unlink(missing_ok=True)
            sync_directory(self.path)
        self.sweep()

    def sweep(self) -> None:
        """Remove the folders that no mark names. What another process still reads may stay behind, on
        systems that do not remove open files, until the next time."""
        found = self.read()
        for data in self.path.glob(f"{_DATA}*"):
            if found is None or data != found[0]:
                shutil.rmtree(data, ignore_errors=True)

    @contextlib.contextmanager
    def alone(self, *, wait: bool) -> Iterator[bool]:
        """Hold the writers' lock; False where another one has it and ``wait`` is false."""
        flags = portalocker.LockFlags.EXCLUSIVE
        if not wait:
            flags |= portalocker.LockFlags.NON_BLOCKING
        lock = self.path / "writer.lock"
        with storage_errors("Locking", lock):
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield self._lock(descriptor, flags, lock)
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int, flags: portalocker.LockFlags, path: Path) -> bool:
        try:
            portalocker.lock(descriptor, flags)
        except portalocker.exceptions.AlreadyLocked:
            return False
        except (portalocker.exceptions.LockException, OSError) as error:
            raise StorageFailed(
                f"The lock file {path} cannot be used ({error}); the index must lie on a file system"
                " with file locks.",
                path=str(path),
            ) from error
        return True


def sync_new(data: Path, before: frozenset[str]) -> None:
    """Wait until the files that came into ``data`` since are on the medium."""
    with storage_errors("Writing", data):
        for path in data.iterdir():
            if path.name not in before:
                with contextlib.suppress(FileNotFoundError):
                    sync_file(path)
        sync_directory(data)
