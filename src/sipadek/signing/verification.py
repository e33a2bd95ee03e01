"""Judging the signatures of a PDF: pyHanko validates, and stricter rules stand on top.

Stricter than pyHanko and most viewers:

- The newest signature or time stamp must cover the entire file, byte for byte.
- A signature may leave out nothing but the hex string that holds it.
- After an earlier signature only new signatures, time stamps and their validation data may come;
  filled-in form fields do not pass (a person has to look at those).
- Appended bytes that belong to no revision do not pass, whatever the difference analysis says.
- A damaged or hybrid file passes only if a single signature covers all of it.
- Whatever goes wrong while judging means "not verified".

pyHanko is imported on first use (0.4 s). Nothing is fetched from the network, so revocation is not
looked up.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
import io
import logging
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import (
    EncryptedPdf,
    InvalidInput,
    NotSigned,
    SignatureInvalid,
    SignatureUntrusted,
    SipadekError,
)
from sipadek.signing.coverage import (
    Coverage,
    Piece,
    check_accounted,
    check_newest,
    check_tail,
    read_coverage,
)
from sipadek.signing.evidence import Later, SignatureEvidence
from sipadek.signing.usage import usage_problem

T = TypeVar("T")

_MOST_SIGNATURES = 64
_MOST_CERTIFICATES = 64

_UNTRUSTED = {
    "NO_CERTIFICATE_CHAIN_FOUND": "its certificate leads to none of the trusted roots",
    "OUT_OF_BOUNDS_NO_POE": "its certificate was not valid at that time",
    "CHAIN_CONSTRAINTS_FAILURE": "no trusted root vouches for this use of its certificate",
    "CRYPTO_CONSTRAINTS_FAILURE": "its digest or key is too weak",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "its digest or key is too weak",
    "REVOKED_NO_POE": "its certificate was revoked",
    "REVOKED_CA_NO_POE": "the certificate of an authority was revoked",
}


def verify_pdf(
    source: bytes | Path,
    *,
    trust: Sequence[x509.Certificate],
    at: datetime.datetime | None = None,
    password: str = "",
) -> tuple[SignatureEvidence, ...]:
    """Evidence of every signature and time stamp of a PDF, oldest first; or an error.

    Every one of them must be good, and at least one must be a signature.

    ``trust`` holds the roots; the intermediate certificates come from the signatures themselves.
    ``at`` (aware) is the time for which certificates must have been valid; by default it is now. A
    signature of this level proves no time of its own, so a host that knows since when it has held
    the file may give that time, and signatures then outlive their certificates. Revocation is not
    looked up. ``password`` opens an encrypted file; the user's or the owner's.

    A file with several signatures and very many objects takes long (minutes at 70,000 objects, for
    pyHanko compares whole revisions); one with a single signature does not. Judge files of
    strangers in a process that can be ended.

    Raises:
        NotSigned: there is no signature.
        SignatureIncomplete: bytes were added after the newest signature.
        SignatureInvalid: something was altered, or cannot be understood.
        SignatureUntrusted: the bytes are as signed, but the certificate is not trusted for that.
        EncryptedPdf: the password is missing or wrong.
        InvalidInput: the file cannot be opened, or ``at`` has no time zone.
    """
    moment = at if at is not None else datetime.datetime.now(datetime.UTC)
    if moment.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=moment)
    data = source if isinstance(source, bytes) else _read(source)
    if b"/ByteRange" not in data:
        raise NotSigned("The document has no signature. Ask the sender for the signed file.")
    _keep_quiet()
    try:
        return _judge_all(data, _Judge(trust=tuple(trust), moment=moment), password)
    except SipadekError:
        raise
    except Exception as error:
        raise SignatureInvalid(
            "The signatures could not be judged: the file is not built as a signed PDF should be "
            f"({type(error).__name__}). Ask the sender for the file as signed.",
            reason=type(error).__name__,
        ) from error


def claimed_signers(data: bytes, *, password: str = "") -> tuple[x509.Certificate, ...]:
    """The certificates that the signatures name, oldest first. Nothing is verified.

    Empty where there is no signature, or none can be read.
    """
    if b"/ByteRange" not in data:
        return ()
    _keep_quiet()
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


def _judge_all(data: bytes, judge: _Judge, password: str) -> tuple[SignatureEvidence, ...]:
    found, reader = _find_somehow(data, password)
    if not any(each.is_signature for each in found):
        raise NotSigned(
            "The document has no signature"
            + (", only time stamps." if found else ".")
            + " Ask the sender for the signed file."
        )
    if len(found) > _MOST_SIGNATURES:
        raise SignatureInvalid(
            f"The document has {len(found)} signatures; at most {_MOST_SIGNATURES} are judged.",
            count=len(found),
        )
    check_newest([each.coverage for each in found], len(data))
    if len(found) > 1:
        _check_revisions(data, reader, found[0])
    return tuple(judge.evidence(each, newest=each is found[-1]) for each in found)


@attrs.frozen(kw_only=True)
class _Found:
    """A signature as pyHanko holds it, and its bytes."""

    embedded: Any
    coverage: Coverage

    @property
    def is_signature(self) -> bool:
        return bool(self.embedded.sig_object_type == "/Sig")


def _find_somehow(data: bytes, password: str) -> tuple[list[_Found], Any]:
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


def _open(data: bytes, password: str, *, strict: bool) -> Any:
    from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(data), strict=strict)
    if reader.encrypted:
        standard = isinstance(reader.security_handler, StandardSecurityHandler)
        if not standard or reader.decrypt(password).status == AuthStatus.FAILED:
            raise EncryptedPdf(
                "The document is encrypted and the password did not open it. Give its password."
            )
    return reader


def _find(data: bytes, reader: Any) -> list[_Found]:
    from asn1crypto import parser
    from pyhanko.sign.fields import enumerate_sig_fields

    filled = sum(1 for _ in enumerate_sig_fields(reader, filled_status=True))
    found: list[_Found] = []
    for embedded in reader.embedded_signatures:
        contents = bytes(embedded.pkcs7_content)
        coverage = read_coverage(data, embedded.field_name, embedded.byte_range, contents)
        if contents[parser.peek(contents) :].strip(b"\0"):
            raise SignatureInvalid(
                f"The signature in {embedded.field_name} is followed by other data.",
                field=embedded.field_name,
            )
        found.append(_Found(embedded=embedded, coverage=coverage))
    if len(found) != filled or not _certification_known(reader, found):
        raise SignatureInvalid(
            "The document has a signature of a kind that cannot be judged (expected "
            "ETSI.CAdES.detached, adbe.pkcs7.detached or ETSI.RFC3161). Have a person look at it."
        )
    return sorted(found, key=lambda each: each.coverage.end)


def _certification_known(reader: Any, found: Sequence[_Found]) -> bool:
    """That a certification the catalog speaks of (/Perms /DocMDP) is among the signatures."""
    from pyhanko.sign.validation.pdf_embedded import read_certification_data

    certification = read_certification_data(reader)
    if certification is None:
        return True
    certified = certification.author_sig.container_ref
    return any(each.embedded.sig_object.container_ref == certified for each in found)


def _check_revisions(data: bytes, reader: Any, oldest: _Found) -> None:
    """That every byte behind the oldest signature belongs to exactly one later revision."""
    from pyhanko.pdf_utils.generic import DictionaryObject, TrailerReference

    at = oldest.coverage.end
    stream, xrefs = reader.stream, reader.xrefs
    for revision in range(oldest.embedded.signed_revision + 1, xrefs.total_revisions):
        pieces = []
        listed = xrefs.explicit_refs_in_revision(revision)
        packed = xrefs.object_streams_used_in(revision)
        for reference in listed | packed:
            place = xrefs.get_historical_ref(reference, revision)
            if place == xrefs.get_historical_ref(reference, revision - 1):
                continue
            if isinstance(place, int):
                reader.get_object(reference, revision, transparent_decrypt=False)
                pieces.append(Piece(place, stream.tell()))
        section = xrefs.get_xref_container_info(revision)
        end = section.end_location
        if section.stream_ref is None:
            stream.seek(end)
            DictionaryObject.read_from_stream(stream, TrailerReference(reader))
            end = stream.tell()
        else:
            pieces = [each for each in pieces if each.start != section.start_location]
        at = check_accounted(data, at, pieces, Piece(section.declared_startxref, end))
    check_tail(data, at)


@attrs.frozen(kw_only=True)
class _Judge:
    """What signatures are judged by."""

    trust: tuple[x509.Certificate, ...]
    moment: datetime.datetime

    def evidence(self, found: _Found, *, newest: bool) -> SignatureEvidence:
        """The evidence of one signature, or the error that it deserves."""
        embedded, coverage = found.embedded, found.coverage
        if len(embedded.signed_data["certificates"]) > _MOST_CERTIFICATES:
            raise _invalid(coverage.field, f"it holds more than {_MOST_CERTIFICATES} certificates")
        certificate = x509.load_der_x509_certificate(embedded.signer_cert.dump())
        status = self._status(found)
        if not (status.intact and status.valid):
            raise _invalid(coverage.field, "the bytes it covers were altered, or it was never good")
        later = _later(found, status, newest=newest)
        self._check_trust(found, status, certificate)
        anchor = status.validation_path.first.dump()
        root = next(each for each in self.trust if each.public_bytes(Encoding.DER) == anchor)
        stamp = status if not found.is_signature else status.timestamp_validity
        return SignatureEvidence(
            kind="signature" if found.is_signature else "timestamp",
            field=coverage.field,
            signer=certificate.subject.rfc4514_string(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            root=root.subject.rfc4514_string(),
            root_fingerprint=root.fingerprint(hashes.SHA256()).hex(),
            scheme=_scheme_name(status.pkcs7_signature_mechanism, status.md_algorithm, certificate),
            digest=status.md_algorithm,
            covered=coverage.end,
            entire_file=newest,
            later=later,
            claimed_at=embedded.self_reported_timestamp if found.is_signature else None,
            stamped_at=stamp.timestamp if stamp is not None else None,
            checked_at=self.moment,
        )

    def _status(self, found: _Found) -> Any:
        from asn1crypto.x509 import Certificate
        from pyhanko.sign.validation import pdf_embedded
        from pyhanko.sign.validation.settings import KeyUsageConstraints
        from pyhanko_certvalidator import ValidationContext

        context = ValidationContext(
            trust_roots=[Certificate.load(each.public_bytes(Encoding.DER)) for each in self.trust],
            moment=self.moment,
            allow_fetching=False,
        )
        if not found.is_signature:
            return _finish(
                pdf_embedded.async_validate_pdf_timestamp(
                    found.embedded, context, diff_policy=_difference_policy()
                )
            )
        return _finish(
            pdf_embedded.async_validate_pdf_signature(
                found.embedded,
                context,
                diff_policy=_difference_policy(),
                # usage_problem() has the say about key usage.
                key_usage_settings=KeyUsageConstraints(key_usage=set()),
            )
        )

    def _check_trust(self, found: _Found, status: Any, certificate: x509.Certificate) -> None:
        field, name = found.coverage.field, certificate.subject.rfc4514_string()
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        why = ""
        if not start <= self.moment <= end:
            why = (
                f"its certificate is valid from {start.isoformat()} to {end.isoformat()}, "
                f"not at {self.moment.isoformat()}"
            )
        elif not status.trusted:
            reason = getattr(status.trust_problem_indic, "name", "UNKNOWN")
            why = _UNTRUSTED.get(reason, f"the chain of its certificate was refused ({reason})")
        elif found.is_signature:
            why = usage_problem(certificate)
            if not why and not status.bottom_line:
                why = "its time stamp or the rules of its form field do not hold"
        if why:
            raise SignatureUntrusted(
                f"The signature in {field} by {name} is not trusted: {why}. "
                f"{len(self.trust)} trusted roots were given.",
                field=field,
                signer=name,
                reason=why,
            )


def _later(found: _Found, status: Any, *, newest: bool) -> Later:
    """What came after a signature, where it may have come."""
    from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    field = found.coverage.field
    levels = SignatureCoverageLevel
    if status.coverage != (levels.ENTIRE_FILE if newest else levels.ENTIRE_REVISION):
        raise _invalid(field, "it does not cover the whole revision that it is in")
    names: dict[Any, Later] = {
        ModificationLevel.NONE: "nothing",
        ModificationLevel.LTA_UPDATES: "maintenance",
        ModificationLevel.FORM_FILLING: "signatures",
    }
    difference = status.diff_result
    level = difference.modification_level if isinstance(difference, DiffResult) else None
    # pyHanko says docmdp_ok of signatures only; a time stamp certifies nothing.
    if level not in names or (found.is_signature and not status.docmdp_ok):
        raise _invalid(field, "the document was changed after it, beyond further signatures")
    return names[level]


@functools.cache
def _difference_policy() -> Any:
    """pyHanko's own policy, without the rule that lets form fields be filled in."""
    from pyhanko.sign import diff_analysis as diff

    level = diff.ModificationLevel.LTA_UPDATES
    rules = [
        diff.DocInfoRule(),
        diff.XrefStreamRule(),
        diff.ObjectStreamRule(),
        diff.DSSCompareRule(),
        diff.MetadataUpdateRule(),
    ]
    return diff.StandardDiffPolicy(
        global_rules=[
            diff.CatalogModificationRule(),
            *(each.as_qualified(level) for each in rules),
        ],
        form_rule=diff.FormUpdatingRule(
            field_rules=[diff.SigFieldCreationRule(), diff.SigFieldModificationRule()]
        ),
    )


def _scheme_name(mechanism: str, digest: str, certificate: x509.Certificate) -> str:
    if mechanism.endswith("_rsa") or mechanism == "rsassa_pkcs1v15":
        return f"rsa-pkcs1-{digest}"
    if mechanism == "rsassa_pss":
        return f"rsa-pss-{digest}"
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        curve = {"secp256r1": "p256", "secp384r1": "p384"}.get(key.curve.name, key.curve.name)
        return f"ecdsa-{curve}-{digest}"
    return mechanism


def _finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result, also where the caller's thread runs an event loop."""
    if not _in_event_loop():
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@functools.cache
def _keep_quiet() -> None:
    """Without any handler Python would print pyHanko's warnings; hosts that log still get them."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"The file {str(path)!r} cannot be read: {error.strerror}. Check the path.",
            path=str(path),
        ) from error


def _invalid(field: str, why: str) -> SignatureInvalid:
    return SignatureInvalid(
        f"The signature in {field} is not valid: {why}. Ask the sender for the file as signed.",
        field=field,
    )
