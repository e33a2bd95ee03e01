"""CMS SignedData for a detached PDF signature at PAdES level B-B.

Written with ``cryptography.hazmat.asn1``, whose interface is not promised to stay; so this is the
only module that imports it, and the tests hold it to golden bytes. RFC 5652 (CMS), RFC 5035
(signing-certificate-v2), ETSI EN 319 142-1 (PAdES: no signingTime among the signed attributes).

What is the same for every signature of a signer is encoded once and kept; only public certificates
are kept.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import SigningError
from sipadek.signing.signer import Scheme, Signatory

_Oid = x509.ObjectIdentifier

_DATA = _Oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = _Oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = _Oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = _Oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = _Oid("1.2.840.113549.1.9.5")
_SIGNATURE_TIMESTAMP = _Oid("1.2.840.113549.1.9.16.2.14")
_SIGNING_CERTIFICATE_V2 = _Oid("1.2.840.113549.1.9.16.2.47")
_DIGESTS = {
    "sha256": _Oid("2.16.840.1.101.3.4.2.1"),
    "sha384": _Oid("2.16.840.1.101.3.4.2.2"),
    "sha512": _Oid("2.16.840.1.101.3.4.2.3"),
}
_SET, _CONTEXT_0, _CONTEXT_1 = b"\x31", b"\xa0", b"\xa1"


@asn1.sequence
class _Digest:
    """AlgorithmIdentifier of a SHA-2 digest: parameters absent (RFC 5754)."""

    algorithm: _Oid


@asn1.sequence
class _Mechanism:
    """AlgorithmIdentifier of a signature whose parameters are present."""

    algorithm: _Oid
    parameters: asn1.TLV


@asn1.sequence
class _BareMechanism:
    algorithm: _Oid


@asn1.sequence
class _CertificateId:
    """ESSCertIDv2 with the default digest (SHA-256) and without the issuer, which is but a hint."""

    digest: bytes


@asn1.sequence
class _SigningCertificate:
    certificates: list[_CertificateId]


@asn1.sequence
class _Attribute:
    type: _Oid
    values: asn1.SetOf[_Oid | bytes | _SigningCertificate | asn1.UTCTime | asn1.GeneralizedTime]


@asn1.sequence
class _IssuerAndSerial:
    issuer: asn1.TLV
    serial: asn1.TLV


@asn1.sequence
class _SignerInfo:
    version: int
    signer: _IssuerAndSerial
    digest: _Digest
    attributes: asn1.TLV
    mechanism: asn1.TLV
    signature: bytes


@asn1.sequence
class _StampedSignerInfo:
    """The same with unsigned attributes behind it (optional TLVs cannot be declared)."""

    version: int
    signer: _IssuerAndSerial
    digest: _Digest
    attributes: asn1.TLV
    mechanism: asn1.TLV
    signature: bytes
    unsigned: asn1.TLV


@asn1.sequence
class _TokenAttribute:
    type: _Oid
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _DetachedContent:
    type: _Oid


@asn1.sequence
class _SignedData:
    version: int
    digests: asn1.SetOf[_Digest]
    content: _DetachedContent
    certificates: asn1.TLV
    signers: asn1.TLV


@asn1.sequence
class _ContentInfo:
    type: _Oid
    content: Annotated[_SignedData, asn1.Explicit(0)]


@asn1.sequence
class _ToBeSigned:
    """The fields of a certificate, for the exact bytes of its issuer and serial number."""

    version: Annotated[int, asn1.Explicit(0), asn1.Default(0)]
    serial: asn1.TLV
    mechanism: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: asn1.TLV
    issuer_id: Annotated[asn1.BitString | None, asn1.Implicit(1)]
    subject_id: Annotated[asn1.BitString | None, asn1.Implicit(2)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class _Holder:
    """Only a SEQUENCE can be encoded by itself; this one holds a SET OF."""

    members: asn1.SetOf[asn1.TLV]


def signed_attributes(
    certificate: x509.Certificate,
    scheme: Scheme,
    message_digest: bytes,
    *,
    signing_time: datetime.datetime | None = None,
) -> bytes:
    """The attributes to sign, as a DER SET OF: this is the message for ``Signer.sign_many``.

    ``message_digest`` is the digest, by ``scheme.digest``, of the bytes that /ByteRange names, or of
    the whole file that is signed. ``signing_time`` (aware) is the claimed time: CAdES asks for it,
    PAdES forbids it.

    Raises:
        SigningError: the digest has another length than ``scheme.digest`` gives.
    """
    expected = hashlib.new(scheme.digest).digest_size
    if len(message_digest) != expected:
        raise SigningError(
            f"The message digest has {len(message_digest)} bytes; {scheme.digest} gives "
            f"{expected}. Digest the document with the scheme's digest.",
            digest=scheme.digest,
        )
    digest = _Attribute(type=_MESSAGE_DIGEST, values=asn1.SetOf([message_digest]))
    kinds = [_content_type(), _signing_certificate(certificate), _tlv(asn1.encode_der(digest))]
    if signing_time is not None:
        kinds.append(_signing_time(signing_time))
    return _set_of(kinds)


def signed_data(
    signer: Signatory, attributes: bytes, signature: bytes, *, timestamp: bytes = b""
) -> bytes:
    """The whole CMS, a DER ContentInfo, ready for /Contents.

    ``timestamp`` is a DER TimeStampToken over the signature (RFC 3161, appendix A); it becomes an
    unsigned attribute. Empty: none.

    ``attributes`` comes from :func:`signed_attributes`, ``signature`` from ``signer.sign_many``. It
    is not checked here that the signature fits them.

    Raises:
        SigningError: the signature is longer than the scheme says, or shorter where all are of one
            length; or ``attributes`` is no DER SET.
    """
    scheme = signer.scheme
    if len(signature) > scheme.signature_size or (
        scheme.fixed_size and len(signature) < scheme.signature_size
    ):
        raise SigningError(
            f"The signer gave a signature of {len(signature)} bytes; its scheme {scheme.name} "
            f"announces {scheme.signature_size}. Use the scheme that fits the key.",
            scheme=scheme.name,
        )
    if attributes[:1] != _SET:
        raise SigningError("The signed attributes are not a DER SET. Use signed_attributes().")
    certificates = (signer.certificate, *signer.chain)
    return _content_info(certificates, scheme, attributes, signature, timestamp)


def signed_data_size(signer: Signatory, *, token_size: int = 0) -> int:
    """The greatest length of :func:`signed_data`, in bytes: exact where ``scheme.fixed_size``.

    ``token_size`` is the greatest length of a time stamp's token in it; 0 for none. No key is used.
    """
    return _size((signer.certificate, *signer.chain), signer.scheme, token_size)


@functools.lru_cache(maxsize=256)
def _size(certificates: tuple[x509.Certificate, ...], scheme: Scheme, token_size: int) -> int:
    digest = bytes(hashlib.new(scheme.digest).digest_size)
    attributes = signed_attributes(certificates[0], scheme, digest)
    signature = bytes(scheme.signature_size)
    token = _filler(token_size) if token_size else b""
    return len(_content_info(certificates, scheme, attributes, signature, token))


def _filler(size: int) -> bytes:
    """Some DER value of ``size`` bytes, or one more where no value has just that length."""
    if size < 2 + 0x80:
        length = max(size - 2, 0)
        return b"\x04" + bytes([length]) + bytes(length)
    for octets in range(1, 4):
        length = max(size - 2 - octets, 0x80 if octets == 1 else 1 << 8 * (octets - 1))
        if length < 1 << 8 * octets:
            return b"\x04" + bytes([0x80 | octets]) + length.to_bytes(octets, "big") + bytes(length)
    raise SigningError(f"a time stamp of {size} bytes is too large for a signature")


def _content_info(
    certificates: tuple[x509.Certificate, ...],
    scheme: Scheme,
    attributes: bytes,
    signature: bytes,
    timestamp: bytes = b"",
) -> bytes:
    """``certificates`` begins with the signer's."""
    digest = _digest(scheme.digest)
    fields = _SignerInfo(
        version=1,
        signer=_issuer_and_serial(certificates[0]),
        digest=digest,
        attributes=_tlv(_CONTEXT_0 + attributes[1:]),
        mechanism=_mechanism(scheme),
        signature=signature,
    )
    info = asn1.encode_der(_stamped(fields, timestamp) if timestamp else fields)
    data = _SignedData(
        version=1,
        digests=asn1.SetOf([digest]),
        content=_DetachedContent(type=_DATA),
        certificates=_certificates(certificates),
        signers=_tlv(_set_of([_tlv(info)])),
    )
    return asn1.encode_der(_ContentInfo(type=_SIGNED_DATA, content=data))


def _stamped(info: _SignerInfo, token: bytes) -> _StampedSignerInfo:
    try:
        values = asn1.SetOf([_tlv(token)])
    except ValueError:
        raise SigningError(
            "The time stamp is not DER and cannot stand in a signature. Use another authority."
        ) from None
    attribute = asn1.encode_der(_TokenAttribute(type=_SIGNATURE_TIMESTAMP, values=values))
    return _StampedSignerInfo(
        version=info.version,
        signer=info.signer,
        digest=info.digest,
        attributes=info.attributes,
        mechanism=info.mechanism,
        signature=info.signature,
        unsigned=_tlv(_CONTEXT_1 + _set_of([_tlv(attribute)])[1:]),
    )


def _tlv(der: bytes) -> asn1.TLV:
    return asn1.decode_der(asn1.TLV, der)


def _set_of(members: list[asn1.TLV]) -> bytes:
    """DER SET OF; the encoder puts the members in DER's order."""
    held = asn1.encode_der(_Holder(members=asn1.SetOf(members)))
    return held[2 if held[1] < 0x80 else 2 + (held[1] & 0x7F) :]


@functools.cache
def _content_type() -> asn1.TLV:
    return _tlv(asn1.encode_der(_Attribute(type=_CONTENT_TYPE, values=asn1.SetOf([_DATA]))))


def _signing_time(at: datetime.datetime) -> asn1.TLV:
    """UTCTime for the years 1950 to 2049, GeneralizedTime for others (RFC 5652, 11.3)."""
    moment = at.astimezone(datetime.UTC).replace(microsecond=0)
    utc_time = 1950 <= moment.year < 2050
    value = asn1.UTCTime(moment) if utc_time else asn1.GeneralizedTime(moment)
    return _tlv(asn1.encode_der(_Attribute(type=_SIGNING_TIME, values=asn1.SetOf([value]))))


@functools.cache
def _digest(name: str) -> _Digest:
    return _Digest(algorithm=_DIGESTS[name])


@functools.lru_cache(maxsize=64)
def _mechanism(scheme: Scheme) -> asn1.TLV:
    algorithm = _Oid(scheme.oid)
    if not scheme.parameters:
        return _tlv(asn1.encode_der(_BareMechanism(algorithm=algorithm)))
    mechanism = _Mechanism(algorithm=algorithm, parameters=_tlv(scheme.parameters))
    return _tlv(asn1.encode_der(mechanism))


@functools.lru_cache(maxsize=256)
def _signing_certificate(certificate: x509.Certificate) -> asn1.TLV:
    identifier = _CertificateId(
        digest=hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    )
    value = _SigningCertificate(certificates=[identifier])
    attribute = _Attribute(type=_SIGNING_CERTIFICATE_V2, values=asn1.SetOf([value]))
    return _tlv(asn1.encode_der(attribute))


@functools.lru_cache(maxsize=256)
def _issuer_and_serial(certificate: x509.Certificate) -> _IssuerAndSerial:
    try:
        fields = asn1.decode_der(_ToBeSigned, certificate.tbs_certificate_bytes)
    except ValueError as error:
        raise SigningError(
            "The signer's certificate is not strict DER and cannot be named in a signature. "
            "Ask its issuer for a well-formed one."
        ) from error
    return _IssuerAndSerial(issuer=fields.issuer, serial=fields.serial)


@functools.lru_cache(maxsize=256)
def _certificates(certificates: tuple[x509.Certificate, ...]) -> asn1.TLV:
    """The certificates field: [0] IMPLICIT SET OF."""
    members = [_tlv(each.public_bytes(Encoding.DER)) for each in certificates]
    return _tlv(_CONTEXT_0 + _set_of(members)[1:])
