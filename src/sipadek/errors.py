"""Every error of sipadek: one root, one leaf per decision a caller can take.

Each leaf has a stable ``code`` (for programs, exit reports and the command line), the ``fields`` it
was raised with (for programs), and a message for people that says what came, what was expected and
what to do. All of them pickle, so they pass through process pools.
"""

from __future__ import annotations

from typing import Any, ClassVar


class SipadekError(Exception):
    """Root of all errors of this library."""

    code: ClassVar[str] = "sipadek"

    def __init__(self, message: str, /, **fields: Any) -> None:
        super().__init__(message)
        self.fields = fields

    @property
    def message(self) -> str:
        """The text for people."""
        return str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.fields)


def _rebuild(leaf: type[SipadekError], message: str, fields: dict[str, Any]) -> SipadekError:
    return leaf(message, **fields)


class InvalidInput(SipadekError):
    """An argument or a file's metadata is outside what the call takes."""

    code = "invalid-input"


class MissingExtra(SipadekError):
    """The call needs a package of the optional set ``sipadek[all]`` that is not installed."""

    code = "missing-extra"


class DocumentUnreadable(SipadekError):
    """No text can be had from a document: its kind is not read, or it is damaged, encrypted or huge."""

    code = "document-unreadable"


class Unexpected(SipadekError):
    """A fault of this library, kept from stopping a batch; please report it."""

    code = "unexpected"


# --- the office ---------------------------------------------------------------------------------


class OfficeError(SipadekError):
    """Opening or using an office's folder failed."""

    code = "office"


class NotAnOffice(OfficeError):
    """The folder exists but holds something else, or an office of a newer version."""

    code = "not-an-office"


class UnsafeDatabase(OfficeError):
    """The database does not run with the settings that keep numbers through a power loss."""

    code = "unsafe-database"


class StorageFailed(OfficeError):
    """The disk refused to keep something (full, read-only, input/output error)."""

    code = "storage-failed"


class UploadRefused(OfficeError):
    """A piece of a file does not go on where the others end, or the whole is not what was announced."""

    code = "upload-refused"


class WorkerLost(OfficeError):
    """The process that worked on a file died or ran out of its time; the file may be hostile."""

    code = "worker-lost"


class OlderState(OfficeError):
    """The register is an older state, or another history, than a kept checkpoint proves."""

    code = "older-state"


class NotFound(OfficeError):
    """No letter, series, object, record folder or disposal of that name."""

    code = "not-found"


class LetterDestroyed(OfficeError):
    """The letter was destroyed at the end of its retention; ``fields['decision']`` says under what."""

    code = "letter-destroyed"


class DamagedObject(OfficeError):
    """Stored bytes are missing or no longer have the digest the register holds."""

    code = "damaged-object"


class DamagedRegister(OfficeError):
    """The register's database is corrupt or contradicts itself: audit, then restore a backup."""

    code = "damaged-register"


# --- numbering ----------------------------------------------------------------------------------


class NumberingError(SipadekError):
    """A number could not be given."""

    code = "numbering"


class InvalidPattern(NumberingError):
    """A number pattern cannot be accepted: unknown field, ambiguous, or two counters would collide."""

    code = "invalid-pattern"


class InvalidNumber(NumberingError):
    """A text is not a number of that pattern, or a field's value cannot stand in it."""

    code = "invalid-number"


class SeriesConflict(NumberingError):
    """A series of that code exists with another definition."""

    code = "series-conflict"


class KeyConflict(NumberingError):
    """The idempotency key was used before, for other content."""

    code = "key-conflict"


class PeriodClosed(NumberingError):
    """The year or month was closed in this series; it gives no number until it is opened again."""

    code = "period-closed"


class NumberVoid(NumberingError):
    """The reservation behind this key was made void; a new key is needed for a new number."""

    code = "number-void"


# --- retention ----------------------------------------------------------------------------------


class RetentionError(SipadekError):
    """A step of retention could not be taken."""

    code = "retention"


class StepRefused(RetentionError):
    """The step may not follow: the folder or disposal is not where it would have to be, or not due."""

    code = "step-refused"


class OnHold(RetentionError):
    """A legal hold lies on the folder: nothing is taken away until it is released."""

    code = "on-hold"


class NoRule(RetentionError):
    """No retention rule or approving authority is known for the folder's code."""

    code = "no-rule"


# --- reading and extending PDF ------------------------------------------------------------------


class PdfError(SipadekError):
    """A PDF could not be taken."""

    code = "pdf"


class NotAPdf(PdfError):
    """The bytes are not a PDF."""

    code = "not-a-pdf"


class BrokenPdf(PdfError):
    """The PDF is damaged beyond what can be extended safely."""

    code = "broken-pdf"


class EncryptedPdf(PdfError):
    """The PDF needs a password, or uses an encryption that is not supported."""

    code = "encrypted-pdf"


class ChangeForbidden(PdfError):
    """A signature in the PDF forbids the change."""

    code = "change-forbidden"


class LimitExceeded(PdfError):
    """The PDF is larger, deeper or slower than the limits allow."""

    code = "limit-exceeded"


# --- stamping and signing -----------------------------------------------------------------------


class StampError(SipadekError):
    """A stamp cannot be drawn: missing glyph, too much text."""

    code = "stamp"


class SigningError(SipadekError):
    """A signature could not be made."""

    code = "signing"


class KeyUnusable(SigningError):
    """A key or certificate cannot be used: wrong passphrase, mismatch, weak, wrong usage, dates."""

    code = "key-unusable"


class RemoteSigningError(SigningError):
    """A signing service did not give a signature; the letter keeps its number."""

    code = "remote-signing"


class ServiceUnreachable(RemoteSigningError):
    """The service was not reached and was sent nothing; ask again later."""

    code = "service-unreachable"


class ServiceFailed(RemoteSigningError):
    """The service answered that it failed, or gave an answer that cannot be understood."""

    code = "service-failed"


class SigningOutcomeUnknown(RemoteSigningError):
    """The service was asked to sign and its answer was lost: it may have signed."""

    code = "signing-outcome-unknown"


class SigningRefused(RemoteSigningError):
    """The service refused to sign; ``fields['status_code']`` is its own code."""

    code = "signing-refused"


class WrongPassphrase(SigningRefused):
    """The service says that the passphrase or the one-time code is wrong; it is not tried again."""

    code = "wrong-passphrase"


class SignerNotActive(SigningRefused):
    """The service knows the signer, who may not sign now; ``fields['status']`` says why."""

    code = "signer-not-active"


class SignerNotRegistered(SigningRefused):
    """The service does not know the signer."""

    code = "signer-not-registered"


class ServiceAccessDenied(SigningRefused):
    """The service refused this application's own user name and password."""

    code = "service-access-denied"


class AlreadyDownloaded(RemoteSigningError):
    """The service gives a signed document once, and it was fetched before or never existed."""

    code = "already-downloaded"


class ReplyNotAccepted(RemoteSigningError):
    """What came back is not the document that was sent with the one expected signature added."""

    code = "reply-not-accepted"


class KeyRevoked(KeyUnusable):
    """A certificate was revoked before it was used."""

    code = "key-revoked"


class TimestampFailed(SigningError):
    """A time-stamping authority refused, or its token is not good, too large or too old."""

    code = "timestamp-failed"


class ValidationDataMissing(SigningError):
    """No issuer or no good revocation answer could be had for a certificate."""

    code = "validation-data-missing"


class TrustServiceUnavailable(SigningError):
    """A trust service (time stamps, OCSP, CRL, issuers) did not answer as it should; try again."""

    code = "trust-service-unavailable"


# --- verifying ----------------------------------------------------------------------------------


class VerificationFailed(SipadekError):
    """A document did not verify. Catch this to treat every reason alike."""

    code = "verification-failed"


class NotSigned(VerificationFailed):
    """The document has no signature."""

    code = "not-signed"


class SignatureInvalid(VerificationFailed):
    """The signature does not match the bytes: something was altered, or it was never valid."""

    code = "signature-invalid"


class SignatureIncomplete(VerificationFailed):
    """The newest signature does not cover the entire file."""

    code = "signature-incomplete"


class SignatureUntrusted(VerificationFailed):
    """The signer's certificate does not lead to a trusted root, or was not valid."""

    code = "signature-untrusted"


class CertificateRevoked(SignatureUntrusted):
    """A certificate was revoked before the time for which the signature is judged."""

    code = "certificate-revoked"


class RevocationUnknown(SignatureUntrusted):
    """Revocation had to be known, and nothing says whether a certificate was revoked."""

    code = "revocation-unknown"


class ChangedAfterSigning(SignatureInvalid):
    """The document was changed after a signature beyond new signatures: a person has to look."""

    code = "changed-after-signing"


class VerificationStopped(VerificationFailed):
    """Judging the file took more time or memory than was allowed: it is not verified."""

    code = "verification-stopped"


class NotRegistered(VerificationFailed):
    """The document is not the one the register holds."""

    code = "not-registered"


class LetterVoid(VerificationFailed):
    """The document is registered, but its number was made void."""

    code = "letter-void"


# --- cases --------------------------------------------------------------------------------------


class CaseError(SipadekError):
    """A step of correspondence or of a service could not be taken."""

    code = "case"


class NotAllowed(CaseError):
    """The person may not do this, there, with that; the message says what is lacking."""

    code = "not-allowed"


class StepNotPossible(CaseError):
    """The case is in a state without such a step; ``fields['possible']`` names those it has."""

    code = "step-not-possible"


class FieldsMissing(CaseError):
    """A step, or a letter, lacks what it needs; ``fields['missing']`` names it."""

    code = "fields-missing"


class CaseChanged(CaseError):
    """Someone else acted on the case first: look at it again, then decide."""

    code = "case-changed"


class PersonalErased(CaseError):
    """What is personal in the case was erased, and the call needs it."""

    code = "personal-erased"


class DuplicateLetter(CaseError):
    """The letter was registered before; ``fields['case']`` is the case it was registered in."""

    code = "duplicate-letter"


# --- the ledger ---------------------------------------------------------------------------------


class CheckpointInvalid(VerificationFailed):
    """A checkpoint is malformed, of another log, or not signed by the key it should be."""

    code = "checkpoint-invalid"


class LedgerInconsistent(VerificationFailed):
    """Events, proofs and tree heads of the ledger do not agree: something was altered or lost."""

    code = "ledger-inconsistent"


# --- search -------------------------------------------------------------------------------------


class SearchError(SipadekError):
    """A search could not be done."""

    code = "search"


class IndexDamaged(SearchError):
    """The search index cannot be read. The letters are not touched by it: make it anew
    (`Office.reindex`)."""

    code = "index-damaged"


class InvalidQuery(SearchError):
    """The query cannot be understood; ``fields['position']`` points at the place (0-based)."""

    code = "invalid-query"
