"""Small PDFs that ask a reader for much work: one thing named again and again, packed many times over.

Each would cost a reader that keeps no account minutes or gigabytes. They belong to
``sipadek.testing.hostile_pdfs``.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from sipadek.testing.one_page import (
    CATALOG,
    EXTRA,
    PAGES,
    deflated_zeros,
    one_page,
    page,
    with_raw_xref,
    with_xref_stream,
)
from sipadek.testing.pdf_values import Indirect, Name, Raw, Stream, body

__all__ = ["amplifying"]

_FLATE = Name("FlateDecode")
_MIB = 1 << 20
_OFTEN = 100_000


def amplifying() -> dict[str, bytes]:
    """All of them, by name."""
    found: dict[str, bytes] = {}
    for group in (_filters, _named_often, _cross_references, _containers, _keys, _pictures):
        found |= group()
    return found


def _shown(stream: Any, **entries: Any) -> bytes:
    """A page whose content is this stream."""
    return one_page({4: stream, 3: page(Contents=EXTRA, **entries)})


def _filters() -> dict[str, bytes]:
    zeros = zlib.compress(deflated_zeros(48 * _MIB), 9)
    letters = zlib.compress(zlib.compress(b"z" * (48 * _MIB), 9), 9)
    packed = {"Filter": [_FLATE, _FLATE]}
    runs = zlib.compress(b"\x81a" * (24 * _MIB), 9)
    lzw = zlib.compress(b"\x80\x0b\x60\x50" * (2 * _MIB), 9)
    names = ("ASCII85Decode", "ASCIIHexDecode", "RunLengthDecode", "LZWDecode")
    return {
        "filter-zeros": _shown(Stream(packed, zeros)),
        "filter-predictor": _shown(
            Stream(packed | {"DecodeParms": [None, {"Predictor": 15, "Columns": 1}]}, zeros)
        ),
        "filter-ascii85": _shown(
            Stream({"Filter": [_FLATE, _FLATE, Name("ASCII85Decode")]}, letters)
        ),
        "filter-ascii85-often": _shown(
            Stream({"Filter": [_FLATE, _FLATE, *[Name("ASCII85Decode")] * 200]}, letters)
        ),
        "filter-run-length": _shown(Stream({"Filter": [_FLATE, Name("RunLengthDecode")]}, runs)),
        "filter-lzw": _shown(Stream({"Filter": [_FLATE, Name("LZWDecode")]}, lzw)),
        "filter-chain": _shown(Stream({"Filter": [Name(name) for name in names] * 50}, b"z~>")),
        "filter-names": _shown(Stream({"Filter": [_FLATE] * _OFTEN}, b"")),
    }


def _named_often() -> dict[str, bytes]:
    wide = {"Type": Name("Pages"), "Kids": Indirect(4), "Count": 1, "Parent": PAGES}
    nodes: dict[int, Any] = {5 + n: wide for n in range(300)}
    shared = [*map(Indirect, nodes)] * 100
    inner: dict[str, Any] = {"T": b"x", "Kids": Indirect(5)}
    catalog = {"Type": Name("Catalog"), "Pages": PAGES, "AcroForm": {"Fields": Indirect(5)}}
    annotation = {"Type": Name("Annot"), "Subtype": Name("Stamp"), "Rect": [0, 0, 9, 9]}
    bulky = Raw(b"<< /Rect 5 0 R /X [" + b"1 " * _MIB + b"] >>")
    content = Stream({}, b"q Q " * 300)
    pages = {
        10 + n: {"Type": Name("Page"), "Parent": PAGES, "MediaBox": EXTRA} for n in range(2000)
    }
    tree = {"Type": Name("Pages"), "Kids": list(map(Indirect, pages)), "Count": 2000}
    box = Raw(b"[0 0 595 842" + b" " * (2 * _MIB) + b"]")
    return {
        "often-contents": one_page({4: content, 3: page(Contents=[EXTRA] * _OFTEN)}),
        "often-empty-contents": one_page({4: Stream({}, b""), 3: page(Contents=[EXTRA] * _OFTEN)}),
        "often-kid": one_page(
            {2: {"Type": Name("Pages"), "Kids": [EXTRA] * 3 * _OFTEN, "Count": 1}, 4: page()}
        ),
        "often-no-kid": one_page(
            {2: {"Type": Name("Pages"), "Kids": [PAGES] * _OFTEN, "Count": 1}}
        ),
        "often-kids": one_page({2: wide, 4: shared} | nodes),
        "often-field-in-itself": one_page({1: catalog, 5: [inner]}),
        "often-fields-in-themselves": one_page({1: catalog, 5: [inner] * 1000}),
        "often-annotation": one_page({4: bulky, 5: [0, 0, 9, 9], 3: page(Annots=[EXTRA] * 1000)}),
        "often-rectangle": one_page(
            {5 + n: annotation | {"Rect": EXTRA} for n in range(1000)}
            | {4: box, 3: page(Annots=[Indirect(5 + n) for n in range(1000)])}
        ),
        "often-box": one_page({2: tree, 4: box} | pages),
    }


def _cross_references() -> dict[str, bytes]:
    plain = one_page({})
    start = plain.rindex(b"\nxref\n") + 1
    rows = b"".join(b"%d 1\n0000000009 00000 n \n" % (2 * n + 10) for n in range(_OFTEN))
    odd = rows + b"9 1\n0000000009 00000 n\n"
    tail = b"trailer\n<< /Size 9 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    zeros = zlib.compress(deflated_zeros(192 * _MIB), 9)
    packed = {"Filter": [_FLATE], "W": [1, 4, 2], "Size": 8_000_000}
    up = packed | {"DecodeParms": {"Predictor": 12, "Columns": 7}}
    return {
        "xref-subsections": plain[:start] + b"xref\n0 1\n0000000000 65535 f \n" + rows + tail,
        "xref-subsections-odd": plain[:start] + b"xref\n" + odd + tail,
        "xref-index": with_raw_xref({"W": [1, 4, 2], "Size": 9, "Index": [5, 1] * _OFTEN}, b""),
        "xref-index-wide": _hybrid({"W": [1, 4, 2], "Size": 9, "Index": [0, 8_000_000] * 100}),
        "xref-rows": with_raw_xref(packed, zlib.decompress(zeros)),
        "xref-rows-predicted": with_raw_xref(up, zlib.decompress(zeros)),
        "xref-rows-chained": _chained(20, deflated_zeros(192 * _MIB)),
    }


def _hybrid(entries: Mapping[str, Any]) -> bytes:
    """A table whose /XRefStm is this empty stream."""
    plain = one_page({})
    at = plain.rindex(b"\nxref\n") + 1
    stream = body(Stream({"Type": Name("XRef"), "Root": CATALOG} | dict(entries), b""))
    table = plain[at : plain.rindex(b"trailer\n")]
    out = plain[:at] + b"99 0 obj\n%s\nendobj\n" % stream
    trailer = b"trailer\n<< /Size 4 /Root 1 0 R /XRefStm %d >>\n" % at
    return out + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(out)


def _chained(count: int, rows: bytes) -> bytes:
    """Cross-reference streams of the same many rows, one after another."""
    out = one_page({})
    previous = out.rindex(b"\nxref\n") + 1
    head = {"Type": Name("XRef"), "Root": CATALOG, "W": [1, 4, 2], "Size": 9, "Filter": [_FLATE]}
    for _ in range(count):
        at = len(out)
        stream = body(Stream(head | {"Index": [20, 8_000_000], "Prev": previous}, rows))
        out += b"99 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream, at)
        previous = at
    return out


def _containers() -> dict[str, bytes]:
    def container(index: bytes, data: bytes) -> Stream:
        head = {"Type": Name("ObjStm"), "N": index.count(b" ") // 2, "First": len(index)}
        return Stream(head, index + data, compress=True)

    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >> "
    large = b"(" + b"x" * _MIB + b")"
    same = b"2 0 " + b"".join(b"%d %d " % (n, len(tree)) for n in range(100, 100 + _OFTEN))
    numerals = b"%s 0 " % (b"9" * 5000)
    empty = container(b"".join(b"%d 0 " % n for n in range(100, 100 + _OFTEN)), b"null")
    zeros = Stream(
        {"Type": Name("ObjStm"), "N": 1, "First": 5, "Filter": [_FLATE]},
        deflated_zeros(200 * _MIB),
    )
    many = {4 + n: zeros for n in range(10)}
    return {
        "container-same-offset": with_xref_stream(
            {4: container(same, tree + large)}, {2: (2, 4, 0)}
        ),
        "container-digits": with_xref_stream({4: container(numerals, tree)}, {2: (2, 4, 0)}),
        "container-numbers": with_xref_stream({4: empty}, {2: (2, 4, 0)}),
        "container-zeros": one_page(many).replace(b"startxref", b"startxxxx"),
    }


def _keys() -> dict[str, bytes]:
    def locked(**entries: Any) -> bytes:
        whole = {"Filter": Name("Standard"), "V": 2, "R": 3, "P": -4, "Length": 128}
        whole |= {"O": b"o" * 32, "U": b"u" * 32} | entries
        return one_page({4: whole}, trailer={"Encrypt": EXTRA, "ID": [b"i", b"i"]})

    return {
        "key-short": locked(Length=48),
        "key-zero": locked(Length=0),
        "key-huge": locked(Length=2**60),
        "key-negative": locked(Length=-8, P=2**70),
        "key-revisions": locked(V=5, R=4),
        "key-strings": locked(V=5, R=6, O=b"o" * _MIB, U=b"u" * _MIB, OE=b"", UE=b""),
        "key-digits": locked(O=Raw(b"<zz>"), U=Raw(b"<0>")),
        "key-filters": locked(V=4, R=4, CF={"A": EXTRA}, StmF=Name("A"), StrF=Name("A")),
    }


def _pictures() -> dict[str, bytes]:
    image = {
        "Type": Name("XObject"),
        "Subtype": Name("Image"),
        "Width": 30_000,
        "Height": 30_000,
        "BitsPerComponent": 8,
        "ColorSpace": Name("DeviceGray"),
        "Filter": [_FLATE, _FLATE],
    }
    zeros = zlib.compress(deflated_zeros(858 * _MIB), 9)
    show = Stream({}, b"595 0 0 842 0 0 cm /I Do")
    return {
        "picture-huge": one_page(
            {
                4: show,
                5: Stream(image, zeros),
                3: page(Contents=EXTRA, Resources={"XObject": {"I": Indirect(5)}}),
            }
        ),
    }
