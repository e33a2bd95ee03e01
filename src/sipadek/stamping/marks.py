"""Marks: what is drawn on the pages of any PDF beside, or without, a letter's stamp.

Everything is drawn as an artifact, in colours that do not depend on the device and without
transparency, so that tagged files stay tagged and PDF/A stays PDF/A.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from sipadek.errors import BrokenPdf, ChangeForbidden, InvalidInput
from sipadek.pdf import (
    Document,
    Drawn,
    Ref,
    Revision,
    content_balance,
    draw_forms,
    find_text,
    geometry,
    page_png,
    pdfa_part,
    refuse_forbidden_change,
    signatures,
)
from sipadek.pdf.fonts import EmbeddedFont, Font, default_font
from sipadek.pdf.geometry import Box, Matrix, PageGeometry, transform, transform_box
from sipadek.stamping.drawing import INK, number, numbers
from sipadek.stamping.pictures import embed_picture
from sipadek.stamping.placement import place
from sipadek.stamping.qr import QUIET_ZONE, QrCode
from sipadek.stamping.selection import selected
from sipadek.stamping.stamp import one_line

__all__ = [
    "Code",
    "Mark",
    "Panel",
    "Picture",
    "Text",
    "Watermark",
    "add_marks",
    "marked",
    "preview",
]

_LEADING: Final = 1.22
_DESCENT: Final = 0.22
_MAX_POINTS: Final = 2000.0
_MAX_LINES: Final = 100


def _within(least: float, most: float) -> Any:
    def check(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not isinstance(value, int | float) or not least <= value <= most:
            raise InvalidInput(
                f"{attribute.name} is {value!r}; give a number from {least:g} to {most:g}",
                field=attribute.name,
            )

    return check


_SIZE: Final = _within(1, 500)
_GREY: Final = _within(0, 1)
_SIDE: Final = _within(1, _MAX_POINTS)
_ANGLE: Final = _within(-360, 360)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(one_line(line) for line in text.split("\n"))


def _any_text(_: Any, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    if not any(value) or len(value) > _MAX_LINES:
        raise InvalidInput(
            f"a mark's {attribute.name} has {len(value)} lines; give text of 1 to {_MAX_LINES} lines",
            field=attribute.name,
        )


@attrs.frozen(kw_only=True)
class Text:
    """Lines of text (``\\n`` parts them), ``size`` points high, ``grey`` from 0 (black) to 1. Where it
    is ``covering`` a white panel lies under it.

    ``{n}`` stands for the page's number, from 1, and ``{m}`` for how many pages there are.
    """

    text: tuple[str, ...] = attrs.field(converter=_lines, validator=_any_text)
    size: float = attrs.field(default=9.0, validator=_SIZE)
    grey: float = attrs.field(default=0.0, validator=_GREY)
    covering: bool = False

    def on_page(self, n: int, m: int) -> tuple[str, ...]:
        """The lines on page ``n`` of ``m``."""
        return tuple(line.replace("{n}", str(n)).replace("{m}", str(m)) for line in self.text)


@attrs.frozen(kw_only=True)
class Watermark:
    """One line across the middle of the page, such as SALINAN or RAHASIA: pale letters under the
    page's content, or with ``over`` only their outlines, over it (a scanned page covers all that is
    under it). ``angle`` is in degrees, counter-clockwise; ``size`` in points, 0 for as large as fits.
    """

    text: str = attrs.field(converter=one_line)
    size: float = attrs.field(default=0.0, validator=_within(0, _MAX_POINTS))
    grey: float = attrs.field(default=0.88, validator=_GREY)
    angle: float = attrs.field(default=45.0, validator=_ANGLE)
    over: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.text:
            raise InvalidInput("a watermark has no text; give some, such as SALINAN")


@attrs.frozen(kw_only=True)
class Code:
    """A QR code of ``side`` points, its quiet zone included, on white."""

    content: str
    side: float = attrs.field(default=70.0, validator=_SIDE)


@attrs.frozen(kw_only=True)
class Panel:
    """A box of ``width`` × ``height`` points: filled with ``fill`` (grey, None for nothing), framed by
    a line of ``line`` points (0 for none)."""

    width: float = attrs.field(validator=_SIDE)
    height: float = attrs.field(validator=_SIDE)
    fill: float | None = attrs.field(default=None, validator=attrs.validators.optional(_GREY))
    line: float = attrs.field(default=0.6, validator=_within(0, 100))


@attrs.frozen(kw_only=True)
class Picture:
    """A PNG or JPEG, ``width`` points wide, and as high as its proportions say. What is transparent
    stays so, but in a PDF/A-1, which allows none, it becomes white. Needs Pillow (extra ``all``)."""

    data: bytes = attrs.field(repr=False)
    width: float = attrs.field(validator=_SIDE)


@attrs.frozen(kw_only=True)
class Mark:
    """Something drawn, on which ``pages`` (see `selected`), and where.

    ``anchor`` and ``margin`` are as of `place`: one of nine, and points from the edges, or (x, y)
    from that corner. A watermark needs neither.

    With a ``tag`` the mark's lower left corner goes to that of each place where the page has this text,
    such as '${ttd}', ``offset`` points to the right and up from it; white covers the tag, which stays
    in the text that programs read.
    """

    what: Text | Watermark | Code | Panel | Picture
    pages: str = "first"
    anchor: str = "bottom-left"
    margin: float | tuple[float, float] = 18.0
    tag: str = ""
    offset: tuple[float, float] = (0.0, 0.0)


@attrs.frozen
class _Form:
    """A form XObject, and how large it is in points."""

    form: Ref
    width: float
    height: float


def add_marks(
    revision: Revision,
    marks: Sequence[Mark],
    *,
    font: Font | None = None,
    password: str | None = None,
) -> int:
    """Draw the marks on the pages of the revision's document; how many pages were changed.

    ``font`` is Open Sans by default; ``password`` opens the document once more, to look for tags.

    Raises:
        InvalidInput: a page, an anchor or a tag that is not there.
        StampError: the font lacks a character, or a QR code cannot hold its content.
        BrokenPdf: a page's content is damaged so that nothing can be drawn on it for sure.
    """
    pages = list(revision.document.pages())
    chosen = [(mark, selected(mark.pages, len(pages))) for mark in marks]
    tags = _tags(revision.document, chosen, password)
    painter = _Painter(revision, font or default_font(), marks, len(pages))
    changed = 0
    for index in sorted(set[int]().union(*(indices for _, indices in chosen))):
        ref, page = pages[index]
        shape = geometry(revision.document, page)
        drawn = [
            one
            for mark, indices in chosen
            if index in indices
            for one in painter.draw(mark, shape, index + 1, tags.get(mark.tag, {}).get(index, ()))
        ]
        if not drawn:
            continue
        around = content_balance(revision.document, page)
        if around is None:
            raise BrokenPdf(
                f"the content of page {index + 1} is damaged or cannot be decoded, so nothing can be "
                "drawn on it; leave the page out, or print the PDF anew"
            )
        draw_forms(revision, ref, page, drawn, around)
        changed += 1
    return changed


def _tags(
    document: Document, chosen: Iterable[tuple[Mark, frozenset[int]]], password: str | None
) -> dict[str, dict[int, list[Box]]]:
    """Where each tag stands, by page."""
    wanted: dict[str, set[int]] = {}
    for mark, indices in chosen:
        if mark.tag:
            wanted.setdefault(mark.tag, set()).update(indices)
    found = {
        tag: find_text(bytes(document.data), tag, sorted(indices), password=password)
        for tag, indices in wanted.items()
    }
    for mark, indices in chosen:
        if mark.tag and not indices & found[mark.tag].keys():
            raise InvalidInput(
                f"the text {mark.tag!r} stands on none of the pages {mark.pages}; write it where the "
                "mark is to go, or give another place",
                tag=mark.tag,
            )
    return found


def marked(data: bytes, marks: Sequence[Mark], *, password: str | None = None) -> bytes:
    """The PDF with one revision appended that draws the marks; ``data`` itself where there are none.

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
    if not add_marks(revision, marks, password=password):
        return data
    return data + revision.build().data


def preview(
    data: bytes,
    marks: Sequence[Mark],
    page: int = 1,
    *,
    width: int = 600,
    password: str | None = None,
) -> bytes:
    """How the page (from 1) would look with the marks, as a PNG ``width`` pixels wide.

    Raises:
        InvalidInput, StampError, PdfError: as of `marked`.
        MissingExtra: Pillow is not installed.
    """
    return page_png(
        marked(data, marks, password=password), page - 1, width=width, password=password
    )


class _Painter:
    """Draws forms, each once where it is the same on every page."""

    def __init__(self, revision: Revision, font: Font, marks: Sequence[Mark], count: int) -> None:
        self._writer = revision
        self._opaque = pdfa_part(revision.document) == 1
        self._font = font
        self._count = count
        texts = list(_texts(marks))
        self._embedded = font.embed(revision, texts) if texts else None
        self._known: dict[tuple[Any, ...], _Form] = {}

    def draw(
        self, mark: Mark, page: PageGeometry, n: int, tags: Sequence[Box] = ()
    ) -> Iterator[Drawn]:
        """The mark on page ``n``, whose ``tags`` are where its tag stands."""
        if isinstance(mark.what, Watermark):
            yield self._watermark(mark.what, page)
            return
        form = self._form(mark.what, n)
        width, height = form.width, form.height
        if not mark.tag:
            where = place(page, width, height, anchor=mark.anchor, margin=mark.margin)
            yield Drawn(form=form.form, matrix=where.on_page(width, height))
            return
        for box in tags:
            left, bottom, right, top = transform_box(page.to_displayed, box)
            sides = max(right - left, 1.0), max(top - bottom, 1.0)
            cover = self._form(Panel(width=sides[0], height=sides[1], fill=1.0, line=0), n)
            yield _at(page, cover, left, bottom, 1.0)
            scale = max(page.unit, 1.0)
            x, y = left + mark.offset[0] * scale, bottom + mark.offset[1] * scale
            page_width, page_height = page.size
            x = max(0.0, min(x, page_width - width * scale))
            y = max(0.0, min(y, page_height - height * scale))
            yield _at(page, form, x, y, scale)

    def _form(self, what: Text | Code | Panel | Picture, n: int) -> _Form:
        content = what.on_page(n, self._count) if isinstance(what, Text) else ()
        key = (what, content)
        if key not in self._known:
            match what:
                case Text():
                    self._known[key] = self._text(what, content)
                case Code():
                    self._known[key] = self._code(what)
                case Panel():
                    self._known[key] = self._panel(what)
                case Picture():
                    self._known[key] = self._picture(what)
        return self._known[key]

    def _text(self, what: Text, lines: Sequence[str]) -> _Form:
        assert self._embedded is not None
        size = what.size
        width = max(self._font.width(line, size) for line in lines) or size
        height = size * (self._font.cap_height + _DESCENT + _LEADING * (len(lines) - 1))
        y = height - size * self._font.cap_height
        panel = b"1 sc 0 0 %b re f\n" % numbers((width, height)) if what.covering else b""
        parts = [b"/Ink cs %b%b sc BT /F %b Tf" % (panel, number(what.grey), number(size))]
        parts.append(b"0 %b Td" % number(y))
        for place_, line in enumerate(lines):
            if place_:
                parts.append(b"0 %b Td" % number(-size * _LEADING))
            if line:
                parts.append(b"%b Tj" % self._embedded.encode(line))
        return self._add(b"\n".join([*parts, b"ET"]), width, height, font=self._embedded)

    def _code(self, what: Code) -> _Form:
        code = QrCode.encode(what.content)
        module = what.side / (code.size + 2 * QUIET_ZONE)
        corner = QUIET_ZONE * module
        content = b"/Ink cs 1 sc 0 0 %b re f 0 sc q %b cm\n%b Q" % (
            numbers((what.side, what.side)),
            numbers((module, 0.0, 0.0, module, corner, corner)),
            code.operators(),
        )
        return self._add(content, what.side, what.side)

    def _panel(self, what: Panel) -> _Form:
        inset = what.line / 2
        box = (inset, inset, max(what.width - what.line, 0), max(what.height - what.line, 0))
        paint = (b"B" if what.line else b"f") if what.fill is not None else b"S"
        if what.fill is None and not what.line:
            paint = b"n"
        content = b"/Ink cs /Ink CS %b sc 0 SC %b w %b re %b" % (
            number(what.fill or 0.0),
            number(what.line),
            numbers(box),
            paint,
        )
        return self._add(content, what.width, what.height)

    def _picture(self, what: Picture) -> _Form:
        found = embed_picture(what.data, self._writer, opaque=self._opaque)
        height = what.width * found.height / found.width
        entries = (
            b"/Type /XObject /Subtype /Form /BBox [0 0 %b] /Resources <</XObject <</P %b>>>>"
            % (
                numbers((what.width, height)),
                bytes(found.ref),
            )
        )
        content = b"%b 0 0 %b 0 0 cm /P Do" % (number(what.width), number(height))
        return _Form(self._writer.add_stream(entries, content), what.width, height)

    def _watermark(self, what: Watermark, page: PageGeometry) -> Drawn:
        width, height = page.size
        turn = math.radians(what.angle)
        cosine, sine = math.cos(turn), math.sin(turn)
        length = self._font.width(what.text, 1.0)
        tall = self._font.cap_height
        across = length * abs(cosine) + tall * abs(sine)
        upward = length * abs(sine) + tall * abs(cosine)
        size = what.size or round(min(0.86 * width / across, 0.86 * height / upward, 500.0), 2)
        form = self._watermark_form(what, size)
        # About the middle of the letters, then to the middle of the page, then into its own space.
        middle_x, middle_y = form.width / 2, form.height / 2
        shown: Matrix = (
            cosine,
            sine,
            -sine,
            cosine,
            width / 2 - cosine * middle_x + sine * middle_y,
            height / 2 - sine * middle_x - cosine * middle_y,
        )
        matrix = _combined(shown, page.to_user)
        return Drawn(form=form.form, matrix=matrix, below=not what.over, watermark=True)

    def _watermark_form(self, what: Watermark, size: float) -> _Form:
        key = (what, size)
        if key not in self._known:
            assert self._embedded is not None
            grey = number(what.grey)
            # Outlines leave what lies under them legible; filled letters would cover it.
            look = b"1 Tr %b w %b SC" % (number(size * 0.012), grey) if what.over else grey + b" sc"
            content = b"/Ink cs /Ink CS BT /F %b Tf %b 0 %b Td %b Tj ET" % (
                number(size),
                look,
                number(size * _DESCENT),
                self._embedded.encode(what.text),
            )
            width = self._font.width(what.text, size)
            height = size * (self._font.cap_height + 2 * _DESCENT)
            self._known[key] = self._add(content, width, height, font=self._embedded)
        return self._known[key]

    def _add(
        self, content: bytes, width: float, height: float, *, font: EmbeddedFont | None = None
    ) -> _Form:
        fonts = b"" if font is None else b"/Font <</F %b>> " % bytes(font.ref)
        # Accents and slanting strokes reach out of the box that is placed.
        edge = 0.0 if font is None else 0.3 * height
        box = (-edge, -edge, width + edge, height + edge)
        entries = (
            b"/Type /XObject /Subtype /Form /BBox [%b] /Resources <<%b/ColorSpace <<%b>>>>"
            % (numbers(box), fonts, INK)
        )
        return _Form(self._writer.add_stream(entries, content), width, height)


def _at(page: PageGeometry, form: _Form, x: float, y: float, scale: float) -> Drawn:
    """The form with its lower left corner at a point of the displayed page."""
    return Drawn(form=form.form, matrix=_combined((scale, 0.0, 0.0, scale, x, y), page.to_user))


def _texts(marks: Iterable[Mark]) -> Iterable[str]:
    for mark in marks:
        match mark.what:
            case Text(text=lines):
                yield from lines
                # A page's number may be any digits; with one of them come all.
                yield "0" if any("{n}" in line or "{m}" in line for line in lines) else ""
            case Watermark(text=text):
                yield text


def _combined(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does ``first`` and ``then``."""
    a, b, c, d, e, f = first
    g, h, i, j, _, _ = then
    x, y = transform(then, e, f)
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, x, y)
