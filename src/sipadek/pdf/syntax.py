"""Reading PDF syntax without building objects: where a value ends, what a dictionary holds.

Works on anything ``re`` can search: ``bytes`` or an ``mmap``, so a file of any size is read only where
it is looked at. ISO 32000-2, 7.2 and 7.3.
"""

from __future__ import annotations

import binascii
import mmap
import re
from collections.abc import Callable

from sipadek.errors import BrokenPdf, LimitExceeded
from sipadek.pdf.objects import Dictionary, Ref

Buffer = bytes | mmap.mmap

MAX_DEPTH = 256
"""Deepest nesting of arrays and dictionaries that is read."""

_BLANK = rb"[\x00\t\n\x0c\r ]"
_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_COMMENT = rb"%[^\r\n]*+"
_NAME_OR_WORD = rb"/?" + _REGULAR + rb"++|/"
_REFERENCE = rb"(\d{1,10})%s++(\d{1,5})%s++R(?!%s)" % (_BLANK, _BLANK, _REGULAR)
_HEX = rb"<[0-9A-Fa-f\x00\t\n\x0c\r ]*+>"
_LITERAL = rb"\((?:[^()\\]|\\[\s\S])*+\)"  # without parentheses in it; others take string_end

_SPACE = re.compile(rb"(?:%s|%s)*+" % (_BLANK, _COMMENT))
_REF = re.compile(_REFERENCE)
_ATOM = re.compile(_NAME_OR_WORD)
_SCALAR = re.compile(b"|".join((_REFERENCE, _NAME_OR_WORD, _HEX, _LITERAL)))
# Everything up to the next bracket, in one go; possessive, so that damage costs no backtracking.
_SCALARS = re.compile(
    b"(?:" + b"|".join((_BLANK, _NAME_OR_WORD, _COMMENT, _HEX, _LITERAL)) + b")*+"
)
# Arrays and dictionaries with nothing but words in them are the most common; others take value_end.
_FLAT = rb"\[[^\[\]()<>{}%]*+\]|<<[^\[\]()<>{}%]*+>>"
_ENTRY = re.compile(
    b"(?P<key>/%s++)%s*+(?P<value>%s|%s)%s*+" % (_REGULAR, _BLANK, _SCALAR.pattern, _FLAT, _BLANK)
)
_ELEMENT = re.compile(b"(?:%s|%s)*+(?P<value>%s)" % (_BLANK, _COMMENT, _SCALAR.pattern))
_PAREN = re.compile(rb"[()\\]")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_INTEGER = re.compile(rb"[+-]?\d+\Z")


def skip_space(data: Buffer, position: int) -> int:
    """The position after white space and comments."""
    return _SPACE.match(data, position).end()  # type: ignore[union-attr]  # matches the empty string


def string_end(data: Buffer, position: int) -> int:
    """The position after the literal string that begins at ``position``."""
    depth = 1
    position += 1
    while depth:
        match = _PAREN.search(data, position)
        if match is None:
            raise BrokenPdf("a string in the PDF does not end; the file is cut off or damaged")
        position = match.end()
        match match[0]:
            case b"(":
                depth += 1
            case b")":
                depth -= 1
            case _:
                position += 1
    return position


def value_end(data: Buffer, position: int) -> int:
    """The position after the value that begins at ``position`` (no white space before it).

    Raises BrokenPdf where no value begins or it does not end, LimitExceeded past MAX_DEPTH.
    """
    match = _SCALAR.match(data, position)
    if match is not None:
        return match.end()
    first = data[position : position + 2]
    if first == b"<<" or first[:1] == b"[":
        return _composite_end(data, position)
    if first[:1] == b"(":
        return string_end(data, position)
    raise BrokenPdf(f"no PDF value at byte {position}; the file is damaged", position=position)


def _composite_end(data: Buffer, position: int) -> int:
    """The position after the array or dictionary at ``position``, whatever is nested in it."""
    closing: list[bytes] = []
    while True:
        token = data[position : position + 2]
        if token == b"<<":
            closing.append(b">>")
        elif token[:1] == b"[":
            closing.append(b"]")
        elif token == b">>" or token[:1] == b"]":
            if not closing or not token.startswith(closing.pop()):
                raise BrokenPdf(f"brackets do not match at byte {position}", position=position)
            if not closing:
                return position + (2 if token == b">>" else 1)
        elif token[:1] == b"(":
            position = _SCALARS.match(data, string_end(data, position)).end()  # type: ignore[union-attr]
            continue
        else:
            raise BrokenPdf(f"no PDF value at byte {position}", position=position)
        if len(closing) > MAX_DEPTH:
            raise LimitExceeded(f"the PDF nests arrays and dictionaries deeper than {MAX_DEPTH}")
        wide = token in (b"<<", b">>")
        position = _SCALARS.match(data, position + 1 + wide).end()  # type: ignore[union-attr]


def read_dictionary(data: Buffer, position: int = 0) -> tuple[Dictionary, int]:
    """The dictionary at ``position`` and the position after it. Of equal keys the last counts."""
    position = skip_space(data, position)
    if data[position : position + 2] != b"<<":
        raise BrokenPdf(f"expected a dictionary at byte {position}", position=position)
    entries = Dictionary()
    position = skip_space(data, position + 2)
    while True:
        entry = _ENTRY.match(data, position)
        if entry is not None:
            key, value = entry.group("key", "value")
            entries[decode_name(key)] = value
            position = entry.end()
            continue
        position = skip_space(data, position)  # past comments
        if data[position : position + 2] == b">>":
            return entries, position + 2
        key = _ATOM.match(data, position)
        if key is None or not key[0].startswith(b"/"):
            raise BrokenPdf(f"expected a key at byte {position}", position=position)
        start = skip_space(data, key.end())
        if data[start : start + 2] == b">>":  # a key without a value counts as null
            position = start
            continue
        end = value_end(data, start)
        entries[decode_name(key[0])] = bytes(data[start:end])
        position = skip_space(data, end)


def read_array(value: bytes) -> list[bytes]:
    """The elements of an array value, each as its bytes."""
    if value[:1] != b"[":
        raise BrokenPdf("expected an array")
    elements = []
    position = 1
    while True:
        element = _ELEMENT.match(value, position)
        if element is not None:
            elements.append(element["value"])
            position = element.end()
            continue
        position = skip_space(value, position)
        if value[position : position + 1] == b"]":
            return elements
        end = value_end(value, position)
        elements.append(value[position:end])
        position = end


def read_ref(value: bytes) -> Ref | None:
    """The reference that ``value`` is, or None where it is something else."""
    match = _REF.match(value)
    return Ref(int(match[1]), int(match[2])) if match and match.end() == len(value) else None


def read_integer(value: bytes | None) -> int | None:
    """The integer that ``value`` is, or None."""
    if value is None or len(value) > 20 or not _INTEGER.match(value):
        return None
    return int(value)


def read_number(value: bytes) -> float:
    """The number that ``value`` is. Raises BrokenPdf where it is none."""
    try:
        number = float(value)
    except ValueError:
        raise BrokenPdf(f"expected a number, found {value[:40]!r}") from None
    if not abs(number) <= 1e9:  # NaN, too
        raise BrokenPdf(f"the number {value[:40]!r} is out of range")
    return number


def decode_name(token: bytes) -> bytes:
    """A name token without its slash, ``#xx`` escapes resolved (ISO 32000-2, 7.3.5)."""
    name = token[1:]
    if b"#" not in name:
        return name
    return _NAME_ESCAPE.sub(lambda m: bytes((int(m[1], 16),)), name)


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])|\r\n?")


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if escape is None:  # a bare line end in a literal string reads as \n
        return b"\n"
    if escape[:1].isdigit() and escape[0] < 0x38:
        return bytes((int(escape, 8) & 0xFF,))
    if escape in (b"\n", b"\r", b"\r\n"):
        return b""
    return _ESCAPES.get(escape, escape)


def read_string(value: bytes) -> bytes:
    """The bytes that a string token stands for. Raises BrokenPdf where it is no string."""
    if value[:1] == b"(":
        return _ESCAPE.sub(_unescape, value[1:-1])
    if value[:1] == b"<" and value[:2] != b"<<":
        digits = value[1:-1].translate(None, b"\x00\t\n\x0c\r ")
        try:
            return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
        except binascii.Error:
            raise BrokenPdf("a hexadecimal string in the PDF holds something else") from None
    raise BrokenPdf("expected a string")


_STRING_OR_OTHER = re.compile(rb"%[^\r\n]*|<<|>>|<[^>]*>|\(|[^(<>%]+")


def replace_strings(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """``body`` with every string token replaced by a hexadecimal one of ``change(bytes)``."""
    out = []
    position = 0
    while match := _STRING_OR_OTHER.match(body, position):
        token, end = match[0], match.end()
        if token == b"(":
            end = string_end(body, position)
            token = body[position:end]
        if token[:1] == b"(" or (token[:1] == b"<" and token != b"<<"):
            token = b"<" + change(read_string(token)).hex().encode() + b">"
        out.append(token)
        position = end
    return b"".join(out)
