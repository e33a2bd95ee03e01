"""The order of classification codes."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Key: TypeAlias = tuple[tuple[tuple[tuple[int, str], ...], ...], str]

_PIECE: Final = re.compile(r"[0-9]+|[^0-9]+")


def code_order(code: str) -> Key:
    """What codes are sorted by: segment after segment, numbers as whole numbers, text before them: so
    400.10 comes after 400.9. Codes that differ only in leading zeros keep an order, too."""
    return tuple(
        tuple(
            (int(piece), "") if piece.isdecimal() else (-1, piece) for piece in _PIECE.findall(each)
        )
        for each in code.split(".")
    ), code
