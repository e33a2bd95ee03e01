"""Whether a certificate was revoked: OCSP answers (RFC 6960) and CRLs (RFC 5280, 5), read and checked.

Nothing here speaks to a network: that is what a `RevocationSource` does, for instance
`sipadek.trust_services.HttpRevocation`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Literal, Protocol

import attrs
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from sipadek.errors import TrustServiceUnavailable, ValidationDataMissing
from sipadek.signing.chains import issued_by

SKEW = datetime.timedelta(minutes=5)
"""How far another's clock may be from ours."""

_UNDATED = datetime.timedelta(days=1)  # how long an answer without nextUpdate is taken


class RevocationSource(Protocol):
    """Where revocation answers and issuers come from. Each raises TrustServiceUnavailable where a
    service does not answer; what it gives is checked by the caller."""

    def ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """A DER OCSPResponse, None where no responder is known for the certificate."""
        ...

    def crl(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """A DER CRL of ``issuer``, None where none is known for the certificate."""
        ...

    def issuers(self, certificate: x509.Certificate) -> Sequence[x509.Certificate]:
        """Certificates that may have issued it; empty where none are known."""
        ...


@attrs.frozen(kw_only=True)
class RevocationAnswer:
    """An answer whose signature is good, about one certificate.

    ``revoked_at`` is None where it is not revoked. It holds from ``this_update`` to ``next_update``.
    ``signer`` is the certificate that signed it: the issuer, or one it appointed.
    """

    kind: Literal["ocsp", "crl"]
    der: bytes = attrs.field(repr=False)
    this_update: datetime.datetime
    next_update: datetime.datetime
    revoked_at: datetime.datetime | None
    signer: x509.Certificate

    def holds_at(self, at: datetime.datetime) -> bool:
        """That it is current at ``at`` (aware), give or take `SKEW`."""
        return self.this_update - SKEW <= at <= self.next_update + SKEW


def read_ocsp(
    der: bytes, certificate: x509.Certificate, issuer: x509.Certificate
) -> RevocationAnswer:
    """The answer about ``certificate`` in an OCSP response.

    Raises ValidationDataMissing where it is no good answer about it.
    """
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise _useless(certificate, f"the responder said {response.response_status.name}")
        single = next((s for s in response.responses if _about(s, certificate, issuer)), None)
        if single is None:
            raise _useless(certificate, "the OCSP answer is about another certificate")
        if single.certificate_status == ocsp.OCSPCertStatus.UNKNOWN:
            raise _useless(certificate, "the responder does not know it")
        signer = _responder(response, issuer)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _useless(certificate, "the OCSP answer cannot be read") from error
    if signer is None:
        raise _useless(certificate, "the OCSP answer's signature is not its issuer's")
    begins = single.this_update_utc
    return RevocationAnswer(
        kind="ocsp",
        der=der,
        this_update=begins,
        next_update=single.next_update_utc or begins + _UNDATED,
        revoked_at=single.revocation_time_utc,
        signer=signer,
    )


def read_crl(
    der: bytes, certificate: x509.Certificate, issuer: x509.Certificate
) -> RevocationAnswer:
    """What a CRL of ``issuer`` says about ``certificate``.

    Raises ValidationDataMissing where it says nothing about it: of another issuer, not signed by it,
    partial, indirect, a delta, or without a next update.
    """
    try:
        crl = x509.load_der_x509_crl(der)
        if crl.issuer != certificate.issuer or issuer.subject != crl.issuer:
            raise _useless(certificate, "the CRL is of another issuer")
        key = issuer.public_key()
        assert isinstance(
            key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
        )
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.crl_sign or not crl.is_signature_valid(key):
            raise _useless(certificate, "the CRL's signature is not its issuer's")
        partial = _partial(crl, certificate)
        if partial or crl.next_update_utc is None:
            raise _useless(certificate, partial or "the CRL has no next update")
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    except (ValueError, AssertionError, UnsupportedAlgorithm, x509.ExtensionNotFound) as error:
        raise _useless(certificate, "the CRL cannot be read") from error
    return RevocationAnswer(
        kind="crl",
        der=der,
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        revoked_at=None if entry is None else entry.revocation_date_utc,
        signer=issuer,
    )


def current_answer(
    source: RevocationSource,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime.datetime,
) -> RevocationAnswer:
    """A good answer about ``certificate`` that is current at ``at``: OCSP, or else a CRL.

    Raises ValidationDataMissing that names the certificate and says what each source gave.
    """
    reasons = []
    for kind, ask, read in (
        ("OCSP", source.ocsp, read_ocsp),
        ("CRL", source.crl, read_crl),
    ):
        try:
            der = ask(certificate, issuer)
            if der is None:
                reasons.append(f"no {kind} service is known for it")
                continue
            answer = read(der, certificate, issuer)
        except (TrustServiceUnavailable, ValidationDataMissing) as error:
            reasons.append(str(error.fields.get("reason", error.message)))
            continue
        if answer.signer == certificate:
            reasons.append(f"the {kind} answer is its own")
            continue
        if answer.holds_at(at):
            return answer
        reasons.append(
            f"the {kind} answer holds from {answer.this_update.isoformat()} to"
            f" {answer.next_update.isoformat()}, not at {at.isoformat()}"
        )
    raise _useless(certificate, "; ".join(reasons))


def needs_no_check(certificate: x509.Certificate) -> bool:
    """An OCSP responder's certificate whose issuer says that it is not to be asked about
    (id-pkix-ocsp-nocheck, RFC 6960, 4.2.2.2.1)."""
    return any(isinstance(each.value, x509.OCSPNoCheck) for each in certificate.extensions)


def _about(
    single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    if single.serial_number != certificate.serial_number:
        return False
    builder = ocsp.OCSPRequestBuilder()
    asked = builder.add_certificate(certificate, issuer, single.hash_algorithm).build()
    return (
        asked.issuer_key_hash == single.issuer_key_hash
        and asked.issuer_name_hash == single.issuer_name_hash
    )


def _responder(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> x509.Certificate | None:
    """Who signed the answer: the issuer, or a certificate that it gave for that (RFC 6960, 4.2.2.2)."""
    for each in (issuer, *response.certificates):
        if each != issuer and not (_for_ocsp(each) and issued_by(each, issuer)):
            continue
        if _signed(response, each):
            return each
    return None


def _for_ocsp(certificate: x509.Certificate) -> bool:
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _signed(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    key, signature, data = (
        certificate.public_key(),
        response.signature,
        response.tbs_response_bytes,
    )
    digest = response.signature_hash_algorithm
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif digest is None:
            return False
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = response.signature_algorithm_oid == x509.SignatureAlgorithmOID.RSASSA_PSS
            any_salt = padding.PSS(mgf=padding.MGF1(digest), salt_length=padding.PSS.AUTO)
            key.verify(signature, data, any_salt if pss else padding.PKCS1v15(), digest)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _partial(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> str:
    """Why the CRL does not speak for every certificate of that kind; empty where it does."""
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):
            return "the CRL is only a delta"
        if isinstance(value, x509.IssuingDistributionPoint):
            authority = _is_authority(certificate)
            if (
                value.indirect_crl
                or value.only_some_reasons
                or value.only_contains_attribute_certs
                or (value.only_contains_user_certs and authority)
                or (value.only_contains_ca_certs and not authority)
            ):
                return "the CRL does not speak for this certificate"
        elif extension.critical:
            return "the CRL has a critical extension that is not known"
    return ""


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _useless(certificate: x509.Certificate, reason: str) -> ValidationDataMissing:
    name = certificate.subject.rfc4514_string()
    return ValidationDataMissing(
        f"Whether {name} was revoked could not be told: {reason}. Try again, or give a source that"
        " answers.",
        subject=name,
        reason=reason,
    )
