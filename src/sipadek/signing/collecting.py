"""Gathering what proves signatures later: the chains, and a revocation answer for each certificate."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Sequence

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import KeyRevoked, ValidationDataMissing
from sipadek.signing.chains import chain_to_root
from sipadek.signing.dss import ValidationData
from sipadek.signing.embedded import Embedded, proven_since
from sipadek.signing.revocation import (
    RevocationAnswer,
    RevocationSource,
    current_answer,
    needs_no_check,
    read_crl,
    read_ocsp,
)


class NoRevocationSource:
    """Answers nothing: for looking whether everything is there already."""

    def ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
        """Nothing."""

    def crl(self, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
        """Nothing."""

    def issuers(self, certificate: x509.Certificate) -> tuple[()]:  # noqa: ARG002
        """Nothing."""
        return ()


@attrs.define(kw_only=True)
class Collector:
    """Collects for a time ``now`` into ``certificates``, ``ocsps`` and ``crls`` (DER), taking from
    ``known`` what is there already."""

    roots: Sequence[x509.Certificate]
    source: RevocationSource
    now: datetime.datetime
    known: ValidationData
    certificates: list[bytes] = attrs.field(factory=list)
    ocsps: list[bytes] = attrs.field(factory=list)
    crls: list[bytes] = attrs.field(factory=list)
    _done: set[tuple[x509.Certificate, datetime.datetime, bool]] = attrs.field(factory=set)

    def gathered(self) -> ValidationData:
        """What was collected, whether it was there already or not."""
        return ValidationData(
            certificates=tuple(self.certificates), ocsps=tuple(self.ocsps), crls=tuple(self.crls)
        )

    def add(
        self, each: Embedded, all_of_them: tuple[Embedded, ...], *, fresh: bool = False
    ) -> None:
        """All that proves one signature or time stamp, and the time stamps in it; ``fresh``: with
        answers that are current now, as who is about to cover it by a new time stamp needs them.

        Raises ValidationDataMissing or KeyRevoked, which name the certificate.
        """
        pool = each.data.certificates
        since = proven_since(each, all_of_them)
        for stamp in each.stamps:
            self._chain(stamp.certificate, (*pool, *stamp.certificates), stamp.at, fresh)
        if each.kind == "signature":
            self._chain(each.data.certificate, pool, since or self.now, fresh)

    def _chain(
        self,
        certificate: x509.Certificate,
        pool: Iterable[x509.Certificate],
        at: datetime.datetime,
        fresh: bool,
    ) -> None:
        """``at`` is when the certificate was used: it may be revoked afterwards."""
        if (certificate, at, fresh) in self._done:
            return
        self._done.add((certificate, at, fresh))
        chain = chain_to_root(
            certificate,
            pool=[*pool, *self._known_certificates()],
            roots=self.roots,
            at=at,
            find=self.source.issuers,
        )
        self.certificates += [each.public_bytes(Encoding.DER) for each in chain]
        for subject, issuer in itertools.pairwise(chain):
            answer = self._answer(subject, issuer, self.now if fresh else at)
            if answer.revoked_at is not None and answer.revoked_at <= at:
                raise KeyRevoked(
                    f"The certificate of {subject.subject.rfc4514_string()} was revoked at"
                    f" {answer.revoked_at.isoformat()}, before it was used at {at.isoformat()}."
                    " What it signed is worth nothing; sign anew with another.",
                    subject=subject.subject.rfc4514_string(),
                )
            (self.ocsps if answer.kind == "ocsp" else self.crls).append(answer.der)
            if answer.signer != issuer:
                self._responder(answer, issuer, pool, max(at, answer.this_update), fresh)

    def _responder(
        self,
        answer: RevocationAnswer,
        issuer: x509.Certificate,
        pool: Iterable[x509.Certificate],
        at: datetime.datetime,
        fresh: bool,
    ) -> None:
        self.certificates.append(answer.signer.public_bytes(Encoding.DER))
        if not needs_no_check(answer.signer):
            self._chain(answer.signer, [*pool, issuer], at, fresh)

    def _known_certificates(self) -> list[x509.Certificate]:
        found = []
        for der in self.known.certificates:
            try:
                found.append(x509.load_der_x509_certificate(der))
            except ValueError:
                continue
        return found

    def _answer(
        self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime.datetime
    ) -> RevocationAnswer:
        """One that is there already if it says enough about ``at``, else a current one."""
        for values, read in (
            ((*self.known.ocsps, *self.ocsps), read_ocsp),
            ((*self.known.crls, *self.crls), read_crl),
        ):
            for der in values:
                try:
                    answer = read(der, certificate, issuer)
                except ValidationDataMissing:
                    continue
                if answer.next_update >= at and answer.signer != certificate:
                    return answer
        return current_answer(self.source, certificate, issuer, self.now)


def expiry(
    each: Embedded,
    *,
    roots: Sequence[x509.Certificate],
    known: ValidationData,
    source: RevocationSource,
) -> datetime.datetime:
    """When the first certificate behind a document time stamp ends, its root's included."""
    collector = Collector(roots=roots, source=source, now=each.stamps[0].at, known=known)
    stamp = each.stamps[0]
    chain = chain_to_root(
        stamp.certificate,
        pool=[*stamp.certificates, *collector._known_certificates()],
        roots=roots,
        at=stamp.at,
        find=source.issuers,
    )
    return min(each.not_valid_after_utc for each in chain)
