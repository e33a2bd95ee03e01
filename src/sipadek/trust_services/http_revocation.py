"""Revocation answers and issuers over HTTP, from where certificates say, or from where the host says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from sipadek.errors import TrustServiceUnavailable
from sipadek.trust_services.http import HttpLimits, checked_url, fetch, is_public_web

_MOST_ADDRESSES = 4


def _checked(responders: Mapping[str, str]) -> dict[str, str]:
    return {name: checked_url(url) for name, url in responders.items()}


@attrs.define(kw_only=True)
class HttpRevocation:
    """Asks OCSP responders, and fetches CRLs and issuers; a `sipadek.signing.RevocationSource`.

    Addresses come out of the certificates (authority information access, CRL distribution points:
    RFC 5280, 4.2.1.13 and 4.2.2.1), where ``allow(url)`` says yes. Whoever made the PDF chose them, so
    by default only public hosts are asked: no host of this machine or of a private network, by number
    or by a name that leads there (nothing is sent over such a connection). With an ``allow`` of your
    own where a name leads is not looked at. ``responders``
    (the issuer's RFC 4514 subject → address) are asked in their place. CRLs are kept for
    ``keep_crls`` seconds, at most ``most_crl`` bytes each.
    """

    allow: Callable[[str], bool] = is_public_web
    responders: Mapping[str, str] = attrs.field(factory=dict, converter=_checked)
    limits: HttpLimits = attrs.field(factory=lambda: HttpLimits(attempts=2))
    most_crl: int = 32 * 1024 * 1024
    keep_crls: float = 600.0
    _crls: dict[str, tuple[float, bytes]] = attrs.field(factory=dict, repr=False)

    def ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """The first answer of a responder. Raises TrustServiceUnavailable where none answers."""
        given = self.responders.get(issuer.subject.rfc4514_string())
        method = AuthorityInformationAccessOID.OCSP
        urls = [given] if given else self._accesses(certificate, method)
        # SHA-1 names the certificate only; many responders know nothing else (RFC 5019).
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
        body = builder.build().public_bytes(Encoding.DER)
        return self._first(
            urls,
            lambda url: fetch(
                url,
                limits=self.limits,
                body=body,
                content_type="application/ocsp-request",
                public_only=self._public_only and not given,
            ),
        )

    def crl(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """The first CRL that can be fetched. Raises TrustServiceUnavailable where none can."""
        del issuer
        try:
            points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
        except (x509.ExtensionNotFound, ValueError):
            return None
        names = [name for point in points.value for name in point.full_name or ()]
        return self._first(self._allowed(names), self._crl)

    def issuers(self, certificate: x509.Certificate) -> list[x509.Certificate]:
        """What stands at the certificate's caIssuers addresses, DER, PEM or a PKCS #7 bundle."""
        method = AuthorityInformationAccessOID.CA_ISSUERS
        urls = self._accesses(certificate, method)
        data = self._first(urls, self._get)
        return [] if data is None else _certificates(data)

    @property
    def _public_only(self) -> bool:
        return self.allow is is_public_web

    def _get(self, url: str) -> bytes:
        return fetch(url, limits=self.limits, public_only=self._public_only)

    def _crl(self, url: str) -> bytes:
        kept = self._crls.get(url)
        if kept is not None and time.monotonic() - kept[0] < self.keep_crls:
            return kept[1]
        limits = attrs.evolve(self.limits, most=self.most_crl)
        data = fetch(url, limits=limits, public_only=self._public_only)
        self._crls[url] = (time.monotonic(), data)
        return data

    def _accesses(self, certificate: x509.Certificate, method: x509.ObjectIdentifier) -> list[str]:
        try:
            found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
        except (x509.ExtensionNotFound, ValueError):
            return []
        return self._allowed([e.access_location for e in found.value if e.access_method == method])

    def _allowed(self, names: list[x509.GeneralName]) -> list[str]:
        urls = [each.value for each in names if isinstance(each, x509.UniformResourceIdentifier)]
        web = [url for url in urls if url.startswith(("http://", "https://"))]
        return [url for url in web if self.allow(url)][:_MOST_ADDRESSES]

    def _first(self, urls: list[str], get: Callable[[str], bytes]) -> bytes | None:
        failure: TrustServiceUnavailable | None = None
        for url in urls:
            try:
                return get(url)
            except TrustServiceUnavailable as error:
                failure = error
        if failure is not None:
            raise failure
        return None


def _certificates(data: bytes) -> list[x509.Certificate]:
    forms: tuple[Callable[[bytes], list[x509.Certificate]], ...] = (
        lambda der: [x509.load_der_x509_certificate(der)],
        x509.load_pem_x509_certificates,
        pkcs7.load_der_pkcs7_certificates,
    )
    for read in forms:
        try:
            return read(data)
        except ValueError:
            continue
    return []
