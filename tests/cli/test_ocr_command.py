"""sipadek ocr."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Run
from PIL import Image, ImageDraw, ImageFont

import sipadek


def test_ocr_reads_scans_and_search_says_so(run: Run, office: Path, tmp_path: Path) -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    picture = Image.new("L", (900, 300), 255)
    draw = ImageDraw.Draw(picture)
    draw.text((60, 90), "Kwitansi lunas", fill=0, font=ImageFont.load_default(70))
    picture.save(tmp_path / "pindai.pdf", "PDF", resolution=150)
    with sipadek.open(office) as opened:
        opened.define_series("pindai", "P/{nomor}/{tahun}")
        opened.file(tmp_path / "pindai.pdf", series="pindai", subject="Hasil pindai")

    first, second = run("ocr", office, "--json"), run("ocr", office)

    assert (first.code, first.value["recognised"], first.value["waiting"]) == (0, 1, 0)
    assert second.out.startswith("0 pages recognised by tesseract")
    assert run("search", office, "kwitansi", "--json").value["hits"][0]["recognised"]
    assert "[OCR] Kwitansi" in run("search", office, "kwitansi").out


def test_ocr_without_its_language_says_what_is_missing(run: Run, office: Path) -> None:
    refused = run("ocr", office, "--language", "--list", "--json")
    assert refused.code == 2
    assert refused.value["error"]["code"] in ("invalid-input", "missing-extra")
