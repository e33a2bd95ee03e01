"""Text extraction: what the pages say, within limits, whatever the file is."""

from __future__ import annotations

import contextlib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import BrokenPdf, EncryptedPdf, InvalidInput, NotAPdf, PdfError
from sipadek.pdf.extraction import extracting
from sipadek.pdf.page_text import clean
from sipadek.pdf.text import ExtractedText, extract_text
from sipadek.testing.pdf_layout import Item, Section, write_sections
from sipadek.testing.pdf_values import Indirect, Name, Stream
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.testing.strategies import damaged_recipes

PAGES = PdfRecipe(pages=3, texts=("satu dua\ntiga", "empat", "lima enam"))


def test_pages_come_in_order_and_with_the_extractor() -> None:
    text = extract_text(build(PAGES))
    assert text.pages == ("satu dua\ntiga", "empat", "lima enam")
    assert text.extractor.startswith("pypdfium2 5.")
    assert not text.truncated


def test_a_path_is_read_like_bytes(tmp_path: Path) -> None:
    path = tmp_path / "surat é.pdf"
    path.write_bytes(build(PAGES))
    assert extract_text(path) == extract_text(build(PAGES))


def test_a_child_process_finds_what_its_parent_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been started in another working directory."""
    for folder in ("satu", "dua"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.pdf").write_bytes(build(PAGES))
        monkeypatch.chdir(tmp_path / folder)
        with extracting(Path(f"{folder}.pdf"), password=None) as result:
            assert result().pages[1] == "empat"


@given(st.integers(0, 5), st.integers(0, 40))
def test_limits_cut_exactly(pages: int, characters: int) -> None:
    whole = extract_text(build(PAGES))
    text = extract_text(build(PAGES), max_pages=pages, max_characters=characters)
    joined = "".join(whole.pages[:pages])
    assert "".join(text.pages) == joined[:characters]
    assert len(text.pages) <= pages
    everything = pages >= 3 and characters >= len(joined)
    assert text.truncated == (not everything)


def test_pages_without_text_are_empty() -> None:
    assert extract_text(build(PdfRecipe(pages=2, contents="none"))).pages == ("", "")


def test_pypdf_reads_what_pdfium_does_not() -> None:
    data = build(PdfRecipe(xref="stream", damage="endobj", damage_by=40, texts=("masih terbaca",)))
    text = extract_text(data)
    assert text.extractor.startswith("pypdf ")
    assert text.pages == ("masih terbaca",)
    assert extract_text(data, max_characters=5) == ExtractedText(
        pages=("masih",), extractor=text.extractor, truncated=True, about=text.about
    )


@pytest.mark.no_cover
@given(damaged_recipes())
def test_damaged_files_are_read_or_refused(recipe: PdfRecipe) -> None:
    with contextlib.suppress(PdfError):
        assert len(extract_text(build(recipe)).pages) >= 1


@given(st.binary(max_size=300), st.booleans())
def test_noise_is_refused(noise: bytes, headed: bool) -> None:
    with pytest.raises(PdfError):
        extract_text(b"%PDF-1.7\n" * headed + noise)


@pytest.mark.parametrize(
    ("source", "leaf"),
    [
        (b"", NotAPdf),
        (b"Yth. Bapak Lurah", NotAPdf),
        (b"%PDF-1.7\nnothing else", BrokenPdf),
        (build(PdfRecipe(encryption="AES-256", user_password="buka")), EncryptedPdf),
        (Path("/no/such/file.pdf"), InvalidInput),
        (Path("/"), InvalidInput),
    ],
)
def test_each_refusal_has_its_leaf(source: bytes | Path, leaf: type[Exception]) -> None:
    with pytest.raises(leaf):
        extract_text(source)


def test_passwords_stay_out_of_messages() -> None:
    data = build(PdfRecipe(encryption="AES-256", user_password="buka"))
    with pytest.raises(EncryptedPdf) as refused:
        extract_text(data, password="tebakan-salah")
    assert "tebakan" not in str(refused.value)
    with pytest.raises(InvalidInput):
        extract_text(data, password="\ud800")


def test_negative_limits_are_refused() -> None:
    with pytest.raises(InvalidInput, match="max_pages=-1"):
        extract_text(build(PAGES), max_pages=-1)


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=20))
def test_texts_hold_no_control_character_and_no_lone_surrogate(units: list[int]) -> None:
    """A /ToUnicode map may name any UTF-16 unit at all."""
    text = extract_text(_mapped(units)).pages[0]
    assert "\0" not in text
    text.encode()
    assert {c for c in text if unicodedata.category(c) == "Cc"} <= {"\n", "\t"}


def test_characters_beyond_the_basic_plane_are_whole() -> None:
    assert extract_text(_mapped([0x41, 0xD83D, 0xDE00, 0x42], pairs=True)).pages == ("A😀B",)


def test_a_hyphen_at_the_end_of_a_line_stays() -> None:
    text = extract_text(build(PdfRecipe(texts=("keputusan-\nkeputusan lurah",))))
    assert text.pages == ("keputusan-\nkeputusan lurah",)


def _mapped(units: list[int], *, pairs: bool = False) -> bytes:
    """A page showing one character per unit, whose font's /ToUnicode maps it to that unit."""
    codes: list[str] = []
    for unit in units:
        if pairs and 0xDC00 <= unit < 0xE000:
            codes[-1] += f"{unit:04x}"
        else:
            codes.append(f"{unit:04x}")
    rows = "".join(f"<{0x21 + at:02x}> <{code}>\n" for at, code in enumerate(codes))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{rows}endbfchar\nendcmap end end"
    )
    shown = bytes(range(0x21, 0x21 + len(codes))).hex().encode()
    font = {
        "Type": Name("Font"),
        "Subtype": Name("Type1"),
        "BaseFont": Name("Courier"),
        "ToUnicode": Indirect(6),
    }
    page = {
        "Type": Name("Page"),
        "Parent": Indirect(2),
        "MediaBox": [0, 0, 595, 842],
        "Resources": {"Font": {"F": Indirect(5)}},
        "Contents": Indirect(4),
    }
    objects = {
        1: {"Type": Name("Catalog"), "Pages": Indirect(2)},
        2: {"Type": Name("Pages"), "Kids": [Indirect(3)], "Count": 1},
        3: page,
        4: Stream({}, b"BT /F 12 Tf 50 700 Td <" + shown + b"> Tj ET"),
        5: font,
        6: Stream({}, cmap.encode()),
    }
    items = {number: Item(value) for number, value in objects.items()}
    return write_sections([Section(objects=items, trailer={"Root": Indirect(1)})])


@pytest.mark.parametrize("control", ["\x00", "\x03", "\x1f", "\x7f"])
def test_a_control_character_parts_words(control: str) -> None:
    assert clean(f"satu{control}habibi").split() == ["satu", "habibi"]
