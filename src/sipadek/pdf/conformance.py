"""What a PDF claims to conform to."""

from __future__ import annotations

import re
from typing import Final

from sipadek.errors import BrokenPdf
from sipadek.pdf.document import Document
from sipadek.pdf.syntax import read_ref
from sipadek.pdf.xref import inflate, stream_filters, undo_predictor

_MAX_METADATA: Final = 4 * 1024 * 1024
_PART: Final = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*(\d)")


def pdfa_part(document: Document) -> int | None:
    """The part of PDF/A (ISO 19005) that the file's metadata claims, None for none. Metadata that
    cannot be read claims nothing."""
    _, catalog = document.catalog()
    ref = read_ref(catalog.get(b"Metadata", b"null"))
    if ref is None:
        return None
    try:
        dictionary, data = document.raw_stream(ref)
        filters, parameters = stream_filters(dictionary)
        if filters == [b"/FlateDecode"]:
            data = undo_predictor(inflate(data, _MAX_METADATA), parameters)
    except BrokenPdf:
        return None
    if data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        data = data.decode("utf-16", "replace").encode()
    found = _PART.search(data)
    return int(found[1]) if found else None
