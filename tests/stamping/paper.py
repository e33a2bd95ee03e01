"""A one-page PDF with a stamp on it as an annotation, for looking at it in real viewers."""

from __future__ import annotations

import zlib

from sipadek.pdf.geometry import PageGeometry
from sipadek.pdf.objects import Ref
from sipadek.stamping import STAMP_HEIGHT, STAMP_WIDTH, Stamp, draw, place

GREY = 200
"""Value of every pixel of the page outside the stamp."""


class Objects:
    """Collects objects; numbers 1 to 5 are the page's own."""

    def __init__(self) -> None:
        self.bodies: dict[int, bytes] = {}

    def add(self, body: bytes) -> Ref:
        number = len(self.bodies) + 6
        self.bodies[number] = body
        return Ref(number)

    def add_stream(self, entries: bytes, data: bytes, *, compress: bool = True) -> Ref:
        if compress:
            entries, data = entries + b"/Filter/FlateDecode", zlib.compress(data)
        return self.add(b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(data), data))


def stamped(page: PageGeometry, stamp: Stamp, *, anchor: str = "bottom-left") -> bytes:
    objects = Objects()
    placement = place(page, STAMP_WIDTH, STAMP_HEIGHT, anchor=anchor)
    appearance = draw(stamp, objects, matrix=placement.matrix)
    crop = b"/CropBox[%b]" % _numbers(page.crop_box) if page.crop_box else b""
    content = b"%.6f g -30000 -30000 60000 60000 re f" % (GREY / 255)
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[%b]%b/Rotate %d/UserUnit %.4f/Resources<<>>"
        b"/Contents 4 0 R/Annots[5 0 R]>>"
        % (_numbers(page.media_box), crop, page.rotate, page.user_unit),
        4: b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content),
        5: b"<</Type/Annot/Subtype/Stamp/F 4/Rect[%b]/AP<</N %b>>>>"
        % (_numbers(placement.rect), bytes(appearance.form)),
        **objects.bodies,
    }
    out, offsets = b"%PDF-1.6\n", []
    for number in sorted(bodies):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, bodies[number])
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R>>\n"
        % (
            size,
            rows,
            size,
        )
        + b"startxref\n%d\n%%%%EOF\n" % len(out)
    )


def _numbers(values: tuple[float, ...]) -> bytes:
    return b" ".join([b"%.5f" % value for value in values])
