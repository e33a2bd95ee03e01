"""What is known of revoked certificates: carried by the file, or given by the host."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from cryptography import x509
from cryptography.x509 import ocsp

from sipadek.errors import SignatureInvalid, TrustServiceUnavailable
from sipadek.signing.dss import ValidationData
from sipadek.signing.revocation import RevocationSource

_MOST = 512
"""OCSP responses, CRLs and certificates that are taken from one file, each."""


def asked_for(
    source: RevocationSource, certificate: x509.Certificate, issuer: x509.Certificate
) -> ValidationData:
    """What a source gives: of OCSP, or else a CRL. One that does not answer gives nothing, nor does
    one whose answer is neither."""
    with contextlib.suppress(TrustServiceUnavailable):
        der = source.ocsp(certificate, issuer)
        if der is not None and _loads(ocsp.load_der_ocsp_response, der):
            return ValidationData(ocsps=(der,))
    with contextlib.suppress(TrustServiceUnavailable):
        der = source.crl(certificate, issuer)
        if der is not None and _loads(x509.load_der_x509_crl, der):
            return ValidationData(crls=(der,))
    return ValidationData()


def in_store(handler: Any) -> ValidationData:
    """What stands in the document security store (ETSI EN 319 142-1, 5.4.2) of a revision."""
    from pyhanko.pdf_utils.decode_limits import DecodePurpose
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko.sign.validation.errors import NoDSSFoundError

    try:
        store = DocumentSecurityStore.read_dss(handler)
    except NoDSSFoundError:
        return ValidationData()
    return ValidationData(
        ocsps=_read(store.ocsps, DecodePurpose.OCSP_RESPONSE),
        crls=_read(store.crls, DecodePurpose.CRL),
        certificates=_read(store.certs.values(), DecodePurpose.CERTIFICATE),
    )


def in_signature(embedded: Any) -> ValidationData:
    """What the CMS itself carries: adbe-revocationInfoArchival (ISO 32000-2, 12.8.3.3.2), or its
    crls (RFC 5652, 10.2.1)."""
    ocsps, crls = [], []
    for attribute in embedded.signer_info["signed_attrs"]:
        if attribute["type"].native == "adobe_revocation_info_archival":
            for value in attribute["values"]:
                ocsps += [each.dump() for each in value["ocsp"] or ()]
                crls += [each.dump() for each in value["crl"] or ()]
    for choice in embedded.signed_data["crls"] or ():
        if choice.name == "certificate_list":
            crls.append(choice.chosen.dump())
    _check_count(ocsps, crls)
    return ValidationData(ocsps=tuple(ocsps), crls=tuple(crls))


def _read(references: Iterable[Any], purpose: Any) -> tuple[bytes, ...]:
    found = list(references)
    _check_count(found)
    return tuple(each.get_object().read_data(purpose) for each in found)


def _check_count(*lists: list[Any]) -> None:
    if any(len(each) > _MOST for each in lists):
        raise SignatureInvalid(
            f"The file carries more than {_MOST} OCSP responses, CRLs or certificates. "
            "Have a person look at it."
        )


def _loads(load: Callable[[bytes], object], der: bytes) -> bool:
    try:
        load(der)
    except ValueError:
        return False
    return True
