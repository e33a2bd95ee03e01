"""The part of an office that gives everything out of hand, and takes it back: backups."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path

from sipadek.archive import ObjectStore
from sipadek.ledger import CheckpointVerifier
from sipadek.office.alone import alone
from sipadek.office.backing_up import Backup, Progress, back_up
from sipadek.office.backup_folder import BackupFolder
from sipadek.office.folder import Folder
from sipadek.sql import Database


class OfficeArchive:
    """What `Office` has to do with copies of what it keeps."""

    _folder: Folder
    _clock: Callable[[], datetime.datetime]
    _store: ObjectStore
    _database: Database
    _verifying: CheckpointVerifier

    def backup(
        self,
        target: str | os.PathLike[str],
        *,
        keys: bool = False,
        keep: int | None = None,
        progress: Progress | None = None,
    ) -> Backup:
        """Back up the office as it is at this moment to the folder ``target``, while others go on.

        ``target`` is new, empty, or holds earlier states of this office: contents that are there are
        not copied again, so a call that was interrupted is repeated. It should lie on another disk.
        ``keys`` puts the secret key into it, too: who has that can write another history, so keep such
        a backup locked away. ``keep`` removes all but so many of the newest states, with the contents
        that none of them names. ``progress`` is called with objects done and objects in all.

        Raises InvalidInput where the folder is another office's or holds other things, OfficeError where
        another process is at it, StorageFailed.
        """
        with alone(self._folder.backing_up, "backing up this office"):
            return back_up(
                self._folder,
                self._database,
                self._store,
                BackupFolder(Path(target)),
                origin=self._verifying.name,
                at=self._clock(),
                keys=keys,
                keep=keep,
                progress=progress,
            )
