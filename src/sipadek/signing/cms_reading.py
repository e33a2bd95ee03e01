"""Reading a CMS SignedData that others made, and checking its one signature.

asn1crypto reads it: the world's CMS is not all strict DER. It is imported on first use, so that filing
does not pay for it. RFC 5652, 5.4 and 5.6; RFC 5035 (signing certificate).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import attrs
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import SignatureInvalid

MAX_CERTIFICATES = 64
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@attrs.frozen(kw_only=True)
class SignedData:
    """A CMS with one signer. ``certificate`` is the signer's, ``certificates`` are all that it holds;
    ``content`` is what it encloses (None where detached); ``tokens`` are the time stamps among its
    unsigned attributes. Nothing is verified before `verify`."""

    certificate: x509.Certificate
    certificates: tuple[x509.Certificate, ...]
    content_type: str
    content: bytes | None
    signature: bytes
    tokens: tuple[bytes, ...]
    _info: Any = attrs.field(repr=False, eq=False)
    _attributes: bytes = attrs.field(repr=False, eq=False)

    def verify(self, digest: Callable[[str], bytes]) -> None:
        """That the signature is good; ``digest(name)`` gives the content's, by hashlib's name.

        Raises:
            SignatureInvalid: it is not, or it uses what is not taken: a digest other than SHA-2, no
                signed attributes, or none that names the certificate.
        """
        info = self._info
        name = info["digest_algorithm"]["algorithm"].native
        if name not in _HASHES:
            raise _invalid(f"its digest {name} is too weak or not known")
        attributes = info["signed_attrs"]
        if not attributes:
            raise _invalid("it has no signed attributes")
        found = {each["type"].native: each["values"] for each in attributes}
        if len(found) != len(attributes) or any(len(each) != 1 for each in found.values()):
            raise _invalid("a signed attribute comes twice")
        message_digest = found.get("message_digest")
        if message_digest is None or message_digest[0].native != digest(name):
            raise _invalid("the digest in it is that of other bytes")
        kind = found.get("content_type")
        if kind is None or kind[0].dotted != self.content_type:
            raise _invalid("it is for content of another kind")
        if not self._names_certificate(found):
            raise _invalid("no signing-certificate attribute names its certificate")
        # As they stand, with the tag of a SET (RFC 5652, 5.4); who did not write DER signed it as DER.
        try:
            self._verify_signature(b"\x31" + self._attributes[1:], name)
        except SignatureInvalid:
            self._verify_signature(attributes.untag().dump(force=True), name)

    def _names_certificate(self, found: dict[str, Any]) -> bool:
        der = self.certificate.public_bytes(Encoding.DER)
        if "signing_certificate_v2" in found:
            first = found["signing_certificate_v2"][0]["certs"][0]
            name = first["hash_algorithm"]["algorithm"].native
        elif "signing_certificate" in found:
            first, name = found["signing_certificate"][0]["certs"][0], "sha1"
        else:
            return False
        if name not in ("sha1", *_HASHES):
            return False
        digest = hashlib.new(name, der, usedforsecurity=False).digest()
        return bool(first["cert_hash"].native == digest)

    def _verify_signature(self, message: bytes, digest: str) -> None:
        algorithm = self._info["signature_algorithm"]
        key = self.certificate.public_key()
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(self.signature, message)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                name = algorithm.hash_algo
                key.verify(self.signature, message, ec.ECDSA(_HASHES[name]()))
            elif isinstance(key, rsa.RSAPublicKey):
                key.verify(self.signature, message, *_rsa(algorithm, digest))
            else:
                raise _invalid("its certificate has a key of a kind that is not taken")
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, KeyError):
            raise _invalid("the signature does not fit its certificate's key") from None


def _rsa(
    algorithm: Any, digest: str
) -> tuple[padding.PKCS1v15 | padding.PSS, hashes.HashAlgorithm]:
    if algorithm.signature_algo == "rsassa_pss":
        parameters = algorithm["parameters"]
        mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
        return padding.PSS(
            mgf=padding.MGF1(_HASHES[mask]()), salt_length=parameters["salt_length"].native
        ), _HASHES[parameters["hash_algorithm"]["algorithm"].native]()
    plain = algorithm["algorithm"].native == "rsassa_pkcs1v15"  # says nothing of the digest
    return padding.PKCS1v15(), _HASHES[digest if plain else algorithm.hash_algo]()


def read_signed_data(der: bytes) -> SignedData:
    """The CMS in ``der``; what follows it must be zeros (as in /Contents).

    Raises SignatureInvalid where it is no SignedData with one signer whose certificate it holds.
    """
    from asn1crypto import cms, parser, tsp  # tsp: knows the attributes of time stamps

    assert tsp
    try:
        end = parser.peek(der)
        if der[end:].strip(b"\0"):
            raise _invalid("other data follows it")
        outer = cms.ContentInfo.load(der[:end], strict=True)
        if outer["content_type"].native != "signed_data":
            raise _invalid("it is no CMS SignedData")
        data = outer["content"]
        if len(data["signer_infos"]) != 1 or len(data["certificates"]) > MAX_CERTIFICATES:
            raise _invalid("it has not one signer, or too many certificates")
        return _read(data)
    except SignatureInvalid:
        raise
    except Exception as error:  # asn1crypto raises what it comes across, late
        raise _invalid(f"it cannot be read ({type(error).__name__})") from error


def _read(data: Any) -> SignedData:
    info = data["signer_infos"][0]
    attributes = bytes(info["signed_attrs"].dump())  # Before reading them makes writing them slow.
    certificates = tuple(
        x509.load_der_x509_certificate(each.chosen.dump())
        for each in data["certificates"]
        if each.name == "certificate"
    )
    signer = next((each for each in certificates if _is(info["sid"], each)), None)
    if signer is None:
        raise _invalid("it does not hold its signer's certificate")
    enclosed = data["encap_content_info"]
    content = enclosed["content"]
    unsigned = info["unsigned_attrs"] or ()
    return SignedData(
        certificate=signer,
        certificates=certificates,
        content_type=enclosed["content_type"].dotted,
        content=None if content.native is None else bytes(content),
        signature=info["signature"].native,
        tokens=tuple(
            value.dump()
            for each in unsigned
            if each["type"].native == "signature_time_stamp_token"
            for value in each["values"]
        ),
        info=info,
        attributes=attributes,
    )


def _is(identifier: Any, certificate: x509.Certificate) -> bool:
    if identifier.name == "subject_key_identifier":
        try:
            found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except (x509.ExtensionNotFound, ValueError):
            return False
        return bool(identifier.chosen.native == found.value.digest)
    chosen = identifier.chosen
    same_serial = chosen["serial_number"].native == certificate.serial_number
    return bool(same_serial and chosen["issuer"].dump() == certificate.issuer.public_bytes())


def _invalid(why: str) -> SignatureInvalid:
    return SignatureInvalid(f"The signature is not valid: {why}. Ask for the file as signed.")
