"""The folder of an embedded office: what lies where, and its keys."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Set
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import DamagedRegister, InvalidInput, KeyUnusable, NotAnOffice, StorageFailed
from sipadek.ledger import CheckpointKey, CheckpointVerifier
from sipadek.sql import Finding


@attrs.frozen
class Folder:
    """The parts of an office's folder.

    ``register.sqlite`` holds register, ledger and index; ``objects/`` the filed PDFs; ``keys/`` the
    key that signs checkpoints (secret), its public half, and the trusted roots; ``locks/`` is where
    writers queue, ``index/`` search indexes beside the register's, ``incoming/`` what is being
    received. ``synonyms.csv`` may be put there: the office's own lines for the search.
    """

    root: Path

    @property
    def register(self) -> Path:
        return self.root / "register.sqlite"

    @property
    def lock(self) -> Path:
        return self.root / "locks" / "register.lock"

    @property
    def recognising(self) -> Path:
        return self.root / "locks" / "recognising.lock"

    @property
    def reindexing(self) -> Path:
        return self.root / "locks" / "reindexing.lock"

    @property
    def indexes(self) -> Path:
        return self.root / "index"

    @property
    def backing_up(self) -> Path:
        return self.root / "locks" / "backup.lock"

    @property
    def objects(self) -> Path:
        return self.root / "objects"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def synonyms(self) -> Path:
        return self.root / "synonyms.csv"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def roots(self) -> Path:
        return self.keys / "roots"

    @classmethod
    def prepare(cls, path: str | os.PathLike[str], *, create: bool) -> Folder:
        """The folder at ``path``, with its parts made where they are missing.

        Raises NotAnOffice where it holds something else, or nothing and ``create`` is false.
        """
        folder = cls(Path(path))
        try:
            if not folder.register.exists():
                folder._refuse_foreign(create=create)
            folder.roots.mkdir(parents=True, exist_ok=True)
            folder.keys.chmod(0o700)
            folder.lock.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageFailed(
                f"cannot make the office in {folder.root}: {error.strerror}; choose a folder that can"
                " be written",
                path=str(folder.root),
            ) from None
        return folder

    def _refuse_foreign(self, *, create: bool) -> None:
        if self.root.exists() and (not self.root.is_dir() or any(self.root.iterdir())):
            made_first = {self.keys.name, self.lock.parent.name, self.objects.name}
            names = {path.name for path in self.root.iterdir()} if self.root.is_dir() else {""}
            if self.objects.name in names and any(self.objects.glob("[0-9a-f][0-9a-f]")):
                raise DamagedRegister(
                    f"the office in {self.root} has lost its register.sqlite: its objects are there;"
                    " restore the register from a backup, nothing was written",
                    path=str(self.register),
                )
            if names <= made_first or self.register.name in names:
                return  # another process is making it, or was ended while it did
            raise NotAnOffice(
                f"{self.root} is not an office's folder: it holds other things; choose an empty or a"
                " new folder",
                path=str(self.root),
            )
        if not create:
            raise NotAnOffice(
                f"there is no office in {self.root}; make one with `sipadek init {self.root}`",
                path=str(self.root),
            )

    def checkpoint_key(self) -> CheckpointKey:
        """The key that signs the ledger's checkpoints, made with the office, once.

        ``checkpoint.key`` holds its name on the first line and the secret key after it;
        ``checkpoint.pub`` is what an auditor needs.
        """
        secret = self.keys / "checkpoint.key"
        try:
            # Asked before the key: an office that is being made meanwhile has its key first.
            kept = self.register.exists() and self.register.stat().st_size > 0
            if not secret.exists():
                if kept:
                    raise self._lost_key()
                made = CheckpointKey.generate(f"sipadek-{secrets.token_hex(8)}")
                _write_once(secret, f"{made.name}\n".encode() + made.to_pem(), mode=0o600)
            key = read_key(secret)
            _write_once(self.keys / "checkpoint.pub", f"{key.verifier}\n".encode(), mode=0o644)
        except OSError as error:
            raise StorageFailed(
                f"cannot read the office's key {secret.name}: {error.strerror}; restore the folder"
                " keys/ from a backup",
                path=str(secret),
            ) from None
        return key

    def _lost_key(self) -> KeyUnusable:
        """A register that has lost its key must not be given another one."""
        return KeyUnusable(
            f"the office in {self.root} has lost its key keys/checkpoint.key; restore the folder"
            " keys/ from a backup, nothing was written",
            path=str(self.keys / "checkpoint.key"),
        )

    def trusted(self) -> tuple[x509.Certificate, ...]:
        """The roots that were trusted with `trust`. Raises KeyUnusable where a file cannot be read."""
        return tuple(map(_root, sorted(self.roots.glob("*.pem"))))

    def check(self, verifier: CheckpointVerifier, recorded: Set[str]) -> Iterator[Finding]:
        """What is wrong with the files in ``keys/``: the public key must be that of ``verifier``, the
        roots those that are ``recorded`` (SHA-256 in hex)."""
        public = self.keys / "checkpoint.pub"
        if public.read_bytes() != f"{verifier}\n".encode():
            yield Finding(
                "key-differs",
                "keys/checkpoint.pub",
                f"keys/checkpoint.pub is not the public half of the office's key, which is {verifier};"
                " delete it, and it is made anew at the next opening",
            )
        there = set()
        for path in sorted(self.roots.glob("*.pem")):
            try:
                fingerprint = _root(path).fingerprint(hashes.SHA256()).hex()
            except KeyUnusable as error:
                yield Finding("root-unreadable", path.stem, error.message)
                there.add(path.stem)
                continue
            there.add(fingerprint)
            if fingerprint not in recorded:
                yield Finding(
                    "root-unrecorded",
                    fingerprint,
                    f"keys/roots/{path.name} is a root that nobody put on record as trusted: delete"
                    " it, or trust it again if it is meant to be",
                )
        for fingerprint in sorted(recorded - there):
            yield Finding(
                "root-missing",
                fingerprint,
                f"the trusted root {fingerprint} is not in keys/roots/; trust it again",
            )

    def trust(self, certificate: x509.Certificate) -> str:
        """Remember a root, so that signatures that lead to it are trusted; returns its SHA-256."""
        if certificate.issuer != certificate.subject:
            raise InvalidInput(
                f"{certificate.subject.rfc4514_string()} is not a root: it was issued by"
                f" {certificate.issuer.rfc4514_string()}; give the root certificate"
            )
        name = certificate.fingerprint(hashes.SHA256()).hex()
        _write_once(self.roots / f"{name}.pem", certificate.public_bytes(Encoding.PEM), mode=0o644)
        return name


def read_key(path: Path) -> CheckpointKey:
    """The key of a ``checkpoint.key``. Raises KeyUnusable, or OSError."""
    name, _, pem = path.read_bytes().partition(b"\n")
    return CheckpointKey.from_pem(pem, name.decode("ascii", "replace"))


def _root(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (ValueError, OSError) as error:
        raise KeyUnusable(
            f"the trusted root keys/roots/{path.name} cannot be read ({error}); restore it from a"
            " backup, or delete it and trust the root again",
            path=str(path),
        ) from None


def _write_once(path: Path, data: bytes, *, mode: int) -> bool:
    """Write a file that appears whole or not at all; False where it is there already."""
    if path.exists():
        return False
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
            return True
        return False
    finally:
        temporary.unlink()
