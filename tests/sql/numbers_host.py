"""A city app with the numbers in its own database."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numbers_desk import FAULTS, Plant, Planted, copied
from sql_office import ORIGIN

from sipadek.archive import Letter
from sipadek.errors import SipadekError
from sipadek.ledger import CheckpointKey
from sipadek.sql import bind, index_checking, install, rows

READING = {"accounts", "counters", "head", "series", "verify_history"}


class Host:
    """Every call is made in a transaction of the host together with work of its own, which the host
    commits even where the call raised; with the fault that only a host has, it rolls all back."""

    files = False
    faults = FAULTS | {"commit refused": sqlite3.IntegrityError, "host rolls back": Planted}

    def __init__(self, folder: Path) -> None:
        self.root, self.path, self.lives = folder, folder / "host.sqlite", 0
        self.key = CheckpointKey.generate(ORIGIN)
        self.plant: Plant | None = None
        self.copies: list[Path] = []
        self.work = 0
        self.open()
        self.connection.execute("CREATE TABLE work (done TEXT NOT NULL)")
        self.connection.execute("BEGIN IMMEDIATE")
        install(self.connection, key=self.key, origin=ORIGIN)
        self.connection.execute("COMMIT")

    @property
    def register(self) -> Host:
        return self

    def open(self) -> None:
        self.connection = sqlite3.connect(self.path, isolation_level=None)
        for setting in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            self.connection.execute(f"PRAGMA {setting}")

    def close(self) -> None:
        assert self.connection.execute("SELECT count(*) FROM work").fetchone() == (self.work,)
        self.connection.close()

    def killed(self) -> Path:
        self.lives += 1
        return copied(self.path, self.root / str(self.lives))

    def go_on(self, path: Path) -> None:
        """Open a file as a new process would."""
        self.close()
        self.path = path
        self.open()
        self.work = self.connection.execute("SELECT count(*) FROM work").fetchone()[0]

    @contextlib.contextmanager
    def planted(self, fault: str | None) -> Iterator[Plant]:
        plant = Plant(fault or "")
        self.plant = None if fault is None else plant
        try:
            yield plant
        finally:
            self.plant = None
        while self.copies:
            self.go_on(self.copies.pop())

    # --- what is asked of a register --------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._call, name)

    def letters(self) -> list[Letter]:
        query = f"{rows.SELECT} ORDER BY position"
        return [rows.letter(row) for row in self.connection.execute(query)]

    def check_index(self) -> list[Any]:
        return list(index_checking.check(self.connection))

    def _call(self, name: str, *given: Any, **more: Any) -> Any:
        plant = self.plant
        rolls_back = name in READING or (plant is not None and plant.fault == "host rolls back")
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            self.connection.execute("INSERT INTO work VALUES ('a letter')")
            numbers = bind(self.connection, key=self.key, origin=ORIGIN)
            if plant is not None:
                plant.into(numbers._log, lambda: self.copies.append(self.killed()))
            outcome = getattr(numbers, name)(*given, **more)
            if isinstance(outcome, Iterator):
                outcome = list(outcome)
            if plant is not None and plant.hit and rolls_back:
                raise Planted
        except (SipadekError, Planted):
            self._end(rolls_back)
            raise
        self._end(rolls_back)
        return outcome

    def _end(self, rolls_back: bool) -> None:
        if not self.connection.in_transaction:  # SQLite rolled back by itself.
            return
        try:
            self.connection.execute("ROLLBACK" if rolls_back else "COMMIT")
        except sqlite3.IntegrityError:
            self.connection.execute("ROLLBACK")
            raise
        self.work += not rolls_back
