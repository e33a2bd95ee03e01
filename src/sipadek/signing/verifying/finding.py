"""The signatures that a PDF holds, before anything is judged of them."""

from __future__ import annotations

import functools
import io
import logging
import re
from collections.abc import Sequence
from typing import Any

import attrs
from cryptography import x509

from sipadek.errors import EncryptedPdf, SignatureInvalid, SipadekError
from sipadek.signing.verifying.coverage import Coverage, read_coverage
from sipadek.signing.verifying.values import check_value

_MORE_OBJECTS = 10_000
_MOST_STREAMS = 4096
_LONGEST_HEAD = 1 << 20
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"/XRef(?![A-Za-z])")
_WHITE = rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*+[\r\n])*+"
_INDEX = re.compile(
    rb"/Index(?![A-Za-z])" + _WHITE + rb"\[((?:[\x00\t\n\x0c\r +\-.\d]|%[^\r\n]*+[\r\n])*+)"
)
_SIZE = re.compile(rb"/Size" + _WHITE + rb"\+?(\d++)")
_COMMENT = re.compile(rb"%[^\r\n]*+")


@attrs.frozen(kw_only=True)
class Found:
    """A signature as pyHanko holds it, and its bytes."""

    embedded: Any
    coverage: Coverage

    @property
    def is_signature(self) -> bool:
        """Whether it is one, and no document time stamp."""
        return bool(self.embedded.sig_object_type == "/Sig")


def find(data: bytes, password: str) -> tuple[list[Found], Any]:
    """The signatures, oldest first, and the reader; leniently only where nothing hangs on it."""
    try:
        reader = _open(data, password, strict=True)
        if not reader.xrefs.hybrid_xrefs_present:
            return _find(data, reader), reader
    except SipadekError:
        raise
    except Exception:
        logging.getLogger(__name__).debug("strict reading failed", exc_info=True)
    reader = _open(data, password, strict=False)
    found = _find(data, reader)
    if len(found) > 1:
        raise SignatureInvalid(
            "The file is damaged or hybrid and has several signatures: what was signed first "
            "cannot be told for sure. Ask the sender for an undamaged file."
        )
    return found, reader


def claimed_signers(data: bytes, *, password: str = "") -> tuple[x509.Certificate, ...]:
    """The certificates that the signatures name, oldest first. Nothing is verified.

    Empty where there is no signature, or none can be read.
    """
    if b"/ByteRange" not in data:
        return ()
    keep_quiet()
    try:
        found = _find(data, _open(data, password, strict=False))
        return tuple(
            x509.load_der_x509_certificate(each.embedded.signer_cert.dump())
            for each in found
            if each.is_signature
        )
    except Exception:
        logging.getLogger(__name__).debug("signers cannot be read", exc_info=True)
        return ()


def _open(data: bytes, password: str, *, strict: bool) -> Any:
    from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
    from pyhanko.pdf_utils.reader import PdfFileReader

    _refuse_endless(data)
    reader = PdfFileReader(io.BytesIO(data), strict=strict)
    if reader.encrypted:
        standard = isinstance(reader.security_handler, StandardSecurityHandler)
        if not standard or reader.decrypt(password).status == AuthStatus.FAILED:
            raise EncryptedPdf(
                "The document is encrypted and the password did not open it. Give its password."
            )
    return reader


def _refuse_endless(data: bytes) -> None:
    """Refuse a cross-reference stream that claims far more objects than the file can hold: pyHanko
    makes an entry of each, whether there is data for it or not."""
    most = _MORE_OBJECTS + len(data)
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data) if b"#" in data else data
    for number, found in enumerate(_STREAM.finditer(plain)):
        at = found.start()
        start = max(0, plain.rfind(b"obj", max(0, at - _LONGEST_HEAD), at))
        end = plain.find(b"stream", at, at + _LONGEST_HEAD)
        head = plain[start : end if end >= 0 else at + _LONGEST_HEAD]
        if number >= _MOST_STREAMS or _claimed(head) > most:
            raise SignatureInvalid(
                f"The file claims to have more than {most} objects. Ask the sender for the file as "
                "signed.",
                most=most,
            )


def _claimed(head: bytes) -> int:
    """How many objects the dictionary of a cross-reference stream claims to list."""
    indexes = [_COMMENT.sub(b" ", found[1]).split()[1::2] for found in _INDEX.finditer(head)]
    counts = [each for index in indexes for each in index] or _SIZE.findall(head)
    return sum(int(each) if len(each) < 20 and each.isdigit() else 1 << 63 for each in counts)


def _find(data: bytes, reader: Any) -> list[Found]:
    from asn1crypto import parser
    from pyhanko.sign.fields import enumerate_sig_fields

    filled = 0
    for name, value, field in enumerate_sig_fields(reader):
        check_value(str(name), field.get_object())
        filled += bool(value)
    found: list[Found] = []
    for embedded in reader.embedded_signatures:
        contents = bytes(embedded.pkcs7_content)
        coverage = read_coverage(data, str(embedded.field_name), embedded.byte_range, contents)
        if contents[parser.peek(contents) :].strip(b"\0"):
            raise SignatureInvalid(
                f"The signature in {embedded.field_name} is followed by other data.",
                field=embedded.field_name,
            )
        found.append(Found(embedded=embedded, coverage=coverage))
    if len(found) != filled or not _certification_known(reader, found):
        raise SignatureInvalid(
            "The document has a signature of a kind that cannot be judged (expected "
            "ETSI.CAdES.detached, adbe.pkcs7.detached or ETSI.RFC3161). Have a person look at it."
        )
    return sorted(found, key=lambda each: each.coverage.end)


def _certification_known(reader: Any, found: Sequence[Found]) -> bool:
    """That a certification the catalog speaks of (/Perms /DocMDP) is among the signatures."""
    from pyhanko.sign.validation.pdf_embedded import read_certification_data

    certification = read_certification_data(reader)
    if certification is None:
        return True
    certified = certification.author_sig.container_ref
    return any(each.embedded.sig_object.container_ref == certified for each in found)


@functools.cache
def keep_quiet() -> None:
    """Without any handler Python would print pyHanko's warnings; hosts that log still get them."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).addHandler(logging.NullHandler())
