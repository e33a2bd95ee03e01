"""Signing with a private key held in a file: PEM or PKCS #12."""

from __future__ import annotations

import datetime
import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import attrs
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from sipadek.errors import KeyUnusable
from sipadek.signing.certificates import (
    check_usage,
    check_validity,
    issuers,
    name,
    readable,
    scheme_of,
)
from sipadek.signing.signer import ECDSA_P384, Scheme

Source: TypeAlias = bytes | str | os.PathLike[str]
"""The bytes themselves, or the path of a file (a ``str`` is always a path)."""

Secret: TypeAlias = str | bytes
Passphrase: TypeAlias = Secret | Callable[[], Secret] | None
"""A passphrase, or what to call for it when it is needed; text is taken as UTF-8."""

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_READ_ERRORS = (ValueError, TypeError, UnsupportedAlgorithm)
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
_PKCS1 = padding.PKCS1v15()


@attrs.frozen(kw_only=True, repr=False)
class KeySigner:
    """A signer whose private key is in memory.

    Make one with :meth:`from_pem`, :meth:`from_pkcs12` or :meth:`from_key`: they check what can be
    checked without a clock. Ask :meth:`check` before signing.

    It pickles, so that it can be handed to worker processes. **The pickle holds the private key in
    the clear**: never store it, never send it to another machine unprotected.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    scheme: Scheme
    _key: bytes

    @classmethod
    def from_pem(
        cls,
        certificate: Source,
        key: Source,
        *,
        chain: Source | None = None,
        passphrase: Passphrase = None,
        pss: bool = False,
    ) -> KeySigner:
        """From PEM files.

        ``certificate`` begins with the signer's certificate and may go on with its issuers; more
        issuers may stand in ``chain``, in any order. ``pss`` signs RSASSA-PSS instead of PKCS #1
        v1.5 (only with an RSA key).

        Raises:
            KeyUnusable: something cannot be read, the passphrase is wrong, or the key or the
                certificate cannot be used; the message says which.
        """
        certificates = _certificates(certificate)
        others = [*certificates[1:], *(_certificates(chain) if chain is not None else [])]
        data = _bytes_of(key, "key")
        secret = _secret(passphrase) if b"ENCRYPTED" in data else None
        try:
            loaded = serialization.load_pem_private_key(data, secret)
        except _READ_ERRORS:
            raise KeyUnusable(
                "The private key cannot be read: expected PEM of an RSA, ECDSA or Ed25519 key and, "
                "where it is encrypted, its passphrase. Check the file and the passphrase."
            ) from None
        return cls.from_key(certificates[0], loaded, chain=others, pss=pss)

    @classmethod
    def from_pkcs12(
        cls, source: Source, *, passphrase: Passphrase = None, pss: bool = False
    ) -> KeySigner:
        """From a PKCS #12 file (.p12, .pfx), with the issuers that it holds.

        Raises:
            KeyUnusable: as for :meth:`from_pem`.
        """
        data = _bytes_of(source, "PKCS #12 file")
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(data, _secret(passphrase))
        except _READ_ERRORS:
            raise KeyUnusable(
                "The PKCS #12 file cannot be read: it is damaged, uses an encryption that is no "
                "longer supported, or the passphrase is wrong. Check the file and the passphrase."
            ) from None
        if key is None or certificate is None:
            missing = "certificate for its key" if key else "private key"
            raise KeyUnusable(
                f"The PKCS #12 file holds no {missing}. Export it with the key and its certificate."
            )
        return cls.from_key(certificate, key, chain=others, pss=pss)

    @classmethod
    def from_key(
        cls,
        certificate: x509.Certificate,
        key: object,
        *,
        chain: Sequence[x509.Certificate] = (),
        pss: bool = False,
    ) -> KeySigner:
        """From a loaded key. Of ``chain`` the certificates that lead from the signer towards a root
        are kept, nearest first, without the root.

        Raises:
            KeyUnusable: the key is of another kind than RSA (2048 bits or more), ECDSA P-256 or
                P-384, or Ed25519; it is not the certificate's; the certificate is not for signing
                documents; or none of ``chain`` issued it.
        """
        public_key = readable(certificate).public_key()
        usable = cast(PrivateKey, key)
        scheme = scheme_of(usable.public_key(), certificate, pss=pss)
        if usable.public_key() != public_key:
            raise KeyUnusable(
                f"The private key is not the one of {name(certificate)}. "
                "Give the key that the certificate was issued for.",
                subject=name(certificate),
            )
        check_usage(certificate)
        der = usable.private_bytes(
            Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(
            certificate=certificate,
            chain=issuers(certificate, chain),
            scheme=scheme,
            key=der,
        )

    def check(self, at: datetime.datetime) -> None:
        """That the certificate and its issuers are within their validity at ``at`` (aware).

        Raises:
            InvalidInput: ``at`` has no time zone.
            KeyUnusable: one of the certificates is not yet or no longer valid.
        """
        check_validity((self.certificate, *self.chain), at)

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        """Each message's signature; the key is loaded once per process."""
        key = _load(self._key)
        if isinstance(key, rsa.RSAPrivateKey):
            scheme = _PSS if self.scheme.name.startswith("rsa-pss") else _PKCS1
            return [key.sign(message, scheme, hashes.SHA256()) for message in messages]
        if isinstance(key, ec.EllipticCurvePrivateKey):
            digest = hashes.SHA384() if self.scheme == ECDSA_P384 else hashes.SHA256()
            return [key.sign(message, ec.ECDSA(digest)) for message in messages]
        return [key.sign(message) for message in messages]

    def __repr__(self) -> str:
        return f"<KeySigner {name(self.certificate)} {self.scheme.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        certificates = [each.public_bytes(Encoding.DER) for each in (self.certificate, *self.chain)]
        return _restore, (certificates, self.scheme, self._key)


def _restore(certificates: list[bytes], scheme: Scheme, key: bytes) -> KeySigner:
    first, *rest = map(x509.load_der_x509_certificate, certificates)
    return KeySigner(certificate=first, chain=tuple(rest), scheme=scheme, key=key)


@functools.lru_cache(maxsize=8)
def _load(key: bytes) -> PrivateKey:
    # The key was checked when the signer was made; checking an RSA key again costs 40 ms.
    loaded = serialization.load_der_private_key(key, None, unsafe_skip_rsa_key_validation=True)
    return cast(PrivateKey, loaded)


def _certificates(source: Source) -> list[x509.Certificate]:
    data = _bytes_of(source, "certificate")
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:
        raise KeyUnusable("The certificate cannot be read: expected PEM. Check the file.") from None


def _bytes_of(source: Source, what: str) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise KeyUnusable(
            f"The {what} {os.fspath(source)!r} cannot be read: {error.strerror}. Check the path.",
            path=os.fspath(source),
        ) from error


def _secret(passphrase: Passphrase) -> bytes | None:
    given = passphrase() if callable(passphrase) else passphrase
    return given.encode() if isinstance(given, str) else given
