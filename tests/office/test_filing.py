"""Filing one letter through the front door."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import pytest
from wrapped_signer import WrappedSigner

import sipadek
from sipadek.errors import (
    ChangeForbidden,
    DamagedObject,
    EncryptedPdf,
    InvalidInput,
    KeyConflict,
    KeyUnusable,
    NotAPdf,
    NotFound,
    SigningError,
    StampError,
)
from sipadek.pdf.preview import page_png
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

Pdf = Callable[..., bytes]
NEW = {"series": "ket", "subject": "Keterangan domisili", "unit": "LEGOK"}


@pytest.mark.usefixtures("own_judges")
def test_a_letter_goes_the_whole_way(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    original = letter_pdf("Yang bertanda tangan di bawah ini menerangkan")
    letter = office.file(original, **NEW, signer=signer, key="loket-1/7")

    assert letter.number == "001/LEGOK/2026"
    assert letter.state is sipadek.State.ISSUED
    assert office.get(letter.number) == office.get(letter.id) == letter
    filed = office.filed(letter.number).read()
    assert filed.startswith(original)
    assert office.original(letter.id).read() == original
    assert [hit.letter for hit in office.search("menerangkan").hits] == [letter]
    assert [hit.letter for hit in office.search("domisili").hits] == [letter]
    verified = office.verify(filed)
    assert verified.letter == letter
    (signature,) = verified.signatures
    assert signature.entire_file
    assert signature.signer == letter.signer
    assert office.audit().clean


@pytest.mark.parametrize(
    ("key", "pss"),
    [
        ("rsa-2048", False),
        ("rsa-2048", True),
        ("rsa-3072", False),
        ("rsa-3072", True),
        ("p256", False),
        ("p384", False),
        ("ed25519", False),
    ],
)
def test_every_kind_of_key_makes_a_signature_that_verifies(
    office: sipadek.Office, authority: Authority, letter_pdf: Pdf, key: str, pss: bool
) -> None:
    signer = authority.issue("Budi Contoh", key=key).signer(pss=pss)  # type: ignore[arg-type]
    letter = office.file(letter_pdf(), **NEW, signer=signer)
    (signature,) = office.verify(office.filed(letter.id).read()).signatures
    assert signature.scheme == signer.scheme.name


def test_a_retry_is_the_same_letter_and_other_content_is_refused(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    first = office.file(letter_pdf(), **NEW, signer=signer, key="k")
    assert office.file(letter_pdf(), **NEW, signer=signer, key="k") == first
    with pytest.raises(KeyConflict):
        office.file(letter_pdf("lain"), **NEW, signer=signer, key="k")
    with pytest.raises(KeyConflict):
        office.file(letter_pdf(), **{**NEW, "subject": "lain"}, signer=signer, key="k")
    assert office.file(letter_pdf("lain"), **NEW, signer=signer).sequence == 2


def test_without_a_key_the_content_is_the_key_also_on_another_day(
    folder: Path, letter_pdf: Pdf
) -> None:
    days = iter([datetime.datetime(2026, 12, 31, 16, 59, tzinfo=datetime.UTC)] * 2)
    later = datetime.datetime(2026, 12, 31, 17, 1, tzinfo=datetime.UTC)
    with sipadek.open(folder, clock=lambda: next(days, later)) as office:
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        first = office.file(letter_pdf(), **NEW)
        assert first.details.date == datetime.date(2026, 12, 31)  # WIB, UTC+7
        assert office.file(letter_pdf(), **NEW) == first
        new_year = office.file(letter_pdf("lain"), **NEW)
        assert (new_year.number, new_year.sequence) == ("001/LEGOK/2027", 1)


def test_a_late_letter_is_put_in_behind_an_earlier_one(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    office.define_series("agenda", "{nomor}/{unit}/{tahun}", scope=["unit"], insertion=".A")
    ask = {**NEW, "series": "agenda", "date": datetime.date(2026, 11, 3)}
    first = office.file(letter_pdf(), **ask)
    office.file(letter_pdf("kedua"), **ask)
    late = {**ask, "reason": "diterima terlambat", "actor": "Sekretaris", "after": first.number}
    letter = office.file(letter_pdf("susulan"), **late, signer=signer)
    assert (letter.number, letter.state) == ("1.A/LEGOK/2026", sipadek.State.ISSUED)
    assert office.file(letter_pdf("susulan"), **late, signer=signer) == letter
    assert office.verify(office.filed(letter.id).read()).letter == letter
    assert office.file(letter_pdf("ketiga"), **ask).sequence == 3
    with pytest.raises(InvalidInput, match="reason"):
        office.file(letter_pdf("lain"), **ask, after=first.number)
    with pytest.raises(InvalidInput, match="actor"):
        office.file(letter_pdf("lain"), **ask, reason="tertinggal")
    assert office.audit().clean


def test_a_late_letter_takes_a_number_that_was_held_for_its_day(
    office: sipadek.Office, letter_pdf: Pdf
) -> None:
    day = datetime.date(2026, 11, 3)
    details = sipadek.LetterDetails(series="ket", subject="Cadangan", date=day, unit="LEGOK")
    held = office.numbers.stock(details, 2, key="cadangan", actor="Sekretaris")
    assert office.file(letter_pdf(), **NEW, date=day).sequence == 3
    requests = [
        sipadek.FileRequest(source=letter_pdf(text), **NEW, date=day, from_stock=late)
        for text, late in (("terlambat", True), ("biasa", False), ("lagi", True), ("habis", True))
    ]
    outcomes = list(office.file_many(requests))
    found = [one.letter.sequence if one.letter else type(one.error) for one in outcomes]
    assert found == [1, 4, 2, NotFound]
    assert [one.letter.id for one in outcomes if one.letter and one.letter.sequence < 3] == [
        letter.id for letter in held
    ]
    assert office.audit().clean
    with pytest.raises(InvalidInput):
        sipadek.FileRequest(source=b"", **NEW, reason="tertinggal", from_stock=True)


@pytest.mark.parametrize("kind", ["bytes", "path", "text path", "file", "memoryview"])
def test_an_original_may_come_in_any_form(
    office: sipadek.Office, tmp_path: Path, letter_pdf: Pdf, kind: str
) -> None:
    data = letter_pdf()
    path = tmp_path / "surat.pdf"
    path.write_bytes(data)
    source = {
        "bytes": data,
        "path": path,
        "text path": str(path),
        "file": io.BytesIO(data),
        "memoryview": memoryview(data),
    }[kind]
    letter = office.file(source, **NEW)  # type: ignore[arg-type]
    assert office.original(letter.id).read() == data


def test_what_is_refused_takes_no_number(
    office: sipadek.Office, tmp_path: Path, letter_pdf: Pdf, signer: sipadek.KeySigner
) -> None:
    refused = [
        (b"", InvalidInput),
        (b"halo", NotAPdf),
        (tmp_path / "tidak-ada.pdf", InvalidInput),
        (io.StringIO("halo"), InvalidInput),
        (17, InvalidInput),
        (letter_pdf(encryption="AES-256", user_password="rahasia"), EncryptedPdf),
    ]
    for source, error in refused:
        with pytest.raises(error) as caught:
            office.file(source, **NEW, signer=signer)  # type: ignore[arg-type]
        assert "rahasia" not in str(caught.value)
    with pytest.raises(NotFound):
        office.file(letter_pdf(), **{**NEW, "series": "lain"})
    with pytest.raises(InvalidInput):
        office.file(letter_pdf(), **NEW, secrecy="X")
    assert list(office.letters()) == []
    assert office.audit().clean


def test_an_encrypted_original_is_filed_with_its_password(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    original = letter_pdf("isi tersandi", encryption="AES-128", user_password="buka")
    letter = office.file(original, **NEW, signer=signer, password="buka")
    assert office.original(letter.id).read() == original
    assert office.search("tersandi").total == 1


def test_a_stamp_alone_is_registered_and_says_that_it_is_no_signature(
    office: sipadek.Office, letter_pdf: Pdf
) -> None:
    letter = office.file(letter_pdf(), **NEW)
    filed = office.filed(letter.id).read()
    assert b"/ByteRange" not in filed
    verified = office.verify(filed)
    assert (verified.letter, verified.signatures) == (letter, ())


def test_a_signed_original_keeps_its_signature_and_needs_a_signer(
    office: sipadek.Office, signer: sipadek.KeySigner, authority: Authority, letter_pdf: Pdf
) -> None:
    first = office.file(letter_pdf(), **NEW, signer=signer)
    signed = office.filed(first.id).read()
    with pytest.raises(ChangeForbidden, match="give a signer"):
        office.file(signed, **NEW, key="kedua")
    other = authority.issue("Camat Contoh", key="p256").signer()
    second = office.file(signed, **NEW, signer=other, key="kedua")
    verified = office.verify(office.filed(second.id).read())
    assert [s.signer for s in verified.signatures] == [first.signer, second.signer]
    assert verified.letter == second


def test_a_signed_page_without_room_is_signed_unseen(
    office: sipadek.Office, signer: sipadek.KeySigner, authority: Authority, tmp_path: Path
) -> None:
    full = PdfRecipe(media_box=(0.0, 0.0, 190.0, 60.0), texts=("Surat penuh",))
    path = tmp_path / "penuh.pdf"
    claim = sipadek.Claim(field="Pengirim", at=datetime.datetime.now(datetime.UTC))
    sipadek.sign(io.BytesIO(build(full)), path, signer, claim)
    signed = path.read_bytes()
    letter = office.file(signed, **NEW, signer=authority.issue("Camat", key="p256").signer())
    filed = office.filed(letter.id).read()
    verified = office.verify(filed)
    assert [s.signer for s in verified.signatures][1:] == [letter.signer]
    assert page_png(filed, width=380) == page_png(signed, width=380)
    assert office.audit().clean


def test_a_letter_that_cannot_be_stamped_takes_no_number(folder: Path, letter_pdf: Pdf) -> None:
    style = sipadek.StampStyle(stamped_footer="panjang " * 400)
    with sipadek.open(folder, style=style) as office:
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        with pytest.raises(StampError):
            office.file(letter_pdf(), **NEW, key="k")
        assert list(office.letters()) == []
    with sipadek.open(folder) as office:
        assert office.file(letter_pdf(), **NEW, key="k").sequence == 1
        assert office.audit().clean


@attrs.frozen
class BrokenToken(WrappedSigner):
    """A signer whose key cannot be reached at the moment."""

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        raise SigningError("the token does not answer; plug it in again")


def test_a_signer_that_fails_leaves_a_reservation_that_the_same_key_takes_up(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    with pytest.raises(SigningError):
        office.file(letter_pdf(), **NEW, signer=BrokenToken(signer), key="k")
    (reserved,) = office.letters()
    assert reserved.state is sipadek.State.RESERVED
    with pytest.raises(NotFound, match="reserved"):
        office.original(reserved.id)
    assert office.audit().clean
    letter = office.file(letter_pdf(), **NEW, signer=signer, key="k")
    assert (letter.id, letter.number) == (reserved.id, reserved.number)


def test_a_certificate_out_of_date_is_refused_before_a_number_is_taken(
    office: sipadek.Office, authority: Authority, letter_pdf: Pdf
) -> None:
    early = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    old = authority.issue("Pensiun Contoh", key="p256", valid_from=early, days=365).signer()
    with pytest.raises(KeyUnusable):
        office.file(letter_pdf(), **NEW, signer=old)
    assert list(office.letters()) == []


def test_damaged_bytes_are_never_handed_out(
    office: sipadek.Office, folder: Path, letter_pdf: Pdf
) -> None:
    letter = office.file(letter_pdf(), **NEW)
    path = folder / "objects" / letter.filed_digest[:2] / letter.filed_digest
    assert path.stat().st_mode & 0o222 == 0
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    path.write_bytes(data)
    for read in (office.original, office.filed):
        with pytest.raises(DamagedObject):
            read(letter.id)
    path.write_bytes(data[:-1])
    with pytest.raises(DamagedObject):
        office.filed(letter.id)


def test_a_letter_made_void_keeps_its_number_and_reason(
    office: sipadek.Office, letter_pdf: Pdf
) -> None:
    letter = office.file(letter_pdf(), **NEW)
    void = office.void(letter.number, reason="salah alamat")
    assert (void.number, void.state, void.void_reason) == (
        letter.number,
        sipadek.State.VOID,
        "salah alamat",
    )
    assert office.search("domisili").total == 0
    assert office.file(letter_pdf("lain"), **NEW).sequence == 2
    assert office.audit().clean


def test_parts_of_an_original_can_be_read(office: sipadek.Office, letter_pdf: Pdf) -> None:
    data = letter_pdf()
    letter = office.file(data, **NEW)
    with office.original(letter.id) as file:
        file.seek(5)
        assert file.read(3) == data[5:8]
        assert file.seek(-4, io.SEEK_END) == len(data) - 4
        assert file.read() == data[-4:]
        assert file.tell() == len(data)
