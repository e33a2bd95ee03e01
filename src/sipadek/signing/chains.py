"""From a certificate to a trusted root: which certificates issued it.

Every link's signature is checked, and that the issuer is an authority (RFC 5280, 6.1). Name constraints
and policies are left to who verifies.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from sipadek.errors import TrustServiceUnavailable, ValidationDataMissing

_LONGEST = 10
_MOST_LINKS = 200

Chain = tuple[x509.Certificate, ...]
FindIssuers = Callable[[x509.Certificate], Iterable[x509.Certificate]]


def chain_to_root(
    certificate: x509.Certificate,
    *,
    pool: Iterable[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime.datetime,
    find: FindIssuers = lambda _: (),
) -> Chain:
    """``certificate``, its issuers, and the root, each valid at ``at`` (aware).

    Issuers come from ``roots`` and ``pool``, and where these do not lead on from ``find``.

    Raises:
        ValidationDataMissing: none of the roots is reached; ``fields['subject']`` names the
            certificate where the way ended.
    """
    known = [*roots, *pool]
    steps = 0
    reasons: list[str] = []
    end = certificate

    def follow(chain: Chain) -> Chain | None:
        nonlocal steps, end
        last = chain[-1]
        if last in roots:
            return chain
        steps += 1
        if len(chain) >= _LONGEST or steps > _MOST_LINKS:
            return None
        candidates = [each for each in known if may_issue(each, last, at) and each not in chain]
        if not candidates:
            end = last
            try:
                fetched = [each for each in find(last) if may_issue(each, last, at)]
            except TrustServiceUnavailable as error:
                reasons.append(error.message)
                fetched = []
            known.extend(fetched)
            candidates = [each for each in fetched if each not in chain]
        for issuer in candidates:
            found = follow((*chain, issuer))
            if found is not None:
                return found
        return None

    found = follow((certificate,)) if valid_at(certificate, at) else None
    if found is None:
        why = "; ".join(reasons) or "its issuer is not among the certificates given and found"
        name = end.subject.rfc4514_string()
        raise ValidationDataMissing(
            f"No chain leads from {name} to one of {len(roots)} trusted roots at {at.isoformat()}:"
            f" {why}. Give its issuers or its root.",
            subject=name,
        )
    return found


def valid_at(certificate: x509.Certificate, at: datetime.datetime) -> bool:
    """That ``at`` (aware) is within the certificate's validity."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def may_issue(
    issuer: x509.Certificate, certificate: x509.Certificate, at: datetime.datetime
) -> bool:
    """That ``issuer`` is an authority, valid at ``at``, which signed ``certificate``."""
    if issuer.subject != certificate.issuer or not valid_at(issuer, at):
        return False
    try:
        extensions = issuer.extensions
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        if not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
            return False
    except x509.ExtensionNotFound:
        return False
    except ValueError:
        return False
    return issued_by(certificate, issuer)


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """That ``issuer``'s key signed ``certificate``."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
