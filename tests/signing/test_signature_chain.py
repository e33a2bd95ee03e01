"""Time stamps, revocation, levels and the child process."""

from __future__ import annotations

import contextlib
import datetime
import gc
import os
import pickle
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.validation.dss import DocumentSecurityStore
from signing_documents import DAY, NOW, plain_pdf, sign, stamping_credential, time_stamper

from sipadek.errors import (
    CertificateRevoked,
    RevocationUnknown,
    SignatureUntrusted,
    TrustServiceUnavailable,
    VerificationStopped,
)
from sipadek.signing import Limits, Verifier, verify_pdf
from sipadek.testing.authority import Authority, Credential

LATER = NOW + 1000 * DAY
"""When the signer's certificate (730 days) is no longer valid."""


@pytest.fixture(scope="module")
def stamper(authority: Authority) -> Any:
    return long_stamper(authority)


def long_stamper(authority: Authority, at: datetime.datetime = NOW) -> Any:
    made = time_stamper(
        stamping_credential(
            authority, name="TSA", purposes=["1.3.6.1.5.5.7.3.8"], end=NOW + 3000 * DAY
        )
    )
    made.fixed_dt = at
    return made


def crls(
    authority: Authority, *, revoked: dict[int, datetime.datetime] | None = None
) -> list[bytes]:
    """The root's and the intermediate's, good for years."""
    made = []
    for name, key in (
        (authority.root.subject, authority.root_key),
        (authority.intermediate.subject, authority.intermediate_key),
    ):
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(name)
            .last_update(NOW)
            .next_update(NOW + 3000 * DAY)
        )
        for serial, at in (revoked or {}).items():
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            )
        made.append(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))
    return made


def with_store(pdf: bytes, ders: list[bytes]) -> bytes:
    import io

    from asn1crypto.crl import CertificateList

    out = io.BytesIO(pdf)
    DocumentSecurityStore.add_dss(
        out, sig_contents=None, crls=[CertificateList.load(each) for each in ders]
    )
    return out.getvalue()


def test_levels_and_life_after_the_certificates(
    authority: Authority, credential: Credential, stamper: Any
) -> None:
    from signing_documents import stamp_time

    trust = [authority.root]
    b_t = sign(plain_pdf(), credential, stamper=stamper)
    b_lta = stamp_time(with_store(b_t, crls(authority)), long_stamper(authority, NOW + DAY))
    for pdf, level, known in ((b_t, "B-T", "unknown"), (b_lta, "B-LTA", "good")):
        report = verify_pdf(pdf, trust=trust, at=LATER, limits=None)
        first = report.signatures[0]
        assert (first.level, first.revocation, first.stamped_at) == (level, known, NOW)
        assert f"PAdES {level}" in report.text
    b_b = sign(plain_pdf(), credential)
    assert verify_pdf(b_b, trust=trust, at=NOW, limits=None).signatures[0].level == "B-B"
    with pytest.raises(SignatureUntrusted):
        verify_pdf(b_b, trust=trust, at=LATER, limits=None)


class CrlSource:
    """CRLs by their issuer, after an OCSP responder that is down."""

    def __init__(self, ders: Sequence[bytes]) -> None:
        self._crls = {x509.load_der_x509_crl(der).issuer: der for der in ders}
        self.asked: list[tuple[x509.Name, x509.Name]] = []

    def ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        self.asked.append((certificate.subject, issuer.subject))
        raise TrustServiceUnavailable("the responder is down")

    def crl(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        return self._crls.get(issuer.subject, b"no DER")

    def issuers(self, certificate: x509.Certificate) -> Sequence[x509.Certificate]:
        return ()


@pytest.mark.parametrize(("days", "good"), [(-1, False), (1, True)])
def test_revoked_before_or_after_the_proven_time(
    authority: Authority, credential: Credential, stamper: Any, days: int, good: bool
) -> None:
    pdf = sign(plain_pdf(), credential, stamper=stamper)
    when = NOW + days * DAY
    ders = crls(authority, revoked={credential.certificate.serial_number: when})
    source = CrlSource(ders)
    how: dict[str, Any] = {"trust": [authority.root], "at": NOW + 5 * DAY, "limits": None}
    if good:
        report = verify_pdf(pdf, revocation=source, require_revocation=True, **how)
        assert report.signatures[0].revocation == "good"
    else:
        with pytest.raises(CertificateRevoked):
            verify_pdf(pdf, revocation=source, **how)
    assert (credential.certificate.subject, authority.intermediate.subject) in source.asked
    with pytest.raises(RevocationUnknown):
        verify_pdf(pdf, require_revocation=True, **how)


def test_stamps_of_an_authority_of_their_own(credential: Credential, authority: Authority) -> None:
    other = Authority.create(now=NOW - DAY, key="p256")
    pdf = sign(plain_pdf(), credential, stamper=long_stamper(other))
    how: dict[str, Any] = {"trust": [authority.root], "at": NOW, "limits": None}
    assert verify_pdf(pdf, timestamp_trust=[other.root], **how).signatures[0].stamped_at == NOW
    with pytest.raises(SignatureUntrusted):
        verify_pdf(pdf, **how)


@pytest.mark.usefixtures("own_judges")
def test_a_child_judges_many_and_is_stopped(authority: Authority, signed: bytes) -> None:
    how: dict[str, Any] = {"trust": [authority.root], "at": NOW}
    here = verify_pdf(signed, limits=None, **how)
    assert pickle.loads(pickle.dumps(here)) == here
    with Verifier() as verifier:
        assert verify_pdf(signed, limits=verifier, **how) == here
        with pytest.raises(SignatureUntrusted):
            verify_pdf(signed, limits=verifier, trust=[], at=NOW)
        assert verify_pdf(signed, limits=verifier, **how) == here
    for limits, why in ((Limits(seconds=0.01), "time"), (Limits(memory=1 << 20), "memory")):
        with pytest.raises(VerificationStopped) as stopped:
            verify_pdf(signed, limits=limits, **how)
        assert stopped.value.fields["reason"] == why


@pytest.mark.usefixtures("own_judges")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is missing")
def test_a_fork_takes_a_child_of_its_own(authority: Authority, signed: bytes) -> None:
    how: dict[str, Any] = {"trust": [authority.root], "at": NOW}
    with Verifier() as verifier:
        here = verify_pdf(signed, limits=verifier, **how)
        forked = os.fork()
        if not forked:  # no test runs on in the fork
            good = False
            with contextlib.suppress(BaseException):
                good = verify_pdf(signed, limits=verifier, **how) == here
                verifier.close()
            os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
        assert verify_pdf(signed, limits=verifier, **how) == here


@pytest.mark.usefixtures("own_judges")
def test_a_verifier_that_is_dropped_takes_its_child_along(
    signed: bytes, authority: Authority
) -> None:
    verifier = Verifier()
    verify_pdf(signed, trust=[authority.root], at=NOW, limits=verifier)
    child = verifier._child
    assert child is not None
    assert child.poll() is None
    del verifier
    gc.collect()
    assert child.poll() is not None
