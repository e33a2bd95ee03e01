"""The signatures and time stamps inside a PDF, as far as raising their level needs them.

Each is checked against the bytes that it covers. What was changed between them is not judged here;
`verify_pdf` does that.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Literal

import attrs

from sipadek.errors import InvalidInput, NotSigned, SignatureInvalid, SipadekError
from sipadek.pdf.document import Document
from sipadek.pdf.forms import signatures
from sipadek.pdf.objects import Dictionary
from sipadek.pdf.syntax import Buffer, read_integer, read_string
from sipadek.signing.cms_reading import SignedData, read_signed_data
from sipadek.signing.timestamp import Timestamp, read_token

_MOST = 64
_SIGNATURES = (b"/ETSI.CAdES.detached", b"/adbe.pkcs7.detached")
_CHUNK = 1 << 20


@attrs.frozen(kw_only=True)
class Embedded:
    """One of them: ``end`` is how far into the file it reaches; ``data`` its CMS; ``stamps`` the good
    time stamps over it, or, of a document time stamp, that itself."""

    kind: Literal["signature", "timestamp"]
    end: int
    data: SignedData
    stamps: tuple[Timestamp, ...]

    @property
    def name(self) -> str:
        """Who signed."""
        return self.data.certificate.subject.rfc4514_string()


def embedded(document: Document) -> tuple[Embedded, ...]:
    """All of them, oldest first.

    Raises:
        NotSigned: there is none.
        SignatureInvalid: one is not over the bytes that are there, or is of a kind that cannot be read.
    """
    found: list[Embedded] = []
    for field in signatures(document):
        if len(found) >= _MOST:
            raise InvalidInput(f"the PDF has more than {_MOST} signatures")
        found.append(_read(document, field.value))
    if not found:
        raise NotSigned("The document has no signature. Sign it first.")
    return tuple(sorted(found, key=lambda each: each.end))


def _read(document: Document, value: Dictionary) -> Embedded:
    kind = document.resolve(value.get(b"SubFilter", b"null"))
    if kind not in (*_SIGNATURES, b"/ETSI.RFC3161"):
        raise SignatureInvalid(
            f"a signature of the kind {kind.decode('latin-1')} cannot be raised; expected"
            " ETSI.CAdES.detached, adbe.pkcs7.detached or ETSI.RFC3161"
        )
    listed = document.array(value.get(b"ByteRange", b"[]"))
    ranges = [read_integer(document.resolve(each)) for each in listed]
    try:
        contents = read_string(document.resolve(value[b"Contents"]))
    except (SipadekError, ValueError, KeyError):
        contents = b""
    if len(ranges) != 4 or any(each is None or each < 0 for each in ranges) or not contents:
        raise SignatureInvalid("a signature has no sound /ByteRange or /Contents")
    first, until, after, length = (each or 0 for each in ranges)
    end = after + length
    if first or until > after or end > len(document.data):
        raise SignatureInvalid("a signature's /ByteRange does not fit the file")

    def digest(name: str) -> bytes:
        return _digest(document.data, name, until, after, end)

    if kind == b"/ETSI.RFC3161":
        token = contents[: _der_end(contents)]
        stamp = read_token(token, digest)
        return Embedded(kind="timestamp", end=end, data=read_signed_data(token), stamps=(stamp,))
    data = read_signed_data(contents)
    data.verify(digest)
    stamps = tuple(
        read_token(each, lambda name: hashlib.new(name, data.signature).digest())
        for each in data.tokens
    )
    return Embedded(kind="signature", end=end, data=data, stamps=stamps)


def _der_end(contents: bytes) -> int:
    from asn1crypto import parser

    try:
        return int(parser.peek(contents))
    except ValueError:
        raise SignatureInvalid("a time stamp in the PDF is cut off") from None


def _digest(data: Buffer, name: str, until: int, after: int, end: int) -> bytes:
    running = hashlib.new(name)
    for start, stop in ((0, until), (after, end)):
        for at in range(start, stop, _CHUNK):
            running.update(data[at : min(at + _CHUNK, stop)])
    return running.digest()


def proven_since(each: Embedded, all_of_them: tuple[Embedded, ...]) -> datetime.datetime | None:
    """The oldest stamped time over ``each``: its own stamps, and document time stamps behind it."""
    own = [] if each.kind == "timestamp" else [stamp.at for stamp in each.stamps]
    later = [
        stamp.at
        for other in all_of_them
        if other.kind == "timestamp" and other.end > each.end
        for stamp in other.stamps
    ]
    return min([*own, *later], default=None)
