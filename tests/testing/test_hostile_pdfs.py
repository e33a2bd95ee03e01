"""Attacks are what they say they are, and text extraction and previews survive them."""

from __future__ import annotations

import contextlib
import zlib

import pytest

from sipadek.errors import PdfError
from sipadek.pdf.preview import page_png
from sipadek.pdf.text import extract_text
from sipadek.testing.pdfs import hostile

HOSTILE = hostile()

# pdfium inflates these whole (2 to 3 GB), draws 10**12 times or takes many seconds: no test for a
# shared machine without limits; tests/office/within_limits.py has them.
BEYOND_PDFIUM = {
    "container-zeros",
    "filter-ascii85-often",
    "often-contents",
    "often-kid",
    "often-kids",
    "xref-rows-chained",
    "bomb-contents",
    "bomb-contents-array",
    "bomb-contents-twice",
    "bomb-object-stream",
    "draw-form-fan",
    "page-tree-fan",
    "xref-prev-chain",
    "xref-rows",
    "xref-rows-predicted",
    "xref-subsections",
    "xref-subsections-odd",
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", sorted(set(HOSTILE) - BEYOND_PDFIUM))
def test_text_of_a_hostile_file_is_read_or_refused(name: str) -> None:
    with contextlib.suppress(PdfError):
        text = extract_text(HOSTILE[name])
        assert sum(map(len, text.pages)) == 0
        assert len(text.pages) <= 2000


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - BEYOND_PDFIUM))
def test_a_hostile_file_is_drawn_or_refused(name: str) -> None:
    with contextlib.suppress(PdfError):
        assert page_png(HOSTILE[name], width=50).startswith(b"\x89PNG")


def test_there_are_many_and_they_are_not_large() -> None:
    assert len(HOSTILE) >= 70
    assert sum(map(len, HOSTILE.values())) < 45_000_000


def test_the_callers_copy_is_its_own() -> None:
    hostile().clear()
    assert hostile().keys() == HOSTILE.keys()


def test_a_bomb_unpacks_to_a_thousand_times_its_size() -> None:
    data = HOSTILE["bomb-contents"]
    unpacker = zlib.decompressobj()
    begun = unpacker.decompress(data[data.index(b"stream\n") + 7 :], 1 << 26)
    assert begun.count(0) == len(begun) == 1 << 26
    assert 15 * len(unpacker.unconsumed_tail) > 14 * (len(data) - 2000)
