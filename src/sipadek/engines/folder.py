"""Where an index lies, how far it is, its one writer, and that writer's lock."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import portalocker

from sipadek.archive.durable import (
    replace_file,
    storage_errors,
    sync_directory,
    sync_file,
)
from sipadek.errors import IndexDamaged, StorageFailed
from sipadek.search import Document, Mark

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

    def mark(self) -> Mark | None:
        """How far the index has followed; None where there is none that can be used."""
        found = self.read()
        return None if found is None else found[1]

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


class Put(Protocol):
    """How an engine puts letters into the index in ``data`` and removes others, durably. ``new`` says
    that the folder is empty. Raises IndexDamaged."""

    def __call__(
        self, data: Path, documents: Sequence[Document], removed: Collection[int], *, new: bool
    ) -> None: ...


class FolderIndex:
    """What is the same for all indexes in a folder: see `sipadek.search.SearchIndex`."""

    def __init__(self, folder: str | os.PathLike[str], *, layout: str, put: Put) -> None:
        self._folder = IndexFolder(folder, layout=layout)
        self._put = put

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._folder.path}>"

    def mark(self) -> Mark | None:
        """See `SearchIndex.mark`."""
        return self._folder.mark()

    @contextlib.contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[FolderWriter | None]:
        """See `SearchIndex.writing`."""
        with self._folder.alone(wait=wait) as mine:
            yield FolderWriter(self._folder, self._put) if mine else None

    def _present(self) -> tuple[Path, Mark]:
        """The folder of the index and its mark. Raises IndexDamaged where there is none."""
        found = self._folder.read()
        if found is None:
            raise IndexDamaged("There is no index yet, or the one there is cannot be used.")
        return found


class FolderWriter:
    """See `sipadek.search.IndexWriter`."""

    def __init__(self, folder: IndexFolder, put: Put) -> None:
        self._folder = folder
        self._put = put

    def mark(self) -> Mark | None:
        """See `IndexWriter.mark`."""
        return self._folder.mark()

    def clear(self) -> None:
        """See `IndexWriter.clear`."""
        self._folder.forget()

    def apply(self, documents: Sequence[Document], removed: Collection[int], mark: Mark) -> None:
        """See `IndexWriter.apply`."""
        found = self._folder.read()
        data = self._folder.begin() if found is None else found[0]
        if found is None or documents or removed:
            self._put(data, documents, removed, new=found is None)
        self._folder.write(data, mark)


def sync_new(data: Path, before: frozenset[str]) -> None:
    """Wait until the files that came into ``data`` since are on the medium."""
    with storage_errors("Writing", data):
        for path in data.iterdir():
            if path.name not in before:
                with contextlib.suppress(FileNotFoundError):
                    sync_file(path)
        sync_directory(data)
