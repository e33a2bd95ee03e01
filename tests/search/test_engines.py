"""One contract for all search engines: they find the letters that the oracle says."""

from __future__ import annotations

import datetime
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from search_register import (
    CASES,
    POLICIES,
    QUERIES,
    Case,
    Policy,
    matches,
    may_see,
    register,
)

from sipadek.engines import open_index
from sipadek.errors import IndexDamaged, InvalidInput
from sipadek.search import (
    ANALYSIS,
    EVERYTHING,
    AccessPolicy,
    Field,
    Mark,
    Query,
    Range,
    Restriction,
    SearchIndex,
    Sort,
    parse_query,
)
from sipadek.sql import following, letter_index

ENGINES = ("fts5", "tantivy", "whoosh")
Answer = tuple[int, list[tuple[int, float]]]
Search = Callable[..., Answer]


def told(index: SearchIndex, connection: sqlite3.Connection, upto: int = 1) -> None:
    """Tell the index all that is in the register, issued or not."""
    rows = connection.execute("SELECT position, state FROM sipadek_entry").fetchall()
    issued = [position for position, state in rows if state == "issued"]
    gone = {position for position, state in rows if state != "issued"}
    with index.writing() as writer:
        assert writer is not None
        letters = following.documents(connection, issued)
        writer.apply(letters, gone, Mark(upto=upto, analysis=ANALYSIS.version))


@contextmanager
def searching(engine: str, cases: list[Case], folder: Path) -> Iterator[Search]:
    connection = register(cases)
    try:
        if engine == "fts5":
            yield lambda query, policy, **how: letter_index.search(connection, query, policy, **how)
        else:
            index = open_index(engine, folder)
            with index.writing() as writer:
                assert writer is not None
                writer.clear()
            told(index, connection)
            yield index.search
    finally:
        connection.close()


@pytest.fixture(params=ENGINES)
def begin(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[list[Case]], AbstractContextManager[Search]]:
    return lambda cases: searching(request.param, cases, tmp_path / "index")


Begin = Callable[[list[Case]], AbstractContextManager[Search]]
ASKED = st.lists(st.tuples(QUERIES, POLICIES), min_size=4, max_size=8)
shared = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])


@shared
@given(st.lists(CASES, max_size=12), ASKED)
def test_every_engine_finds_what_the_oracle_says(
    begin: Begin, cases: list[Case], asked: list[tuple[Query, AccessPolicy]]
) -> None:
    with begin(cases) as search:
        for query, policy in asked:
            expected = {
                position
                for position, case in enumerate(cases, start=1)
                if may_see(case, policy) and matches(case, query)
            }
            total, hits = search(query, policy, limit=100)
            assert total == len(hits)
            assert {position for position, _ in hits} == expected
            scores = [score for _, score in hits]
            assert scores == sorted(scores, reverse=True)
            assert min(scores, default=0) >= 0


@shared
@given(st.lists(CASES, max_size=12), QUERIES, st.integers(1, 5))
def test_pages_join_to_the_whole_in_every_order(
    begin: Begin, cases: list[Case], query: Query, limit: int
) -> None:
    with begin(cases) as search:
        for sort in Sort:
            total, whole = search(query, EVERYTHING, limit=100, sort=sort)
            pages: list[tuple[int, float]] = []
            for offset in range(0, total + limit, limit):
                count, hits = search(query, EVERYTHING, limit=limit, offset=offset, sort=sort)
                assert count == total
                assert len(hits) <= limit
                pages += hits
            assert pages == whole
            positions = [position for position, _ in whole]
            if sort is not Sort.RELEVANCE:
                assert positions == sorted(positions, reverse=sort is Sort.NEWEST)
                assert {score for _, score in whole} <= {0.0}
        assert search(query, EVERYTHING, limit=0) == (total, [])
        assert search(query, EVERYTHING, limit=1, offset=2**31 - 1) == (total, [])


def test_the_subject_weighs_more_and_of_equals_the_newest_is_first(begin: Begin) -> None:
    body = Case(pages=("izin usaha",))
    cases = [body, Case(subject="izin usaha"), *[body] * 30, Case(subject="lain")]
    with begin(cases) as search:
        total, hits = search(parse_query("izin"), EVERYTHING, limit=100)
        assert total == 32
        assert [position for position, _ in hits] == [2, *range(32, 2, -1), 1]
        assert hits[0][1] > hits[1][1]
        _, page = search(parse_query("izin"), EVERYTHING, limit=3, offset=2)
        assert page == hits[2:5]
        # What does not rank: conditions, and words that must not occur.
        for query in ("tahun:2026", "BUKAN lain", "us?ha"):
            _, hits = search(parse_query(query), EVERYTHING, limit=100)
            assert [score for _, score in hits] == [0.0] * len(hits), query
            assert hits[0][0] > hits[1][0]


def test_no_text_of_a_query_is_syntax(begin: Begin) -> None:
    cases = [Case(unit='x" OR "1', kind="a\\.*"), Case(unit="KEL-LEGOK", kind="undangan")]
    with begin(cases) as search:
        for field, value, wanted in (
            (Field.UNIT, 'X" OR "1', [1]),
            (Field.UNIT, "*", []),
            (Field.UNIT, "unit:KEL-LEGOK", []),
            (Field.KIND, "a\\.*", [1]),
            (Field.KIND, ".*", []),
        ):
            _, hits = search(Restriction(field=field, value=value), EVERYTHING, limit=5)
            assert [position for position, _ in hits] == wanted


def test_years_and_numbers_beyond_all_letters(begin: Begin) -> None:
    with begin(
        [Case(date=datetime.date(1, 1, 1)), Case(date=datetime.date(9999, 12, 31))]
    ) as search:
        for low, high, wanted in (
            (-5, 0, 0),
            (0, 1, 1),
            (9999, 10**15, 1),
            (10_000, 10**9, 0),
            (2, 9998, 0),
            (None, 10**15, 2),
        ):
            year = Range(field=Field.YEAR, low=low, high=high)
            assert search(year, EVERYTHING, limit=5)[0] == wanted, (low, high)
        for low, wanted in ((-(2**40), 2), (2**40, 0)):
            number = Range(field=Field.NUMBER, low=low)
            assert search(number, EVERYTHING, limit=5)[0] == wanted


def test_a_policy_asks_every_engine_for_no_words(begin: Begin) -> None:
    with begin([Case(subject="surat")]) as search, pytest.raises(InvalidInput, match="words"):
        search(parse_query("surat"), Policy(parse_query("surat")), limit=1)


# --- what lies beside the register ----------------------------------------------------------------


@pytest.fixture(params=ENGINES[1:])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> SearchIndex:
    return open_index(request.param, tmp_path / "index")


def found(index: SearchIndex, text: str) -> list[int]:
    return sorted(
        position for position, _ in index.search(parse_query(text), EVERYTHING, limit=99)[1]
    )


def test_a_letter_is_replaced_removed_and_put_again(index: SearchIndex, tmp_path: Path) -> None:
    assert index.mark() is None
    with pytest.raises(IndexDamaged):
        found(index, "surat")
    connection = register([Case(subject="surat satu"), Case(subject="surat dua", state="void")])
    for upto in (1, 2):
        told(index, connection, upto)
        assert found(index, "surat") == [1]
        assert index.mark() == Mark(upto=upto, analysis=ANALYSIS.version)
    states = (("issued", [1, 2]), ("void", [1]), ("issued", [1, 2]))
    for upto, (state, wanted) in enumerate(states, start=3):
        connection.execute("UPDATE sipadek_entry SET state = ? WHERE position = 2", (state,))
        told(index, connection, upto)
        assert found(index, "surat") == wanted
    again = open_index(type(index).__name__.removesuffix("Index").lower(), tmp_path / "index")
    assert found(again, "dua") == [2]
    with again.writing() as writer:
        assert writer is not None
        writer.clear()
    assert index.mark() is None
    connection.close()


def test_there_is_one_writer(index: SearchIndex) -> None:
    with index.writing() as first, index.writing(wait=False) as second:
        assert first is not None
        assert second is None
    with index.writing(wait=False) as third:
        assert third is not None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_nobody_else_reads_an_index(index: SearchIndex, tmp_path: Path) -> None:
    with register([Case(subject="rahasia")]) as connection:
        told(index, connection)
    assert (tmp_path / "index").stat().st_mode & 0o777 == 0o700
    connection.close()


@pytest.mark.parametrize("harm", [b"", b"\0" * 64, b"{}"])
def test_whatever_happens_to_its_files_is_damage(
    index: SearchIndex, tmp_path: Path, harm: bytes
) -> None:
    connection = register([Case(subject="surat")] * 3)
    told(index, connection)
    engine = type(index).__name__.removesuffix("Index").lower()
    for path in (tmp_path / "index").glob("data-*/*"):
        path.write_bytes(harm)
    with pytest.raises(IndexDamaged):
        found(open_index(engine, tmp_path / "index"), "surat")
    (tmp_path / "index" / "mark.json").write_bytes(harm)
    assert open_index(engine, tmp_path / "index").mark() is None
    again = open_index(engine, tmp_path / "index")
    told(again, connection)
    assert found(again, "surat") == [1, 2, 3]
    assert len(list((tmp_path / "index").glob("data-*"))) == 1
    connection.close()


def test_an_engine_that_is_not_there() -> None:
    with pytest.raises(InvalidInput, match="tantivy, whoosh"):
        open_index("lucene", "nowhere")
    assert not Path("nowhere").exists()
