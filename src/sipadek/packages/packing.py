"""One file of a package: written as its bytes come, hashed as they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import attrs

from sipadek.archive.durable import storage_errors
from sipadek.errors import DamagedObject


@attrs.frozen(kw_only=True)
class PackedFile:
    """A file to pack: its ``name`` (relative, with ``/``), its bytes in ``chunks``, which are read once,
    and the SHA-256 (hex) that they must have, where it is known."""

    name: str
    chunks: Iterable[bytes] = attrs.field(repr=False)
    digest: str = ""

    @classmethod
    def of(cls, name: str, data: bytes) -> PackedFile:
        """A file with these bytes."""
        return cls(name=name, chunks=(data,))


@attrs.frozen(kw_only=True)
class Digests:
    """What was written: ``size`` in bytes and digests in hex."""

    size: int
    sha256: str
    sha512: str


def write_file(path: Path, file: PackedFile) -> Digests:
    """Write the file, with its folders.

    Raises:
        DamagedObject: the bytes have another digest than they must have.
        StorageFailed: the disk refused it.
    """
    sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
    with storage_errors("Writing", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as written:
            for chunk in file.chunks:
                sha256.update(chunk)
                sha512.update(chunk)
                size += written.write(chunk)
    if file.digest and sha256.hexdigest() != file.digest:
        raise DamagedObject(
            f"{file.name} has the SHA-256 {sha256.hexdigest()} instead of {file.digest}; nothing is"
            " handed over. Audit the office and restore it from a backup",
            digest=file.digest,
        )
    return Digests(size=size, sha256=sha256.hexdigest(), sha512=sha512.hexdigest())
