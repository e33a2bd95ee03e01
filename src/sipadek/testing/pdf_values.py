"""PDF values and their syntax (ISO 32000-1, 7.3), for the generator of test PDFs.

Python's own types stand for most: None, bool, int, float, bytes (a string), list, dict (keys without
the slash). It shares no code with ``sipadek.pdf``, so that a mistake there shows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

__all__ = ["Indirect", "Name", "Raw", "Stream", "Value", "body", "syntax"]

Value: TypeAlias = Any
Encrypt: TypeAlias = Callable[[bytes], bytes]


@attrs.frozen
class Name:
    """A name, without its slash; regular characters only."""

    text: str


@attrs.frozen
class Indirect:
    """A reference."""

    number: int
    generation: int = 0


@attrs.frozen
class Raw:
    """Syntax to write as it stands."""

    text: bytes


@attrs.frozen
class Stream:
    """A stream; its dictionary holds no /Length and no /Filter. ``plain`` exempts it from encryption."""

    entries: Mapping[str, Value]
    data: bytes
    compress: bool = False
    plain: bool = False


def syntax(value: Value, encrypt: Encrypt | None = None) -> bytes:  # noqa: PLR0911
    """The value as it stands in a file, its strings through ``encrypt``."""
    match value:
        case None:
            return b"null"
        case bool():
            return b"true" if value else b"false"
        case int():
            return b"%d" % value
        case float():
            return f"{value:.6f}".rstrip("0").rstrip(".").encode()
        case bytes():
            return b"<%s>" % encrypt(value).hex().encode() if encrypt else _literal(value)
        case Name():
            return b"/" + value.text.encode("ascii")
        case Indirect():
            return b"%d %d R" % (value.number, value.generation)
        case Raw():
            return value.text
        case dict():
            pairs = (b"/%s %s" % (k.encode(), syntax(v, encrypt)) for k, v in value.items())
            return b"<< " + b" ".join(pairs) + b" >>"
        case list() | tuple():
            # One thing named 100,000 times is written once.
            known = {which: syntax(item, encrypt) for which, item in _distinct(value).items()}
            return b"[" + b" ".join(map(known.__getitem__, map(id, value))) + b"]"
    raise TypeError(f"{type(value).__name__} is no PDF value")


def _distinct(items: Sequence[Value]) -> dict[int, Value]:
    """The items, each object once, by its identity."""
    return dict(zip(map(id, items), items, strict=True))


def body(value: Value, strings: Encrypt | None = None, streams: Encrypt | None = None) -> bytes:
    """An indirect object's content: a value, or a stream with its dictionary."""
    if not isinstance(value, Stream):
        return syntax(value, strings)
    data = zlib.compress(value.data) if value.compress else value.data
    if streams is not None and not value.plain:
        data = streams(data)
    entries = dict(value.entries) | {"Length": len(data)}
    if value.compress:
        entries["Filter"] = Name("FlateDecode")
    return syntax(entries, strings) + b"\nstream\n" + data + b"\nendstream"


def _literal(text: bytes) -> bytes:
    for special in (b"\\", b"(", b")"):
        text = text.replace(special, b"\\" + special)
    return b"(" + text.replace(b"\r", b"\\r").replace(b"\n", b"\\n") + b")"
