"""Judging one file, in this process."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from sipadek.errors import (
    NotSigned,
    RevocationUnknown,
    SignatureInvalid,
    SignatureUntrusted,
    SipadekError,
)
from sipadek.signing.dss import ValidationData
from sipadek.signing.usage import usage_problem
from sipadek.signing.verifying.changes import (
    check_none_left_out,
    difference_policy,
    what_came_later,
)
from sipadek.signing.verifying.coverage import check_newest
from sipadek.signing.verifying.evidence import Level, SignatureEvidence, VerificationReport
from sipadek.signing.verifying.fields import check_later_fields
from sipadek.signing.verifying.finding import Found, find, keep_quiet
from sipadek.signing.verifying.revisions import check_revisions
from sipadek.signing.verifying.revocation import in_signature, in_store
from sipadek.signing.verifying.store_only import only_store_follows
from sipadek.signing.verifying.trust import UNTRUSTED, Chain, Roots, revoked
from sipadek.signing.verifying.values import check_none_hidden, unreadable

T = TypeVar("T")

_MOST_SIGNATURES = 64
_MOST_CERTIFICATES = 64
_CLOCK_TOLERANCE = datetime.timedelta(minutes=5)


@attrs.frozen(kw_only=True)
class Question:
    """What a file is judged by. ``known`` is revocation data beside what the file carries."""

    roots: Roots
    timestamp_roots: Roots
    moment: datetime.datetime
    password: str = attrs.field(default="", repr=False)
    require_revocation: bool = False
    known: ValidationData = attrs.Factory(ValidationData)


@attrs.frozen(kw_only=True)
class Judgement:
    """The report, and the certificates (with their issuers) whose revocation is not known."""

    report: VerificationReport
    missing: tuple[tuple[bytes, bytes], ...]


def judge(data: bytes, question: Question) -> Judgement:
    """The judgement of a file whose every signature is good; or an error, whatever goes wrong."""
    if b"/ByteRange" not in data:
        raise NotSigned("The document has no signature. Ask the sender for the signed file.")
    keep_quiet()
    try:
        return _judge_all(data, question)
    except (SipadekError, MemoryError):
        raise
    except Exception as error:
        name = type(error).__name__
        why = unreadable(data) or f"the file is not built as a signed PDF should be ({name})"
        raise SignatureInvalid(
            f"The signatures could not be judged: {why}. Ask the sender for the file as signed.",
            reason=name,
        ) from error


def _judge_all(data: bytes, question: Question) -> Judgement:
    found, reader = find(data, question.password)
    check_none_hidden(data, [each.coverage for each in found])
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
    newest = found[-1]
    covered = newest.coverage.end == len(data)
    stored = not covered and only_store_follows(data, reader, newest)
    check_newest([each.coverage for each in found], newest.coverage.end if stored else len(data))
    if len(found) > 1:
        check_revisions(data, reader, found[0])
        check_later_fields(data, reader, found, question.password)
    if data.count(b"/ByteRange") > len(found):
        check_none_left_out(reader, found)
    carried = in_store(reader)
    for each in found:
        carried |= in_signature(each.embedded)
    judging = _Judge(
        question=question, carried=carried, reader=reader, found=found, covered=covered
    )
    evidence = finish(judging.all())
    report = VerificationReport(
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
        checked_at=question.moment.astimezone(datetime.UTC),
        signatures=evidence,
    )
    return Judgement(report=report, missing=tuple(dict.fromkeys(judging.missing)))


@attrs.define(kw_only=True)
class _Judge:
    """Goes from the newest signature back: the time of each good document time stamp is the time for
    which everything before it is judged."""

    question: Question
    carried: ValidationData
    reader: Any
    found: Sequence[Found]
    covered: bool
    missing: list[tuple[bytes, bytes]] = attrs.Factory(list)

    async def all(self) -> tuple[SignatureEvidence, ...]:
        moment = self.question.moment
        archived: ValidationData | None = None
        evidence = []
        for each in reversed(self.found):
            if each.is_signature:
                evidence.append(await self._signature(each, moment, archived))
                continue
            made = await self._time_stamp(each, moment)
            moment = min(moment, made.stamped_at or moment)
            if archived is None:
                archived = in_store(
                    self.reader.get_historical_resolver(each.embedded.signed_revision)
                )
            evidence.append(made)
        return tuple(reversed(evidence))

    async def _time_stamp(self, found: Found, moment: datetime.datetime) -> SignatureEvidence:
        from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_timestamp

        roots = self.question.timestamp_roots
        status = await async_validate_pdf_timestamp(
            found.embedded,
            roots.context(moment, self._certificates()),
            diff_policy=difference_policy(),
        )
        _check_certificates(found)
        _check_bytes(found, status)
        later = what_came_later(found, status, at_end=self._at_end(found))
        self._check_trust(found, status, moment)
        _check_time(found, status.timestamp, moment)
        chain = self._chain(found, roots, status, moment, moment)
        return await self._evidence(found, status, [chain], later, status.timestamp, "")

    async def _signature(
        self, found: Found, until: datetime.datetime, archived: ValidationData | None
    ) -> SignatureEvidence:
        from pyhanko.sign.validation import pdf_embedded
        from pyhanko.sign.validation.generic_cms import collect_timing_info
        from pyhanko.sign.validation.settings import KeyUsageConstraints

        embedded, question = found.embedded, self.question
        _check_certificates(found)
        stamping = question.timestamp_roots.context(until, self._certificates())
        timing = await collect_timing_info(embedded.signer_info, stamping, embedded.compute_digest)
        stamp = timing.get("timestamp_validity")
        moment = until
        if stamp is not None and stamp.intact and stamp.valid and stamp.trusted:
            _check_time(found, stamp.timestamp, until)
            moment = min(stamp.timestamp, until)
        status = await pdf_embedded.async_validate_pdf_signature(
            embedded,
            question.roots.context(moment, self._certificates()),
            stamping,
            diff_policy=difference_policy(),
            # usage_problem() has the say about key usage.
            key_usage_settings=KeyUsageConstraints(key_usage=set()),
        )
        _check_bytes(found, status)
        later = what_came_later(found, status, at_end=self._at_end(found))
        self._check_trust(found, status, moment)
        chains = [self._chain(found, question.roots, status, moment, until)]
        if stamp is not None:
            roots = question.timestamp_roots
            chains.append(self._chain(found, roots, stamp, until, until))
        proven = stamp is not None or archived is not None
        # The level is about what the file carries for the time that it proves.
        then = [attrs.evolve(each, moment=min(each.moment, moment)) for each in chains]
        level = await self._level(found, then, proven=proven, archived=archived)
        stamped_at = stamp.timestamp if stamp is not None else None
        return await self._evidence(found, status, chains, later, stamped_at, level)

    async def _level(
        self,
        found: Found,
        chains: Sequence[Chain],
        *,
        proven: bool,
        archived: ValidationData | None,
    ) -> Level:
        attributes = {each["type"].native for each in found.embedded.signer_info["signed_attrs"]}
        if found.embedded.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached" or not (
            attributes & {"signing_certificate_v2", "signing_certificate"}
        ):
            return ""
        if not proven:
            return "B-B"
        if archived is not None and await _all_good(
            chains, archived | in_signature(found.embedded)
        ):
            return "B-LTA"
        return "B-LT" if await _all_good(chains, self.carried) else "B-T"

    async def _evidence(
        self,
        found: Found,
        status: Any,
        chains: Sequence[Chain],
        later: Any,
        stamped_at: datetime.datetime | None,
        level: Level,
    ) -> SignatureEvidence:
        certificate = _signer(found)
        root = chains[0].root()
        known = await _all_good(chains, self._data())
        if not known:
            if self.question.require_revocation:
                raise RevocationUnknown(
                    f"Nothing shows whether the certificates behind {found.coverage.field} were "
                    "revoked, and that was required. Give a source of revocation data, or ask the "
                    "sender for a file that carries it (PAdES B-LT).",
                    field=found.coverage.field,
                )
            self.missing += [pair for each in chains for pair in each.pairs()]
        return SignatureEvidence(
            kind="signature" if found.is_signature else "timestamp",
            field=found.coverage.field,
            signer=certificate.subject.rfc4514_string(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            root=root.subject.rfc4514_string(),
            root_fingerprint=root.fingerprint(hashes.SHA256()).hex(),
            scheme=_scheme_name(status.pkcs7_signature_mechanism, status.md_algorithm, certificate),
            digest=status.md_algorithm,
            level=level,
            covered=found.coverage.end,
            entire_file=self._at_end(found),
            later=later,
            claimed_at=_utc(found.embedded.self_reported_timestamp if found.is_signature else None),
            stamped_at=_utc(stamped_at),
            checked_at=chains[0].moment.astimezone(datetime.UTC),
            revocation="good" if known else "unknown",
        )

    def _at_end(self, found: Found) -> bool:
        """Whether it covers the file to its end."""
        return self.covered and found is self.found[-1]

    def _certificates(self) -> ValidationData:
        """To build chains with; revocation is judged on its own, since stale answers are no fault."""
        return ValidationData(certificates=self._data().certificates)

    def _data(self) -> ValidationData:
        return self.carried | self.question.known

    def _chain(
        self,
        found: Found,
        roots: Roots,
        status: Any,
        moment: datetime.datetime,
        until: datetime.datetime,
    ) -> Chain:
        return Chain(
            path=status.validation_path,
            roots=roots,
            field=found.coverage.field,
            moment=moment,
            until=max(moment, until),
        )

    def _check_trust(self, found: Found, status: Any, moment: datetime.datetime) -> None:
        certificate = _signer(found)
        field, name = found.coverage.field, certificate.subject.rfc4514_string()
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        why = ""
        if status.revocation_details is not None:
            details = status.revocation_details
            raise revoked(field, details.revocation_date, ca=details.ca_revoked)
        if not start <= moment <= end:
            why = (
                f"its certificate is valid from {start.isoformat()} to {end.isoformat()}, "
                f"not at {moment.isoformat()}"
            )
        elif not status.trusted:
            reason = getattr(status.trust_problem_indic, "name", "UNKNOWN")
            why = UNTRUSTED.get(reason, f"the chain of its certificate was refused ({reason})")
        elif found.is_signature:
            why = usage_problem(certificate)
            if not why and not status.bottom_line:
                why = "its time stamp or the rules of its form field do not hold"
        if why:
            roots = self.question.roots if found.is_signature else self.question.timestamp_roots
            raise SignatureUntrusted(
                f"The signature in {field} by {name} is not trusted: {why}. "
                f"{len(roots.certificates)} trusted roots were given.",
                field=field,
                signer=name,
                reason=why,
            )


async def _all_good(chains: Sequence[Chain], data: ValidationData) -> bool:
    return all([await each.revocation(data) == "good" for each in chains])


def _check_certificates(found: Found) -> None:
    if len(found.embedded.signed_data["certificates"]) > _MOST_CERTIFICATES:
        raise _invalid(found, f"it holds more than {_MOST_CERTIFICATES} certificates")


def _check_bytes(found: Found, status: Any) -> None:
    if not (status.intact and status.valid):
        raise _invalid(found, "the bytes it covers were altered, or it was never good")


def _check_time(found: Found, stamped_at: datetime.datetime, moment: datetime.datetime) -> None:
    """That a time stamp is not later than what came behind it, or than the time of judging."""
    if stamped_at > moment + _CLOCK_TOLERANCE:
        raise SignatureUntrusted(
            f"The time stamp in {found.coverage.field} is of {stamped_at.isoformat()}, after "
            f"{moment.isoformat()}, when it must already have been there. Check the clocks.",
            field=found.coverage.field,
        )


def _utc(at: datetime.datetime | None) -> datetime.datetime | None:
    """The same instant; a time without a zone, which a signer may claim, stays as it is."""
    return at if at is None or at.tzinfo is None else at.astimezone(datetime.UTC)


def _signer(found: Found) -> x509.Certificate:
    return x509.load_der_x509_certificate(found.embedded.signer_cert.dump())


def _invalid(found: Found, why: str) -> SignatureInvalid:
    field = found.coverage.field
    return SignatureInvalid(
        f"The signature in {field} is not valid: {why}. Ask the sender for the file as signed.",
        field=field,
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


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result, also where the caller's thread runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
