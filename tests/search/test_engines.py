"""One contract for all search engines: the letters that the oracle says, however they came to be there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from search_register import CASES, POLICIES, QUERIES, Case, matches, may_see, register

from sipadek.engines import open_index
from sipadek.errors import IndexDamaged, InvalidInput
from sipadek.search import (
    ANALYSIS,
    EVERYTHING,
    AccessPolicy,
    Mark,
    Query,
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
            yield lambda query, policy, **how: letter_index.search(
                connection, query, policy, **how
            )
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
