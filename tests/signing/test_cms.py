from __future__ import annotations

import datetime
import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import which
from typing import Any

import attrs
import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import tsp as asn1_tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given, settings
from hypothesis import strategies as st
from signing_documents import NOW, as_asn1, certificate

from sipadek.errors import SigningError
from sipadek.signing import (
    ECDSA_P256,
    ECDSA_P384,
    ED25519,
    Scheme,
    rsa_pkcs1,
    rsa_pss,
    signed_attributes,
    signed_data,
    signed_data_size,
)
from sipadek.testing.authority import Authority, Credential, KeyKind, new_key

SCHEMES = [rsa_pkcs1(256), rsa_pss(384), ECDSA_P256, ECDSA_P384, ED25519]
KINDS: list[tuple[KeyKind, bool]] = [
    ("rsa-2048", False),
    ("rsa-2048", True),
    ("rsa-3072", False),
    ("p256", False),
    ("p384", False),
    ("ed25519", False),
]


@attrs.frozen(kw_only=True)
class FixedSigner:
    """Signs with whatever it was told to: the bytes around the signature are what matters."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    scheme: Scheme = ED25519

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        return [b"\xab" * self.scheme.signature_size for _ in messages]


def fixed_certificate() -> x509.Certificate:
    """The same bytes in every run: a fixed key, serial number and time; Ed25519 has no chance."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "UJI")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x8001)
        .not_valid_before(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC))
        .sign(key, None)
    )


def made(signer: Any, digest: bytes | None = None) -> tuple[bytes, bytes]:
    digest = digest or hashlib.new(signer.scheme.digest, b"surat").digest()
    attributes = signed_attributes(signer.certificate, signer.scheme, digest)
    [signature] = signer.sign_many([attributes])
    return attributes, signed_data(signer, attributes, signature)


# --- golden bytes: hazmat.asn1 is not promised to stay --------------------------------------------

GOLDEN_CERTIFICATE = (
    "3081c9307da0030201020203008001300506032b6570300e310c300a06035504030c03554a49301e170d3236"
    "303130313030303030305a170d3237303130313030303030305a300e310c300a06035504030c03554a49302a"
    "300506032b657003210003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b83005"
    "06032b6570034100b87a6e3a3d77235463fde956f814e3cecc4d4b04344a93efebd73201b8b2b1db63bdf284"
    "22638777dfa86509992056a26c1b1eb19b8c8e9dbffd11e77fcd420f"
)
GOLDEN_ATTRIBUTES_SHA256 = (
    "318184301806092a864886f70d010903310b06092a864886f70d010701302f06092a864886f70d0109043122"
    "0420000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3037060b2a864886f70d"
    "010910022f31283026302430220420234fd89386339dfcbbc0ae832b126c473cf60efca4e67a323cc6feec2f"
    "1ec9b2"
)
GOLDEN_ATTRIBUTES_SHA512 = (
    "3181a4301806092a864886f70d010903310b06092a864886f70d0107013037060b2a864886f70d010910022f"
    "31283026302430220420234fd89386339dfcbbc0ae832b126c473cf60efca4e67a323cc6feec2f1ec9b2304f"
    "06092a864886f70d01090431420440000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
    "1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
)
GOLDEN_SIGNED_DATA = (
    "3082022006092a864886f70d010702a08202113082020d020101310d300b0609608648016503040203300b06"
    "092a864886f70d010701a081cc3081c9307da0030201020203008001300506032b6570300e310c300a060355"
    "04030c03554a49301e170d3236303130313030303030305a170d3237303130313030303030305a300e310c30"
    "0a06035504030c03554a49302a300506032b657003210003a107bff3ce10be1d70dd18e74bc09967e4d6309b"
    "a50d5f1ddc8664125531b8300506032b6570034100b87a6e3a3d77235463fde956f814e3cecc4d4b04344a93"
    "efebd73201b8b2b1db63bdf28422638777dfa86509992056a26c1b1eb19b8c8e9dbffd11e77fcd420f318201"
    "1b308201170201013015300e310c300a06035504030c03554a490203008001300b0609608648016503040203"
    "a081a4301806092a864886f70d010903310b06092a864886f70d0107013037060b2a864886f70d010910022f"
    "31283026302430220420234fd89386339dfcbbc0ae832b126c473cf60efca4e67a323cc6feec2f1ec9b2304f"
    "06092a864886f70d01090431420440000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
    "1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f300506032b65700440"
    "abababababababababababababababababababababababababababababababababababababababababababab"
    "abababababababababababababababababababab"
)


def test_golden_attributes() -> None:
    fixed = fixed_certificate()
    assert fixed.public_bytes(Encoding.DER).hex() == GOLDEN_CERTIFICATE
    small = signed_attributes(fixed, ECDSA_P256, bytes(range(32)))
    assert small.hex() == GOLDEN_ATTRIBUTES_SHA256
    large = signed_attributes(fixed, ED25519, bytes(range(64)))
    assert large.hex() == GOLDEN_ATTRIBUTES_SHA512


def test_golden_signed_data() -> None:
    signer = FixedSigner(certificate=fixed_certificate())
    attributes = bytes.fromhex(GOLDEN_ATTRIBUTES_SHA512)
    assert signed_data(signer, attributes, b"\xab" * 64).hex() == GOLDEN_SIGNED_DATA


# --- structure, by an independent reader --------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda each: each.name)
def test_what_asn1crypto_reads(
    authority: Authority, credential: Credential, scheme: Scheme
) -> None:
    signer = FixedSigner(certificate=credential.certificate, chain=credential.chain, scheme=scheme)
    attributes, der = made(signer)
    info = asn1_cms.ContentInfo.load(der, strict=True)
    data = info["content"]
    assert info["content_type"].native == "signed_data"
    assert data["version"].native == "v1"
    assert [each["algorithm"].native for each in data["digest_algorithms"]] == [scheme.digest]
    assert data["encap_content_info"]["content_type"].native == "data"
    assert data["encap_content_info"]["content"].native is None
    held = {each.chosen.dump() for each in data["certificates"]}
    assert held == {
        each.public_bytes(Encoding.DER) for each in (credential.certificate, *credential.chain)
    }
    [signed] = data["signer_infos"]
    assert signed["version"].native == "v1"
    sid = signed["sid"].chosen
    assert sid["issuer"].dump() == as_asn1(credential.certificate).issuer.dump()
    assert sid["serial_number"].native == credential.certificate.serial_number
    assert signed["digest_algorithm"]["algorithm"].native == scheme.digest
    assert signed["signature_algorithm"]["algorithm"].dotted == scheme.oid
    assert signed["signature"].native == b"\xab" * scheme.signature_size
    assert signed["unsigned_attrs"].native is None
    assert signed["signed_attrs"].untag().dump() == attributes


def test_what_the_attributes_say(credential: Credential) -> None:
    digest = hashlib.sha256(b"surat").digest()
    read = asn1_cms.CMSAttributes.load(
        signed_attributes(credential.certificate, ECDSA_P256, digest), strict=True
    )
    values = {each["type"].native: each["values"] for each in read}
    assert set(values) == {"content_type", "message_digest", "signing_certificate_v2"}
    assert values["content_type"].native == ["data"]
    assert values["message_digest"].native == [digest]
    [signing] = asn1_tsp.SigningCertificateV2.load(
        values["signing_certificate_v2"][0].dump(), strict=True
    )["certs"]
    assert signing["cert_hash"].native == as_asn1(credential.certificate).sha256
    # DER leaves out what equals the default: SHA-256, and with it the issuer as a mere hint.
    assert len(signing.contents) == 2 + 32


def test_pss_parameters() -> None:
    [_, der] = made(FixedSigner(certificate=fixed_certificate(), scheme=rsa_pss(256)))
    [info] = asn1_cms.ContentInfo.load(der)["content"]["signer_infos"]
    parameters = info["signature_algorithm"]["parameters"].native
    assert parameters["hash_algorithm"]["algorithm"] == "sha256"
    assert parameters["mask_gen_algorithm"]["algorithm"] == "mgf1"
    assert parameters["mask_gen_algorithm"]["parameters"]["algorithm"] == "sha256"
    assert parameters["salt_length"] == 32
    assert parameters["trailer_field"] == "trailer_field_bc"


def members(der: bytes) -> list[bytes]:
    """The encodings inside a SET OF, in the order in which they stand."""
    return [each.dump() for each in asn1_cms.CMSAttributes.load(der)]


@given(st.sampled_from(SCHEMES), st.binary(min_size=64, max_size=64))
def test_set_of_is_in_ders_order(scheme: Scheme, digest: bytes) -> None:
    size = hashlib.new(scheme.digest).digest_size
    found = members(signed_attributes(fixed_certificate(), scheme, digest[:size]))
    assert found == sorted(found)
    assert len(found) == 3


@settings(max_examples=25)
@given(names=st.lists(st.text("AEIOU", min_size=1, max_size=30), min_size=1, max_size=5))
def test_certificates_are_in_ders_order(names: list[str]) -> None:
    many = [certificate(None, new_key("p256"), name=name) for name in names]
    signer = FixedSigner(certificate=many[0], chain=tuple(many[1:]))
    data = asn1_cms.ContentInfo.load(made(signer)[1])["content"]
    found = [each.dump() for each in data["certificates"]]
    assert found == sorted(found)
    assert set(found) == {each.public_bytes(Encoding.DER) for each in many}


@given(st.binary(max_size=80).filter(lambda each: len(each) != 32))
def test_a_digest_of_another_length(digest: bytes) -> None:
    with pytest.raises(SigningError, match="32"):
        signed_attributes(fixed_certificate(), ECDSA_P256, digest)


# --- size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "pss"), KINDS)
def test_size_is_an_upper_bound_and_exact_where_it_can_be(
    authority: Authority, kind: KeyKind, pss: bool
) -> None:
    signer = authority.issue("Uji", key=kind).signer(pss=pss)
    size = signed_data_size(signer)
    lengths = {
        len(made(signer, hashlib.new(signer.scheme.digest, bytes([each])).digest())[1])
        for each in range(6)
    }
    assert max(lengths) <= size
    if signer.scheme.fixed_size:
        assert lengths == {size}
    else:
        assert min(lengths) > size - 12


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda each: each.name)
def test_a_signature_that_does_not_fit_the_scheme(scheme: Scheme) -> None:
    signer = FixedSigner(certificate=fixed_certificate(), scheme=scheme)
    attributes, _ = made(signer)
    with pytest.raises(SigningError, match="announces"):
        signed_data(signer, attributes, bytes(scheme.signature_size + 1))
    if scheme.fixed_size:
        with pytest.raises(SigningError, match="announces"):
            signed_data(signer, attributes, bytes(scheme.signature_size - 1))
    else:
        assert signed_data(signer, attributes, bytes(scheme.signature_size - 1))


def test_attributes_that_are_no_set() -> None:
    signer = FixedSigner(certificate=fixed_certificate())
    with pytest.raises(SigningError, match="SET"):
        signed_data(signer, b"\x30\x00", bytes(64))


# --- another implementation verifies --------------------------------------------------------------


@pytest.mark.skipif(which("openssl") is None, reason="openssl is missing")
@pytest.mark.parametrize(("kind", "pss"), KINDS[:-1])  # OpenSSL 3.0 has no Ed25519 in CMS
def test_openssl_verifies(authority: Authority, tmp_path: Path, kind: KeyKind, pss: bool) -> None:
    signer = authority.issue("Uji", key=kind).signer(pss=pss)
    content = b"isi surat\n" * 100
    _, der = made(signer, hashlib.new(signer.scheme.digest, content).digest())
    (tmp_path / "cms.der").write_bytes(der)
    (tmp_path / "content").write_bytes(content)
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    command = "openssl cms -verify -cades -binary -inform DER -in cms.der -content content"
    command += f" -CAfile root.pem -purpose any -out out -attime {int(NOW.timestamp())}"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "content").write_bytes(content + b"x")
    with pytest.raises(subprocess.CalledProcessError):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)


@example(size=133, less=0)
@example(size=263, less=0)
@given(st.integers(2, 60_000), st.integers(0, 1))
def test_size_with_a_time_stamp_is_an_upper_bound(size: int, less: int) -> None:
    signer = FixedSigner(certificate=fixed_certificate())
    attributes, _ = made(signer)
    body = size - 6 if size > 6 else 0
    token = (
        b"\x04"
        + (
            bytes([body])
            if body < 0x80
            else b"\x82" + body.to_bytes(2, "big")
            if body > 255
            else b"\x81" + bytes([body])
        )
        + bytes(body)
    )
    room = signed_data_size(signer, token_size=len(token) + less)
    length = len(signed_data(signer, attributes, b"\xab" * 64, timestamp=token))
    assert length <= room <= length + 16
