"""Where few letters hold all words of a query, those that hold some of them are found, too."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_register import CASES, POLICIES, WORDS, Case, found, matches, may_see, register

from sipadek.search import AccessPolicy, And, Synonyms, Word, understand, wanted

NO_SYNONYMS = Synonyms.parse("", name="none")


@given(
    st.lists(CASES, max_size=8),
    st.lists(WORDS, min_size=2, max_size=4),
    st.sampled_from(["", " tahun:2026", " BUKAN usaha", ' "surat keterangan"', " perihal:surat"]),
    POLICIES,
)
def test_some_words_but_not_all(
    cases: list[Case], words: list[str], more: str, viewer: AccessPolicy
) -> None:
    text = " ".join(word.lower() for word in words) + more
    asked = understand(text, synonyms=NO_SYNONYMS)
    assert asked.looser is not None
    plain = [leaf for leaf in wanted(asked.query) if isinstance(leaf, Word) and not leaf.field]
    assert isinstance(asked.query, And)
    rest = [part for part in asked.query.parts if part not in plain]
    with contextlib.closing(register(cases)) as connection:
        some = set(found(connection, asked.looser, viewer))
        every = set(found(connection, asked.query, viewer))
        assert not some & every
        for position, case in enumerate(cases, start=1):
            seen = may_see(case, viewer) and case.state == "issued"
            held = [matches(case, word) for word in plain]
            wanted_too = seen and all(matches(case, part) for part in rest)
            assert (position in some) == (wanted_too and any(held) and not all(held))


@pytest.mark.parametrize(
    "text",
    [
        "domisili",
        "SKTM",
        "domisili DAN legok",
        "domisili ATAU legok",
        "(domisili legok) surat",
        '"domisili legok"',
        "perihal:domisili perihal:legok",
        "domisili tahun:2026",
        "domisili BUKAN legok",
        "domis* leg*",
    ],
)
def test_who_says_how_words_belong_together_means_it(text: str) -> None:
    assert understand(text).looser is None


@pytest.mark.parametrize("text", ["domisili legok", "surat keterangan tidak mampu", "SKTM legok"])
def test_words_side_by_side(text: str) -> None:
    assert understand(text).looser is not None
