"""What SQLite refuses, told in this library's errors."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sipadek.errors import DamagedRegister, NotAnOffice, SipadekError, StorageFailed

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH}
_FOREIGN = {sqlite3.SQLITE_NOTADB}


@contextlib.contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Raise errors of SQLite as ``SipadekError``, naming the database's ``path``."""
    try:
        yield
    except sqlite3.Error as error:
        raise _told(path, error) from error
    except UnicodeDecodeError as error:  # sqlite3 lets it out where a name or a text is damaged.
        raise DamagedRegister(
            f"The register {path} is damaged: it holds a text that is not UTF-8. Audit the office; "
            "restore the register from a backup.",
            path=str(path),
        ) from error


def _told(path: Path, error: sqlite3.Error) -> SipadekError:
    # The low byte is the kind of failure, the rest its detail.
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _FOREIGN:
        return NotAnOffice(
            f"{path} is not an SQLite database, or its beginning is damaged. "
            "Choose another folder, or restore the file from a backup.",
            path=str(path),
        )
    if code in _DAMAGED:
        return DamagedRegister(
            f"The register {path} is damaged or contradicts itself ({error}). Nothing was "
            "written. Audit the office; restore the register from a backup where it is corrupt.",
            path=str(path),
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageFailed(
            f"Another program keeps the register {path} locked. Close it and try again.",
            path=str(path),
        )
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return StorageFailed(
        f"The register {path} could not be used ({error}; {name}). Nothing was acknowledged. "
        "Check free space, permissions and the disk, then repeat the call with the same key.",
        path=str(path),
        sqlite=name,
    )
