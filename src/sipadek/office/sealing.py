"""From a received original to the filed PDF: one appended revision with the stamp and the signature.

Pure work on one staging file, without the register, so that it can run in another process.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import attrs
from cryptography import x509
from cryptography.x509.oid import NameOID

from sipadek.archive import Filed, Letter
from sipadek.errors import BrokenPdf, ChangeForbidden, StorageFailed
from sipadek.naskah import date_text
from sipadek.office.receiving import Received
from sipadek.pdf import (
    Document,
    ExtractedText,
    PlacedForm,
    Revision,
    Tail,
    annotation_boxes,
    content_balance,
    draw_forms,
    geometry,
    refuse_forbidden_change,
    signatures,
)
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.signing import (
    Claim,
    DocumentSigner,
    Signer,
    Widget,
    add_signature,
    add_stamp,
    seal,
    sign_remotely,
)
from sipadek.stamping import STAMP_HEIGHT, STAMP_WIDTH, Placement, Stamp, draw, place

SIGNED_FOOTER = (
    "Dokumen ini ditandatangani secara elektronik. Keasliannya diperiksa pada berkas PDF-nya;"
    " kode QR saja bukan tanda tangan elektronik."
)
STAMPED_FOOTER = "Naskah ini tercatat dalam register. Kode QR ini bukan tanda tangan elektronik."


@attrs.frozen(kw_only=True)
class StampStyle:
    """How an office stamps.

    ``anchors`` are places as `sipadek.stamping.place` names them: the first that is clear of the page's
    annotations is taken, or else the first. ``margin`` is in points. ``verify_url`` comes before the
    letter's id in the QR code; where it is empty the code holds number, id and digest as text. The
    footers stand on signed and on merely stamped letters.
    """

    anchors: tuple[str, ...] = ("bottom-left", "bottom-right", "top-right", "top-left")
    margin: float = 18.0
    verify_url: str = ""
    signed_footer: str = SIGNED_FOOTER
    stamped_footer: str = STAMPED_FOOTER


@contextlib.contextmanager
def opened(path: Path, *, signed: bool, password: str | None) -> Iterator[Document]:
    """The PDF at ``path``, read where it lies, and known to take a revision, ``signed`` or not.

    Raises leaves of PdfError, so that they come before a number is taken.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        document = Document.open(data, password=password)
        refuse_forbidden_change(document)
        if not signed and any(signatures(document)):
            raise ChangeForbidden(
                "the PDF carries a signature, which a stamp without a signature of its own would break;"
                " give a signer whose key is here (a service signs only after the stamp)"
            )
        yield document


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
    service: DocumentSigner | None = None,
    at: datetime.datetime | None = None,
) -> Filed:
    """Append to the original at ``path`` the revision that makes it the filed PDF.

    With ``service`` in the place of ``signer`` the revision is only stamped, and the service's, with
    its signature, follows; ``at`` is now (aware).

    ``document`` is what `opened` gave for it, ``received`` what `receive` did, ``text`` what
    `extracting` did. Nothing is synced here: the object store does that. Raises leaves of PdfError,
    StampError and SigningError; the file is then not to be used.
    """
    ref, page = document.first_page()
    revision = Revision(document, mark=letter.id)
    name = "" if service is None else service.name
    name = name if signer is None else common_name(signer.certificate)
    _mark(revision, ref, page, letter, style, signer, name)
    data = _sealed(revision.build(), received, signer)
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
    )


def _mark(
    revision: Revision,
    ref: Ref,
    page: Dictionary,
    letter: Letter,
    style: StampStyle,
    signer: Signer | None,
    name: str,
) -> None:
    """Stamp and signature field. The stamp is drawn on the page, where every viewer shows it. In a
    document with earlier signatures, on a page whose content is damaged, and where annotations would
    cover it, it is the appearance of the signature's own annotation instead."""
    document = revision.document
    placement, clear = _place(document, page, style)
    stamp = _stamp(letter, style, name)
    drawn = clear and not any(signatures(document))
    around = content_balance(document, page) if drawn else None
    if around is not None:
        form = draw(stamp, revision).form
        drawn_form = PlacedForm(form=form, matrix=placement.on_page(STAMP_WIDTH, STAMP_HEIGHT))
        draw_forms(revision, ref, page, [drawn_form], around)
        widget = Widget(page=ref)
    else:
        form = draw(stamp, revision, matrix=placement.matrix).form
        widget = Widget(page=ref, rect=placement.rect, form=form)
    if signer is not None:
        claim = Claim(
            field=f"sipadek-{letter.id}", at=letter.reserved_at, reason=f"Nomor {letter.number}"
        )
        add_signature(revision, widget, claim, signer)
    elif widget.form is not None:
        add_stamp(revision, widget, f"sipadek-{letter.id}")


def _place(document: Document, page: Dictionary, style: StampStyle) -> tuple[Placement, bool]:
    """Where the stamp goes, and whether that is clear of annotations."""
    shape = geometry(document, page)
    taken = annotation_boxes(document, page)

    def at(anchor: str) -> Placement:
        return place(shape, STAMP_WIDTH, STAMP_HEIGHT, anchor=anchor, margin=style.margin)

    for anchor in style.anchors:
        found = at(anchor)
        left, bottom, right, top = found.rect
        if not any(b[0] < right and left < b[2] and b[1] < top and bottom < b[3] for b in taken):
            return found, True
    return at(style.anchors[0]), False


def _stamp(letter: Letter, style: StampStyle, name: str) -> Stamp:
    return Stamp(
        number=letter.number,
        date=date_text(letter.details.date),
        qr=_qr(letter, style),
        signer=name,
        footer=style.signed_footer if name else style.stamped_footer,
    )


def _qr(letter: Letter, style: StampStyle) -> str:
    if style.verify_url:
        return style.verify_url + letter.id
    number = quote(letter.number, safe="/.-_")
    digest = letter.original_digest[:32]
    # Capitals, digits and these signs take two thirds of the room that other text takes.
    return f"NOMOR {number} ID {letter.id.upper()} SHA256 {digest.upper()}"


@functools.lru_cache(maxsize=64)
def subject(certificate: x509.Certificate) -> str:
    """The certificate's holder as RFC 4514 text."""
    return certificate.subject.rfc4514_string()


@functools.lru_cache(maxsize=64)
def common_name(certificate: x509.Certificate) -> str:
    """The name that people know the certificate's holder by."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject(certificate)


def _sealed(tail: Tail, received: Received, signer: Signer | None) -> bytes:
    if signer is None:
        return tail.data
    return seal(tail, received.hashes[signer.scheme.digest], signer)


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
