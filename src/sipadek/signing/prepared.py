"""Interrupted signing: what is to be signed is prepared here and now, and signed elsewhere or later.

A smart card on a desk or a key service in another city never sees the document, only a digest; and the
one who waits for it keeps only the revision that is to be appended, not the document.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Any, Protocol

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import InvalidInput, SigningError
from sipadek.pdf.revision import Tail
from sipadek.signing.cms import signed_attributes, signed_data
from sipadek.signing.returned import verified
from sipadek.signing.signer import Scheme, Signatory, Signer

if TYPE_CHECKING:
    from sipadek.signing.timestamp import TimestampAuthority


class HashState(Protocol):
    """A running hash, as ``hashlib`` makes them."""

    def copy(self) -> HashState: ...
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


@attrs.frozen(kw_only=True)
class AwaitedSigner:
    """A signatory whose signature comes later, from elsewhere: a `sipadek.signing.Signatory`.

    ``certificate`` is the signer's, ``chain`` those that issued it, nearest first (the root may be left
    out), ``scheme`` how the signature will be computed.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    scheme: Scheme


@attrs.frozen(kw_only=True)
class Prepared:
    """A revision that lacks nothing but its signature.

    ``to_sign`` is the message that the key must sign: the DER of the signed attributes. It pickles, and
    goes into a database or to another machine as `to_json`. It holds no secret.
    """

    tail: Tail = attrs.field(repr=False)
    to_sign: bytes = attrs.field(repr=False)
    signatory: Signatory = attrs.field(repr=False)

    @classmethod
    def of(cls, tail: Tail, original: HashState, signatory: Signatory) -> Prepared:
        """``original`` is the hash, by ``signatory.scheme.digest``, of all bytes before the tail; it is
        not changed. Raises SigningError where the tail has no place for a signature."""
        to_sign = _to_sign(tail, original, signatory)
        return cls(tail=tail, to_sign=to_sign, signatory=signatory)

    def belongs_to(self, original: HashState) -> bool:
        """Whether it was prepared for the document whose hash this is, as of `of`."""
        return _to_sign(self.tail, original, self.signatory) == self.to_sign

    @property
    def digest(self) -> bytes:
        """The digest of ``to_sign``, by the scheme's digest: for keys that sign raw digests."""
        return hashlib.new(self.signatory.scheme.digest, self.to_sign).digest()

    def finish(self, signature: bytes, *, timestamp: TimestampAuthority | None = None) -> bytes:
        """The tail with the signature filled in: what is to be appended to the original.

        With ``timestamp`` the signature is stamped (PAdES B-T); room must have been left for that.

        Raises SigningError where the signature is not one of ``to_sign`` by the signatory's key, and
        what `stamp_digest` raises.
        """
        good = verified(self.signatory.certificate, self.signatory.scheme, self.to_sign, signature)
        return self._filled(good, timestamp)

    def sealed(self, signer: Signer, *, timestamp: TimestampAuthority | None = None) -> bytes:
        """The same with the signature that ``signer``, who is the signatory, makes now."""
        return self._filled(signer.sign_many([self.to_sign])[0], timestamp)

    def _filled(self, signature: bytes, timestamp: TimestampAuthority | None) -> bytes:
        token = b""
        if timestamp is not None:
            from sipadek.signing.timestamp import stamp_digest

            token = stamp_digest(timestamp, hashlib.sha256(signature).digest()).token
        made = signed_data(self.signatory, self.to_sign, signature, timestamp=token)
        return fill_hole(self.tail, made)

    def __reduce__(self) -> tuple[Any, ...]:
        return Prepared.from_json, (self.to_json(),)  # certificates do not pickle

    def to_json(self) -> str:
        """The same as text."""
        signatory = self.signatory
        certificates = (signatory.certificate, *signatory.chain)
        scheme = attrs.asdict(signatory.scheme)
        scheme["parameters"] = scheme["parameters"].hex()
        value = {
            "tail": _text(self.tail.data),
            "hole": self.tail.hole,
            "to_sign": _text(self.to_sign),
            "certificates": [_text(each.public_bytes(Encoding.DER)) for each in certificates],
            "scheme": scheme,
        }
        return json.dumps(value)

    @classmethod
    def from_json(cls, text: str) -> Prepared:
        """What `to_json` gave. Raises InvalidInput for anything else."""
        try:
            return cls._from_value(json.loads(text))
        except (ValueError, TypeError, KeyError, binascii.Error) as error:
            raise InvalidInput(
                "the text is no prepared signature; give what to_json() gave, whole",
                reason=type(error).__name__,
            ) from None

    @classmethod
    def _from_value(cls, value: dict[str, Any]) -> Prepared:
        scheme = dict(value["scheme"])
        scheme["parameters"] = bytes.fromhex(scheme["parameters"])
        first, *rest = (
            x509.load_der_x509_certificate(_bytes(each)) for each in value["certificates"]
        )
        data = _bytes(value["tail"])
        start, end = value["hole"]
        if not (0 <= start < end <= len(data) and data[start : start + 1] == b"<"):
            raise ValueError("hole")
        return cls(
            tail=Tail(data=data, hole=(start, end)),
            to_sign=_bytes(value["to_sign"]),
            signatory=AwaitedSigner(certificate=first, chain=tuple(rest), scheme=Scheme(**scheme)),
        )


def _to_sign(tail: Tail, original: HashState, signatory: Signatory) -> bytes:
    digest = covered_digest(tail, original)
    return signed_attributes(signatory.certificate, signatory.scheme, digest)


def covered_digest(tail: Tail, original: HashState) -> bytes:
    """The digest that /ByteRange asks for: of all bytes before the tail, and of the tail but its
    hole. Raises SigningError where the tail has no hole."""
    if tail.hole is None:
        raise SigningError("the revision has no signature to fill in")
    start, end = tail.hole
    view = memoryview(tail.data)
    covered = original.copy()
    covered.update(view[:start])  # type: ignore[arg-type]  # hashlib takes any buffer
    covered.update(view[end:])  # type: ignore[arg-type]
    return covered.digest()


def fill_hole(tail: Tail, contents: bytes) -> bytes:
    """The tail with ``contents`` (DER) in its hole. Raises SigningError where it does not fit."""
    if tail.hole is None:
        raise SigningError("the revision has no signature to fill in")
    start, end = tail.hole
    digits = contents.hex().encode()
    room = end - start - 2
    if len(digits) > room:
        raise SigningError(
            f"the signature takes {len(digits) // 2} bytes, the signer promised at most {room // 2}",
            needed=len(digits) // 2,
        )
    return b"".join((tail.data[: start + 1], digits.ljust(room, b"0"), tail.data[end - 1 :]))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
