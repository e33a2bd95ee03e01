"""What the archive asks of a place that keeps bytes: the ObjectStore Protocol."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self


class StagedFile(Protocol):
    """A writable file on this machine that becomes an object, or vanishes when its ``with`` ends.

    Bytes come in through ``write``, or another process writes to ``path``; the store makes either
    durable in ``put``.
    """

    @property
    def path(self) -> Path:
        """Where the bytes stand until they are put or dropped."""
        ...

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Append ``data`` and return its length in bytes.

        Raises:
            StorageFailed: the disk refused it.
        """
        ...

    def finish(self) -> None:
        """Hand what was written to the operating system, so that others can read it at ``path``;
        nothing more can be written here. ``put`` does it where it was not done.

        Raises:
            StorageFailed: the disk refused the last bytes.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class ObjectStore(Protocol):
    """Keeps finished files under their SHA-256 (64 lowercase hex digits), each once.

    Every method that takes a digest raises ``InvalidInput`` for any other text, and every method
    raises ``StorageFailed`` where the medium fails.
    """

    def stage(self) -> StagedFile:
        """A new staging file, to be used in a ``with`` statement."""
        ...

    def put(self, staged: StagedFile, digest: str) -> None:
        """Keep the staged bytes under ``digest``; on return they survive a power loss.

        The caller has computed ``digest`` from the bytes it wrote; the store does not hash them
        again. Where the object exists already it is read back, and replaced when it is damaged.
        """
        ...

    def put_many(self, items: Sequence[tuple[StagedFile, str]]) -> None:
        """Like ``put`` for each, but waiting for the medium together. When it raises, some of the
        objects may have been kept; putting them again is harmless."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """The object's bytes for reading, seekable.

        Raises:
            NotFound: there is no such object.
        """
        ...

    def size(self, digest: str) -> int:
        """The object's length in bytes.

        Raises:
            NotFound: there is no such object.
        """
        ...

    def exists(self, digest: str) -> bool:
        """Whether the object is there; its bytes are not read."""
        ...

    def digests(self) -> Iterator[str]:
        """All objects in ascending order of digest."""
        ...

    def delete(self, digest: str) -> None:
        """Remove an object that no letter refers to; one that is not there is no error."""
        ...

    def clean(self, *, before: datetime.datetime) -> int:
        """Remove staging files last written before that time, and return how many."""
        ...
