from __future__ import annotations

import datetime
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from search_register import CASES, POLICIES, QUERIES, Case, found, may_see, register

from sipadek.naskah import code_order
from sipadek.search import AccessPolicy, Field, Query, Restriction, counted
from sipadek.sql import letter_index


@given(st.lists(CASES, max_size=8), QUERIES, POLICIES)
def test_each_count_is_what_narrowing_by_it_finds(
    cases: list[Case], query: Query, policy: AccessPolicy
) -> None:
    connection = register(cases)
    here = [cases[position - 1] for position in found(connection, query, policy)]
    facets = letter_index.facets(connection, query, policy)
    assert {one.value: one.count for one in facets[Field.UNIT]} == Counter(c.unit for c in here)
    assert {one.value: one.count for one in facets[Field.YEAR]} == Counter(
        str(c.year) for c in here
    )
    for one in facets[Field.CLASSIFICATION]:
        below = f"{one.value}."
        codes = [c.classification for c in here]
        assert one.count == sum(code == one.value or code.startswith(below) for code in codes)
    assert sum(one.count for one in facets[Field.SECRECY]) == len(here)
    assert all(may_see(case, policy) for case in here)
    connection.close()


def test_the_order_of_facets() -> None:
    letters = [
        ("A", "undangan", "400.10", 2025, 1),
        ("B", "undangan", "400.9.1", 2026, 0),
        ("B", "", "", 2026, 0),
    ]
    facets = counted(letters)
    told = {field: [(one.value, one.count) for one in counts] for field, counts in facets.items()}
    assert told == {
        Field.UNIT: [("B", 2), ("A", 1)],
        Field.KIND: [("undangan", 2)],
        Field.YEAR: [("2026", 2), ("2025", 1)],
        Field.CLASSIFICATION: [("400", 2), ("400.9", 1), ("400.9.1", 1), ("400.10", 1)],
        Field.SECRECY: [("B", 2), ("T", 1)],
    }


def test_codes_follow_their_numbers() -> None:
    codes = ["400.10", "400.9", "400", "KP.07.6", "5", "400.9.1", "KP.7"]
    ordered = ["KP.7", "KP.07.6", "5", "400", "400.9", "400.9.1", "400.10"]
    assert sorted(codes, key=code_order) == ordered


def test_facets_tell_nothing_of_hidden_letters() -> None:
    seen = Case(subject="surat", date=datetime.date(2026, 1, 1))
    hidden = Case(subject="surat", unit="SETDA", secrecy_rank=3)
    connection = register([seen, hidden])

    class OwnUnit:
        condition = Restriction(field=Field.UNIT, value="kel-legok")

    facets = letter_index.facets(connection, Restriction(field=Field.YEAR, value=2026), OwnUnit())
    assert [one.value for one in facets[Field.UNIT]] == ["KEL-LEGOK"]
    assert [one.value for one in facets[Field.SECRECY]] == ["B"]
    connection.close()
