"""Who numbers: the table, its order, and what is refused when it is read."""

from __future__ import annotations

import json
import pickle
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput, NotFound
from sipadek.numbering import MAX_RULES, Choice, Rule, Rules

# The secretariat numbers what the mayor, the deputy, the secretary and the assistants sign; each
# office numbers what its own head signs.
CITY = """
[[rules]]
post = ["walikota", "wakil-walikota", "sekda"]
kind = ["keputusan", "peraturan"]
series = "produk-hukum"
numbered_by = "BAG-HUKUM"

[[rules]]
post = ["walikota", "wakil-walikota", "sekda", "asisten-1", "asisten-2", "asisten-3"]
series = "setda"
numbered_by = "SETDA"

[[rules]]
kind = "nota-dinas"
unit = "*"
series = "nota-dinas"

[[rules]]
series = "perangkat-daerah"
"""
RULES = Rules.from_definition(tomllib.loads(CITY)["rules"])


@pytest.mark.parametrize(
    ("post", "unit", "kind", "choice"),
    [
        ("walikota", "DISDIK", "keputusan", Choice("produk-hukum", "BAG-HUKUM", 0)),
        ("walikota", "DISDIK", "surat-dinas", Choice("setda", "SETDA", 1)),
        ("asisten-2", "", "keputusan", Choice("setda", "SETDA", 1)),
        ("sekda", "SETDA", "nota-dinas", Choice("setda", "SETDA", 1)),
        ("kepala-dinas", "DISDIK", "nota-dinas", Choice("nota-dinas", "DISDIK", 2)),
        ("kepala-dinas", "DISDIK", "surat-dinas", Choice("perangkat-daerah", "DISDIK", 3)),
        ("lurah", "KEL-LEGOK", "", Choice("perangkat-daerah", "KEL-LEGOK", 3)),
    ],
)
def test_the_signer_decides_who_numbers(post: str, unit: str, kind: str, choice: Choice) -> None:
    assert RULES.choose(post=post, unit=unit, kind=kind) == choice


def test_no_rule_is_an_error_that_says_what_came() -> None:
    rules = Rules.from_definition([{"unit": "DISDIK", "series": "disdik"}])
    with pytest.raises(NotFound) as refused:
        rules.choose(post="lurah", unit="KEL-LEGOK", kind="ND")
    for shown in ("'lurah'", "'KEL-LEGOK'", "'ND'"):
        assert shown in refused.value.message
    with pytest.raises(NotFound):
        Rules(()).choose()


ROW = {"series": "s"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([ROW, ROW], "rule 2 can never match, because rule 1"),
        ([{"post": "a"} | ROW, ROW, {"post": "*", "unit": "u"} | ROW], "rule 3 .* rule 2"),
        ([{"post": ["a", "b"]} | ROW, {"post": "b", "kind": "k"} | ROW], "rule 2 .* rule 1"),
        ([{"post": ["b", "a"]} | ROW, {"post": ["a", "b"]} | ROW], "rule 2 .* rule 1"),
        ([ROW | {"posts": "a"}], "rule 1 has the unknown key 'posts'; the keys are post, unit"),
        ([{"post": "a"} | ROW, ROW | {1: "a"}], "rule 2 has the unknown key 1"),
        ([{"post": "a"}], "rule 1 names no series"),
        ([{"series": "A b"}], "rule 1: series code 'A b'"),
        ([ROW | {"numbered_by": "KÉL"}], "rule 1: numbered_by 'KÉL'"),
        ([ROW | {"numbered_by": None}], "rule 1: numbered_by None"),
        ([ROW | {"post": []}], "rule 1: post"),
        ([ROW | {"unit": ""}], "rule 1: unit"),
        ([ROW | {"unit": None}], "rule 1: unit"),
        ([ROW | {"kind": ["a", "*"]}], "rule 1: kind has '\\*'"),
        ([ROW | {"kind": ["a", "a"]}], "rule 1: kind has 'a': it is there twice"),
        ([ROW | {"kind": [" a"]}], "rule 1: kind has ' a'"),
        ([ROW | {"kind": [["a"]]}], "rule 1: kind has"),
        (["s"], "rule 1 is a str"),
        (ROW, "are a dict"),
        ([ROW | {"post": f"p{n}"} for n in range(MAX_RULES + 1)], "at most"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place(rows: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Rules.from_definition(rows)


def test_rules_that_only_overlap_are_accepted() -> None:
    Rules.from_definition(
        [{"post": "a"} | ROW, {"post": ["a", "b"]} | ROW, {"unit": "u"} | ROW, ROW]
    )


names = st.sampled_from(["a", "b", "c"])
matched = st.none() | st.just("*") | names | st.lists(names, min_size=1, unique=True)
rows = st.fixed_dictionaries(
    {"series": names}, optional={"numbered_by": st.sampled_from(["", "U"])}
).flatmap(
    lambda row: st.fixed_dictionaries({"post": matched, "unit": matched, "kind": matched}).map(
        lambda more: row | {name: value for name, value in more.items() if value is not None}
    )
)


def asked(row: dict[str, Any], **letter: str) -> bool:
    return all(row.get(name, "*") == "*" or value in row[name] for name, value in letter.items())


@given(st.lists(rows, max_size=5), names, names, names)
def test_the_first_match_wins(table: list[dict[str, Any]], post: str, unit: str, kind: str) -> None:
    try:
        rules = Rules.from_definition(table)
    except InvalidInput as refused:
        # A rule is refused only if it would never have been chosen.
        assert "can never match" in refused.message  # noqa: PT017
        place, earlier = refused.fields["rule"], refused.fields["earlier"]
        letter = {"post": post, "unit": unit, "kind": kind}
        assert not asked(table[place], **letter) or asked(table[earlier], **letter)
        return
    found = [n for n, row in enumerate(table) if asked(row, post=post, unit=unit, kind=kind)]
    if not found:
        with pytest.raises(NotFound):
            rules.choose(post=post, unit=unit, kind=kind)
        return
    row = table[found[0]]
    expected = Choice(row["series"], row.get("numbered_by") or unit, found[0])
    assert rules.choose(post=post, unit=unit, kind=kind) == expected
    again = Rules.from_definition(json.loads(json.dumps(rules.definition())))
    assert again == rules
    assert hash(again) == hash(rules)
    assert again.definition() == rules.definition()
    assert pickle.loads(pickle.dumps(rules)) == rules


def test_the_table_is_plain_data() -> None:
    assert RULES.definition()[2:] == [
        {"kind": ["nota-dinas"], "series": "nota-dinas"},
        {"series": "perangkat-daerah"},
    ]
    assert Rules([Rule(series="s", post="a")]).definition() == [{"post": ["a"], "series": "s"}]
