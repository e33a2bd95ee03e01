"""What verifies, and the error that says why something does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sipadek
from sipadek.errors import (
    LetterVoid,
    NotRegistered,
    NotSigned,
    SignatureIncomplete,
    SignatureInvalid,
    SignatureUntrusted,
    VerificationFailed,
)
from sipadek.testing.authority import Authority

Pdf = Callable[..., bytes]


@pytest.fixture
def letter(office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf) -> sipadek.Letter:
    return office.file(letter_pdf(), series="ket", subject="Perihal", unit="U", signer=signer)


def test_each_way_to_fail_has_its_own_error(
    office: sipadek.Office, letter: sipadek.Letter, letter_pdf: Pdf
) -> None:
    filed = office.filed(letter.id).read()
    flipped = bytearray(filed)
    flipped[20] ^= 1
    for source, error in (
        (letter_pdf(), NotSigned),
        (b"halo", NotSigned),
        (bytes(flipped), SignatureInvalid),
        (filed + b"\n", SignatureIncomplete),
        (filed + b"1 0 obj<<>>endobj\n", SignatureIncomplete),
        (filed[:-1], VerificationFailed),
    ):
        with pytest.raises(error):
            office.verify(source)


def test_a_letter_of_another_office_is_not_registered_here(
    office: sipadek.Office,
    signer: sipadek.KeySigner,
    authority: Authority,
    letter_pdf: Pdf,
    tmp_path: Path,
) -> None:
    with sipadek.open(tmp_path / "lain") as other:
        other.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        letter = other.file(letter_pdf(), series="ket", subject="Perihal", unit="U", signer=signer)
        filed = other.filed(letter.id).read()
        with pytest.raises(SignatureUntrusted):
            other.verify(filed)
        assert other.verify(filed, trust=[authority.root]).letter == letter
    with pytest.raises(NotRegistered):
        office.verify(filed)


def test_trust_is_remembered(folder: Path, office: sipadek.Office, letter: sipadek.Letter) -> None:
    filed = office.filed(letter.id).read()
    office.close()
    with sipadek.open(folder) as again:
        assert again.verify(filed).letter == letter


def test_only_a_root_can_be_trusted(office: sipadek.Office, signer: sipadek.KeySigner) -> None:
    with pytest.raises(sipadek.SipadekError, match="not a root"):
        office.trust(signer.certificate)


def test_a_void_letter_does_not_verify(office: sipadek.Office, letter: sipadek.Letter) -> None:
    filed = office.filed(letter.id).read()
    office.void(letter.id, reason="salah nama")
    with pytest.raises(LetterVoid, match="salah nama"):
        office.verify(filed)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_fails(
    office: sipadek.Office, letter: sipadek.Letter, data: st.DataObject
) -> None:
    filed = bytearray(office.filed(letter.id).read())
    filed[data.draw(st.integers(0, len(filed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(sipadek.SipadekError):
        office.verify(bytes(filed))
