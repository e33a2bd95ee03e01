"""The pieces around a sequence: certain, or not used."""

from __future__ import annotations

import datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgres_office import PostgresOffice, reserve
from sql_office import NOW
from test_numbers import ask

from sipadek.errors import InvalidNumber
from sipadek.numbering import MAX_SEQUENCE, NumberFields, Series
from sipadek.postgres import single

digits = st.text("0129", min_size=1, max_size=20)
fields = st.builds(
    lambda unit, code: NumberFields(
        date=datetime.date(2026, 11, 3), unit=unit, classification=code
    ),
    digits,
    digits,
)


@given(
    fields=fields,
    width=st.sampled_from(["", *(f":{n}" for n in range(2, 10))]),
    around=st.tuples(
        st.sampled_from(["", "{kode}/", "1.", "{{"]), st.sampled_from(["", "-{unit}"])
    ),
    sequence=st.integers(1, MAX_SEQUENCE) | st.integers(1, 12) | st.sampled_from([9999, 10_000]),
)
def test_the_form_gives_every_number(
    fields: NumberFields, width: str, around: tuple[str, str], sequence: int
) -> None:
    before, after = around
    series = Series(code="a", pattern=f"{before}{{nomor{width}}}{after}", restart="never")
    form = single.Form.of(series, fields)
    assert form is not None
    assert form.number(sequence) == series.render(sequence, fields)


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("1111111111", "22222222222", 1),
        ("a1111111111", "b2222222222", 1),
        ("1111111111-1", "2222222222-2", 1),
        ("1111111111", "2222222222", 2),
        ("111111111", "222222222", 1),
        ("11111111111111111111", "22222222222222222222", 1),
    ],
)
def test_what_differs_otherwise_is_not_told(first: str, second: str, count: int) -> None:
    assert single.pieces(first, second, count) is None


def test_pieces_next_to_each_other() -> None:
    assert single.pieces("a" + "1" * 20 + "b", "a" + "2" * 20 + "b", 2) == ["a", "", "b"]


def test_a_width_is_the_least(office: PostgresOffice) -> None:
    office.define(Series(code="agenda", pattern="{nomor:3}/{unit}/{tahun}", start=998))
    numbers = [reserve(office.register, ask(f"k{n}"))[0].number for n in range(4)]
    assert numbers == ["998/A/2026", "999/A/2026", "1000/A/2026", "1001/A/2026"]
    assert office.findings() == []


def test_the_longer_way_gives_the_same(
    office: PostgresOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.define(Series(code="agenda", pattern="{nomor:3}/{unit}/{tahun}"))
    (short,) = reserve(office.register, ask("a", actor="S"))
    monkeypatch.setattr(single.Form, "of", lambda *_: None)
    (longer,) = reserve(office.register, ask("b", actor="S"))
    same = attrs.evolve(short, id=longer.id, key="b", number="002/A/2026", sequence=2)
    assert longer == same
    assert reserve(office.register, ask("a", actor="S")) == [short]
    assert office.findings() == []


def test_the_last_number_is_the_last(office: PostgresOffice) -> None:
    office.define(Series(code="agenda", pattern="{nomor}/{tahun}", start=MAX_SEQUENCE))
    (last,) = reserve(office.register, ask("a"))
    assert last.sequence == MAX_SEQUENCE
    for keys in (["b"], ["c", "d"]):
        outcomes = office.register.reserve([ask(key) for key in keys], at=NOW)
        assert all(isinstance(one, InvalidNumber) for one in outcomes)
    assert office.findings() == []
