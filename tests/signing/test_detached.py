from __future__ import annotations

import datetime
import hashlib
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from signing_documents import DAY, NOW, credential_of

from sipadek.errors import (
    InvalidInput,
    KeyUnusable,
    SignatureInvalid,
    SignatureUntrusted,
    VerificationFailed,
)
from sipadek.signing import sign_detached, signed_attributes, signed_data, verify_detached
from sipadek.testing.authority import Authority, Credential

FILE = b"nomor;perihal\n1;Undangan\n" * 100
KINDS: list[Any] = [
    ("rsa-2048", False), ("rsa-2048", True), ("p256", False), ("p384", False), ("ed25519", False)
]  # fmt: skip


@pytest.mark.parametrize(("kind", "pss"), KINDS)
def test_openssl_and_pyhanko_accept_it(
    tmp_path: Path, authority: Authority, kind: Any, pss: bool
) -> None:
    signer = authority.issue("Uji", key=kind).signer(pss=pss)
    cms = sign_detached(FILE, signer, NOW)
    evidence = verify_detached(FILE, cms, trust=[authority.root], at=NOW)
    assert evidence.claimed_at == NOW.replace(microsecond=0)
    assert evidence.digest == signer.scheme.digest
    assert (
        evidence.fingerprint
        == hashlib.sha256(signer.certificate.public_bytes(Encoding.DER)).hexdigest()
    )
    if not shutil.which("openssl"):
        pytest.skip("openssl is missing")
    if kind == "ed25519":
        pytest.skip("openssl 3.0 verifies no Ed25519 in CMS")
    (tmp_path / "a.csv").write_bytes(FILE)
    (tmp_path / "a.p7s").write_bytes(cms)
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    command = [
        "openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "a.p7s",
        "-content", "a.csv", "-CAfile", "root.pem", "-purpose", "any", "-out", "out",
        "-attime", str(int(NOW.timestamp())),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (tmp_path / "a.csv").write_bytes(FILE + b"x")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode != 0


def test_paths_and_open_files(tmp_path: Path, authority: Authority, credential: Credential) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\0" * (3 << 20) + b"x")
    signer, how = credential.signer(), {"trust": [authority.root], "at": NOW}
    cms = sign_detached(path, signer, NOW)
    assert verify_detached(str(path), cms, **how)  # type: ignore[arg-type]
    with path.open("rb") as file:
        assert verify_detached(file, cms, **how)  # type: ignore[arg-type]
        assert not file.closed
    assert verify_detached(io.BytesIO(path.read_bytes()), cms, **how)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="cannot be read"):
        sign_detached(tmp_path / "none", signer, NOW)
    with pytest.raises(InvalidInput, match="cannot be read"):
        verify_detached(tmp_path / "none", cms, **how)  # type: ignore[arg-type]


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7), where=st.booleans())
def test_any_altered_bit_is_noticed(
    authority: Authority, credential: Credential, at: int, bit: int, where: bool
) -> None:
    """In the file always; in the CMS nothing but our errors comes, or the same evidence."""
    cms = sign_detached(FILE, credential.signer(), NOW)
    good = verify_detached(FILE, cms, trust=[authority.root], at=NOW)
    file, signature = bytearray(FILE), bytearray(cms)
    changed = file if where else signature
    changed[at % len(changed)] ^= 1 << bit
    try:
        found = verify_detached(bytes(file), bytes(signature), trust=[authority.root], at=NOW)
    except VerificationFailed:
        return
    assert not where
    assert (found.signer, found.fingerprint, found.claimed_at) == (
        good.signer,
        good.fingerprint,
        good.claimed_at,
    )


@given(st.binary(max_size=200))
def test_rubbish_is_not_valid(authority: Authority, data: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify_detached(FILE, data, trust=[authority.root], at=NOW)


def test_what_is_no_detached_cades_signature(authority: Authority, credential: Credential) -> None:
    signer = credential.signer()
    cms = sign_detached(FILE, signer, NOW)
    with pytest.raises(SignatureInvalid):
        verify_detached(FILE, cms + b"\0", trust=[authority.root], at=NOW)
    with pytest.raises(SignatureInvalid, match="at most"):
        verify_detached(FILE, cms + bytes(1 << 20), trust=[authority.root], at=NOW)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "do not name the signer's certificate"),  # plain CMS
        (("-cades", "-nodetach"), "content of its own"),
        (("-noattr",), "signature"),
    ],
)
def test_what_others_write_is_held_to_the_same(
    tmp_path: Path, authority: Authority, credential: Credential, options: Any, why: str
) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is missing")
    credential.write_pem(tmp_path / "cert.pem", tmp_path / "key.pem")
    (tmp_path / "chain.pem").write_bytes(authority.intermediate.public_bytes(Encoding.PEM))
    (tmp_path / "a").write_bytes(FILE)
    command = ["openssl", "cms", "-sign", "-binary", "-in", "a", "-signer", "cert.pem"]
    command += ["-inkey", "key.pem", "-certfile", "chain.pem", "-outform", "DER", "-out", "a.p7s"]
    subprocess.run([*command, *options], cwd=tmp_path, check=True, capture_output=True)
    with pytest.raises(SignatureInvalid, match=why):
        verify_detached(FILE, (tmp_path / "a.p7s").read_bytes(), trust=[authority.root], at=NOW)
    subprocess.run([*command, "-cades"], cwd=tmp_path, check=True, capture_output=True)
    cms = (tmp_path / "a.p7s").read_bytes()
    assert verify_detached(FILE, cms, trust=[authority.root], at=NOW)


def test_trust(authority: Authority, credential: Credential) -> None:
    cms = sign_detached(FILE, credential.signer(), NOW)
    other = Authority.create(now=NOW - DAY, key="p256")
    for how in (
        {"trust": [other.root], "at": NOW},
        {"trust": [], "at": NOW},
        {"trust": [authority.root], "at": NOW + 9999 * DAY},
    ):
        with pytest.raises(SignatureUntrusted):
            verify_detached(FILE, cms, **how)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        verify_detached(FILE, cms, trust=[authority.root], at=datetime.datetime(2026, 11, 24))


def test_a_certificate_for_machines_is_not_trusted(authority: Authority) -> None:
    good = credential_of(authority)
    machine = credential_of(authority, key=good.key, purposes=["1.3.6.1.5.5.7.3.1"])

    class Machine:
        certificate, chain, scheme = machine.certificate, machine.chain, good.signer().scheme
        sign_many = staticmethod(good.signer().sign_many)

        def check(self, at: datetime.datetime) -> None: ...

    cms = sign_detached(FILE, Machine(), NOW)
    with pytest.raises(SignatureUntrusted, match="for machines"):
        verify_detached(FILE, cms, trust=[authority.root], at=NOW)


def test_the_signer_is_asked_first(credential: Credential) -> None:
    with pytest.raises(KeyUnusable, match="is valid from"):
        sign_detached(FILE, credential.signer(), NOW + 9999 * DAY)
    with pytest.raises(InvalidInput):
        sign_detached(FILE, credential.signer(), datetime.datetime(2026, 11, 24))


@pytest.mark.parametrize(("year", "tag"), [(1950, 0x17), (2049, 0x17), (2050, 0x18)])
def test_the_time_is_written_as_cms_wants_it(credential: Credential, year: int, tag: int) -> None:
    at = datetime.datetime(year, 12, 31, 23, 59, 59, 999, tzinfo=datetime.UTC)
    signer = credential.signer()
    given_attributes = signed_attributes(
        signer.certificate, signer.scheme, hashlib.sha256(FILE).digest(), signing_time=at
    )
    text = at.strftime("%Y%m%d%H%M%SZ").encode()[2 if tag == 0x17 else 0 :]
    assert bytes([tag, len(text)]) + text in given_attributes
    assert signed_data(signer, given_attributes, signer.sign_many([given_attributes])[0])
