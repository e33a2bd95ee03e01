"""Writing a PDF that grew: staged beside its target, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import attrs

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.office.receiving import Received, Source, receive


@attrs.frozen(kw_only=True)
class Signed:
    """A signed PDF was written: its ``size`` in bytes, how many of them were ``added`` to the original,
    and its SHA-256 in hex."""

    size: int
    added: int
    digest: str


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A path beside ``target`` whose file is gone at the end, unless it took the target's name."""
    path = target.with_name(f".{target.name[:40]}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def received_at(path: Path, source: Source, *, digest: str = "sha256") -> Received:
    """``source`` copied to ``path``, with its hash by ``digest`` too. Raises InvalidInput, or
    StorageFailed."""
    with storage_errors("writing", path), path.open("wb") as file:
        return receive(source, file, digests=frozenset((digest,)))


def finished(path: Path, target: Path, received: Received, data: bytes) -> Signed:
    """What was received at ``path`` gets ``data`` appended and the target's name, on the disk."""
    with storage_errors("writing", target):
        with path.open("ab") as file:
            file.write(data)
        sync_file(path)
        path.replace(target)
        sync_directory(target.parent)
    return outcome(received, data)


def outcome(received: Received, data: bytes) -> Signed:
    """What was received, with ``data`` behind it."""
    digest = received.hashes["sha256"].copy()
    digest.update(data)
    return Signed(size=received.size + len(data), added=len(data), digest=digest.digest().hex())
