"""Free space on a page, measured: never over text, nor over an annotation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from sipadek.errors import StampError
from sipadek.pdf.geometry import Box, PageGeometry, transform_box
from sipadek.pdf.ink import Ink
from sipadek.pdf.sights import Sights
from sipadek.stamping.placement import fitting, place, placed
from sipadek.stamping.stamp import Placement

__all__ = ["Free", "find_free"]

_SHRUNK: Final = (1.0, 0.9, 0.8, 0.7)
_APART: Final = 4.0
"""Points that are kept clear around what is placed, where it does not stand at the page's edge."""


@attrs.frozen
class Free:
    """A free place. ``plain``: the ground there is of one grey that is not the paper's, so that what
    is drawn needs white under it."""

    placement: Placement
    plain: bool


def find_free(
    sights: Sights,
    index: int,
    width: float,
    height: float,
    *,
    anchors: Sequence[str],
    margin: float | tuple[float, float] = 18.0,
    taken: Sequence[Box] = (),
) -> Free:
    """Where ``width`` × ``height`` points are free on a page (from 0).

    Tried in turn: each of ``anchors``; the free place nearest to the first of them; the same at 90, 80
    and 70 %; and all of it once more on grounds of one grey. Text, annotations and form fields, and
    what differs from the page's paper are kept clear of (on a scanned page that is its writing), and
    so are the boxes in ``taken`` (displayed space, in points).

    Raises:
        StampError: there is no such place on the page.
        InvalidInput: an anchor that is not there.
        PdfError: a leaf of it, where pdfium cannot read the file.
    """
    shape = sights.shape(index)
    for plain in (False, True):
        ink = sights.ink(index, plain=plain).with_boxes(taken)
        for shrunk in _SHRUNK:
            scale = fitting(shape, width, height) * shrunk
            sides = width * scale, height * scale
            found = _found(shape, ink, sides, anchors, margin)
            if found is not None:
                left, bottom = found
                box = (left, bottom, left + sides[0], bottom + sides[1])
                return Free(placed(shape, width, height, box), plain)
    least = fitting(shape, width, height) * _SHRUNK[-1]
    raise StampError(
        f"page {index + 1} has no free space of {width * least:.0f} × {height * least:.0f} points; make"
        " room on it, take another page, or name a place",
        page=index + 1,
    )


def _found(
    shape: PageGeometry,
    ink: Ink,
    sides: tuple[float, float],
    anchors: Sequence[str],
    margin: float | tuple[float, float],
) -> tuple[float, float] | None:
    corners = list(_corners(shape, sides, anchors, margin))
    apart = _APART * max(shape.unit, 1.0)
    for left, bottom in corners:
        if ink.free(_around((left, bottom, left + sides[0], bottom + sides[1]), apart)):
            return left, bottom
    wide, high = sides[0] + 2 * apart, sides[1] + 2 * apart
    aside, upward = margin if isinstance(margin, tuple) else (margin, margin)
    scale = max(shape.unit, 1.0)
    page_width, page_height = shape.size
    x = max(0.0, min(aside * scale - apart, (page_width - wide) / 2))
    y = max(0.0, min(upward * scale - apart, (page_height - high) / 2))
    within = (x, y, page_width - x, page_height - y)
    near = corners[0][0] - apart, corners[0][1] - apart
    corner = ink.nearest(wide, high, within, near)
    return None if corner is None else (corner[0] + apart, corner[1] + apart)


def _corners(
    shape: PageGeometry,
    sides: tuple[float, float],
    anchors: Sequence[str],
    margin: float | tuple[float, float],
) -> Iterator[tuple[float, float]]:
    """The lower left corner of a box of these sides (displayed) at each anchor."""
    scale = max(shape.unit, 1.0)
    for anchor in anchors:
        where = place(shape, sides[0] / scale, sides[1] / scale, anchor=anchor, margin=margin)
        left, bottom, _, _ = transform_box(shape.to_displayed, where.rect)
        yield left, bottom


def _around(box: Box, apart: float) -> Box:
    return box[0] - apart, box[1] - apart, box[2] + apart, box[3] + apart
