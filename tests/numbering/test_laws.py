"""The laws of series with everything in them: own fields, kinds, insertions, repeats."""

from __future__ import annotations

import datetime
import json
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numbering_strategies import (
    KINDS,
    NASTY,
    any_series,
    inserted,
    number_fields,
    rendered,
    sequences,
    told,
)

from sipadek.errors import InvalidNumber
from sipadek.ledger import Event
from sipadek.numbering import NumberFields, Series
from sipadek.numbering.form import Form

NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)


@given(any_series(), sequences, number_fields, inserted)
def test_a_rendered_number_reads_back(
    row: Series, sequence: int, fields: NumberFields, insertion: int
) -> None:
    insertion = insertion if row.insertion else 0
    number = rendered(row, sequence, fields, insertion)
    if number is None:
        return
    parsed = row.parse(number)
    assert parsed == told(row, sequence, fields, insertion)
    assert row.render(parsed.sequence, parsed.fields(), parsed.insertion) == number


@given(any_series(), sequences, number_fields, inserted)
def test_what_can_be_counted_can_be_rendered(
    row: Series, sequence: int, fields: NumberFields, insertion: int
) -> None:
    insertion = insertion if row.insertion else 0
    try:
        counter = row.counter(fields)
    except InvalidNumber:
        assert rendered(row, sequence, fields, insertion) is None
        return
    number = row.render(sequence, fields, insertion)
    if not row.repeats:
        assert row.counter(row.parse(number).fields()) == counter


@st.composite
def neighbours(draw: st.DrawFn, one: NumberFields) -> NumberFields:
    """Fields that differ in little, as those that could collide do."""
    other = draw(number_fields)
    kept = draw(st.sets(st.sampled_from([field.name for field in attrs.fields(NumberFields)])))
    return attrs.evolve(other, **{name: getattr(one, name) for name in kept})


@given(any_series(repeats=False), number_fields, st.data())
def test_two_places_never_give_one_number(
    row: Series, one: NumberFields, data: st.DataObject
) -> None:
    few = st.tuples(st.integers(1, 12), st.integers(0, 2) if row.insertion else st.just(0))
    (first, first_after), (second, second_after) = data.draw(few), data.draw(few)
    other = data.draw(neighbours(one))
    numbers = rendered(row, first, one, first_after), rendered(row, second, other, second_after)
    if None in numbers or numbers[0] != numbers[1]:
        return
    assert (first, first_after) == (second, second_after)
    assert row.counter(one) == row.counter(other)
    assert told(row, first, one, first_after) == told(row, second, other, second_after)


@given(any_series(), sequences, number_fields, inserted, st.data())
def test_an_edited_number_is_refused_or_is_another_number(
    row: Series, sequence: int, fields: NumberFields, insertion: int, data: st.DataObject
) -> None:
    number = rendered(row, sequence, fields, insertion if row.insertion else 0)
    if number is None:
        return
    place = data.draw(st.integers(0, len(number)))
    removed = data.draw(st.integers(0, 1))
    put = data.draw(st.sampled_from(["", *NASTY, "é", "\u0661"]))
    edited = number[:place] + put + number[place + removed :]
    try:
        parsed = row.parse(edited)
    except InvalidNumber:
        assert edited != number
    else:
        assert row.render(parsed.sequence, parsed.fields(), parsed.insertion) == edited


@given(any_series(), sequences, number_fields, inserted)
def test_no_number_may_have_a_zero_or_a_blank_too_many(
    row: Series, sequence: int, fields: NumberFields, insertion: int
) -> None:
    number = rendered(row, sequence, fields, insertion if row.insertion else 0)
    if number is None:
        return
    for place in range(len(number) + 1):
        for put in "0 ":
            edited = number[:place] + put + number[place:]
            try:
                parsed = row.parse(edited)
            except InvalidNumber:
                continue
            assert row.render(parsed.sequence, parsed.fields(), parsed.insertion) == edited


@given(any_series(), st.text() | st.text(NASTY, max_size=30) | st.text("1A./", max_size=3000))
def test_any_text_is_read_or_refused(row: Series, text: str) -> None:
    try:
        parsed = row.parse(text)
    except InvalidNumber:
        return
    assert row.render(parsed.sequence, parsed.fields(), parsed.insertion) == text


@pytest.mark.parametrize("text", ["1" * 10**6, "A-" * 10**6, "./" * 10**6, "1.A" * 10**6])
def test_a_huge_text_is_refused_at_once(text: str) -> None:
    row = Series(
        code="surat",
        pattern="{kode}-{unit}-{nomor}/{x.a}/{bulan:romawi}/{tahun}",
        kinds={"ND": "{kode:angka}/{nomor}/{unit} TAHUN {tahun}"},
        insertion="-A",
    )
    with pytest.raises(InvalidNumber) as refused:
        row.parse(text)
    assert len(refused.value.message) < 400


@given(any_series())
def test_a_definition_survives_storage(row: Series) -> None:
    definition = row.definition()
    stored = json.dumps(definition)
    again = Series.from_definition(json.loads(stored))
    assert again == row
    assert hash(again) == hash(row)
    assert json.dumps(again.definition()) == stored
    assert pickle.loads(pickle.dumps(row)) == row
    assert attrs.evolve(row, start=row.start) == row
    # The register signs definitions as events.
    event = Event(kind="series.defined", at=NOON, subject=row.code, data=definition)
    assert Series.from_definition(Event.parse(event.canonical_bytes()).data) == row


@given(any_series(), st.permutations(KINDS))
def test_the_order_of_kinds_makes_no_other_definition(row: Series, order: list[str]) -> None:
    shuffled = {kind: row.kinds[kind] for kind in order if kind in row.kinds}
    again = attrs.evolve(row, kinds=shuffled)
    assert again == row
    assert again.definition() == row.definition()


@given(any_series(), st.lists(sequences, min_size=1, max_size=8), number_fields)
def test_a_form_gives_the_numbers_of_its_series(
    row: Series, some: list[int], fields: NumberFields
) -> None:
    try:
        wanted = [row.render(sequence, fields) for sequence in some]
    except InvalidNumber:
        with pytest.raises(InvalidNumber):
            Form.of(row, fields)
        return
    form = Form.of(row, fields)
    assert form is not None
    assert [form.number(sequence) for sequence in some] == wanted
