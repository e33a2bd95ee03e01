"""Putting other texts in the place of pages keeps the index in step with the kept texts."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st
from search_register import Case, found, register

from sipadek.search import parse_query
from sipadek.sql import index_checking, letter_index

WORDS = ["", "satu dua", "surat-\nsurat", "tiga", "halaman\fbaru", "a\x1cb"]
PAGES = st.lists(st.sampled_from(WORDS), max_size=4)
CHANGES = st.dictionaries(st.integers(0, 3), st.sampled_from([*WORDS, "lima"]), min_size=1)


@given(st.lists(PAGES, min_size=1, max_size=3), st.lists(CHANGES, max_size=4), st.booleans())
def test_the_index_stays_in_step(
    letters: list[list[str]], changes: list[dict[int, str]], stale: bool
) -> None:
    with contextlib.closing(
        register([Case(pages=tuple(pages)) for pages in letters])
    ) as connection:
        if stale:
            connection.execute("UPDATE sipadek_letter_index_analysis SET version = '0'")
        for turn, change in enumerate(changes):
            position = turn % len(letters) + 1
            before = letter_index.texts(connection, [position])[position]
            letter_index.change_pages(connection, position, change)
            after = letter_index.texts(connection, [position])[position]
            for page, text in change.items():
                kept = text.replace("\f", "\n").replace("\x1c", "\n")
                assert "".join(after[page : page + 1]) == kept
            untouched = set(range(len(before))) - change.keys()
            assert all(after[page] == before[page] for page in untouched if len(after) > 0)
        assert index_checking.check(connection) == [] or (stale and not changes)


@given(PAGES, st.text(max_size=20))
def test_what_a_document_says_of_itself_is_kept_beside_its_pages(
    pages: list[str], about: str
) -> None:
    case = Case(pages=tuple(pages), about=f"{about} judul")
    with contextlib.closing(register([case])) as connection:
        kept, told = letter_index.kept(connection, [1])[1]
        assert kept == letter_index.texts(connection, [1])[1]
        assert told.endswith(" judul")
        assert found(connection, parse_query("judul")) == [1]
        letter_index.change_pages(connection, 1, {0: "lima"})
        assert letter_index.kept(connection, [1])[1] == (("lima", *kept[1:]), told)
        assert index_checking.check(connection) == []
