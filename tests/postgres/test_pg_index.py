"""The search index on PostgreSQL keeps the contract of all engines."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

sys.path.append(str(Path(__file__).parent.parent / "search"))

from search_register import Case, register
from test_engines import (  # noqa: F401 - the contract
    test_a_policy_asks_every_engine_for_no_words,
    test_every_engine_finds_what_the_oracle_says,
    test_no_text_of_a_query_is_syntax,
    test_pages_join_to_the_whole_in_every_order,
    test_the_subject_weighs_more_and_of_equals_the_newest_is_first,
    test_years_and_numbers_beyond_all_letters,
)

from sipadek.errors import InvalidInput
from sipadek.postgres import letter_index
from sipadek.search import EVERYTHING, Phrase, Word, parse_query
from sipadek.sql import following

SCHEMA = f"sipadek_index_{os.getpid()}"


@pytest.fixture(scope="module")
def connection(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with contextlib.closing(psycopg.connect(dsn)) as made:
        made.execute(f"CREATE SCHEMA {SCHEMA}")
        letter_index.create(made, schema=SCHEMA)
        made.commit()
        yield made
        made.rollback()
        made.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        made.commit()


def fill(connection: psycopg.Connection[Any], cases: list[Case]) -> None:
    with contextlib.closing(register(cases)) as source:
        issued = [at for at, case in enumerate(cases, start=1) if case.state == "issued"]
        letters = following.documents(source, issued)
    letter_index.put(connection, letters, schema=SCHEMA)


@pytest.fixture
def begin(connection: psycopg.Connection[Any]) -> Callable[[list[Case]], Any]:
    @contextlib.contextmanager
    def searching(cases: list[Case]) -> Iterator[Any]:
        fill(connection, cases)
        yield lambda query, policy, **how: letter_index.search(
            connection, query, policy, schema=SCHEMA, **how
        )
        connection.rollback()

    return searching


def total(connection: psycopg.Connection[Any], query: Any) -> int:
    return letter_index.search(connection, query, EVERYTHING, limit=1, schema=SCHEMA)[0]


def test_the_index_follows_the_hosts_transaction(connection: psycopg.Connection[Any]) -> None:
    query = parse_query("surat")
    fill(connection, [Case(subject="surat"), Case(subject="surat")])
    fill(connection, [Case(subject="nota")])
    assert total(connection, query) == 1
    assert total(connection, parse_query("nota")) == 1
    letter_index.remove(connection, [2, 7], schema=SCHEMA)
    assert total(connection, query) == 0
    connection.rollback()
    assert total(connection, parse_query("nota")) == 0


def test_very_long_texts_are_found_by_their_words(connection: psycopg.Connection[Any]) -> None:
    long = " ".join(str(10**6 + n) for n in range(20_000))
    fill(connection, [Case(pages=("awal sekali " + long, "surat " * 300 + "akhir"))])
    assert total(connection, Word(stems=("1019999",), exact=("1019999",))) == 1
    asked = [(("awal", "sekali"), 1), (("1019998", "1019999"), 0), (("1016379", "x"), 0)]
    for exact, wanted in asked:
        assert total(connection, Phrase(exact=exact)) == wanted
    connection.rollback()
    fill(connection, [Case(pages=(" ".join(str(10**6 + n) for n in range(120_000)),))])
    assert total(connection, Phrase(exact=("1000001", "1000002"))) == 1
    connection.rollback()


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"limit": 1, "offset": -1}, {"limit": 2**31}])
def test_pages_that_cannot_be(connection: psycopg.Connection[Any], wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        letter_index.search(connection, parse_query("a"), EVERYTHING, schema=SCHEMA, **wrong)
