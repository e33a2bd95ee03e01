"""Making an office from a backup, and seeing that one could be made."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.errors import DamagedRegister, InvalidInput, KeyUnusable
from sipadek.objects import DirectoryStore
from sipadek.office.auditing import AuditOptions, AuditReport, audit
from sipadek.office.backing_up import Copying, Progress
from sipadek.office.backup_folder import BackupFolder, BackupState
from sipadek.office.content_audit import Fixity
from sipadek.office.folder import Folder, read_key
from sipadek.office.keeping import Kept
from sipadek.office.office import Office
from sipadek.sql import RegisterCopy

_MADE_FIRST: Final = {"keys", "locks", "objects", "synonyms.csv", "register.sqlite.part"}
OLDER: Final = frozenset({"log-rolled-back", "log-altered"})
"""The codes of what an audit finds in a state after which the office went on."""
_OF_OTHER_STATES: Final = "object-unregistered"
Clock = Callable[[], datetime.datetime]


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@attrs.frozen(kw_only=True)
class RestoredBackup:
    """An office was made from ``state``; ``report`` is the audit of it.

    ``copied`` objects of ``copied_bytes`` bytes were brought over by this call.
    """

    state: BackupState
    copied: int
    copied_bytes: int
    report: AuditReport

    @property
    def older(self) -> bool:
        """Whether the office had gone on after this state, as far as is known: numbers were given since
        that it would give again. `go_on_from_older` puts on record that it is taken nevertheless."""
        return any(finding.code in OLDER for finding in self.report.findings)


def restore(
    backup: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    state: str | None = None,
    keys: str | os.PathLike[str] | None = None,
    kept: str | os.PathLike[str] | None = None,
    reason: str = "",
    actor: str = "",
    signatures: bool = True,
    progress: Progress | None = None,
    clock: Clock = _now,
) -> RestoredBackup:
    """Make the office anew in ``folder``, which is new, empty, or where this call was interrupted.

    ``state`` is the name of the state, by default the newest. ``keys`` is a copy of the office's
    ``keys/``, for a backup without the secret key. The register comes last, so that a folder in which
    this is not finished is not opened as an office. Then everything is audited; what is missing or
    damaged is a finding, and so is it (``log-rolled-back``, ``log-altered``) where the office is known
    to have gone on: by the checkpoint in the file ``kept``, or by a newer state of the backup. Without
    either nothing can tell, since whatever is in the state is older, too. With a ``reason`` and an
    ``actor`` such an older state is taken nevertheless: the ledger says so (``log.restored``), and
    ``kept`` holds its head from then on. What `go_on_from_older` says of numbers holds here, too.

    Raises:
        InvalidInput: it is no backup, or the folder holds other things, or an office.
        NotFound: there is no such state.
        KeyUnusable: the secret key is missing, or another office's.
        DamagedRegister: the state's register is not what was backed up; take another state.
        CheckpointInvalid: ``kept`` is damaged. StorageFailed: the call can be repeated.
    """
    source, office = BackupFolder(Path(backup)), Folder(Path(folder))
    found = source.find(state)
    _check_empty(office)
    newer = source.find(None)
    secret = _secret(source.at(found.name), None if keys is None else Path(keys))
    store = DirectoryStore(office.objects)
    copy = RegisterCopy(path=source.at(found.name).register)
    copying = Copying(source.store(), store)
    copying.run(copy.objects(), found.objects, progress)
    _bring_register(source, found, office, secret)
    memory = None if kept is None else Kept(Path(kept))
    outside = None if memory is None else memory.read()
    known = [newer.checkpoint, *([] if outside is None else [outside.checkpoint])]
    with Office(office.root, create=False, clock=clock) as opened:
        report = opened.audit(known=known, signatures=signatures)
        done = RestoredBackup(
            state=found, copied=copying.copied, copied_bytes=copying.copied_bytes, report=report
        )
        if done.older and reason:
            lost = max(map(opened.verifier.verify_checkpoint, known), key=lambda one: one.size)
            opened._register.restored(lost=lost, reason=reason, actor=actor, at=clock())
            if memory is not None:
                memory.write(opened._register.known_head())
    return done


def load_dump(
    folder: str | os.PathLike[str],
    lines: Iterable[bytes],
    *,
    keys: str | os.PathLike[str],
    clock: Clock = _now,
) -> None:
    """Make an office in a new or empty ``folder`` from the dump of its register (`Numbers.dump`), on
    whichever database that was, and a copy of its ``keys/``. Contents are no part of a dump: put the
    folder ``objects`` there, and audit.

    Raises what `restore` raises for the folder and the key, and what `Numbers.load` raises.
    """
    office = Folder(Path(folder))
    _check_empty(office)
    secret = Path(keys) / "checkpoint.key"
    if not secret.exists():
        raise KeyUnusable(f"there is no {secret}; give a copy of the office's keys/")
    with storage_errors("Making the office in", office.root):
        _bring_files(Path(keys), office, secret)
    with Office(office.root, clock=clock) as opened:
        opened.numbers.load(lines)


def check_backup(
    backup: str | os.PathLike[str],
    *,
    state: str | None = None,
    keys: str | os.PathLike[str] | None = None,
    scratch: str | os.PathLike[str] | None = None,
    signatures: bool = True,
    progress: Progress | None = None,
    clock: Clock = _now,
) -> AuditReport:
    """Open a state of the backup as an office would be after `restore`, and audit it: its register is
    copied to a folder in ``scratch`` (by default the system's for temporary files), its contents are
    read where they are.

    Raises as `restore`.
    """
    source = BackupFolder(Path(backup))
    found = source.find(state)
    with tempfile.TemporaryDirectory(prefix="sipadek-", dir=scratch) as made:
        office = Folder(Path(made))
        secret = _secret(source.at(found.name), None if keys is None else Path(keys))
        _bring_register(source, found, office, secret)
        with Office(office.root, create=False, clock=clock) as opened:
            options = AuditOptions(
                fixity=Fixity(progress=progress),
                known=(found.checkpoint,),
                roots=opened._roots() if signatures else None,
            )
            report = audit(opened._register, source.store(), options, at=clock())
    mine = [each for each in report.findings if each.code != _OF_OTHER_STATES]
    return attrs.evolve(report, findings=tuple(mine))


def _check_empty(office: Folder) -> None:
    with storage_errors("Looking into", office.root):
        names = {each.name for each in office.root.iterdir()} if office.root.exists() else set()
    if office.register.name in names:
        raise InvalidInput(
            f"there is an office in {office.root} already; move it away before you restore there",
            path=str(office.root),
        )
    if names - _MADE_FIRST:
        raise InvalidInput(
            f"{office.root} holds other things; restore to a new or empty folder",
            path=str(office.root),
        )


def _secret(source: Folder, keys: Path | None) -> Path:
    """The file of the office's secret key: in ``keys``, or in the state."""
    secret = (keys or source.keys) / "checkpoint.key"
    if not secret.exists():
        raise KeyUnusable(
            f"there is no {secret}; the backup was made without the office's secret key, give the"
            " folder with your copy of keys/",
            path=str(secret),
        )
    with storage_errors("Reading", secret):
        public = (source.keys / "checkpoint.pub").read_text("ascii", "replace").strip()
        if public != str(read_key(secret).verifier):
            raise KeyUnusable(
                f"{secret} is the key of another office than the backup's", path=str(secret)
            )
    return secret


def _bring_files(source: Path, office: Folder, secret: Path) -> None:
    """The public key and the trusted roots of the folder ``source``, and the secret key."""
    office.roots.mkdir(parents=True, exist_ok=True)
    office.keys.chmod(0o700)
    for path in (*source.glob("*.pub"), *source.glob("roots/*.pem")):
        shutil.copyfile(path, office.keys / path.relative_to(source))
    target = office.keys / secret.name
    target.touch(mode=0o600)
    shutil.copyfile(secret, target)
    for each in (office.roots, office.keys):
        for path in filter(Path.is_file, each.iterdir()):
            sync_file(path)
        sync_directory(each)


def _bring_register(source: BackupFolder, state: BackupState, office: Folder, secret: Path) -> None:
    """Keys, and last the register of the state, whole or not at all, and only if it is the one that was
    backed up: a folder without it is not opened."""
    register = source.at(state.name).register
    wanted = _listed(source.states / state.name / "SHA256SUMS", register.name)
    part = office.root / "register.sqlite.part"
    digest = hashlib.sha256()
    with storage_errors("Copying to", part):
        with register.open("rb") as file, part.open("wb") as written:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                written.write(chunk)
        if digest.hexdigest() != wanted:
            part.unlink()
            raise DamagedRegister(
                f"{register} is not the register that was backed up; restore another state",
                path=str(register),
            )
        _bring_files(source.at(state.name).keys, office, secret)
        if source.at(state.name).synonyms.exists():
            shutil.copyfile(source.at(state.name).synonyms, office.synonyms)
        sync_file(part)
        part.replace(office.register)
        sync_directory(office.root)
        with contextlib.suppress(OSError):
            sync_directory(office.root.parent)


def _listed(sums: Path, name: str) -> str:
    """The digest under which a file of that name is listed."""
    for line in _lines(sums):
        digest, _, path = line.rstrip("\n").partition("  ")
        if path.endswith(f"/{name}"):
            return digest
    return ""


def _lines(path: Path) -> Iterator[str]:
    with storage_errors("Reading", path), path.open(encoding="utf-8") as file:
        yield from file
