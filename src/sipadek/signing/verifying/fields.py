"""What later signature fields may be and show: nothing but a signature, on ground where nothing is.

The difference analysis says that a signature field came. A reader may still see another letter, since
a field paints over the page as it likes: so it has to be new itself, small, and beside what was signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from sipadek.errors import SipadekError
from sipadek.pdf.document import Document
from sipadek.pdf.geometry import Box, transform_box
from sipadek.pdf.sights import Sights
from sipadek.pdf.syntax import read_ref
from sipadek.signing.verifying.changes import changed
from sipadek.signing.verifying.finding import Found

_FIELD_KEYS = frozenset(
    f"/{key}"
    for key in (
        *("Type", "Subtype", "FT", "T", "TU", "V", "F", "P", "Rect", "AP", "Border", "BS", "MK"),
        *("DA", "Ff", "Kids", "Lock", "SV", "Parent", "StructParent", "M", "NM"),
    )
)
"""What a later signature's field may have; above all no actions (/A, /AA)."""

_MOVES = 0x18
"""/F: NoZoom and NoRotate, with which a look leaves its rectangle (ISO 32000-2, table 167)."""

_EDGE = 2.0
"""Points at its edge in which a look may touch its neighbour: a cell and a half of what is measured."""

MOST_OF_A_PAGE = 1 / 3
"""How much of a page later signatures may take together, but for places that were kept for them."""


@attrs.frozen(kw_only=True)
class _Part:
    """A later signature's field or widget: its number, entries, and whose it is."""

    field: str
    number: int
    entries: Any
    signature: Found | None
    new: bool

    @property
    def box(self) -> Box:
        left, bottom, right, top = map(float, self.entries.raw_get("/Rect"))
        return min(left, right), min(bottom, top), max(left, right), max(bottom, top)

    @property
    def visible(self) -> bool:
        box = self.box
        return box[2] > box[0] and box[3] > box[1]


def check_later_fields(
    data: bytes, reader: Any, found: Sequence[Found], password: str = ""
) -> None:
    """That the signature fields which came, or were filled in, after the oldest signature show no more
    than a signature does, and cover nothing of what was there.

    Raises:
        ChangedAfterSigning: it is not so, or cannot be seen.
    """
    oldest = found[0]
    seen = []
    parts = list(_later_parts(reader, found))
    for part in parts:
        why = _odd(reader, part, oldest)
        if why:
            raise changed(oldest.coverage.field, f"the field {part.field} {why}")
        if "/Rect" in part.entries and part.visible:
            seen.append(part)
    if not parts:
        return
    try:
        why = _reordered(data, oldest, password) or (
            _covers(data, found, seen, password) if seen else ""
        )
    except (SipadekError, ValueError, ArithmeticError) as error:
        why = f"what the field {parts[0].field} covers cannot be seen ({type(error).__name__})"
    if why:
        raise changed(oldest.coverage.field, why)


def _later_parts(reader: Any, found: Sequence[Found]) -> Iterator[_Part]:
    from pyhanko.sign.fields import enumerate_sig_fields

    signed = reader.get_historical_resolver(found[0].embedded.signed_revision)
    before = {
        str(name): ({field.idnum, *_kids(field.get_object())}, bool(value))
        for name, value, field in enumerate_sig_fields(signed)
    }
    by_name = {each.coverage.field: each for each in found}
    for name, value, field in enumerate_sig_fields(reader):
        known, filled = before.get(str(name), (set(), False))
        entries = field.get_object()
        for number in (field.idnum, *_kids(entries)):
            new = number not in known
            if new or bool(value) != filled:
                body = entries if number == field.idnum else _object(reader, number)
                yield _Part(
                    field=str(name),
                    number=number,
                    entries=body,
                    signature=by_name.get(str(name)) if value else None,
                    new=new,
                )


def _kids(field: Any) -> list[int]:
    """The numbers of a field's widgets; those with names are fields of their own."""
    kids = field["/Kids"] if "/Kids" in field else ()  # noqa: SIM401  (get() gives a reference)
    return [kid.idnum for kid in kids if "/T" not in kid.get_object()]


def _object(reader: Any, number: int) -> Any:
    from pyhanko.pdf_utils.generic import Reference

    return Reference(number, 0, reader).get_object()


def _odd(reader: Any, part: _Part, oldest: Found) -> str:
    """What is wrong with a later field before anyone looks at the page; '' where nothing is."""
    from pyhanko.pdf_utils.generic import Reference

    if part.new:
        introduced = reader.xrefs.get_introducing_revision(Reference(part.number, 0, reader))
        if introduced <= oldest.embedded.signed_revision:
            return "was made of an object that lay in the file before"
        odd_keys = set(part.entries) - _FIELD_KEYS
        if odd_keys or part.entries.get("/Subtype", "/Widget") != "/Widget":
            return "has more than a signature"
    if "/Rect" not in part.entries:
        return "has a look and no place" if "/AP" in part.entries else ""
    return _odd_look(part)


def _odd_look(part: _Part) -> str:
    from pyhanko.pdf_utils.generic import FloatObject, NumberObject

    box, numbers = part.entries["/Rect"], (NumberObject, FloatObject)
    if len(box) != 4 or not all(isinstance(box.raw_get(each), numbers) for each in range(4)):
        return "has a place that readers understand differently"
    if not part.visible:
        return ""
    why = ""
    if "/F" in part.entries and part.entries["/F"] & _MOVES:
        why = "has a look that leaves its place"
    elif part.signature is not None and not part.signature.is_signature:
        why = "has a look, and is a time stamp"
    elif part.signature is None and part.new and {"/AP", "/MK"} & set(part.entries):
        why = "has a look and no signature"
    return why


def _covers(data: bytes, found: Sequence[Found], parts: Sequence[_Part], password: str) -> str:
    """What the looks cover; '' where that is nothing."""
    listed = _pages_of(Document.open(data, password=password or None))
    taken: dict[int, float] = {}
    views: dict[int, Sights] = {}
    for part in parts:
        where = listed.get(part.number, [])
        if len(where) != 1:
            return f"the field {part.field} stands on {len(where)} pages instead of one"
        [index] = where
        end = _signed_before(found, part).coverage.end
        if end not in views:
            signed = Document.open(data[:end], password=password or None)
            views[end] = Sights(signed, password=password or None)
        shape = views[end].shape(index)
        box = transform_box(shape.to_displayed, part.box)
        if part.new:
            taken[index] = taken.get(index, 0.0) + (box[2] - box[0]) * (box[3] - box[1])
        if taken.get(index, 0.0) > MOST_OF_A_PAGE * shape.size[0] * shape.size[1]:
            return f"signatures take more than a third of page {index + 1}"
        if not _clear(views[end], index, box, kept=not part.new):
            return f"the field {part.field} covers what was on page {index + 1}"
    return ""


def _clear(sights: Sights, index: int, box: Box, *, kept: bool) -> bool:
    """Whether nothing is in a box of a page, as `find_free` has it, but a tag such as ${ttd}. A place
    that was ``kept`` for a signature may also have a frame, and a line to sign on."""
    edge = min(_EDGE, (box[2] - box[0]) / 4, (box[3] - box[1]) / 4)
    box = box[0] + edge, box[1] + edge, box[2] - edge, box[3] - edge
    inks = (
        [sights.text(index)] if kept else [sights.ink(index, plain=each) for each in (False, True)]
    )
    if inks[0].span(box) is None or any(each.free(box) for each in inks):
        return True
    tags = sights.tags(index)
    return bool(tags) and any(each.without_boxes(tags).free(box) for each in inks)


def _reordered(data: bytes, oldest: Found, password: str) -> str:
    """Whether annotations that were signed lie over one another otherwise than they did."""
    before, after = (
        _annotations(Document.open(data[:end], password=password or None))
        for end in (oldest.coverage.end, len(data))
    )
    for page, signed in before.items():
        known = set(signed)
        if [each for each in after.get(page, ()) if each in known] != signed:
            return f"annotations of page object {page} were put in another order"
    return ""


def _annotations(document: Document) -> dict[int, list[bytes]]:
    """What each page lists, by the page's number."""
    return {
        ref.number: document.array(page.get(b"Annots", b"null")) for ref, page in document.pages()
    }


def _signed_before(found: Sequence[Found], part: _Part) -> Found:
    """The newest signature that knew nothing of the field's look."""
    own = part.signature
    earlier = [each for each in found if own is None or each.coverage.end < own.coverage.end]
    return earlier[-1] if own is not None and earlier else found[0]


def _pages_of(document: Document) -> dict[int, list[int]]:
    """The pages (from 0) that list an annotation, by its number."""
    listed: dict[int, list[int]] = {}
    for index, (_, page) in enumerate(document.pages()):
        for value in document.array(page.get(b"Annots", b"null")):
            ref = read_ref(value)
            if ref is not None:
                listed.setdefault(ref.number, []).append(index)
    return listed
