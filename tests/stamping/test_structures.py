"""Marks on files whose structure a revision has to fit itself to, as qpdf and pdfium see them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from test_marks import LINK, NUMBERS

from sipadek.stamping import Code, Mark, Panel, Text, Watermark, marked
from sipadek.testing.pdfs import PdfRecipe, build, linearize


def odd_structures() -> dict[str, bytes]:
    """PDFs whose structure a revision has to fit itself to."""
    found = {
        xref: build(PdfRecipe(pages=2, xref=xref, info=True))  # type: ignore[arg-type]
        for xref in ("table", "stream", "hybrid")
    }
    found["updated"] = build(PdfRecipe(pages=2, updates=("table", "stream")))
    found["junk"] = build(PdfRecipe(pages=2, junk=b"baris surat elektronik\n"))
    for damage in ("startxref", "no-xref"):
        found[damage] = build(PdfRecipe(pages=2, damage=damage))  # type: ignore[arg-type]
    linearized = linearize(build(PdfRecipe(pages=3)))
    if linearized is not None:
        found["linearized"] = linearized
    found["encrypted"] = build(PdfRecipe(pages=2, encryption="AES-256", user_password="sandi"))
    return found


EVERYTHING = [
    NUMBERS,
    Mark(what=Watermark(text="SALINAN"), pages="all"),
    Mark(what=Panel(width=50, height=20, fill=0.9), anchor="top"),
    Mark(what=Code(content=LINK), anchor="top-left"),
    Mark(what=Text(text="Salinan 2\ndari 5", covering=True), anchor="top-right", free=True),
]


def checked(path: Path, data: bytes) -> tuple[int, int]:
    """How qpdf's check ends, 0 best, and how many lines it has to say."""
    path.write_bytes(data)
    ended = subprocess.run(
        ["qpdf", "--password=sandi", "--check", str(path)], check=False, capture_output=True
    )
    return {0: 0, 3: 1}.get(ended.returncode, 2), len(ended.stderr.splitlines())


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
@pytest.mark.parametrize("name", odd_structures())
def test_no_reader_finds_the_structure_worse(tmp_path: Path, name: str) -> None:
    pdf = odd_structures()[name]
    after = marked(pdf, EVERYTHING, password="sandi")
    assert after.startswith(pdf)
    assert checked(tmp_path / "b.pdf", after) <= checked(tmp_path / "a.pdf", pdf)
    before, found = (pdfium.PdfDocument(data, password="sandi") for data in (pdf, after))
    assert len(before) == len(found)
    for number, page in enumerate(found, 1):
        text = page.get_textpage().get_text_bounded()
        assert f"Halaman {number}/{len(found)}" in text
        assert set(before[number - 1].get_textpage().get_text_bounded().split()) <= set(
            text.split()
        )
    before.close()
    found.close()
