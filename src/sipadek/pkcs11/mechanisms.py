"""Which mechanism of a token makes the signatures of a scheme.

The raw mechanisms come first: every token has them, and no two disagree about them. Where a token has
only those that hash by themselves, it gets the whole message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Set
from typing import Any

import attrs

from pkcs11 import MGF, KeyType, Mechanism
from sipadek.pkcs11.faults import unusable
from sipadek.signing import ECDSA_P256, ECDSA_P384, ED25519, Scheme

# DigestInfo of SHA-256 without the digest itself (RFC 8017, 9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_PSS = (Mechanism.SHA256, MGF.SHA256, 32)


@attrs.frozen
class Way:
    """A mechanism, its parameter, and what of a message is handed to it."""

    mechanism: Mechanism
    given: Callable[[bytes], bytes]
    parameter: Any = None


def _whole(message: bytes) -> bytes:
    return message


def _sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


def _sha384(message: bytes) -> bytes:
    return hashlib.sha384(message).digest()


def _digest_info(message: bytes) -> bytes:
    return _DIGEST_INFO + _sha256(message)


_WAYS = {
    "rsa-pkcs1-sha256": (
        Way(Mechanism.RSA_PKCS, _digest_info),
        Way(Mechanism.SHA256_RSA_PKCS, _whole),
    ),
    "rsa-pss-sha256": (
        Way(Mechanism.RSA_PKCS_PSS, _sha256, _PSS),
        Way(Mechanism.SHA256_RSA_PKCS_PSS, _whole, _PSS),
    ),
    ECDSA_P256.name: (Way(Mechanism.ECDSA, _sha256), Way(Mechanism.ECDSA_SHA256, _whole)),
    ECDSA_P384.name: (Way(Mechanism.ECDSA, _sha384), Way(Mechanism.ECDSA_SHA384, _whole)),
    ED25519.name: (Way(Mechanism.EDDSA, _whole),),
}


def way_of(scheme: Scheme, known: Set[Any], token: str) -> Way:
    """How a token that knows the mechanisms ``known`` signs by ``scheme``.

    Raises:
        KeyUnusable: it cannot.
    """
    ways = _WAYS[scheme.name]
    for way in ways:
        if way.mechanism in known:
            return way
    names = " or ".join(each.mechanism.name for each in ways)
    raise unusable(
        "mechanism", f"The token {token} cannot sign {scheme.name}: it has no mechanism {names}."
    )


def key_type(scheme: Scheme) -> KeyType:
    """The kind of key that PKCS #11 has for ``scheme``."""
    if scheme == ED25519:
        return KeyType.EC_EDWARDS
    return KeyType.EC if scheme in (ECDSA_P256, ECDSA_P384) else KeyType.RSA
