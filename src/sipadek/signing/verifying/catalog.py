"""What may change in the catalog behind a signature: nothing that a page could draw with.

A page may name the catalog itself as its resources. Then whatever the catalog may be given later is a
font or a picture: the difference analysis looks at what an entry of the catalog is for, and not at that.
"""

from __future__ import annotations

from typing import Any

from sipadek.signing.verifying.changes import changed
from sipadek.signing.verifying.finding import Found

_EXTENSION_KEYS = {"/Type", "/BaseVersion", "/ExtensionLevel", "/URL", "/ExtensionRevision"}


def check_catalog(reader: Any, oldest: Found) -> None:
    """That the catalog's /Extensions (ISO 32000-2, 7.12) and /Metadata (14.3.2), where they changed
    behind the oldest signature, are that and nothing else.

    Raises:
        ChangedAfterSigning: they are not.
    """
    first, last = oldest.embedded.signed_revision, reader.xrefs.total_revisions - 1
    signed, field = reader.get_historical_resolver(first).root, oldest.coverage.field
    if "/Extensions" in reader.root and not _are_extensions(reader.root["/Extensions"]):
        before = signed.raw_get("/Extensions") if "/Extensions" in signed else None
        if before != reader.root.raw_get("/Extensions"):
            raise changed(field, "the catalog's extensions are something else")
    before, now = (
        each.raw_get("/Metadata") if "/Metadata" in each else None for each in (signed, reader.root)
    )
    if now is None or (now == before and reader.xrefs.get_last_change(now.reference) <= first):
        return
    for value, revision in ((before, first), (now, last)):
        # Not through the catalog: there pyHanko makes something else of the stream.
        if value is None:
            continue
        if reader.get_object(value.reference, revision).get("/Subtype") != "/XML":
            raise changed(field, "the catalog's metadata are something else")


def _are_extensions(value: Any) -> bool:
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, StreamObject

    if not isinstance(value, DictionaryObject) or isinstance(value, StreamObject):
        return False
    for key in value:
        each = value[key]
        if key == "/Type" and each == "/Extensions":
            continue
        listed = each if isinstance(each, ArrayObject) else [each]
        for extension in (one.get_object() for one in listed):
            if not isinstance(extension, DictionaryObject) or set(extension) - _EXTENSION_KEYS:
                return False
            values = [extension.raw_get(name) for name in extension]
            if any(isinstance(one, (ArrayObject, DictionaryObject)) for one in values):
                return False
    return True
