"""The signatures and time stamps inside a PDF, as far as raising their level needs them.

Each is checked against the bytes that it covers. What was changed between them is not judged here;
`verify_pdf` does that.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
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
_TIMESTAMP = b"/ETSI.RFC3161"
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
        found.append(_read(document, _locate(document, field.value)))
    if not found:
        raise NotSigned("The document has no signature. Sign it first.")
    return tuple(sorted(found, key=lambda each: each.end))


def newest(document: Document) -> tuple[Embedded, ...]:
    """The newest signature, and the document time stamps behind it. Of those before nothing is asked:
    a letter may have come with signatures of kinds that are not made here.

    Raises:
        NotSigned: there is none.
        SignatureInvalid: one of them is not over the bytes that are there, or cannot be read.
    """
    found = [
        _locate(document, field.value) for field in itertools.islice(signatures(document), _MOST)
    ]
    signed = [each for each in found if each.kind != _TIMESTAMP]
    if not signed:
        raise NotSigned("The document has no signature. Sign it first.")
    since = max(each.end for each in signed)
    late = sorted((each for each in found if each.end >= since), key=lambda each: each.end)
    return tuple(_read(document, each) for each in late)


@attrs.frozen
class _Located:
    """A signature that is not read yet: what it leaves out, and where it ends."""

    kind: bytes
    contents: bytes
    until: int
    after: int
    end: int


def _locate(document: Document, value: Dictionary) -> _Located:
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
    kind = document.resolve(value.get(b"SubFilter", b"null"))
    return _Located(kind=kind, contents=contents, until=until, after=after, end=end)


def _read(document: Document, where: _Located) -> Embedded:
    if where.kind not in (*_SIGNATURES, _TIMESTAMP):
        raise SignatureInvalid(
            f"a signature of the kind {where.kind.decode('latin-1')} cannot be raised; expected"
            " ETSI.CAdES.detached, adbe.pkcs7.detached or ETSI.RFC3161"
        )

    def digest(name: str) -> bytes:
        return _digest(document.data, name, where.until, where.after, where.end)

    if where.kind == _TIMESTAMP:
        token = where.contents[: _der_end(where.contents)]
        stamp = read_token(token, digest)
        data = read_signed_data(token)
        return Embedded(kind="timestamp", end=where.end, data=data, stamps=(stamp,))
    data = read_signed_data(where.contents)
    data.verify(digest)
    stamps = tuple(
        read_token(each, lambda name: hashlib.new(name, data.signature).digest())
        for each in data.tokens
    )
    return Embedded(kind="signature", end=where.end, data=data, stamps=stamps)


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
