"""Indonesian vocabulary."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek import naskah
from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput

NOT_MONTHS = [0, 13, -1, True, 1.0, "1", None]


@given(st.integers(1, 12))
def test_a_roman_month_reads_back(month: int) -> None:
    assert naskah.parse_roman_month(naskah.roman_month(month)) == month


@given(st.text())
def test_only_the_twelve_roman_months_are_read(text: str) -> None:
    try:
        month = naskah.parse_roman_month(text)
    except InvalidInput:
        assert text not in naskah.ROMAN_MONTHS
    else:
        assert naskah.roman_month(month) == text


@pytest.mark.parametrize("text", ["", "xi", "XIII", "IIII", "XI ", "Ⅺ", "11"])
def test_a_second_spelling_of_a_roman_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        naskah.parse_roman_month(text)


@pytest.mark.parametrize("month", NOT_MONTHS)
def test_a_month_that_does_not_exist_is_refused(month: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 12"):
        naskah.month_name(month)
    with pytest.raises(InvalidInput, match="1 to 12"):
        naskah.roman_month(month)


def test_months_have_their_names() -> None:
    assert [naskah.month_name(month)[:3] for month in range(1, 13)] == [
        *("Jan", "Feb", "Mar", "Apr", "Mei", "Jun"),
        *("Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    ]


def test_a_date_is_written_without_leading_zeros() -> None:
    assert naskah.date_text(datetime.date(2026, 11, 24)) == "24 November 2026"
    assert naskah.date_text(datetime.date(2026, 8, 1)) == "1 Agustus 2026"


@given(st.dates(), st.dates())
def test_two_dates_never_share_a_text(one: datetime.date, other: datetime.date) -> None:
    assert (naskah.date_text(one) == naskah.date_text(other)) == (one == other)


def test_the_grades_of_secrecy_are_those_of_the_register() -> None:
    assert list(naskah.SECRECY_NAMES) == [secrecy.value for secrecy in Secrecy]
    assert naskah.secrecy_name(Secrecy.SANGAT_RAHASIA) == "Sangat Rahasia"


@pytest.mark.parametrize("code", ["", "b", "X", "Biasa", None, []])
def test_unknown_secrecy_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput, match="B, T, R, SR"):
        naskah.secrecy_name(code)
