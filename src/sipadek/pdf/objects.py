"""What a PDF is made of, as far as it is written here: references and dictionaries of raw values.

A value is kept as the bytes it was written with. That is what lets a revision change one entry of a
dictionary and leave every other byte of it as its producer wrote it.
"""

from __future__ import annotations

import functools
import re

import attrs


@attrs.frozen(order=True)
class Ref:
    """An indirect reference; ``bytes(ref)`` is its PDF syntax."""

    number: int
    generation: int = 0

    def __bytes__(self) -> bytes:
        return b"%d %d R" % (self.number, self.generation)


class Dictionary(dict[bytes, bytes]):
    """A PDF dictionary: decoded key without its slash → the value's bytes as they stand in the file."""

    def __bytes__(self) -> bytes:
        return b"<<" + b"".join(b"/%s %s" % (_name(k), v) for k, v in self.items()) + b">>"


_IRREGULAR = re.compile(rb"[^!-~]|[()<>\[\]{}/%#]")


@functools.lru_cache(maxsize=1024)
def _name(decoded: bytes) -> bytes:
    return _IRREGULAR.sub(lambda found: b"#%02X" % found[0][0], decoded)


def text_string(text: str) -> bytes:
    """A PDF text string object (ISO 32000-2, 7.9.2.2): printable ASCII as it is, else UTF-16BE."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        return b"(" + escaped.encode() + b")"
    return b"<FEFF" + text.encode("utf-16-be", "replace").hex().upper().encode() + b">"
