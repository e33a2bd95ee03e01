"""Attacks on the signature's own values: universal forgery, and what its hole holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sipadek.testing.attack_parts import PAINT, Attack, append, body_of, number_of, size_of

_RANGE = rb"/ByteRange\s*\[[^]]*\]"
_HOLE = rb"(?<=/Contents)\s*<[0-9A-Fa-f]*>"


def _valued(key: str, pattern: bytes, value: bytes) -> Attack:
    """The signature dictionary is written anew, with other text in the place of ``pattern``."""

    def attack(pdf: bytes) -> bytes:
        number = number_of(rb"/ByteRange", pdf)
        size = size_of(pdf)
        by = value.replace(b"@", b"%d 0 R" % size)
        body = re.sub(pattern, lambda _: by, body_of(pdf, number), count=1)
        new = {number: body}
        return append(pdf, {**new, size: b"[0 1 2 3]"} if by != value else new)

    attack.__name__ = key
    return attack


def _pointed(key: str, value: bytes) -> Attack:
    """The field's /V is something else."""

    def attack(pdf: bytes) -> bytes:
        number = number_of(rb"/FT\s*/Sig", pdf)
        return append(pdf, {number: re.sub(rb"/V\s*\d+ 0 R", value, body_of(pdf, number))})

    attack.__name__ = key
    return attack


def _in_hole(key: str, change: Callable[[bytes], bytes]) -> Attack:
    """The hole, the only bytes that are not signed, holds something else of the same length."""

    def attack(pdf: bytes) -> bytes:
        found = list(re.finditer(_HOLE, pdf))[-1]
        text = found[0].strip()
        changed = change(text)
        assert len(changed) == len(text)
        return pdf[: found.end() - len(text)] + changed + pdf[found.end() :]

    attack.__name__ = key
    return attack


def second_range_in_hole(pdf: bytes) -> bytes:
    """Signature wrapping: the hole grows, and holds a second /ByteRange that fits it, and objects."""
    numbers = re.findall(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)", pdf)[-1]
    before, after, length = map(int, numbers)
    more = b"/ByteRange [0 %d %010d %d]/Lain<</D 1>>" % (before, 0, length)
    more += b">>endobj\n7 0 obj\n%s\nendobj\n8 0 obj<<" % PAINT
    more = more.replace(b"0000000000", b"%010d" % (after + len(more)))
    return pdf[:after] + more + pdf[after:]


def _literal(text: bytes) -> bytes:
    data = bytes.fromhex(text[1:-1].decode()).rstrip(b"\0")
    escaped = b"".join(b"\\%03o" % each for each in data)
    return b"(%s)" % escaped[: len(text) - 2].ljust(len(text) - 2, b"\0")


VALUE_ATTACKS: Final[Mapping[str, tuple[Attack, str]]] = {
    attack.__name__: (attack, reason)
    for attack, reason in (
        (_pointed("v_null", b"/V null"), "is null"),
        (_pointed("v_number", b"/V 7"), "no dictionary"),
        (_pointed("v_missing", b""), "no field"),
        (_valued("contents_missing", rb"/Contents\s*<[^>]*>", b""), "no /Contents"),
        (_valued("contents_null", _HOLE, b" null"), "/Contents is null"),
        (_valued("contents_empty", _HOLE, b"<>"), "/Contents is empty"),
        (_valued("contents_zeros", _HOLE, b"<0000>"), "no CMS"),
        (_valued("contents_name", _HOLE, b"/Tanda"), "/Contents is no string"),
        (_valued("range_missing", _RANGE, b""), "no /ByteRange"),
        (_valued("range_null", _RANGE, b"/ByteRange null"), "/ByteRange is null"),
        (_valued("range_indirect", _RANGE, b"/ByteRange @"), "another object"),
        (_valued("range_number", _RANGE, b"/ByteRange 0"), "no array"),
        (_valued("range_empty", _RANGE, b"/ByteRange[]"), "not four numbers"),
        (_valued("range_of_two", _RANGE, b"/ByteRange[0 1]"), "not four numbers"),
        (_valued("range_of_six", _RANGE, b"/ByteRange[0 9 20 9 40 9]"), "not four numbers"),
        (_valued("range_float", _RANGE, b"/ByteRange[0 1.0 2 3]"), "not four numbers"),
        (_valued("range_of_nulls", _RANGE, b"/ByteRange[0 null 2 3]"), "not four numbers"),
        (_valued("range_negative", _RANGE, b"/ByteRange[0 -1 2 3]"), "negative"),
        (_valued("range_overlapping", _RANGE, b"/ByteRange[0 900 300 100]"), "overlap"),
        (_valued("range_from_later", _RANGE, b"/ByteRange[1 900 1300 100]"), "start with the file"),
        (_valued("range_beyond", _RANGE, b"/ByteRange[0 9 20 99999999]"), "beyond the end"),
        (_valued("range_to_nothing", _RANGE, b"/ByteRange[0 900 1300 0]"), "nothing behind"),
        (_in_hole("hole_not_hex", lambda text: text[:-5] + b"zzzz>"), "hex"),
        (_in_hole("hole_with_more", lambda text: text[:-7] + b">/K<12>"), "hex"),
        (_in_hole("hole_padded", lambda text: text[:-3] + b"41>"), "other data"),
        (_in_hole("hole_literal", _literal), "literal string"),
        (second_range_in_hole, "hex|/ByteRange"),
    )
}
"""By name: an attack, and what the report says of it."""
