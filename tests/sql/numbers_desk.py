"""A register whose operations fail at chosen places, and whose process dies."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
from sql_office import Office

from sipadek.errors import DamagedRegister, StorageFailed


class Planted(Exception):
    """No error of the library: a programming error, or a caller that gives up."""


FAULTS: dict[str, type[Exception]] = {
    "error before the log": Planted,
    "error after the log": Planted,
    "statement refused": DamagedRegister,
    "interrupted": StorageFailed,
    "rolled back": StorageFailed,
    "commit refused": DamagedRegister,
    "killed": Planted,
}
"""Where a write can break after the operation's own statements, and what is raised then."""


@attrs.define
class Plant:
    """What is to break, and whether it came to that."""

    fault: str
    hit: bool = False

    def into(self, log: Any, kill: Callable[[], object]) -> None:
        """Break the next write that comes to ``log``; ``kill`` keeps the file as it is then."""

        def append(connection: sqlite3.Connection, events: Any) -> None:
            self.hit = True
            if self.fault == "error before the log":
                raise Planted
            type(log).append(log, connection, events)
            if self.fault == "killed":
                kill()
            _break(connection, self.fault)

        log.append = append


def copied(database: Path, folder: Path) -> Path:
    """The file as ``kill -9`` leaves it at this moment, in a new folder."""
    folder.mkdir()
    for name in (database.name, f"{database.name}-wal"):
        if (database.parent / name).exists():
            shutil.copy(database.parent / name, folder / name)
    return folder / database.name


class Desk(Office):
    files = True
    faults = FAULTS

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.lives = 0
        super().__init__(folder)

    def killed(self) -> Path:
        self.lives += 1
        return copied(self.path, self.root / str(self.lives))

    def go_on(self, path: Path) -> None:
        """Open a file as a new process would."""
        self.close()
        self.folder, self.path = path.parent, path
        self.open()

    @contextlib.contextmanager
    def planted(self, fault: str | None) -> Iterator[Plant]:
        plant = Plant(fault or "")
        if fault is None:
            yield plant
            return
        log: Any = self.register._log
        copies: list[Path] = []
        plant.into(log, lambda: copies.append(self.killed()))
        try:
            yield plant
        finally:
            del log.append
        for copy in copies:
            self.go_on(copy)


def _break(connection: sqlite3.Connection, fault: str) -> None:
    if fault == "statement refused":
        connection.execute("INSERT INTO sipadek_meta SELECT * FROM sipadek_meta")
    elif fault == "interrupted":
        # SQLite rolls the whole transaction back when it interrupts a write.
        connection.set_progress_handler(lambda: 1, 1)
        try:
            connection.execute("UPDATE sipadek_log_head SET size = size + 1")
        finally:
            connection.set_progress_handler(None, 1)
    elif fault == "rolled back":
        connection.execute("ROLLBACK")
    elif fault == "commit refused":
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("INSERT INTO sipadek_event VALUES (999999, 999999, x'00')")
    elif fault != "host rolls back":
        raise Planted
