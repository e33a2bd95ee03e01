"""Which pages are meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.stamping import selected


@pytest.mark.parametrize(
    ("pages", "count", "wanted"),
    [
        ("first", 3, {0}),
        ("last", 3, {2}),
        ("all", 3, {0, 1, 2}),
        ("odd", 5, {0, 2, 4}),
        ("even", 5, {1, 3}),
        ("even", 1, set()),
        ("2", 3, {1}),
        ("2-3, first", 4, {0, 1, 2}),
        ("2-last", 4, {1, 2, 3}),
        ("last-last", 4, {3}),
    ],
)
def test_pages_are_selected(pages: str, count: int, wanted: set[int]) -> None:
    assert selected(pages, count) == wanted


@pytest.mark.parametrize(
    "pages", ["", "0", "4", "3-2", "last-2", "-1", "1-", "semua", "1;2", "1,,2"]
)
def test_what_is_no_selection_is_refused(pages: str) -> None:
    with pytest.raises(InvalidInput):
        selected(pages, 3)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_two_ranges_that_meet_are_all_pages(given_: tuple[int, int]) -> None:
    count, cut = given_
    rest = f",{cut + 1}-last" if cut < count else ""
    assert selected(f"1-{cut}{rest}", count) == selected("all", count)
    assert selected("odd", count) | selected("even", count) == selected("all", count)
    assert not selected("odd", count) & selected("even", count)
