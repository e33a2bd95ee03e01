"""What a signer is: a certificate, its issuers, one signature scheme, and a way to sign.

The key may be a file (:class:`sipadek.signing.KeySigner`), a smart card or a key service: whatever
signs a batch of messages can stand behind the :class:`Signer` protocol.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Protocol

import attrs
from cryptography import x509

# RSASSA-PSS-params (RFC 4055): SHA-256, MGF1 with SHA-256, a salt of 32 bytes.
_PSS_SHA256 = bytes.fromhex(
    "3034a00f300d06096086480165030402010500"
    "a11c301a06092a864886f70d010108300d06096086480165030402010500"
    "a203020120"
)
_NULL = b"\x05\x00"


@attrs.frozen(kw_only=True)
class Scheme:
    """How signatures are made: all that a CMS needs to know of it.

    ``name`` is for people and records ('rsa-pkcs1-sha256'); ``digest`` is hashlib's name of the
    digest of the document; ``oid`` and ``parameters`` (complete DER, empty where absent) are the
    signature's AlgorithmIdentifier; ``signature_size`` is the greatest length of a signature, in
    bytes; ``fixed_size`` says that every signature has that length.
    """

    name: str
    digest: str
    oid: str
    parameters: bytes = b""
    signature_size: int
    fixed_size: bool = True


def rsa_pkcs1(size: int) -> Scheme:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 5754) for a modulus of ``size`` bytes."""
    return Scheme(
        name="rsa-pkcs1-sha256",
        digest="sha256",
        oid="1.2.840.113549.1.1.11",
        parameters=_NULL,
        signature_size=size,
    )


def rsa_pss(size: int) -> Scheme:
    """RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 4056) for a modulus of ``size`` bytes."""
    return Scheme(
        name="rsa-pss-sha256",
        digest="sha256",
        oid="1.2.840.113549.1.1.10",
        parameters=_PSS_SHA256,
        signature_size=size,
    )


ECDSA_P256 = Scheme(
    name="ecdsa-p256-sha256",
    digest="sha256",
    oid="1.2.840.10045.4.3.2",
    signature_size=72,
    fixed_size=False,
)
"""ECDSA on P-256 with SHA-256 (RFC 5754)."""

ECDSA_P384 = Scheme(
    name="ecdsa-p384-sha384",
    digest="sha384",
    oid="1.2.840.10045.4.3.3",
    signature_size=104,
    fixed_size=False,
)
"""ECDSA on P-384 with SHA-384 (RFC 5754)."""

ED25519 = Scheme(name="ed25519", digest="sha512", oid="1.3.101.112", signature_size=64)
"""Ed25519 with SHA-512 as the document's digest (RFC 8419)."""


class Signatory(Protocol):
    """In whose name a signature is made, and how: all that can be known before it is made."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        ...

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The certificates that issued it, nearest first; the root may be left out."""
        ...

    @property
    def scheme(self) -> Scheme:
        """How the signature is computed."""
        ...


class Signer(Signatory, Protocol):
    """A signatory that signs by itself, at once."""

    def check(self, at: datetime.datetime) -> None:
        """That it can sign at ``at`` (aware): asked before a letter takes a number.

        Raises:
            KeyUnusable: it cannot, for instance because the certificate is out of date.
        """
        ...

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        """The signature of each message, in order. Messages are whole, not digests."""
        ...
