"""Previews show what viewers show, at the size asked for."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sipadek.errors import EncryptedPdf, InvalidInput, NotAPdf
from sipadek.pdf.preview import MAX_PIXELS, MAX_WIDTH, page_png
from sipadek.testing.pdf_layout import Item, Section, write_sections
from sipadek.testing.pdf_values import Indirect, Name, Stream
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.testing.strategies import recipes

SIGNED = {
    "Type": Name("Sig"),
    "Filter": Name("Adobe.PPKLite"),
    "SubFilter": Name("ETSI.CAdES.detached"),
    "Contents": b"\x30\x00",
    "ByteRange": [0, 1, 2, 3],
}
WIDGET = {"Subtype": Name("Widget"), "FT": Name("Sig"), "T": b"Tanda tangan"}


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@given(recipes(annots="none"), st.integers(1, 200))
def test_pictures_are_as_wide_as_asked(recipe: PdfRecipe, width: int) -> None:
    found = picture(page_png(build(recipe), width=width))
    assert (
        found.width == width or found.width * found.height <= MAX_PIXELS < 2 * width * found.height
    )


def test_each_page_is_its_own() -> None:
    data = build(PdfRecipe(pages=2, texts=("satu", "halaman yang lain")))
    assert page_png(data) == page_png(data, 0) != page_png(data, 1)


def test_a_path_and_a_password(tmp_path: Path) -> None:
    path = tmp_path / "surat.pdf"
    path.write_bytes(build(PdfRecipe(encryption="AES-256", user_password="buka")))
    assert page_png(path, password="buka") == page_png(build(PdfRecipe()))
    with pytest.raises(EncryptedPdf):
        page_png(path)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("flags", [4, 132])
@pytest.mark.parametrize(
    "field",
    [WIDGET, WIDGET | {"V": SIGNED}, {"Subtype": Name("Stamp")}],
    ids=["field", "signed", "stamp"],
)
def test_appearances_are_drawn_once(field: dict[str, object], flags: int, rotate: int) -> None:
    """The appearance is half transparent, so that drawing it twice would show."""
    found = picture(page_png(_with_annotation(field, flags, rotate), width=200))
    assert found.getpixel((100, 100)) == (255, 128, 128)
    assert found.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("field", [WIDGET, {"Subtype": Name("Stamp")}])
def test_hidden_annotations_stay_hidden(field: dict[str, object]) -> None:
    found = picture(page_png(_with_annotation(field, 2, 0), width=200))
    assert found.getpixel((100, 100)) == (255, 255, 255)


@pytest.mark.parametrize("box", [(0, 0, 1, 1_000_000), (0, 0, 14_400, 14_400), (0, 0, 14_400, 1)])
def test_strange_pages_stay_within_the_pixels(box: tuple[float, float, float, float]) -> None:
    found = picture(page_png(build(PdfRecipe(media_box=box)), width=MAX_WIDTH))
    assert found.width * found.height <= MAX_PIXELS * 1.01
    assert found.width <= MAX_WIDTH


@pytest.mark.parametrize(
    ("page", "width", "said"),
    [(1, 600, "Page 1"), (-1, 600, "Page -1"), (0, 0, "width 0"), (0, MAX_WIDTH + 1, "width")],
)
def test_wrong_arguments_are_refused(page: int, width: int, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        page_png(build(PdfRecipe()), page, width=width)


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(NotAPdf):
        page_png(b"GIF89a")


def test_without_pillow_the_message_names_the_extra() -> None:
    script = """
import sys
sys.modules["PIL"] = None
from sipadek.errors import MissingExtra
from sipadek.pdf.preview import page_png
from sipadek.testing.pdfs import PdfRecipe, build
try:
    page_png(build(PdfRecipe()))
except MissingExtra as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "sipadek[all]" in said.stdout


def _with_annotation(annotation: dict[str, object], flags: int, rotate: int) -> bytes:
    form = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 100, 50]}
    half = {"Resources": {"ExtGState": {"G": {"ca": 0.5}}}}
    objects = {
        1: {
            "Type": Name("Catalog"),
            "Pages": Indirect(2),
            "AcroForm": {"Fields": [Indirect(4)], "SigFlags": 3},
        },
        2: {"Type": Name("Pages"), "Kids": [Indirect(3)], "Count": 1},
        3: {
            "Type": Name("Page"),
            "Parent": Indirect(2),
            "MediaBox": [0, 0, 200, 200],
            "Rotate": rotate,
            "Annots": [Indirect(4)],
        },
        4: {"Type": Name("Annot"), "Rect": [50, 75, 150, 125], "F": flags, "AP": {"N": Indirect(5)}}
        | annotation,
        5: Stream(form | half, b"/G gs 1 0 0 rg 0 0 100 50 re f"),
    }
    items = {number: Item(value) for number, value in objects.items()}
    return write_sections([Section(objects=items, trailer={"Root": Indirect(1)})])
