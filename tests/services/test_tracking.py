"""Tracking codes: slips are noticed, and what is kept does not give the code away."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.services import code_digest, new_code, read_code
from sipadek.services.tracking import ALPHABET

_CODES = st.builds(lambda _: new_code(), st.integers())


def test_a_code_cannot_be_guessed() -> None:
    assert 17 * math.log2(len(ALPHABET)) >= 80
    assert len(set(ALPHABET)) == 31
    codes = [new_code() for _ in range(2000)]
    assert len(set(codes)) == len(codes)
    plain = "".join(codes).replace("-", "")
    assert set(plain) == set(ALPHABET)


@given(
    _CODES, st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["", " ", " - "])
)
def test_a_code_is_read_as_people_write_it(code: str, style: object, between: str) -> None:
    written = style(code.replace("-", between))  # type: ignore[operator]
    assert read_code(f" {written}\n") == code
    assert code_digest(written) == code_digest(code)


def test_every_single_slip_is_noticed() -> None:
    plain = new_code().replace("-", "")
    wrong = {
        plain[:place] + other + plain[place + 1 :] for place in range(18) for other in ALPHABET
    }
    for one, two in itertools.combinations(range(18), 2):
        moved = list(plain)
        moved[one], moved[two] = moved[two], moved[one]
        wrong.add("".join(moved))
    for each in wrong - {plain}:
        with pytest.raises(InvalidInput) as caught:
            read_code(each)
        assert each not in caught.value.message


@pytest.mark.parametrize("text", ["", "ABC", "O" * 18, "3" * 19, "3" * 10_000, "²" * 18, "0-" * 18])
def test_other_texts_are_no_codes(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_code(text)
    assert caught.value.fields == {"field": "code"}


@given(_CODES)
def test_what_is_kept_is_a_digest(code: str) -> None:
    digest = code_digest(code)
    assert len(digest) == 64
    assert code.replace("-", "")[:6].lower() not in digest
    assert digest != code_digest(new_code())
