from __future__ import annotations

import datetime
import stat
import subprocess
from pathlib import Path
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import oid
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_documents import DAY, NOW

from sipadek.errors import InvalidInput
from sipadek.testing.authority import Authority, Credential, KeyKind


def test_nobody_takes_it_for_real(authority: Authority, credential: Credential) -> None:
    for certificate in (authority.root, authority.intermediate, credential.certificate):
        names = certificate.subject.get_attributes_for_oid(oid.NameOID.COMMON_NAME)
        assert "CONTOH" in names[0].value
        organizations = certificate.subject.get_attributes_for_oid(oid.NameOID.ORGANIZATION_NAME)
        assert organizations[0].value == "Pemerintah Kota Jambi (CONTOH)"


def test_extensions(authority: Authority, credential: Credential) -> None:
    def value(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> object:
        return certificate.extensions.get_extension_for_class(kind).value

    chain = [authority.root, authority.intermediate, credential.certificate]
    limits = [value(each, x509.BasicConstraints) for each in chain]
    assert [each.ca for each in limits] == [True, True, False]
    assert [each.path_length for each in limits] == [None, 0, None]
    usage = value(credential.certificate, x509.KeyUsage)
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    purposes = value(credential.certificate, x509.ExtendedKeyUsage)
    assert "1.3.6.1.5.5.7.3.36" in {each.dotted_string for each in purposes}
    for issuer, subject in [(chain[0], chain[0]), (chain[0], chain[1]), (chain[1], chain[2])]:
        subject.verify_directly_issued_by(issuer)
        own = value(issuer, x509.SubjectKeyIdentifier)
        assert value(subject, x509.AuthorityKeyIdentifier).key_identifier == own.digest
    assert len({each.serial_number for each in chain}) == 3


@settings(max_examples=10)
@given(
    name=st.text("ABCDEFGHIJKLabcdefghijkl .,'é", min_size=1, max_size=40),
    unit=st.text("ABCDEFGHIJKLabcdefghijkl .,", min_size=1, max_size=40),
    number=st.text("0123456789", min_size=18, max_size=18),
    days=st.integers(1, 3000),
)
def test_what_is_asked_for_is_issued(
    authority: Authority, name: str, unit: str, number: str, days: int
) -> None:
    made = authority.issue(
        name,
        organization_unit=unit,
        employee_number=number,
        key="ed25519",
        valid_from=NOW,
        days=days,
    ).certificate
    attributes = {each.oid: each.value for each in made.subject}
    assert attributes[oid.NameOID.COMMON_NAME] == f"{name} (CONTOH)"
    assert attributes[oid.NameOID.ORGANIZATIONAL_UNIT_NAME] == unit
    assert attributes[oid.NameOID.SERIAL_NUMBER] == number
    assert made.not_valid_before_utc == NOW
    assert made.not_valid_after_utc == NOW + days * DAY


@pytest.mark.skipif(which("openssl") is None, reason="openssl is missing")
@pytest.mark.parametrize("key", ["rsa-2048", "p384", "ed25519"])
def test_openssl_accepts_the_chain(tmp_path: Path, key: KeyKind) -> None:
    authority = Authority.create(now=NOW, key=key)
    credential = authority.issue("Uji", key="p256")
    credential.write_pem(tmp_path / "cert.pem", tmp_path / "key.pem", passphrase="rahasia")
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    command = f"openssl verify -x509_strict -attime {int(NOW.timestamp())} -CAfile root.pem"
    command += " -untrusted cert.pem cert.pem"
    done = subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "OK" in done.stdout


def test_save_and_load(tmp_path: Path, authority: Authority) -> None:
    folder = tmp_path / "otoritas"
    authority.save(folder)
    again = Authority.load(folder)
    assert again.root == authority.root
    assert again.intermediate == authority.intermediate
    made = again.issue("Uji", key="p256")
    made.certificate.verify_directly_issued_by(authority.intermediate)
    for path in folder.glob("*-key.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, b"rubbish"])
def test_loading_something_else(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "root.pem").write_bytes(content)
    with pytest.raises(InvalidInput, match="sample authority"):
        Authority.load(tmp_path)


def test_unknown_kind_of_key_and_naive_time(authority: Authority) -> None:
    with pytest.raises(InvalidInput, match="rsa-512"):
        authority.issue("Uji", key="rsa-512")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="time zone"):
        Authority.create(now=datetime.datetime(2026, 1, 1), key="p256")
