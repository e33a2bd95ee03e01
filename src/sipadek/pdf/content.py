"""Whether a page's content leaves the graphics state as it found it.

Content that is drawn after a page's own content stands where it should only if every ``q`` before
it has its ``Q``. ISO 32000-2, 7.8.2 (content streams) and 8.4.2 (the graphics state stack).
"""

from __future__ import annotations

import re

import attrs

from sipadek.errors import BrokenPdf
from sipadek.pdf.syntax import string_end

# Literal first and what must stand before it last: that is what the search can be quick by.
# Possessive, and what does not end takes the rest with it, so that damage costs no second look.
_AFTER = rb"(?![^\x00\t\n\x0c\r \[(</%])"
_APART = rb"(?<![^\x00\t\n\x0c\r \])>}]%s)"
_COMMENT = rb"%[^\r\n]*+"
_BEGIN = rb"ID(?<![^\x00\t\n\x0c\r ]ID)[\x00\t\n\x0c\r ]"
_INLINE = _BEGIN + rb"[\s\S]*?[\x00\t\n\x0c\r ]EI" + _AFTER
_LITERAL = rb"[^()]++"  # escapes are taken out before
for _ in range(3):  # parentheses within a string, as deep as producers nest them
    _LITERAL = rb"[^()]++|\((?:" + _LITERAL + rb")*+\)"
_OPAQUE = re.compile(
    rb"\((?:" + _LITERAL + rb")*+\)|" + _COMMENT + rb"|" + _INLINE
    + rb"|\([\s\S]*+|" + _BEGIN + rb"[\s\S]*+"
)  # fmt: skip
_HIDING = re.compile(rb"\(|" + _COMMENT + rb"|" + _INLINE + rb"|(?P<cut>" + _BEGIN + rb"[\s\S]*+)")
_END = b"\n\0"
_IMAGE = re.compile(rb"ID" + _APART % rb"ID" + _AFTER)
_OPERATOR = re.compile(rb"[qQ]" + _APART % rb"[qQ]" + _AFTER)
_CM = re.compile(rb"cm" + _APART % rb"cm" + _AFTER)
_NESTED = 4
_DIGITS = b"+-.0123456789"


@attrs.frozen
class Balance:
    """``before`` times ``q`` in front of the content and ``after`` times ``Q`` behind it balance it."""

    before: int
    after: int


def balance(content: bytes) -> Balance | None:
    """What it takes to balance ``content`` (decoded, all its streams joined).

    None where it is damaged in a way that makes readers stop before its end: a string, dictionary,
    array or image that does not end, a ``cm`` without its six numbers.
    """
    escaped = content.replace(b"\\\\", b"").replace(b"\\(", b"").replace(b"\\)", b"")
    bare = _OPAQUE.sub(b" ", escaped + _END)
    if b")" in bare or not bare.endswith(_END):  # nested deeper still, or damage
        exact = _without_strings(content)
        if exact is None or b")" in exact:
            return None
        bare = exact
    if _IMAGE.search(bare):
        return None
    if not all(_six_numbers(bare, match.start()) for match in _CM.finditer(bare)):
        return None
    if bare.count(b"[") != bare.count(b"]") or bare.count(b"<<") != bare.count(b">>"):
        return None
    return _count(_OPERATOR.findall(bare))


def _six_numbers(content: bytes, end: int) -> bool:
    """Whether the six tokens before ``end`` are numbers."""
    tokens = content[max(0, end - 200) : end].rsplit(None, 6)[-6:]
    return len(tokens) == 6 and not b"".join(tokens).translate(None, _DIGITS)


def _count(operators: list[bytes]) -> Balance:
    left = b"".join(operators)
    for _ in range(_NESTED):  # pairs within pairs; deeper nesting is counted one by one
        left = left.replace(b"qQ", b"")
    if b"qQ" not in left:
        return Balance(left.count(b"Q"), left.count(b"q"))
    depth = lowest = 0
    for operator in operators:
        depth += 1 if operator == b"q" else -1
        lowest = min(lowest, depth)
    return Balance(-lowest, depth - lowest)


def _without_strings(content: bytes) -> bytes | None:
    """The content with a blank for each string, comment and image; None where one does not end."""
    parts = []
    position = 0
    while match := _HIDING.search(content, position):
        parts.append(content[position : match.start()])
        position = match.end()
        if match["cut"]:
            return None
        if match[0] == b"(":
            try:
                position = string_end(content, match.start())
            except BrokenPdf:
                return None
    return b" ".join((*parts, content[position:]))
