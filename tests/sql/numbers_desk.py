"""A register whose operations fail at chosen places, and whose process dies."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
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
    hit: bool = False


class Desk(Office):
    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.lives = 0
        super().__init__(folder)

    def killed(self) -> Path:
        """The file as ``kill -9`` leaves it at this moment, in a folder of its own."""
        self.lives += 1
        folder = self.root / str(self.lives)
        folder.mkdir()
        for name in (self.path.name, f"{self.path.name}-wal"):
            if (self.path.parent / name).exists():
                shutil.copy(self.path.parent / name, folder / name)
        return folder

    def go_on(self, folder: Path) -> None:
        """Open what is in ``folder`` as a new process would."""
        self.close()
        self.folder, self.path = folder, folder / self.path.name
        self.open()

    @contextlib.contextmanager
    def planted(self, fault: str | None) -> Iterator[Plant]:
        """The next write that comes to logging breaks; ``hit`` tells whether one came."""
        plant = Plant()
        if fault is None:
            yield plant
            return
        log: Any = self.register._log
        copies: list[Path] = []

        def append(connection: sqlite3.Connection, events: Any) -> None:
            plant.hit = True
            if fault == "error before the log":
                raise Planted
            type(log).append(log, connection, events)
            if fault == "killed":
                copies.append(self.killed())
            _break(connection, fault)

        log.append = append
        try:
            yield plant
        finally:
            del log.append
        if plant.hit and fault == "commit refused":
            # DEFECT: the connection goes back to the pool inside the transaction that could not be
            # committed: it keeps others locked out, and the next use of it fails.
            with contextlib.suppress(StorageFailed):
                self.register.head()
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
    else:
        raise Planted
