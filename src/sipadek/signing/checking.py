"""Whether a signer may sign now: asked before a letter takes a number."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from typing import Literal

import attrs
from cryptography import x509

from sipadek.errors import (
    KeyRevoked,
    KeyUnusable,
    TrustServiceUnavailable,
    ValidationDataMissing,
)
from sipadek.signing.chains import chain_to_root, may_issue
from sipadek.signing.revocation import RevocationSource, current_answer
from sipadek.signing.signer import Signer
from sipadek.signing.usage import usage_problem


@attrs.frozen(kw_only=True)
class SignerStatus:
    """What is known of a signer that may sign.

    ``revocation`` is 'good' where every certificate of the chain but the root has a current answer,
    'unknown' where one could not be had (``warnings`` say why), 'not asked' without a source.
    """

    revocation: Literal["good", "unknown", "not asked"]
    warnings: tuple[str, ...] = ()


def check_signer(
    signer: Signer,
    at: datetime.datetime,
    *,
    trust: Sequence[x509.Certificate] = (),
    revocation: RevocationSource | None = None,
) -> SignerStatus:
    """That ``signer`` may sign documents at ``at`` (aware).

    Validity, key usage and the chain are checked, up to one of ``trust`` where roots are given.
    With ``revocation`` it is asked whether a certificate was revoked; a service that cannot be
    reached is a warning, no error.

    Raises:
        KeyRevoked (a KeyUnusable): a certificate of the chain was revoked.
        KeyUnusable: the certificate is not valid at ``at``, not for documents, or its chain is not
            whole.
        InvalidInput: ``at`` has no time zone.
    """
    signer.check(at)
    name = signer.certificate.subject.rfc4514_string()
    problem = usage_problem(signer.certificate)
    if problem:
        raise KeyUnusable(f"{name} cannot sign documents: {problem}.", subject=name)
    chain = _chain(signer, at, trust)
    if revocation is None:
        return SignerStatus(revocation="not asked")
    warnings = []
    for subject, issuer in itertools.pairwise(chain):
        try:
            answer = current_answer(revocation, subject, issuer, at)
        except (ValidationDataMissing, TrustServiceUnavailable) as error:
            warnings.append(error.message)
            continue
        if answer.revoked_at is not None and answer.revoked_at <= at:
            subject_name = subject.subject.rfc4514_string()
            raise KeyRevoked(
                f"The certificate of {subject_name} was revoked at"
                f" {answer.revoked_at.isoformat()}. Use another certificate.",
                subject=subject_name,
            )
    if len(chain) == 1:
        warnings.append(f"the issuer of {name} is not known, so nobody could be asked")
    return SignerStatus(revocation="unknown" if warnings else "good", warnings=tuple(warnings))


def _chain(
    signer: Signer, at: datetime.datetime, trust: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    if trust:
        try:
            return chain_to_root(signer.certificate, pool=signer.chain, roots=trust, at=at)
        except ValidationDataMissing as error:
            raise KeyUnusable(error.message, **error.fields) from None
    chain = (signer.certificate, *signer.chain)
    for subject, issuer in itertools.pairwise(chain):
        if not may_issue(issuer, subject, at):
            name = subject.subject.rfc4514_string()
            raise KeyUnusable(
                f"{issuer.subject.rfc4514_string()} is not the issuer of {name}, or no authority."
                " Give the chain that belongs to the certificate.",
                subject=name,
            )
    return chain
