"""mark."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from command_line import Run
from PIL import Image

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


def test_a_picture_goes_where_its_tag_stands(run: Run, tmp_path: Path) -> None:
    pdf, paraf, output = (tmp_path / name for name in ("a.pdf", "paraf.png", "b.pdf"))
    pdf.write_bytes(build(PdfRecipe(texts=("Lurah #",))))
    Image.new("RGB", (20, 10), (200, 0, 0)).save(paraf)
    assert run("mark", pdf, "-o", output, "--picture", paraf, "--tag", "#").code == 0
    document = pdfium.PdfDocument(output)
    colours = document[0].render(scale=1).to_pil().convert("RGB").getcolors(100_000)
    document.close()
    assert sum(count for count, colour in colours or () if colour[0] > 150 > 50 > colour[1]) > 2000
    assert run("mark", pdf, "-o", output, "--picture", paraf, "--tag", "$$").code == 2


def test_a_link_and_a_device_stay_what_they_are(run: Run, pdf: Path) -> None:
    link, target = pdf.parent / "tautan.pdf", pdf.parent / "sasaran.pdf"
    link.symlink_to(target)
    assert run("mark", pdf, "-o", link, "--text", "x").code == 0
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"%PDF-")
    pipe = pdf.parent / "pipa"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    assert run("mark", pdf, "-o", pipe, "--text", "x").code == 0
    assert reader.communicate(timeout=10)[0] == target.read_bytes()
    assert pipe.is_fifo()


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


def test_a_text_goes_to_each_tag_or_into_free_space(run: Run, pdf: Path) -> None:
    output = pdf.parent / "paraf.pdf"
    ran = run("mark", pdf, "-o", output, "--text", "SR", "--tag", "Surat", "--nth", "-1")
    assert (ran.code, ran.err) == (0, "")
    again = run(
        "mark", output, "-o", pdf.parent / "b.pdf", "--text", "KOSONG", "--free", "--pages", "1"
    )
    assert (again.code, again.err) == (0, "")
    assert "KOSONG" in texts(pdf.parent / "b.pdf")[0]
    refused = run("mark", pdf, "-o", output, "--text", "SR", "--tag", "Surat", "--nth", "9")
    assert refused.code != 0
