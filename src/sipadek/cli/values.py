"""Letters and what belongs to them as JSON values, under names that stay."""

from __future__ import annotations

import datetime
from typing import Any

import attrs
from cryptography import x509
from cryptography.x509.oid import NameOID

from sipadek.archive import Letter
from sipadek.office import AuditReport, Backup, BackupState
from sipadek.search import Hit
from sipadek.signing import SignatureEvidence, VerificationReport


def letter_value(letter: Letter) -> dict[str, Any]:
    """A register entry. Sizes are bytes, digests SHA-256 in hex, times ISO 8601 in UTC."""
    details = letter.details
    return {
        "id": letter.id,
        "number": letter.number,
        "state": letter.state.value,
        "series": details.series,
        "sequence": letter.sequence,
        "counter": letter.counter,
        "date": details.date.isoformat(),
        "subject": details.subject,
        "unit": details.unit,
        "classification": details.classification,
        "kind": details.kind,
        "secrecy": details.secrecy.value,
        "post": details.post,
        "extra": dict(details.extra),
        "insertion": letter.insertion,
        "stock": letter.stock,
        "paper": letter.paper,
        "actor": letter.actor,
        "reason": letter.reason,
        "key": letter.key,
        "original_digest": letter.original_digest,
        "original_size": letter.original_size,
        "filed_digest": letter.filed_digest,
        "filed_size": letter.filed_size,
        "signer": letter.signer,
        "reserved_at": _time(letter.reserved_at),
        "expires_at": _time(letter.expires_at),
        "issued_at": _time(letter.issued_at),
        "void_reason": letter.void_reason,
    }


def hit_value(hit: Hit) -> dict[str, Any]:
    """A hit: its ``snippet`` is safe HTML, ``page`` counts from 1, or is 0; ``recognised``:
    a machine read that page's picture; ``partial``: it holds only some of the words."""
    return {
        "letter": letter_value(hit.letter),
        "snippet": hit.snippet,
        "page": hit.page,
        "recognised": hit.recognised,
        "partial": hit.partial,
        "score": hit.score,
    }


def signature_value(evidence: SignatureEvidence) -> dict[str, Any]:
    """What is known of a good signature."""
    value = attrs.asdict(evidence)
    return {
        name: _time(each) if isinstance(each, datetime.datetime) else each
        for name, each in value.items()
    }


def report_value(report: VerificationReport) -> dict[str, Any]:
    """A file whose signatures are all good."""
    return {
        "verified": True,
        "sha256": report.digest,
        "size": report.size,
        "checked_at": _time(report.checked_at),
        "signatures": [signature_value(each) for each in report.signatures],
    }


def person(subject: str) -> str:
    """The common name in a certificate's subject (RFC 4514 text), or the whole where it has none."""
    try:
        name = x509.Name.from_rfc4514_string(subject)
    except ValueError:
        return subject
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else subject


def _time(at: datetime.datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def audit_value(report: AuditReport) -> dict[str, Any]:
    """An audit. Sizes are bytes; ``provable_until`` counts signed letters by month."""
    listed = {
        name: [
            {"code": each.code, "subject": each.subject, "message": each.message}
            for each in getattr(report, name)
        ]
        for name in ("findings", "warnings")
    }
    return {
        "clean": report.clean,
        "at": report.at.isoformat(),
        "letters": report.letters,
        "events": report.events,
        "objects": report.objects,
        "read_objects": report.read_objects,
        "read_bytes": report.read_bytes,
        "disk_free": report.disk_free,
        "disk_total": report.disk_total,
        "provable_until": dict(report.provable_until),
        **listed,
    }


def backup_value(backup: Backup) -> dict[str, Any]:
    """A backup that was made. Sizes are bytes."""
    return {
        "state": state_value(backup.state),
        "copied": backup.copied,
        "copied_bytes": backup.copied_bytes,
        "removed": backup.removed,
    }


def state_value(state: BackupState) -> dict[str, Any]:
    """A state in a backup; ``lost`` are SHA-256 in hex."""
    return {**attrs.asdict(state), "at": _time(state.at), "lost": list(state.lost)}
