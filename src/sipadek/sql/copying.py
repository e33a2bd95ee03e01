"""Copying the register while others write it, and reading such a copy without changing it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from sipadek.errors import DamagedRegister
from sipadek.sql.faults import database_errors
from sipadek.sql.log import KnownHead
from sipadek.sql.reading import Readable

_SEE: Final = "SELECT count(*) FROM sipadek_entry"
_ORIGIN: Final = "SELECT value FROM sipadek_meta WHERE name = 'origin'"
_OBJECTS: Final = (
    "SELECT DISTINCT filed_digest, filed_size FROM sipadek_entry WHERE filed_digest <> ''"
    " ORDER BY filed_digest"
)


@attrs.frozen(kw_only=True)
class RegisterCopy:
    """A register's file that nobody writes: one that `copy_register` made, at ``path``."""

    path: Path

    def origin(self) -> str:
        """The name of its log. Raises DamagedRegister, NotAnOffice or StorageFailed."""
        with self._read() as connection:
            row = connection.execute(_ORIGIN).fetchone()
        if row is None:
            raise DamagedRegister(f"The register {self.path} does not say whose it is.")
        return str(row[0])

    def head(self) -> KnownHead:
        """The head of its log, not verified. Raises as ``origin``."""
        with self._read() as connection:
            head = KnownHead.stored(connection)
        if head is None:
            raise DamagedRegister(f"The register {self.path} has lost the head of its log.")
        return head

    def letters(self) -> int:
        """How many letters it holds, in all states."""
        with self._read() as connection:
            count: int = connection.execute(_SEE).fetchone()[0]
        return count

    def objects(self) -> Iterator[tuple[str, int]]:
        """The SHA-256 (hex) and size of every object that it names, in ascending order."""
        with self._read() as connection:
            yield from connection.execute(_OBJECTS)

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        # "immutable": neither locks nor files beside it are made, so it may lie anywhere.
        with (
            database_errors(self.path),
            contextlib.closing(_connect(self.path, "mode=ro&immutable=1")) as connection,
        ):
            yield connection


def copy_register(database: Readable, path: Path) -> RegisterCopy:
    """Copy the register as it is now to ``path``, which must not be there. Others may read and write it
    meanwhile: the copy is of one moment.

    The caller waits for the disk. Raises StorageFailed or DamagedRegister.
    """
    with database.read() as source:
        source.execute(_SEE).fetchone()  # the moment: what is committed from here on is not seen
        with database_errors(path), contextlib.closing(_connect(path, "nolock=1")) as target:
            for setting in ("journal_mode = OFF", "synchronous = OFF"):
                target.execute(f"PRAGMA {setting}")
            source.backup(target)
    return RegisterCopy(path=path)


def _connect(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
