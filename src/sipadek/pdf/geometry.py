"""What a reader sees of a page, and the way between that picture and the page's own coordinates.

Two spaces are used. *User space* is the page's default user space, in which annotations have their
``/Rect``. *Displayed space* is the page as a reader sees it: upright after ``/Rotate``, the origin
at the lower left corner of the visible part, one unit = one point (1/72 inch) after ``/UserUnit``.
"""

from __future__ import annotations

import math

import attrs

__all__ = ["IDENTITY", "Box", "Matrix", "PageGeometry", "transform", "transform_box"]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

Matrix = tuple[float, float, float, float, float, float]
"""``(a, b, c, d, e, f)`` as in ISO 32000-1, 8.3.3: x' = ax + cy + e, y' = bx + dy + f."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

# The page viewers show when a file gives none that can be used.
_LETTER: Box = (0.0, 0.0, 612.0, 792.0)
# Beyond this, viewers (which count in 32-bit floats) place to no better than a tenth of a point.
_FARTHEST = 1_000_000.0
_THINNEST = 0.01


@attrs.frozen
class PageGeometry:
    """The boxes, rotation and unit of a page as read from the file, however odd.

    ``media_box`` and ``crop_box`` are in user space units, corners in any order; ``crop_box`` is
    ``None`` where the page has none. ``rotate`` is in degrees clockwise, ``user_unit`` in points.
    Nothing is refused here: values that no viewer can use are replaced as viewers replace them.
    """

    media_box: Box
    crop_box: Box | None = None
    rotate: int = 0
    user_unit: float = 1.0

    @property
    def displayed(self) -> Box:
        """The visible part in user space: CropBox ∩ MediaBox (ISO 32000-1, 14.11.2).

        MediaBox alone where the two share no area, US Letter where MediaBox has none either.
        """
        media = _usable(self.media_box) or _LETTER
        crop = _usable(self.crop_box) if self.crop_box is not None else None
        return (crop and _intersection(crop, media)) or media

    @property
    def rotation(self) -> int:
        """Clockwise turn at display: 0, 90, 180 or 270. No multiple of 90 counts as 0."""
        turn = self.rotate % 360
        return turn if turn % 90 == 0 else 0

    @property
    def unit(self) -> float:
        """Points in one unit of user space; 1.0 unless ``user_unit`` is positive and finite."""
        unit = self.user_unit
        return float(unit) if math.isfinite(unit) and 1e-6 <= unit <= 1e6 else 1.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as displayed, in points."""
        left, bottom, right, top = self.displayed
        width, height = (right - left) * self.unit, (top - bottom) * self.unit
        return (width, height) if self.rotation in (0, 180) else (height, width)

    @property
    def to_user(self) -> Matrix:
        """Takes points of displayed space to user space."""
        left, bottom, right, top = self.displayed
        step = 1.0 / self.unit
        return {
            0: (step, 0.0, 0.0, step, left, bottom),
            90: (0.0, step, -step, 0.0, right, bottom),
            180: (-step, 0.0, 0.0, -step, right, top),
            270: (0.0, -step, step, 0.0, left, top),
        }[self.rotation]

    @property
    def to_displayed(self) -> Matrix:
        """Takes points of user space to displayed space: the inverse of ``to_user``."""
        a, b, c, d, e, f = self.to_user
        unit = self.unit**2  # 1 / determinant
        a, b, c, d = d * unit, -b * unit, -c * unit, a * unit
        return (a, b, c, d, -(a * e + c * f), -(b * e + d * f))


def transform(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """The point ``(x, y)`` after ``matrix``."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def transform_box(matrix: Matrix, box: Box) -> Box:
    """The smallest upright box around ``box`` after ``matrix``."""
    left, bottom, right, top = box
    corners = [transform(matrix, x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _usable(box: Box) -> Box | None:
    """``box`` with its corners in order and within reach, or nothing if it has no area."""
    if not all(map(math.isfinite, box)):
        return None
    x0, y0, x1, y1 = (min(max(float(value), -_FARTHEST), _FARTHEST) for value in box)
    return _with_area((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))


def _intersection(one: Box, other: Box) -> Box | None:
    return _with_area(
        (
            max(one[0], other[0]),
            max(one[1], other[1]),
            min(one[2], other[2]),
            min(one[3], other[3]),
        )
    )


def _with_area(box: Box) -> Box | None:
    left, bottom, right, top = box
    return box if right - left >= _THINNEST and top - bottom >= _THINNEST else None
