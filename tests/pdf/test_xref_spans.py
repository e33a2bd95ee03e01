from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.pdf.spans import Spans
from sipadek.pdf.xref import Free, Plain, Table

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=12)


@given(SPANS, st.integers(-2, 60))
def test_the_first_span_that_holds_a_number(spans: list[tuple[int, int]], number: int) -> None:
    holding = [
        which for which, (first, count) in enumerate(spans) if first <= number < first + count
    ]
    assert Spans(spans).find(number) == (holding[0] if holding else None)


@pytest.mark.no_cover
def test_100_000_subsections_are_searched_by_halves() -> None:
    """Every entry is looked up once: a search one after the other takes five thousand million steps."""
    rows = b"".join(
        b"%010d %05d %c \n" % (number, 0, b"nf"[number % 2]) for number in range(100_000)
    )
    table = Table(rows, {}, tuple((2 * n, 1, 20 * n) for n in range(100_000)))  # type: ignore[arg-type]
    for number in range(200_000):
        expected = (Free() if number % 4 else Plain(number // 2, 0)) if not number % 2 else None
        assert table.lookup(number) == expected
