"""Texts of cells, as every format can hold them."""

from __future__ import annotations

import datetime

import pytest
from book_letters import any_text
from hypothesis import given

from sipadek.books.table import clean, printed_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Undangan\trapat\nlurah", "Undangan\trapat\nlurah"),
        ("satu\r\ndua\rtiga", "satu\ndua\ntiga"),
        ("\x00\x1b\x7f\x85", "␀␛␡\ufffd"),
        ("\ud800\ufffe\uffff", "\ufffd\ufffd\ufffd"),
        ("🏛️ \u202eabc é", "🏛️ \u202eabc é"),
    ],
)
def test_what_no_format_can_hold_becomes_a_sign(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(any_text)
def test_a_clean_text_stays_and_can_be_stored(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean(text).encode().decode() == clean(text)


def test_cells_are_printed_as_people_read_them() -> None:
    cells = (datetime.date(2026, 11, 3), 12, "a\0")
    assert [printed_text(cell) for cell in cells] == ["3 November 2026", "12", "a␀"]
