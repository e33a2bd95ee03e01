"""The document security store: certificates, OCSP answers and CRLs kept inside the PDF.

ISO 32000-2, 12.8.4.3. What is there already stays where it is, /VRI too; values are added, none twice.
"""

from __future__ import annotations

import attrs

from sipadek.errors import BrokenPdf, LimitExceeded
from sipadek.pdf.document import Document
from sipadek.pdf.objects import Dictionary
from sipadek.pdf.revision import Revision
from sipadek.pdf.syntax import read_ref

_MOST_VALUES = 4096
_MOST_BYTES = 64 * 1024 * 1024
_KEYS = (b"Certs", b"OCSPs", b"CRLs")


@attrs.frozen(kw_only=True)
class ValidationData:
    """DER values, in order: certificates, OCSPResponses, CRLs."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def lists(self) -> tuple[tuple[bytes, ...], ...]:
        """The three of them, in the order of their names."""
        return self.certificates, self.ocsps, self.crls

    def without(self, other: ValidationData) -> ValidationData:
        """What of it ``other`` does not hold, none twice."""
        kept = [
            tuple(dict.fromkeys(each for each in mine if each not in known))
            for mine, known in zip(self.lists(), map(frozenset, other.lists()), strict=True)
        ]
        return ValidationData(certificates=kept[0], ocsps=kept[1], crls=kept[2])

    def __or__(self, other: ValidationData) -> ValidationData:
        """Both, none twice."""
        pairs = zip(self.lists(), other.lists(), strict=True)
        certificates, ocsps, crls = (tuple(dict.fromkeys(mine + more)) for mine, more in pairs)
        return ValidationData(certificates=certificates, ocsps=ocsps, crls=crls)

    def __bool__(self) -> bool:
        return any(self.lists())


def has_store(document: Document) -> bool:
    """That the document has a security store."""
    _, catalog = document.catalog()
    return bool(document.dictionary(catalog.get(b"DSS", b"null")))


def read_store(document: Document) -> ValidationData:
    """What the document's security store holds; values that cannot be read are left out.

    Raises LimitExceeded where it is larger than any that is useful.
    """
    _, catalog = document.catalog()
    store = document.dictionary(catalog.get(b"DSS", b"null"))
    left = _MOST_BYTES
    found: list[tuple[bytes, ...]] = []
    for key in _KEYS:
        references = document.array(store.get(key, b"null"))
        if len(references) > _MOST_VALUES:
            raise LimitExceeded(f"the PDF's security store has more than {_MOST_VALUES} values")
        values = []
        for reference in references:
            ref = read_ref(reference)
            try:
                value = b"" if ref is None else document.stream(ref, left)
            except BrokenPdf:
                continue
            left -= len(value)
            values.append(value)
        found.append(tuple(values))
    return ValidationData(certificates=found[0], ocsps=found[1], crls=found[2])


def add_to_store(revision: Revision, data: ValidationData) -> None:
    """Put what is new in ``data`` into the revision, in a store made where there is none."""
    document = revision.document
    new = data.without(read_store(document))
    if not new:
        return
    root, _ = document.catalog()
    catalog = revision.current(root)
    value = catalog.get(b"DSS", b"null")
    store = document.dictionary(value) or Dictionary({b"Type": b"/DSS"})
    for key, values in zip(_KEYS, new.lists(), strict=True):
        if not values:
            continue
        refs = b" ".join(bytes(revision.add_stream(b"", each)) for each in values)
        held = document.resolve(store.get(key, b"null"))
        kept = held[1:-1] + b" " if document.array(held) else b""
        store[key] = b"[" + kept + refs + b"]"
    at = read_ref(value)
    if at is not None and document.resolve(value).startswith(b"<<"):
        revision.replace(at, bytes(store))
        return
    catalog[b"DSS"] = bytes(revision.add(bytes(store)))
    revision.replace(root, bytes(catalog))
