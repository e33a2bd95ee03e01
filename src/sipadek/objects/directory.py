"""An object store in a folder: one read-only file per object, named by its SHA-256.

``ab/abcd…`` holds the object; 256 folders keep each one small up to millions of letters.
``staging`` lies in the same filesystem, so that a finished file moves into place by one rename.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import attrs

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.archive.store import StagedFile
from sipadek.errors import InvalidInput, NotFound, StorageFailed

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SHARD = re.compile(r"[0-9a-f]{2}")
# Waiting for the medium from several threads lets the filesystem's journal commit once for many
# files. 64 objects of 60 kB, each: 0.24 ms against 0.41 one by one where an fsync takes 0.2 ms,
# 0.7 ms against 9.6 where it takes 4 ms. More threads gained little.
_SYNC_THREADS = 8


class DirectoryStore:
    """Keeps objects under ``root``, which is made when missing.

    Any number of threads and processes may use one folder at the same time. Nothing is cached, so
    there is nothing to close.

    Raises:
        StorageFailed: the folder cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._staging = root / "staging"
        with storage_errors("Making the folder", self._staging):
            if not self._staging.is_dir():
                self._staging.mkdir(parents=True, exist_ok=True)
                sync_directory(root)
                sync_directory(root.parent)

    def stage(self) -> DirectoryStagedFile:
        """A new staging file, to be used in a ``with`` statement; the disk knows of it from the first
        write on."""
        return DirectoryStagedFile(self._staging / f"{secrets.token_hex(16)}.part")

    def put(self, staged: StagedFile, digest: str) -> None:
        """Keep the staged bytes under ``digest``; on return they survive a power loss.

        ``digest`` is the SHA-256 the caller computed while writing; the bytes are not hashed again.
        An object that exists already is read back, and replaced when it is damaged.

        Raises:
            InvalidInput: ``digest`` is not 64 lowercase hex digits.
            StorageFailed: the disk refused it; nothing is lost, the call can be repeated.
        """
        self._put_all(_map_here, [(staged, digest)])

    def put_many(self, items: Sequence[tuple[StagedFile, str]]) -> None:
        """Like ``put`` for each, but waiting for the disk together: several times faster.

        When it raises, some objects may have been kept; putting them again is harmless.
        """
        if len(items) < 2:
            self._put_all(_map_here, items)
            return
        # Threads are made per call: an idle pool would not survive a fork.
        with concurrent.futures.ThreadPoolExecutor(min(_SYNC_THREADS, len(items))) as threads:
            self._put_all(lambda call, values: list(threads.map(call, values)), items)

    def _put_all(
        self,
        run: Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]],
        items: Sequence[tuple[StagedFile, str]],
    ) -> None:
        places = [(staged, self._place(digest)) for staged, digest in items]
        for staged, _ in places:
            staged.finish()
        self._make_shards({place.parent for _, place in places})
        for (staged, place), settled in zip(places, run(_settle, places), strict=True):
            with storage_errors("Moving into place", place):
                if not settled:
                    _unprotect(place)
                    staged.path.replace(place)
        run(_sync_shard, sorted({place.parent for _, place in places}))

    def _make_shards(self, shards: set[Path]) -> None:
        with storage_errors("Making folders in", self.root):
            missing = [shard for shard in shards if not shard.is_dir()]
            for shard in missing:
                shard.mkdir(exist_ok=True)
            if missing:
                sync_directory(self.root)

    def open(self, digest: str) -> BinaryIO:
        """The object's bytes for reading, seekable; the caller closes it.

        Raises:
            InvalidInput: ``digest`` is not 64 lowercase hex digits.
            NotFound: there is no such object.
            StorageFailed: the disk refused to read.
        """
        path = self._place(digest)
        with _present(digest), storage_errors("Opening", path):
            return path.open("rb")

    def size(self, digest: str) -> int:
        """The object's length in bytes. Raises like ``open``."""
        path = self._place(digest)
        with _present(digest), storage_errors("Looking up", path):
            return path.stat().st_size

    def exists(self, digest: str) -> bool:
        """Whether the object is there; its bytes are not read. Raises like ``open``."""
        try:
            self.size(digest)
        except NotFound:
            return False
        return True

    def digests(self) -> Iterator[str]:
        """All objects in ascending order of digest; files of other names are passed over.

        Raises:
            StorageFailed: the disk refused to read.
        """
        for shard in self._names(self.root, _SHARD):
            for digest in self._names(self.root / shard, _DIGEST):
                if digest.startswith(shard):
                    yield digest

    @staticmethod
    def _names(folder: Path, pattern: re.Pattern[str]) -> list[str]:
        with storage_errors("Listing", folder):
            return sorted(path.name for path in folder.iterdir() if pattern.fullmatch(path.name))

    def delete(self, digest: str) -> None:
        """Remove an object that no letter refers to; one that is not there is no error.

        Raises:
            InvalidInput: ``digest`` is not 64 lowercase hex digits.
            StorageFailed: the disk refused it.
        """
        path = self._place(digest)
        with storage_errors("Deleting", path):
            if path.exists():
                _unprotect(path)
                path.unlink(missing_ok=True)
                sync_directory(path.parent)

    def clean(self, *, before: datetime.datetime) -> int:
        """Remove staging files last written before that time (left by killed processes).

        Returns how many. Choose a time no running call can have started before.

        Raises:
            InvalidInput: the time has no time zone.
            StorageFailed: the disk refused it.
        """
        if before.tzinfo is None:
            raise InvalidInput(f"before must have a time zone, got {before!r}.")
        removed = 0
        with storage_errors("Cleaning", self._staging):
            for path in self._staging.glob("*.part"):
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def _place(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise InvalidInput(
                f"An object is named by 64 lowercase hex digits (SHA-256), got {digest!r}.",
                digest=digest,
            )
        return self.root / digest[:2] / digest


@attrs.define(eq=False)
class DirectoryStagedFile:
    """A staging file of a ``DirectoryStore``. Leaving the ``with`` drops it unless it was put."""

    path: Path
    _file: BinaryIO | None = None

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Append ``data`` and return its length in bytes.

        Raises:
            StorageFailed: the disk refused it.
        """
        with storage_errors("Writing", self.path):
            if self._file is None:
                self._file = open(self.path, "xb", opener=_privately)  # noqa: SIM115
            return self._file.write(data)

    def finish(self) -> None:
        """Hand buffered bytes to the operating system; nothing more can be written here. The file
        stays in staging, where another process may read and write it. Harmless when repeated.

        Raises:
            StorageFailed: the disk refused the last bytes.
        """
        with storage_errors("Writing", self.path):
            if self._file is not None:
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # What could not be written is dropped anyway.
            if self._file is not None:
                self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink()


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _map_here(call: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    return [call(value) for value in values]


def _settle(item: tuple[StagedFile, Path]) -> bool:
    """Make the bytes durable, in staging (False) or where the object stands already (True)."""
    staged, place = item
    with storage_errors("Writing", staged.path):
        if not staged.path.exists():
            raise StorageFailed(
                f"The staging file {staged.path} is gone. It can be put once, inside its with.",
                path=str(staged.path),
            )
        if _intact(place):
            # Another process may have moved it here and not yet have waited for the disk.
            sync_file(place)
            return True
        staged.path.chmod(0o444)
        sync_file(staged.path)
        return False


def _intact(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == place.name
    except FileNotFoundError:
        return False
    except OSError:
        return False  # An unreadable object is a damaged one: it is replaced.


def _unprotect(path: Path) -> None:
    if os.name == "nt" and path.exists():
        path.chmod(0o600)  # Windows neither removes nor replaces a read-only file.


def _sync_shard(shard: Path) -> None:
    with storage_errors("Writing", shard):
        sync_directory(shard)


@contextlib.contextmanager
def _present(digest: str) -> Iterator[None]:
    try:
        yield
    except StorageFailed as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise NotFound(f"There is no object {digest}.", digest=digest) from error
        raise
