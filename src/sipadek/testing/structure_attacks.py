"""Attacks on how a file is put together: readers differ in which objects they take from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sipadek.testing.attack_parts import (
    PAINT,
    Attack,
    append,
    append_stream,
    body_of,
    catalog_with,
    content_of,
    number_of,
    object_stream,
    page_of,
    size_of,
    startxref,
    stream,
    with_entry,
    xref_stream,
)


def hybrid_other_object(pdf: bytes) -> bytes:
    """Hybrid: the table names the content as it was, the stream beside it (XRefStm) another."""
    return _hybrid(pdf, b"%d 1\n%010d 00000 n \n" % (content_of(pdf), _place(pdf, content_of(pdf))))


def hybrid_freed(pdf: bytes) -> bytes:
    """Hybrid: the table says that the content is free, the stream names another."""
    return _hybrid(pdf, b"%d 1\n0000000000 65535 f \n" % content_of(pdf))


def hybrid_hidden(pdf: bytes) -> bytes:
    """Hybrid: the table names nothing, the stream other content."""
    return _hybrid(pdf, b"0 0\n")


def xref_stream_override(pdf: bytes) -> bytes:
    """A cross-reference stream behind a table names other content."""
    return append_stream(pdf, {content_of(pdf): PAINT})


def object_stream_override(pdf: bytes) -> bytes:
    """An object stream holds another page."""
    page, size = page_of(pdf), size_of(pdf)
    body = re.sub(rb"/Contents\s*\d+ 0 R", b"/Contents %d 0 R" % (size + 1), body_of(pdf, page))
    packed = object_stream({page: body})
    return append_stream(pdf, {size: packed, size + 1: PAINT}, {page: (size, 0)})


def object_stream_unlisted(pdf: bytes) -> bytes:
    """An object stream holds another page, which is not listed; repairing readers take it."""
    page, size = page_of(pdf), size_of(pdf)
    packed = object_stream({size + 1: b"<<>>", page: body_of(pdf, page)})
    return append_stream(pdf, {size: packed}, {size + 1: (size, 0)})


def object_stream_misnumbered(pdf: bytes) -> bytes:
    """What is listed as a new object stands in its object stream under the page's number."""
    size = size_of(pdf)
    packed = object_stream({page_of(pdf): b"<<>>"})
    return append_stream(pdf, {size: packed}, {size + 1: (size, 0)})


def two_contents(pdf: bytes) -> bytes:
    """The page gets a second /Contents: some readers take the first, others the last."""
    page, size = page_of(pdf), size_of(pdf)
    body = with_entry(body_of(pdf, page), b"/Contents %d 0 R" % size)
    return append(pdf, {page: body, size: PAINT})


def two_pages(pdf: bytes) -> bytes:
    """The catalog gets a second /Pages."""
    size = size_of(pdf)
    pages = b"<</Type/Pages/Count 0/Kids[]>>"
    by = b"/Pages %d 0 R/Pages" % size
    return append(pdf, {**catalog_with(pdf, rb"/Pages", by), size: pages})


def two_values(pdf: bytes) -> bytes:
    """The signature's field gets a second /V."""
    field = number_of(rb"/FT\s*/Sig", pdf)
    return append(pdf, {field: with_entry(body_of(pdf, field), b"/V null")})


def two_byte_ranges(pdf: bytes) -> bytes:
    """The signature gets a second /ByteRange."""
    number = number_of(rb"/ByteRange", pdf)
    return append(pdf, {number: with_entry(body_of(pdf, number), b"/ByteRange[0 1 2 3]")})


def two_roots(pdf: bytes) -> bytes:
    """The trailer names two catalogs."""
    size = size_of(pdf)
    return append(pdf, {size: b"<</Type/Catalog>>"}, trailer=b"/Root %d 0 R" % size)


def no_eof(pdf: bytes) -> bytes:
    """Incremental saving without %%EOF."""
    return append(pdf, {content_of(pdf): PAINT}, end=b"\nstartxref\n%d\n")


def no_startxref(pdf: bytes) -> bytes:
    """Incremental saving without startxref."""
    return append(pdf, {content_of(pdf): PAINT}, end=b"\n")


def no_table(pdf: bytes) -> bytes:
    """Incremental saving without table and trailer; readers that rebuild the file take the object."""
    return pdf + b"\n%d 0 obj\n%s\nendobj\n%%%%EOF\n" % (content_of(pdf), PAINT)


def garbage_tail(pdf: bytes) -> bytes:
    """Incremental saving, with bytes of no meaning behind it."""
    return append(pdf, {content_of(pdf): PAINT}) + bytes(range(256)) * 5


def old_startxref(pdf: bytes) -> bytes:
    """Objects are added, and startxref leads to the table that was signed."""
    number = content_of(pdf)
    added = b"\n%d 0 obj\n%s\nendobj\n" % (number, PAINT)
    return pdf + added + b"startxref\n%d\n%%%%EOF\n" % startxref(pdf)


def no_prev(pdf: bytes) -> bytes:
    """A revision without /Prev: what was signed is no longer part of the file."""
    new = _fresh(pdf)
    entries = b"0 1\n0000000000 65535 f \n"
    return append(pdf, new, entries=entries, prev=None, root=min(new))


def prev_to_older(pdf: bytes) -> bytes:
    """A revision whose /Prev leaves the signed one out."""
    first = int(re.findall(rb"startxref\s+(\d+)", pdf)[0])
    return append(pdf, {content_of(pdf): PAINT}, prev=first)


def commented_revision(pdf: bytes) -> bytes:
    """A revision within comments, which end at different line ends in different readers."""
    revision = append(pdf, {content_of(pdf): PAINT})[len(pdf) :]
    return pdf + b"\n%" + revision.replace(b"\n", b"\r%")


def xref_in_stream(pdf: bytes) -> bytes:
    """The table and the new content stand within a stream that nobody uses."""
    number, size = content_of(pdf), size_of(pdf)
    inside = append(pdf, {number: PAINT}, end=b"\n")[len(pdf) :]
    carrier = b"\n%d 0 obj\n%s\nendobj\n" % (size, stream(inside))
    shift = carrier.index(inside)
    table = len(pdf) + shift + inside.index(b"xref\n")
    moved = carrier.replace(b"%010d 00000 n" % (len(pdf)), b"%010d 00000 n" % (len(pdf) + shift))
    return pdf + moved + b"startxref\n%d\n%%%%EOF\n" % table


def xref_in_comment(pdf: bytes) -> bytes:
    """The table's first line is the end of a comment."""
    revision = append(pdf, {content_of(pdf): PAINT})[len(pdf) :]
    return pdf + revision.replace(b"endobj\nxref\n", b"endobj %xref\n")


def hidden_in_store(pdf: bytes) -> bytes:
    """A part of the security store holds an object that readers that rebuild the file take."""
    hidden = b"\nendstream\nendobj\n%d 0 obj\n%s\nendobj\n" % (content_of(pdf), PAINT)
    return _store(pdf, stream(hidden))


def hidden_in_comment(pdf: bytes) -> bytes:
    """A comment beside the security store holds such an object."""
    hidden = b"%%%d 0 obj %s endobj\n" % (content_of(pdf), PAINT.replace(b"\n", b"\r"))
    return _store(pdf, b"<<" + hidden.replace(b"\r", b" ") + b"/Length 1>>stream\nx\nendstream")


def loose_offset(pdf: bytes) -> bytes:
    """The table's offsets are written so that not all readers read the same number."""
    changed = _store(pdf, stream(b"x"))
    row = re.compile(rb"(?<=\n)00000(\d{4})(\d) (?=00000 n)")
    head, tail = changed[: len(pdf)], changed[len(pdf) :]
    return head + row.sub(rb"0000\g<1>_\g<2> ", tail)


def extended_stream(pdf: bytes) -> bytes:
    """An object stream that extends another one, in which the page has another form."""
    size = size_of(pdf)
    other = object_stream({page_of(pdf): b"<</Type/Page>>"})
    packed = object_stream({size + 2: b"<<>>"}).replace(
        b"/ObjStm", b"/ObjStm/Extends %d 0 R" % (size + 1), 1
    )
    return append_stream(pdf, {size: packed, size + 1: other}, {size + 2: (size, 0)})


STRUCTURE_ATTACKS: Final[Mapping[str, Attack]] = {
    each.__name__: each
    for each in (
        hybrid_other_object,
        hybrid_freed,
        hybrid_hidden,
        xref_stream_override,
        object_stream_override,
        object_stream_unlisted,
        object_stream_misnumbered,
        two_contents,
        two_pages,
        two_values,
        two_byte_ranges,
        two_roots,
        no_eof,
        no_startxref,
        no_table,
        garbage_tail,
        old_startxref,
        no_prev,
        prev_to_older,
        commented_revision,
        xref_in_stream,
        xref_in_comment,
        hidden_in_store,
        hidden_in_comment,
        loose_offset,
        extended_stream,
    )
}


def _hybrid(pdf: bytes, entries: bytes) -> bytes:
    number, size = content_of(pdf), size_of(pdf)
    out = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    rows = {number: (1, len(out), 0)}
    out += b"%d 0 obj\n%s\nendobj\n" % (number, PAINT)
    at = len(out)
    rows[size] = (1, at, 0)
    out += b"%d 0 obj\n%s\nendobj\n" % (size, xref_stream(pdf, rows))
    return append(out, {}, entries=entries, trailer=b"/XRefStm %d" % at, prev=startxref(pdf))


def _store(pdf: bytes, part: bytes) -> bytes:
    """A security store, which may follow a signature, with a part that nobody has to read."""
    size = size_of(pdf)
    store = b"/DSS<</VRI<</%s<</TS %d 0 R>>>>>>/Pages" % (b"0" * 40, size)
    return append(pdf, {**catalog_with(pdf, rb"/Pages", store), size: part})


def _fresh(pdf: bytes) -> dict[int, bytes]:
    size = size_of(pdf)
    return {
        size: b"<</Type/Catalog/Pages %d 0 R>>" % (size + 1),
        size + 1: b"<</Type/Pages/Count 1/Kids[%d 0 R]/MediaBox[0 0 595 842]>>" % (size + 2),
        size + 2: b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (size + 1, size + 3),
        size + 3: PAINT,
    }


def _place(pdf: bytes, number: int) -> int:
    return [each.start() for each in re.finditer(rb"(?m)^%d 0 obj" % number, pdf)][-1]
