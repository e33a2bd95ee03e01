"""The interactive form as far as signatures go: the fields that are there, and how one is added or
filled in.

ISO 32000-2, 12.7 (forms) and 12.8 (signatures, DocMDP, FieldMDP).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import attrs

from sipadek.errors import BrokenPdf, ChangeForbidden, InvalidInput, LimitExceeded
from sipadek.pdf.document import Document
from sipadek.pdf.objects import Dictionary, Ref, text_string
from sipadek.pdf.revision import Revision
from sipadek.pdf.syntax import read_integer, read_number, read_ref, read_string
from sipadek.pdf.xref import Compressed

_MAX_FIELDS = 100_000
_MAX_LISTED = 200_000
_LONGEST_NAME = 65_536


@attrs.frozen(kw_only=True)
class Field:
    """A form field. ``name`` is its full name; ``kind`` its /FT, its own or inherited; ``ref`` is None
    where it stands in its parent's array itself."""

    name: str
    kind: bytes
    ref: Ref | None
    entries: Dictionary


@attrs.frozen
class SignatureField:
    """A signature field that holds a signature. ``permission`` is the DocMDP level (1 to 3) where it
    certifies the document, None where it is an approval signature. ``value`` is the signature
    dictionary; its /Contents is never encrypted."""

    permission: int | None
    value: Dictionary


@attrs.frozen(kw_only=True)
class EmptyField:
    """A signature field that waits for its signature: ``widget`` is what shows it, at ``rect`` (points,
    default user space); ``lock`` is the syntax of the FieldMDP parameters that it demands."""

    name: str
    ref: Ref
    widget: Ref
    rect: tuple[float, float, float, float]
    lock: bytes = b""


def fields(document: Document) -> Iterator[Field]:
    """Every field of the document's form, parents first."""
    _, catalog = document.catalog()
    form = document.dictionary(catalog.get(b"AcroForm", b"null"))
    top = reversed(document.array(form.get(b"Fields", b"null")))
    pending = [(value, b"", "") for value in top]
    seen: set[Ref] = set()
    read = 0
    while pending:
        value, kind, parent = pending.pop()
        ref = read_ref(value)
        if ref is not None:
            if ref in seen:
                continue
            seen.add(ref)
        read += 1  # also of fields without a number, which may stand in themselves
        if read > _MAX_FIELDS or len(pending) > _MAX_LISTED:
            raise LimitExceeded(f"the PDF's form has more than {_MAX_FIELDS} fields")
        entries = document.dictionary(value)
        kind = document.resolve(entries.get(b"FT", kind))
        own = _text(document, ref, entries.get(b"T", b"null"))
        name = ".".join(part for part in (parent, own) if part)
        if len(name) > _LONGEST_NAME:
            raise LimitExceeded(
                f"a field of the PDF has a name of more than {_LONGEST_NAME} letters"
            )
        yield Field(name=name, kind=kind, ref=ref, entries=entries)
        kids = reversed(document.array(entries.get(b"Kids", b"null")))
        pending += [(kid, kind, name) for kid in kids]


def _text(document: Document, holder: Ref | None, value: bytes) -> str:
    """A text string (ISO 32000-2, 7.9.2.2) that stands in the object ``holder``."""
    at = read_ref(value)
    value = document.resolve(value)
    try:
        raw = read_string(value)
    except (BrokenPdf, ValueError):
        return ""
    holder = at or holder
    encryption = document.encryption
    packed = holder is None or isinstance(document.entry(holder.number), Compressed)
    if encryption is not None and holder is not None and not packed:
        raw = encryption.decrypt_string(holder, raw)
    if raw.startswith(codecs.BOM_UTF16_BE):
        return raw[2:].decode("utf-16-be", "replace")
    if raw.startswith(codecs.BOM_UTF8):
        return raw[3:].decode("utf-8", "replace")
    return raw.decode("latin-1")


def signatures(document: Document) -> Iterator[SignatureField]:
    """Every signature in the document's form, in the order of its fields."""
    for field in fields(document):
        value = field.entries.get(b"V", b"null") if field.kind == b"/Sig" else b"null"
        if signature := document.dictionary(value):
            yield SignatureField(_permission(document, signature), signature)


def _permission(document: Document, signature: Dictionary) -> int | None:
    for value in document.array(signature.get(b"Reference", b"null")):
        reference = document.dictionary(value)
        if document.resolve(reference.get(b"TransformMethod", b"null")) == b"/DocMDP":
            parameters = document.dictionary(reference.get(b"TransformParams", b"null"))
            return read_integer(document.resolve(parameters.get(b"P", b"2"))) or 2
    return None


def _certified(document: Document, found: list[SignatureField]) -> int | None:
    """The strictest DocMDP level that holds, None where nothing certifies the document."""
    levels = [field.permission for field in found if field.permission is not None]
    _, catalog = document.catalog()
    if not levels and b"DocMDP" in document.dictionary(catalog.get(b"Perms", b"null")):
        return 2
    return min(levels, default=None)


def refuse_forbidden_change(document: Document) -> None:
    """Raise ChangeForbidden where a signature certifies the document: readers then take a new visible
    field for tampering, at every DocMDP level. Raise BrokenPdf where a signed document is damaged,
    since what the earlier signature covers could not be shown to be kept."""
    found = list(signatures(document))
    level = _certified(document, found)
    if level is not None:
        advice = (
            "file it as an attachment"
            if level == 1
            else "sign it in a style without a stamp and marks"
        )
        raise ChangeForbidden(
            f"the PDF is certified (DocMDP level {level}), so nothing visible may be added; {advice},"
            " or ask its issuer for an uncertified copy",
            level=level,
        )
    _refuse_damaged(document, found)


def refuse_forbidden_signature(
    document: Document, *, visible_in_new_field: bool, certify: bool
) -> None:
    """Raise ChangeForbidden where one more signature is not allowed: at DocMDP level 1; in a new field
    that shows, where the document is certified; certifying a document that has a signature. Raise
    BrokenPdf where a signed document is damaged."""
    found = list(signatures(document))
    level = _certified(document, found)
    if certify and found:
        raise ChangeForbidden(
            "the PDF has a signature already, and only the first one may certify; sign without"
            " certifying"
        )
    if level == 1:
        raise ChangeForbidden(
            "the PDF is certified against every change (DocMDP level 1), further signatures"
            " included; ask its issuer for another copy",
            level=level,
        )
    if level is not None and visible_in_new_field:
        raise ChangeForbidden(
            f"the PDF is certified (DocMDP level {level}), so a new signature may not show; sign"
            " invisibly, or in a field that its issuer prepared",
            level=level,
        )
    _refuse_damaged(document, found)


def _refuse_damaged(document: Document, found: list[SignatureField]) -> None:
    if found and document.repaired:
        raise BrokenPdf("the PDF is signed and damaged; ask its issuer for a sound copy")


def empty_field(document: Document, name: str) -> EmptyField | None:
    """The signature field of that full name, waiting to be signed; None where there is no such field.

    Raises InvalidInput where the field is signed or is of another kind, or asks for more than is
    understood here (a seed value that is required).
    """
    found = [field for field in fields(document) if field.name == name]
    if not found:
        return None
    field = found[0]
    if field.kind != b"/Sig" or field.ref is None:
        raise InvalidInput(
            f"the field {name!r} of the PDF is no signature field; name another", field=name
        )
    if document.resolve(field.entries.get(b"V", b"null")) != b"null":
        raise InvalidInput(f"the field {name!r} is signed already; name another", field=name)
    seed = document.dictionary(field.entries.get(b"SV", b"null"))
    if read_integer(document.resolve(seed.get(b"Ff", b"0"))):
        raise InvalidInput(
            f"the field {name!r} makes demands on its signature (/SV) that are not understood here;"
            " sign in another field",
            field=name,
        )
    widgets = [kid for kid in found[1:] if b"T" not in kid.entries]  # kids without a name
    shown = widgets[0] if widgets else field
    return EmptyField(
        name=name,
        ref=field.ref,
        widget=shown.ref or field.ref,
        rect=_rect(document, shown.entries),
        lock=_lock(document, field),
    )


def _rect(document: Document, entries: Dictionary) -> tuple[float, float, float, float]:
    try:
        values = document.array(entries.get(b"Rect", b"null"))
        a, b, c, d = (read_number(document.resolve(value)) for value in values)
    except (BrokenPdf, ValueError):
        return (0.0, 0.0, 0.0, 0.0)
    return (min(a, c), min(b, d), max(a, c), max(b, d))


def _lock(document: Document, field: Field) -> bytes:
    """A signature in a field with a /Lock must carry it on as FieldMDP (ISO 32000-2, 12.7.5.5)."""
    value = field.entries.get(b"Lock", b"null")
    lock = document.dictionary(value)
    if not lock:
        return b""
    holder = read_ref(value) or field.ref
    names = document.array(lock.get(b"Fields", b"null"))
    action = document.resolve(lock.get(b"Action", b"null"))
    if action not in (b"/Include", b"/Exclude"):
        action = b"/All"
    parts = b"/Action%s" % action
    if action != b"/All":
        parts += b"/Fields[%s]" % b"".join(text_string(_text(document, holder, n)) for n in names)
    return parts


def new_field_name(document: Document) -> str:
    """A name for one more signature field: Tandatangan1 and so on."""
    taken = {field.name for field in fields(document)}
    return next(name for n in range(1, _MAX_FIELDS + 2) if (name := f"Tandatangan{n}") not in taken)


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


def add_signature_field(revision: Revision, field: Ref | None) -> None:
    """Append ``field``, if one is given, to the form, made where there is none; set its /SigFlags."""
    document = revision.document
    root, _ = document.catalog()
    catalog = revision.current(root)
    value = catalog.get(b"AcroForm", b"null")
    form = document.dictionary(value)
    if field is not None:
        listed = form.get(b"Fields", b"null")
        array = _appended(document, listed, field)
        holder = read_ref(listed)
        if holder is not None and document.resolve(listed).startswith(b"["):
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


def certify(revision: Revision, signature: Ref) -> None:
    """Name ``signature`` in the catalog as the one that certifies the document (/Perms /DocMDP)."""
    root, _ = revision.document.catalog()
    catalog = revision.current(root)
    permissions = revision.document.dictionary(catalog.get(b"Perms", b"null"))
    permissions[b"DocMDP"] = bytes(signature)
    catalog[b"Perms"] = bytes(permissions)
    revision.replace(root, bytes(catalog))


def _appended(document: Document, value: bytes, ref: Ref) -> bytes:
    inner = document.resolve(value)
    if not inner.startswith(b"["):
        return b"[" + bytes(ref) + b"]"
    document.array(inner)  # refuses an array that cannot be read
    return inner[:-1] + b" " + bytes(ref) + b"]"
