"""Signatures that come back from where a key is kept: none is used before it is verified.

A card that was swapped, a service that signed with another key or another padding, a reply that was
cut short: without this a letter would go out whose signature nobody can verify.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sipadek.errors import SigningError
from sipadek.signing.signer import Scheme

_SHA2 = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
_PKCS1 = padding.PKCS1v15()


def verified(
    certificate: x509.Certificate, scheme: Scheme, message: bytes, signature: object
) -> bytes:
    """``signature`` in the form that a CMS holds, once it verifies as ``scheme``'s signature of the
    whole ``message`` with the certificate's key.

    An ECDSA signature may come as DER (Ecdsa-Sig-Value, RFC 3279) or as r and s side by side, as
    PKCS #11 gives it; DER is returned.

    Raises:
        SigningError: it is no signature of the message by that key.
    """
    if not isinstance(signature, bytes):
        raise _refused(
            scheme, f"a value of type {type(signature).__name__} came instead of bytes", message
        )
    for each in _readings(certificate, signature):
        if _verifies(certificate, scheme, message, each):
            return each
    raise _refused(
        scheme,
        f"the {len(signature)} bytes that came are no {scheme.name} signature by that key",
        message,
    )


def _readings(certificate: x509.Certificate, signature: bytes) -> list[bytes]:
    """What the bytes may mean: both are verified, so taking one for the other does no harm."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return [signature]
    half = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * half:
        return [signature]
    r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    return [encode_dss_signature(r, s), signature]


def _verifies(
    certificate: x509.Certificate, scheme: Scheme, message: bytes, signature: bytes
) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            padded = _PSS if scheme.name.startswith("rsa-pss") else _PKCS1
            key.verify(signature, message, padded, _SHA2[scheme.digest])
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(_SHA2[scheme.digest]))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _refused(scheme: Scheme, why: str, message: bytes) -> SigningError:
    return SigningError(
        f"The signature cannot be used: {why} (certificate, key and scheme belong together; the "
        f"message had {len(message)} bytes). Check which key signs, and with what padding.",
        scheme=scheme.name,
        reason="not-verified",
    )
