"""The report that people read, in Indonesian."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from sipadek.signing.verifying.evidence import SignatureEvidence, VerificationReport

_LATER = {
    "nothing": "tidak ada",
    "maintenance": "hanya stempel waktu dan data validasi",
    "signatures": "tanda tangan berikutnya",
}
_REVOCATION = {"good": "tidak dicabut", "unknown": "status pencabutan tidak diketahui"}


def report_text(report: VerificationReport) -> str:
    """What was found, without line breaks that a certificate's name could bring in."""
    signatures = [each for each in report.signatures if each.kind == "signature"]
    stamps = len(report.signatures) - len(signatures)
    head = f"Dokumen utuh: {len(signatures)} tanda tangan elektronik sah"
    if stamps:
        head += f", {stamps} stempel waktu dokumen"
    lines = [f"{head}.", f"SHA-256: {report.digest}"]
    for number, each in enumerate(report.signatures, 1):
        lines += ["", *_lines(number, each)]
    return "\n".join(lines)


def _lines(number: int, each: SignatureEvidence) -> list[str]:
    what = "Ditandatangani oleh" if each.kind == "signature" else "Stempel waktu dari"
    lines = [f"{number}. {what}: {common_name(each.signer)}"]
    if each.level:
        lines.append(f"   Tingkat: PAdES {each.level}")
    if each.stamped_at is not None:
        lines.append(f"   Waktu: {_time(each.stamped_at)} (stempel waktu tepercaya)")
    elif each.claimed_at is not None:
        lines.append(f"   Waktu: {_time(each.claimed_at)} (menurut jam penanda tangan)")
    reach = "seluruh berkas" if each.entire_file else f"{each.covered} bita pertama"
    return [
        *lines,
        f"   Cakupan: {reach}; perubahan sesudahnya: {_LATER[each.later]}",
        f"   Sertifikat: dipercaya melalui {common_name(each.root)}; "
        f"{_REVOCATION[each.revocation]}",
    ]


def common_name(subject: str) -> str:
    """The common name in a subject (RFC 4514 text), on one line; the whole where it has none."""
    try:
        found = x509.Name.from_rfc4514_string(subject).get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        found = []
    name = str(found[0].value) if found else subject
    return "".join(each if each.isprintable() else " " for each in name)


def _time(at: datetime.datetime) -> str:
    return f"{at.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"
