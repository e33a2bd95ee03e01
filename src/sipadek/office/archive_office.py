"""The part of an office that takes in files piece by piece, and gives out of hand what it keeps."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sipadek.archive import ObjectStore
from sipadek.errors import InvalidInput, NotFound
from sipadek.ledger import CheckpointVerifier
from sipadek.office.alone import alone
from sipadek.office.folder import Folder
from sipadek.office.uploads import MAX_UPLOAD, Upload, upload
from sipadek.search import AccessPolicy, Results, Sort
from sipadek.sql import Database, Register

if TYPE_CHECKING:  # Who only files letters does not load what copies need.
    from sipadek.office.backing_up import Backup, Progress
    from sipadek.office.exporting import Export, PackageWriter

_PAGE: Final = 200


class OfficeArchive:
    """What `Office` has to do with copies of what it keeps."""

    _folder: Folder
    _clock: Callable[[], datetime.datetime]
    _store: ObjectStore
    _database: Database
    _register: Register
    _verifying: CheckpointVerifier

    def receive(self, name: str, *, max_size: int = MAX_UPLOAD) -> Upload:
        """The upload of that name (best the letter's idempotency key), begun or not: a file that comes
        in pieces, and goes on where it stopped, in whatever process. At most ``max_size`` bytes.
        `recover` drops what nobody has gone on with for two weeks. Raises InvalidInput."""
        return upload(self._folder.incoming, name, max_size=max_size)

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
        from sipadek.office.backing_up import back_up
        from sipadek.office.backup_folder import BackupFolder

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

    def export(
        self,
        target: str | os.PathLike[str],
        *,
        query: str = "",
        letters: Iterable[str] | None = None,
        viewer: AccessPolicy | None = None,
        layout: str = "bagit",
        info: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Export:
        """Write a package of letters to ``target``, a new path, to be handed over: for each its filed
        PDF, Dublin Core, its history in PREMIS, and a proof of every event in the ledger.

        What is packed is what ``query`` finds (all words, nothing near), for ``viewer``; or ``letters``,
        as ids or numbers; or, without either, every entry of the register, also void ones. ``layout``
        is 'bagit' (RFC 8493) or 'ocfl' (OCFL 1.1). ``info`` is said of the package, such as
        ``{"Source-Organization": "Kelurahan Legok"}``. Bytes pass one file at a time.

        Raises InvalidInput (something is at ``target``; no such layout; a selection that contradicts
        itself), InvalidQuery, NotFound (a letter, or any at all), DamagedObject, StorageFailed; nothing
        is left at ``target`` then.
        """
        from sipadek.office.exporting import Exporting
        from sipadek.packages import BagWriter, OcflWriter

        path, at = Path(target), self._clock()
        chosen = self._chosen(query, letters, viewer)
        if layout not in ("bagit", "ocfl"):
            raise InvalidInput(f"layout is {layout!r}; give 'bagit' or 'ocfl'", layout=layout)
        writer: PackageWriter = BagWriter(path)
        if layout == "ocfl":
            writer = OcflWriter(path, prefix=f"urn:sipadek:{self._verifying.name}:", at=at)
        run = Exporting(self._register, self._store, self._verifying, at)
        return run.run(writer, path, chosen, len(chosen), info=info or {}, progress=progress)

    def _chosen(
        self, query: str, letters: Iterable[str] | None, viewer: AccessPolicy | None
    ) -> list[str]:
        if query and letters is not None:
            raise InvalidInput("letters are chosen by query or by name; give one of them")
        if viewer is not None and not query:
            raise InvalidInput("a viewer says what a query may find; without one leave it out")
        if query:
            chosen = list(self._found(query, viewer))
        elif letters is not None:
            chosen = list(dict.fromkeys(letters))
        else:
            chosen = [each.id for each in self._register.letters()]
        if not chosen:
            raise NotFound(f"no letter is to be exported: {query or 'there is none'}", query=query)
        return chosen

    def _found(self, query: str, viewer: AccessPolicy | None) -> Iterator[str]:
        offset = 0
        while True:
            page = self.search(query, viewer=viewer, limit=_PAGE, offset=offset, sort=Sort.OLDEST)
            if page.suggestion:
                return
            yield from (hit.letter.id for hit in page.hits if not hit.partial)
            offset += len(page.hits)
            if offset >= page.total:
                return

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        offset: int = 0,
        viewer: AccessPolicy | None = None,
        sort: Sort | None = None,
    ) -> Results:
        """Letters that match."""
        raise NotImplementedError
