from __future__ import annotations

import datetime
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import attrs
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_documents import DAY, NOW, certificate, credential_of

from sipadek.errors import InvalidInput, KeyUnusable
from sipadek.signing import KeySigner
from sipadek.testing.authority import Authority, Credential, KeyKind

KINDS: list[tuple[KeyKind, bool, str]] = [
    ("rsa-2048", False, "rsa-pkcs1-sha256"),
    ("rsa-2048", True, "rsa-pss-sha256"),
    ("p256", False, "ecdsa-p256-sha256"),
    ("p384", False, "ecdsa-p384-sha384"),
    ("ed25519", False, "ed25519"),
]
SECRET = "rahasia-7f3a"


def pem(credential: Credential, passphrase: bytes | None = None) -> tuple[bytes, bytes]:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return (
        credential.certificate.public_bytes(Encoding.PEM),
        credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption),
    )


def verify(signer: KeySigner, message: bytes, signature: bytes) -> None:
    key = signer.certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        scheme = pss if "pss" in signer.scheme.name else padding.PKCS1v15()
        key.verify(signature, message, scheme, hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePublicKey):
        digest = hashes.SHA384() if "384" in signer.scheme.name else hashes.SHA256()
        key.verify(signature, message, ec.ECDSA(digest))
    else:
        assert isinstance(key, ed25519.Ed25519PublicKey)
        key.verify(signature, message)


@pytest.mark.parametrize(("kind", "pss", "scheme"), KINDS)
def test_signatures_verify(authority: Authority, kind: KeyKind, pss: bool, scheme: str) -> None:
    signer = authority.issue("Uji", key=kind).signer(pss=pss)
    assert signer.scheme.name == scheme
    messages = [b"satu", b"dua", b""]
    signatures = signer.sign_many(messages)
    for message, signature in zip(messages, signatures, strict=True):
        verify(signer, message, signature)
        assert len(signature) <= signer.scheme.signature_size
        if signer.scheme.fixed_size:
            assert len(signature) == signer.scheme.signature_size
        with pytest.raises(InvalidSignature):
            verify(signer, message + b"x", signature)
    assert signer.sign_many([]) == []


# --- sources ------------------------------------------------------------------------------------


def test_pem_bytes_and_paths(tmp_path: Path, credential: Credential) -> None:
    credential.write_pem(tmp_path / "cert.pem", tmp_path / "key.pem")
    made = [
        KeySigner.from_pem(tmp_path / "cert.pem", tmp_path / "key.pem"),
        KeySigner.from_pem(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")),
        KeySigner.from_pem(
            (tmp_path / "cert.pem").read_bytes(), (tmp_path / "key.pem").read_bytes()
        ),
    ]
    assert made == [credential.signer()] * 3


@pytest.mark.parametrize("passphrase", [SECRET, SECRET.encode(), lambda: SECRET])
def test_passphrases(tmp_path: Path, credential: Credential, passphrase: Any) -> None:
    cert, key = pem(credential, SECRET.encode())
    signer = KeySigner.from_pem(cert, key, passphrase=passphrase)
    verify(signer, b"a", signer.sign_many([b"a"])[0])
    credential.write_pkcs12(tmp_path / "key.p12", SECRET)
    signer = KeySigner.from_pkcs12(tmp_path / "key.p12", passphrase=passphrase)
    assert signer == credential.signer()


def test_a_plain_key_asks_for_no_passphrase(credential: Credential) -> None:
    def never() -> str:
        raise AssertionError("asked")

    assert KeySigner.from_pem(*pem(credential), passphrase=never)
    assert KeySigner.from_pem(*pem(credential), passphrase=SECRET)


@pytest.mark.parametrize("kind", ["rsa-2048", "ed25519"])
def test_pkcs12_of_each_kind(tmp_path: Path, authority: Authority, kind: KeyKind) -> None:
    credential = authority.issue("Uji", key=kind)
    credential.write_pkcs12(tmp_path / "key.p12", SECRET)
    signer = KeySigner.from_pkcs12((tmp_path / "key.p12").read_bytes(), passphrase=SECRET)
    assert signer.chain == (authority.intermediate,)
    verify(signer, b"a", signer.sign_many([b"a"])[0])


@pytest.mark.parametrize("wrong", ["salah", "", None])
def test_wrong_passphrase(tmp_path: Path, credential: Credential, wrong: str | None) -> None:
    cert, key = pem(credential, SECRET.encode())
    with pytest.raises(KeyUnusable, match="passphrase"):
        KeySigner.from_pem(cert, key, passphrase=wrong)
    credential.write_pkcs12(tmp_path / "key.p12", SECRET)
    with pytest.raises(KeyUnusable, match="passphrase"):
        KeySigner.from_pkcs12(tmp_path / "key.p12", passphrase=wrong)


@given(data=st.binary(max_size=60), passphrase=st.text("abcxyz0189", min_size=12, max_size=20))
def test_rubbish_gives_our_error_without_the_passphrase(
    credential: Credential, data: bytes, passphrase: str
) -> None:
    cert, key = pem(credential)
    for broken in (data, b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + data, key[:60] + data):
        for call in (
            lambda given: KeySigner.from_pem(cert, given, passphrase=passphrase),
            lambda given: KeySigner.from_pem(given, key, passphrase=passphrase),
            lambda given: KeySigner.from_pkcs12(given, passphrase=passphrase),
        ):
            with pytest.raises(KeyUnusable) as caught:
                call(broken)
            assert passphrase not in f"{caught.value} {caught.value.fields}"


def test_missing_files(tmp_path: Path, credential: Credential) -> None:
    cert, _ = pem(credential)
    for call in (
        lambda: KeySigner.from_pem(tmp_path / "none", b""),
        lambda: KeySigner.from_pem(cert, tmp_path / "none"),
        lambda: KeySigner.from_pkcs12(tmp_path / "none"),
        lambda: KeySigner.from_pkcs12(tmp_path),
    ):
        with pytest.raises(KeyUnusable, match="cannot be read"):
            call()


def test_pkcs12_without_key_or_certificate(credential: Credential) -> None:
    parts: Any
    for parts, missing in (
        ((None, credential.certificate), "private key"),
        ((credential.key, None), "certificate"),
    ):
        data = pkcs12.serialize_key_and_certificates(b"uji", *parts, None, NoEncryption())
        with pytest.raises(KeyUnusable, match=missing):
            KeySigner.from_pkcs12(data)


# --- the chain ----------------------------------------------------------------------------------


@settings(max_examples=20)
@given(data=st.data())
def test_the_chain_is_put_in_order(
    authority: Authority, credential: Credential, second: Credential, data: st.DataObject
) -> None:
    """Whatever stands in the bundle, in whatever order: nearest first, without the root."""
    extra = data.draw(st.lists(st.sampled_from([authority.root, second.certificate]), unique=True))
    bundle = data.draw(st.permutations([authority.intermediate, *extra]))
    text = b"".join(each.public_bytes(Encoding.PEM) for each in bundle)
    cert, key = pem(credential)
    cut = data.draw(st.sampled_from([(cert, text), (cert + text, None)]))
    signer = KeySigner.from_pem(cut[0], key, chain=cut[1])
    assert signer.certificate == credential.certificate
    assert signer.chain == (authority.intermediate,)


def test_a_chain_of_somebody_else(credential: Credential) -> None:
    other = Authority.create(now=NOW, key="p256")
    cert, key = pem(credential)
    chain = other.intermediate.public_bytes(Encoding.PEM)
    with pytest.raises(KeyUnusable, match="None of the 1"):
        KeySigner.from_pem(cert, key, chain=chain)


def test_no_chain_is_taken(credential: Credential) -> None:
    assert KeySigner.from_pem(*pem(credential)).chain == ()


# --- what cannot be used --------------------------------------------------------------------------


def test_key_of_another_certificate(credential: Credential, second: Credential) -> None:
    with pytest.raises(KeyUnusable, match="not the one of"):
        KeySigner.from_pem(pem(credential)[0], pem(second)[1])


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "1024 bits"),
        (lambda: ec.generate_private_key(ec.SECP521R1()), "secp521r1"),
        (lambda: ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
        (ed448.Ed448PrivateKey.generate, "Ed448"),
        (lambda: dsa.generate_private_key(2048), "DSA"),
    ],
)
def test_kinds_of_keys_that_are_not_taken(credential: Credential, key: Any, why: str) -> None:
    with pytest.raises(KeyUnusable, match=why):
        KeySigner.from_key(credential.certificate, key())


def test_pss_only_for_rsa(credential: Credential) -> None:
    with pytest.raises(KeyUnusable, match="no RSA key"):
        credential.signer(pss=True)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"usage": ("key_encipherment", "key_agreement")}, "key usage"),
        ({"usage": ()}, "key usage"),
        ({"usage": ("digital_signature",), "authority": True}, "certificate authority"),
        ({"purposes": ["1.3.6.1.5.5.7.3.1"]}, "for machines"),
        ({"purposes": ["1.3.6.1.5.5.7.3.8"]}, "for machines"),
    ],
)
def test_certificates_that_are_not_for_documents(
    authority: Authority, how: dict[str, Any], why: str
) -> None:
    with pytest.raises(KeyUnusable, match=why):
        credential_of(authority, **how).signer()


@pytest.mark.parametrize(
    "how",
    [
        {"usage": None},
        {"usage": ("digital_signature",)},
        {"usage": ("content_commitment", "key_encipherment")},
        {"purposes": ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.1"]},
        {"purposes": ["2.5.29.37.0"]},
    ],
)
def test_certificates_that_may_sign(authority: Authority, how: dict[str, Any]) -> None:
    assert credential_of(authority, **how).signer()


def test_self_signed_certificate() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert KeySigner.from_key(certificate(None, key), key).chain == ()


def test_the_authoritys_own_key_signs_no_documents(authority: Authority) -> None:
    with pytest.raises(KeyUnusable, match="certificate authority"):
        KeySigner.from_key(authority.intermediate, authority.intermediate_key)


# --- time ---------------------------------------------------------------------------------------


@given(st.integers(-1000, 1000))
def test_check_is_true_exactly_within_validity(credential: Credential, days: int) -> None:
    signer = credential.signer()
    at = NOW + days * DAY
    chain = (signer.certificate, *signer.chain)
    within = all(each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in chain)
    assert within == (-30 <= days <= 700)
    if within:
        signer.check(at)
    else:
        with pytest.raises(KeyUnusable, match="is valid from"):
            signer.check(at)


def test_check_looks_at_the_issuers(authority: Authority) -> None:
    outliving = authority.issue("Uji", key="p256", days=9000).signer()
    with pytest.raises(KeyUnusable, match="Penerbit"):
        outliving.check(NOW + 5000 * DAY)
    with pytest.raises(InvalidInput):
        outliving.check(datetime.datetime(2026, 11, 20))


# --- secrets and processes ------------------------------------------------------------------------


def sign_elsewhere(signer: KeySigner, message: bytes) -> tuple[int, bytes]:
    return os.getpid(), signer.sign_many([message])[0]


def test_in_worker_processes(authority: Authority) -> None:
    signer = authority.issue("Uji", key="rsa-2048").signer()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        worker, signature = pool.submit(sign_elsewhere, signer, b"surat").result()
    assert worker != os.getpid()
    verify(signer, b"surat", signature)


@pytest.mark.parametrize(("kind", "pss", "scheme"), KINDS)
def test_pickles(authority: Authority, kind: KeyKind, pss: bool, scheme: str) -> None:
    signer = authority.issue("Uji", key=kind).signer(pss=pss)
    again = pickle.loads(pickle.dumps(signer))
    assert again == signer
    assert again.scheme.name == scheme
    verify(signer, b"a", again.sign_many([b"a"])[0])


def test_repr_tells_subject_and_scheme_only(credential: Credential) -> None:
    signer = credential.signer()
    name = signer.certificate.subject.rfc4514_string()
    assert repr(signer) == f"<KeySigner {name} ecdsa-p256-sha256>"
    assert "key=" not in repr(credential)
    assert "PRIVATE" not in repr(credential)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        signer.chain = ()  # type: ignore[misc]


def test_the_certificate_is_not_altered_on_the_way(credential: Credential) -> None:
    loaded: x509.Certificate = pickle.loads(pickle.dumps(credential.signer())).certificate
    assert loaded.public_bytes(Encoding.DER) == credential.certificate.public_bytes(Encoding.DER)
