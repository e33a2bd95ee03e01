"""A folder as a disk that can lose power: what was not synced is dropped, wholly or in part."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Literal

import attrs

SOURCE = Path(__file__).with_name("powerloss.c")
_SECTORS = (512, 4096)


@attrs.frozen
class Cut:
    """How power is lost: which names and which of the unsynced sectors are kept.

    ``names``: those of the folder's last sync, those of now, or either for each name.
    ``sector``: 0 drops all unsynced bytes, else a random part of the sectors of that size is kept.
    """

    names: Literal["synced", "now", "either"]
    sector: int


STRICT = Cut("synced", 0)
CUTS = (
    STRICT,
    Cut("now", 0),
    Cut("either", 0),
    *(Cut(names, size) for names in ("synced", "now", "either") for size in _SECTORS),
)


class Shim:
    """The preloaded library, compiled into ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "powerloss.so"
        command = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(self.path), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        self._library = ctypes.CDLL(str(self.path))

    def environment(self) -> dict[str, str]:
        """For processes that write to a ``Disk``."""
        return os.environ | {"LD_PRELOAD": str(self.path)}

    def id(self, path: Path) -> str:
        """What the kept copy calls this file."""
        buffer = ctypes.create_string_buffer(128)
        size = ctypes.c_long(len(buffer))
        if self._library.faults_id(bytes(path), buffer, size) != 0:
            raise FileNotFoundError(path)
        return buffer.value.decode()


def missing() -> str:
    """Why there can be no shim here, empty where there can."""
    if os.uname().sysname != "Linux":
        return "needs Linux"
    return "" if shutil.which("gcc") else "needs gcc"


@attrs.frozen
class Disk:
    """``folder`` is what processes see, ``kept`` what a power cut would leave of it."""

    shim: Shim
    folder: Path
    kept: Path

    @classmethod
    def new(cls, shim: Shim, place: Path) -> Disk:
        """Empty; the writer's folder is ``place/disk``."""
        disk = cls(shim, place / "disk", place / "kept")
        disk.folder.mkdir(parents=True)
        disk.sync()
        return disk

    def sync(self) -> None:
        """All that is there now is kept from here on."""
        shutil.rmtree(self.kept, ignore_errors=True)
        (self.kept / "files").mkdir(parents=True)
        names = []
        for path in self._files():
            id_ = self.shim.id(path)
            shutil.copyfile(path, self.kept / "files" / id_)
            names.append(f"{id_} {path.name}\n")
        (self.kept / "names").write_text("".join(names))

    def cut(self, cut: Cut, chance: random.Random) -> None:
        """The power is off and on again; nobody may be writing. What is left counts as synced."""
        lines = (self.kept / "names").read_text().splitlines()
        synced = {name: id_ for id_, name in (line.split(" ", 1) for line in lines)}
        now = {path.name: self.shim.id(path) for path in self._files()}
        paths = {self.shim.id(path): path for path in self._files()}
        left: dict[str, bytes] = {}
        for name in sorted(synced.keys() | now.keys()):
            choices = {"synced": [synced], "now": [now], "either": [synced, now]}[cut.names]
            id_ = chance.choice(choices).get(name)
            if id_ is not None:
                left[name] = self._bytes(id_, paths.get(id_), cut.sector, chance)
        for path in self._files():
            path.unlink()
        for name, data in left.items():
            (self.folder / name).write_bytes(data)
        self.sync()

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    def _bytes(self, id_: str, path: Path | None, sector: int, chance: random.Random) -> bytes:
        copy = self.kept / "files" / id_
        kept = copy.read_bytes() if copy.exists() else b""
        if not sector or path is None:
            return kept
        written = path.read_bytes()
        size = chance.choice((len(kept), len(written)))
        share = chance.choice((0.1, 0.5, 0.9))
        data = bytearray(kept[:size].ljust(size, b"\0"))
        for start in range(0, size, sector):
            if chance.random() < share:
                new = written[start : start + sector][: size - start]
                data[start : start + len(new)] = new
        return bytes(data)
