"""What a signature dictionary must hold before anyone can judge it, each with a reason of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sipadek.errors import SignatureInvalid
from sipadek.signing.verifying.coverage import Coverage, gap_problem, odd

_RANGE = re.compile(
    rb"/ByteRange[\x00\t\n\x0c\r ]*+\[[\x00\t\n\x0c\r ]*+0[\x00\t\n\x0c\r ]++(\d{1,15})"
    rb"[\x00\t\n\x0c\r ]++(\d{1,15})[\x00\t\n\x0c\r ]++(\d{1,15})[\x00\t\n\x0c\r ]*+\]"
)
_MOST_RANGES = 10_000


def check_value(field: str, entries: Any) -> None:
    """That a signature field's /V, where it has one, is a dictionary with a /ByteRange of numbers and
    /Contents of bytes.

    Raises:
        SignatureInvalid: it is not so.
    """
    from pyhanko.pdf_utils import generic

    if "/V" not in entries:
        return
    raw = entries.raw_get("/V")
    value = raw.get_object()
    if isinstance(value, generic.NullObject):
        why = "the field's value is null"
    elif not isinstance(value, generic.DictionaryObject):
        why = "the field's value is no dictionary"
    elif not isinstance(raw, generic.IndirectObject):
        why = "the field's value is not an object of its own"
    else:
        why = _range_problem(value, generic) or _contents_problem(value, generic)
    if why:
        raise odd(field, why)


def _range_problem(value: Any, generic: Any) -> str:
    if "/ByteRange" not in value:
        return "it has no /ByteRange"
    numbers = value.raw_get("/ByteRange")
    if isinstance(numbers, generic.NullObject):
        return "its /ByteRange is null"
    if isinstance(numbers, generic.IndirectObject):
        return "its /ByteRange is another object, which can be written anew"
    return "" if isinstance(numbers, generic.ArrayObject) else "its /ByteRange is no array"


def _contents_problem(value: Any, generic: Any) -> str:
    if "/Contents" not in value:
        return "it has no /Contents"
    contents = value.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    if isinstance(contents, generic.NullObject):
        return "its /Contents is null"
    if not isinstance(contents, (generic.TextStringObject, generic.ByteStringObject)):
        return "its /Contents is no string"
    data = contents.original_bytes
    if not data:
        return "its /Contents is empty"
    # A SEQUENCE, of which the smallest CMS is far longer.
    return "" if data[0] == 0x30 and len(data) > 2 else "its /Contents is no CMS"


def check_none_hidden(data: bytes, coverages: Iterable[Coverage]) -> None:
    """That every signature which stands in the bytes is among those that the form names: a file whose
    newest revision does not go back to a signed one would otherwise show another letter.

    Signatures of files within the file have ranges that do not fit this one, and are none of it.

    Raises:
        SignatureInvalid: the form does not name one.
    """
    known = {(each.hole_start, each.hole_end) for each in coverages}
    for start, end in _ranges(data):
        named = data[max(0, start - 16) : start].rstrip().endswith(b"/Contents")  # no /MAC
        if named and (start, end) not in known and not gap_problem(data, start, end):
            raise SignatureInvalid(
                f"A signature stands in the file (at {start}) that no field of its form names: what "
                "was signed there has been left out. Ask the sender for the file as signed.",
                position=start,
            )


def unreadable(data: bytes) -> str:
    """Why signatures that could not be read are none, as far as their bytes tell; or ''."""
    for start, end in _ranges(data):
        if data[start : start + 1] in b"<(" and (why := gap_problem(data, start, end)):
            return why
    return ""


def _ranges(data: bytes) -> list[tuple[int, int]]:
    """The holes of every /ByteRange in the bytes that begins and ends inside them."""
    holes = []
    for number, found in enumerate(_RANGE.finditer(data)):
        if number >= _MOST_RANGES:
            break
        start, end, rest = map(int, found.groups())
        if 0 < start < end <= end + rest <= len(data):
            holes.append((start, end))
    return holes
