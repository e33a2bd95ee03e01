"""Stamps lie upright inside the visible page, whatever page that is."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.pdf.geometry import Box, Matrix, PageGeometry, transform, transform_box
from sipadek.stamping import Placement, place

ANCHORS = [
    "top-left",
    "top",
    "top-right",
    "left",
    "center",
    "right",
    "bottom-left",
    "bottom",
    "bottom-right",
]
ANY = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-3_000, 3_000)
BOXES = st.tuples(ANY, ANY, ANY, ANY)
PAGES = st.builds(
    PageGeometry,
    media_box=BOXES,
    crop_box=st.none() | BOXES,
    rotate=st.sampled_from([0, 90, 180, 270, -90, 450, 45]) | st.integers(),
    user_unit=st.just(1.0) | st.floats(allow_nan=True, allow_infinity=True) | st.floats(0.05, 20),
)
SIDES = st.floats(1, 1_000)
LETTER = PageGeometry((0.0, 0.0, 612.0, 792.0))


def as_shown(page: PageGeometry, placement: Placement, width: float, height: float) -> Matrix:
    """Where a viewer puts the form's own coordinates in displayed space (ISO 32000-1, 12.5.5)."""
    turned = transform_box(placement.matrix, (0.0, 0.0, width, height))
    rect = placement.rect
    across = (rect[2] - rect[0]) / (turned[2] - turned[0])
    up = (rect[3] - rect[1]) / (turned[3] - turned[1])
    fit = (across, 0.0, 0.0, up, rect[0] - turned[0] * across, rect[1] - turned[1] * up)
    return _then(_then(placement.matrix, fit), page.to_displayed)


def _then(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, _, _ = second
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        *transform(second, e, f),
    )


def shown_box(
    page: PageGeometry, width: float, height: float, anchor: str, margin: float = 18.0
) -> Box:
    placement = place(page, width, height, anchor=anchor, margin=margin)
    return transform_box(page.to_displayed, placement.rect)


@given(PAGES, SIDES, SIDES, st.sampled_from(ANCHORS), st.floats(0, 500))
def test_a_stamp_is_upright_and_inside_the_visible_page(
    page: PageGeometry, width: float, height: float, anchor: str, margin: float
) -> None:
    placement = place(page, width, height, anchor=anchor, margin=margin)
    assert placement.rect[0] < placement.rect[2]
    assert placement.rect[1] < placement.rect[3]
    a, b, c, d, e, f = as_shown(page, placement, width, height)
    assert a > 0
    assert d > 0
    # Far from the origin the last digits of a coordinate are lost.
    slack = 1e-9 * (max(map(abs, page.displayed)) * page.unit + 1)
    assert b == pytest.approx(0, abs=slack)
    assert c == pytest.approx(0, abs=slack)
    assert e >= -slack
    assert f >= -slack
    assert e + a * width <= page.size[0] + slack
    assert f + d * height <= page.size[1] + slack


@given(PAGES, SIDES, SIDES, st.sampled_from(ANCHORS))
def test_a_stamp_keeps_its_proportions(
    page: PageGeometry, width: float, height: float, anchor: str
) -> None:
    left, bottom, right, top = page.displayed
    assume(min(right - left, top - bottom) > 1e-4 * max(map(abs, page.displayed)))
    across, _, _, up, _, _ = as_shown(
        page, place(page, width, height, anchor=anchor), width, height
    )
    assert across == pytest.approx(up, rel=1e-6)


@given(PAGES, SIDES, SIDES)
def test_a_stamp_is_never_smaller_than_asked_if_the_page_has_room(
    page: PageGeometry, width: float, height: float
) -> None:
    assume(page.size[0] * 0.95 > width and page.size[1] * 0.95 > height)
    left, bottom, right, top = shown_box(page, width, height, "center")
    assert right - left >= width * (1 - 1e-6)
    assert top - bottom >= height * (1 - 1e-6)


@given(st.sampled_from([0, 90, 180, 270]), st.sampled_from(ANCHORS), st.floats(0, 60))
def test_anchors_are_as_the_reader_sees_the_page(rotate: int, anchor: str, margin: float) -> None:
    page = PageGeometry((-7.0, 11.0, 593.0, 811.0), (13.0, 41.0, 513.0, 741.0), rotate)
    width, height = page.size
    left, bottom, right, top = shown_box(page, 250, 74, anchor, margin)
    assert (right - left, top - bottom) == pytest.approx((250, 74))
    if "left" in anchor:
        assert left == pytest.approx(margin)
    elif "right" in anchor:
        assert right == pytest.approx(width - margin)
    else:
        assert left + right == pytest.approx(width)
    if "bottom" in anchor:
        assert bottom == pytest.approx(margin)
    elif "top" in anchor:
        assert top == pytest.approx(height - margin)
    else:
        assert bottom + top == pytest.approx(height)


def test_the_ordinary_case_in_numbers() -> None:
    placement = place(LETTER, 250, 74)
    assert placement == Placement((18.0, 18.0, 268.0, 92.0), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))


def test_on_a_page_turned_clockwise_the_form_is_turned_back() -> None:
    page = PageGeometry((0.0, 0.0, 612.0, 792.0), rotate=90)
    placement = place(page, 250, 74)
    assert placement.rect == pytest.approx((612 - 18 - 74, 18, 612 - 18, 18 + 250))
    assert placement.matrix == (0, 1, -1, 0, 74, 0)


def test_the_margin_gives_way_before_the_stamp_shrinks() -> None:
    left, _, right, _ = shown_box(PageGeometry((0.0, 0.0, 270.0, 500.0)), 250, 74, "bottom-left")
    assert right - left == pytest.approx(250)
    assert left == pytest.approx(10)


def test_on_a_page_too_small_the_stamp_shrinks() -> None:
    left, bottom, right, top = shown_box(PageGeometry((0.0, 0.0, 125.0, 500.0)), 250, 74, "bottom")
    assert right - left == pytest.approx(120)
    assert top - bottom == pytest.approx(120 * 74 / 250)
    assert bottom == pytest.approx(18)


def test_a_large_unit_enlarges_the_stamp_with_the_page() -> None:
    page = PageGeometry((0.0, 0.0, 1000.0, 1000.0), user_unit=10.0)
    assert place(page, 250, 74).rect == pytest.approx((18, 18, 268, 92))


def test_a_small_unit_is_made_up_for() -> None:
    page = PageGeometry((0.0, 0.0, 6000.0, 8000.0), user_unit=0.1)
    assert place(page, 250, 74).rect == pytest.approx((180, 180, 2680, 920))


@pytest.mark.parametrize("anchor", ["", "middle", "Bottom", "bottom left"])
def test_another_anchor_is_refused(anchor: str) -> None:
    with pytest.raises(InvalidInput, match="bottom-left"):
        place(LETTER, 250, 74, anchor=anchor)


@pytest.mark.parametrize(
    ("width", "height", "margin"),
    [(0, 74, 18), (250, -1, 18), (250, 74, -1), (math.nan, 74, 18), (250, math.inf, 0)],
)
def test_a_size_that_is_none_is_refused(width: float, height: float, margin: float) -> None:
    with pytest.raises(InvalidInput):
        place(LETTER, width, height, margin=margin)
