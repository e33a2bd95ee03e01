"""What the service says of users and of signed documents, as values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import attrs


class UserStatus(enum.StrEnum):
    """What the service knows of a user; only ISSUE may sign."""

    ISSUE = "ISSUE"
    EXPIRED = "EXPIRED"
    RENEW = "RENEW"
    WAITING_FOR_VERIFICATION = "WAITING_FOR_VERIFICATION"
    NEW = "NEW"
    NO_CERTIFICATE = "NO_CERTIFICATE"
    NOT_REGISTERED = "NOT_REGISTERED"
    SUSPEND = "SUSPEND"
    REVOKE = "REVOKE"

    @property
    def may_sign(self) -> bool:
        """Whether a user of this status may sign."""
        return self is UserStatus.ISSUE


@attrs.frozen(kw_only=True)
class ReportedSignature:
    """One signature as the service reports it; None and empty text where it says nothing.

    ``signed_at`` is the service's text. ``intact``: the bytes are as signed; ``trusted``: the
    certificate is one that the service trusts.
    """

    field: str = ""
    signer: str = ""
    reason: str = ""
    location: str = ""
    signed_at: str = ""
    intact: bool | None = None
    trusted: bool | None = None


@attrs.frozen(kw_only=True)
class ServiceVerdict:
    """What the service says of a signed PDF. It is a second opinion: `sipadek.signing.verify_pdf`
    gives evidence.

    ``conclusion`` is its word (such as VALID), ``description`` its sentence; ``document`` is the name
    that it gives the file; ``count`` is how many signatures it found.
    """

    conclusion: str
    description: str
    document: str
    count: int
    signatures: tuple[ReportedSignature, ...]


def v1_verdict(value: Mapping[str, Any]) -> ServiceVerdict:
    """From the answer of version 1; KeyError, TypeError or ValueError where it is not one."""
    return ServiceVerdict(
        conclusion=_text(value.get("summary")),
        description=_text(value.get("notes")),
        document=_text(value.get("nama_dokumen")),
        count=int(value["jumlah_signature"]),
        signatures=tuple(map(_v1_signature, _dictionaries(value.get("details")))),
    )


def _v1_signature(value: Mapping[str, Any]) -> ReportedSignature:
    signer, document = (
        _dictionary(value.get("info_signer")),
        _dictionary(value.get("signature_document")),
    )
    return ReportedSignature(
        field=_text(value.get("signature_field")),
        signer=_text(signer.get("signer_name")),
        reason=_text(document.get("reason")),
        location=_text(document.get("location")),
        signed_at=_text(document.get("signed_in")),
        intact=_flag(document.get("document_integrity")),
        trusted=_flag(signer.get("cert_user_certified")),
    )


def v2_verdict(value: Mapping[str, Any]) -> ServiceVerdict:
    """From the answer of version 2; KeyError, TypeError or ValueError where it is not one."""
    return ServiceVerdict(
        conclusion=_text(value["conclusion"]),
        description=_text(value.get("description")),
        document=_text(value.get("documentName")),
        count=int(value["signatureCount"]),
        signatures=tuple(map(_v2_signature, _dictionaries(value.get("signatureInformations")))),
    )


def _v2_signature(value: Mapping[str, Any]) -> ReportedSignature:
    return ReportedSignature(
        field=_text(value.get("fieldName")),
        signer=_text(value.get("signerName")),
        reason=_text(value.get("reason")),
        location=_text(value.get("location")),
        signed_at=_text(value.get("signatureDate")),
        intact=_flag(value.get("integrityValid")),
        trusted=_flag(value.get("certificateTrusted")),
    )


def _text(value: object) -> str:
    return value[:1000] if isinstance(value, str) else ""


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _dictionary(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _dictionaries(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
