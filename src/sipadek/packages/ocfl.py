"""Writing an OCFL 1.1 storage root: one object a letter, each with one version.

Objects lie by the SHA-256 of their id, three folders deep (extension 0003, hash and id n-tuple storage
layout), so that a listing of any folder stays small. Content is addressed by SHA-512, as OCFL
advises; the SHA-256 by which an office knows it stands in the fixity block.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

from sipadek.archive.durable import storage_errors
from sipadek.packages.bagit import drop, new_part
from sipadek.packages.packing import PackedFile, write_file

_LAYOUT: Final = "0003-hash-and-id-n-tuple-storage-layout"
_ENCODED: Final = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST: Final = 100
_CONFIG: Final = {
    "extensionName": _LAYOUT,
    "digestAlgorithm": "sha256",
    "tupleSize": 3,
    "numberOfTuples": 3,
}


class OcflWriter:
    """A storage root at ``root``, to be used in a ``with`` statement; it appears as a whole, as a bag
    of `BagWriter` does. Objects are named ``prefix`` and the letter's id; ``at`` (aware) is when their
    version was made.

    Raises InvalidInput where something is at ``root``, StorageFailed.
    """

    def __init__(self, root: Path, *, prefix: str, at: datetime.datetime) -> None:
        self.root = root
        self._part = new_part(root)
        self._prefix = prefix
        self._at = at

    def __enter__(self) -> Self:
        with storage_errors("Writing", self._part):
            extension = self._part / "extensions" / _LAYOUT
            extension.mkdir(parents=True)
            (self._part / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
            _write_json(extension / "config.json", _CONFIG)
            description = (
                "By the SHA-256 of an object's id in three folders of three digits, then by the id"
            )
            layout = {"extension": _LAYOUT, "description": description}
            _write_json(self._part / "ocfl_layout.json", layout)
        return self

    def add(self, folder: str, files: Iterable[PackedFile]) -> str:
        """Write an object with these files, or, without a ``folder``, files beside the objects; returns
        where, from the storage root on. The last part of ``folder`` is the letter's id. Raises
        DamagedObject or StorageFailed."""
        if not folder:
            for file in files:
                write_file(self._part / file.name, file)
            return ""
        return self._object(folder.rpartition("/")[2], files)

    def _object(self, letter: str, files: Iterable[PackedFile]) -> str:
        id_ = f"{self._prefix}{letter}"
        root = self._part / object_path(id_)
        manifest: dict[str, list[str]] = defaultdict(list)
        state: dict[str, list[str]] = defaultdict(list)
        fixity: dict[str, list[str]] = defaultdict(list)
        for file in files:
            content = f"v1/content/{file.name}"
            written = write_file(root / content, file)
            manifest[written.sha512].append(content)
            fixity[written.sha256].append(content)
            state[written.sha512].append(file.name)
        with storage_errors("Writing", root):
            (root / "0=ocfl_object_1.1").write_bytes(b"ocfl_object_1.1\n")
            inventory = _json(self._inventory(id_, manifest, state, fixity))
            sidecar = f"{hashlib.sha512(inventory).hexdigest()} inventory.json\n".encode()
            for place in (root, root / "v1"):
                (place / "inventory.json").write_bytes(inventory)
                (place / "inventory.json.sha512").write_bytes(sidecar)
        return object_path(id_).as_posix()

    def _inventory(
        self,
        id_: str,
        manifest: Mapping[str, list[str]],
        state: Mapping[str, list[str]],
        fixity: Mapping[str, list[str]],
    ) -> dict[str, Any]:
        created = self._at.astimezone(datetime.UTC).isoformat(timespec="seconds")
        version = {
            "created": created.replace("+00:00", "Z"),
            "message": "Exported from the register",
            "state": state,
            "user": {"name": "sipadek", "address": self._prefix.rstrip(":")},
        }
        return {
            "id": id_,
            "type": "https://ocfl.io/1.1/spec/#inventory",
            "digestAlgorithm": "sha512",
            "head": "v1",
            "manifest": manifest,
            "versions": {"v1": version},
            "fixity": {"sha256": fixity},
        }

    def finish(self, info: Mapping[str, str]) -> None:
        """Give the storage root its name. ``info`` is kept in ``export.json`` beside the objects."""
        with storage_errors("Writing", self._part):
            _write_json(self._part / "export.json", dict(info))
            self._part.rename(self.root)

    def __exit__(self, *_: object) -> None:
        drop(self._part)


def object_path(id_: str) -> Path:
    """Where the object of that id lies below the storage root."""
    digest = hashlib.sha256(id_.encode()).hexdigest()
    name = _ENCODED.sub(lambda found: "".join(f"%{byte:02x}" for byte in found[0].encode()), id_)
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{digest}"
    return Path(digest[:3], digest[3:6], digest[6:9], name)


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def _write_json(path: Path, value: Any) -> None:
    path.write_bytes(_json(value))
