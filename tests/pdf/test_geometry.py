"""Pages as their readers see them, whatever their boxes say."""

from __future__ import annotations

import math

import pypdfium2 as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.pdf.geometry import Box, PageGeometry, transform, transform_box

ANY = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-20_000, 20_000)
ANY_BOX = st.tuples(ANY, ANY, ANY, ANY)
ANY_PAGE = st.builds(
    PageGeometry,
    media_box=ANY_BOX,
    crop_box=st.none() | ANY_BOX,
    rotate=st.integers() | st.sampled_from([-270, -90, 0, 90, 180, 270, 360, 450]),
    user_unit=st.floats(allow_nan=True, allow_infinity=True) | st.floats(0.1, 10),
)

WHOLE = st.integers(-2000, 2000)
WHOLE_BOX = st.tuples(WHOLE, WHOLE, WHOLE, WHOLE)


def one_page(media: tuple[int, ...], crop: tuple[int, ...] | None, rotate: int) -> bytes:
    def box(values: tuple[int, ...]) -> bytes:
        return b"[%d %d %d %d]" % values

    crop_entry = b"/CropBox" + box(crop) if crop else b""
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox%b%b/Rotate %d>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4>>" % (box(media), crop_entry, rotate)
    )


@given(ANY_PAGE)
def test_every_page_has_a_visible_part_of_finite_size(page: PageGeometry) -> None:
    left, bottom, right, top = page.displayed
    assert all(map(math.isfinite, page.displayed))
    assert left < right
    assert bottom < top
    assert page.rotation in (0, 90, 180, 270)
    assert page.unit > 0
    assert min(page.size) > 0


@given(ANY_PAGE)
def test_displayed_space_covers_the_visible_part_exactly(page: PageGeometry) -> None:
    found = transform_box(page.to_user, (0.0, 0.0, *page.size))
    assert found == pytest.approx(page.displayed, rel=1e-9, abs=1e-6)


@given(ANY_PAGE, st.floats(0, 1), st.floats(0, 1))
def test_the_two_matrices_are_inverse(page: PageGeometry, across: float, up: float) -> None:
    point = (page.size[0] * across, page.size[1] * up)
    back = transform(page.to_displayed, *transform(page.to_user, *point))
    # Far from the origin, a point keeps as many digits as its coordinates leave it.
    far = max(map(abs, page.displayed)) * page.unit
    assert back == pytest.approx(point, rel=1e-9, abs=1e-12 * far + 1e-9)


@given(WHOLE_BOX, st.none() | WHOLE_BOX, st.sampled_from([-450, -90, 0, 90, 180, 270, 360, 450]))
def test_the_size_is_the_one_a_viewer_shows(
    media: tuple[int, ...], crop: tuple[int, ...] | None, rotate: int
) -> None:
    document = pdfium.PdfDocument(one_page(media, crop, rotate))
    shown = document[0].get_size()
    page = PageGeometry(_floats(media), _floats(crop) if crop else None, rotate)
    if min(shown) > 0:  # pdfium shows nothing where crop and media box do not meet
        assert page.size == pytest.approx(shown)
    document.close()


def test_a_quarter_turn_clockwise() -> None:
    page = PageGeometry((0.0, 0.0, 600.0, 800.0), rotate=90)
    assert page.size == (800.0, 600.0)
    assert transform(page.to_user, 0.0, 0.0) == (600.0, 0.0)  # lower right comes to lower left
    assert transform(page.to_user, 0.0, 600.0) == (0.0, 0.0)  # lower left to upper left


def test_the_crop_box_is_cut_to_the_media_box() -> None:
    page = PageGeometry((600.0, 800.0, 0.0, 0.0), (-50.0, 100.0, 300.0, 9000.0))
    assert page.displayed == (0.0, 100.0, 300.0, 800.0)


def test_user_unit_makes_the_page_larger_and_not_its_box() -> None:
    page = PageGeometry((10.0, 10.0, 110.0, 210.0), user_unit=2.5)
    assert page.displayed == (10.0, 10.0, 110.0, 210.0)
    assert page.size == (250.0, 500.0)
    assert transform(page.to_user, 250.0, 500.0) == pytest.approx((110.0, 210.0))


@pytest.mark.parametrize("rotate", [1, 45, 89, 91, -45])
def test_a_rotation_that_is_no_quarter_turn_is_none(rotate: int) -> None:
    assert PageGeometry((0.0, 0.0, 10.0, 10.0), rotate=rotate).rotation == 0


@pytest.mark.parametrize("unit", [0.0, -1.0, math.inf, math.nan, 1e300])
def test_a_unit_that_is_no_length_is_one_point(unit: float) -> None:
    assert PageGeometry((0.0, 0.0, 10.0, 10.0), user_unit=unit).unit == 1.0


def _floats(box: tuple[int, ...]) -> Box:
    left, bottom, right, top = map(float, box)
    return left, bottom, right, top
