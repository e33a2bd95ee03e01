"""Marks on the pages of a PDF, in one appended revision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from sipadek.errors import BrokenPdf, ChangeForbidden
from sipadek.pdf import (
    Document,
    PlacedForm,
    Revision,
    Sights,
    draw_forms,
    page_png,
    refuse_forbidden_change,
    signatures,
)
from sipadek.pdf.fonts import Font, default_font
from sipadek.pdf.geometry import Box, PageGeometry, transform_box
from sipadek.stamping.free import Free, find_free
from sipadek.stamping.marks import Mark, Panel, Watermark
from sipadek.stamping.painting import Painter
from sipadek.stamping.placement import beside, place
from sipadek.stamping.selection import selected
from sipadek.stamping.stamp import Placement
from sipadek.stamping.tagging import chosen_tags

__all__ = ["Marking", "add_marks", "marked", "preview"]

_GROUND: Final = 2.0
"""Points of white around a mark on a ground that is not the paper's."""


class Marking:
    """Draws marks, and forms of the caller's, on the pages of a revision's document: each page once.

    The order is `draw_fixed`, `put` as often as is needed, `draw_free`, `finish`, so that what goes
    into free space keeps clear of all the others.
    """

    def __init__(
        self,
        revision: Revision,
        marks: Sequence[Mark],
        sights: Sights,
        *,
        font: Font | None = None,
    ) -> None:
        count = len(sights.pages) if marks else 0
        self._revision = revision
        self._sights = sights
        self._chosen = [(mark, selected(mark.pages, count)) for mark in marks]
        self._tags = {
            at: chosen_tags(sights, mark.tag, indices, mark.nth)
            for at, (mark, indices) in enumerate(self._chosen)
            if mark.tag
        }
        self._painter = Painter(revision, font or default_font(), marks, count)
        self._forms: dict[int, list[PlacedForm]] = {}
        self._taken: dict[int, list[Box]] = {}

    def taken(self, index: int) -> Sequence[Box]:
        """The boxes of what was drawn on a page (from 0), watermarks aside, in displayed space."""
        return self._taken.get(index, ())

    @property
    def forms(self) -> Mapping[int, Sequence[PlacedForm]]:
        """What is drawn so far, by page (from 0)."""
        return self._forms

    def put(self, index: int, form: PlacedForm, box: Box | None = None) -> None:
        """Draw a form on a page (from 0), where it takes ``box`` of displayed space."""
        self._forms.setdefault(index, []).append(form)
        if box is not None:
            self._taken.setdefault(index, []).append(box)

    def cover(self, index: int, box: Box) -> None:
        """Put white over a box of displayed space on a page (from 0)."""
        shape = self._sights.shape(index)
        width, height = max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0)
        square = self._painter.form(Panel(width=1, height=1, fill=1.0, line=0), index + 1)
        where = beside(shape, width, height, (*box[:2], box[0] + width, box[1] + height), (0, 0))
        a, b, c, d, e, f = where.on_page(width, height)
        matrix = (a * width, b * width, c * height, d * height, e, f)
        self.put(index, PlacedForm(form=square.form, matrix=matrix))

    def draw_fixed(self) -> None:
        """Draw the marks whose place does not depend on the others."""
        self._draw(free=False)

    def draw_free(self) -> None:
        """Draw the marks that go into free space."""
        self._draw(free=True)

    def finish(self) -> int:
        """Write it to the revision; how many pages were changed.

        Raises BrokenPdf where a page's content is damaged so that nothing can be drawn on it for sure.
        """
        for index in sorted(self._forms):
            around = self._sights.balance(index)
            if around is None:
                raise BrokenPdf(
                    f"the content of page {index + 1} is damaged or cannot be decoded, so nothing can "
                    "be drawn on it; leave the page out, or print the PDF anew"
                )
            ref, page = self._sights.page(index)
            draw_forms(self._revision, ref, page, self._forms[index], around)
        return len(self._forms)

    def _draw(self, *, free: bool) -> None:
        for at, (mark, indices) in enumerate(self._chosen):
            if mark.free != free:
                continue
            for index in sorted(indices):
                if isinstance(mark.what, Watermark):
                    self.put(index, self._painter.watermark(mark.what, self._sights.shape(index)))
                else:
                    self._draw_one(mark, index, self._tags.get(at, {}).get(index, ()))

    def _draw_one(self, mark: Mark, index: int, tags: Sequence[Box]) -> None:
        assert not isinstance(mark.what, Watermark)
        drawn = self._painter.form(mark.what, index + 1)
        shape = self._sights.shape(index)
        for where, cover in self._places(mark, index, drawn.width, drawn.height, tags):
            if cover is not None and not mark.below:
                self.cover(index, cover)
            box = transform_box(shape.to_displayed, where.rect)
            matrix = where.on_page(drawn.width, drawn.height)
            self.put(index, PlacedForm(form=drawn.form, matrix=matrix, below=mark.below), box)

    def _places(
        self, mark: Mark, index: int, width: float, height: float, tags: Sequence[Box]
    ) -> Iterator[tuple[Placement, Box | None]]:
        """Where the mark goes on the page, and the box that white covers before it is drawn."""
        shape = self._sights.shape(index)
        if mark.tag:
            for tag in tags:
                yield beside(shape, width, height, tag, mark.offset), tag
        elif mark.free:
            taken = self.taken(index)
            found = find_free(
                self._sights, index, width, height,
                anchors=(mark.anchor,), margin=mark.margin, taken=taken,
            )  # fmt: skip
            yield found.placement, _padded(shape, found) if found.plain else None
        else:
            yield place(shape, width, height, anchor=mark.anchor, margin=mark.margin), None


def _padded(shape: PageGeometry, found: Free) -> Box:
    """A place with a little ground around it, in displayed space."""
    left, bottom, right, top = transform_box(shape.to_displayed, found.placement.rect)
    edge = _GROUND * max(shape.unit, 1.0)
    return left - edge, bottom - edge, right + edge, top + edge


def add_marks(
    revision: Revision,
    marks: Sequence[Mark],
    *,
    font: Font | None = None,
    password: str | None = None,
) -> int:
    """Draw the marks on the pages of the revision's document; how many pages were changed.

    ``font`` is Open Sans by default; ``password`` opens the document once more, to look for tags and
    free space.

    Raises:
        InvalidInput: a page, an anchor or a tag that is not there, or a tag that stands there twice.
        StampError: the font lacks a character, a QR code cannot hold its content, or no space is free.
        BrokenPdf: a page's content is damaged so that nothing can be drawn on it for sure.
    """
    marking = Marking(revision, marks, Sights(revision.document, password=password), font=font)
    marking.draw_fixed()
    marking.draw_free()
    return marking.finish()


def marked(
    data: bytes,
    marks: Sequence[Mark],
    *,
    font: Font | None = None,
    password: str | None = None,
) -> bytes:
    """The PDF with one revision appended that draws the marks; ``data`` itself where there are none, or
    where an earlier call drew the same ones.

    ``font`` is Open Sans by default.

    Raises:
        PdfError: a leaf of it, where the PDF cannot be read or extended; ChangeForbidden where it
            carries a signature, which new content would break.
        InvalidInput, StampError: as of `add_marks`.
    """
    document = Document.open(data, password=password)
    refuse_forbidden_change(document)
    if any(signatures(document)):
        raise ChangeForbidden("the PDF carries a signature, which marks on its pages would break")
    revision = Revision(document)
    name = _name(marks, font or default_font())
    if not revision.draws_first(name):
        return data
    if not add_marks(revision, marks, font=font, password=password):
        return data
    return data + revision.build().data


def _name(marks: Sequence[Mark], font: Font) -> str:
    """What the same marks are known by."""
    values = [(type(mark.what).__name__, attrs.astuple(mark)) for mark in marks]
    return hashlib.sha256(repr((font.name, values)).encode()).hexdigest()[:32]


def preview(
    data: bytes,
    marks: Sequence[Mark],
    page: int = 1,
    *,
    width: int = 600,
    font: Font | None = None,
    password: str | None = None,
) -> bytes:
    """How the page (from 1) would look with the marks, as a PNG ``width`` pixels wide.

    Raises:
        InvalidInput, StampError, PdfError: as of `marked`.
        MissingExtra: Pillow is not installed.
    """
    found = marked(data, marks, font=font, password=password)
    return page_png(found, page - 1, width=width, password=password)
