"""Which bytes a signature speaks for, and whether all later bytes belong to a revision.

Byte arithmetic on top of what a reader has parsed; stricter than what most viewers ask.
ISO 32000-2, 12.8.1 (/ByteRange) and 7.5.6 (incremental updates).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

import attrs

from sipadek.errors import SignatureIncomplete, SignatureInvalid

_HEX = re.compile(rb"<((?:[0-9A-Fa-f]{2})*+)>")
_WHITE = re.compile(rb"(?:[\x00\t\n\x0c\r ]|%%EOF)*+")
_STARTXREF = re.compile(
    rb"[\x00\t\n\x0c\r ]*+(?:endobj)?[\x00\t\n\x0c\r ]*+startxref[\r\n ]++\d{1,15}[\r\n ]++%%EOF"
)


@attrs.frozen(kw_only=True)
class Coverage:
    """One signature's place: it signs the bytes ``[0, hole_start)`` and ``[hole_end, end)``; its
    CMS stands in the hole, and nothing else."""

    field: str
    hole_start: int
    hole_end: int
    end: int


def read_coverage(
    data: bytes, field: str, byte_range: Sequence[object], contents: bytes
) -> Coverage:
    """The coverage of the signature in ``field``, whose /Contents was read as ``contents``.

    Raises:
        SignatureInvalid: the range does not start with the file, leaves out more than the hex
            string of /Contents, reaches beyond the file, or that string is not ``contents``.
    """
    numbers = [each for each in byte_range if isinstance(each, int)]
    if len(byte_range) != 4 or len(numbers) != 4:
        raise odd(field, "its /ByteRange is not four numbers")
    first, hole_start, hole_end, rest = map(int, numbers)
    end = hole_end + rest
    problem = ""
    if min(numbers) < 0:
        problem = "has a negative number"
    elif first != 0 or hole_start == 0:
        problem = "does not start with the file"
    elif hole_end <= hole_start:
        problem = "overlaps itself, or leaves nothing out"
    elif end > len(data):
        problem = f"reaches beyond the end of the file, which has {len(data)} bytes"
    elif rest == 0:
        problem = "covers nothing behind the signature"
    if problem:
        raise odd(field, f"its /ByteRange {numbers} {problem}")
    problem = gap_problem(data, hole_start, hole_end)
    if problem:
        raise odd(field, problem)
    hole = _HEX.fullmatch(data, hole_start, hole_end)
    if hole is None or bytes.fromhex(hole[1].decode()) != contents:
        raise odd(field, "its /ByteRange leaves out other bytes than the signature itself")
    return Coverage(field=field, hole_start=hole_start, hole_end=hole_end, end=end)


def gap_problem(data: bytes, start: int, end: int) -> str:
    """Why what stands between two signed stretches is no signature's hex string; '' where it is."""
    if data[start : start + 1] == b"(":
        return "its /Contents is a literal string, of which other bytes can be the same"
    if _HEX.fullmatch(data, start, end) is None:
        return "its /ByteRange leaves out other bytes than one hex string"
    return ""


def check_newest(coverages: Sequence[Coverage], size: int) -> None:
    """That the newest signature covers the entire file of ``size`` bytes, and that the older ones
    cover less and less. ``coverages`` is oldest first and not empty.

    Raises:
        SignatureIncomplete: bytes were added behind the newest signature.
        SignatureInvalid: two signatures overlap.
    """
    newest = coverages[-1]
    if newest.end != size:
        raise SignatureIncomplete(
            f"The newest signature ({newest.field}) covers {newest.end} of {size} bytes: "
            f"{size - newest.end} were added after signing. Ask the sender for the file as signed.",
            field=newest.field,
            covered=newest.end,
            size=size,
        )
    for older, newer in itertools.pairwise(coverages):
        if older.end > newer.hole_start:
            raise odd(older.field, f"it overlaps the signature in {newer.field}")


@attrs.frozen(order=True)
class Piece:
    """A stretch of the file that a revision accounts for, such as an object. ``end`` may include
    white space and comments that follow."""

    start: int
    end: int


def check_accounted(data: bytes, start: int, pieces: Iterable[Piece], section: Piece) -> int:
    """That one appended revision accounts for its bytes: ``pieces`` (its objects) and ``section``
    (its cross-reference section, up to the end of the trailer) lie behind ``start``, do not
    overlap, and leave out nothing but white space and %%EOF. Gives where the revision ends.

    Raises:
        SignatureInvalid: bytes belong to no revision, or the revision lists bytes from before it.
    """
    at = start
    for piece in sorted({*pieces, section}):
        gap = _WHITE.match(data, at)
        if piece.start < at or piece.end <= piece.start or gap is None or gap.end() < piece.start:
            raise _unaccounted(at)
        at = piece.end
    end = _STARTXREF.match(data, at)
    if at != section.end or end is None:
        raise _unaccounted(at)
    return end.end()


def check_tail(data: bytes, at: int) -> None:
    """That nothing but white space follows the last revision.

    Raises:
        SignatureInvalid: something does.
    """
    tail = _WHITE.match(data, at)
    if tail is None or tail.end() < len(data):
        raise _unaccounted(at)


def odd(field: str, why: str) -> SignatureInvalid:
    """The error for a signature that is not built as one."""
    return SignatureInvalid(
        f"The signature in {field} is not valid: {why}. Ask the sender for the file as signed.",
        field=field,
    )


def _unaccounted(at: int) -> SignatureInvalid:
    return SignatureInvalid(
        f"Bytes added after a signature belong to no revision (at {at}). "
        "Have a person compare the file with the sender's.",
        position=at,
    )
