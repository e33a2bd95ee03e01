"""PDFs of the sizes that the benchmarks need, written plainly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path


def pages100(path: Path) -> Path:
    """A hundred pages of text, each with a picture of its own, about 5 MB."""
    return _write(path, _pages(100, picture=(200, 230)))


def scan(path: Path, *, megabytes: int = 50) -> Path:
    """Pages that are nothing but pictures of 2 MB each."""
    return _write(path, _pages(megabytes // 2, picture=(1250, 1600)))


def many_objects(path: Path, *, objects: int = 70_000) -> Path:
    """One page, and small objects of about 700 bytes each, 50 MB of them."""
    filling = b"<</Type/Catatan/Isi<%s>>>" % (b"4A" * 330)
    return _write(path, [*_pages(1), *(filling for _ in range(objects))])


def pages3000(path: Path, *, pages: int = 3000) -> Path:
    """Pages of text alone, each with a content stream of its own."""
    return _write(path, _pages(pages))


def _pages(count: int, *, picture: tuple[int, int] | None = None) -> Iterable[bytes]:
    """Catalog, page tree and font, then for each page its dictionary, content and picture."""
    each = 3 if picture else 2
    kids = b" ".join(b"%d 0 R" % (4 + each * n) for n in range(count))
    yield b"<</Type/Catalog/Pages 2 0 R>>"
    yield b"<</Type/Pages/Count %d/MediaBox[0 0 595 842]/Kids[%s]>>" % (count, kids)
    yield b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    for n in range(count):
        first = 4 + each * n
        image = b"/XObject<</Im %d 0 R>>" % (first + 2) if picture else b""
        yield (
            b"<</Type/Page/Parent 2 0 R/Contents %d 0 R/Resources<</Font<</F 3 0 R>>%s>>>>"
            % (first + 1, image)
        )
        lines = b" ".join(b"(Baris %d dari halaman %d) Tj 0 -14 Td" % (k, n + 1) for k in range(45))
        drawing = b"q 595 0 0 842 0 0 cm /Im Do Q " if picture else b""
        yield _stream(b"", drawing + b"BT /F 10 Tf 72 770 Td " + lines + b" ET")
        if picture:
            width, height = picture
            yield _stream(
                b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray"
                b"/BitsPerComponent 8" % picture,
                os.urandom(width * height),
            )


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def _write(path: Path, bodies: Iterable[bytes]) -> Path:
    offsets = []
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        for number, body in enumerate(bodies, 1):
            offsets.append(file.tell())
            file.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        start = file.tell()
        file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
        file.write(b"".join(b"%010d 00000 n \n" % each for each in offsets))
        file.write(
            b"trailer\n<</Size %d/Root 1 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (len(offsets) + 1, b"00" * 16, b"00" * 16, start)
        )
    return path


MAKERS: dict[str, Callable[[Path], Path]] = {
    "pages100": pages100,
    "scan": scan,
    "objects": many_objects,
}
