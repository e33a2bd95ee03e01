"""The trust services of a throw-away authority: time stamps, OCSP answers, CRLs, and revoking.

They are real in form and signature, and they serve in place of the network: `SampleTimestamps` is a
`TimestampAuthority`, `SampleRevocation` a `RevocationSource`. `sipadek.testing.trust_server` puts them
behind a local HTTP server.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeAlias

import attrs
from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from sipadek.signing.keys import PrivateKey
from sipadek.testing.authority import Authority, Credential

Clock: TypeAlias = Callable[[], datetime.datetime]
TimestampFault: TypeAlias = Literal["", "rejected", "nonce", "imprint", "signature"]
RevocationFault: TypeAlias = Literal["", "stale", "unknown", "signature", "other certificate"]

POLICY = "1.3.6.1.4.1.13762.3"
"""The policy of the stamps; of nobody's in particular."""

_DAY = datetime.timedelta(days=1)


class _Refusal(core.Sequence):  # type: ignore[misc]
    """TimeStampResp without a token."""

    _fields: ClassVar[Any] = [("status", tsp.PKIStatusInfo)]


@attrs.define(kw_only=True)
class SampleTimestamps:
    """A time-stamping authority. ``fault`` makes its answers wrong in one way."""

    credential: Credential
    clock: Clock
    fault: TimestampFault = ""

    @property
    def token_size(self) -> int:
        """As the protocol has it; learned from a token, with room for longer numbers."""
        return len(self._token(bytes(32), "sha256", None)) + 32

    def stamp(self, digest: bytes, algorithm: str) -> bytes:
        """As the protocol has it."""
        return self._token(digest, algorithm, None)

    def reply(self, request: bytes) -> bytes:
        """The DER TimeStampResp to a DER TimeStampReq."""
        asked = tsp.TimeStampReq.load(request)
        if self.fault == "rejected":
            status = {"status": "rejection", "status_string": ["ditolak"], "fail_info": {"bad_alg"}}
            return bytes(_Refusal({"status": status}).dump())
        imprint = asked["message_imprint"]
        digest = imprint["hashed_message"].native
        if self.fault == "imprint":
            digest = hashlib.sha256(digest).digest()
        nonce = asked["nonce"].native
        if self.fault == "nonce" and nonce is not None:
            nonce += 1
        token = self._token(digest, imprint["hash_algorithm"]["algorithm"].native, nonce)
        answer = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}
        return bytes(tsp.TimeStampResp(answer).dump())

    def _token(self, digest: bytes, algorithm: str, nonce: int | None) -> bytes:
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": {
                    "hash_algorithm": {"algorithm": algorithm},
                    "hashed_message": digest,
                },
                "serial_number": secrets.randbits(63),
                "gen_time": self.clock().replace(microsecond=0),
                "nonce": nonce,
            }
        )
        return _enveloped(info.dump(), self.credential, spoil=self.fault == "signature")


def _enveloped(content: bytes, credential: Credential, *, spoil: bool) -> bytes:
    certificates = [_as_asn1(each) for each in (credential.certificate, *credential.chain)]
    signing = tsp.SigningCertificateV2(
        {
            "certs": [
                {"cert_hash": certificates[0].sha256, "hash_algorithm": {"algorithm": "sha256"}}
            ]
        }
    )
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [signing]},
        ]
    )
    signature, algorithm = _signature(credential.key, attributes.dump())
    if spoil:
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    info = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificates[0].issuer,
                "serial_number": certificates[0].serial_number,
            }
        },
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": attributes,
        "signature_algorithm": algorithm,
        "signature": signature,
    }
    data = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": cms.ParsableOctetString(content),
        },
        "certificates": certificates,
        "signer_infos": [info],
    }
    outer = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})
    return bytes(outer.dump())


def _as_asn1(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _signature(key: PrivateKey, message: bytes) -> tuple[bytes, Any]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raise TypeError("sample time stamps take RSA and ECDSA keys only")
    if isinstance(key, ec.EllipticCurvePrivateKey):
        made, name = key.sign(message, ec.ECDSA(hashes.SHA256())), "sha256_ecdsa"
    else:
        made, name = key.sign(message, padding.PKCS1v15(), hashes.SHA256()), "sha256_rsa"
    return made, algos.SignedDigestAlgorithm({"algorithm": name})


@attrs.define(kw_only=True)
class SampleRevocation:
    """What an authority says about its certificates. Answers hold for ``hold`` from ``clock()`` on.

    With ``responder`` it signs OCSP answers, else the issuers do. ``no_ocsp`` and ``no_crl`` leave a
    service out; ``fault`` makes OCSP answers wrong in one way.
    """

    authority: Authority
    clock: Clock
    responder: Credential | None = None
    hold: datetime.timedelta = 7 * _DAY
    no_ocsp: bool = False
    no_crl: bool = False
    fault: RevocationFault = ""
    _revoked: dict[int, datetime.datetime] = attrs.field(factory=dict)

    def revoke(self, certificate: x509.Certificate, at: datetime.datetime | None = None) -> None:
        """Revoke a certificate as of ``at`` (aware), by default now."""
        self._revoked[certificate.serial_number] = at or self.clock()

    def ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """As the protocol has it."""
        if self.no_ocsp:
            return None
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
        return self.ocsp_reply(builder.build().public_bytes(Encoding.DER))

    def crl(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """As the protocol has it."""
        del certificate
        return None if self.no_crl else self.crl_of(issuer)

    def issuers(self, certificate: x509.Certificate) -> list[x509.Certificate]:
        """As the protocol has it."""
        ours = (self.authority.root, self.authority.intermediate)
        return [each for each in ours if each.subject == certificate.issuer]

    def ocsp_reply(self, request: bytes) -> bytes:
        """The DER OCSPResponse to a DER OCSPRequest."""
        asked = ocsp.load_der_ocsp_request(request)
        issuer, key = self._issuer(asked.issuer_name_hash)
        serial = asked.serial_number + (self.fault == "other certificate")
        revoked = self._revoked.get(asked.serial_number)
        state = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        if self.fault == "unknown":
            state, revoked = ocsp.OCSPCertStatus.UNKNOWN, None
        start = self.clock() - (2 * self.hold if self.fault == "stale" else datetime.timedelta())
        signer, signing_key = issuer, key
        if self.responder is not None and issuer == self.authority.intermediate:
            signer, signing_key = self.responder.certificate, self.responder.key
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=serial,
            algorithm=asked.hash_algorithm,
            cert_status=state,
            this_update=start,
            next_update=start + self.hold,
            revocation_time=revoked,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
        if signer != issuer:
            builder = builder.certificates([signer])
        made = builder.sign(signing_key, _digest(signing_key))
        der = made.public_bytes(Encoding.DER)
        if self.fault == "signature":
            spoilt = made.signature[:-1] + bytes([made.signature[-1] ^ 1])
            der = der.replace(made.signature, spoilt)
        return der

    def crl_of(self, issuer: x509.Certificate) -> bytes:
        """The DER CRL of the root or of the intermediate authority."""
        start = self.clock()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(start)
            .next_update(start + self.hold)
            .add_extension(x509.CRLNumber(int(start.timestamp())), critical=False)
        )
        for serial, at in self._revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        at_root = issuer == self.authority.root
        key = self.authority.root_key if at_root else self.authority.intermediate_key
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        signed = builder.add_extension(identifier, critical=False).sign(key, _digest(key))
        return signed.public_bytes(Encoding.DER)

    def _issuer(self, name_hash: bytes) -> tuple[x509.Certificate, PrivateKey]:
        root = self.authority.root.subject.public_bytes()
        if hashlib.sha1(root, usedforsecurity=False).digest() == name_hash:
            return self.authority.root, self.authority.root_key
        return self.authority.intermediate, self.authority.intermediate_key


def _digest(key: PrivateKey) -> hashes.SHA256 | None:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
