"""mark."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from command_line import Run

from sipadek.testing.pdfs import PdfRecipe, build


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "surat.pdf"
    path.write_bytes(build(PdfRecipe(pages=3)))
    return path


def texts(path: Path) -> list[str]:
    document = pdfium.PdfDocument(path)
    found = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return found


def test_pages_are_numbered_and_a_watermark_is_drawn(run: Run, pdf: Path) -> None:
    output = pdf.parent / "salinan.pdf"
    options = ["--watermark", "SALINAN", "--text", "Hal. {n}/{m}", "--pages", "2-last", "--json"]
    ran = run("mark", pdf, "-o", output, *options)
    assert (ran.code, ran.err) == (0, "")
    assert ran.value["size"] == output.stat().st_size
    assert output.read_bytes().startswith(pdf.read_bytes())
    assert ["SALINAN" in text for text in texts(output)] == [False, True, True]
    assert ["Hal. 3/3" in text for text in texts(output)] == [False, False, True]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 2),
        (["--text", "x", "--pages", "9"], 2),
        (["--text", "x", "--anchor", "tengah"], 2),
        (["--text", "x", "--size", "0"], 2),
        (["--text", "漢"], 1),
    ],
)
def test_what_cannot_be_marked_is_told_in_a_line(
    run: Run, pdf: Path, options: list[str], code: int
) -> None:
    output = pdf.parent / "salinan.pdf"
    ran = run("mark", pdf, "-o", output, *options)
    assert (ran.code, ran.err.count("\n")) == (code, 1)
    assert not output.exists()
