"""Pages as pictures for recognition: within limits, with what lies over the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sipadek.errors import BrokenPdf, InvalidInput
from sipadek.pdf import scan_page_apart
from sipadek.pdf.scan import DPI, MAX_PIXELS, scan_page
from sipadek.testing.pdfs import PdfRecipe, build


def test_a_page_is_drawn_at_the_resolution_of_recognition(tmp_path: Path) -> None:
    target = tmp_path / "p"
    drawn = scan_page(build(PdfRecipe(pages=2, texts=("satu", "dua"))), 1, target)
    assert (drawn.dpi, drawn.white) == (DPI, False)
    with Image.open(target) as picture:
        assert picture.mode == "L"
        assert picture.width == pytest.approx(DPI * 595 / 72, abs=20)
        assert picture.getextrema() == (0, 255)


def test_a_white_page_is_told(tmp_path: Path) -> None:
    assert scan_page(build(PdfRecipe(contents="none")), 0, tmp_path / "p").white


@pytest.mark.parametrize("box", [(0, 0, 14400, 14400), (0, 0, 14400, 10)])
def test_a_huge_page_gets_fewer_dots(box: tuple[int, int, int, int], tmp_path: Path) -> None:
    drawn = scan_page(build(PdfRecipe(media_box=box)), 0, tmp_path / "p")
    assert 0 < drawn.dpi < DPI
    with Image.open(tmp_path / "p") as picture:
        assert picture.width * picture.height <= MAX_PIXELS
        assert max(picture.size) <= 32_767


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    data = build(PdfRecipe())
    with pytest.raises(InvalidInput, match="Page 7"):
        scan_page(data, 7, tmp_path / "p")
    (tmp_path / "noise").write_bytes(b"%PDF-1.7\nnothing else")
    with pytest.raises(BrokenPdf):
        scan_page_apart(tmp_path / "noise", 0, tmp_path / "p", password=None)
