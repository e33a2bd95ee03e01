"""The folder of a backup: contents once, and every state of the office that was backed up.

A state is an office's folder without its contents and locks, and a list of what belongs to it that
``sha256sum --check`` reads.
"""

from __future__ import annotations

import datetime
import heapq
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from sipadek.archive.durable import replace_file, storage_errors, sync_directory
from sipadek.errors import InvalidInput, NotFound
from sipadek.objects import DirectoryStore
from sipadek.office.folder import Folder
from sipadek.sql import RegisterCopy

FORMAT: Final = {"format": "sipadek-backup", "version": 1}
PART: Final = ".part"
"""What the name of a state ends in that is not whole yet, or not any more."""


@attrs.frozen(kw_only=True)
class BackupState:
    """A state of an office in a backup.

    ``name`` begins with the time (UTC) of ``at``; ``events``, ``letters`` and ``objects`` count what
    it holds, and ``checkpoint`` is its signed head. ``lost`` are objects (SHA-256) that were missing or
    damaged when it was made. ``keys`` says whether the office's secret key is in it.
    """

    name: str
    at: datetime.datetime
    events: int
    letters: int
    objects: int
    checkpoint: str
    keys: bool
    lost: tuple[str, ...] = ()

    def value(self) -> dict[str, Any]:
        """What ``state.json`` holds."""
        return {**FORMAT, **attrs.asdict(self), "at": self.at.isoformat()}

    @classmethod
    def read(cls, path: Path) -> BackupState:
        """The state of a ``state.json``. Raises InvalidInput for anything else."""
        try:
            with storage_errors("Reading", path):
                value = json.loads(path.read_bytes())
            if {name: value.pop(name) for name in FORMAT} != FORMAT:
                raise ValueError("it is of another version")
            at = datetime.datetime.fromisoformat(value.pop("at"))
            return cls(at=at, lost=tuple(value.pop("lost")), **value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidInput(
                f"{path} is not the description of a backup ({error}); take another state",
                path=str(path),
            ) from error


@attrs.frozen
class BackupFolder:
    """``objects/`` holds contents as in an office, ``states/NAME/`` a state each, ``backup.json`` whose
    backup it is."""

    root: Path

    @property
    def states(self) -> Path:
        return self.root / "states"

    def store(self) -> DirectoryStore:
        """The contents of all states."""
        return DirectoryStore(self.root / "objects")

    def prepare(self, origin: str) -> None:
        """Make it a backup of the office whose log is ``origin``, or see that it is one.

        Raises InvalidInput where it is another office's, or holds other things; StorageFailed.
        """
        mine = self.root / "backup.json"
        with storage_errors("Making the folder", self.root):
            if not mine.exists():
                if self.root.exists() and any(
                    not each.name.startswith(f".{mine.name}.") for each in self.root.iterdir()
                ):
                    raise InvalidInput(
                        f"{self.root} holds other things than a backup; choose an empty or new folder",
                        path=str(self.root),
                    )
                replace_file(mine, json.dumps({**FORMAT, "origin": origin}).encode())
                sync_directory(self.root.parent)
            self.states.mkdir(exist_ok=True)
        found = self.origin()
        if found != origin:
            raise InvalidInput(
                f"{self.root} is the backup of {found}, not of {origin}; give each office a folder of"
                " its own",
                path=str(self.root),
            )

    def origin(self) -> str:
        """The log of the office whose backup it is. Raises InvalidInput where it is none."""
        path = self.root / "backup.json"
        try:
            with storage_errors("Reading", path):
                value = json.loads(path.read_bytes()) if path.exists() else {}
            if {name: value[name] for name in FORMAT} == FORMAT:
                return str(value["origin"])
        except (ValueError, TypeError, KeyError):
            pass
        raise InvalidInput(f"{self.root} is not a backup that this version can read")

    def all(self) -> tuple[BackupState, ...]:
        """All whole states, oldest first. Raises InvalidInput where one cannot be read."""
        with storage_errors("Listing", self.states):
            names = sorted(each.name for each in self.states.iterdir())
        return tuple(
            BackupState.read(self.states / name / "state.json")
            for name in names
            if not name.endswith(PART)
        )

    def find(self, name: str | None) -> BackupState:
        """The state of that name, by default the newest. Raises NotFound."""
        self.origin()
        found = [each for each in self.all() if name in (None, each.name)]
        if not found:
            raise NotFound(f"{self.root} has no state {name or 'at all'}", path=str(self.root))
        return found[-1]

    def at(self, state: str) -> Folder:
        """The office's folder that a state is."""
        return Folder(self.states / state)

    def drop_parts(self) -> None:
        """Remove what earlier runs left half made or half removed."""
        with storage_errors("Cleaning", self.states):
            for each in self.states.glob(f"*{PART}"):
                shutil.rmtree(each)

    def keep_newest(self, count: int) -> int:
        """Remove all states but the newest ``count``, and the contents that none of these names;
        returns how many objects were removed."""
        states = self.all()
        with storage_errors("Removing", self.states):
            for each in states[:-count]:
                dropped = self.states / f"{each.name}{PART}"
                (self.states / each.name).rename(dropped)
                sync_directory(self.states)
                shutil.rmtree(dropped)
        named = heapq.merge(
            *(RegisterCopy(path=self.at(each.name).register).objects() for each in states[-count:])
        )
        store = self.store()
        removed = list(_beyond(store.digests(), (digest for digest, _ in named)))
        for digest in removed:
            store.delete(digest)
        return len(removed)


def _beyond(there: Iterable[str], named: Iterator[str]) -> Iterator[str]:
    """What is there and not named; both come in ascending order."""
    wanted = next(named, None)
    for digest in there:
        while wanted is not None and wanted < digest:
            wanted = next(named, None)
        if digest != wanted:
            yield digest
