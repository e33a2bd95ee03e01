"""Signing a PDF that is no letter of an office: at once, or with a signature that comes later."""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.errors import InvalidInput
from sipadek.office.receiving import Received, Source, receive
from sipadek.pdf import (
    Document,
    EmptyField,
    Revision,
    Tail,
    empty_field,
    new_field_name,
    refuse_forbidden_signature,
)
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.signing import (
    Claim,
    Prepared,
    Signatory,
    Signer,
    Widget,
    add_signature,
    fill_signature,
)
from sipadek.stamping import Mark, appear, appear_in


@attrs.frozen(kw_only=True)
class Signed:
    """A signed PDF was written: its ``size`` in bytes, how many of them were ``added`` to the original,
    and its SHA-256 in hex."""

    size: int
    added: int
    digest: str


def sign(
    source: Source,
    target: str | os.PathLike[str],
    signer: Signer,
    claim: Claim,
    *,
    visible: Sequence[Mark] = (),
    password: str | None = None,
) -> Signed:
    """Write to ``target`` the PDF with one revision appended that signs it (PAdES B-B).

    ``claim.field`` may name an empty signature field of the document, which is then filled in; any
    other name makes a new field, and without one a name is found. ``visible`` are the marks that the
    signature shows, on one page; in a field that is there they are placed in its rectangle. ``target``
    appears whole or not at all, and may be the source itself. The source is never whole in memory.

    Raises:
        InvalidInput: the source cannot be read, a field that cannot be signed, marks in several places.
        PdfError: a leaf of it, ChangeForbidden where an earlier signature forbids this one.
        SigningError, StampError: the signature, or what it shows, could not be made.
        StorageFailed: the disk refused.
    """
    signer.check(claim.at)
    target = Path(target)
    with _staged(target) as path:
        received = _received(source, path, signer)
        prepared = _prepared(path, received, signer, claim, visible, password)
        data = prepared.sealed(signer)
        return _finished(path, target, received, data)


def prepare(
    source: Source,
    signatory: Signatory,
    claim: Claim,
    *,
    visible: Sequence[Mark] = (),
    password: str | None = None,
) -> Prepared:
    """The same up to the signature: what the key must sign, and the revision that waits for it.

    Keep the original; `finish` needs it again. Raises as `sign`.
    """
    with tempfile.TemporaryDirectory(prefix="sipadek-") as folder:
        path = Path(folder) / "document.pdf"
        received = _received(source, path, signatory)
        return _prepared(path, received, signatory, claim, visible, password)


def finish(
    source: Source, target: str | os.PathLike[str], prepared: Prepared, signature: bytes
) -> Signed:
    """Write to ``target`` the original, given once more, with the prepared revision and its signature.

    Raises InvalidInput where the source is not what was prepared; SigningError where the signature does
    not fit what was to be signed.
    """
    target = Path(target)
    with _staged(target) as path:
        received = _received(source, path, prepared.signatory)
        if not prepared.belongs_to(received.hashes[prepared.signatory.scheme.digest]):
            raise InvalidInput(
                "the document is not the one that was prepared; give the same original, byte for byte"
            )
        return _finished(path, target, received, prepared.finish(signature))


def _received(source: Source, path: Path, signatory: Signatory) -> Received:
    with storage_errors("writing", path), path.open("wb") as file:
        return receive(source, file, digests=frozenset((signatory.scheme.digest,)))


def _prepared(
    path: Path,
    received: Received,
    signatory: Signatory,
    claim: Claim,
    visible: Sequence[Mark],
    password: str | None,
) -> Prepared:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        document = Document.open(data, password=password)
        tail = _revision(document, signatory, claim, visible, password)
    return Prepared.of(tail, received.hashes[signatory.scheme.digest], signatory)


def _revision(
    document: Document,
    signatory: Signatory,
    claim: Claim,
    visible: Sequence[Mark],
    password: str | None,
) -> Tail:
    waiting = empty_field(document, claim.field) if claim.field else None
    refuse_forbidden_signature(
        document,
        visible_in_new_field=bool(visible) and waiting is None,
        certify=claim.certify is not None,
    )
    revision = Revision(document)
    if waiting is not None:
        form = _form_in(revision, waiting, visible) if visible else None
        fill_signature(revision, waiting, claim, signatory, form)
        return revision.build()
    if not claim.field:
        claim = attrs.evolve(claim, field=new_field_name(document))
    if visible:
        shown = appear(revision, visible, password=password)
        widget = Widget(page=shown.page, rect=shown.rect, form=shown.form)
    else:
        widget = Widget(page=document.first_page()[0])
    add_signature(revision, widget, claim, signatory)
    return revision.build()


def _form_in(revision: Revision, field: EmptyField, visible: Sequence[Mark]) -> Ref:
    left, bottom, right, top = field.rect
    if right - left < 1 or top - bottom < 1:
        raise InvalidInput(
            f"the field {field.name!r} has no room to show anything; sign it without marks",
            field=field.name,
        )
    page, entries = _page_of(revision.document, field.widget)
    return appear_in(revision, page, entries, field.rect, visible).form


def _page_of(document: Document, widget: Ref) -> tuple[Ref, Dictionary]:
    for ref, entries in document.pages():
        if bytes(widget) in document.array(entries.get(b"Annots", b"null")):
            return ref, entries
    raise InvalidInput("the signature field is on no page of the PDF; sign it without marks")


@contextlib.contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """A path beside ``target`` whose file is gone at the end, unless it took the target's name."""
    path = target.with_name(f".{target.name[:40]}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _finished(path: Path, target: Path, received: Received, data: bytes) -> Signed:
    with storage_errors("writing", target):
        with path.open("ab") as file:
            file.write(data)
        sync_file(path)
        path.replace(target)
        sync_directory(target.parent)
    digest = received.hashes["sha256"].copy()
    digest.update(data)
    return Signed(size=received.size + len(data), added=len(data), digest=digest.digest().hex())
