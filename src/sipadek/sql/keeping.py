"""Keeping what proves the newest state outside of the register, with every write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import attrs

from sipadek.sql.database import Database
from sipadek.sql.log import KnownHead


class KeptHead(Protocol):
    """Where the newest known head is kept."""

    def read(self) -> KnownHead | None:
        """The head that is kept, if any."""

    def write(self, head: KnownHead) -> None:
        """Keep ``head`` in its place, durably."""


@attrs.define
class KeepingDatabase:
    """A database whose every new head is kept, too, before the write is acknowledged. Nothing is kept
    while there is no ``kept``: before what is there was checked."""

    database: Database
    kept: KeptHead | None = None

    @property
    def path(self) -> Path:
        """Where the database is."""
        return self.database.path

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """As of the database."""
        return self.database.read()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """As of the database; then the head that it left is kept. Of two processes the later commit
        wins, since the shorter log never replaces the longer one."""
        with self.database.write() as connection:
            yield connection
            head = None if self.kept is None else KnownHead.stored(connection)
        if self.kept is not None and head is not None:
            known = self.kept.read()
            if known is None or known.range.size < head.range.size:
                self.kept.write(head)
