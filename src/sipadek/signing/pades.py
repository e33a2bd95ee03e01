"""A PAdES B-B signature in an appended revision.

The order is: `add_signature` puts the field, its widget and the signature dictionary into a revision;
`Revision.build` gives the tail with a hole; `seal` hashes, signs and fills the hole. Nothing of it
reads the document again, so the hash of the original may be kept from when it was received.
"""

from __future__ import annotations

import datetime
from typing import Protocol

import attrs

from sipadek.errors import SigningError
from sipadek.pdf.forms import add_annotation, add_signature_field
from sipadek.pdf.objects import Ref, text_string
from sipadek.pdf.revision import Revision, SignatureHole, Tail
from sipadek.signing.cms import signed_attributes, signed_data, signed_data_size
from sipadek.signing.signer import Signer

_PRINT_AND_LOCKED = 4 | 128


class HashState(Protocol):
    """A running hash, as ``hashlib`` makes them."""

    def copy(self) -> HashState: ...
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


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


@attrs.frozen(kw_only=True)
class Claim:
    """What the signature says beside who signed: ``field`` names its form field and must be new to the
    document; ``at`` is the claimed time (aware); ``reason`` is read by people."""

    field: str
    at: datetime.datetime
    reason: str


def add_signature(revision: Revision, widget: Widget, claim: Claim, signer: Signer) -> None:
    """A signature field with room for ``signer``'s signature (ETSI EN 319 142-1, PAdES B-B).

    No certificate is asked and nothing is signed yet; see `seal`.
    """
    signature = revision.reserve()
    field = revision.add(
        b"<<%s/Subtype/Widget/FT/Sig/T%s/V %s>>"
        % (widget.entries(), text_string(claim.field), bytes(signature))
    )
    at = claim.at.astimezone(datetime.UTC).strftime("D:%Y%m%d%H%M%SZ")
    before = (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M%s/Reason%s/ByteRange"
    )
    revision.put_signature(
        signature,
        SignatureHole(
            before=before % (text_string(at), text_string(claim.reason)),
            between=b"/Contents",
            after=b">>",
            size=signed_data_size(signer),
        ),
    )
    add_annotation(revision, widget.page, field)
    add_signature_field(revision, field)


def add_stamp(revision: Revision, widget: Widget, name: str) -> None:
    """The same mark without a signature, as a stamp annotation."""
    stamp = revision.add(b"<<%s/Subtype/Stamp/NM%s>>" % (widget.entries(), text_string(name)))
    add_annotation(revision, widget.page, stamp)


def seal(tail: Tail, original: HashState, signer: Signer) -> bytes:
    """The tail with its signature filled in.

    ``original`` is the hash, by ``signer.scheme.digest``, of all bytes before the tail; it is not
    changed. Raises SigningError where the signer fails or gives more bytes than it said.
    """
    if tail.hole is None:
        raise SigningError("the revision has no signature to fill in")
    start, end = tail.hole
    view = memoryview(tail.data)
    covered = original.copy()
    covered.update(view[:start])  # type: ignore[arg-type]  # hashlib takes any buffer
    covered.update(view[end:])  # type: ignore[arg-type]
    attributes = signed_attributes(signer.certificate, signer.scheme, covered.digest())
    signature = signer.sign_many([attributes])[0]
    digits = signed_data(signer, attributes, signature).hex().encode()
    room = end - start - 2
    if len(digits) > room:
        raise SigningError(
            f"the signature takes {len(digits) // 2} bytes, the signer promised at most {room // 2}"
        )
    return b"".join((tail.data[: start + 1], digits.ljust(room, b"0"), tail.data[end - 1 :]))
