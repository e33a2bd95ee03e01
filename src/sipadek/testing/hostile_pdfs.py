"""PDFs that attack their reader: deep nesting, loops, bombs, lies about sizes.

None of them is a letter. A reader must refuse each, or read it, within seconds and without taking
much more memory than the file; it must never crash, hang, or follow a loop for ever.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from typing import Any

from sipadek.testing.amplifying_pdfs import amplifying
from sipadek.testing.one_page import (
    CATALOG,
    EXTRA,
    PAGE,
    PAGES,
    deflated_zeros,
    one_page,
    page,
    with_raw_xref,
    with_xref_stream,
)
from sipadek.testing.pdf_values import Indirect, Name, Raw, Stream

__all__ = ["hostile"]

_DEPTH = 100_000
_BOMB = 1 << 30


def hostile() -> dict[str, bytes]:
    """All of them, by name. About 40 MB together, built once."""
    return dict(_hostile())


@functools.lru_cache(maxsize=1)
def _hostile() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for group in (
        _nested,
        _page_trees,
        _references,
        _xref_loops,
        _bombs,
        _lies,
        _object_streams,
        _drawing,
        amplifying,
    ):
        found |= group()
    return found


def _nested() -> dict[str, bytes]:
    arrays = Raw(b"[" * _DEPTH + b"]" * _DEPTH)
    dictionaries = Raw(b"<</A" * _DEPTH + b" 0" + b">>" * _DEPTH)
    unclosed = Raw(b"[<</A" * _DEPTH)
    return {
        "nested-arrays": one_page({4: arrays}, trailer={"Info": EXTRA}),
        "nested-dictionaries": one_page({4: dictionaries}, trailer={"Info": EXTRA}),
        "nested-in-page": one_page({3: page(Annots=arrays, Contents=arrays)}),
        "nested-in-catalog": one_page({1: {"Type": Name("Catalog"), "Pages": PAGES, "X": arrays}}),
        "nested-in-trailer": one_page({}, trailer={"X": dictionaries}),
        "nested-unclosed": one_page({4: unclosed}, trailer={"Info": EXTRA}),
        "nested-string": one_page({4: Raw(b"(" * _DEPTH)}, trailer={"Info": EXTRA}),
        "nested-comments": one_page({4: Raw(b"%" + b"\n%" * _DEPTH)}, trailer={"Info": EXTRA}),
    }


def _page_trees() -> dict[str, bytes]:
    def tree(**entries: Any) -> dict[str, Any]:
        return {"Type": Name("Pages"), "Count": 1} | entries

    depth = 20_000
    deep: dict[int, Any] = {
        2 + level: tree(Kids=[Indirect(3 + level)], Parent=Indirect(1 + level))
        for level in range(depth)
    }
    deep[2 + depth] = page(Parent=Indirect(1 + depth))
    fan = {2 + n: tree(Kids=[Indirect(3 + n)] * 10, Count=10 ** (9 - n)) for n in range(9)}
    return {
        "page-tree-self": one_page({2: tree(Kids=[PAGES])}),
        "page-tree-loop": one_page({2: tree(Kids=[EXTRA]), 4: tree(Kids=[PAGES], Parent=PAGES)}),
        "page-tree-deep": one_page(deep),
        "page-tree-fan": one_page(fan | {11: page()}),
        "page-tree-parent-loop": one_page({3: page(Parent=PAGE, MediaBox=None)}),
        "page-tree-empty": one_page({2: tree(Kids=[], Count=0)}),
        "page-tree-count": one_page({2: tree(Kids=[PAGE], Count=2**31 - 1)}),
        "page-tree-negative": one_page({2: tree(Kids=[PAGE], Count=-5)}),
        "page-tree-missing": one_page({1: {"Type": Name("Catalog"), "Pages": Indirect(99)}}),
        "page-tree-name": one_page({2: Name("Pages")}),
    }


def _references() -> dict[str, bytes]:
    chain = {4 + n: Indirect(5 + n) for n in range(20_000)}
    looped: dict[int, Any] = {4: Indirect(5), 5: Indirect(4)}
    length = {4: Raw(b"<< /Length 4 0 R >>\nstream\nq Q\nendstream")}
    return {
        "reference-self": one_page({4: EXTRA, 3: page(Contents=EXTRA, Annots=EXTRA)}),
        "reference-loop": one_page(looped | {3: page(MediaBox=EXTRA, Resources=EXTRA)}),
        "reference-chain": one_page(chain | {3: page(Contents=EXTRA)}),
        "reference-length-self": one_page(length | {3: page(Contents=EXTRA)}),
        "reference-filter-loop": one_page(
            looped | {6: Stream({"Filter": EXTRA}, b"q Q"), 3: page(Contents=Indirect(6))}
        ),
        "reference-contents-loop": one_page({4: [EXTRA, EXTRA], 3: page(Contents=EXTRA)}),
        "reference-root-loop": one_page({1: CATALOG}),
        "reference-encrypt-self": one_page({4: EXTRA}, trailer={"Encrypt": EXTRA}),
    }


def _tail(document: bytes, change: Callable[[int], bytes]) -> bytes:
    """The document with its last table's trailer written anew, given the table's offset."""
    at = document.rindex(b"\nxref\n") + 1
    rows = document[at : document.rindex(b"trailer\n")]
    return document[:at] + rows + change(at)


def _trailer(extra: bytes, start: int) -> bytes:
    return b"trailer\n<< /Size 4 /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (extra, start)


def _xref_loops() -> dict[str, bytes]:
    plain = one_page({})
    twice = _tail(plain, lambda at: _trailer(b"/Prev %d" % (at + 400), at))
    second = twice + b" " * 400
    start = plain.rindex(b"\nxref\n") + 1
    second = second[: start + 400] + b"xref\n0 0\n" + _trailer(b"/Prev %d" % start, start)
    sections = bytearray(plain)
    previous = start
    for _ in range(20_000):
        here = len(sections)
        sections += b"xref\n0 0\n" + _trailer(b"/Prev %d" % previous, here)
        previous = here
    return {
        "xref-prev-self": _tail(plain, lambda at: _trailer(b"/Prev %d" % at, at)),
        "xref-prev-loop": second,
        "xref-prev-chain": bytes(sections),
        "xref-prev-negative": _tail(plain, lambda at: _trailer(b"/Prev -7", at)),
        "xref-prev-huge": _tail(plain, lambda at: _trailer(b"/Prev %d" % 2**63, at)),
        "xref-stm-self": _tail(plain, lambda at: _trailer(b"/XRefStm %d" % at, at)),
        "xref-start-huge": _tail(plain, lambda at: _trailer(b"", 10**30 + at)),
        "xref-start-in-string": _tail(plain, lambda at: _trailer(b"/X (%d)" % at, 15)),
        "xref-none": plain[: plain.rindex(b"\nxref\n")],
        "xref-empty-file": b"",
        "xref-header-only": b"%PDF-1.7\n",
    }


def _bombs() -> dict[str, bytes]:
    """A gigabyte of zeros behind a megabyte, or, packed twice, behind some kilobytes."""
    once = deflated_zeros(_BOMB)
    twice = zlib.compress(once, 9)
    flate = Name("FlateDecode")
    packed: dict[str, Any] = {"Filter": [flate, flate]}
    inside = packed | {"Type": Name("ObjStm"), "N": 1, "First": 5}
    many = [flate] * 500
    nested = b""
    for _ in range(500):
        nested = zlib.compress(nested)
    predicted = packed | {"DecodeParms": [{"Predictor": 12, "Columns": 2**31 - 1}, None]}
    return {
        "bomb-contents": one_page({4: Stream({"Filter": flate}, once), 3: page(Contents=EXTRA)}),
        "bomb-contents-twice": one_page({4: Stream(packed, twice), 3: page(Contents=EXTRA)}),
        "bomb-contents-array": one_page(
            {4: Stream(packed, twice), 3: page(Contents=[EXTRA] * 1000)}
        ),
        "bomb-object-stream": with_xref_stream(
            {1: Stream({}, b""), 4: Stream(inside, twice)},
            {2: (2, 4, 0), 3: (2, 4, 1), 1: (2, 4, 2)},
        ),
        "bomb-xref-stream": with_raw_xref(packed | {"W": [1, 4, 2], "Size": _BOMB // 7}, twice),
        "bomb-filters": one_page({4: Stream({"Filter": many}, nested), 3: page(Contents=EXTRA)}),
        "bomb-predictor": one_page({4: Stream(predicted, twice), 3: page(Contents=EXTRA)}),
    }


def _lies() -> dict[str, bytes]:
    plain = one_page({})
    huge_table = plain.replace(b"xref\n0 4\n", b"xref\n0 4000000000\n")
    wide = {"W": [2**31, 2**31, 2**31], "Size": 5}
    empty = {"W": [0, 0, 0], "Size": 2**31 - 1, "Index": [0, 2**31 - 1]}
    many = {"W": [1, 4, 2], "Size": 2**31 - 1, "Index": [0, 2**31 - 1]}
    tiny = 1e-9
    return {
        "size-huge": plain.replace(b"/Size 4", b"/Size 2147483647"),
        "size-negative": plain.replace(b"/Size 4", b"/Size -4"),
        "size-digits": plain.replace(b"/Size 4", b"/Size " + b"9" * 5_000),
        "size-table": huge_table,
        "size-table-start": plain.replace(b"xref\n0 4\n", b"xref\n4294967290 4\n"),
        "size-xref-widths": with_raw_xref(wide, bytes(100)),
        "size-xref-empty-rows": with_raw_xref(empty, b""),
        "size-xref-index": with_raw_xref(many, bytes(700)),
        "size-object-number": plain.replace(b"3 0 obj", b"%s 0 obj" % (b"3" * 400)),
        "size-length": one_page(
            {
                4: Raw(b"<< /Length 99999999999 >>\nstream\nq Q\nendstream"),
                3: page(Contents=EXTRA),
            }
        ),
        "size-length-negative": one_page(
            {4: Raw(b"<< /Length -1 >>\nstream\nq Q\nendstream"), 3: page(Contents=EXTRA)}
        ),
        "box-huge": one_page({3: page(MediaBox=[0, 0, 10**9, 10**9])}),
        "box-thin": one_page({3: page(MediaBox=[0, 0, tiny, 10**9])}),
        "box-empty": one_page({3: page(MediaBox=[5, 5, 5, 5])}),
        "box-words": one_page({3: page(MediaBox=[Name("a"), b"b", None, []])}),
        "box-digits": one_page(
            {3: page(MediaBox=[0, 0, Raw(b"9" * 400), Raw(b"1." + b"1" * 400)])}
        ),
        "unit-huge": one_page({3: page(UserUnit=10**12)}),
        "unit-negative": one_page({3: page(UserUnit=-1)}),
        "rotate-odd": one_page({3: page(Rotate=2**40 + 45)}),
    }


def _object_streams() -> dict[str, bytes]:
    def container(index: bytes, data: bytes, **entries: Any) -> Stream:
        head = {"Type": Name("ObjStm"), "N": index.count(b" ") // 2, "First": len(index)}
        return Stream(head | entries, index + data)

    inside = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >> "
    good = container(b"2 0 ", inside, N=1)
    extends = container(b"2 0 ", inside, N=1, Extends=EXTRA)
    other = container(b"9 0 ", b"null", N=1, Extends=EXTRA)
    lying = container(b"2 0 ", inside, N=2**31 - 1)
    first = container(b"2 0 ", inside, N=1, First=2**31)
    offsets = container(b"2 99999999 ", inside, N=1)
    in_four = {2: (2, 4, 0)}
    return {
        "object-stream-extends-self": with_xref_stream({4: extends}, in_four),
        "object-stream-extends-loop": with_xref_stream(
            {4: container(b"2 0 ", inside, N=1, Extends=Indirect(5)), 5: other}, in_four
        ),
        "object-stream-in-itself": with_xref_stream({4: good}, {2: (2, 4, 0), 4: (2, 4, 0)}),
        "object-stream-in-loop": with_xref_stream(
            {4: good, 5: good}, {2: (2, 4, 0), 4: (2, 5, 0), 5: (2, 4, 0)}
        ),
        "object-stream-is-page": with_xref_stream({}, {2: (2, 3, 0)}),
        "object-stream-count": with_xref_stream({4: lying}, in_four),
        "object-stream-first": with_xref_stream({4: first}, in_four),
        "object-stream-offsets": with_xref_stream({4: offsets}, in_four),
        "object-stream-index": with_xref_stream({4: good}, {2: (2, 4, 65535)}),
        "object-stream-length-inside": with_xref_stream(
            {4: Raw(b"<< /Type /ObjStm /N 1 /First 4 /Length 2 0 R >>\nstream\n2 0 99\nendstream")},
            in_four,
        ),
    }


def _drawing() -> dict[str, bytes]:
    form = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 9, 9]}
    loop = form | {"Resources": {"XObject": {"X": EXTRA}}}
    resources = {"XObject": {"X": EXTRA}}
    fan = {
        5 + n: Stream(form | {"Resources": {"XObject": {"X": Indirect(6 + n)}}}, b"/X Do " * 10)
        for n in range(12)
    }
    show = Stream({}, b"/X Do")
    states = Stream({}, b"q " * 500_000)
    image = b"BI /W 2000000000 /H 2000000000 /BPC 8 /CS /G ID x EI"
    annotation = {"Type": Name("Annot"), "Subtype": Name("Stamp"), "Rect": [0, 0, 9, 9]}
    field = {"FT": Name("Tx"), "T": b"x", "Kids": [Indirect(5)], "Parent": Indirect(5)}
    form_loop = {"Type": Name("Catalog"), "Pages": PAGES, "AcroForm": {"Fields": [Indirect(5)]}}
    return {
        "draw-form-in-itself": one_page(
            {
                4: Stream(loop, b"/X Do"),
                5: show,
                3: page(Contents=Indirect(5), Resources=resources),
            }
        ),
        "draw-form-fan": one_page(
            fan
            | {4: show, 17: Stream(form, b"q Q")}
            | {3: page(Contents=EXTRA, Resources={"XObject": {"X": Indirect(5)}})}
        ),
        "draw-states": one_page({4: states, 3: page(Contents=EXTRA)}),
        "draw-annotation-loop": one_page(
            {4: Stream(loop, b"/X Do"), 3: page(Annots=[annotation | {"AP": {"N": EXTRA}}])}
        ),
        "draw-annotations-many": one_page({4: annotation, 3: page(Annots=[EXTRA] * 200_000)}),
        "draw-fields-loop": one_page({1: form_loop, 5: field}),
        "draw-inline-image": one_page({4: Stream({}, image), 3: page(Contents=EXTRA)}),
    }
