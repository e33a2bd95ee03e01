"""Breaks a PDF in one way that occurs in the wild, leaving the rest as it is."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

__all__ = ["Damage", "damaged"]

Damage: TypeAlias = Literal[
    "none",
    "startxref",  # points `by` bytes beside the newest cross-reference
    "offsets",  # all offsets of classic tables are off by `by`
    "no-xref",  # the word xref and the tables' rows, or the /XRef streams, are gone
    "tail",  # the last `by` bytes are missing
    "size",  # every /Size is lower by `by`
    "endobj",  # the first `by` endobj are missing
    "garbage",  # `by` bytes of noise after the end
]
"""What is wrong with the file. 'offsets' and 'size' change nothing in files without a classic table
or where the number is in a compressed part."""


def damaged(data: bytes, damage: Damage, by: int) -> bytes:  # noqa: PLR0911
    """The bytes with that one damage."""
    match damage:
        case "startxref":
            return re.sub(
                rb"startxref\n(\d+)(?!.*startxref)", lambda m: _startxref(m, by), data, flags=re.S
            )
        case "offsets":
            return re.sub(
                rb"(?m)^\d{10}(?= \d{5} n)", lambda m: b"%010d" % max(int(m[0]) + by, 0), data
            )
        case "no-xref":
            data = re.sub(rb"(?m)^xref\n(\d+ \d+\n(\d{10} \d{5} [nf] \n)+)+", b"", data)
            return re.sub(rb"(?ms)^\d+ 0 obj\n<< [^\n]*/XRef\b.*?endobj\n", b"", data)
        case "tail":
            return data[: max(len(data) - by, 0)]
        case "size":
            return re.sub(rb"/Size (\d+)", lambda m: b"/Size %d" % max(int(m[1]) - by, 1), data)
        case "endobj":
            return data.replace(b"endobj\n", b"", by)
        case "garbage":
            return data + bytes((7 * n + n // 5) & 255 for n in range(by))
        case "none":
            return data


def _startxref(match: re.Match[bytes], by: int) -> bytes:
    return b"startxref\n%d" % max(int(match[1]) + by, 0)
