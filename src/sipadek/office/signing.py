"""Signing a PDF that is no letter of an office: at once, or with a signature that comes later."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs

from sipadek.errors import InvalidInput
from sipadek.office.receiving import Received, Source
from sipadek.office.writing import Signed, finished, received_at, staged
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
    TimestampAuthority,
    Widget,
    add_signature,
    fill_signature,
)
from sipadek.stamping import Mark, appear, appear_in


def sign(
    source: Source,
    target: str | os.PathLike[str],
    signer: Signer,
    claim: Claim,
    *,
    visible: Sequence[Mark] = (),
    password: str | None = None,
    timestamp: TimestampAuthority | None = None,
) -> Signed:
    """Write to ``target`` the PDF with one revision appended that signs it (PAdES B-B; B-T with a
    time stamp by ``timestamp``).

    ``claim.field`` may name an empty signature field of the document, which is then filled in; any
    other name makes a new field, and without one a name is found. ``visible`` are the marks that the
    signature shows, on one page; in a field that is there they are placed in its rectangle. ``target``
    appears whole or not at all, and may be the source itself. The source is never whole in memory.

    Raises:
        InvalidInput: the source cannot be read, a field that cannot be signed, marks in several places.
        PdfError: a leaf of it, ChangeForbidden where an earlier signature forbids this one.
        SigningError, StampError: the signature, its time stamp or what it shows could not be made.
        StorageFailed: the disk refused.
    """
    signer.check(claim.at)
    target = Path(target)
    room = room_for(timestamp)
    with staged(target) as path:
        received = received_at(path, source, digest=signer.scheme.digest)
        prepared = _prepared(path, received, signer, claim, visible, password, room)
        data = prepared.sealed(signer, timestamp=timestamp)
        return finished(path, target, received, data)


def room_for(timestamp: TimestampAuthority | None) -> int:
    """The room to leave for a time stamp, in bytes; the authority may have to be asked for it."""
    return 0 if timestamp is None else timestamp.token_size


def prepare(
    source: Source,
    signatory: Signatory,
    claim: Claim,
    *,
    visible: Sequence[Mark] = (),
    password: str | None = None,
    timestamp: TimestampAuthority | None = None,
) -> Prepared:
    """The same up to the signature: what the key must sign, and the revision that waits for it.

    Keep the original; `finish` needs it again. With ``timestamp`` room is left for its time stamp,
    which `finish` then asks for. Raises as `sign`.
    """
    room = room_for(timestamp)
    with tempfile.TemporaryDirectory(prefix="sipadek-") as folder:
        path = Path(folder) / "document.pdf"
        received = received_at(path, source, digest=signatory.scheme.digest)
        return _prepared(path, received, signatory, claim, visible, password, room)


def finish(
    source: Source,
    target: str | os.PathLike[str],
    prepared: Prepared,
    signature: bytes,
    *,
    timestamp: TimestampAuthority | None = None,
) -> Signed:
    """Write to ``target`` the original, given once more, with the prepared revision and its signature.

    With ``timestamp`` the signature is stamped (PAdES B-T); `prepare` must have left room for that.
    Where the authority fails nothing is written, and the same call may be made again, without it too.

    Raises InvalidInput where the source is not what was prepared; SigningError where the signature does
    not fit what was to be signed, or no time stamp was to be had.
    """
    target = Path(target)
    with staged(target) as path:
        received = received_at(path, source, digest=prepared.signatory.scheme.digest)
        if not prepared.belongs_to(received.hashes[prepared.signatory.scheme.digest]):
            raise InvalidInput(
                "the document is not the one that was prepared; give the same original, byte for byte"
            )
        data = prepared.finish(signature, timestamp=timestamp)
        return finished(path, target, received, data)


def _prepared(
    path: Path,
    received: Received,
    signatory: Signatory,
    claim: Claim,
    visible: Sequence[Mark],
    password: str | None,
    room: int,
) -> Prepared:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        document = Document.open(data, password=password)
        tail = _revision(document, signatory, claim, visible, password, room)
    return Prepared.of(tail, received.hashes[signatory.scheme.digest], signatory)


def _revision(
    document: Document,
    signatory: Signatory,
    claim: Claim,
    visible: Sequence[Mark],
    password: str | None,
    room: int,
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
        fill_signature(revision, waiting, claim, signatory, form, token_size=room)
        return revision.build()
    if not claim.field:
        claim = attrs.evolve(claim, field=new_field_name(document))
    if visible:
        shown = appear(revision, visible, password=password)
        widget = Widget(page=shown.page, rect=shown.rect, form=shown.form)
    else:
        widget = Widget(page=document.first_page()[0])
    add_signature(revision, widget, claim, signatory, token_size=room)
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
