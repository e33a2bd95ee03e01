"""Drawing a stamp as a form XObject: a framed white panel, a QR code, and a few lines of text."""

from __future__ import annotations

from collections.abc import Iterable

from sipadek.errors import StampError
from sipadek.pdf.fonts import EmbeddedFont, Font, ObjectWriter, default_font
from sipadek.pdf.geometry import IDENTITY, Matrix
from sipadek.stamping.layout import Column, Line, compose
from sipadek.stamping.qr import QUIET_ZONE, QrCode
from sipadek.stamping.stamp import Appearance, Stamp

__all__ = ["INK", "STAMP_HEIGHT", "STAMP_WIDTH", "draw", "number", "numbers"]

STAMP_WIDTH = 250.0
"""Width of every stamp, in points."""

STAMP_HEIGHT = 74.0
"""Height of every stamp, in points."""

_FRAME = 0.6
_FRAME_GREY, _SMALL_GREY = 0.35, 0.2
_QR_SIDE = STAMP_HEIGHT - 4 * _FRAME  # with its quiet zone
_LEAST_MODULE = 1.0  # points (0.35 mm): what office printers and phones manage
_COLUMN = Column(left=74.0, bottom=5.5, width=STAMP_WIDTH - 74.0 - 6.0, height=STAMP_HEIGHT - 11.0)
_STROKE = 0.025  # of the size: what makes strong type strong

# Colour that does not depend on the device, as PDF/A asks (ISO 19005-1, 6.2.3). The name is not G:
# some readers take that for the short form of DeviceGray. The white point is the equal-energy one,
# with which every viewer tried shows white as pure white (poppler tints it with D50 or D65).
INK = b"/Ink [/CalGray <</WhitePoint [1 1 1] /Gamma 2.2>>]"


def draw(
    stamp: Stamp, writer: ObjectWriter, *, matrix: Matrix = IDENTITY, font: Font | None = None
) -> Appearance:
    """Writes the stamp's form XObject, 250 × 74 points, complete in itself.

    ``matrix`` becomes the form's /Matrix: give ``place(...).matrix`` for an annotation. ``font``
    is Open Sans by default. Nothing in the form depends on the device or is transparent, so PDF/A
    stays PDF/A. Raises ``StampError`` for characters the font lacks and for texts too long.
    """
    font = font or default_font()
    lines = compose(stamp, font, _COLUMN)
    code = _qr(stamp.qr)
    embedded = font.embed(writer, [line.text for line in lines])
    entries = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 %b %b]%b "
        b"/Resources <</Font <</F %b>> /ColorSpace <<%b>>>>"
        % (
            number(STAMP_WIDTH),
            number(STAMP_HEIGHT),
            b"" if matrix == IDENTITY else b" /Matrix [%b]" % numbers(matrix),
            bytes(embedded.ref),
            INK,
        )
    )
    content = b"\n".join([_panel(), code, b"BT", *_text(lines, embedded), b"ET"])
    form = writer.add_stream(entries, content)
    return Appearance(form=form, width=STAMP_WIDTH, height=STAMP_HEIGHT)


def _panel() -> bytes:
    """White with a frame; leaves black as the colour of both fill and stroke."""
    inset = _FRAME / 2
    box = (inset, inset, STAMP_WIDTH - _FRAME, STAMP_HEIGHT - _FRAME)
    return b"/Ink cs /Ink CS 1 sc %b SC %b w %b re B 0 sc 0 SC" % (
        number(_FRAME_GREY),
        number(_FRAME),
        numbers(box),
    )


def _qr(content: str) -> bytes:
    code = QrCode.encode(content)
    modules = code.size + 2 * QUIET_ZONE
    module = _QR_SIDE / modules
    if module < _LEAST_MODULE:
        raise StampError(
            f"A QR code of {len(content)} characters is too fine for the stamp: {module:.2f} "
            f"points a module, {_LEAST_MODULE:g} is the least. Give a shorter link.",
            length=len(content),
        )
    corner = 2 * _FRAME + QUIET_ZONE * module
    matrix = (module, 0.0, 0.0, module, corner, corner)
    return b"q %b cm\n%b Q" % (numbers(matrix), code.operators())


def _text(lines: Iterable[Line], font: EmbeddedFont) -> Iterable[bytes]:
    x, y, size, small, strong = 0.0, 0.0, 0.0, False, False
    for line in lines:
        if line.size != size:
            yield b"/F %b Tf" % number(line.size)
        if line.small != small:
            yield b"%b sc" % (number(_SMALL_GREY) if line.small else b"0")
        if line.strong != strong:
            yield b"2 Tr %b w" % number(line.size * _STROKE) if line.strong else b"0 Tr"
        yield b"%b Td %b Tj" % (numbers((line.x - x, line.y - y)), font.encode(line.text))
        x, y, size, small, strong = line.x, line.y, line.size, line.small, line.strong


def numbers(values: Iterable[float]) -> bytes:
    """Numbers with blanks between them."""
    return b" ".join([number(value) for value in values])


def number(value: float) -> bytes:
    """A PDF real of at most four decimals."""
    return b"%d" % value if value == int(value) else (b"%.4f" % value).rstrip(b"0").rstrip(b".")
