"""Which pages of a PDF are marked."""

from __future__ import annotations

import re
from typing import Final

from sipadek.errors import InvalidInput

_RANGE: Final = re.compile(r"(\d{1,7}|last)(?:-(\d{1,7}|last))?")


def selected(pages: str, count: int) -> frozenset[int]:
    """The indices (from 0) that ``pages`` means in a PDF of ``count`` pages.

    ``pages`` is one of first, last, all, odd, even, or numbers and ranges from 1, such as
    ``'1-3,7,9-last'``; several stand with commas between them. Odd and even are the pages' numbers as
    a reader counts them.

    Raises:
        InvalidInput: it is none of them, or names a page that the PDF does not have.
    """
    found: set[int] = set()
    for part in (each.strip() for each in pages.split(",")):
        match part:
            case "first":
                found.add(0)
            case "last":
                found.add(count - 1)
            case "all":
                found |= set(range(count))
            case "odd" | "even":
                found |= set(range(part == "even", count, 2))
            case _:
                found |= _range(part, pages, count)
    return frozenset(found)


def _range(part: str, pages: str, count: int) -> set[int]:
    match = _RANGE.fullmatch(part)
    if match is None:
        raise InvalidInput(
            f"pages {pages!r} cannot be read; write first, last, all, odd, even, or numbers and "
            "ranges such as '1-3,7,9-last'",
            pages=pages,
        )
    begin, end = (
        count if text == "last" else int(text) for text in (match[1], match[2] or match[1])
    )
    if not 1 <= begin <= end <= count:
        raise InvalidInput(
            f"pages {pages!r} name {part}, but the PDF has the pages 1 to {count}",
            pages=pages,
            count=count,
        )
    return set(range(begin - 1, end))
