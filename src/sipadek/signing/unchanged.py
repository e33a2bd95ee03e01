"""That a revision which someone else appended adds a signature and leaves alone what readers see.

A signature over the entire file speaks for the revision that it is in as well, so that whoever signs
could show another text. Compared are references and the places they lead to, not spellings: signers
write dictionaries anew in their own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sipadek.errors import PdfError
from sipadek.pdf import Dictionary, Document, Ref, geometry
from sipadek.pdf.syntax import read_ref

_REF = re.compile(rb"(\d+)[\x00\t\n\x0c\r ]+(\d+)[\x00\t\n\x0c\r ]+R(?![A-Za-z])")
_CATALOG = frozenset((b"AcroForm", b"DSS", b"Extensions", b"Perms", b"Metadata", b"Version"))
_PAGE = frozenset((b"Annots", b"Parent"))


def change_beyond_signing(before: bytes, after: bytes, *, password: str | None = None) -> str:
    """What ``after``, which begins with ``before``, changes beyond adding a signature: for people;
    empty where it changes nothing else.

    Allowed are new objects, one new widget on a page, and new values of the form, the metadata and the
    validation data.
    """
    try:
        old, new = (Document.open(data, password=password) for data in (before, after))
        if new.repaired:
            return "its cross-reference is damaged"
        pages = _Pages(old, new)
        return pages.problem or _others(old, new, pages.may_change)
    except PdfError as error:
        return f"it cannot be read ({error.message})"


class _Pages:
    """The pages of both, compared; ``may_change`` are the objects that a signature changes."""

    def __init__(self, old: Document, new: Document) -> None:
        self.may_change = _may_change(old)
        self.problem = ""
        first, second = list(old.pages()), list(new.pages())
        if [ref for ref, _ in first] != [ref for ref, _ in second]:
            self.problem = "it has other pages"
            return
        added = 0
        for (ref, page), (_, page_now) in zip(first, second, strict=True):
            self.may_change |= {ref.number, *_number(page.get(b"Annots"))}
            if page == page_now:
                continue
            if geometry(old, page) != geometry(new, page_now) or _without(page, _PAGE) != _without(
                page_now, _PAGE
            ):
                self.problem = "a page was changed"
            annotations = old.array(page.get(b"Annots", b"null"))
            annotations_now = new.array(page_now.get(b"Annots", b"null"))
            if annotations_now[: len(annotations)] != annotations:
                self.problem = "an annotation was changed"
            for value in annotations_now[len(annotations) :]:
                added += 1
                if new.resolve(new.dictionary(value).get(b"Subtype", b"null")) != b"/Widget":
                    self.problem = "an annotation was added that is no signature"
        if added > 1:
            self.problem = "more than one annotation was added"


def _may_change(document: Document) -> set[int]:
    """The objects that say what form and metadata the document has."""
    ref, catalog = document.catalog()
    form = document.dictionary(catalog.get(b"AcroForm", b"null"))
    values = (
        *(catalog.get(key) for key in _CATALOG),
        document.trailer.get(b"Info"),
        form.get(b"Fields"),
    )
    return {ref.number, *(number for value in values for number in _number(value))}


def _others(old: Document, new: Document, may_change: set[int]) -> str:
    (ref, catalog), (ref_now, catalog_now) = old.catalog(), new.catalog()
    if ref != ref_now or _without(catalog, _CATALOG) != _without(catalog_now, _CATALOG):
        return "the catalog was changed"
    if old.trailer.get(b"Encrypt") != new.trailer.get(b"Encrypt"):
        return "the encryption was changed"
    for number in sorted({n for section in old.sections for n in section.numbers()} - may_change):
        here, there = old.entry(number), new.entry(number)
        if here != there and old.value(Ref(number)) != b"null":
            return f"object {number} was changed"
    return ""


def _without(dictionary: Dictionary, keys: Iterable[bytes]) -> dict[bytes, list[tuple[bytes, ...]]]:
    """The other keys, each with the references in its value."""
    return {
        key: [match.groups() for match in _REF.finditer(value)]
        for key, value in dictionary.items()
        if key not in keys
    }


def _number(value: bytes | None) -> Iterable[int]:
    ref = None if value is None else read_ref(value)
    return () if ref is None else (ref.number,)
