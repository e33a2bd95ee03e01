"""Signature fields: those that are there, and how one more is added to the interactive form.

ISO 32000-2, 12.7 (forms) and 12.8 (signatures, DocMDP).
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from sipadek.errors import BrokenPdf, ChangeForbidden
from sipadek.pdf.document import Document
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.revision import Revision
from sipadek.pdf.syntax import read_integer, read_ref

_MAX_FIELDS = 100_000


@attrs.frozen
class SignatureField:
    """A signature field that holds a signature. ``permission`` is the DocMDP level (1 to 3) where it
    certifies the document, None where it is an approval signature."""

    permission: int | None


def signatures(document: Document) -> Iterator[SignatureField]:
    """Every signature in the document's form, in the order of its fields."""
    _, catalog = document.catalog()
    form = document.dictionary(catalog.get(b"AcroForm", b"null"))
    pending = [(value, b"") for value in reversed(document.array(form.get(b"Fields", b"null")))]
    seen: set[Ref] = set()
    while pending:
        value, kind = pending.pop()
        ref = read_ref(value)
        if ref is not None:
            if ref in seen:
                continue
            seen.add(ref)
            if len(seen) > _MAX_FIELDS:
                raise BrokenPdf(f"the PDF's form has more than {_MAX_FIELDS} fields")
        field = document.dictionary(value)
        kind = document.resolve(field.get(b"FT", kind))
        if kind == b"/Sig" and (signature := document.dictionary(field.get(b"V", b"null"))):
            yield SignatureField(_permission(document, signature))
        pending += [(kid, kind) for kid in reversed(document.array(field.get(b"Kids", b"null")))]


def _permission(document: Document, signature: Dictionary) -> int | None:
    for value in document.array(signature.get(b"Reference", b"null")):
        reference = document.dictionary(value)
        if document.resolve(reference.get(b"TransformMethod", b"null")) == b"/DocMDP":
            parameters = document.dictionary(reference.get(b"TransformParams", b"null"))
            return read_integer(document.resolve(parameters.get(b"P", b"2"))) or 2
    return None


def refuse_forbidden_change(document: Document) -> None:
    """Raise ChangeForbidden where a signature certifies the document: readers then take a new visible
    field for tampering, at every DocMDP level. Raise BrokenPdf where a signed document is damaged,
    since what the earlier signature covers could not be shown to be kept."""
    found = list(signatures(document))
    _, catalog = document.catalog()
    certified = b"DocMDP" in document.dictionary(catalog.get(b"Perms", b"null"))
    levels = [field.permission for field in found if field.permission is not None]
    if certified or levels:
        level = min(levels, default=2)
        raise ChangeForbidden(
            f"the PDF is certified (DocMDP level {level}), so nothing visible may be added; file it as"
            " an attachment, or ask its issuer for an uncertified copy",
            level=level,
        )
    if found and document.repaired:
        raise BrokenPdf("the PDF is signed and damaged; ask its issuer for a sound copy")


def add_annotation(revision: Revision, page: Ref, annotation: Ref) -> None:
    """Append ``annotation`` to the page's /Annots."""
    document = revision.document
    entries = revision.current(page)
    value = entries.get(b"Annots", b"null")
    array = _appended(document, value, annotation)
    holder = read_ref(value)
    if holder is not None and document.resolve(value).startswith(b"["):
        revision.replace(holder, array)
        return
    entries[b"Annots"] = array
    revision.replace(page, bytes(entries))


def add_signature_field(revision: Revision, field: Ref) -> None:
    """Append ``field`` to the form, made where there is none, and set its /SigFlags."""
    document = revision.document
    root, _ = document.catalog()
    catalog = revision.current(root)
    value = catalog.get(b"AcroForm", b"null")
    form = document.dictionary(value)
    fields = form.get(b"Fields", b"null")
    array = _appended(document, fields, field)
    holder = read_ref(fields)
    if holder is not None and document.resolve(fields).startswith(b"["):
        revision.replace(holder, array)
    else:
        form[b"Fields"] = array
    form[b"SigFlags"] = b"3"
    at = read_ref(value)
    if at is not None and document.resolve(value).startswith(b"<<"):
        revision.replace(at, bytes(form))
        return
    catalog[b"AcroForm"] = bytes(form)
    revision.replace(root, bytes(catalog))


def _appended(document: Document, value: bytes, ref: Ref) -> bytes:
    inner = document.resolve(value)
    if not inner.startswith(b"["):
        return b"[" + bytes(ref) + b"]"
    document.array(inner)  # refuses an array that cannot be read
    return inner[:-1] + b" " + bytes(ref) + b"]"
