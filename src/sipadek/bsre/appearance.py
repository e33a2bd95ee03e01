"""A signature that shows on a page, said once and written for both versions of the service."""

from __future__ import annotations

import base64
import math
from typing import Any, Literal, TypeAlias

import attrs

from sipadek.errors import InvalidInput
from sipadek.pdf import Document, geometry

Page: TypeAlias = int | Literal["first", "last"]

_V1_PAGES = {"first": "pertama", "last": "terakhir"}
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": ("ttd.png", "image/png"),
    b"\xff\xd8\xff": ("ttd.jpg", "image/jpeg"),
}


@attrs.frozen(kw_only=True)
class Appearance:
    """Where a visible signature stands and what it shows.

    ``page`` counts from 1, or is "first" or "last". The place is either ``at``, the lower left corner
    (x, y) in points from the lower left corner of the page as displayed, or ``tag``, one character
    that stands in the page's text, such as "#". ``width`` and ``height`` are in points. It shows either
    ``image`` (a PNG or JPEG file's bytes) or a QR code with ``link`` (version 1 only).

    Version 1 of the service counts from the lower left corner, version 2 from the upper left one; for
    that the page's displayed height is needed: ``page_height`` in points, or else it is read from the
    PDF.

    Raises:
        InvalidInput: the values do not go together.
    """

    page: Page = "last"
    at: tuple[float, float] | None = None
    tag: str = ""
    width: float = 100.0
    height: float = 50.0
    image: bytes = attrs.field(default=b"", repr=lambda data: f"<{len(data)} bytes>")
    link: str = ""
    page_height: float | None = None

    def __attrs_post_init__(self) -> None:
        if isinstance(self.page, int) and self.page < 1:
            raise InvalidInput(f"Pages count from 1; this says {self.page}.")
        if not isinstance(self.page, int) and self.page not in _V1_PAGES:
            raise InvalidInput(f"The page is a number, 'first' or 'last', not {self.page!r}.")
        if (self.at is None) == (not self.tag):
            raise InvalidInput("Give the place either as coordinates (at) or as a tag.")
        if self.tag and (len(self.tag) != 1 or self.tag.isspace() or not self.tag.isprintable()):
            raise InvalidInput("The tag is exactly one character that shows, such as '#' or '$'.")
        if bool(self.image) == bool(self.link):
            raise InvalidInput("Give what is shown: either an image or a link for a QR code.")
        if self.image and not self.image.startswith(tuple(_IMAGES)):
            raise InvalidInput("The image is neither a PNG nor a JPEG file.")
        sizes = (
            self.width,
            self.height,
            *(() if self.page_height is None else (self.page_height,)),
        )
        if not all(math.isfinite(size) and size > 0 for size in sizes):
            raise InvalidInput("Width, height and page height are points above 0.")
        if self.at is not None and not all(math.isfinite(c) and c >= 0 for c in self.at):
            raise InvalidInput(
                "The coordinates are points from the page's lower left corner, 0 or more."
            )

    def v1_fields(self) -> dict[str, str]:
        """Form fields of version 1, without the image."""
        fields = {"tampilan": "visible", "image": "true" if self.image else "false"}
        if self.link:
            fields["linkQR"] = self.link
        if isinstance(self.page, int):
            fields["page"] = str(self.page)
        else:
            fields["halaman"] = _V1_PAGES[self.page]
        if self.at is not None:
            fields["xAxis"], fields["yAxis"] = map(_written, self.at)
        else:
            fields["tag_koordinat"] = self.tag
        return fields | {"width": _written(self.width), "height": _written(self.height)}

    def v1_image(self) -> tuple[str, bytes, str]:
        """The image as a part of a multipart form: name, bytes, content type."""
        kind = next(kind for start, kind in _IMAGES.items() if self.image.startswith(start))
        return kind[0], self.image, kind[1]

    def v2_properties(self, pdf: bytes, password: str | None) -> dict[str, Any]:
        """The entry of signatureProperties in version 2.

        Raises:
            InvalidInput: a QR code is asked for, or the page is not there.
            PdfError: the page has to be looked up, and the PDF cannot be read.
        """
        if self.link:
            raise InvalidInput(
                "Version 2 of the service draws no QR code of its own; give it as an image."
            )
        page, page_height = self._on(pdf, password)
        properties: dict[str, Any] = {
            "tampilan": "VISIBLE",
            "imageBase64": base64.b64encode(self.image).decode(),
            "page": page,
            "width": self.width,
            "height": self.height,
        }
        if self.at is None:
            properties["tag_koordinat"] = self.tag
        else:
            x, y = self.at
            properties["originX"], properties["originY"] = x, from_top(y, self.height, page_height)
        return properties

    def _on(self, pdf: bytes, password: str | None) -> tuple[int, float]:
        """The page's number and displayed height."""
        if isinstance(self.page, int) and (self.page_height is not None or self.at is None):
            return self.page, self.page_height or math.inf
        document = Document.open(pdf, password=password)
        pages = [page for _, page in document.pages()]
        number = {"first": 1, "last": len(pages)}.get(str(self.page), self.page)
        assert isinstance(number, int)
        if number > len(pages):
            raise InvalidInput(f"There is no page {number}: the PDF has {len(pages)}.")
        height = self.page_height or geometry(document, pages[number - 1]).size[1]
        return number, height


def from_top(y: float, height: float, page_height: float) -> float:
    """The distance of a box's upper edge from the page's upper edge, where its lower edge is ``y``
    above the page's lower edge. It is its own inverse.

    Raises:
        InvalidInput: the box reaches beyond the page.
    """
    top = page_height - y - height
    if top < 0:
        raise InvalidInput(
            f"The signature reaches {-top:g} points above a page of {page_height:g} points. Move it "
            "down, or make it smaller."
        )
    return top


def _written(value: float) -> str:
    """A length as the form takes it, without an exponent."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
