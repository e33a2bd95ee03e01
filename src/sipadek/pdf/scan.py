"""A page as a grey picture in a file, for a program that recognises text."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import attrs

from sipadek.errors import BrokenPdf, InvalidInput
from sipadek.pdf.pdfium import open_document

__all__ = ["DPI", "MAX_PIXELS", "Scan", "scan_page"]

DPI = 300
"""Dots per inch that recognition of text is trained on."""

MAX_PIXELS = 36_000_000
"""The most pixels of one picture, and so its bytes: A2 at 300 dots per inch. Larger pages are drawn
with fewer dots."""

_MAX_SIDE = 32_000  # Tesseract takes no picture beyond 32767 either way.


@attrs.frozen(kw_only=True)
class Scan:
    """How a page was drawn: ``dpi`` dots per inch; ``white``: there is nothing on it."""

    dpi: int
    white: bool


def scan_page(
    source: bytes | Path, page: int, target: Path, *, password: str | None = None
) -> Scan:
    """Write the page (0 is the first) to ``target`` as a PGM, on white, with what is drawn over it.

    Raises ``InvalidInput`` for a page that is not there, leaves of ``PdfError`` for files that cannot
    be drawn.
    """
    with open_document(source, password=password) as document:
        with contextlib.suppress(
            Exception
        ):  # a damaged form must not keep the page from being seen
            document.init_forms()
        if not 0 <= page < len(document):
            raise InvalidInput(
                f"Page {page} was asked for; the PDF has {len(document)} pages, counted from 0."
            )
        drawn = document[page]
        scale = _scale(*drawn.get_size())
        bitmap = drawn.render(scale=scale, grayscale=True, draw_annots=True, may_draw_forms=True)
        try:
            data, stride, width = memoryview(bitmap.buffer), bitmap.stride, bitmap.width
            white = True
            with target.open("wb") as file:
                file.write(b"P5 %d %d 255\n" % (width, bitmap.height))
                for row in range(bitmap.height):
                    line = bytes(data[row * stride : row * stride + width])
                    white = white and line.count(b"\xff") == width
                    file.write(line)
        finally:
            bitmap.close()
    return Scan(dpi=max(1, round(72 * scale)), white=white)


def _scale(width: float, height: float) -> float:
    """Pixels per point."""
    if not (width > 0 and height > 0):
        raise BrokenPdf("The page has no size, so there is nothing to draw.")
    return min(
        DPI / 72,
        math.sqrt(0.99 * MAX_PIXELS / (width * height)),
        _MAX_SIDE / width,
        _MAX_SIDE / height,
    )
