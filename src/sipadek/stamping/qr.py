"""QR codes as PDF path operators (ISO/IEC 18004; made by zxing-cpp)."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate

import attrs

from sipadek.errors import StampError

__all__ = ["QUIET_ZONE", "QrCode"]

QUIET_ZONE = 4
"""Modules of white that a reader needs on each side."""

# Weighing all eight takes four times as long as all else. What an office encodes, an id or a digest,
# is as good as random, so none of them stands out.
_MASK = 3
_LIGHT = b"\xff"


@attrs.frozen
class QrCode:
    """A QR code: ``size`` modules a side, one byte per module row by row, 0 where it is dark."""

    size: int
    modules: bytes = attrs.field(repr=False)

    @classmethod
    def encode(cls, content: str) -> QrCode:
        """The smallest code that holds ``content`` at error correction level M (15 %).

        Raises ``StampError`` for content that is not printable ASCII (readers disagree on any
        other character set) or that no QR code can hold.
        """
        if not (content.isascii() and content.isprintable()):
            raise StampError(
                f"The QR code's content {content!r} is not plain ASCII. Percent-encode the link.",
                content=content,
            )
        import zxingcpp

        try:
            barcode = zxingcpp.create_barcode(
                content, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=_MASK
            )
        except (ValueError, RuntimeError) as error:
            raise StampError(
                f"The QR code cannot hold {len(content)} characters: {error}. Give a short link.",
                length=len(content),
            ) from error
        image = memoryview(barcode.to_image(scale=1, add_quiet_zones=False))
        return cls(len(image), image.tobytes())

    def operators(self) -> bytes:
        """One path of the dark modules, filled: a module is 1 unit, the code's corner the origin.

        Dark modules side by side in a row are one rectangle.
        """
        size = self.size
        rows = [self.modules[start : start + size] for start in range(0, size * size, size)]
        starts, extents = _written(size)
        steps = [len(run) + 1 for run in _LIGHT.join(rows).split(_LIGHT)]  # 1: light after light
        ends = accumulate(steps)
        runs = [
            starts[end - n] + extents[n - 1] for end, n in zip(ends, steps, strict=True) if n > 1
        ]
        return b"".join(runs) + b"f"


@lru_cache(maxsize=16)
def _written(size: int) -> tuple[list[bytes], list[bytes]]:
    """How the corner at each place of the rows, one light module between them, and each length
    of a run are written. Looked up, since formatting would take longer than all else here.
    """
    stride = size + 1
    starts = [b"%d %d " % (at % stride, size - 1 - at // stride) for at in range(size * stride)]
    return starts, [b"%d 1 re\n" % length for length in range(stride)]
