from __future__ import annotations

import functools

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_register import POLICIES, Case, add, may_see, register

from sipadek.search import ANALYSIS, AccessPolicy, Viewer, understand
from sipadek.search.spelling import distance, edits, is_spelt, near
from sipadek.sql.correcting import corrected

WORDS = st.text("abce", min_size=1, max_size=10)


@functools.cache
def _least(a: str, b: str) -> int:
    """The distance by its definition."""
    if not a or not b:
        return len(a) + len(b)
    ways = [_least(a[1:], b) + 1, _least(a, b[1:]) + 1, _least(a[1:], b[1:]) + (a[0] != b[0])]
    if len(a) > 1 and len(b) > 1 and a[:2] == b[1::-1]:
        ways.append(_least(a[2:], b[2:]) + 1)
    return min(ways)


@given(WORDS, WORDS)
def test_the_distance_is_that_of_its_definition(a: str, b: str) -> None:
    assert distance(a, b) == min(3, _least(a, b))
    assert (b in set(edits(a))) == (distance(a, b) == 1 or (a == b and len(a) > 0))


@pytest.mark.parametrize(
    ("word", "other", "far"),
    [
        ("domisli", "domisili", 1),
        ("dimosili", "domisili", 0),  # Two mistakes, not behind the first four letters.
        ("domsiili", "domisili", 1),
        ("domisliii", "domisili", 2),
        ("suart", "surat", 1),
        ("srat", "surat", 1),
        ("sura", "surat", 1),
        ("suraat", "surat", 1),
        ("surat", "surat", 0),
        ("rat", "rata", 0),  # Too short to be misspelt.
        ("rata", "rat", 0),
        ("0042", "0043", 0),  # A number is what it is.
        ("rt05", "rt06", 0),
    ],
)
def test_what_is_near(word: str, other: str, far: int) -> None:
    assert near(word, other) == far


# --- what was meant -------------------------------------------------------------------------------

VOCABULARY = st.sampled_from(
    [
        "domisili",
        "domisile",
        "damisili",
        "keterangan",
        "menerangkan",
        "ketarangan",
        "penerangan",
        "surat",
        "surut",
        "suratnya",
        "sural",
        "legok",
        "lego",
        "kelurahan",
        "0042",
        "kependudukan",
        "kependidikan",
    ]
)
TYPED = VOCABULARY.flatmap(lambda word: st.sampled_from(sorted({word, *edits(word)}))) | VOCABULARY
LETTERS = st.builds(
    Case,
    number=st.just("1"),
    subject=st.lists(VOCABULARY, max_size=4).map(" ".join),
    unit=st.sampled_from(["KEL-LEGOK", "SETDA"]),
    secrecy_rank=st.integers(0, 3),
)


def meant(cases: list[Case], text: str, viewer: AccessPolicy) -> str:
    """The oracle: ``corrected`` in words, on what the viewer may see."""
    seen = [ANALYSIS.index_tokens(case.subject) for case in cases if may_see(case, viewer)]
    words = text.split()
    for number, word in enumerate(words):
        (stem,) = ANALYSIS.index_tokens(word).stems
        if not is_spelt(word) or any(stem in tokens.stems for tokens in seen):
            continue
        known: dict[str, int] = {}
        for tokens in seen:
            for other in set(tokens.exact):
                known[other] = known.get(other, 0) + 1
        ways = [
            (near(word, other), -count, other)
            for other, count in known.items()
            if near(word, other)
        ]
        if not ways:
            return ""
        words[number] = min(ways)[2]
    return "" if words == text.split() else " ".join(words)


@settings(max_examples=150)
@given(
    st.lists(LETTERS, max_size=5),
    st.lists(TYPED, min_size=1, max_size=3).map(" ".join),
    POLICIES,
    LETTERS,
)
def test_what_was_meant_is_known_from_what_may_be_seen(
    cases: list[Case], text: str, viewer: AccessPolicy, hidden: Case
) -> None:
    connection = register(cases)
    expected = meant(cases, text, viewer)
    assert corrected(connection, understand(text), viewer) == expected
    # A hidden letter changes nothing of it.
    if may_see(hidden, viewer):
        hidden = attrs.evolve(hidden, state="reserved")
    add(connection, [(100, hidden)])
    assert corrected(connection, understand(text), viewer) == expected
    connection.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("domisli", "domisili"),
        ("(domisli, Legk) tahun:2026", "(domisili, legok) tahun:2026"),
        ("perihal:domisli", "perihal:domisili"),
        ("kepada:domisli", ""),  # No recipient has such a word.
        ("legok BUKAN domisli", ""),  # What is denied need not be known.
        ("domisli BUKAN (legk)", "domisili BUKAN (legk)"),
        ('"domisli"', ""),
        ("domis*l", ""),
        ("xyzzy", ""),
        ("xyzzy domisli", ""),
        ("domisli domisl legk legoks", ""),  # Too many to know what was meant.
    ],
)
def test_the_text_of_the_query_is_mended(text: str, expected: str) -> None:
    connection = register([Case(subject="Domisili di Legok")])
    assert corrected(connection, understand(text), Viewer()) == expected
    connection.close()


def test_a_word_that_only_a_hidden_letter_has_is_not_told() -> None:
    """Its stem stands in a letter that may be seen; the word itself does not."""
    connection = register([Case(subject="terang"), Case(subject="menerangkan", secrecy_rank=3)])
    assert corrected(connection, understand("menerankan"), Viewer(clearance="B")) == ""
    assert corrected(connection, understand("menerankan"), Viewer()) == "menerangkan"
    connection.close()
