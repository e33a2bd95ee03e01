"""Taking in an original: copied to a staging file, hashed as it passes, never whole in memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import attrs

from sipadek.errors import InvalidInput
from sipadek.signing import HashState

CHUNK = 1024 * 1024
"""Bytes read at a time."""

Source = bytes | str | os.PathLike[str] | BinaryIO
"""An original: its bytes, the path of a file, or a file opened for reading in binary."""


class Sink(Protocol):
    """Where received bytes go."""

    def write(self, data: bytes, /) -> int: ...


@attrs.frozen(kw_only=True)
class Received:
    """What passed: ``size`` in bytes, and the running hash of it for each digest that is needed."""

    size: int
    hashes: dict[str, HashState]

    @property
    def digest(self) -> str:
        """SHA-256 of the original, in hex."""
        return self.hashes["sha256"].digest().hex()


def receive(source: Source, sink: Sink, *, digests: frozenset[str] = frozenset()) -> Received:
    """Copy ``source`` to ``sink``. ``digests`` names hashes to keep beside SHA-256 (hashlib names).

    Raises InvalidInput where the source cannot be read or is empty.
    """
    hashes = {name: hashlib.new(name) for name in {"sha256", *digests}}
    size = 0
    for chunk in chunks(source):
        for state in hashes.values():
            state.update(chunk)
        sink.write(chunk)
        size += len(chunk)
    if size == 0:
        raise InvalidInput("the file is empty; give the whole PDF")
    return Received(size=size, hashes=dict(hashes))


def chunks(source: Source) -> Iterator[bytes]:
    """The bytes of a source in pieces of at most CHUNK."""
    if isinstance(source, bytes | bytearray | memoryview):
        view = memoryview(source)
        yield from (bytes(view[i : i + CHUNK]) for i in range(0, len(view), CHUNK))
        return
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            with path.open("rb", buffering=0) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InvalidInput(f"cannot read {path.name}: {reason}", path=str(path)) from None
        return
    if not hasattr(source, "read"):
        raise InvalidInput(f"expected bytes, a path or a binary file, got {type(source).__name__}")
    while chunk := source.read(CHUNK):
        if not isinstance(chunk, bytes):
            raise InvalidInput("the file is opened as text; open it in binary ('rb')")
        yield chunk
