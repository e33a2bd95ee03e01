"""What is asked of a signer's certificate before it is used, wherever its key is kept."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sipadek.errors import InvalidInput, KeyUnusable
from sipadek.signing.signer import ECDSA_P256, ECDSA_P384, ED25519, Scheme, rsa_pkcs1, rsa_pss
from sipadek.signing.usage import usage_problem

_LEAST_RSA_BITS = 2048


def name(certificate: x509.Certificate) -> str:
    """The certificate's holder as RFC 4514 text."""
    return certificate.subject.rfc4514_string()


def readable(certificate: x509.Certificate) -> x509.Certificate:
    """The same certificate, once its lazily read parts have been seen to be in order.

    Raises:
        KeyUnusable: they are not.
    """
    try:
        _ = certificate.subject, certificate.issuer, certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnusable(
            "A certificate's names or public key cannot be read. Use another certificate."
        ) from None
    return certificate


def scheme_of(key: object, certificate: x509.Certificate, *, pss: bool) -> Scheme:
    """The scheme that goes with a public ``key``; ``pss`` for RSASSA-PSS.

    Raises:
        KeyUnusable: the key is of another kind than RSA (2048 bits or more), ECDSA P-256 or P-384,
            or Ed25519; or ``pss`` does not go with it, or with the certificate.
    """
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _LEAST_RSA_BITS:
            raise KeyUnusable(
                f"The RSA key has {key.key_size} bits; at least {_LEAST_RSA_BITS} are needed. "
                "Use a stronger key."
            )
        only_pss = x509.oid.PublicKeyAlgorithmOID.RSASSA_PSS
        if not pss and certificate.public_key_algorithm_oid == only_pss:
            raise KeyUnusable("The certificate allows only RSASSA-PSS. Ask for pss=True.")
        size = (key.key_size + 7) // 8
        return rsa_pss(size) if pss else rsa_pkcs1(size)
    if pss:
        raise KeyUnusable("RSASSA-PSS was asked for, but the key is no RSA key. Leave out pss.")
    if isinstance(key, ed25519.Ed25519PublicKey):
        return ED25519
    if isinstance(key, ec.EllipticCurvePublicKey):
        curve = {"secp256r1": ECDSA_P256, "secp384r1": ECDSA_P384}.get(key.curve.name)
        if curve is not None:
            return curve
    raise KeyUnusable(
        f"A key of the kind {_kind(key)} came; RSA, ECDSA on P-256 or P-384, and Ed25519 "
        "can be used."
    )


def check_usage(certificate: x509.Certificate) -> None:
    """That the certificate is for signing documents.

    Raises:
        KeyUnusable: it is not; the message says why.
    """
    problem = usage_problem(certificate)
    if problem:
        raise KeyUnusable(
            f"The certificate of {name(certificate)} cannot sign documents: {problem}. "
            "Use a certificate for signatures.",
            subject=name(certificate),
        )


def check_validity(certificates: Sequence[x509.Certificate], at: datetime.datetime) -> None:
    """That all ``certificates`` are within their validity at ``at`` (aware).

    Raises:
        InvalidInput: ``at`` has no time zone.
        KeyUnusable: one of the certificates is not yet or no longer valid.
    """
    if at.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=at)
    for certificate in certificates:
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not start <= at <= end:
            raise KeyUnusable(
                f"The certificate of {name(certificate)} is valid from {start.isoformat()} to "
                f"{end.isoformat()}, not at {at.isoformat()}. Use a current certificate.",
                subject=name(certificate),
            )


def issuers(
    certificate: x509.Certificate, pool: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Of ``pool``, the certificates that lead from ``certificate`` towards a root: nearest first,
    without the root.

    Raises:
        KeyUnusable: none of ``pool`` issued the certificate, or one cannot be read.
    """
    chain: list[x509.Certificate] = []
    current = certificate
    rest = [readable(each) for each in pool if each != certificate]
    found = not rest
    while current.issuer != current.subject:
        issuer = next((each for each in rest if _issued(current, each)), None)
        if issuer is None:
            break
        found = True
        if issuer.issuer == issuer.subject:
            break
        chain.append(issuer)
        rest.remove(issuer)
        current = issuer
    if not found:
        raise KeyUnusable(
            f"None of the {len(rest)} further certificates issued that of {name(certificate)}. "
            "Give the chain that belongs to it.",
            subject=name(certificate),
        )
    return tuple(chain)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _kind(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA on {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey")
