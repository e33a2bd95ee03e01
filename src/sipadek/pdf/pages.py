"""Drawing on a page that is there: its content stays as it is, wrapped; forms go over or under."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import attrs

from sipadek.errors import BrokenPdf, LimitExceeded
from sipadek.pdf.content import Balance, balance
from sipadek.pdf.document import Document
from sipadek.pdf.geometry import Box, Matrix, PageGeometry
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.revision import Revision
from sipadek.pdf.syntax import read_dictionary, read_number, read_ref
from sipadek.pdf.xref import inflate, stream_filters, undo_predictor

_MAX_ANNOTATIONS = 1000
"""Most annotations of a page that are kept clear of."""
_MAX_FILTERS = 8
_MAX_ASCII85 = 8 * 1024 * 1024
_MAX_CONTENT = 64 * 1024 * 1024
"""Longest page content, in bytes, that is looked through for its balance."""


def geometry(document: Document, page: Dictionary) -> PageGeometry:
    """The boxes and the rotation of a page, as they stand in the file."""
    rotate = _number(document, page.get(b"Rotate", b"0"), 0.0)
    return PageGeometry(
        media_box=_box(document, page.get(b"MediaBox", b"null")) or (0.0, 0.0, 612.0, 792.0),
        crop_box=_box(document, page.get(b"CropBox", b"null")),
        rotate=int(rotate),
        user_unit=_number(document, page.get(b"UserUnit", b"1"), 1.0),
    )


def _number(document: Document, value: bytes, default: float) -> float:
    try:
        return read_number(document.resolve(value))
    except BrokenPdf:
        return default


def _box(document: Document, value: bytes) -> Box | None:
    try:
        numbers = [read_number(document.resolve(v)) for v in document.array(value)]
    except BrokenPdf:
        return None
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None


def annotation_boxes(document: Document, page: Dictionary) -> list[Box]:
    """The rectangles of the page's annotations, in its default user space: they paint over content."""
    boxes = []
    listed = document.array(page.get(b"Annots", b"null"))[:_MAX_ANNOTATIONS]
    for value in dict.fromkeys(listed):
        box = _box(document, document.dictionary(value).get(b"Rect", b"null"))
        if box is not None:
            left, right = sorted((box[0], box[2]))
            bottom, top = sorted((box[1], box[3]))
            boxes.append((left, bottom, right, top))
    return boxes


def content_balance(document: Document, page: Dictionary) -> Balance | None:
    """What balances the page's content, or None where the content cannot be looked through, or is
    damaged so that readers may stop before its end."""
    parts: list[bytes] = []
    known: dict[Ref, bytes] = {}
    left = _MAX_CONTENT
    try:
        for ref in _content_refs(document, page):
            if ref not in known:
                known[ref] = _content(document, ref, left)
            parts += (b"\n", known[ref])
            left -= 1 + len(known[ref])
            if left < 0:
                return None
        return balance(b"".join(parts))
    except (BrokenPdf, LimitExceeded):
        return None


def _content_refs(document: Document, page: Dictionary) -> list[Ref]:
    value = page.get(b"Contents", b"null")
    resolved = document.resolve(value)
    values = document.array(resolved) if resolved.startswith(b"[") else [value]
    refs = [read_ref(v) for v in values if v != b"null"]
    # A freed stream counts as damage: some readers go and look for it all the same.
    if any(ref is None or document.value(ref) == b"null" for ref in refs):
        raise BrokenPdf("the page's /Contents holds something that is no stream")
    return [ref for ref in refs if ref is not None]


def _content(document: Document, ref: Ref, limit: int) -> bytes:
    dictionary, data = document.raw_stream(ref)
    filters, parameters = stream_filters(dictionary)
    if len(filters) > _MAX_FILTERS:
        raise LimitExceeded(f"the page's content is packed {len(filters)} times over")
    for index, name in enumerate(filters, 1):
        if name == b"/FlateDecode":
            data = inflate(data, max(limit, 0))
            if index == len(filters):  # whose parameters these are
                data = undo_predictor(data, parameters)
        elif name == b"/ASCII85Decode":
            data = _ascii85(data)
        else:
            raise BrokenPdf(f"the page's content uses the filter {name.decode('latin-1')}")
    return data


def _ascii85(data: bytes) -> bytes:
    if len(data) > _MAX_ASCII85:
        raise LimitExceeded(f"the page's content has more than {_MAX_ASCII85} bytes of ASCII85")
    try:
        return base64.a85decode(data.partition(b"~>")[0], ignorechars=b"\x00\t\n\x0c\r ")
    except ValueError as error:
        raise BrokenPdf(f"ASCII85 data in the PDF is damaged: {error}") from None


@attrs.frozen(kw_only=True)
class PlacedForm:
    """A form XObject on a page; ``matrix`` takes its space to the page's default user space.
    ``below`` draws it under the page's content, ``watermark`` says that it is one."""

    form: Ref
    matrix: Matrix
    below: bool = False
    watermark: bool = False


def draw_forms(
    revision: Revision, ref: Ref, page: Dictionary, forms: Sequence[PlacedForm], around: Balance
) -> None:
    """Draw forms over or under the page's content, as artifacts, so that tagged files stay tagged.

    ``ref`` and ``page`` are as `Document.first_page` gives them; ``around`` is what balances the
    content.
    """
    _add_xobjects(revision, ref, page, {_name(one.form): bytes(one.form) for one in forms})
    below = b"".join([_operators(one) for one in forms if one.below])
    above = b"".join([_operators(one) for one in forms if not one.below])
    before = revision.add_stream(b"", below + b"q\n" * (around.before + 1), compress=False)
    after = revision.add_stream(b"", b"\nQ" * (around.after + 1) + b"\n" + above, compress=False)
    old = b" ".join(map(bytes, _content_refs(revision.document, page)))
    entries = revision.current(ref)
    entries[b"Contents"] = b"[%s %s %s]" % (bytes(before), old, bytes(after))
    revision.replace(ref, bytes(entries))


def _operators(one: PlacedForm) -> bytes:
    numbers = b" ".join(f"{n:.6f}".rstrip("0").rstrip(".").encode() for n in one.matrix)
    subtype = b"/Subtype/Watermark" if one.watermark else b""
    return b"/Artifact<</Type/Pagination%s>>BDC q %s cm /%s Do Q EMC\n" % (
        subtype,
        numbers,
        _name(one.form),
    )


def _name(form: Ref) -> bytes:
    return b"Sipadek%d" % form.number


def _add_xobjects(
    revision: Revision, ref: Ref, page: Dictionary, forms: Mapping[bytes, bytes]
) -> None:
    """Name the forms in the page's resources, changing the innermost object that holds them."""
    document = revision.document
    holder = read_ref(page.get(b"Resources", b"null"))
    resources = (
        revision.current(holder) if holder else document.dictionary(page.get(b"Resources", b"<<>>"))
    )
    inner = read_ref(resources.get(b"XObject", b"null"))
    if inner is not None and document.resolve(bytes(inner)).startswith(b"<<"):
        names = revision.current(inner)
        names.update(forms)
        revision.replace(inner, bytes(names))
        return
    names = (
        read_dictionary(resources.get(b"XObject", b"<<>>"))[0] if inner is None else Dictionary()
    )
    names.update(forms)
    resources[b"XObject"] = bytes(names)
    if holder is not None:
        revision.replace(holder, bytes(resources))
        return
    entries = revision.current(ref)
    entries[b"Resources"] = bytes(resources)
    revision.replace(ref, bytes(entries))
