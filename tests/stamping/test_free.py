"""Free space: what is placed there covers nothing that is on the page."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw
from test_drawing import in_pdfium

from sipadek.errors import BrokenPdf, StampError
from sipadek.pdf import Document, Sights
from sipadek.pdf.ink import Ink
from sipadek.stamping import Mark, Panel, Picture, Text, find_free, marked
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.testing.strategies import recipes

A4 = (0.0, 0.0, 595.0, 842.0)
FULL = "\n".join(
    ["Surat contoh yang panjang sekali, dari tepi kiri sampai ke tepi kanan halaman"] * 57
)
BLACK = Panel(width=120, height=50, fill=0.0, line=0)


def covered(before: bytes, after: bytes) -> bool:
    """Whether anything dark of the page before is no longer as it was, but for the mark's own place."""
    plain, drawn = in_pdfium(before), in_pdfium(after)
    dark = plain.convert("L").point(lambda grey: 255 if grey < 160 else 0)
    changed = ImageChops.difference(plain, drawn).convert("L").point(lambda d: 255 if d > 40 else 0)
    return ImageChops.multiply(dark, changed).getbbox() is not None


def scan(draw: tuple[tuple[int, int, int, int], ...], *, paper: int = 236) -> bytes:
    """A page that is one picture: dark blocks on paper that is not white."""
    image = Image.new("L", (595, 842), paper)
    for block in draw:
        ImageDraw.Draw(image).rectangle(block, fill=30)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    page = build(PdfRecipe(contents="none", media_box=A4))
    return marked(page, [Mark(what=Picture(data=out.getvalue(), width=595), margin=0)])


@settings(max_examples=25)
@given(
    recipes(
        encryption="none", pages=st.just(1), user_unit=st.just(1.0),
        media_box=st.sampled_from([A4, (-300.0, -400.0, 295.0, 442.0), (0.0, 0.0, 842.0, 595.0)]),
        texts=st.just(("\n".join(["Surat contoh yang cukup panjang"] * 20),)),
    ),
    st.sampled_from(["top-left", "center", "bottom-right"]),
)  # fmt: skip
def test_nothing_on_the_page_is_covered(recipe: PdfRecipe, anchor: str) -> None:
    pdf = build(recipe)
    try:
        after = marked(pdf, [Mark(what=BLACK, anchor=anchor, free=True)])
    except StampError as error:
        assert error.fields["page"] == 1  # noqa: PT017
        return
    assert not covered(pdf, after)


def test_the_anchor_is_taken_where_it_is_free() -> None:
    pdf = build(PdfRecipe(contents="none", media_box=A4))
    fixed = marked(pdf, [Mark(what=BLACK, anchor="top-right", margin=30)])
    free = marked(pdf, [Mark(what=BLACK, anchor="top-right", margin=30, free=True)])
    assert in_pdfium(fixed).tobytes() == in_pdfium(free).tobytes()


def test_annotations_and_other_marks_are_kept_clear_of() -> None:
    pdf = build(PdfRecipe(contents="none", media_box=A4, annots="direct"))
    marks = [Mark(what=BLACK, anchor="top-right", free=True)] * 3
    first = Document.open(pdf)
    sights = Sights(first)
    found = marked(pdf, [*marks, Mark(what=BLACK, anchor="top-right")])
    grey = in_pdfium(found, 72).convert("L")
    assert sum(grey.point(lambda v: v < 50).tobytes()) == pytest.approx(4 * 120 * 50, rel=0.05)
    assert sights.annotations(0)
    ink = sights.ink(0)
    assert not any(ink.free(box) for box in sights.annotations(0))


def test_a_page_full_of_text_is_refused() -> None:
    pdf = scan(tuple((30, top, 565, top + 8) for top in range(20, 820, 16)))
    with pytest.raises(StampError, match="page 1 has no free space of 84 × 35 points"):
        marked(pdf, [Mark(what=BLACK, free=True)])


def test_on_a_scan_the_white_of_the_picture_is_free() -> None:
    # Two columns, and a gap of 150 points between them that starts 200 points from the top.
    blocks = ((0, 0, 595, 200), (0, 350, 595, 842))
    pdf = scan(blocks)
    after = marked(pdf, [Mark(what=BLACK, free=True)])
    assert not covered(pdf, after)
    assert pdf != after


def test_a_ground_of_one_grey_takes_marks_on_white() -> None:
    pdf = scan((), paper=90)
    after = marked(pdf, [Mark(what=Text(text="Salinan", size=30), free=True)])
    picture = in_pdfium(after, 72).convert("L")
    assert picture.getpixel((22, 842 - 17)) == 255  # the white that was put under it
    assert picture.getextrema()[0] < 40


def test_what_does_not_fit_is_made_smaller() -> None:
    blocks = ((0, 0, 595, 600), (0, 695, 595, 842))  # 95 points are free
    pdf = scan(blocks)
    place = find_free(Sights(Document.open(pdf)), 0, 200, 100, anchors=("center",), margin=0)
    left, bottom, right, top = place.placement.rect
    assert 140 - 1e-6 <= right - left < 200
    assert top - bottom == pytest.approx((right - left) / 2)
    assert 842 - 695 <= bottom < top <= 842 - 600


def test_readers_that_count_other_pages_are_not_believed() -> None:
    document = Document.open(build(PdfRecipe(pages=2)))
    sights = Sights(document)
    sights.pages.pop()
    with pytest.raises(BrokenPdf, match="disagree"):
        sights.ink(0)


cells = st.lists(st.integers(0, 2**24 - 1), min_size=3, max_size=12).map(tuple)


@given(cells, st.floats(1, 30), st.floats(1, 30), st.floats(0, 60), st.floats(0, 60))
def test_the_nearest_free_box_is_free_and_inside(
    rows: tuple[int, ...], width: float, height: float, x: float, y: float
) -> None:
    ink = Ink(columns=24, cell=(2.5, 4.0), rows=rows)
    within = (2.0, 3.0, 58.0, 4.0 * len(rows) - 3.0)
    found = ink.nearest(width, height, within, (x, y))
    if found is not None:
        left, bottom = found
        assert ink.free((left, bottom, left + width, bottom + height))
        assert within[0] <= left < left + width <= within[2] + 1e-6
        assert within[1] <= bottom < bottom + height <= within[3] + 1e-6


@given(st.floats(1, 20), st.floats(1, 8))
def test_on_an_empty_page_the_nearest_is_at_hand(width: float, height: float) -> None:
    ink = Ink(columns=24, cell=(2.5, 4.0), rows=(0,) * 10)
    found = ink.nearest(width, height, (0.0, 0.0, 60.0, 40.0), (20.0, 20.0))
    assert found == (pytest.approx(20, abs=5), pytest.approx(20, abs=8))
