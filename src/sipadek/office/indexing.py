"""The search indexes of an office: which one is asked, and how each is made anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sipadek.engines import open_index
from sipadek.errors import IndexDamaged
from sipadek.office.content_audit import Progress
from sipadek.office.folder import Folder
from sipadek.search import SearchIndex
from sipadek.sql import Register
from sipadek.sql.queue import WriteQueue

_T = TypeVar("_T")


class OfficeIndex:
    """What `Office` has to do with its search indexes."""

    _folder: Folder
    _register: Register
    _index: SearchIndex | None

    def reindex(self, *, progress: Progress | None = None) -> None:
        """Make the index anew that this office is opened with: the register's own, from the texts it
        keeps, or the one beside it, from the ledger on.

        Letters are filed and found meanwhile, with the old index or the register's. After an
        interruption the old one serves on, and the same call begins anew. ``progress`` is called with
        what is done and all that is to do: letters, or events for an index beside the register.

        Raises StorageFailed.
        """
        if self._index is None:
            with self._reindexing().hold():
                self._register.reindex(progress=progress)
        else:
            self._register.follow(self._index, anew=True, progress=progress)

    def catch_up(self, *, progress: Progress | None = None) -> int:
        """Let the index beside the register follow the ledger to its end; how many events it was behind.
        A search does so by itself for some hundred letters; call this after many were filed.

        ``progress`` is called with events followed and events in all. Raises StorageFailed.
        """
        if self._index is None:
            return 0
        return self._register.follow(self._index, progress=progress)

    def index_lag(self) -> int:
        """How many events the index beside the register is behind; 0 for the register's own, which
        never is."""
        return 0 if self._index is None else self._register.lag(self._index)

    def _beside(self, index: SearchIndex | str | None) -> SearchIndex | None:
        """The index beside the register; a name is that of an engine, with its folder in the
        office's."""
        return open_index(index, self._folder.indexes / index) if isinstance(index, str) else index

    def _served(self, ask: Callable[[], _T]) -> _T:
        """What ``ask`` finds; the register's index is made anew where it turns out to be damaged."""
        try:
            return ask()
        except IndexDamaged:
            pass
        with self._reindexing().hold():
            try:
                return ask()  # Another one may have mended it meanwhile.
            except IndexDamaged:
                self._register.reindex()
        return ask()

    def _reindexing(self) -> WriteQueue:
        return WriteQueue(self._folder.reindexing)
