"""What is drawn on a page, measured at a low resolution, to find where nothing is."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs

from sipadek.errors import BrokenPdf
from sipadek.pdf.geometry import Box
from sipadek.pdf.pdfium import check_count, open_document

__all__ = ["Ink", "Measured", "measure"]

_CELLS = 250_000
"""About how many cells a page is measured in: on A4 one of them is 1.4 points wide."""
_LONGEST = 1500
_MAX_TEXTS = 50_000
_PAPER = 160
"""The darkest grey, of 255, that counts as paper."""
_FAINTEST = 24
"""Grey levels by which a cell differs from the paper, or from its neighbour, where something is."""


@attrs.frozen(kw_only=True)
class Measured:
    """A page as it is shown, in cells: one number for each row from the top, bit 0 its left cell.

    In ``ink`` a bit is set where the page is not like its paper, in ``edges`` where neighbours differ:
    a plain ground, of whatever grey, has none. ``texts`` are boxes of text in the page's default user
    space, seen or not.
    """

    columns: int
    ink: tuple[int, ...]
    edges: tuple[int, ...]
    texts: tuple[Box, ...]


def measure(
    source: bytes | Path, page: int, *, count: int | None = None, password: str | None = None
) -> Measured:
    """Measure a page (from 0) of a PDF of ``count`` pages, with its annotations and form fields.

    Raises a leaf of PdfError where pdfium cannot read the file or counts other pages.
    """
    with open_document(source, password=password) as document:
        with contextlib.suppress(
            Exception
        ):  # a damaged form must not keep the page from being seen
            document.init_forms()
        check_count(len(document), count)
        shown = document[page]
        rows = _rows(shown)
        texts = _texts(shown)
    ink, edges = _ink(rows), _edges(rows)
    return Measured(columns=len(rows[0]), ink=ink, edges=edges, texts=texts)


def _rows(page: Any) -> list[bytes]:
    """The page in greys, one byte a cell."""
    across, down = page.get_size()
    if not (across > 0 and down > 0):
        raise BrokenPdf("the page has no size, so nothing can be placed on it")
    scale = min((_CELLS / (across * down)) ** 0.5, _LONGEST / max(across, down))
    bitmap = page.render(scale=scale, grayscale=True, draw_annots=True, may_draw_forms=True)
    try:
        data, stride = bytes(bitmap.buffer), bitmap.stride
        return [data[r * stride : r * stride + bitmap.width] for r in range(bitmap.height)]
    finally:
        bitmap.close()


def _texts(page: Any) -> tuple[Box, ...]:
    written = page.get_textpage()
    count = min(written.count_rects(), _MAX_TEXTS)
    return tuple(tuple(written.get_rect(n)) for n in range(count))


def _mask(row: bytes, table: bytes) -> int:
    return int(row[::-1].translate(table), 2)


def _bits(wanted: Iterable[int]) -> bytes:
    """A table that makes '1' of the wanted greys and '0' of the others."""
    table = bytearray(b"0" * 256)
    for grey in wanted:
        table[grey] = 0x31
    return bytes(table)


def _ink(rows: Sequence[bytes]) -> tuple[int, ...]:
    greys = Counter(b"".join(rows))
    cells = sum(greys.values())
    light = [grey for grey in greys if grey >= _PAPER and greys[grey] * 100 >= cells]
    paper = max(light, key=lambda grey: greys[grey], default=255)
    table = _bits(grey for grey in range(256) if abs(grey - paper) > _FAINTEST)
    return tuple(_mask(row, table) for row in rows)


def _edges(rows: Sequence[bytes]) -> tuple[int, ...]:
    """Where one of a few levels of grey is crossed on the way to the right or down."""
    within = (1 << (len(rows[0]) - 1)) - 1
    found = [0] * len(rows)
    for level in range(_FAINTEST, 256, _FAINTEST):
        table = _bits(range(level, 256))
        above = 0
        for number, row in enumerate(rows):
            mask = _mask(row, table)
            found[number] |= (mask ^ mask >> 1) & within
            if number:
                found[number] |= mask ^ above
            above = mask
    return tuple(found)


@attrs.frozen(kw_only=True)
class Ink:
    """Cells of a displayed page that are taken, as in `Measured`; ``cell`` is their width and height
    in points of displayed space."""

    columns: int
    cell: tuple[float, float]
    rows: tuple[int, ...]

    def with_boxes(self, boxes: Iterable[Box]) -> Ink:
        """The same with boxes of displayed space (points, from the lower left) taken too."""
        rows = list(self.rows)
        for box in boxes:
            if span := self.span(box):
                left, top, right, bottom = span
                bits = (1 << right) - (1 << left)
                for row in range(top, bottom):
                    rows[row] |= bits
        return attrs.evolve(self, rows=tuple(rows))

    def without_boxes(self, boxes: Iterable[Box]) -> Ink:
        """The same with nothing in the boxes, nor in the cells next to them."""
        rows = list(self.rows)
        wide, high = self.cell
        for box in boxes:
            grown = box[0] - wide, box[1] - high, box[2] + wide, box[3] + high
            if span := self.span(grown):
                left, top, right, bottom = span
                bits = (1 << right) - (1 << left)
                for row in range(top, bottom):
                    rows[row] &= ~bits
        return attrs.evolve(self, rows=tuple(rows))

    def span(self, box: Box) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom cell of what the box touches; None where it is off the page."""
        wide, high = self.cell
        last = len(self.rows)
        left = max(0, int(box[0] // wide))
        right = min(self.columns, -int(-box[2] // wide))
        top = max(0, last + int(-box[3] // high))
        bottom = min(last, last - int(box[1] // high))
        return (left, top, right, bottom) if left < right and top < bottom else None

    def free(self, box: Box) -> bool:
        """Whether nothing is in the box."""
        span = self.span(box)
        if span is None:
            return False
        left, top, right, bottom = span
        bits = (1 << right) - (1 << left)
        return not any(row & bits for row in self.rows[top:bottom])

    def nearest(
        self, width: float, height: float, within: Box, to: tuple[float, float]
    ) -> tuple[float, float] | None:
        """The lower left corner of the free box of that size, inside ``within``, that is nearest to
        ``to``; None where there is none. All in points."""
        wide, high = self.cell
        across, down = -int(-width // wide) + 1, -int(-height // high) + 1
        bounds = self.span(within)
        if bounds is None:
            return None
        left, top, right, bottom = bounds
        # A cell that ``within`` only touches is not inside it.
        left, right = left + (left * wide < within[0] - 1e-6), right - 1
        top, bottom = top + 1, bottom - 1
        last = len(self.rows)
        if right - left < across or bottom - top < down:
            return None
        allowed = (1 << (right - across + 1)) - (1 << left)
        free = [allowed & ~row for row in self._grown(across, down)]
        column, row = int(to[0] // wide), last - down - int(to[1] // high)
        best: tuple[float, int, int] | None = None
        for start in range(top, bottom - down + 1):
            for found in _closest(free[start], max(0, column)):
                distance = ((found - column) * wide) ** 2 + ((start - row) * high) ** 2
                if best is None or distance < best[0]:
                    best = (distance, found, start)
        if best is None:
            return None
        return best[1] * wide, (last - best[2]) * high - height

    def _grown(self, across: int, down: int) -> list[int]:
        """For each row and bit whether anything is in the box of cells that begins there."""
        rows = list(self.rows)
        done = 1
        while done < down:
            step = min(done, down - done)
            rows = [a | b for a, b in zip(rows, rows[step:] + [0] * step, strict=True)]
            done += step
        done = 1
        while done < across:
            step = min(done, across - done)
            rows = [row | row >> step for row in rows]
            done += step
        return rows


def _closest(bits: int, column: int) -> list[int]:
    """The set bits next to ``column``: the last one up to it, the first one after it."""
    found = []
    if below := bits & ((1 << (column + 1)) - 1):
        found.append(below.bit_length() - 1)
    if above := bits >> (column + 1):
        found.append(column + (above & -above).bit_length())
    return found
