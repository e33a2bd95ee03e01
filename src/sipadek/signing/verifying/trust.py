"""Whether a certificate leads to a trusted root at a time, and whether it was revoked by then."""

from __future__ import annotations

import datetime
from typing import Any

import attrs
from cryptography import x509

from sipadek.errors import CertificateRevoked, ValidationDataMissing
from sipadek.signing.dss import ValidationData
from sipadek.signing.revocation import read_crl, read_ocsp
from sipadek.signing.verifying.evidence import Revocation

UNTRUSTED = {
    "NO_CERTIFICATE_CHAIN_FOUND": "its certificate leads to none of the trusted roots",
    "OUT_OF_BOUNDS_NO_POE": "its certificate was not valid at that time",
    "CHAIN_CONSTRAINTS_FAILURE": "no trusted root vouches for this use of its certificate",
    "CRYPTO_CONSTRAINTS_FAILURE": "its digest or key is too weak",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "its digest or key is too weak",
}


@attrs.frozen(kw_only=True)
class Roots:
    """Trusted roots, as DER."""

    certificates: tuple[bytes, ...]

    def context(
        self, moment: datetime.datetime, data: ValidationData, *, require: bool = False
    ) -> Any:
        """pyHanko's context for a time. Nothing is fetched. With ``require`` a certificate of which
        ``data`` says nothing fails; otherwise only a revoked one does."""
        from asn1crypto.crl import CertificateList
        from asn1crypto.ocsp import OCSPResponse
        from asn1crypto.x509 import Certificate
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(
            trust_roots=[Certificate.load(each) for each in self.certificates],
            other_certs=[Certificate.load(each) for each in data.certificates],
            ocsps=[OCSPResponse.load(each) for each in data.ocsps],
            crls=[CertificateList.load(each) for each in data.crls],
            moment=moment,
            allow_fetching=False,
            revocation_mode="require" if require else "soft-fail",
            # Revocation data is made after a signature: what was good later was good before.
            retroactive_revinfo=True,
        )


@attrs.frozen(kw_only=True)
class Chain:
    """A certificate's way to a root, found good at ``moment`` but for revocation. ``until`` is a
    time, not before ``moment``, for which revocation data of today may speak as well."""

    path: Any
    roots: Roots
    field: str
    moment: datetime.datetime
    until: datetime.datetime

    async def revocation(self, data: ValidationData) -> Revocation:
        """What ``data`` says of every certificate below the root.

        Raises:
            CertificateRevoked: one was revoked by ``moment``.
        """
        from pyhanko_certvalidator.errors import RevokedError, ValidationError
        from pyhanko_certvalidator.validate import async_validate_path

        if not data.ocsps and not data.crls:
            return "unknown"
        chain = tuple(each.dump() for each in self.path.iter_certs(include_root=True))
        self._check_revoked(data)
        data |= ValidationData(certificates=chain)  # those that sign CRLs are looked for there
        for at in dict.fromkeys((self.moment, self.until)):
            try:
                await async_validate_path(self.roots.context(at, data, require=True), self.path)
            except RevokedError as error:
                if error.is_side_validation:
                    continue
                if error.revocation_dt <= self.moment:
                    raise revoked(
                        self.field, error.revocation_dt, ca=not error.is_ee_cert
                    ) from error
                if error.is_ee_cert:  # those above it were looked at before
                    return "good"
            except ValidationError:
                continue
            else:
                return "good"
        return "unknown"

    def _check_revoked(self, data: ValidationData) -> None:
        """That no answer, however old, says that a certificate was revoked by ``moment``."""
        load = x509.load_der_x509_certificate
        for number, (der, above) in enumerate(reversed(self.pairs())):
            for read, answers in ((read_ocsp, data.ocsps), (read_crl, data.crls)):
                for each in answers:
                    try:
                        at = read(each, load(der), load(above)).revoked_at
                    except ValidationDataMissing:
                        continue
                    if at is not None and at <= self.moment:
                        raise revoked(self.field, at, ca=number > 0)

    def pairs(self) -> list[tuple[bytes, bytes]]:
        """Each certificate below the root, with its issuer's, as DER."""
        certificates = [each.dump() for each in self.path.iter_certs(include_root=True)]
        return list(zip(certificates[1:], certificates, strict=False))

    def root(self) -> x509.Certificate:
        """The trusted root."""
        return x509.load_der_x509_certificate(self.path.first.dump())


def revoked(field: str, at: datetime.datetime, *, ca: bool) -> CertificateRevoked:
    """The error for a certificate that was revoked in time."""
    whose = "The certificate of an authority behind the signature" if ca else "The certificate"
    return CertificateRevoked(
        f"{whose} in {field} was revoked on {at.isoformat()}, before the time for which the signature "
        "counts. Ask the sender for a letter that is signed anew.",
        field=field,
        revoked_at=at.isoformat(),
        authority=ca,
    )
