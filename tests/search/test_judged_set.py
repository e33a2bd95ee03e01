"""The judged set of the benchmark search-quality, and its figures."""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from judged import RELATED, WANTED, Asked, Judged, judged
from search_ours import Ours
from search_quality import ndcg, recall

import correspondence

GRADES = st.dictionaries(
    st.integers(1, 200), st.sampled_from([WANTED, RELATED]), min_size=1
).filter(lambda grades: WANTED in grades.values())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "laws.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for number in range(1, 25):
            title = f"UJI COBA PERATURAN KE {number} TENTANG PENGELOLAAN KEBUN"
            text = f"NOMOR {number} TAHUN 1999 TENTANG {title}\n" + "Pasal ini berlaku. " * 200
            file.write(json.dumps({"id": f"pp/1999/{number}.md", "text": text}) + "\n")
    return path


@pytest.fixture(scope="module")
def made(corpus: Path) -> Judged:
    return judged(corpus, share=0.1)


def test_the_same_seed_makes_the_same_set(made: Judged, corpus: Path) -> None:
    assert judged(corpus, share=0.1) == made
    assert judged(corpus, share=0.1, seed=2) != made


def test_every_question_wants_a_letter_that_is_there(made: Judged) -> None:
    groups = Counter(one.group for one in made.asked)
    assert len(made.asked) >= 100
    assert min(groups.values()) >= 5
    assert {"law_title", "law_number", "number_whole", "misspelt"} <= set(groups)
    for one in made.asked:
        assert one.wanted, one
        assert set(one.grades) <= set(range(1, len(made.letters) + 1))
        assert "{" not in one.text


def test_the_first_letter_wanted_for_a_number_has_it(made: Judged) -> None:
    for one in made.asked:
        if one.group == "number_whole" and one.text.startswith("surat nomor "):
            (wanted,) = one.wanted
            assert made.letters[wanted - 1].number == one.text.removeprefix("surat nomor ")


def test_a_letter_has_every_fact_that_its_words_carry() -> None:
    for letter in correspondence.letters(share=0.1):
        for name in ("place", "person"):
            assert letter.facts[name] in f"{letter.subject}\n{letter.body}"
        assert f"{letter.facts['month']} {letter.facts['year']}" in letter.body
        assert "{" not in letter.body
        assert "<" not in letter.body


def test_the_register_gives_the_numbers_that_the_peers_index(made: Judged, tmp_path: Path) -> None:
    ours = Ours(tmp_path / "ours", "")
    ours.build(ours.reserve(list(made.letters[:300])))  # It refuses another number.
    assert ours.ranked(f'"{made.letters[7].number}"', limit=1) == [8]
    ours.close()


@settings(max_examples=40)
@given(GRADES)
def test_the_best_order_is_worth_one_and_none_is_worth_more(grades: dict[int, int]) -> None:
    one = Asked("", "", grades)
    best = sorted(grades, key=lambda at: (-grades[at], at))
    assert ndcg(best, one) == pytest.approx(1)
    assert recall(best, one) == 1
    assert 0 <= ndcg(best[::-1], one) <= 1 + 1e-9
    assert ndcg([], one) == recall([], one) == 0


@settings(max_examples=40)
@given(GRADES)
def test_a_letter_that_is_of_no_use_ahead_of_all_costs(grades: dict[int, int]) -> None:
    one = Asked("", "", grades)
    best = sorted(grades, key=lambda at: (-grades[at], at))
    assert ndcg([0, *best], one) < ndcg(best, one)
