"""Text of office documents and plain text, and the bombs among them."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_samples import CORE, archive, docx, opendocument, paragraph, xlsx

from sipadek.errors import BrokenPdf, DocumentUnreadable, InvalidInput, NotAPdf
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.text import documents, extract, office_parts

few = settings(deadline=None, max_examples=40)
WORDS = st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0xFAFF), min_size=1)


def test_a_pdf_has_a_text_for_each_page(tmp_path: Path) -> None:
    path = tmp_path / "surat.pdf"
    path.write_bytes(build(PdfRecipe(pages=2, texts=("satu", "dua"))))
    assert extract(path).pages == ("satu", "dua")
    with pytest.raises((BrokenPdf, NotAPdf)):
        extract(b"%PDF-1.7 but no more")


def test_docx_has_body_headers_notes_and_what_it_says_of_itself() -> None:
    body = (
        paragraph("Yth. ", "Lurah")
        + "<w:tbl><w:tr><w:tc>" + paragraph("Nama") + "</w:tc></w:tr></w:tbl>"
        + "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
        + "<w:p><w:r><w:delText>terhapus</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>"
        + "<x><Choice>" + paragraph("kotak") + "</Choice>"
        + "<Fallback>" + paragraph("kotak") + "</Fallback></x>"
    )  # fmt: skip
    data = docx(
        body,
        word_header1="<w:hdr xmlns:w='w'><w:p><w:t>KOP</w:t></w:p></w:hdr>",
        word_footnotes="<w:f xmlns:w='w'><w:p><w:t>catatan</w:t></w:p></w:f>",
        docProps_core=CORE,
    )
    text = extract(data)
    assert text.pages == ("Yth. Lurah\nNama\na\tb\nc\nkotak\ncatatan\nKOP",)
    assert text.about == "Undangan rapat\nSiti"
    assert (text.extractor, text.truncated) == ("sipadek docx", False)


def test_a_workbook_of_openpyxl_has_a_text_for_each_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Nama", "Umur"])
    book.active.append(["Budi", 41])
    book.create_sheet("Dua").append(["Alamat <RT & RW>"])
    book.properties.title = "Daftar hadir"
    book.properties.creator = "Siti"
    book.save(tmp_path / "daftar.xlsx")
    text = extract(tmp_path / "daftar.xlsx")
    assert text.pages == ("Nama\tUmur\nBudi\t41", "Alamat <RT & RW>")
    assert set(text.about.splitlines()) == {"Siti", "Daftar hadir"}


def test_cells_of_every_kind_are_read() -> None:
    rows = (
        '<row><c t="s"><v>1</v></c><c><v>3.5</v></c><c t="inlineStr"><is><t>di sini</t></is></c></row>'
        '<row><c t="s"><v>9</v></c><c t="s"><v>x</v></c><c t="str"><f>A1</f><v>hasil</v></c></row>'
    )
    shared = "<si><t>nol</t></si><si><r><t>sa</t></r><r><t>tu</t></r></si>"
    assert extract(xlsx(rows, shared=shared)).pages == ("satu\t3.5\tdi sini\n\t\thasil",)


def test_opendocument_text_and_workbook() -> None:
    body = (
        "<text:tracked-changes><text:p>terhapus</text:p></text:tracked-changes>"
        "<text:h>Undangan</text:h><text:p>Rapat<text:s/>RT<text:tab/>03<text:line-break/>Senin</text:p>"
    )
    styles = "<style:footer><text:p>kaki</text:p></style:footer>"
    text = extract(opendocument("text", body, styles))
    assert text.pages == ("Undangan\nRapat RT\t03\nSenin\nkaki",)
    assert text.about == "Undangan"
    cells = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{cells.format('Nama')}{cells.format('Budi')}</table:table-row>"
    sheets = f"<table:table>{row}</table:table><table:table>{row}</table:table>"
    assert extract(opendocument("spreadsheet", sheets)).pages == ("Nama \tBudi",) * 2


@few
@given(st.lists(WORDS, min_size=1, max_size=5), st.integers(0, 30))
def test_limits_cut_exactly(words: list[str], most: int) -> None:
    data = docx("".join(map(paragraph, words)))
    whole, short = extract(data), extract(data, max_characters=most)
    joined = "".join(whole.pages)
    assert joined == "\n".join(words)
    assert "".join(short.pages) == joined[:most].rstrip("\n")
    assert short.truncated == (most < len(joined) + 1)  # the last paragraph ends in a line end


@few
@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_plain_text_is_what_was_written(text: str, encoding: str) -> None:
    assert extract(text.encode(encoding)).pages == (documents.clean(text),)


def test_plain_text_of_windows_and_comma_separated_values() -> None:
    assert extract("Rp 5.000 – lunas\r\n".encode("cp1252")).pages == ("Rp 5.000 – lunas\n",)
    text = extract(b"no;nama\n1;Budi\n", max_characters=9)
    assert (text.pages, text.truncated) == (("no;nama\n1",), True)
    assert extract(b"").pages == ()
    assert extract("é".encode() * 9, max_characters=3).pages == ("ééé",)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "before 2007"),
        (archive({"readme.txt": "x"}), "no DOCX"),
        (archive({"word/document.xml": "<w>"}), "of its kind"),
        (archive({"word/document.xml": "<a/>"}, zipfile.ZIP_BZIP2), "compression"),
        (docx(paragraph("satu"))[:-40], "damaged"),
        (
            archive({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            "document type",
        ),
        (archive({"word/document.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'}), "type"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(DocumentUnreadable, match=told):
        extract(data)


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(docx(paragraph("satu")))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DocumentUnreadable, match="encrypted"):
        extract(bytes(data))


def test_bombs_are_refused_by_what_they_unpack_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_parts, "MAX_PART", 1 << 20)
    bomb = docx("<w:p/>" + " " * (2 << 20))
    assert len(bomb) < 5000
    with pytest.raises(DocumentUnreadable, match=str(1 << 20)):
        extract(bomb)
    many = {f"word/header{n}.xml": "<a>" + " " * (1 << 19) + "</a>" for n in range(9)}
    monkeypatch.setattr(office_parts, "MAX_TOTAL", 2 << 20)
    with pytest.raises(DocumentUnreadable, match=str(2 << 20)):
        extract(
            docx("", **{name.removesuffix(".xml").replace("/", "_"): t for name, t in many.items()})
        )


def test_too_many_elements_or_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_parts, "MAX_ELEMENTS", 1000)
    with pytest.raises(DocumentUnreadable, match="1000 elements"):
        extract(docx("<w:p/>" * 1000))
    monkeypatch.setattr(office_parts, "MAX_DIRECTORY", 1000)
    with pytest.raises(DocumentUnreadable, match="list of parts"):
        extract(archive({f"word/media/{n}": b"" for n in range(100)}))


def test_a_file_that_is_too_large_or_missing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        extract(tmp_path / "tidak-ada.docx")
    with pytest.raises(InvalidInput, match="negative"):
        extract(b"", max_characters=-1)
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    (tmp_path / "a.txt").write_bytes(b"x" * 11)
    with pytest.raises(DocumentUnreadable, match="11 bytes"):
        extract(tmp_path / "a.txt")


DAMAGED = [
    docx(paragraph("satu", "dua"), docProps_core=CORE),
    xlsx('<row><c t="s"><v>0</v></c></row>', shared="<si><t>a</t></si>"),
]


@few
@given(st.sampled_from(DAMAGED), st.data())
def test_damaged_archives_are_read_or_refused(whole: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(DocumentUnreadable):
        extract(bytes(changed))
