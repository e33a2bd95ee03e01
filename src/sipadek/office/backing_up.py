"""Backing up an office while others file: the register of one moment, then the contents it names."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from sipadek.archive import ObjectStore, StagedFile
from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.errors import InvalidInput, NotFound, StorageFailed
from sipadek.office.backup_folder import PART, BackupFolder, BackupState
from sipadek.office.folder import Folder
from sipadek.office.receiving import CHUNK
from sipadek.sql import RegisterCopy, copy_register
from sipadek.sql.reading import Readable

Progress = Callable[[int, int], None]
_TOGETHER: Final = 32  # Objects that wait for the disk together.
_ANY_TIME: Final = datetime.datetime.max.replace(tzinfo=datetime.UTC)


@attrs.frozen(kw_only=True)
class Backup:
    """What a backup did: the ``state`` that it made, how many objects and bytes were ``copied`` for it
    (the others were there), and how many that no kept state names were ``removed``."""

    state: BackupState
    copied: int
    copied_bytes: int
    removed: int

    @property
    def whole(self) -> bool:
        """Nothing was missing or damaged in the office."""
        return not self.state.lost


@attrs.define
class Copying:
    """Copies objects from one store to another, those that are not there; counts, and remembers which
    were ``lost``: missing in the source, or damaged there."""

    source: ObjectStore
    target: ObjectStore
    copied: int = 0
    copied_bytes: int = 0
    lost: list[str] = attrs.field(factory=list)
    _staged: list[tuple[StagedFile, str]] = attrs.field(factory=list)

    def run(self, wanted: Iterator[tuple[str, int]], total: int, progress: Progress | None) -> None:
        """Copy every object of ``wanted`` (SHA-256, size). Raises StorageFailed where the target
        fails; a repeated call goes on from there."""
        try:
            for done, (digest, size) in enumerate(wanted, 1):
                self._copy(digest, size)
                if progress is not None:
                    progress(done, total)
            self._put()
        finally:
            for staged, _ in self._staged:
                staged.__exit__(None, None, None)

    def _copy(self, digest: str, size: int) -> None:
        if self.target.exists(digest) and self.target.size(digest) == size:
            return
        staged = self.target.stage()
        self._staged.append((staged, digest))
        found = hashlib.sha256()
        length = 0
        for chunk in _bytes(self.source, digest):
            found.update(chunk)
            staged.write(chunk)
            length += len(chunk)
        if found.hexdigest() != digest:
            self._staged.pop()
            staged.__exit__(None, None, None)
            self.lost.append(digest)
            return
        self.copied += 1
        self.copied_bytes += length
        if len(self._staged) >= _TOGETHER:
            self._put()

    def _put(self) -> None:
        self.target.put_many(self._staged)
        while self._staged:
            self._staged.pop()[0].__exit__(None, None, None)


def _bytes(store: ObjectStore, digest: str) -> Iterator[bytes]:
    """The bytes of an object, as far as they can be read."""
    try:
        with store.open(digest) as file:
            while chunk := _chunk(file.read):
                yield chunk
    except (NotFound, StorageFailed):
        return


def _chunk(read: Callable[[int], bytes]) -> bytes:
    try:
        return read(CHUNK)
    except OSError:  # a sector that cannot be read: what came so far has another digest
        return b""


def back_up(
    folder: Folder,
    database: Readable,
    source: ObjectStore,
    target: BackupFolder,
    *,
    origin: str,
    at: datetime.datetime,
    keys: bool = False,
    keep: int | None = None,
    progress: Progress | None = None,
) -> Backup:
    """See `Office.backup`. Called by one process at a time."""
    if keep is not None and keep < 1:
        raise InvalidInput(f"keep is {keep}; keep 1 state or more, or None for all", keep=keep)
    target.prepare(origin)
    target.drop_parts()
    store = target.store()
    store.clean(before=_ANY_TIME)  # nobody else is at it
    name = f"{at.astimezone(datetime.UTC):%Y%m%dT%H%M%S.%fZ}"
    if (target.states / name).exists():
        raise InvalidInput(f"{target.root} has a state of {name} already; wait, and try again")
    made = Folder(target.states / f"{name}{PART}")
    with storage_errors("Making the folder", made.root):
        made.root.mkdir()
    copy = copy_register(database, made.register)
    _copy_files(folder, made, keys=keys)
    copying = Copying(source, store)
    total = sum(1 for _ in copy.objects())
    copying.run(copy.objects(), total, progress)
    head = copy.head()
    state = BackupState(
        name=name,
        at=at,
        events=head.range.size,
        letters=copy.letters(),
        objects=total,
        checkpoint=head.checkpoint,
        keys=keys,
        lost=tuple(copying.lost),
    )
    _finish(made, copy, state, target)
    removed = 0 if keep is None else target.keep_newest(keep)
    return Backup(
        state=state,
        copied=copying.copied,
        copied_bytes=copying.copied_bytes,
        removed=removed,
    )


def _copy_files(folder: Folder, made: Folder, *, keys: bool) -> None:
    """The small files: public key, trusted roots, synonyms, and the secret key where it is wanted."""
    secret = folder.keys / "checkpoint.key"
    with storage_errors("Copying to", made.root):
        made.roots.mkdir(parents=True)
        made.keys.chmod(0o700)
        for path in (*folder.keys.glob("*.pub"), *folder.roots.glob("*.pem"), folder.synonyms):
            if path.exists():
                shutil.copyfile(path, made.root / path.relative_to(folder.root))
        if keys:
            copied = made.keys / secret.name
            copied.touch(mode=0o600)
            shutil.copyfile(secret, copied)


def _finish(made: Folder, copy: RegisterCopy, state: BackupState, target: BackupFolder) -> None:
    """Describe the state, wait for the disk, and give it its name."""
    lost = set(state.lost)
    with storage_errors("Writing", made.root):
        (made.root / "state.json").write_text(json.dumps(state.value(), indent=1))
        files = sorted(path for path in made.root.rglob("*") if path.is_file())
        with (made.root / "SHA256SUMS").open("w", encoding="utf-8") as sums:
            for path in files:
                named = f"states/{state.name}/{path.relative_to(made.root).as_posix()}"
                sums.write(f"{_digest(path)}  {named}\n")
            for digest, _ in copy.objects():
                if digest not in lost:
                    sums.write(f"{digest}  objects/{digest[:2]}/{digest}\n")
        for path in (*files, made.root / "SHA256SUMS"):
            sync_file(path)
        for each in (made.roots, made.keys, made.root):
            sync_directory(each)
        made.root.rename(target.states / state.name)
        sync_directory(target.states)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
