"""What a visible signature looks like: marks, as the one appearance of its annotation."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import attrs

from sipadek.errors import InvalidInput
from sipadek.pdf import Dictionary, PlacedForm, Ref, Revision, Sights, geometry
from sipadek.pdf.fonts import default_font
from sipadek.pdf.geometry import Box, PageGeometry, transform_box
from sipadek.pdf.syntax import read_array, read_number
from sipadek.stamping.drawing import numbers
from sipadek.stamping.marking import Marking
from sipadek.stamping.marks import Mark, Watermark
from sipadek.stamping.painting import Painter
from sipadek.stamping.placement import place

__all__ = ["Shown", "appear", "appear_in"]


@attrs.frozen(kw_only=True)
class Shown:
    """A drawn appearance: its page, where it is there (points, default user space), and its form
    XObject, whose space is the page's."""

    page: Ref
    rect: Box
    form: Ref


def appear(revision: Revision, marks: Sequence[Mark], *, password: str | None = None) -> Shown:
    """Draw the marks as one appearance. They stand on one page, each in one place.

    ``password`` opens the document once more, to look for tags.

    Raises:
        InvalidInput: they are on several pages or in several places, or what `add_marks` raises it for.
        StampError: the font lacks a character, or a QR code cannot hold its content.
    """
    if any(mark.nth == "every" for mark in marks if mark.tag):
        raise InvalidInput(
            "a signature shows in one place; say which place of its tag (nth) is meant"
        )
    _refuse_watermark(marks)
    sights = Sights(revision.document, password=password)
    marking = Marking(revision, marks, sights)
    marking.draw_fixed()
    marking.draw_free()
    if len(marking.forms) != 1:
        raise InvalidInput(
            f"a signature shows on one page, but its marks are on {len(marking.forms)}; choose one page"
        )
    ((index, forms),) = marking.forms.items()
    return _drawn(revision, sights.page(index)[0], forms)


def appear_in(
    revision: Revision, page: Ref, entries: Dictionary, rect: Box, marks: Sequence[Mark]
) -> Shown:
    """The same inside ``rect`` of a page, which the marks take for their page; tags are not looked for.

    ``entries`` are the page's, with what it inherits. Raises as `appear`.
    """
    _refuse_watermark(marks)
    whole = geometry(revision.document, entries)
    shape = PageGeometry(media_box=rect, rotate=whole.rotation)
    painter = Painter(revision, default_font(), marks, 1)
    forms = []
    for mark in marks:
        assert not isinstance(mark.what, Watermark)
        drawn = painter.form(mark.what, 1)
        where = place(shape, drawn.width, drawn.height, anchor=mark.anchor, margin=mark.margin)
        matrix = where.on_page(drawn.width, drawn.height)
        forms.append(PlacedForm(form=drawn.form, matrix=matrix))
    if not forms:
        raise InvalidInput("a visible signature has nothing to show; give a mark")
    return attrs.evolve(_drawn(revision, page, forms), rect=rect)


def _refuse_watermark(marks: Sequence[Mark]) -> None:
    if any(isinstance(mark.what, Watermark) for mark in marks):
        raise InvalidInput("a signature cannot show as a watermark; give text, a picture or a code")


def _drawn(revision: Revision, ref: Ref, forms: Sequence[PlacedForm]) -> Shown:
    boxes = [transform_box(one.matrix, _box(revision, one)) for one in forms]
    left, bottom = (min(map(operator.itemgetter(side), boxes)) for side in (0, 1))
    right, top = (max(map(operator.itemgetter(side), boxes)) for side in (2, 3))
    rect = (left, bottom, right, top)
    names = b"".join(b"/F%d %s" % (i, bytes(one.form)) for i, one in enumerate(forms))
    entries = b"/Type/XObject/Subtype/Form/BBox[%s]/Resources<</XObject<<%s>>>>"
    content = b"\n".join(
        b"q %s cm /F%d Do Q" % (numbers(one.matrix), i) for i, one in enumerate(forms)
    )
    form = revision.add_stream(entries % (numbers(rect), names), content)
    return Shown(page=ref, rect=rect, form=form)


def _box(revision: Revision, one: PlacedForm) -> Box:
    a, b, c, d = (read_number(v) for v in read_array(revision.current(one.form)[b"BBox"]))
    return (a, b, c, d)
