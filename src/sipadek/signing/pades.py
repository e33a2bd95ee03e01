"""A PAdES B-B signature in an appended revision.

The order is: `add_signature` or `fill_signature` puts the signature dictionary, and where needed a field
and its widget, into a revision; `Revision.build` gives the tail with a hole; `seal` hashes, signs and
fills the hole. Nothing of it reads the document again, so the hash of the original may be kept from when
it was received. A signature that comes later, from elsewhere, takes the way of `Prepared` instead.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal

import attrs

from sipadek.errors import InvalidInput
from sipadek.pdf.forms import EmptyField, add_annotation, add_signature_field, certify
from sipadek.pdf.objects import Ref, text_string
from sipadek.pdf.revision import Revision, SignatureHole, Tail
from sipadek.signing.cms import signed_data_size
from sipadek.signing.prepared import HashState, Prepared
from sipadek.signing.signer import Signatory, Signer

if TYPE_CHECKING:
    from sipadek.signing.timestamp import TimestampAuthority

_PRINT_AND_LOCKED = 4 | 128
_TRANSFORM = (
    b"<</Type/SigRef/TransformMethod/%s%s/TransformParams<</Type/TransformParams/V/1.2%s>>>>"
)


@attrs.frozen(kw_only=True)
class Widget:
    """Where a signature shows: the page, the rectangle in the page's default user space (points) and
    the form XObject that is drawn there. Without a form it is on the page and does not show."""

    page: Ref
    rect: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    form: Ref | None = None

    def entries(self) -> bytes:
        """The annotation's entries that do not depend on its subtype."""
        return b"/Type/Annot/F %d/P %s/Rect[%s]%s" % (
            _PRINT_AND_LOCKED,
            bytes(self.page),
            b" ".join(f"{c:.4f}".rstrip("0").rstrip(".").encode() for c in self.rect),
            b"" if self.form is None else b"/AP<</N %s>>" % bytes(self.form),
        )


def _level(_: Claim, __: object, value: int | None) -> None:
    if value not in (None, 1, 2, 3):
        raise InvalidInput(f"certify is {value!r}; give 1, 2 or 3, or None", certify=value)


def _aware(_: Claim, __: object, value: datetime.datetime) -> None:
    if value.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=value)


@attrs.frozen(kw_only=True)
class Claim:
    """What the signature says beside who signed.

    ``at`` is the claimed time (aware). ``reason``, ``location`` (where it was signed, such as a town)
    and ``contact`` (how to ask the signer) are read by people and left out where empty. ``field`` names
    the form field. ``certify`` makes it the signature that certifies the document, with what may still
    happen to it: 1 nothing, 2 forms filled in and signatures, 3 annotations too (ISO 32000-2, 12.8.2.2).
    """

    at: datetime.datetime = attrs.field(validator=_aware)
    field: str = ""
    reason: str = ""
    location: str = ""
    contact: str = ""
    certify: Literal[1, 2, 3] | None = attrs.field(default=None, validator=_level)

    def entries(self) -> bytes:
        """Its entries in the signature dictionary, strings in plain."""
        at = self.at.astimezone(datetime.UTC).strftime("D:%Y%m%d%H%M%SZ")
        texts = {b"Reason": self.reason, b"Location": self.location, b"ContactInfo": self.contact}
        given = [b"/%s%s" % (key, text_string(text)) for key, text in texts.items() if text]
        return b"/M%s" % text_string(at) + b"".join(given)


def add_signature(
    revision: Revision,
    widget: Widget,
    claim: Claim,
    signatory: Signatory,
    *,
    token_size: int = 0,
) -> None:
    """A new signature field, named by the claim, with room for the signature (ETSI EN 319 142-1,
    PAdES B-B).

    The name must be new to the document. Whether the document allows the signature is not asked here
    (see `sipadek.pdf.refuse_forbidden_signature`), and nothing is signed yet (see `seal`).
    ``token_size`` is the room for a time stamp in it (`TimestampAuthority.token_size`), 0 for none.
    """
    signature = _put_signature(revision, claim, signatory, token_size=token_size)
    field = revision.add(
        b"<<%s/Subtype/Widget/FT/Sig/T%s/V %s>>"
        % (widget.entries(), text_string(claim.field), bytes(signature))
    )
    add_annotation(revision, widget.page, field)
    add_signature_field(revision, field)


def fill_signature(
    revision: Revision,
    field: EmptyField,
    claim: Claim,
    signatory: Signatory,
    form: Ref | None = None,
    *,
    token_size: int = 0,
) -> None:
    """The same in a field that waits in the document; ``form``, where given, becomes what it shows.

    What the field says of locking others is carried into the signature (FieldMDP).
    """
    signature = _put_signature(revision, claim, signatory, lock=field.lock, token_size=token_size)
    if form is not None:
        widget = revision.current(field.widget)
        widget[b"AP"] = b"<</N %s>>" % bytes(form)
        revision.replace(field.widget, bytes(widget))
    entries = revision.current(field.ref)
    entries[b"V"] = bytes(signature)
    revision.replace(field.ref, bytes(entries))
    add_signature_field(revision, None)


def _put_signature(
    revision: Revision,
    claim: Claim,
    signatory: Signatory,
    *,
    lock: bytes = b"",
    token_size: int,
) -> Ref:
    signature = revision.reserve()
    root, _ = revision.document.catalog()
    references = b""
    if claim.certify is not None:
        references += _TRANSFORM % (b"DocMDP", b"", b"/P %d" % claim.certify)
    if lock:
        references += _TRANSFORM % (b"FieldMDP", b"/Data %s" % bytes(root), lock)
    after = b"/Reference[%s]>>" % references if references else b">>"
    revision.put_signature(
        signature,
        SignatureHole(
            before=b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached%s/ByteRange"
            % claim.entries(),
            between=b"/Contents",
            after=after,
            size=signed_data_size(signatory, token_size=token_size),
        ),
    )
    if claim.certify is not None:
        certify(revision, signature)
    return signature


def add_stamp(revision: Revision, widget: Widget, name: str) -> None:
    """The same mark without a signature, as a stamp annotation."""
    stamp = revision.add(b"<<%s/Subtype/Stamp/NM%s>>" % (widget.entries(), text_string(name)))
    add_annotation(revision, widget.page, stamp)


def seal(
    tail: Tail,
    original: HashState,
    signer: Signer,
    *,
    timestamp: TimestampAuthority | None = None,
) -> bytes:
    """The tail with its signature filled in.

    ``original`` is the hash, by ``signer.scheme.digest``, of all bytes before the tail; it is not
    changed. With ``timestamp`` the signature itself is stamped, which makes it PAdES B-T;
    `add_signature` must have left room. Where the authority fails, the same tail may be sealed
    without it.

    Raises SigningError where the signer fails or gives more bytes than it said, and what
    `stamp_digest` raises.
    """
    return Prepared.of(tail, original, signer).sealed(signer, timestamp=timestamp)
