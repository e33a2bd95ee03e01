"""Revisions behind the newest signature that hold nothing but what validates it (PAdES B-LT).

ETSI EN 319 142-1 puts the document security store of a B-LT signature behind it, where no signature
covers it. It changes nothing that a reader shows; whatever it says is checked like any such data.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

from sipadek.signing.verifying.finding import Found
from sipadek.signing.verifying.revisions import check_revisions

_DEEPEST = 8
_MOST = 10_000
_STAYING = ("/Root", "/Info", "/Encrypt")


def only_store_follows(data: bytes, reader: Any, newest: Found) -> bool:
    """Whether all that follows ``newest`` is document security stores, and every byte is accounted
    for. False, too, where that cannot be told: in a hybrid or damaged file, or when anything fails."""
    from pyhanko.sign.diff_analysis import DiffResult

    if not reader.strict or reader.xrefs.hybrid_xrefs_present:
        return False
    signed = newest.embedded.signed_revision
    end = data[data.rfind(b"%%EOF") + 5 :]
    if signed + 1 >= reader.xrefs.total_revisions or end not in (b"", b"\n", b"\r", b"\r\n"):
        return False
    try:
        check_revisions(data, reader, newest)
        for revision in range(signed + 1, reader.xrefs.total_revisions):
            if not (_trailer_stays(reader, signed, revision) and _adds_to_store(reader, revision)):
                return False
        result = _policy().review_file(reader, signed)
    except Exception:
        logging.getLogger(__name__).debug("what follows is no store", exc_info=True)
        return False
    return isinstance(result, DiffResult)


def _trailer_stays(reader: Any, signed: int, revision: int) -> bool:
    before, after = (
        reader.get_historical_resolver(each).trailer_view for each in (signed, revision)
    )
    return all(_raw(before, key) == _raw(after, key) for key in _STAYING)


def _adds_to_store(reader: Any, revision: int) -> bool:
    """Whether the revision lists parts of the store, the catalog, and its own packing; no more."""
    xrefs = reader.xrefs
    now = reader.get_historical_resolver(revision)
    packing = {xrefs.get_xref_container_info(revision).stream_ref}
    packing |= xrefs.object_streams_used_in(revision)
    listed = {(ref.idnum, ref.generation) for ref in xrefs.explicit_refs_in_revision(revision)}
    listed -= {(ref.idnum, ref.generation) for ref in packing if ref is not None}
    catalog = {(now.root_ref.idnum, now.root_ref.generation)}
    store: set[tuple[int, int]] = set()
    _collect(_raw(now.root, "/DSS"), store)
    return bool(listed & store) and listed <= store | catalog


def _collect(value: Any, into: set[tuple[int, int]], depth: int = 0) -> None:
    """The references in ``value`` and in what they lead to."""
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject

    if depth > _DEEPEST or len(into) > _MOST:
        raise ValueError("a store is not so large")
    if isinstance(value, IndirectObject):
        place = (value.idnum, value.generation)
        if place in into:
            return
        into.add(place)
        value = value.get_object()
    if isinstance(value, DictionaryObject):
        for key in value:
            _collect(value.raw_get(key), into, depth + 1)
    elif isinstance(value, ArrayObject):
        for index in range(len(value)):
            _collect(value.raw_get(index), into, depth + 1)


def _raw(view: Any, key: str) -> Any:
    return view.raw_get(key) if key in view else None


@functools.cache
def _policy() -> Any:
    """Leave for the store alone: no metadata, no form, no signature."""
    from pyhanko.sign import diff_analysis as diff

    level = diff.ModificationLevel.LTA_UPDATES
    rules = [diff.XrefStreamRule(), diff.ObjectStreamRule(), diff.DSSCompareRule()]
    return diff.StandardDiffPolicy(
        global_rules=[
            diff.CatalogModificationRule(ignored_keys={"/DSS", "/Extensions"}),
            *(each.as_qualified(level) for each in rules),
        ],
        form_rule=None,
    )
