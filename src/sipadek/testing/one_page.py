"""One-page PDFs some of whose objects are as given: what hostile files are made from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from sipadek.testing.pdf_layout import Item, Section, write_sections, xref_stream
from sipadek.testing.pdf_values import Indirect, Name, Stream, body

__all__ = [
    "CATALOG",
    "EXTRA",
    "PAGE",
    "PAGES",
    "deflated_zeros",
    "one_page",
    "page",
    "with_raw_xref",
    "with_xref_stream",
]

CATALOG, PAGES, PAGE, EXTRA = (Indirect(number) for number in (1, 2, 3, 4))


def one_page(changes: Mapping[int, Any], *, trailer: Mapping[str, Any] | None = None) -> bytes:
    """A plain one-page file with some of its objects changed or added."""
    objects: dict[int, Any] = {
        1: {"Type": Name("Catalog"), "Pages": PAGES},
        2: {"Type": Name("Pages"), "Kids": [PAGE], "Count": 1},
        3: {"Type": Name("Page"), "Parent": PAGES, "MediaBox": [0, 0, 595, 842]},
        **changes,
    }
    items = {number: Item(value) for number, value in objects.items()}
    return write_sections([Section(objects=items, trailer={"Root": CATALOG} | dict(trailer or {}))])


def page(**entries: Any) -> dict[str, Any]:
    return {"Type": Name("Page"), "Parent": PAGES, "MediaBox": [0, 0, 595, 842]} | entries


def deflated_zeros(size: int) -> bytes:
    """So many zeros (a multiple of a MiB) as zlib data, without deflating them all: one flushed
    block again and again. Of Adler's sums (RFC 1950) zeros leave one at 1, the other grows by it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (size % 65521) << 16 | 1
    return b"\x78\xda" + block * (size >> 20) + b"\x03\x00" + check.to_bytes(4, "big")


def with_xref_stream(changes: Mapping[int, Any], rows: Mapping[int, tuple[int, int, int]]) -> bytes:
    """A one-page file with a cross-reference stream, some of whose rows are as given."""
    objects: dict[int, Any] = {
        1: {"Type": Name("Catalog"), "Pages": PAGES},
        2: {"Type": Name("Pages"), "Kids": [PAGE], "Count": 1},
        3: page(),
        **changes,
    }
    out = bytearray(b"%PDF-1.7\n")
    listed = {0: (0, 0, 65535)}
    for number, value in objects.items():
        listed[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body(value))
    at = len(out)
    listed |= {99: (1, at, 0)} | dict(rows)
    stream = xref_stream(listed, {"Size": 100, "Root": CATALOG}, predictor=False)
    return bytes(out + b"99 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (body(stream), at))


def with_raw_xref(entries: Mapping[str, Any], data: bytes) -> bytes:
    """A one-page file whose cross-reference stream is just this."""
    plain = one_page({})
    out = plain[: plain.rindex(b"\nxref\n") + 1]
    head = {"Type": Name("XRef"), "Root": CATALOG} | dict(entries)
    content = body(Stream(head, data))
    return out + b"99 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (content, len(out))
