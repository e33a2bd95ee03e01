"""What pdfsig, OpenSSL, pyHanko and our own verify say of the signatures in a filed PDF."""

from __future__ import annotations

import io
import logging
import re
import tempfile
from pathlib import Path

import attrs
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from trial import HANGS, Case, run_tool

from sipadek.errors import EncryptedPdf, SipadekError
from sipadek.signing import verify_pdf

MOST_COMPARED = 2_000_000  # bytes: pyHanko's comparing of revisions takes minutes on large files
_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def judge_signatures(case: Case, root: Path) -> None:
    """The new signature is good for every judge, and earlier ones are as good as they were."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    before = _pdfsig(case.original)
    _judge_pdfsig(case, before)
    _judge_openssl(case, root)
    if b"/ByteRange" not in case.original.read_bytes():
        _judge_verify(case, root)
    else:
        _judge_pyhanko(case)


def _judge_openssl(case: Case, root: Path) -> None:
    """``openssl cms -verify`` of the newest signature over the bytes that it says it covers."""
    data = case.filed.read_bytes()
    start, end, rest = (int(part) for part in list(_RANGE.finditer(data))[-1].groups())
    padded = bytes.fromhex(data[start + 1 : end - 1].decode())
    with tempfile.TemporaryDirectory() as folder:
        cms, content = Path(folder) / "cms.der", Path(folder) / "content"
        cms.write_bytes(padded[: _der_length(padded)])
        content.write_bytes(data[:start] + data[end : end + rest])
        code, _ = run_tool(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms,
            "-content", content, "-CAfile", root, "-purpose", "any", "-out", Path(folder) / "out",
        )  # fmt: skip
    case.ruling("openssl", f"exit {code}" if code else None)


def _der_length(der: bytes) -> int:
    """The length of the first DER value."""
    if der[1] < 0x80:
        return 2 + der[1]
    octets = der[1] & 0x7F
    return 2 + octets + int.from_bytes(der[2 : 2 + octets], "big")


def _judge_verify(case: Case, root: Path) -> None:
    trust = x509.load_pem_x509_certificates(root.read_bytes())
    try:
        verify_pdf(case.filed, trust=trust, limits=None)
    except SipadekError as error:
        # pyHanko, behind it, reads neither such a file nor its original: nothing was judged.
        if "reason" not in error.fields and not isinstance(error, EncryptedPdf):
            case.ruling("verify", f"{error.code}: {error.message}")
    else:
        case.ruling("verify", None)


def _judge_pyhanko(case: Case) -> None:
    """Every earlier signature that pyHanko finds sound stays so, changed by nothing but signing."""
    if case.filed.stat().st_size > MOST_COMPARED:
        return
    before, after = _sound(case.original), _sound(case.filed)
    kept = [ranges for ranges, sound in before.items() if sound and after.get(ranges) is not None]
    if kept:
        lost = sorted(ranges for ranges in kept if not after[ranges])
        case.ruling("pyhanko-earlier", f"no longer sound: {lost}" if lost else None)


def _sound(path: Path) -> dict[tuple[int, ...], bool | None]:
    """By their byte ranges, whether the signatures are whole and were changed by signing alone; None
    where pyHanko falls over them."""
    try:
        reader = PdfFileReader(io.BytesIO(path.read_bytes()), strict=False)
        if reader.encrypted:
            reader.decrypt("")
        embedded = list(reader.embedded_regular_signatures)
    except Exception:
        return {}
    return {tuple(map(int, each.byte_range)): _is_sound(each) for each in embedded}


def _is_sound(embedded: object) -> bool | None:
    roots: list[asn1_x509.Certificate] = []
    try:
        status = validate_pdf_signature(embedded, ValidationContext(trust_roots=roots))
    except Exception:
        return None
    return bool(status.intact and status.valid and status.docmdp_ok)


# --- pdfsig -------------------------------------------------------------------------------------


@attrs.frozen
class _PopplerSignature:
    ranges: str  # names the signature: two never have the same
    end: int
    valid: bool
    total: bool
    said: str


def _judge_pdfsig(case: Case, before: list[_PopplerSignature] | None) -> None:
    if before is None:
        return
    after = _pdfsig(case.filed)
    if not after and run_tool("pdfinfo", case.original)[0] != 0:
        return  # poppler does not take the original either
    if after is None:
        case.ruling("pdfsig", "hangs")
        return
    newest = max(after, key=lambda signature: signature.end, default=None)
    why = None
    if newest is None or newest.ranges in {signature.ranges for signature in before}:
        why = "no new signature"
    elif not newest.valid or not newest.total:
        why = newest.said
    case.ruling("pdfsig", why)
    if lost := [s for s in before if s.valid and not any(_same(s, other) for other in after)]:
        case.ruling("pdfsig-earlier", f"no longer valid: {lost[0].ranges}")
    elif before:
        case.ruling("pdfsig-earlier", None)


def _same(before: _PopplerSignature, after: _PopplerSignature) -> bool:
    return after.ranges == before.ranges and after.valid


def _pdfsig(path: Path) -> list[_PopplerSignature] | None:
    """The signatures that pdfsig finds; None if it hangs, which some odd form trees bring about."""
    code, output = run_tool("pdfsig", "-nocert", path)
    if code == HANGS:
        return None
    found = []
    for block in re.split(r"^Signature #\d+:$", output.decode("utf-8", "replace"), flags=re.M)[1:]:
        ranges = re.search(r"Signed Ranges: (.*)", block)
        if not ranges:
            continue  # an empty field, or ranges that poppler does not accept
        said = re.search(r"Signature Validation: (.*)", block)
        total = "- Total document signed" in block
        end = int(re.findall(r"\d+", ranges[1])[-1])
        valid = said is not None and said[1].startswith("Signature is Valid")
        words = f"{said[1] if said else 'nothing'}{'' if total else ' Not total document signed.'}"
        found.append(_PopplerSignature(ranges[1], end, valid, total, words))
    return found
