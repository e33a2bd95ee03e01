"""Patterns of one series are told apart: by the search, and by trying every small number."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numbering_strategies import any_series, inserted, number_fields, rendered, sequences

from sipadek.errors import InvalidNumber, InvalidPattern
from sipadek.numbering import NumberFields, Pattern, Series
from sipadek.numbering.overlap import Automaton, common_text

# Few characters that are separator, digit, letter and label all at once.
ALPHABET = "1A./"
SHORT = ["".join(text) for size in (1, 2) for text in itertools.product(ALPHABET, repeat=size)]
DATES = [datetime.date(2026, 1, 1), datetime.date(2011, 11, 11)]
KINDS = ["A", "A/", "1.A"]
FIELDS = ["{unit}", "{kode:angka}", "{x.a}", "{jenis}", "{bulan}", "{tahun:2}", "{sifat}"]


@st.composite
def small_patterns(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.sampled_from(FIELDS), max_size=2, unique=True))
    pieces.insert(
        draw(st.integers(0, len(pieces))), draw(st.sampled_from(["{nomor}", "{nomor:2}"]))
    )
    separators = st.text(ALPHABET + "B", max_size=2)
    return "".join(draw(separators) + piece for piece in pieces) + draw(separators)


@st.composite
def small_series(draw: st.DrawFn) -> Series:
    kinds = draw(st.dictionaries(st.sampled_from(KINDS), small_patterns(), max_size=3))
    insertion = draw(st.sampled_from(["", ".A", "A", ".1"]))
    try:
        return Series(
            code="s", pattern=draw(small_patterns()), kinds=kinds, insertion=insertion, repeats=True
        )
    except InvalidPattern:
        assume(False)
        raise


def every_number(row: Series) -> Iterator[tuple[str, Any]]:
    """Every number of small values, with its meaning."""
    by_kind = row.kinds or "{jenis}" in row.pattern
    for kind in [*KINDS, ".", "11"] if by_kind else ["."]:
        names = Pattern.compile(row.kinds.get(kind, row.pattern)).attributes
        for unit, code, own, date, secrecy, sequence, insertion in itertools.product(
            SHORT if "unit" in names else [""],
            ["1", "11", "1.1"] if "classification" in names else [""],
            SHORT if "x.a" in names else [""],
            DATES if {"year", "month"} & names else DATES[:1],
            ["B", "R", "SR"] if "secrecy" in names else ["B"],
            [1, 11, 111],
            [0, 1, 27] if row.insertion else [0],
        ):
            fields = NumberFields(
                date=date,
                unit=unit,
                classification=code,
                kind=kind,
                secrecy=secrecy,
                extra={"a": own},
            )
            number = rendered(row, sequence, fields, insertion)
            if number is not None:
                # Kinds that share a pattern without {jenis} share their numbers too.
                told = kind if "kind" in names else row.kinds.get(kind, "")
                yield number, (sequence, insertion, unit, code, own, date, secrecy, told)


@given(small_series())
def test_no_number_has_two_meanings(row: Series) -> None:
    meanings: dict[str, Any] = {}
    for number, meaning in every_number(row):
        assert meanings.setdefault(number, meaning) == meaning


@given(small_patterns(), small_patterns())
def test_patterns_are_refused_exactly_where_both_give_one_number(one: str, other: str) -> None:
    try:
        pair = [Pattern.compile(one), Pattern.compile(other)]
    except InvalidPattern:
        assume(False)
    text = common_text(*map(Automaton, pair))
    if text is None:
        rows = [Series(code="s", pattern=text, repeats=True) for text in (one, other)]
        numbers = [{number for number, _ in every_number(row)} for row in rows]
        assert not numbers[0] & numbers[1]
        Series(code="s", pattern=one, kinds={"never": other}, repeats=True)
    else:
        for pattern in pair:
            pattern.parse(text)
        if one != other and "{jenis}" not in one + other:
            with pytest.raises(InvalidPattern) as refused:
                Series(code="s", pattern=one, kinds={"never": other}, repeats=True)
            assert repr(refused.value.fields["number"]) in refused.value.message


def accepts(automaton: Automaton, text: str) -> bool:
    places = {(0, "")}
    for char in text:
        places = {
            target for place in places for target, chars in automaton.moves(place) if char in chars
        }
    return any(map(automaton.ends, places))


@given(any_series(), sequences, number_fields, inserted)
def test_the_automaton_takes_every_number_of_its_pattern(
    row: Series, sequence: int, fields: NumberFields, insertion: int
) -> None:
    number = rendered(row, sequence, fields, insertion if row.insertion else 0)
    if number is None:
        return
    readers = [pattern for pattern, _ in row._patterns.all() if accepts(Automaton(pattern), number)]
    assert readers == [row._patterns.of(fields)]


@given(any_series(), sequences, number_fields, st.integers(0, 60), st.data())
def test_the_automaton_takes_nothing_else(
    row: Series, sequence: int, fields: NumberFields, insertion: int, data: st.DataObject
) -> None:
    number = rendered(row, sequence, fields, insertion if row.insertion else 0)
    if number is None:
        return
    place = data.draw(st.integers(0, len(number)))
    removed = data.draw(st.integers(0, 1))
    edited = number[:place] + data.draw(st.sampled_from("1I-/. A0a")) + number[place + removed :]
    taken = any(accepts(Automaton(pattern), edited) for pattern, _ in row._patterns.all())
    reason = refusal(row, edited)
    if taken:
        # Greatest lengths and the days of a month are all that an automaton does not know.
        assert not reason or "does not exist" in reason or len(edited) > 12
    else:
        assert reason


def refusal(row: Series, text: str) -> str:
    try:
        row.parse(text)
    except InvalidNumber as refused:
        return refused.message
    return ""


def test_hostile_patterns_are_compared_in_bounded_time() -> None:
    own = [f"{{x.f{n}}}" for n in range(22)]
    kinds = {"k": "/".join(own) + "/{nomor}.{tahun}Y", "l": "-".join(own) + "/{nomor}-{tahun}X"}
    row = Series(code="s", pattern=" ".join(own) + "/{nomor}/{tahun}Z", kinds=kinds)
    assert len(attrs.asdict(row, recurse=False)["kinds"]) == 2
