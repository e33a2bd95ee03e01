"""Writing a BagIt package (RFC 8493), file by file, in constant memory.

The manifests are in SHA-256, as digests are everywhere in an office, and in SHA-512, which section 2.4
of the RFC asks of new bags.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Final, Self

from sipadek.archive.durable import storage_errors
from sipadek.errors import InvalidInput
from sipadek.packages.packing import Digests, PackedFile, write_file

_DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ALGORITHMS: Final = ("sha256", "sha512")


class BagWriter:
    """A bag at ``root``, to be used in a ``with`` statement.

    ``root`` must be new: what stands at its path is the whole bag, or nothing, since it is written
    beside it. What an interruption left there is written anew.

    Raises InvalidInput where something is there, StorageFailed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._part = new_part(root)
        self._manifests: dict[str, IO[str]] = {}
        self._bytes = 0
        self._files = 0

    def __enter__(self) -> Self:
        with storage_errors("Writing", self._part):
            (self._part / "data").mkdir(parents=True)
            for name in _ALGORITHMS:
                path = self._part / f"manifest-{name}.txt"
                self._manifests[name] = path.open("w", encoding="utf-8", newline="\n")
        return self

    def add(self, folder: str, files: Iterable[PackedFile]) -> str:
        """Write payload files below ``data/`` and ``folder``; returns where, from the bag on. Raises
        DamagedObject or StorageFailed."""
        for file in files:
            name = "/".join(filter(None, ("data", folder, file.name)))
            written = write_file(self._part / name, file)
            self._bytes += written.size
            self._files += 1
            with storage_errors("Writing", self._part):
                for algorithm, manifest in self._manifests.items():
                    manifest.write(f"{getattr(written, algorithm)}  {_encoded(name)}\n")
        return f"data/{folder}"

    def finish(self, info: Mapping[str, str]) -> None:
        """Write the tag files, with ``info`` as bag-info.txt, and give the bag its name."""
        self._close()
        told = {**info, "Payload-Oxum": f"{self._bytes}.{self._files}"}
        tags: dict[str, Digests] = {}
        files = (
            PackedFile.of("bagit.txt", _DECLARATION),
            PackedFile.of("bag-info.txt", "".join(map(_line, told.items())).encode()),
        )
        for file in files:
            tags[file.name] = write_file(self._part / file.name, file)
        with storage_errors("Writing", self._part):
            for name in _ALGORITHMS:
                tags[f"manifest-{name}.txt"] = _digests(self._part / f"manifest-{name}.txt")
            for name in _ALGORITHMS:
                lines = [f"{getattr(each, name)}  {tag}\n" for tag, each in sorted(tags.items())]
                path = self._part / f"tagmanifest-{name}.txt"
                path.write_text("".join(lines), encoding="utf-8", newline="\n")
            self._part.rename(self.root)

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._close()
        drop(self._part)

    def _close(self) -> None:
        with storage_errors("Writing", self._part):
            while self._manifests:
                self._manifests.popitem()[1].close()


def new_part(root: Path) -> Path:
    """Where a package is written before it has its name. Raises InvalidInput where something is."""
    if root.exists():
        raise InvalidInput(f"{root} is there already; choose a new path", path=str(root))
    part = root.with_name(f".{root.name}.part")
    drop(part)
    return part


def drop(part: Path) -> None:
    """Remove a half written package, if there is one."""
    with storage_errors("Removing", part):
        if part.exists():
            shutil.rmtree(part)


def _digests(path: Path) -> Digests:
    found = []
    for name in _ALGORITHMS:
        with path.open("rb") as file:
            found.append(hashlib.file_digest(file, name).hexdigest())
    return Digests(size=path.stat().st_size, sha256=found[0], sha512=found[1])


def _encoded(name: str) -> str:
    """A path as manifests write it (RFC 8493, section 2.1.3)."""
    return name.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _line(pair: tuple[str, str]) -> str:
    label, value = pair
    if not label or ":" in label or not label.isprintable():
        raise InvalidInput(f"{label!r} cannot be a label of bag-info.txt; write words and hyphens")
    return f"{label}: {' '.join(value.split())}\n"
