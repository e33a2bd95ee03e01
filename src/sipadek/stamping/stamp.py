"""The values of stamping: what is written, the drawn form, and its place on a page."""

from __future__ import annotations

import unicodedata
from typing import Any

import attrs

from sipadek.errors import InvalidInput
from sipadek.pdf.geometry import Box, Matrix
from sipadek.pdf.objects import Ref

__all__ = ["Appearance", "Placement", "Stamp", "one_line"]


# Hyphens that look like the common one; word processors put them in, and fonts may lack them.
_HYPHENS = str.maketrans("\u2010\u2011", "--")


def one_line(text: str) -> str:
    """One line of composed characters: what a font has glyphs for."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_HYPHENS).split())


def _filled(_: Stamp, attribute: attrs.Attribute[Any], value: str) -> None:
    if not value.strip():
        raise InvalidInput(
            f"A stamp's {attribute.name} is empty. Give the text to write.", field=attribute.name
        )


@attrs.frozen(kw_only=True)
class Stamp:
    """What a stamp says. Texts come in ready, in Indonesian; white space is made single blanks.

    ``number`` and ``date`` are the letter's, ``qr`` is what the QR code holds (a link to check the
    letter), ``footer`` the sentence in small type that says what the stamp means, ``signer`` the
    name under "Ditandatangani secara elektronik oleh" (left out when empty).
    Raises ``InvalidInput`` where number, date or qr is empty.
    """

    number: str = attrs.field(converter=one_line, validator=_filled)
    date: str = attrs.field(converter=one_line, validator=_filled)
    qr: str = attrs.field(validator=_filled)
    footer: str = attrs.field(converter=one_line)
    signer: str = attrs.field(default="", converter=one_line)


@attrs.frozen(kw_only=True)
class Appearance:
    """A drawn stamp: its form XObject, and width and height of the form's /BBox in points."""

    form: Ref
    width: float
    height: float


@attrs.frozen
class Placement:
    """Where an annotation goes so that its appearance stands upright.

    ``rect`` is the annotation's /Rect in default user space, ``matrix`` its form's /Matrix. A
    viewer fits the form's /BBox, turned by the matrix, into the rect (ISO 32000-1, 12.5.5).
    """

    rect: Box
    matrix: Matrix

    def on_page(self, width: float, height: float) -> Matrix:
        """The one matrix that does, for a form of that size, what a viewer does with /Matrix and
        /Rect: for a form that is drawn in the page's content."""
        a, b, c, d, e, f = self.matrix
        left, bottom, right, top = self.rect
        if b or c:  # turned by a quarter
            width, height = height, width
        x, y = (right - left) / width, (top - bottom) / height
        return (a * x, b * y, c * x, d * y, left + e * x, bottom + f * y)
