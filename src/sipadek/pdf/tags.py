"""Where a text stands on the pages of a PDF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sipadek.errors import InvalidInput
from sipadek.pdf.geometry import Box
from sipadek.pdf.pdfium import check_count, open_document

_MAX_FOUND = 10_000
_TAG = re.compile(r"\$\{\w{1,40}\}")


def find_text(
    source: bytes | Path,
    text: str,
    pages: Sequence[int],
    *,
    count: int | None = None,
    password: str | None = None,
) -> dict[int, list[Box]]:
    """Every place of ``text`` on these pages (from 0), by page: boxes in the page's default user space,
    in the order of its text. Capitals count. Only what stands on one line is found. ``count`` is how
    many pages the PDF should have.

    Raises:
        InvalidInput: the text is empty, or stands there more than ten thousand times.
        PdfError: a leaf of it, where pdfium cannot read the file or counts other pages.
    """
    if not text.strip():
        raise InvalidInput("the tag to look for is empty; give its text, such as ${ttd}")
    found: dict[int, list[Box]] = {}
    places = 0
    with open_document(source, password=password) as document:
        check_count(len(document), count)
        for index in pages:
            written = document[index].get_textpage()
            searcher = written.search(text, match_case=True)
            boxes = []
            while (place := searcher.get_next()) is not None:
                places += 1
                if places > _MAX_FOUND:
                    raise InvalidInput(
                        f"the tag {text!r} stands in the PDF too often; take another"
                    )
                start, length = place
                chars = [written.get_charbox(n) for n in range(start, start + length)]
                lefts, bottoms, rights, tops = zip(*chars, strict=True)
                boxes.append((min(lefts), min(bottoms), max(rights), max(tops)))
            if boxes:
                found[index] = boxes
    return found


def find_tags(
    source: bytes | Path, page: int, *, count: int | None = None, password: str | None = None
) -> list[Box]:
    """Every text such as ``${ttd}`` on a page (from 0) that keeps a place for a signature, where no
    other text lies over or under it. Boxes and errors as for `find_text`."""
    with open_document(source, password=password) as document:
        check_count(len(document), count)
        written = document[page].get_textpage()
        text = written.get_text_range()
        if len(text) != written.count_chars() or "${" not in text:
            return []  # an index in the one would be another in the other
        found = list(_TAG.finditer(text))[:100]
        chars = [written.get_charbox(n) for n in range(len(text))] if found else []
        boxes = [(one, _around(chars[one.start() : one.end()])) for one in found]
        return [box for one, box in boxes if not _others(chars, text, one, box)]


def _around(chars: Sequence[Box]) -> Box:
    lefts, bottoms, rights, tops = zip(*chars, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _others(chars: Sequence[Box], text: str, tag: re.Match[str], box: Box) -> bool:
    """Whether a character that is none of the tag's touches its box."""
    return any(
        not tag.start() <= n < tag.end()
        and not text[n].isspace()
        and max(box[0], one[0]) < min(box[2], one[2])
        and max(box[1], one[1]) < min(box[3], one[3])
        for n, one in enumerate(chars)
    )
