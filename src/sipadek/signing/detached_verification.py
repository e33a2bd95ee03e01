"""Judging a CMS signature that stands beside its file: pyHanko validates, stricter rules on top.

- One signer, and nothing behind the DER.
- The signer's certificate is named in the signed attributes (signing-certificate, CAdES).
- The file is not in the CMS.
- Whatever goes wrong while judging means "not verified".

pyHanko is imported on first use. Nothing is fetched, so revocation is not looked up.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import InvalidInput, SignatureInvalid, SignatureUntrusted, SipadekError
from sipadek.signing.detached import FileSource, reading
from sipadek.signing.usage import usage_problem

_MOST_BYTES = 1 << 20
_MOST_CERTIFICATES = 64


@attrs.frozen(kw_only=True)
class DetachedEvidence:
    """What is known of a detached signature that was found good.

    ``signer`` and ``root`` are subjects as RFC 4514 text, ``fingerprint`` and ``root_fingerprint`` the
    SHA-256 of those certificates in hex; ``root`` is one of the given trust roots. ``mechanism`` and
    ``digest`` name the algorithms. ``claimed_at`` is the time that the signer wrote, proven by nobody;
    ``stamped_at`` the time of a trusted time stamp, if there is one. ``checked_at`` is the time for
    which the certificates were judged.
    """

    signer: str
    fingerprint: str
    root: str
    root_fingerprint: str
    mechanism: str
    digest: str
    claimed_at: datetime.datetime | None
    stamped_at: datetime.datetime | None
    checked_at: datetime.datetime


def verify_detached(
    source: FileSource,
    cms: bytes,
    *,
    trust: Sequence[x509.Certificate],
    at: datetime.datetime | None = None,
) -> DetachedEvidence:
    """Evidence of the signature ``cms`` (DER) over the file ``source``, which is read once, in pieces.

    ``trust`` holds root certificates; certificates are judged for the time ``at`` (aware), by default
    now.

    Raises:
        SignatureInvalid: the file was altered, or ``cms`` is no good detached CAdES signature.
        SignatureUntrusted: the certificate leads to none of ``trust``, was not valid at ``at``, or is
            not for signing documents.
        InvalidInput: the file cannot be opened, or ``at`` has no time zone.
    """
    moment = at if at is not None else datetime.datetime.now(datetime.UTC)
    if moment.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=moment)
    with reading(source) as file:
        try:
            signed = _signed_data(cms)
            status = _status(file, signed, trust, moment)
            return _evidence(signed, status, tuple(trust), moment)
        except SipadekError:
            raise
        except Exception as error:
            raise SignatureInvalid(
                "The signature could not be judged: it is not built as a CAdES signature should be "
                f"({type(error).__name__}). Ask the sender for it again.",
                reason=type(error).__name__,
            ) from error


def _signed_data(der: bytes) -> Any:
    from asn1crypto import tsp  # noqa: F401  # names signing-certificate-v2
    from asn1crypto.cms import ContentInfo

    if len(der) > _MOST_BYTES:
        _invalid(f"it has {len(der)} bytes, at most {_MOST_BYTES} are judged")
    info = ContentInfo.load(der, strict=True)
    if info["content_type"].native != "signed_data":
        _invalid("it is a CMS of another kind than SignedData")
    signed = info["content"]
    if signed["encap_content_info"]["content"].native is not None:
        _invalid("it holds content of its own, so it does not stand beside the file")
    if signed["encap_content_info"]["content_type"].native != "data":
        _invalid("it is about another type of content than data")
    if len(signed["signer_infos"]) != 1:
        _invalid(f"it has {len(signed['signer_infos'])} signers, one is expected")
    if len(signed["certificates"]) > _MOST_CERTIFICATES:
        _invalid(f"it holds more than {_MOST_CERTIFICATES} certificates")
    kinds = [each["type"].native for each in signed["signer_infos"][0]["signed_attrs"]]
    named = {"signing_certificate", "signing_certificate_v2"}
    if len(kinds) != len(set(kinds)) or not named & set(kinds):
        _invalid("its signed attributes do not name the signer's certificate, or repeat one")
    return signed


def _status(file: Any, signed: Any, trust: Sequence[x509.Certificate], at: Any) -> Any:
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).addHandler(_QUIET)
    context = ValidationContext(
        trust_roots=[Certificate.load(each.public_bytes(Encoding.DER)) for each in trust],
        moment=at,
        allow_fetching=False,
    )

    def judged() -> Any:
        return asyncio.run(
            async_validate_detached_cms(
                file,
                signed,
                context,
                # usage_problem() has the say about key usage.
                key_usage_settings=KeyUsageConstraints(key_usage=set()),
            )
        )

    try:
        # A thread of its own, because the caller's may run an event loop.
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(judged).result()
    except SignatureValidationError:
        _invalid("its signed attributes do not fit its certificate or its algorithms")


_QUIET = logging.NullHandler()
"""Without any handler Python would print pyHanko's warnings; hosts that log still get them."""


def _evidence(
    signed: Any, status: Any, trust: tuple[x509.Certificate, ...], at: datetime.datetime
) -> DetachedEvidence:
    if not (status.intact and status.valid):
        _invalid("the file was altered after signing, or the signature was never good")
    certificate = x509.load_der_x509_certificate(status.signing_cert.dump())
    name = certificate.subject.rfc4514_string()
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    why = usage_problem(certificate)
    if not start <= at <= end:
        why = (
            f"its certificate is valid from {start.isoformat()} to {end.isoformat()}, not at "
            f"{at.isoformat()}"
        )
    elif not status.trusted:
        reason = getattr(status.trust_problem_indic, "name", "UNKNOWN")
        why = f"its certificate leads to none of the {len(trust)} trusted roots ({reason})"
    elif not why and not status.bottom_line:
        why = "its time stamp does not hold"
    if why:
        raise SignatureUntrusted(
            f"The signature by {name} is not trusted: {why}. Give the root that the sender's "
            "certificate leads to, or ask the sender.",
            signer=name,
            reason=why,
        )
    anchor = status.validation_path.first.dump()
    root = next(each for each in trust if each.public_bytes(Encoding.DER) == anchor)
    stamp = status.timestamp_validity
    return DetachedEvidence(
        signer=name,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        root=root.subject.rfc4514_string(),
        root_fingerprint=root.fingerprint(hashes.SHA256()).hex(),
        mechanism=status.pkcs7_signature_mechanism,
        digest=status.md_algorithm,
        claimed_at=_claimed(signed),
        stamped_at=stamp.timestamp if stamp is not None else None,
        checked_at=at,
    )


def _claimed(signed: Any) -> datetime.datetime | None:
    for each in signed["signer_infos"][0]["signed_attrs"]:
        if each["type"].native == "signing_time":
            claimed: datetime.datetime = each["values"][0].native
            return claimed
    return None


def _invalid(why: str) -> NoReturn:
    raise SignatureInvalid(
        f"The signature is not valid: {why}. Ask the sender for both files again."
    )
