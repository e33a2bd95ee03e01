"""Finding a signer's certificate and private key among the objects of a token."""

from __future__ import annotations

from typing import Any

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import pkcs11
from pkcs11 import Attribute, CertificateType, ObjectClass
from sipadek.pkcs11.faults import unusable
from sipadek.pkcs11.mechanisms import key_type
from sipadek.signing import Scheme
from sipadek.signing.usage import usage_problem


@attrs.frozen(kw_only=True)
class Wanted:
    """By what certificate and key are found: CKA_LABEL, CKA_ID; None where it does not matter."""

    label: str | None
    id: bytes | None

    def template(self, kind: ObjectClass) -> dict[Attribute, Any]:
        found: dict[Attribute, Any] = {Attribute.CLASS: kind}
        if self.label is not None:
            found[Attribute.LABEL] = self.label
        if self.id is not None:
            found[Attribute.ID] = self.id
        return found

    def __str__(self) -> str:
        said = [f"label {self.label!r}"] if self.label is not None else []
        said += [f"id {self.id.hex()}"] if self.id is not None else []
        return " and ".join(said) or "any label"


@attrs.frozen(kw_only=True)
class Found:
    """The certificate, the CKA_ID that it shares with its key, and the other certificates."""

    certificate: x509.Certificate
    id: bytes
    others: tuple[x509.Certificate, ...]


def find_certificate(session: Any, wanted: Wanted, token: str) -> Found:
    """The one certificate for signing documents that fits.

    Raises:
        KeyUnusable: none fits, or several do.
    """
    fitting, others = [], []
    named = {
        _der(each) for each in list(session.get_objects(wanted.template(ObjectClass.CERTIFICATE)))
    }
    every = list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
    for each in every:
        certificate = _certificate(each)
        if certificate is None:
            continue
        if _der(each) in named and not usage_problem(certificate):
            fitting.append((certificate, _attribute(each, Attribute.ID) or b""))
        else:
            others.append(certificate)
    if len(fitting) != 1:
        names = ", ".join(each.subject.rfc4514_string() for each, _ in fitting) or "none"
        raise unusable(
            "no-certificate",
            f"{len(fitting)} of the {len(every)} certificates on the token {token} with {wanted} can "
            f"sign documents ({names}); exactly one is needed. Name it by label or id, or give the "
            "certificate.",
        )
    return Found(certificate=fitting[0][0], id=fitting[0][1], others=tuple(others))


def find_key(
    session: Any, wanted: Wanted, certificate: x509.Certificate, scheme: Scheme, token: str
) -> Any:
    """The private key of ``certificate``.

    Raises:
        KeyUnusable: no key, or more than one, fits; or it is of another certificate, as far as the
            token tells.
    """
    template = wanted.template(ObjectClass.PRIVATE_KEY)
    template[Attribute.KEY_TYPE] = key_type(scheme)
    # A session searches for one thing at a time, so each search is read to its end first.
    every = list(session.get_objects(template))
    keys = [each for each in every if _fits(session, each, certificate)]
    if len(keys) != 1:
        raise unusable(
            "no-key",
            f"{len(keys)} private keys on the token {token} with {wanted} fit the certificate of "
            f"{certificate.subject.rfc4514_string()}; exactly one is needed. Name it by label or id.",
        )
    if not hasattr(keys[0], "sign"):
        raise unusable("no-key", f"The key on the token {token} with {wanted} may not sign.")
    return keys[0]


def _fits(session: Any, key: Any, certificate: x509.Certificate) -> bool:
    """False where the token tells that the key is another one's. That it is the right one is known
    for sure once a signature was verified."""
    public = certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        modulus = _attribute(key, Attribute.MODULUS)
        return not modulus or int.from_bytes(modulus) == public.public_numbers().n
    identifier = _attribute(key, Attribute.ID)
    if not identifier:
        return True
    template = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: identifier}
    points = [_attribute(each, Attribute.EC_POINT) for each in list(session.get_objects(template))]
    if isinstance(public, ec.EllipticCurvePublicKey):
        expected = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        expected = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    # The point stands in an OCTET STRING, or bare.
    known = [each for each in points if each]
    return not known or any(each.endswith(expected) for each in known)


def _certificate(found: Any) -> x509.Certificate | None:
    if _attribute(found, Attribute.CERTIFICATE_TYPE) not in (None, CertificateType.X_509):
        return None
    try:
        return x509.load_der_x509_certificate(_der(found))
    except ValueError:
        return None


def _der(found: Any) -> bytes:
    return bytes(_attribute(found, Attribute.VALUE) or b"")


def _attribute(found: Any, kind: Attribute) -> Any:
    """None where the token does not have it or does not tell it."""
    try:
        return found[kind]
    except (
        pkcs11.AttributeTypeInvalid,
        pkcs11.AttributeSensitive,
        pkcs11.FunctionFailed,
        KeyError,
    ):
        return None


def always_authenticate(key: Any) -> bool:
    """That the key wants the PIN anew for every signature (CKA_ALWAYS_AUTHENTICATE)."""
    return bool(_attribute(key, Attribute.ALWAYS_AUTHENTICATE))
