"""Holding everything an office keeps against what its ledger says."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs
from cryptography import x509

from sipadek.archive import ObjectStore, State
from sipadek.errors import InvalidInput, NotFound, PdfError, SipadekError, StorageFailed
from sipadek.office.content_audit import Contents, Fixity
from sipadek.office.signature_audit import SignatureAudit
from sipadek.pdf import Document, letter_mark
from sipadek.sql import Finding, Register

_LEAST_FREE: Final = 1 << 30
_LEAST_SHARE: Final = 0.05


@attrs.frozen(kw_only=True)
class AuditReport:
    """What was looked at, everything that was wrong with it, and what will go wrong if nobody acts.

    ``findings`` are damage; ``warnings`` are not: certificates and time stamps that end soon, a disk
    that fills. ``letters``, ``events`` and ``objects`` count what is there, ``read_objects`` and
    ``read_bytes`` what of the contents was read. ``months`` counts letters by (month of reservation
    'YYYY-MM', state); ``provable_until`` signed letters by the month in which what proves their
    signature ends. ``disk_free`` and ``disk_total`` are bytes. ``at`` is when it was made.
    """

    at: datetime.datetime
    letters: int
    events: int
    objects: int
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...] = ()
    read_objects: int = 0
    read_bytes: int = 0
    months: Mapping[tuple[str, str], int] = attrs.field(factory=dict)
    provable_until: Mapping[str, int] = attrs.field(factory=dict)
    disk_free: int = 0
    disk_total: int = 0

    @property
    def clean(self) -> bool:
        """Nothing was wrong."""
        return not self.findings


@attrs.frozen(kw_only=True)
class AuditOptions:
    """What an audit looks at beside the register: ``fixity`` says how contents are read; ``known``
    are checkpoints kept elsewhere, ``roots`` what signatures must lead to, None to leave signatures
    out, and ``soon`` how long before something ends it is warned of."""

    fixity: Fixity
    known: Sequence[str] = ()
    roots: Sequence[x509.Certificate] | None = ()
    soon: datetime.timedelta = datetime.timedelta(days=90)
    disk: tuple[int, int] = (0, 0)


def audit(
    register: Register, store: ObjectStore, options: AuditOptions, *, at: datetime.datetime
) -> AuditReport:
    """Check ledger, register, numbers, contents, signatures and index."""
    findings = [*register.verify_history(known=options.known), *_index(register)]
    signatures = SignatureAudit(roots=options.roots, at=at, soon=options.soon)
    contents = Contents(store, options.fixity, signatures)
    contents.run(register)
    findings += contents.findings
    findings += _strays(register, store, contents)
    free, total = options.disk
    return AuditReport(
        at=at,
        letters=contents.letters,
        events=register.event_count(),
        objects=sum(1 for _ in store.digests()),
        findings=tuple(findings),
        warnings=(*signatures.warnings(), *_disk(free, total)),
        read_objects=contents.read_objects,
        read_bytes=contents.read_bytes,
        months=dict(contents.months),
        provable_until=signatures.months(),
        disk_free=free,
        disk_total=total,
    )


def _index(register: Register) -> Iterator[Finding]:
    try:
        yield from register.check_index()
    except SipadekError as error:
        yield Finding("index-damaged", "the search index", error.message)


def _disk(free: int, total: int) -> Iterator[Finding]:
    if total and free < max(_LEAST_FREE, _LEAST_SHARE * total):
        yield Finding(
            code="disk-low",
            subject="the disk",
            message=f"{free / 1e9:.1f} GB of {total / 1e9:.1f} GB are free where the office lies; make"
            " room before it is full",
        )


def _strays(register: Register, store: ObjectStore, contents: Contents) -> Iterator[Finding]:
    for digest in store.digests():
        if digest in contents.referenced:
            continue
        if digest in contents.destroyed:
            number = contents.destroyed[digest]
            yield Finding(
                code="object-not-destroyed",
                subject=number,
                message=f"the filed PDF of {number} was to be destroyed and lies in the store still"
                f" ({digest}); finish the destruction (recover), or delete the object",
            )
        else:
            yield from _stray(register, store, digest)


def _stray(register: Register, store: ObjectStore, digest: str) -> Iterator[Finding]:
    """An object no letter refers to; one of a letter whose filing is under way is no finding."""
    mark = object_mark(store, digest)
    try:
        if mark and register.get(mark).state is State.RESERVED:
            return
    except (NotFound, InvalidInput):
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
