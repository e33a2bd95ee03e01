"""Pictures as image XObjects: a scanned signature, a paraf, a coat of arms."""

from __future__ import annotations

import io
import zlib
from typing import Any, Final

import attrs

from sipadek.errors import InvalidInput, MissingExtra
from sipadek.pdf.fonts import ObjectWriter
from sipadek.pdf.objects import Ref

MAX_PIXELS: Final = 25_000_000
"""The most pixels that a picture may have."""

_FORMATS: Final = ("PNG", "JPEG")
# Colours that do not depend on the device (ISO 19005-1, 6.2.3): those of sRGB, nearly.
_GREY: Final = b"[/CalGray <</WhitePoint [0.9505 1 1.089] /Gamma 2.2>>]"
_COLOUR: Final = (
    b"[/CalRGB <</WhitePoint [0.9505 1 1.089] /Gamma [2.2 2.2 2.2] /Matrix "
    b"[0.4124 0.2126 0.0193 0.3576 0.7152 0.1192 0.1805 0.0722 0.9505]>>]"
)


@attrs.frozen
class EmbeddedPicture:
    """An image XObject, and its sides in pixels."""

    ref: Ref
    width: int
    height: int


def embed_picture(data: bytes, writer: ObjectWriter, *, opaque: bool) -> EmbeddedPicture:
    """Write a PNG or JPEG. A JPEG in grey or RGB goes in as it is; of a PNG the transparency is kept,
    or, ``opaque``, laid on white.

    Raises:
        InvalidInput: it is neither, is damaged, or has more than MAX_PIXELS.
        MissingExtra: Pillow is not installed.
    """
    image = _opened(data)
    width, height = image.size
    if image.format == "JPEG" and image.mode in ("L", "RGB") and not _turned(image):
        space = _GREY if image.mode == "L" else _COLOUR
        entries = _entries(width, height, space, b"/Filter /DCTDecode")
        return EmbeddedPicture(writer.add_stream(entries, data, compress=False), width, height)
    image = _upright(image)
    width, height = image.size
    mask = b""
    if "A" in image.getbands():
        alpha = image.getchannel("A")
        if opaque:
            image = _on_white(image)
        elif alpha.getextrema() != (255, 255):
            shape = _packed(writer, alpha, width, height, b"/DeviceGray")
            mask = b"/SMask %b" % bytes(shape)
    grey = image.mode in ("1", "L", "LA")
    plain = image.convert("L" if grey else "RGB")
    ref = _packed(writer, plain, width, height, _GREY if grey else _COLOUR, mask)
    return EmbeddedPicture(ref, width, height)


def _opened(data: bytes) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra(
            "Pictures are read with Pillow, which is not installed. Install 'sipadek[all]'."
        ) from error
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise InvalidInput(
                f"The picture has {image.width} × {image.height} pixels; at most {MAX_PIXELS} can be "
                "drawn. Make it smaller.",
                width=image.width,
                height=image.height,
            )
        image.load()
    except InvalidInput:
        raise
    except Exception as error:  # Pillow tells damage in many ways.
        raise InvalidInput(
            f"The picture cannot be read ({type(error).__name__}). Give a PNG or JPEG."
        ) from error
    return image


def _turned(image: Any) -> bool:
    return bool(image.getexif().get(0x0112, 1) != 1)


def _upright(image: Any) -> Any:
    """As a viewer shows it, in one of the modes 1, L, LA, RGB and RGBA."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode in ("1", "L", "LA", "RGB", "RGBA"):
        return image
    clear = image.mode in ("PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if clear else "RGB")


def _on_white(image: Any) -> Any:
    from PIL import Image

    whole = image.convert("RGBA")
    paper = Image.new("RGBA", whole.size, "white")
    flat = Image.alpha_composite(paper, whole)
    return flat.convert("L" if image.mode == "LA" else "RGB")


def _packed(
    writer: ObjectWriter, image: Any, width: int, height: int, space: bytes, more: bytes = b""
) -> Ref:
    packed = zlib.compress(image.tobytes(), 9)
    entries = _entries(width, height, space, b"/Filter /FlateDecode %b" % more)
    return writer.add_stream(entries, packed, compress=False)


def _entries(width: int, height: int, space: bytes, more: bytes) -> bytes:
    return (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace %b %b"
        % (width, height, space, more)
    )
