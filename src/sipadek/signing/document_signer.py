"""Signing by a service that takes the whole PDF and gives it back signed.

Such a service holds the key, so its answer is only believed once it was looked at: `accept_reply` is
that look, `sign_remotely` asks and looks. What is refused is kept nowhere.
"""

from __future__ import annotations

import atexit
import datetime
import functools
import re
from collections.abc import Sequence
from typing import Protocol, cast

import attrs
from cryptography import x509
from cryptography.x509.oid import NameOID

from sipadek.errors import (
    InvalidInput,
    PdfError,
    ReplyNotAccepted,
    SignatureUntrusted,
    VerificationFailed,
)
from sipadek.signing.signer import Signer
from sipadek.signing.unchanged import change_beyond_signing
from sipadek.signing.verifying import SignatureEvidence, Verifier, verify_pdf

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@functools.cache
def _verifier() -> Verifier:
    """One child process judges every reply: starting it takes longer than judging."""
    verifier = Verifier()
    atexit.register(verifier.close)
    return verifier


def _plain_fingerprint(value: str) -> str:
    return value.replace(":", "").lower()


@attrs.frozen(kw_only=True)
class ExpectedSigner:
    """Whose signature is expected: a certificate under one of the roots ``trust`` that fits everything
    that is given, which is at least one of

    - ``fingerprint``, the SHA-256 of the certificate in hex;
    - ``subject``, its subject as RFC 4514 text;
    - ``identifier``, a value that stands as the subject's serialNumber or UID, such as a NIK or NIP.

    Raises:
        InvalidInput: no root is given, none of the three, or one that cannot be right.
    """

    trust: Sequence[x509.Certificate] = attrs.field(
        converter=tuple, repr=lambda roots: f"<{len(roots)} roots>"
    )
    fingerprint: str = attrs.field(default="", converter=_plain_fingerprint)
    subject: str = ""
    identifier: str = attrs.field(default="", repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.trust:
            raise InvalidInput("No root certificate is given, so no signature could be trusted.")
        if not (self.fingerprint or self.subject or self.identifier):
            raise InvalidInput(
                "Nothing tells the expected signer from others under the same root. Give the "
                "certificate's fingerprint, its subject, or an identifier in it."
            )
        if self.fingerprint and not _FINGERPRINT.fullmatch(self.fingerprint):
            raise InvalidInput("The fingerprint is not 64 hex digits: give the SHA-256.")
        if self.subject:
            _parsed(self.subject)

    def fits(self, signature: SignatureEvidence) -> bool:
        """Whether the signature is by the expected certificate."""
        if self.fingerprint not in ("", signature.fingerprint):
            return False
        if not (self.subject or self.identifier):
            return True
        try:
            subject = _parsed(signature.signer)
        except InvalidInput:  # a name that cannot be written as text and read again
            return False
        oids = (NameOID.SERIAL_NUMBER, NameOID.USER_ID)
        values = [str(each.value) for oid in oids for each in subject.get_attributes_for_oid(oid)]
        return (not self.subject or _parsed(self.subject) == subject) and (
            not self.identifier or self.identifier in values
        )


def _parsed(text: str) -> x509.Name:
    try:
        return x509.Name.from_rfc4514_string(text)
    except ValueError:
        raise InvalidInput("The subject is not RFC 4514 text, such as 'CN=Rina,C=ID'.") from None


class DocumentSigner(Protocol):
    """Something, most often a service, that signs whole PDFs."""

    @property
    def name(self) -> str:
        """Who signs, as people read it."""
        ...

    @property
    def expected(self) -> ExpectedSigner:
        """Whose signature it should give."""
        ...

    def check(self, at: datetime.datetime) -> None:
        """That it can sign: asked before a letter takes a number.

        Raises:
            SigningError: it cannot.
        """
        ...

    def sign_document(self, pdf: bytes, *, reason: str, password: str | None) -> bytes:
        """The whole signed PDF, as it came back. ``reason`` is read by people; ``password`` opens an
        encrypted ``pdf``.

        Asked once; never repeated by itself when it may have signed.

        Raises:
            SigningError: a leaf of it; SigningOutcomeUnknown where it may have signed.
        """
        ...


@attrs.frozen(kw_only=True)
class RemoteSignature:
    """What a service added: ``tail``, the bytes to append, and the evidence of its signature."""

    tail: bytes = attrs.field(repr=False)
    evidence: SignatureEvidence


def split_signer(
    signer: Signer | DocumentSigner | None,
) -> tuple[Signer | None, DocumentSigner | None]:
    """The two kinds of signers apart; at most one of them is there."""
    if hasattr(signer, "sign_document"):
        return None, cast(DocumentSigner, signer)
    return signer, None


def sign_remotely(
    pdf: bytes,
    signer: DocumentSigner,
    *,
    at: datetime.datetime,
    reason: str = "",
    password: str | None = None,
) -> RemoteSignature:
    """Have ``pdf`` signed as it stands, stamps and all; ``pdf + result.tail`` is the signed PDF.

    ``at`` (aware) is now: certificates must be valid then. The signer is asked exactly once.

    Raises:
        SigningError: a leaf of it. SigningOutcomeUnknown: it may have signed. ReplyNotAccepted: what
            came back is not ``pdf`` with the one expected signature added.
        InvalidInput: ``at`` has no time zone.
    """
    if at.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=at)
    reply = signer.sign_document(pdf, reason=reason, password=password)
    evidence = accept_reply(pdf, reply, signer.expected, at=at, password=password)
    return RemoteSignature(tail=reply[len(pdf) :], evidence=evidence)


def accept_reply(
    sent: bytes,
    reply: bytes,
    expected: ExpectedSigner,
    *,
    at: datetime.datetime,
    password: str | None = None,
) -> SignatureEvidence:
    """The evidence that ``reply`` is ``sent`` with exactly one signature added, over the entire file,
    by the expected certificate, and nothing else that shows.

    Earlier signatures in ``sent`` must be good and trusted as well.

    Raises:
        ReplyNotAccepted: it is not; ``fields['reason']`` says in which way.
    """
    if not reply.startswith(sent):
        raise _refused("other-bytes", "it does not begin with the bytes that were sent")
    if len(reply) == len(sent):
        raise _refused("not-signed", "it is what was sent, without a signature")
    try:
        found = verify_pdf(
            reply, trust=expected.trust, at=at, password=password or "", limits=_verifier()
        ).signatures
    except (VerificationFailed, PdfError) as error:
        code, why = error.code, error.message
        if isinstance(error, SignatureUntrusted):  # its message names the signer, maybe by a NIK
            why = str(error.fields["reason"])
    else:
        signature = _only_new(found, len(sent), expected)
        change = change_beyond_signing(sent, reply, password=password)
        if change:
            raise _refused("changed", f"it changes more than a signature does: {change}")
        return signature
    raise _refused(code, f"its signatures do not verify: {why}")


def _only_new(
    found: Sequence[SignatureEvidence], size: int, expected: ExpectedSigner
) -> SignatureEvidence:
    added = [each for each in found if each.covered > size]
    if len(added) != 1 or added[0].kind != "signature":
        kinds = ", ".join(each.kind for each in added) or "nothing"
        raise _refused(
            "other-signatures", f"one signature should have been added, and it has: {kinds}"
        )
    (signature,) = added
    if not signature.entire_file:
        raise _refused("signature-incomplete", "its signature does not cover the entire file")
    if not expected.fits(signature):
        raise _refused(
            "other-signer",
            f"it is signed by another certificate than expected (SHA-256 {signature.fingerprint})",
            fingerprint=signature.fingerprint,
        )
    return signature


def _refused(reason: str, why: str, **fields: str) -> ReplyNotAccepted:
    return ReplyNotAccepted(
        f"The signing service's answer is not accepted: {why}. Nothing of it was kept; look into the "
        "service before asking it again.",
        reason=reason,
        **fields,
    )
