"""Whether a page's content leaves the graphics state as it found it.

Content that is drawn after a page's own content stands where it should only if every ``q`` before
it has its ``Q``. ISO 32000-2, 7.8.2 (content streams) and 8.4.2 (the graphics state stack).
"""

from __future__ import annotations

import re

import attrs

from sipadek.errors import BrokenPdf
from sipadek.pdf.syntax import string_end

_OPAQUE = re.compile(
    rb"\((?:[^()\\]|\\[\s\S])*\)|%[^\r\n]*"
    rb"|(?<![^\x00\t\n\x0c\r ])ID[\x00\t\n\x0c\r ][\s\S]*?"
    rb"(?:[\x00\t\n\x0c\r ]EI(?![^\x00\t\n\x0c\r \[(</%])|\Z)"
)
_QUICK = re.compile(rb"(?<![^\x00\t\n\x0c\r \])>}])[qQ](?![^\x00\t\n\x0c\r \[(</%])")
_TOKEN = re.compile(
    rb"[\x00\t\n\x0c\r ]+|%[^\r\n]*|\(|<<|>>|<[^>]*>?|[\[\]{})]|/?[^\x00\t\n\x0c\r ()<>\[\]{}/%]+|/"
)
_IMAGE_END = re.compile(rb"[\x00\t\n\x0c\r ]EI(?![^\x00\t\n\x0c\r \[(</%])")


@attrs.frozen
class Balance:
    """``before`` times ``q`` in front of the content and ``after`` times ``Q`` behind it balance it."""

    before: int
    after: int


def balance(content: bytes) -> Balance:
    """What it takes to balance ``content`` (decoded, all its streams joined)."""
    bare = _OPAQUE.sub(b" ", content)
    if b"(" not in bare and b")" not in bare:
        return _count(_QUICK.findall(bare))
    return _count([token for token in _tokens(content) if token in (b"q", b"Q")])


def _count(operators: list[bytes]) -> Balance:
    depth = lowest = 0
    for operator in operators:
        depth += 1 if operator == b"q" else -1
        lowest = min(lowest, depth)
    return Balance(-lowest, depth - lowest)


def _tokens(content: bytes) -> list[bytes]:
    tokens = []
    position = 0
    while match := _TOKEN.match(content, position):
        token, position = match[0], match.end()
        if token == b"(":
            try:
                position = string_end(content, match.start())
            except BrokenPdf:
                break
        elif token == b"ID":
            end = _IMAGE_END.search(content, position)
            if end is None:
                break
            position = end.end()
        else:
            tokens.append(token)
    return tokens
