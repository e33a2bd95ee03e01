"""Signing with a key that something else keeps: whatever can be called with a digest."""

from __future__ import annotations

import datetime
import hashlib
import pickle
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import SigningError, SipadekError
from sipadek.signing.certificates import (
    check_usage,
    check_validity,
    issuers,
    name,
    readable,
    scheme_of,
)
from sipadek.signing.returned import verified
from sipadek.signing.signer import ED25519, Scheme

SignDigest: TypeAlias = Callable[[bytes], bytes]
"""Takes a digest and returns its signature; for Ed25519 it takes the whole message."""


@attrs.frozen(kw_only=True, repr=False)
class CallableSigner:
    """A signer whose key is kept elsewhere, and used through a function.

    Make one with :meth:`create`. ``sign`` is called once for each signature:

    - RSA and ECDSA: with the raw digest of what is signed: 32 bytes of SHA-256, or 48 of SHA-384 for
      P-384. For RSASSA-PKCS1-v1_5 this is the bare hash and **not** DigestInfo (RFC 8017, 9.2): a
      service that pads only (CKM_RSA_PKCS, a bare "RSA sign") needs DigestInfo put before it by the
      function; one that is told "RS256" or "SHA256withRSA, already hashed" does that itself.
      RSASSA-PSS is with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    - Ed25519: with the whole message, some hundred bytes, because Ed25519 has no digest to be given.

    It returns the signature: for ECDSA as DER or as r and s side by side. What comes back is verified
    with the certificate's key before it is used. How long to wait, and whether to try again, is the
    function's own matter. It may be called by several threads at once.

    It pickles, for worker processes, where the function does: one that stands in a module, not a
    lambda.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    scheme: Scheme
    _sign: SignDigest

    @classmethod
    def create(
        cls,
        certificate: x509.Certificate,
        sign: SignDigest,
        *,
        chain: Sequence[x509.Certificate] = (),
        pss: bool = False,
    ) -> CallableSigner:
        """``sign`` signs with the key of ``certificate``; ``chain`` and ``pss`` are as for
        :meth:`KeySigner.from_key`. ``sign`` is not called here.

        Raises:
            KeyUnusable: the certificate's key is of another kind than RSA (2048 bits or more), ECDSA
                P-256 or P-384, or Ed25519; the certificate is not for signing documents; or none of
                ``chain`` issued it.
        """
        scheme = scheme_of(readable(certificate).public_key(), certificate, pss=pss)
        check_usage(certificate)
        return cls(
            certificate=certificate, chain=issuers(certificate, chain), scheme=scheme, sign=sign
        )

    def check(self, at: datetime.datetime) -> None:
        """That the certificate and its issuers are within their validity at ``at`` (aware).

        Raises:
            InvalidInput: ``at`` has no time zone.
            KeyUnusable: one of the certificates is not yet or no longer valid.
        """
        check_validity((self.certificate, *self.chain), at)

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        """Each message's signature, verified.

        Raises:
            SigningError: the function raised something, or returned no signature of the message by
                the certificate's key. Errors of this library pass as they are.
        """
        return [
            verified(self.certificate, self.scheme, message, self._signed(message))
            for message in messages
        ]

    def _signed(self, message: bytes) -> bytes:
        whole = self.scheme == ED25519
        given = message if whole else hashlib.new(self.scheme.digest, message).digest()
        try:
            return self._sign(given)
        except SipadekError:
            raise
        except Exception as error:
            # Its text is left out: it may hold a token, an address or a PIN.
            raise SigningError(
                f"The function that signs for {name(self.certificate)} failed with "
                f"{type(error).__name__}. See to the key service, then file again.",
                reason=type(error).__name__,
            ) from None

    def __repr__(self) -> str:
        return f"<CallableSigner {name(self.certificate)} {self.scheme.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        try:
            pickle.dumps(self._sign)
        except Exception as error:
            raise SigningError(
                "The function that signs cannot be handed to worker processes "
                f"({type(error).__name__}). Give one that stands in a module, or file with workers=0."
            ) from None
        certificates = [each.public_bytes(Encoding.DER) for each in (self.certificate, *self.chain)]
        return _restore, (certificates, self.scheme, self._sign)


def _restore(certificates: list[bytes], scheme: Scheme, sign: SignDigest) -> CallableSigner:
    first, *rest = map(x509.load_der_x509_certificate, certificates)
    return CallableSigner(certificate=first, chain=tuple(rest), scheme=scheme, sign=sign)
