from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from signing_documents import DAY, NOW, credential_of, plain_pdf, sign_with_our_cms

from sipadek.errors import InvalidInput, KeyUnusable, SigningError
from sipadek.signing import CallableSigner, verify_pdf
from sipadek.testing.authority import Authority, Credential

PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
KINDS: list[Any] = [
    ("rsa-2048", False), ("rsa-2048", True), ("p256", False), ("p384", False), ("ed25519", False)
]  # fmt: skip


def service(
    credential: Credential, *, pss: bool = False, raw: bool = False
) -> Callable[..., bytes]:
    """What a key service does with a digest."""
    key = credential.key

    def sign(digest: bytes) -> bytes:
        if isinstance(key, rsa.RSAPrivateKey):
            pad = PSS if pss else padding.PKCS1v15()
            return key.sign(digest, pad, Prehashed(hashes.SHA256()))
        if isinstance(key, ec.EllipticCurvePrivateKey):
            sha = hashes.SHA384() if key.key_size == 384 else hashes.SHA256()
            der = key.sign(digest, ec.ECDSA(Prehashed(sha)))
            size = key.key_size // 8
            return b"".join(n.to_bytes(size) for n in decode_dss_signature(der)) if raw else der
        return key.sign(digest)

    return sign


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(("kind", "pss"), KINDS)
def test_documents_verify(authority: Authority, kind: Any, pss: bool, raw: bool) -> None:
    credential = authority.issue("Uji", key=kind)
    signer = CallableSigner.create(
        credential.certificate,
        service(credential, pss=pss, raw=raw),
        chain=credential.chain,
        pss=pss,
    )
    assert signer.scheme == credential.signer(pss=pss).scheme
    [evidence] = verify_pdf(
        sign_with_our_cms(plain_pdf(), signer), trust=[authority.root], at=NOW
    ).signatures
    assert evidence.scheme.startswith(signer.scheme.name)


@pytest.mark.parametrize(("kind", "size"), [("rsa-2048", 32), ("p256", 32), ("p384", 48)])
def test_the_digest_is_bare(authority: Authority, kind: Any, size: int) -> None:
    credential, seen = authority.issue("Uji", key=kind), []

    def sign(digest: bytes) -> bytes:
        seen.append(digest)
        return service(credential)(digest)

    CallableSigner.create(credential.certificate, sign).sign_many([b"a", b"b"])
    name = "sha384" if size == 48 else "sha256"
    assert seen == [hashlib.new(name, each).digest() for each in (b"a", b"b")]


@given(reply=st.binary(max_size=80) | st.none() | st.text())
def test_whatever_else_comes_back_is_refused(credential: Credential, reply: Any) -> None:
    signer = CallableSigner.create(credential.certificate, lambda _: reply)
    with pytest.raises(SigningError) as caught:
        signer.sign_many([b"a"])
    assert caught.value.fields["reason"] == "not-verified"


def test_another_key_message_or_padding_is_refused(authority: Authority) -> None:
    ours, other = authority.issue("Uji"), authority.issue("Lain")
    for sign in (
        service(other),
        service(ours, pss=True),
        lambda _: service(ours)(hashlib.sha256(b"b").digest()),
    ):
        with pytest.raises(SigningError, match="rsa-pkcs1-sha256"):
            CallableSigner.create(ours.certificate, sign).sign_many([b"a"])


def test_what_the_callable_raises_is_not_shown(credential: Credential) -> None:
    def broken(_: bytes) -> bytes:
        raise TimeoutError("https://kunci.example.go.id/?token=rahasia")

    def ours(_: bytes) -> bytes:
        raise KeyUnusable("the key is blocked")

    with pytest.raises(SigningError, match="TimeoutError") as caught:
        CallableSigner.create(credential.certificate, broken).sign_many([b"a"])
    assert "rahasia" not in f"{caught.value!r} {caught.value.fields} {caught.value.__cause__}"
    assert caught.value.__suppress_context__
    with pytest.raises(KeyUnusable, match="blocked"):
        CallableSigner.create(credential.certificate, ours).sign_many([b"a"])


def test_the_certificate_is_checked_first(authority: Authority, credential: Credential) -> None:
    signer = CallableSigner.create(credential.certificate, len, chain=credential.chain)  # type: ignore[arg-type]
    signer.check(NOW)
    with pytest.raises(KeyUnusable, match="is valid from"):
        signer.check(NOW + 9999 * DAY)
    with pytest.raises(InvalidInput):
        signer.check(NOW.replace(tzinfo=None))
    machine = credential_of(authority, purposes=["1.3.6.1.5.5.7.3.1"])
    with pytest.raises(KeyUnusable, match="for machines"):
        CallableSigner.create(machine.certificate, len)  # type: ignore[arg-type]


def test_it_pickles_where_its_function_does(credential: Credential) -> None:
    signer = CallableSigner.create(credential.certificate, hashlib.sha256)  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(signer)) == signer
    assert "sha256" not in repr(signer).replace("ecdsa-p256-sha256", "")
    with pytest.raises(SigningError, match="stands in a module"):
        pickle.dumps(CallableSigner.create(credential.certificate, lambda digest: digest))
