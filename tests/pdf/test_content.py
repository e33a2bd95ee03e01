"""Balancing page content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.pdf.content import Balance, balance

_NOISE = st.sampled_from(
    [
        b"1 0 0 1 0 0 cm",
        b"(q Q ) Tj",
        b"(\\) q ) Tj",
        b"((q) Q) Tj",
        b"<71> Tj",
        b"/q gs",
        b"/Q /q BDC",
        b"% q Q q\n",
        b"[(q) 1 ( Q)] TJ",
        b"BI /W 1 /H 1 ID q Q \nEI",
        b"<</MCID 0>> BDC",
    ]
)
_OPERATORS = st.sampled_from([b"q", b"Q"])


@given(st.lists(st.one_of(_NOISE, _OPERATORS), max_size=30))
def test_the_balance_is_that_of_the_operators_alone(parts: list[bytes]) -> None:
    depth = lowest = 0
    for part in parts:
        depth += {b"q": 1, b"Q": -1}.get(part, 0)
        lowest = min(lowest, depth)
    assert balance(b" ".join(parts)) == Balance(-lowest, depth - lowest)


@given(st.lists(st.one_of(_NOISE, _OPERATORS), max_size=30))
def test_balanced_content_needs_nothing_more(parts: list[bytes]) -> None:
    content = b"\n".join(parts)
    needed = balance(content)
    assert needed is not None
    mended = b"q\n" * needed.before + content + b"\nQ" * needed.after
    assert balance(mended) == Balance(0, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"q (never closed Q",
        b"q (a(b) Q",
        b"q BI ID \x00\x01 Q",
        b"q [1 2 Q",
        b"q /a << not seen Q",
        b"q 0 cm Q",
        b"q \xff\xfe) Q q",
    ],
)
def test_content_that_readers_may_stop_in_has_no_balance(content: bytes) -> None:
    assert balance(content) is None
