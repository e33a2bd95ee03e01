"""Finding the objects of a PDF whose cross-reference is damaged, by looking for them.

The newest definition of a number is the last in the file. What is built is one section that lists
every object that stands in the open, with the best trailer there is.
"""

from __future__ import annotations

import re

from sipadek.errors import BrokenPdf, LimitExceeded
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.syntax import Buffer, read_dictionary, skip_space
from sipadek.pdf.xref import MAX_GENERATION, MAX_OBJECTS, Entry, Listed, Plain

_OBJECT = re.compile(
    rb"(?<![^\x00\t\n\x0c\r >])(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj(?![a-zA-Z])"
)
_TRAILER = re.compile(rb"trailer(?=[\x00\t\n\x0c\r ]*<<)")
_KEPT = (b"Root", b"Info", b"ID", b"Encrypt")


def rebuild(data: Buffer, header: int) -> Listed:
    """One section of all objects in the open, at offsets from the ``header``, as most readers count.

    Raises BrokenPdf where there are none, or no catalog.
    """
    entries: dict[int, Entry] = {}
    catalog: Ref | None = None
    trailer = Dictionary()
    for match in _OBJECT.finditer(data, header):
        number, generation = int(match[1]), int(match[2])
        if number > MAX_OBJECTS:
            raise LimitExceeded(f"the PDF uses object number {number}, above {MAX_OBJECTS}")
        if generation > MAX_GENERATION:
            continue
        entries[number] = Plain(match.start() - header, generation)
        start = skip_space(data, match.end())
        head = data[start : start + 4096]
        if b"/XRef" in head or b"/Catalog" in head:
            found = _dictionary(data, start)
            if found.get(b"Type") == b"/Catalog":
                catalog = Ref(number, generation)
            elif found.get(b"Type") == b"/XRef":
                trailer = _better(trailer, found)
    for match in _TRAILER.finditer(data):
        trailer = _better(trailer, _dictionary(data, match.end()))
    if b"Root" not in trailer and catalog is not None:
        trailer[b"Root"] = bytes(catalog)
    if not entries or b"Root" not in trailer:
        raise BrokenPdf("the PDF is damaged: no catalog can be found; print or scan it anew")
    return Listed(Dictionary({k: trailer[k] for k in _KEPT if k in trailer}), entries)


def _better(old: Dictionary, new: Dictionary) -> Dictionary:
    """Later trailers win, entry by entry, where they name a catalog; others only fill gaps."""
    return Dictionary({**old, **new} if b"Root" in new else {**new, **old})


def _dictionary(data: Buffer, start: int) -> Dictionary:
    try:
        return read_dictionary(data, start)[0]
    except (BrokenPdf, LimitExceeded):
        return Dictionary()
