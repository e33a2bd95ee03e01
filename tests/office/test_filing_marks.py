"""Marks, free space, tags and previews within filing."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdfium2 as pdfium
import pytest
import zxingcpp
from PIL import Image

import sipadek
from sipadek.errors import ChangeForbidden, InvalidInput, NotFound, SipadekError, StampError
from sipadek.pdf import find_text
from sipadek.stamping import Code, Mark, Panel, Picture, Text, Watermark
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

Pdf = Callable[..., bytes]
NEW = {"series": "ket", "subject": "Keterangan domisili", "unit": "LEGOK"}
MARKS = (
    Mark(what=Text(text="{n}/{m}"), pages="all", anchor="bottom"),
    Mark(what=Watermark(text="SALINAN"), pages="all"),
    Mark(what=Text(text="Nomor {nomor}, {tanggal}"), anchor="top", free=True),
)
A4 = (0.0, 0.0, 595.0, 842.0)
TALL = "\n".join(["Surat contoh yang panjang sekali dan banyak barisnya"] * 50)


def texts(pdf: bytes) -> list[str]:
    document = pdfium.PdfDocument(pdf)
    found = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return found


def drawn(pdf: bytes, page: int = 0) -> Image.Image:
    document = pdfium.PdfDocument(pdf)
    image: Image.Image = document[page].render(scale=2).to_pil().convert("RGB")
    document.close()
    return image


def test_marks_are_drawn_in_the_letters_one_revision(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    original = letter_pdf(pages=3, media_box=A4)
    style = sipadek.StampStyle(marks=MARKS)
    letter = office.file(original, **NEW, signer=signer, style=style)
    filed = office.filed(letter.id).read()
    assert filed.startswith(original)
    assert filed[len(original) :].count(b"%%EOF") == 1
    found = texts(filed)
    assert [f"{n}/3" in text for n, text in enumerate(found, 1)] == [True] * 3
    assert "Nomor 001/LEGOK/2026, 24 November 2026" in found[0]
    assert all("SALINAN" in text for text in found)
    assert letter.id.upper() in zxingcpp.read_barcodes(drawn(filed))[0].text
    assert office.verify(filed).letter == letter
    assert office.audit().clean


@pytest.mark.parametrize("workers", [0, 1])
def test_a_batch_draws_them_too_and_refuses_without_a_number(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf, workers: int
) -> None:
    style = sipadek.StampStyle(marks=(Mark(what=Text(text="PARAF"), tag="#"),), free=True)
    sources = [letter_pdf("# satu"), letter_pdf("tanpa tanda"), letter_pdf("# dua")]
    requests = [sipadek.FileRequest(source=one, **NEW, style=style) for one in sources]
    outcomes = list(office.file_many(requests, signer=signer, workers=workers))
    assert [outcome.error and outcome.error.code for outcome in outcomes] == [
        None, "invalid-input", None,
    ]  # fmt: skip
    assert [letter.number[:3] for letter in office.letters()] == ["001", "002"]
    for outcome in outcomes[::2]:
        assert outcome.letter is not None
        assert "PARAF" in texts(office.filed(outcome.letter.id).read())[0]
    # Retried in the office's own style it is the letter that it was.
    again = list(office.file_many(requests[:1], signer=signer, workers=workers))
    assert again[0].letter == outcomes[0].letter


BROKEN = Picture(data=b"no picture", width=10)


@pytest.mark.parametrize(
    ("style", "error"),
    [
        ({"marks": [Mark(what=Text(text="漢字"))]}, StampError),
        ({"marks": [Mark(what=Watermark(text="漢"))]}, StampError),
        ({"marks": [Mark(what=Text(text="x"), tag="${paraf}")]}, InvalidInput),
        ({"marks": [Mark(what=Text(text="x"), pages="7")]}, InvalidInput),
        ({"marks": [Mark(what=Text(text="x"), anchor="tengah")]}, InvalidInput),
        ({"marks": [Mark(what=BROKEN)]}, InvalidInput),
        ({"marks": [Mark(what=Code(content="é"))]}, StampError),
        ({"marks": [Mark(what=Panel(width=1, height=2000), free=True)] * 200}, StampError),
        ({"tag": "${ttd}"}, InvalidInput),
        ({"tag": "a", "page": "all"}, InvalidInput),
        ({"page": "odd"}, InvalidInput),
        ({"page": "9"}, InvalidInput),
        ({"verify_url": "https://x.example/" + "x" * 4000}, StampError),
        ({"signed_footer": "漢字"}, StampError),
    ],
)
def test_what_cannot_be_drawn_takes_no_number(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf, style: dict[str, object],
    error: type[SipadekError],
) -> None:  # fmt: skip
    given = sipadek.StampStyle(**style)  # type: ignore[arg-type]
    source = letter_pdf(pages=3)
    with pytest.raises(error):
        office.file(source, **NEW, signer=signer, style=given, key="k")
    request = sipadek.FileRequest(source=source, **NEW, style=given, key="k")
    (outcome,) = office.file_many([request], signer=signer)
    assert isinstance(outcome.error, error)
    assert list(office.letters()) == []
    assert office.file(source, **NEW, signer=signer, key="k").sequence == 1


@pytest.mark.parametrize(
    "style",
    [
        {"anchors": ()}, {"anchors": ("tengah",)}, {"margin": -1.0}, {"nth": "every"},
        {"tag": "#", "free": True},
    ],
)  # fmt: skip
def test_what_is_no_style_is_refused(style: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        sipadek.StampStyle(**style)  # type: ignore[arg-type]


def test_a_retry_of_an_issued_letter_needs_no_place_for_a_stamp(
    office: sipadek.Office, letter_pdf: Pdf
) -> None:
    source = letter_pdf()
    letter = office.file(source, **NEW, key="k")
    style = sipadek.StampStyle(tag="${ttd}")
    assert office.file(source, **NEW, key="k", style=style) == letter


@pytest.mark.parametrize("rotate", [0, 90])
def test_the_stamp_goes_to_a_tag_on_the_last_page(
    office: sipadek.Office, signer: sipadek.KeySigner, rotate: int
) -> None:
    body = "Jambi\n\n\n\n\n\n\n\n${ttd}"
    pdf = build(PdfRecipe(pages=2, texts=("satu", body), media_box=A4, rotate=rotate))
    style = sipadek.StampStyle(tag="${ttd}", page="all", offset=(-5, 0))
    letter = office.file(pdf, **NEW, signer=signer, style=style)
    filed = office.filed(letter.id).read()
    assert zxingcpp.read_barcodes(drawn(filed, 0)) == []
    (code,) = zxingcpp.read_barcodes(drawn(filed, 1))
    assert code.orientation == 0
    assert list(find_text(pdf, "${ttd}", [0, 1])) == [1]
    assert office.verify(filed).letter == letter


def test_the_stamp_in_free_space_covers_no_text(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    # Text down to the foot of the page: the anchors at the bottom are taken.
    pdf = letter_pdf(TALL, media_box=(0.0, 0.0, 600.0, 760.0))
    before = drawn(pdf).convert("L").point(lambda grey: 255 if grey < 160 else 0)
    lost = []
    for free in (False, True):
        style = sipadek.StampStyle(free=free)
        letter = office.file(pdf, **NEW, signer=signer, style=style, key=str(free))
        after = drawn(office.filed(letter.id).read()).convert("L")
        pale = after.point(lambda grey: 255 if grey > 200 else 0)
        both = zip(before.tobytes(), pale.tobytes(), strict=True)
        lost.append(sum(dark and light for dark, light in both))
    assert lost[0] > 0
    assert lost[1] == 0


def test_without_a_stamp_a_letter_is_signed_and_looks_as_it_did(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    pdf, style = letter_pdf(), sipadek.StampStyle(stamp=False)
    letter = office.file(pdf, **NEW, signer=signer, style=style)
    filed = office.filed(letter.id).read()
    assert drawn(filed).tobytes() == drawn(pdf).tobytes()
    assert office.verify(filed).letter == letter
    with pytest.raises(InvalidInput, match="signer"):
        office.file(letter_pdf("Lain"), **NEW, style=style)
    assert len(list(office.letters())) == 1


def test_a_signed_pdf_takes_no_marks(
    office: sipadek.Office, authority: Authority, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    first = office.file(letter_pdf(), **NEW, signer=signer)
    signed = office.filed(first.id).read()
    with pytest.raises(ChangeForbidden, match="marks"):
        office.file(signed, **NEW, signer=signer, style=sipadek.StampStyle(marks=MARKS))
    second = authority.issue("Kepala", key="p256").signer()
    letter = office.file(signed, **NEW, signer=second, style=sipadek.StampStyle(free=True))
    assert letter.sequence == 2
    assert len(office.verify(office.filed(letter.id).read()).signatures) == 2


def test_a_preview_shows_the_letter_and_takes_nothing(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    style = sipadek.StampStyle(marks=MARKS, free=True)
    request = sipadek.FileRequest(source=letter_pdf(pages=2), **NEW, style=style)
    first, second = (office.preview(request, signer=signer, page=n, width=900) for n in (1, 2))
    assert list(office.letters()) == []
    shown = Image.open(io.BytesIO(first)).convert("RGB")
    assert shown.width == 900
    (code,) = zxingcpp.read_barcodes(shown)
    assert "001/LEGOK/2026" in code.text
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(second)).convert("RGB")) == []
    letter = office.file(request.source, **NEW, signer=signer, style=style)
    assert letter.number == "001/LEGOK/2026"
    with pytest.raises(InvalidInput, match="2 pages"):
        office.preview(request, page=3)
    unknown = sipadek.FileRequest(source=letter_pdf(), series="tidak-ada", subject="x")
    with pytest.raises(NotFound):
        office.preview(unknown)


def test_a_hostile_pdf_does_not_stop_the_one_who_measures_it(
    office: sipadek.Office, signer: sipadek.KeySigner, monkeypatch: pytest.MonkeyPatch,
    letter_pdf: Pdf,
) -> None:  # fmt: skip
    monkeypatch.setattr("sipadek.pdf.extraction.SECONDS", 0.0)
    with pytest.raises(SipadekError):
        office.file(letter_pdf(), **NEW, signer=signer, style=sipadek.StampStyle(free=True))
    assert list(office.letters()) == []
