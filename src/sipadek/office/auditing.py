"""Holding everything an office keeps against what its ledger says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

import attrs

from sipadek.archive import Letter, ObjectStore, State
from sipadek.errors import NotFound, PdfError, StorageFailed
from sipadek.office.receiving import CHUNK
from sipadek.pdf import Document, letter_mark
from sipadek.sql import Finding, Register

Progress = Callable[[int, int], None]
"""Called with how many letters are done and how many there are."""


@attrs.frozen(kw_only=True)
class AuditReport:
    """What was looked at, and everything that was wrong with it."""

    letters: int
    events: int
    objects: int
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Nothing was wrong."""
        return not self.findings


def audit(
    register: Register, store: ObjectStore, *, progress: Progress | None = None
) -> AuditReport:
    """Check ledger, register, numbers, objects and index; every byte of every object is read."""
    findings = [*register.verify_history(), *register.check_index()]
    referenced: set[str] = set()
    letters = 0
    total = register.count()
    for letter in register.letters():
        letters += 1
        if letter.filed_digest:
            referenced.add(letter.filed_digest)
            findings += _object(store, letter)
        if progress is not None:
            progress(letters, total)
    objects = 0
    for digest in store.digests():
        objects += 1
        if digest not in referenced:
            findings += _stray(register, store, digest)
    events = sum(1 for _ in register.events())
    return AuditReport(letters=letters, events=events, objects=objects, findings=tuple(findings))


def _object(store: ObjectStore, letter: Letter) -> Iterator[Finding]:
    """The filed PDF has the digest and the size that were registered, and begins with the original."""
    try:
        with store.open(letter.filed_digest) as file:
            original, whole, size = _digests(file, letter.original_size)
    except NotFound:
        yield Finding(
            code="object-missing",
            subject=letter.number,
            message=f"the filed PDF of {letter.number} is not in the store ({letter.filed_digest});"
            " restore it from a backup",
        )
        return
    except StorageFailed as error:
        yield Finding(code="object-unreadable", subject=letter.number, message=error.message)
        return
    if whole != letter.filed_digest or size != letter.filed_size:
        what = "its first part, the original," if original != letter.original_digest else "its end"
        yield Finding(
            code="object-altered",
            subject=letter.number,
            message=f"the filed PDF of {letter.number} was altered in {what} and has {size} bytes"
            f" with SHA-256 {whole}; registered are {letter.filed_size} bytes with"
            f" {letter.filed_digest}; restore it from a backup",
        )
    elif original != letter.original_digest:
        yield Finding(
            code="original-differs",
            subject=letter.number,
            message=f"the filed PDF of {letter.number} does not begin with the registered original",
        )


def _digests(file: BinaryIO, prefix: int) -> tuple[str, str, int]:
    """SHA-256 of the first ``prefix`` bytes, of everything, and the length of everything."""
    whole = hashlib.sha256()
    size = 0
    original = ""
    while chunk := file.read(min(CHUNK, prefix - size) if size < prefix else CHUNK):
        whole.update(chunk)
        size += len(chunk)
        if size == prefix:
            original = whole.hexdigest()
    return original, whole.hexdigest(), size


def _stray(register: Register, store: ObjectStore, digest: str) -> Iterator[Finding]:
    """An object no letter refers to; one of a letter whose filing is under way is no finding."""
    mark = object_mark(store, digest)
    try:
        if mark and register.get(mark).state is State.RESERVED:
            return
    except NotFound:
        pass
    yield Finding(
        code="object-unregistered",
        subject=digest,
        message=f"the store holds {digest}, which no letter refers to; recover the office, and if it"
        " is still there, find out who put it there",
    )


def object_mark(store: ObjectStore, digest: str) -> str:
    """The id of the letter an object was made for, empty where it says none."""
    try:
        with store.open(digest) as file:
            return letter_mark(Document.open(file.read(), password=None))
    except (PdfError, NotFound, StorageFailed):
        return ""
