"""What stands on a page beside its content: form fields, annotations; and what a document says of
itself."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from sipadek.pdf import page_text
from sipadek.pdf.page_text import clean
from sipadek.pdf.text import MAX_ABOUT, extract_text
from sipadek.testing.pdfs import PdfRecipe, build

PAGES = ("halaman satu", "halaman dua", "halaman tiga")


def _annotated(*annotations: dict[str, object], page: int = 1, drawn: str = "") -> bytes:
    """Three pages, on one of which stand annotations; ``drawn`` is the appearance of the first."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build(PdfRecipe(pages=3, texts=PAGES))))
    made = []
    for entries in annotations:
        annotation = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Rect"): ArrayObject(map(NumberObject, (100, 500, 300, 530))),
            }
        )
        annotation |= {NameObject(f"/{name}"): value for name, value in entries.items()}
        if drawn and not made:
            annotation[NameObject("/AP")] = DictionaryObject(
                {NameObject("/N"): writer._add_object(_appearance(drawn))}
            )
        made.append(writer._add_object(annotation))
    writer.pages[page][NameObject("/Annots")] = ArrayObject(made)
    fields = [ref for ref in made if "/FT" in ref.get_object()]
    if fields:
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
            {NameObject("/Fields"): ArrayObject(fields)}
        )
    return _written(writer)


def _appearance(text: str) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F 12 Tf 2 8 Td ({text}) Tj ET".encode())
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Courier"),
        }
    )
    stream |= {
        NameObject("/Type"): NameObject("/XObject"),
        NameObject("/Subtype"): NameObject("/Form"),
        NameObject("/BBox"): ArrayObject(map(NumberObject, (0, 0, 200, 30))),
        NameObject("/Resources"): DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
        ),
    }
    return stream


def _written(writer: pypdf.PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _field(value: str, kind: str = "/Tx", flags: int = 0) -> dict[str, object]:
    return {
        "Subtype": NameObject("/Widget"),
        "FT": NameObject(kind),
        "T": TextStringObject(f"f-{value[:5]}"),
        "V": NameObject(f"/{value}") if kind == "/Btn" else TextStringObject(value),
        "Ff": NumberObject(flags),
        "F": NumberObject(4),
    }


def _note(kind: str, text: str, flags: int = 4) -> dict[str, object]:
    return {
        "Subtype": NameObject(f"/{kind}"),
        "Contents": TextStringObject(text),
        "F": NumberObject(flags),
    }


@pytest.mark.parametrize(
    "annotation",
    [
        _field("Budi bin Contoh"),
        _field("Budi bin Contoh", "/Ch", flags=1 << 17),
        _note("FreeText", "Budi bin Contoh"),
        _note("Stamp", "Budi bin Contoh"),
        _note("Text", "Budi bin Contoh"),
        _note("Highlight", "Budi bin Contoh"),
    ],
)
def test_what_annotations_say_stands_on_their_page(annotation: dict[str, object]) -> None:
    text = extract_text(_annotated(annotation))
    assert text.pages == (PAGES[0], f"{PAGES[1]}\nBudi bin Contoh", PAGES[2])


def test_what_is_drawn_is_told_once() -> None:
    data = _annotated(_field("SETUJU"), drawn="SETUJU")
    assert extract_text(data).pages[1].split() == ["halaman", "dua", "SETUJU"]


def test_a_stamp_is_read_from_its_appearance() -> None:
    data = _annotated(_note("Stamp", ""), drawn="SALINAN SAH")
    assert extract_text(data).pages[1].split() == ["halaman", "dua", "SALINAN", "SAH"]


@pytest.mark.parametrize(
    "annotation",
    [
        _field("rahasia", flags=1 << 13),  # a password
        _field("rahasia", "/Btn"),
        _note("FreeText", "rahasia", flags=2),  # hidden
        _note("FreeText", "rahasia", flags=32),  # not to be viewed
        _note("Link", "rahasia"),
        _note("Popup", "rahasia"),
    ],
)
def test_what_nobody_sees_is_not_told(annotation: dict[str, object]) -> None:
    assert extract_text(_annotated(annotation)).pages == PAGES


def test_limits_hold_for_annotations_too(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _annotated(*(_note("FreeText", f"catatan {n}") for n in range(6)), page=2)
    whole = extract_text(data)
    assert whole.pages[2].endswith("catatan 5")
    short = extract_text(data, max_characters=40)
    assert "".join(short.pages) == "".join(whole.pages)[:40]
    assert short.truncated
    monkeypatch.setattr(page_text, "MAX_ANNOTATIONS", 3)
    assert extract_text(data).pages[2].endswith("catatan 2")


def test_the_document_tells_of_itself_and_names_its_attachments() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build(PdfRecipe(texts=("isi",)))))
    writer.add_metadata(
        {"/Title": "Undangan\nRapat", "/Author": "Siti", "/Subject": "", "/Keywords": "rapat, RT"}
    )
    writer.add_attachment("daftar-hadir.xlsx", b"PK")
    text = extract_text(_written(writer))
    assert text.about.splitlines() == ["Undangan Rapat", "Siti", "rapat, RT", "daftar-hadir.xlsx"]
    assert text.pages == ("isi",)


def test_what_a_document_says_of_itself_has_a_limit() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build(PdfRecipe(texts=("isi",)))))
    writer.add_metadata({"/Title": "surat " * 10_000})
    text = extract_text(_written(writer))
    assert len(text.about) == MAX_ABOUT
    assert text.truncated


def test_only_the_page_that_pdfium_cannot_read_is_read_by_pypdf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """pdfium is made to find nothing on one page; pypdf then reads that one from the same file."""
    read: Callable[..., page_text.PageText] = page_text.PageReader.read

    def blind(self: page_text.PageReader, index: int, limit: int) -> page_text.PageText:
        return page_text.PageText(text="", blank=True) if index == 1 else read(self, index, limit)

    monkeypatch.setattr(page_text.PageReader, "read", blind)
    text = extract_text(_annotated(_note("FreeText", "catatan"), page=2))
    assert text.pages == (PAGES[0], PAGES[1], f"{PAGES[2]}\ncatatan")
    assert [name.split()[0] for name in text.extractor.split(", ")] == ["pypdfium2", "pypdf"]


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(max_codepoint=0xFFFF), max_size=30))
def test_clean_text_has_neither_controls_nor_ligatures(text: str) -> None:
    cleaned = clean(text)
    assert not {c for c in cleaned if (c < " " and c not in "\n\t") or "ﬀ" <= c <= "ﬆ"}
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_ligatures_are_letters() -> None:
    assert clean("veriﬁkasi o\ufb03ce su\ufb02ah") == "verifikasi office suflah"
