"""From a received original to the filed PDF: one appended revision with the stamp and the signature.

Pure work on one staging file, without the register, so that it can run in another process.
"""

from __future__ import annotations

import contextlib
import datetime
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path

from sipadek.archive import Filed, Letter
from sipadek.errors import BrokenPdf, ChangeForbidden, InvalidInput, StorageFailed
from sipadek.office.receiving import Received
from sipadek.office.stamping import StampStyle, draw_letter, stamp_of, subject, try_stamp
from sipadek.pdf import (
    Document,
    ExtractedText,
    Revision,
    Sights,
    Tail,
    refuse_forbidden_change,
    refuse_forbidden_signature,
    signatures,
)
from sipadek.pdf.objects import Ref
from sipadek.signing import (
    Claim,
    DocumentSigner,
    Signer,
    TimestampAuthority,
    add_signature,
    add_stamp,
    seal,
    sign_remotely,
)


@contextlib.contextmanager
def opened(
    path: Path, *, style: StampStyle, signed: bool, password: str | None
) -> Iterator[Document]:
    """The PDF at ``path``, read where it lies, and known to take a revision in that style, ``signed``
    or not.

    Raises leaves of PdfError, or InvalidInput, so that they come before a number is taken.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        document = Document.open(data, password=password)
        if style.untouched:
            yield document
            return
        if style.visible:
            refuse_forbidden_change(document)
        if style.certify is not None and not signed:
            raise InvalidInput(
                "only a signature made here can certify a letter; give a signer whose key is here, or"
                " a style without certify"
            )
        if not style.visible or style.certify is not None:
            refuse_forbidden_signature(
                document, visible_in_new_field=False, certify=style.certify is not None
            )
        if not signed and any(signatures(document)):
            raise ChangeForbidden(
                "the PDF carries a signature, which a stamp without a signature of its own would break;"
                " give a signer whose key is here (a service signs only after the stamp)"
            )
        yield document


def rehearse(
    document: Document,
    path: Path,
    sample: Letter,
    *,
    style: StampStyle,
    signer: Signer | None,
    service: DocumentSigner | None = None,
    password: str | None,
) -> Sights:
    """Make sure that stamp and marks can be drawn on the document, before a number is taken for it.

    ``document`` and ``path`` are as of `file_revision`, ``sample`` is a letter as it would be. What was
    seen is given for `file_revision`. Raises what that would raise for them.
    """
    sights = Sights(document, path=path, password=password)
    if style.looks or style.untouched or not style.stamp or any(signatures(document)):
        draw_letter(Revision(document), sample, sights, style=style, signer=signer or service)
    else:
        try_stamp(stamp_of(sample, style, signer or service))
    return sights


def sample_revision(
    document: Document,
    path: Path,
    sample: Letter,
    *,
    style: StampStyle,
    signer: Signer | None,
    service: DocumentSigner | None = None,
    password: str | None,
) -> bytes:
    """What would be appended for a letter like ``sample``, with no signature in its place."""
    revision = Revision(document, mark=sample.id)
    _mark(revision, sample, Sights(document, path=path, password=password), style, signer, service)
    return revision.build().data


def file_revision(
    document: Document,
    path: Path,
    received: Received,
    letter: Letter,
    text: Callable[[], ExtractedText],
    *,
    style: StampStyle,
    signer: Signer | None,
    password: str | None,
    sights: Sights | None = None,
    service: DocumentSigner | None = None,
    at: datetime.datetime | None = None,
    timestamp: TimestampAuthority | None = None,
) -> Filed:
    """Append to the original at ``path`` the revision that makes it the filed PDF.

    The signature of ``signer`` gets a time stamp of ``timestamp``, where there is one. With
    ``service`` in the place of ``signer`` the revision is only stamped, and the service's, with its
    signature, follows; ``at`` is now (aware).

    ``document`` is what `opened` gave for it, ``received`` what `receive` did, ``text`` what
    `extracting` did, ``sights`` what `rehearse` did. Nothing is synced here: the object store
    does that. Raises leaves of PdfError, StampError, SigningError, or InvalidInput; the file is then
    not to be used.
    """
    ref, _ = document.first_page()
    revision = Revision(document, mark=letter.id)
    sights = sights or Sights(document, path=path, password=password)
    room = 0 if signer is None or timestamp is None else timestamp.token_size
    _mark(revision, letter, sights, style, signer, service, room)
    data = _sealed(revision.build(), received, signer, timestamp)
    signed_by = "" if signer is None else subject(signer.certificate)
    if service is not None:
        added, signed_by = _signed_remotely(document, data, letter, service, ref, password, at)
        data += added
    found = text()  # before the file grows
    _append(path, data)
    _read_back(path, ref, password)
    digest = received.hashes["sha256"].copy()
    digest.update(data)
    return Filed(
        letter=letter.id,
        digest=digest.digest().hex(),
        size=received.size + len(data),
        signer=signed_by,
        pages=found.pages,
        extractor=found.extractor,
        about=found.about,
    )


def _mark(
    revision: Revision,
    letter: Letter,
    sights: Sights,
    style: StampStyle,
    signer: Signer | None,
    service: DocumentSigner | None,
    room: int = 0,
) -> None:
    """Stamp, marks and signature field, with ``room`` for a time stamp (bytes)."""
    widget = draw_letter(revision, letter, sights, style=style, signer=signer or service)
    if signer is not None:
        claim = Claim(
            field=f"sipadek-{letter.id}",
            at=letter.reserved_at,
            reason=f"Nomor {letter.number}",
            location=style.location,
            certify=style.certify,
        )
        add_signature(revision, widget, claim, signer, token_size=room)
    elif widget.form is not None:
        add_stamp(revision, widget, f"sipadek-{letter.id}")


def _sealed(
    tail: Tail,
    received: Received,
    signer: Signer | None,
    timestamp: TimestampAuthority | None,
) -> bytes:
    if signer is None:
        return tail.data
    return seal(tail, received.hashes[signer.scheme.digest], signer, timestamp=timestamp)


def _append(path: Path, data: bytes) -> None:
    try:
        with path.open("ab", buffering=0) as file:
            written = file.write(data)
    except OSError as error:
        raise StorageFailed(
            f"cannot write the filed PDF: {error.strerror}; free some space"
        ) from None
    if written != len(data):
        raise StorageFailed("the disk took only a part of the filed PDF; free some space")


def _signed_remotely(
    document: Document,
    stamp: bytes,
    letter: Letter,
    service: DocumentSigner,
    first_page: Ref,
    password: str | None,
    at: datetime.datetime | None,
) -> tuple[bytes, str]:
    """What the service adds behind the stamp, and who signed. It is not asked for a PDF that readers
    would not agree about."""
    assert at is not None
    stamped = bytes(document.data) + stamp
    _check_readable(stamped, first_page, password)
    signed = sign_remotely(
        stamped, service, at=at, reason=f"Nomor {letter.number}", password=password
    )
    return signed.tail, signed.evidence.signer


def _read_back(path: Path, ref: Ref, password: str | None) -> None:
    """The filed PDF opens without repair and has the same first page."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _check_readable(data, ref, password)


def _check_readable(data: bytes | mmap.mmap, ref: Ref, password: str | None) -> None:
    document = Document.open(data, password=password)
    if document.repaired or document.first_page()[0] != ref:
        raise BrokenPdf("the PDF cannot be extended so that readers agree about it; print it anew")
