"""The one question that hosts ask: is this PDF signed, whole, and by someone who is trusted?"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import InvalidInput
from sipadek.signing.dss import ValidationData
from sipadek.signing.revocation import RevocationSource
from sipadek.signing.verifying.evidence import VerificationReport
from sipadek.signing.verifying.judging import Judgement, Question, judge
from sipadek.signing.verifying.revocation import asked_for
from sipadek.signing.verifying.trust import Roots
from sipadek.signing.verifying.worker import STANDARD_LIMITS, Limits, Verifier


def verify_pdf(
    source: bytes | Path,
    *,
    trust: Sequence[x509.Certificate],
    timestamp_trust: Sequence[x509.Certificate] | None = None,
    at: datetime.datetime | None = None,
    password: str = "",
    revocation: RevocationSource | None = None,
    require_revocation: bool = False,
    limits: Limits | Verifier | None = STANDARD_LIMITS,
) -> VerificationReport:
    """The report of every signature and time stamp of a PDF, oldest first; or an error.

    Every one of them must be good, and at least one must be a signature.

    ``trust`` holds the roots of signers, ``timestamp_trust`` those of time stamps (by default the
    same); intermediate certificates come from the file. ``at`` (aware) is the time for which the
    newest must hold; by default it is now. A host that knows since when it has held the file may give
    that time. A good document time stamp proves what lies before it for its own time, and a time
    stamp in a signature that signature, so they outlive their certificates.

    Revocation is judged from what the file carries and, where that says too little, from what
    ``revocation`` gives; the certificates that are not known to be good are asked for. Without an
    answer the report says "unknown", or with ``require_revocation`` it is an error.

    ``limits`` are those of the child process that judges (0.6 s to start); a `Verifier` is a child
    that serves many files; None judges in this process, without limits. ``password`` opens an
    encrypted file; the user's or the owner's.

    Raises:
        NotSigned: there is no signature.
        SignatureIncomplete: bytes were added after the newest signature.
        SignatureInvalid: something was altered, or cannot be understood.
        ChangedAfterSigning: more than signatures came behind one; a person has to look.
        SignatureUntrusted: the bytes are as signed, but the certificate is not trusted for that.
        CertificateRevoked, RevocationUnknown: kinds of SignatureUntrusted.
        VerificationStopped: judging took more time or memory than the limits allow.
        EncryptedPdf: the password is missing or wrong.
        InvalidInput: the file cannot be opened, or ``at`` has no time zone.
    """
    moment = at if at is not None else datetime.datetime.now(datetime.UTC)
    if moment.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=moment)
    question = Question(
        roots=_roots(trust),
        timestamp_roots=_roots(trust if timestamp_trust is None else timestamp_trust),
        moment=moment,
        password=password,
        require_revocation=require_revocation,
    )
    data = source if isinstance(source, bytes) else _read(source)
    if limits is None:
        return _ask(lambda asked: judge(data, asked), question, revocation)
    if isinstance(limits, Verifier):
        return _ask(lambda asked: limits.judge(data, asked), question, revocation)
    with Verifier(limits) as verifier:
        return _ask(lambda asked: verifier.judge(data, asked), question, revocation)


def _ask(
    judged: Callable[[Question], Judgement], question: Question, source: RevocationSource | None
) -> VerificationReport:
    if source is None:
        return judged(question).report
    first = judged(attrs.evolve(question, require_revocation=False))
    if not first.missing:
        return first.report
    load = x509.load_der_x509_certificate
    known = ValidationData()
    for der, issuer in first.missing:
        known |= asked_for(source, load(der), load(issuer))
    return judged(attrs.evolve(question, known=known)).report


def _roots(certificates: Sequence[x509.Certificate]) -> Roots:
    return Roots(certificates=tuple(each.public_bytes(Encoding.DER) for each in certificates))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"The file {str(path)!r} cannot be read: {error.strerror}. Check the path.",
            path=str(path),
        ) from error
