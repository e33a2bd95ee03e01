"""Letters that the service signs, through the front door: the number is never lost or signed twice."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bsre_signers import NIK, NOW, PASSPHRASE, make_signer

import sipadek
from sipadek.bsre import BsreSigner, BsreV1, BsreV2
from sipadek.errors import (
    ChangeForbidden,
    NotFound,
    ReplyNotAccepted,
    SignerNotActive,
    SigningOutcomeUnknown,
    SigningRefused,
    WrongPassphrase,
)
from sipadek.pdf import letter_mark
from sipadek.pdf.document import Document
from sipadek.testing.authority import Authority
from sipadek.testing.bsre_double import BsreDouble

Pdf = Callable[..., bytes]
Service = BsreV1 | BsreV2
NEW = {"series": "ket", "subject": "Keterangan domisili", "unit": "LEGOK"}


@pytest.fixture
def office(tmp_path: Path, authority: Authority) -> Iterator[sipadek.Office]:
    with sipadek.open(tmp_path / "arsip", clock=lambda: NOW) as office:
        office.trust(authority.root)
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        yield office


def test_a_letter_goes_the_whole_way(
    office: sipadek.Office, signer: BsreSigner, double: BsreDouble, letter_pdf: Pdf
) -> None:
    original = letter_pdf("Yang bertanda tangan di bawah ini menerangkan")
    letter = office.file(original, **NEW, signer=signer, key="k")
    assert letter.number == "001/LEGOK/2026"
    assert "Siti Contoh" in letter.signer
    filed = office.filed(letter.number).read()
    assert filed.startswith(original)
    assert filed.count(b"/SipadekLetter") == 1  # the service's revision has none
    assert letter_mark(Document.open(filed)) == letter.id
    verified = office.verify(filed)
    assert verified.letter == letter
    assert verified.signatures[0].entire_file
    assert office.original(letter.id).read() == original
    assert office.audit().clean
    asked = len(double.asked)
    assert office.file(original, **NEW, signer=signer, key="k") == letter
    assert len(double.asked) == asked  # an issued letter needs nobody
    assert double.signed == 1


def test_the_stamp_names_the_signer(
    office: sipadek.Office, signer: BsreSigner, letter_pdf: Pdf
) -> None:
    import io

    import pypdfium2

    letter = office.file(letter_pdf(), **NEW, signer=signer)
    page = pypdfium2.PdfDocument(io.BytesIO(office.filed(letter.id).read()))[0]
    text = page.get_textpage().get_text_range()
    assert "Siti Contoh, S.Sos." in text
    assert "ditandatangani secara elektronik" in text.replace("\r\n", " ")


@pytest.mark.parametrize("status", ["EXPIRED", "SUSPEND"])
def test_who_may_not_sign_takes_no_number(
    office: sipadek.Office, signer: BsreSigner, double: BsreDouble, letter_pdf: Pdf, status: str
) -> None:
    double.add_user(NIK, PASSPHRASE, status=status)
    with pytest.raises(SignerNotActive):
        office.file(letter_pdf(), **NEW, signer=signer)
    assert list(office.letters()) == []


@pytest.mark.parametrize("fault", ["http-500", "cut-after", "two-signatures", "other-signer"])
def test_the_same_key_goes_on_with_the_same_number(
    office: sipadek.Office, signer: BsreSigner, double: BsreDouble, letter_pdf: Pdf, fault: str
) -> None:
    double.next("wrong-type", fault)  # the status is asked first; its type does not matter
    with pytest.raises(sipadek.SipadekError) as raised:
        office.file(letter_pdf(), **NEW, signer=signer, key="k")
    unknown = SigningOutcomeUnknown if fault == "cut-after" else sipadek.SipadekError
    assert isinstance(raised.value, unknown)
    assert isinstance(raised.value, ReplyNotAccepted) == (
        fault in ("two-signatures", "other-signer")
    )
    (reserved,) = office.letters()
    assert reserved.state is sipadek.State.RESERVED
    letter = office.file(letter_pdf(), **NEW, signer=signer, key="k")
    assert (letter.id, letter.number) == (reserved.id, reserved.number)
    assert letter.state is sipadek.State.ISSUED
    assert office.audit().clean


def test_a_crash_between_keeping_and_issuing_is_not_signed_twice(
    office: sipadek.Office,
    signer: BsreSigner,
    double: BsreDouble,
    letter_pdf: Pdf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for end in ("retry", "recover"):
        with monkeypatch.context() as patch:
            patch.setattr(office._register, "issue", _crash)
            with pytest.raises(KeyboardInterrupt):
                office.file(letter_pdf(end), **NEW, signer=signer, key=end)
        signed = double.signed
        if end == "retry":
            letter = office.file(letter_pdf(end), **NEW, signer=signer, key=end)
        else:
            recovered = office.recover(older_than=datetime.timedelta(seconds=-1))
            (letter,) = recovered.completed
            assert recovered.dropped == 0
        assert double.signed == signed
        assert "Siti Contoh" in letter.signer
        assert office.verify(office.filed(letter.id).read()).letter == letter
    assert office.audit().clean


def _crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_many_letters_and_a_wrong_passphrase(
    office: sipadek.Office,
    authority: Authority,
    service: Service,
    double: BsreDouble,
    letter_pdf: Pdf,
) -> None:
    asked: list[str] = []

    def passphrase() -> str:
        asked.append("")
        return PASSPHRASE if len(asked) == 1 else "salah"

    requests = [
        sipadek.FileRequest(source=letter_pdf(f"Surat {n}"), key=str(n), **NEW)  # type: ignore[arg-type]
        for n in range(4)
    ]
    signer = make_signer(authority, service, passphrase=passphrase)
    outcomes = list(office.file_many(requests, signer=signer))
    assert outcomes[0].letter is not None
    assert [type(each.error) for each in outcomes[1:]] == [WrongPassphrase] * 3
    assert len(asked) == 2
    again = list(office.file_many(requests, signer=make_signer(authority, service)))
    assert all(each.letter is not None for each in again)
    assert double.signed == 4
    assert [letter.number[:3] for letter in office.letters()] == ["001", "002", "003", "004"]


def test_a_refusal_of_one_document_does_not_stop_the_others(
    office: sipadek.Office, signer: BsreSigner, double: BsreDouble, letter_pdf: Pdf
) -> None:
    good = sipadek.FileRequest(source=letter_pdf("baik"), **NEW)  # type: ignore[arg-type]
    nothing = sipadek.FileRequest(source=b"", **NEW)  # type: ignore[arg-type]
    outcomes = list(office.file_many([nothing, good], signer=signer))
    assert [each.letter is not None for each in outcomes] == [False, True]
    assert issubclass(WrongPassphrase, SigningRefused)
    assert double.signed == 1


def test_a_signed_original_is_refused_before_a_number(
    office: sipadek.Office, authority: Authority, signer: BsreSigner, letter_pdf: Pdf
) -> None:
    from sipadek.testing.bsre_signing import sign_pdf

    signed = sign_pdf(letter_pdf(), authority.issue("Siti", key="p256"), at=NOW)
    with pytest.raises(ChangeForbidden):
        office.file(signed, **NEW, signer=signer)
    assert list(office.letters()) == []
    with pytest.raises(NotFound):
        office.get("001/LEGOK/2026")
