"""What a double of the BSrE service does to a PDF: sign it well, or badly on demand."""

from __future__ import annotations

import datetime
import hashlib
from typing import Literal, TypeAlias

import attrs

from sipadek.pdf import Document, Revision, find_text, geometry
from sipadek.pdf.geometry import Box, transform_box
from sipadek.signing import Claim, Widget, add_signature, seal
from sipadek.testing.authority import Credential

BadReply: TypeAlias = Literal[
    "altered", "other-signer", "two-signatures", "unsigned", "new-content", "trailing"
]
"""Replies that must not be accepted: a byte of the document altered, another certificate, two
signatures, none, another text shown under a good signature, bytes behind the signature."""


@attrs.frozen(kw_only=True)
class Place:
    """Where a visible signature goes: ``box`` in points, from the lower left corner of the page as
    displayed; or around the first ``tag`` on a page, with that width and height."""

    page: int
    box: Box | None = None
    tag: str = ""
    width: float = 0.0
    height: float = 0.0


def sign_pdf(
    pdf: bytes,
    credential: Credential,
    *,
    at: datetime.datetime,
    reason: str = "",
    place: Place | None = None,
    password: str | None = None,
    new_content: bool = False,
) -> bytes:
    """The PDF with one more revision and a signature in it, as the service would give it."""
    document = Document.open(pdf, password=password)
    document.trailer.pop(b"SipadekLetter", None)  # other writers do not copy what they do not know
    revision = Revision(document)
    ref, page = document.first_page()
    widget = Widget(page=ref)
    if place is not None:
        ref, page = list(document.pages())[place.page - 1]
        shape = geometry(document, page)
        box = place.box or _around(pdf, place, password)
        rect = transform_box(shape.to_user, box) if place.box else box
        form = revision.add_stream(b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]", b"0 0 1 1 re f")
        widget = Widget(page=ref, rect=rect, form=form)
    if new_content:
        text = revision.add_stream(b"", b"BT ET 0 0 100 100 re f")
        changed = revision.current(ref)
        changed[b"Contents"] = bytes(text)
        revision.replace(ref, bytes(changed))
    field = f"Signature{hashlib.sha256(pdf).hexdigest()[:12]}"
    signer = credential.signer()
    add_signature(revision, widget, Claim(field=field, at=at, reason=reason), signer)
    return pdf + seal(revision.build(), hashlib.new(signer.scheme.digest, pdf), signer)


def _around(pdf: bytes, place: Place, password: str | None) -> Box:
    found = find_text(pdf, place.tag, [place.page - 1], password=password)
    if not found:
        raise ValueError("Tag koordinat tidak ditemukan")
    left, bottom, right, top = found[place.page - 1][0]
    x, y = (left + right - place.width) / 2, (bottom + top - place.height) / 2
    return x, y, x + place.width, y + place.height


def spoilt(
    signed: bytes,
    sent: bytes,
    bad: BadReply,
    credential: Credential,
    other: Credential,
    *,
    at: datetime.datetime,
) -> bytes:
    """A reply that is wrong in the way of ``bad``."""
    if bad == "altered":
        middle = len(sent) // 2
        return signed[:middle] + bytes((signed[middle] ^ 1,)) + signed[middle + 1 :]
    if bad == "other-signer":
        return sign_pdf(sent, other, at=at)
    if bad == "two-signatures":
        return sign_pdf(signed, credential, at=at)
    if bad == "new-content":
        return sign_pdf(sent, credential, at=at, new_content=True)
    return sent if bad == "unsigned" else signed + b"\n% ditambah\n"
