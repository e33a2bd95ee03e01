"""The letters that every way of a benchmark files: the same documents for all."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.pdfgen import canvas  # type: ignore[import-untyped]

from sipadek.testing.sample_letters import write_folder

PARAGRAPH = (
    "Sehubungan dengan surat Saudara mengenai pelayanan administrasi kependudukan di kelurahan,",
    "bersama ini kami sampaikan bahwa permohonan tersebut telah diterima dan diperiksa oleh",
    "petugas loket. Kelengkapan berkas dinyatakan sesuai dengan ketentuan yang berlaku, sehingga",
    "dapat diproses lebih lanjut pada kesempatan pertama sesuai dengan urutan penerimaan.",
)


def make(folder: Path, *, pages: int, count: int) -> list[Path]:
    """``count`` letters of ``pages`` pages each, all different, as PDFs in ``folder``: the sample
    letters of sipadek.testing, or plainer ones where typst is missing."""
    folder.mkdir(parents=True)
    if importlib.util.find_spec("typst"):
        return write_folder(folder, count, pages=pages)
    return [_plain(folder / f"surat-{pages}-{n:04}.pdf", n, pages) for n in range(count)]


def _plain(path: Path, number: int, pages: int) -> Path:
    drawing = canvas.Canvas(str(path), pagesize=A4)
    drawing.setTitle(f"Surat keterangan {number}")
    for page in range(pages):
        drawing.setFont("Times-Bold", 13)
        drawing.drawString(72, 780, "PEMERINTAH KOTA CONTOH")
        drawing.setFont("Times-Roman", 11)
        drawing.drawString(72, 756, f"Perihal: keterangan domisili pemohon {number:04}, {page + 1}")
        for line in range(32):
            words = PARAGRAPH[(line + page + number) % len(PARAGRAPH)]
            drawing.drawString(72, 720 - 17 * line, words)
        drawing.showPage()
    drawing.save()
    return path
