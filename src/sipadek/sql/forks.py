"""Keeping SQLite and ``fork`` apart.

SQLite's locks belong to a process, but its memory of holding them is copied by a fork: a child
that inherits an open connection, or opens the same file anew beside it, believes in locks it does
not have. When the parent then closes, it deletes the write-ahead log under the child, and what the
child commits is lost. So idle connections are closed before every fork; where one was in the middle
of a transaction, the child may not use that file at all.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any, Protocol

from sipadek.errors import UnsafeDatabase


class Forked(Protocol):
    """What is told about forks."""

    path: Path

    def before_fork(self) -> bool: ...

    def after_fork(self, *, child: bool) -> None: ...


_watched: weakref.WeakSet[Forked] = weakref.WeakSet()
_told: list[Forked] = []
_open_at_fork: list[Path] = []
_refused: list[Path] = []
_abandoned: list[Any] = []


def watch(database: Forked) -> None:
    """Tell ``database`` about every fork for as long as it lives."""
    _watched.add(database)


def refuse(path: Path) -> None:
    """Raise when the file at ``path`` was in use while this process was forked off.

    Raises:
        UnsafeDatabase: it was.
    """
    if _refused and any(_same(path, other) for other in _refused):
        raise UnsafeDatabase(
            f"This process was forked while another thread was using {path}, so SQLite's locks "
            "cannot be trusted here. Use the 'spawn' or 'forkserver' start method, or fork when "
            "the office is at rest.",
            path=str(path),
        )


def abandon(*values: Any) -> None:
    """Keep ``values`` for ever, so that the child never closes the parent's connections."""
    _abandoned.extend(values)


def _same(left: Path, right: Path) -> bool:
    try:
        return left.samefile(right)
    except OSError:
        return left == right


def _before() -> None:
    for database in list(_watched):
        _told.append(database)
        if database.before_fork():
            _open_at_fork.append(database.path)


def _after_in_parent() -> None:
    while _told:
        _told.pop().after_fork(child=False)
    _open_at_fork.clear()


def _after_in_child() -> None:
    _refused.extend(_open_at_fork)
    _open_at_fork.clear()
    while _told:
        _told.pop().after_fork(child=True)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
