"""Where on a page a stamp goes."""

from __future__ import annotations

import math

from sipadek.errors import InvalidInput
from sipadek.pdf.geometry import Box, Matrix, PageGeometry, transform_box
from sipadek.stamping.stamp import Placement

__all__ = ["beside", "fitting", "place", "placed"]

# Share of the free width and height that lies left of and below the stamp.
_ANCHORS = {
    "bottom-left": (0.0, 0.0),
    "bottom": (0.5, 0.0),
    "bottom-right": (1.0, 0.0),
    "left": (0.0, 0.5),
    "center": (0.5, 0.5),
    "right": (1.0, 0.5),
    "top-left": (0.0, 1.0),
    "top": (0.5, 1.0),
    "top-right": (1.0, 1.0),
}

# A stamp that has to shrink leaves this much of the page on the tight side.
_FILL = 0.96


def place(
    page: PageGeometry,
    width: float,
    height: float,
    *,
    anchor: str = "bottom-left",
    margin: float | tuple[float, float] = 18.0,
) -> Placement:
    """The place of a stamp of ``width`` × ``height`` points on the page as a reader sees it.

    ``anchor`` is one of nine: ``top-left``, ``top``, ``top-right``, ``left``, ``center``,
    ``right``, ``bottom-left``, ``bottom``, ``bottom-right``. ``margin`` (points; for both
    axes, or x and y) keeps the stamp off the edges of the visible page. On a page too small the
    margin gives way first, then the stamp is scaled down, keeping its proportions: it always lies
    inside the visible page.

    A /UserUnit above 1 enlarges stamp and margin with the page: many viewers ignore the entry, and
    so none shows the stamp smaller than asked for. One below 1 is made up for.

    Raises ``InvalidInput`` for another anchor, or a size or margin that is no usable length.
    """
    if anchor not in _ANCHORS:
        raise InvalidInput(
            f"There is no anchor {anchor!r}. Take one of {', '.join(sorted(_ANCHORS))}.",
            anchor=anchor,
        )
    aside, upward = margin if isinstance(margin, tuple) else (margin, margin)
    if not (0 < width < math.inf and 0 < height < math.inf and min(aside, upward) >= 0) or not (
        max(aside, upward) < math.inf
    ):
        raise InvalidInput(
            f"A stamp of {width} × {height} points with a margin of {margin} cannot be placed. "
            "Give a size above zero and a margin of zero or more.",
            width=width,
            height=height,
            margin=margin,
        )
    page_width, page_height = page.size
    scale = fitting(page, width, height)
    shown_width, shown_height = width * scale, height * scale
    right, up = _ANCHORS[anchor]
    enlarged = max(page.unit, 1.0)
    x = _start(page_width - shown_width, aside * enlarged, right)
    y = _start(page_height - shown_height, upward * enlarged, up)
    return placed(page, width, height, (x, y, x + shown_width, y + shown_height))


def fitting(page: PageGeometry, width: float, height: float) -> float:
    """The scale of a stamp on the page: that of its unit, or what a small page has room for."""
    page_width, page_height = page.size
    return min(max(page.unit, 1.0), _FILL * page_width / width, _FILL * page_height / height)


def beside(
    page: PageGeometry, width: float, height: float, tag: Box, offset: tuple[float, float]
) -> Placement:
    """The place of a stamp with its lower left corner at that of ``tag`` (displayed space), ``offset``
    points to the right and up from it, and moved as far as it must to lie inside the page."""
    scale, enlarged = fitting(page, width, height), max(page.unit, 1.0)
    page_width, page_height = page.size
    shown_width, shown_height = width * scale, height * scale
    x = max(0.0, min(tag[0] + offset[0] * enlarged, page_width - shown_width))
    y = max(0.0, min(tag[1] + offset[1] * enlarged, page_height - shown_height))
    return placed(page, width, height, (x, y, x + shown_width, y + shown_height))


def placed(page: PageGeometry, width: float, height: float, shown: Box) -> Placement:
    """The place that a stamp of ``width`` × ``height`` fills in displayed space."""
    return Placement(transform_box(page.to_user, shown), _upright(page.rotation, width, height))


def _start(free: float, margin: float, share: float) -> float:
    """Where the stamp starts on an axis with ``free`` points around it."""
    margin = min(margin, free / 2)
    return margin + (free - 2 * margin) * share


def _upright(rotation: int, width: float, height: float) -> Matrix:
    """Turns a form against the page's rotation, its lower left corner back at the origin."""
    side = (width, height) if rotation in (0, 180) else (height, width)
    return PageGeometry((0.0, 0.0, *side), rotate=rotation).to_user
