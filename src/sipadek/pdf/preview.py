"""A picture of a page, as a viewer shows it: with annotations, form fields and signatures."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

from sipadek.errors import BrokenPdf, InvalidInput, MissingExtra
from sipadek.pdf.pdfium import open_document

__all__ = ["MAX_PIXELS", "MAX_WIDTH", "page_png"]

MAX_WIDTH = 8_000
"""The widest picture that can be asked for, in pixels."""

MAX_PIXELS = 16_000_000
"""The most pixels of one picture: 48 MB while it is drawn."""


def page_png(
    source: bytes | Path, page: int = 0, *, width: int = 600, password: str | None = None
) -> bytes:
    """The page (0 is the first) as a PNG, ``width`` pixels wide, on white.

    Pages are scaled to the width whatever their size in points, a page too tall for
    ``MAX_PIXELS`` to less. Raises ``InvalidInput`` for a page or width that is not there,
    ``MissingExtra`` without Pillow, leaves of ``PdfError`` for files that cannot be drawn.
    """
    if not 1 <= width <= MAX_WIDTH:
        raise InvalidInput(f"The width {width} is outside 1 to {MAX_WIDTH} pixels.")
    _require_pillow()
    with open_document(source, password=password) as document:
        # A damaged form must not keep the page from being seen.
        with contextlib.suppress(Exception):
            document.init_forms()
        if not 0 <= page < len(document):
            raise InvalidInput(
                f"Page {page} was asked for; the PDF has {len(document)} pages, counted from 0."
            )
        return _png(document[page], width)


def _png(page: Any, width: int) -> bytes:
    bitmap = page.render(scale=_scale(page, width), draw_annots=True, may_draw_forms=True)
    try:
        picture = io.BytesIO()
        bitmap.to_pil().save(picture, "PNG")
        return picture.getvalue()
    finally:
        bitmap.close()


def _scale(page: Any, width: int) -> float:
    """Pixels per point. pdfium rounds both sides up, hence the hair's breadth less."""
    across, down = page.get_size()
    if not (across > 0 and down > 0):
        raise BrokenPdf("The page has no size, so there is nothing to draw.")
    scale: float = (width - 1e-6 * width) / across
    tallest = MAX_PIXELS / width
    if down * scale > tallest:
        scale = min(scale, (MAX_PIXELS / (across * down)) ** 0.5, 65_000 / down)
    return scale


def _require_pillow() -> None:
    try:
        import PIL.Image  # noqa: F401
    except ImportError as error:
        raise MissingExtra(
            "Pictures of pages need Pillow, which is not installed. Install 'sipadek[all]'."
        ) from error
