"""Time stamps: what a time-stamping authority is asked, and whether its answer is good.

RFC 3161, with RFC 5816 (ESSCertIDv2). Nothing here speaks to a network: that is what a
`TimestampAuthority` does, for instance `sipadek.trust_services.HttpTimestampAuthority`.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
from typing import Any, Protocol

import attrs
from cryptography import x509

from sipadek.errors import InvalidInput, SignatureInvalid, TimestampFailed
from sipadek.signing.cms_reading import read_signed_data

_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_DIGESTS = ("sha256", "sha384", "sha512")
_MAX_REPLY = 1024 * 1024


class TimestampAuthority(Protocol):
    """Something that gives time stamps."""

    @property
    def token_size(self) -> int:
        """The greatest length of a token, in bytes; that much room is left for it."""
        ...

    def stamp(self, digest: bytes, algorithm: str) -> bytes:
        """A DER TimeStampToken over ``digest``, made by ``algorithm`` (hashlib's name).

        Raises:
            TrustServiceUnavailable: it did not answer.
            TimestampFailed: it refused, or its answer is not good.
        """
        ...


@attrs.frozen(kw_only=True)
class Timestamp:
    """A token that was found good in itself; whether its authority is trusted is another question.

    ``at`` is its time (UTC), ``policy`` the OID of the policy that it was given under,
    ``certificate`` the authority's, ``certificates`` are all that the token holds.
    """

    token: bytes = attrs.field(repr=False)
    at: datetime.datetime
    policy: str
    certificate: x509.Certificate
    certificates: tuple[x509.Certificate, ...]


def timestamp_request(digest: bytes, algorithm: str, *, nonce: int, policy: str = "") -> bytes:
    """A DER TimeStampReq that asks for the authority's certificate too (RFC 3161, 2.4.1).

    ``nonce`` is a fresh random number of 63 bits or fewer (longer ones trouble some authorities);
    ``policy`` an OID, by default the authority's own.

    Raises InvalidInput for another digest than SHA-256, SHA-384 or SHA-512.
    """
    from asn1crypto import tsp

    if algorithm not in _DIGESTS or len(digest) != hashlib.new(algorithm).digest_size:
        raise InvalidInput(
            f"a digest of {len(digest)} bytes by {algorithm} cannot be stamped; give a whole one by"
            " sha256, sha384 or sha512"
        )
    imprint = {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}
    fields: dict[str, Any] = {
        "version": "v1",
        "message_imprint": imprint,
        "nonce": nonce,
        "cert_req": True,
    }
    if policy:
        fields["req_policy"] = policy
    return bytes(tsp.TimeStampReq(fields).dump())


def token_of_reply(
    reply: bytes, digest: bytes, algorithm: str, *, nonce: int, policy: str = ""
) -> bytes:
    """The token in a DER TimeStampResp, once it is seen to answer that request and to be good.

    Raises TimestampFailed where the authority refused, or the reply is none to that request.
    """
    if len(reply) > _MAX_REPLY:
        raise TimestampFailed(f"the authority's reply is larger than {_MAX_REPLY} bytes")
    try:
        response = _reply_type().load(reply, strict=True)
        status = response["status"]
        state = status["status"].native
        text = "; ".join(status["status_string"].native or ())[:200]
        failure = ", ".join(sorted(status["fail_info"].native or ()))
        granted = state in ("granted", "granted_with_mods")
        token = bytes(response["time_stamp_token"].dump()) if granted else b""
    except Exception as error:
        raise TimestampFailed(
            f"the authority's reply is no time stamp response ({type(error).__name__}); check its"
            " address"
        ) from error
    if not granted:
        raise TimestampFailed(
            f"the authority refused ({state}; {failure or 'no cause given'}; {text or 'no text'})",
            status=state,
        )
    stamp, info = _checked(token, digest, algorithm)
    if info["nonce"].native != nonce:
        raise TimestampFailed("the reply answers another request: its nonce differs; ask again")
    if policy and stamp.policy != policy:
        raise TimestampFailed(f"asked for policy {policy}, got a stamp under {stamp.policy}")
    return token


@functools.cache
def _reply_type() -> Any:
    """TimeStampResp, whose token is optional (asn1crypto's own has it required, and so cannot read a
    refusal)."""
    from asn1crypto import cms, core, tsp

    fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]
    return type("TimeStampResp", (core.Sequence,), {"_fields": fields})


def check_token(token: bytes, digest: bytes, algorithm: str) -> Timestamp:
    """The stamp that ``token`` is, over ``digest`` by ``algorithm``.

    Its signature is verified, its certificate must be in it, be for time stamps alone (a critical
    extended key usage, RFC 3161, 2.3), and be valid at the stamp's time.

    Raises TimestampFailed where any of that does not hold.
    """
    return _checked(token, digest, algorithm)[0]


def read_token(token: bytes, digest: Any) -> Timestamp:
    """As `check_token`, for a token that says itself by which algorithm: ``digest(name)`` gives the
    digest by hashlib's name."""
    name = _info(read_token_content(token))["message_imprint"]["hash_algorithm"]["algorithm"].native
    if name not in _DIGESTS:
        raise TimestampFailed(f"the stamp's digest {name} is too weak or not known")
    return _checked(token, digest(name), name)[0]


def read_token_content(token: bytes) -> bytes:
    """The DER TSTInfo in a token. Raises TimestampFailed."""
    try:
        content = read_signed_data(token).content
    except SignatureInvalid as error:
        raise TimestampFailed(f"the time stamp cannot be read: {error.message}") from error
    return content or b""


def stamp_digest(authority: TimestampAuthority, digest: bytes) -> Timestamp:
    """Ask ``authority`` for a stamp over a SHA-256 digest, and check what comes.

    Raises TimestampFailed, or TrustServiceUnavailable from the authority.
    """
    return check_token(authority.stamp(digest, "sha256"), digest, "sha256")


def _info(content: bytes) -> Any:
    from asn1crypto import tsp

    try:
        info = tsp.TSTInfo.load(content, strict=True)
        _ = info.native
    except Exception as error:
        raise TimestampFailed("the time stamp says nothing that can be read") from error
    return info


def _checked(token: bytes, digest: bytes, algorithm: str) -> tuple[Timestamp, Any]:
    try:
        data = read_signed_data(token)
        content = data.content or b""
        if data.content_type != _TST_INFO:
            raise TimestampFailed("the token holds something else than a time stamp")
        info = _info(content)
        data.verify(lambda name: hashlib.new(name, content).digest())
    except SignatureInvalid as error:
        raise TimestampFailed(f"the time stamp is not good: {error.message}") from error
    imprint = info["message_imprint"]
    same = imprint["hash_algorithm"]["algorithm"].native == algorithm
    if not same or imprint["hashed_message"].native != digest:
        raise TimestampFailed("the time stamp is over other bytes than were sent")
    at = info["gen_time"].native
    problem = _certificate_problem(data.certificate, at)
    if problem:
        raise TimestampFailed(f"the authority's certificate cannot stamp: {problem}")
    stamp = Timestamp(
        token=token,
        at=at,
        policy=info["policy"].dotted,
        certificate=data.certificate,
        certificates=data.certificates,
    )
    return stamp, info


def _certificate_problem(certificate: x509.Certificate, at: datetime.datetime) -> str:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return "it has no extended key usage"
    if list(found.value) != [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING] or not found.critical:
        return "its extended key usage is not timeStamping alone, and critical"
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return f"it is not valid at {at.isoformat()}"
    return ""
