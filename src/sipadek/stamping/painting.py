"""Drawing marks as form XObjects: in colours that do not depend on the device and, but for pictures
outside PDF/A-1, without transparency."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from sipadek.pdf import PlacedForm, Ref, Revision, pdfa_part
from sipadek.pdf.fonts import EmbeddedFont, Font
from sipadek.pdf.geometry import Matrix, PageGeometry, transform
from sipadek.stamping.drawing import INK, number, numbers
from sipadek.stamping.marks import Code, Mark, Panel, Picture, Text, Watermark
from sipadek.stamping.pictures import embed_picture
from sipadek.stamping.qr import QUIET_ZONE, QrCode

__all__ = ["DrawnForm", "Painter"]

_LEADING: Final = 1.22
_DESCENT: Final = 0.22


@attrs.frozen
class DrawnForm:
    """A form XObject, and how large it is in points."""

    form: Ref
    width: float
    height: float


class Painter:
    """Draws forms, each once where it is the same on every page."""

    def __init__(self, revision: Revision, font: Font, marks: Sequence[Mark], count: int) -> None:
        self._writer = revision
        self._opaque = pdfa_part(revision.document) == 1
        self._font = font
        self._count = count
        texts = list(_texts(marks))
        self._embedded = font.embed(revision, texts) if texts else None
        self._known: dict[tuple[Any, ...], DrawnForm] = {}

    def form(self, what: Text | Code | Panel | Picture, n: int) -> DrawnForm:
        """The form of what is drawn on page ``n`` (from 1)."""
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

    def _text(self, what: Text, lines: Sequence[str]) -> DrawnForm:
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

    def _code(self, what: Code) -> DrawnForm:
        code = QrCode.encode(what.content)
        module = what.side / (code.size + 2 * QUIET_ZONE)
        corner = QUIET_ZONE * module
        content = b"/Ink cs 1 sc 0 0 %b re f 0 sc q %b cm\n%b Q" % (
            numbers((what.side, what.side)),
            numbers((module, 0.0, 0.0, module, corner, corner)),
            code.operators(),
        )
        return self._add(content, what.side, what.side)

    def _panel(self, what: Panel) -> DrawnForm:
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

    def _picture(self, what: Picture) -> DrawnForm:
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
        return DrawnForm(self._writer.add_stream(entries, content), what.width, height)

    def watermark(self, what: Watermark, page: PageGeometry) -> PlacedForm:
        """The watermark across the page."""
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
        return PlacedForm(form=form.form, matrix=matrix, below=not what.over, watermark=True)

    def _watermark_form(self, what: Watermark, size: float) -> DrawnForm:
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
    ) -> DrawnForm:
        fonts = b"" if font is None else b"/Font <</F %b>> " % bytes(font.ref)
        # Accents and slanting strokes reach out of the box that is placed.
        edge = 0.0 if font is None else 0.3 * height
        box = (-edge, -edge, width + edge, height + edge)
        entries = (
            b"/Type /XObject /Subtype /Form /BBox [%b] /Resources <<%b/ColorSpace <<%b>>>>"
            % (numbers(box), fonts, INK)
        )
        return DrawnForm(self._writer.add_stream(entries, content), width, height)


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
