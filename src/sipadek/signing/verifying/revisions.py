"""Whether every reader takes the same objects from what was appended behind a signature.

The difference analysis judges the objects that one reader finds. These rules leave another reader,
also one that looks for objects by itself because it holds the file for damaged, nothing else to find.
"""

from __future__ import annotations

import re
from typing import Any

from sipadek.errors import SignatureInvalid
from sipadek.signing.verifying.catalog import check_catalog
from sipadek.signing.verifying.coverage import Piece, check_accounted, check_tail
from sipadek.signing.verifying.finding import Found

_HEADER = re.compile(rb"(?<!\d)\d++[\x00\t\n\x0c\r ]++\d++[\x00\t\n\x0c\r ]++obj")
_TRAILER = re.compile(rb"trailer[\x00\t\n\x0c\r ]*+<<")
_TABLE = re.compile(
    rb"[\r\n ]*+xref[\r\n ]++(?:\d{1,10} \d{1,10}[\r\n ]++(?:\d{10} \d{5} [nf](?: \r| \n|\r\n))*+)*+"
    rb"[\r\n ]*+trailer[\x00\t\n\x0c\r ]*+"
)


def check_revisions(data: bytes, reader: Any, oldest: Found) -> None:
    """That every byte behind the oldest signature belongs to exactly one later revision, that these
    list every object that stands there, as it stands there, and that the trailers keep to the same
    catalog and encryption.

    Raises:
        SignatureInvalid: it is not so.
        ChangedAfterSigning: the catalog was given what a page could draw with.
    """
    check_catalog(reader, oldest)
    at = start = oldest.coverage.end
    signed = oldest.embedded.signed_revision
    keep = _kept(reader.get_historical_resolver(signed).trailer_view)
    places: set[int] = set()
    tables = 0
    last = reader.xrefs.total_revisions
    for revision in range(signed + 1, last):
        section, trailer = _section(data, reader, revision)
        if _kept(trailer) != keep:
            raise _differing("a trailer names another catalog or encryption")
        pieces = _pieces(reader, revision, section)
        places |= {each.start for each in pieces}
        if reader.xrefs.get_xref_container_info(revision).stream_ref is None:
            tables += 1
        else:
            places.add(section.start)
        at = check_accounted(data, at, pieces, section)
        _check_packed(reader, revision)
    check_tail(data, at)
    if (
        {each.start() for each in _HEADER.finditer(data, start)} != places
        or len(_TRAILER.findall(data, start)) != tables
        or data.count(b"startxref", start) != last - signed - 1
    ):
        raise _differing("objects or trailers stand there that no revision lists")


def _pieces(reader: Any, revision: int, section: Piece) -> list[Piece]:
    """The objects that a revision adds, but for its cross-reference stream."""
    stream, xrefs = reader.stream, reader.xrefs
    pieces = []
    for reference in xrefs.explicit_refs_in_revision(revision) | xrefs.object_streams_used_in(
        revision
    ):
        if reference.generation:
            raise SignatureInvalid(
                f"Object {reference.idnum} was given a new generation after a signature, which "
                "readers take differently. Ask the sender for the file as signed."
            )
        place = xrefs.get_historical_ref(reference, revision)
        if not isinstance(place, int) or place in (
            section.start,
            xrefs.get_historical_ref(reference, revision - 1),
        ):
            continue
        reader.get_object(reference, revision, transparent_decrypt=False)
        pieces.append(Piece(place, stream.tell()))
    return pieces


def _section(data: bytes, reader: Any, revision: int) -> tuple[Piece, Any]:
    """A revision's cross-reference section, and its trailer."""
    from pyhanko.pdf_utils.generic import DictionaryObject, TrailerReference

    info = reader.xrefs.get_xref_container_info(revision)
    if info.stream_ref is not None:
        trailer = reader.get_object(info.stream_ref, revision, never_decrypt=True)
        return Piece(info.start_location, info.end_location), trailer
    if _TABLE.fullmatch(data, info.declared_startxref, info.end_location) is None:
        raise _differing("a table is written so that not all read the same from it")
    reader.stream.seek(info.end_location)
    trailer = DictionaryObject.read_from_stream(reader.stream, TrailerReference(reader))
    return Piece(info.declared_startxref, reader.stream.tell()), trailer


def _kept(trailer: Any) -> tuple[Any, ...]:
    """What has to stay: the catalog and, where the file is encrypted, what its keys are made of."""
    encrypted = "/Encrypt" in trailer
    return (
        trailer.raw_get("/Root") if "/Root" in trailer else None,
        trailer.raw_get("/Encrypt") if encrypted else None,
        bytes(trailer["/ID"][0].original_bytes) if encrypted and "/ID" in trailer else b"",
    )


def _check_packed(reader: Any, revision: int) -> None:
    """That the object streams of a revision are its own, and hold what it lists, at its place."""
    from pyhanko.pdf_utils.decode_limits import DecodePurpose

    xrefs = reader.xrefs
    listed = xrefs.get_xref_data(revision).xrefs_in_objstm
    own = xrefs.explicit_refs_in_revision(revision)
    for reference in xrefs.object_streams_used_in(revision):
        stream = reader.get_object(reference, revision)
        head = stream.read_data(DecodePurpose.OBJECT_STREAM)[: int(stream["/First"])].split()
        holds = [int(each) for each in head[::2]]
        expected = {
            number: place.ix_in_stream
            for number, place in listed.items()
            if place.obj_stream_id == reference.idnum
        }
        if (
            reference not in own
            or "/Extends" in stream
            or len(holds) != stream["/N"]
            or dict(zip(holds, range(len(holds)), strict=True)) != expected
        ):
            raise _differing("an object stream holds other objects than the revision lists")


def _differing(why: str) -> SignatureInvalid:
    return SignatureInvalid(
        f"What was added after a signature is read differently by different readers: {why}. "
        "Ask the sender for the file as signed."
    )
