from __future__ import annotations

import contextlib
import datetime
import itertools
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_register import (
    CASES,
    POLICIES,
    QUERIES,
    Case,
    Policy,
    add,
    found,
    matches,
    may_see,
    register,
)

from sipadek.archive.letter import Letter, LetterDetails, Secrecy, State
from sipadek.errors import InvalidInput, SearchError
from sipadek.search import (
    ANALYSIS,
    EVERYTHING,
    MAX_CHARACTERS,
    AccessPolicy,
    Not,
    Phrase,
    Query,
    Sort,
    Viewer,
    Word,
    parse_query,
    permits,
)
from sipadek.sql import index_checking, letter_index
from sipadek.sql.letter_index import LetterText

NUMBER = "400.12.2.1/0042/KEL-LEGOK/XI/2026"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = register()
    yield connection
    connection.close()


def codes(connection: sqlite3.Connection) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.position) for fault in index_checking.check(connection)]


# --- the result set -------------------------------------------------------------------------------


@given(st.lists(CASES, max_size=8), st.lists(QUERIES, min_size=1, max_size=4), POLICIES)
def test_the_search_finds_what_the_oracle_finds(
    cases: list[Case], queries: list[Query], viewer: AccessPolicy
) -> None:
    connection = register(cases)
    for query in queries:
        expected = {
            position
            for position, case in enumerate(cases, start=1)
            if may_see(case, viewer) and matches(case, query)
        }
        assert set(found(connection, query, viewer)) == expected
    connection.close()


CORPUS = [
    Case(number=NUMBER, subject="Keterangan domisili", pages=("Yang menerangkan", "di Legok")),
    Case(
        number="2/SETDA/2025",
        subject="Undangan rapat",
        unit="SETDA",
        date=datetime.date(2025, 2, 3),
        kind="undangan",
    ),
    Case(number="3/SETDA/2026", subject="Rapat domisili", unit="SETDA", classification="005"),
    Case(number="R/4/KEL-LEGOK", subject="Rahasia", pages=("rapat di legok",), secrecy_rank=2),
    Case(
        number="B/5",
        subject="Legok",
        pages=("undangan",),
        classification="400.12",
        sequence=5,
        sender="Camat Telanaipura",
        recipient="Kepala Dinas Sosial",
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rapat BUKAN undangan", {3, 4}),
        ("rapat BUKAN undangan BUKAN domisili", {4}),
        ("BUKAN rapat", {1, 5}),
        ("BUKAN rapat BUKAN keterangan", {5}),
        ("BUKAN rapat tahun:2026", {1, 5}),
        ("rapat ATAU tahun:2026", {1, 2, 3, 4, 5}),
        ("rapat (domisili ATAU tahun:2025)", {2, 3}),
        ("rapat ATAU BUKAN legok", {2, 3, 4}),
        ("BUKAN (rapat ATAU unit:SETDA)", {1, 5}),
        ("BUKAN (rapat BUKAN undangan)", {1, 2, 5}),
        ("kode:400", {1, 2, 4, 5}),
        ("kode:400.12.2", {1, 2, 4}),
        ("kode:400.1", set()),
        ("kode:005 rapat", {3}),
        ("unit:setda", {2, 3}),
        ("jenis:undangan", {2}),
        ("sifat:rahasia", {4}),
        ("BUKAN sifat:B", {4}),
        ("nomor:setda perihal:rapat", {2, 3}),
        ("perihal:legok", {5}),
        ("terang*", set()),
        ("menerang*", {1}),
        ('"di legok"', {1, 4}),
        ("men*kan", {1}),
        ("l?gok", {1, 4, 5}),
        ("?egok", {1, 4, 5}),
        ("leg*?", set()),
        ("perihal:l?gok", {5}),
        ("BUKAN l?gok", {2, 3}),
        ("kel-le?ok", {1, 4}),
        ("unda*n ATAU tahun:2026", {1, 2, 3, 4, 5}),
        ("xyz?y", set()),
        ("legok BUKAN xyz?y", {1, 4, 5}),
        ("dari:camat", {5}),
        ('kepada:"dinas sosial"', {5}),
        ("kepada:camat", set()),
        ("telanaipura", {5}),
        ("dinsos", {5}),
        ("nomor:2..", {5}),
        ("nomor:..4", {1, 2, 3, 4}),
        ("tahun:..2025", {2}),
        ("tanggal:2025-02..2025-03", {2}),
        ("tanggal:2025-02-04..", {1, 3, 4, 5}),
        ("BUKAN tanggal:2026", {2}),
        ("rapat tanggal:2025", {2}),
    ],
)
def test_queries_as_they_are_typed(text: str, expected: set[int]) -> None:
    connection = register(CORPUS)
    query = parse_query(text)
    assert set(found(connection, query)) == expected
    assert {n for n, case in enumerate(CORPUS, start=1) if matches(case, query)} == expected
    connection.close()


@given(st.lists(CASES, max_size=6), st.lists(CASES, min_size=1, max_size=4), QUERIES, POLICIES)
def test_hidden_letters_change_nothing_of_what_is_seen(
    cases: list[Case], others: list[Case], query: Query, policy: AccessPolicy
) -> None:
    """No count, no hit, no order and no score."""
    connection = register(cases)
    before = letter_index.search(connection, query, policy, limit=100)
    hidden = [attrs.evolve(c, state="reserved") if may_see(c, policy) else c for c in others]
    add(connection, enumerate(hidden, start=100))
    assert letter_index.search(connection, query, policy, limit=100) == before
    connection.close()


@given(st.lists(CASES, min_size=1, max_size=6), QUERIES, st.data())
def test_a_letter_that_was_made_void_leaves_no_trace(
    cases: list[Case], query: Query, data: st.DataObject
) -> None:
    position = data.draw(st.integers(1, len(cases)))
    kept = [(n, case) for n, case in enumerate(cases, start=1) if n != position]
    connection = register()
    add(connection, kept)
    before = letter_index.search(connection, query, EVERYTHING, limit=100)
    add(connection, [(position, attrs.evolve(cases[position - 1], state="issued"))])
    letter_index.forget(connection, position)
    connection.execute("UPDATE sipadek_entry SET state = 'void' WHERE position = ?", (position,))
    assert letter_index.search(connection, query, EVERYTHING, limit=100) == before
    assert codes(connection) == []
    connection.close()


@given(CASES, st.data())
def test_a_letter_is_found_by_any_run_of_its_words(case: Case, data: st.DataObject) -> None:
    connection = register([attrs.evolve(case, state="issued")])
    text = data.draw(st.sampled_from([case.number, case.subject, "\f".join(case.pages)]))
    tokens = ANALYSIS.index_tokens(text)
    for start, end in itertools.combinations(range(len(tokens.exact) + 1), 2):
        exact, stems = tokens.exact[start:end], tokens.stems[start:end]
        assert found(connection, Word(stems=stems, exact=exact)) == [1]
        assert found(connection, Phrase(exact=exact)) == [1]
    connection.close()


@pytest.mark.parametrize(
    "query",
    [
        NUMBER,
        NUMBER.lower(),
        NUMBER.replace("0042", "42"),
        f"nomor:{NUMBER}",
        f'nomor:"{NUMBER}"',
        "0042",
        "42",
        "400.12",
        "400.12.2.1",
        "2.1/0042",
        "kel-legok",
        "legok",
        "0042/kel-legok",
        "nomor:400.12*",
        "nomor:004*",
        "legok tahun:2026",
    ],
)
@pytest.mark.parametrize("where", ["number", "subject", "body"])
def test_a_letter_number_is_found_whole_and_by_part(
    connection: sqlite3.Connection, query: str, where: str
) -> None:
    other = "400.12.2.11/1042/KEL-KENALI/XI/2026"

    def case(number: str) -> Case:
        if where == "number":
            return Case(number=number)
        text = f"Sehubungan dengan surat {number} tanggal"
        if where == "subject":
            return Case(number="1", subject=text)
        # As it stands in a PDF: across the end of a line.
        return Case(number="1", pages=("", text.replace("KEL-", "KEL-\n")))

    add(connection, [(1, case(NUMBER)), (2, case(other))])
    wide = {"400.12", "nomor:400.12*"}  # The other number has these too.
    expected = [1, 2] if query in wide else [1]
    if query.startswith("nomor:") and where != "number":
        expected = []  # it asks for the number only
    assert sorted(found(connection, parse_query(query))) == expected


def test_quotes_ask_for_the_exact_words(connection: sqlite3.Connection) -> None:
    add(
        connection,
        [(1, Case(subject="menerangkan domisili")), (2, Case(subject="keterangan domisili"))],
    )
    assert set(found(connection, parse_query("keterangan"))) == {1, 2}
    assert found(connection, parse_query('"keterangan"')) == [2]
    assert found(connection, parse_query('"keterangan domisili"')) == [2]
    assert found(connection, parse_query('"domisili keterangan"')) == []


def test_text_is_not_matched_across_fields(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case(number="7", subject="surat", pages=("tugas",)))])
    assert found(connection, parse_query('"surat tugas"')) == []
    assert found(connection, parse_query("surat tugas")) == [1]


# --- order ----------------------------------------------------------------------------------------


def test_the_head_ranks_above_the_body(connection: sqlite3.Connection) -> None:
    filler = "lain " * 30
    add(
        connection,
        [
            (1, Case(number="1/LEGOK", subject="lain", pages=(filler,))),
            (2, Case(number="2", subject="legok", pages=(filler,))),
            (3, Case(number="3", subject="lain", pages=(filler + "legok",))),
            *((n, Case(number=str(n), pages=(filler,))) for n in range(4, 20)),
        ],
    )
    assert found(connection, parse_query("legok")) == [2, 1, 3]


def test_a_number_ranks_above_the_subject(connection: sqlite3.Connection) -> None:
    subjects = ("lain", "surat 42", "lain")
    add(connection, [(n, Case(number=str(41 + n), subject=s)) for n, s in enumerate(subjects)])
    assert found(connection, parse_query("42")) == [1]
    add(connection, [(5, Case(subject="surat 42")), (6, Case(pages=("42",)))])
    assert found(connection, parse_query("42")) == [1, 5, 6]


def test_the_rarer_word_weighs_more(connection: sqlite3.Connection) -> None:
    """Of letters that hold one of two words in their subjects, the other one in their bodies."""
    add(connection, [(n, Case(subject="rapat", pages=("lain",))) for n in range(1, 30)])
    seldom, common = (
        Case(subject="pohon", pages=("rapat",)),
        Case(subject="rapat", pages=("pohon",)),
    )
    add(connection, [(40, seldom), (41, common)])
    assert found(connection, parse_query("rapat pohon")) == [40, 41]


def test_the_form_that_was_typed_ranks_above_others(connection: sqlite3.Connection) -> None:
    others = [(n, Case(number=str(n), subject="lain")) for n in range(3, 20)]
    add(connection, [(1, Case(subject="keterangan")), (2, Case(subject="menerangkan")), *others])
    assert found(connection, parse_query("keterangan")) == [1, 2]
    assert found(connection, parse_query("menerangkan")) == [2, 1]


def test_equals_are_newest_first_and_without_words_nothing_ranks(
    connection: sqlite3.Connection,
) -> None:
    add(connection, [(n, Case(subject="sama")) for n in range(1, 6)])
    assert found(connection, parse_query("sama")) == [5, 4, 3, 2, 1]
    for query in ("tahun:2026", "BUKAN lain", "unit:KEL-LEGOK ATAU tahun:2026"):
        total, hits = letter_index.search(connection, parse_query(query), Viewer(), limit=10)
        assert (total, hits) == (5, [(n, 0.0) for n in (5, 4, 3, 2, 1)])


@given(st.lists(CASES, max_size=8), QUERIES)
def test_the_order_changes_no_result(cases: list[Case], query: Query) -> None:
    connection = register(cases)
    total, best = letter_index.search(connection, query, Viewer(), limit=100)
    oldest = sorted((position, 0.0) for position, _ in best)
    for sort, expected in ((Sort.OLDEST, oldest), (Sort.NEWEST, oldest[::-1])):
        answer = letter_index.search(connection, query, Viewer(), limit=100, sort=sort)
        assert answer == (total, expected)
    connection.close()


@given(st.lists(CASES, max_size=12), QUERIES, st.integers(1, 5))
def test_pages_of_hits_join_to_the_whole(cases: list[Case], query: Query, limit: int) -> None:
    connection = register(cases)
    total, whole = letter_index.search(connection, query, Viewer(), limit=100)
    pages = []
    for offset in range(0, total + limit, limit):
        count, hits = letter_index.search(connection, query, Viewer(), limit=limit, offset=offset)
        assert count == total
        assert len(hits) <= limit
        pages += hits
    assert pages == whole
    scores = [score for _, score in whole]
    assert scores == sorted(scores, reverse=True)
    connection.close()


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"limit": 1, "offset": -1}, {"limit": 2**31}])
def test_limits_of_a_page(connection: sqlite3.Connection, wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        letter_index.search(connection, parse_query("a"), Viewer(), **wrong)


# --- viewers --------------------------------------------------------------------------------------


def test_viewers_fail_closed() -> None:
    with pytest.raises(InvalidInput):
        Viewer(clearance="X")
    with pytest.raises(InvalidInput):
        Viewer(units="KEL-LEGOK")
    connection = register([Case(subject="surat")])
    assert found(connection, parse_query("surat"), Viewer(units=frozenset())) == []
    assert found(connection, parse_query("surat"), Viewer(units={"kel-legok"})) == []
    assert found(connection, parse_query("surat"), Viewer(units=["KEL-LEGOK"])) == [1]
    connection.close()


@given(CASES, POLICIES)
def test_a_policy_permits_what_the_search_shows(case: Case, policy: AccessPolicy) -> None:
    connection = register([attrs.evolve(case, state="issued")])
    every = parse_query("tahun:2025..2026")
    assert permits(policy, _letter(case)) == bool(found(connection, every, policy))
    connection.close()


@pytest.mark.parametrize("text", ["surat", "BUKAN surat", "tahun:2026 (unit:A ATAU l?gok)"])
def test_a_policy_asks_for_no_words(connection: sqlite3.Connection, text: str) -> None:
    policy = Policy(parse_query(text))
    with pytest.raises(InvalidInput, match="words"):
        found(connection, parse_query("tahun:2026"), policy)
    with pytest.raises(InvalidInput, match="words"):
        permits(Policy(Not(Not(parse_query("surat")))), _letter(Case()))


def _letter(case: Case) -> Letter:
    now = datetime.datetime(2026, 11, 3, tzinfo=datetime.UTC)
    return Letter(
        id="0" * 26,
        number="1",
        sequence=case.sequence,
        counter="2026",
        state=State.ISSUED,
        details=LetterDetails(
            series="s",
            subject="",
            date=case.date,
            unit=case.unit,
            classification=case.classification,
            kind=case.kind,
            secrecy=tuple(Secrecy)[case.secrecy_rank],
        ),
        key="k",
        original_digest="",
        original_size=0,
        reserved_at=now,
    )


# --- the index as part of the register ------------------------------------------------------------


def test_the_index_follows_the_transaction() -> None:
    connection = register([Case(subject="satu")])
    connection.execute("COMMIT")
    connection.execute("BEGIN")
    add(connection, [(2, Case(subject="dua"))])
    assert found(connection, parse_query("dua")) == [2]
    connection.execute("ROLLBACK")
    assert found(connection, parse_query("dua")) == []
    assert letter_index.texts(connection, [1, 2]) == {1: ()}
    assert codes(connection) == []
    connection.close()


def test_a_position_is_indexed_once(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case())])
    with pytest.raises(sqlite3.IntegrityError):
        letter_index.add_many(connection, [LetterText(1, "1", "", ())])


def test_an_index_with_other_columns_is_made_anew(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case(subject="surat", recipient="Camat"))])
    connection.execute("DROP TABLE sipadek_letter_index")
    connection.execute(
        "CREATE VIRTUAL TABLE sipadek_letter_index USING fts5(number_exact, body_stem, content='')"
    )
    letter_index.create(connection)
    assert found(connection, parse_query("kepada:camat surat")) == [1]
    assert codes(connection) == []


def test_own_fields_that_were_damaged_do_not_stop_a_rebuild(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case(subject="surat", sender="Camat"))])
    for damaged in ("{", "[1]", '{"dari": {"a": 1}}', '{"dari": null}'):
        connection.execute("UPDATE sipadek_entry SET extra = ?", (damaged,))
        assert codes(connection) == [("index-differs", 1)]
        assert letter_index.rebuild(connection) == 1
        assert found(connection, parse_query("surat")) == [1]
        connection.execute("UPDATE sipadek_entry SET extra = ?", (Case(sender="Camat").extra,))
        letter_index.rebuild(connection)


def test_create_keeps_what_is_there(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case(subject="surat"))])
    letter_index.create(connection)
    assert found(connection, parse_query("surat")) == [1]


@given(st.lists(st.lists(st.text(max_size=20), max_size=3), min_size=1, max_size=3))
def test_texts_come_back(letters: list[list[str]]) -> None:
    connection = register(Case(pages=tuple(pages)) for pages in letters)
    kept = letter_index.texts(connection, range(1, 10))
    assert sorted(kept) == list(range(1, len(letters) + 1))
    for pages, back in zip(letters, kept.values(), strict=True):
        clean = [re.sub("[\\f\\x1c]", "\n", page).replace("\0", "\ufffd") for page in pages]
        # No page and one empty page are the same.
        assert list(back) == ([] if clean in ([], [""]) else clean)
    connection.close()


def test_lone_surrogates_and_pairs(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case(subject="x\ud800y", pages=("\udfff \ud83d\ude00 surat",)))])
    assert letter_index.texts(connection, [1]) == {1: ("\ufffd \U0001f600 surat",)}
    assert found(connection, parse_query("surat")) == [1]


def test_very_long_text_is_kept_up_to_the_limit(connection: sqlite3.Connection) -> None:
    page = "kata " * (MAX_CHARACTERS // 10)
    add(connection, [(1, Case(pages=(page, page + "awal", "akhir")))])
    assert sum(map(len, letter_index.texts(connection, [1])[1])) == MAX_CHARACTERS - 1
    assert found(connection, parse_query("kata")) == [1]
    assert found(connection, parse_query("akhir")) == []


@given(st.lists(CASES, max_size=6), QUERIES)
def test_a_rebuilt_index_is_the_same(cases: list[Case], query: Query) -> None:
    connection = register(cases)
    before = letter_index.search(connection, query, Viewer(), limit=100)
    assert codes(connection) == []
    steps: list[int] = []
    issued = sum(case.state == "issued" for case in cases)
    assert letter_index.rebuild(connection, progress=steps.append) == issued
    assert steps == ([issued] if issued else [])
    assert letter_index.search(connection, query, Viewer(), limit=100) == before
    assert codes(connection) == []
    connection.close()


def test_rebuilding_goes_by_batches(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letter_index, "_BATCH", 3)
    add(connection, [(n, Case(subject=f"kata{n}")) for n in range(-3, 5)])
    steps: list[int] = []
    letter_index.rebuild(connection, progress=steps.append)
    assert steps == [3, 6, 8]
    assert all(found(connection, parse_query(f"kata{n}")) == [n] for n in range(5))
    assert codes(connection) == []


def test_missing_stray_and_differing_letters_are_named(connection: sqlite3.Connection) -> None:
    add(connection, [(n, Case(subject=f"surat {n}")) for n in range(1, 5)])
    connection.execute("DELETE FROM sipadek_letter_text WHERE position = 2")
    connection.execute("DELETE FROM sipadek_entry WHERE position = 4")
    connection.execute(
        "INSERT INTO sipadek_entry VALUES (9, '', 0, '', '', '', 2026, 'issued', '', 1, ''),"
        " (10, '', 0, '', '', '', 2026, 'reserved', '', 1, '')"
    )
    assert letter_index.missing(connection) == [2, 9]
    assert codes(connection) == [
        ("index-differs", 4),
        ("index-differs", 2),
        ("index-missing", 2),
        ("index-missing", 9),
        ("index-stray", 4),
    ]


def test_an_altered_text_or_index_is_noticed(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case(subject="surat", pages=("a b",)))])
    connection.execute("UPDATE sipadek_letter_text SET subject = 'palsu'")
    assert codes(connection) == [("index-differs", 1)]
    assert index_checking.check(connection, deep=False) == []
    letter_index.rebuild(connection)
    assert codes(connection) == []
    assert found(connection, parse_query("palsu")) == [1]


def test_an_index_of_another_analysis_is_stale(connection: sqlite3.Connection) -> None:
    add(connection, [(1, Case(subject="surat"))])
    assert not letter_index.is_stale(connection)
    connection.execute("UPDATE sipadek_letter_index_analysis SET version = '0'")
    assert letter_index.is_stale(connection)
    assert codes(connection) == [("index-stale", None)]
    letter_index.rebuild(connection)
    assert codes(connection) == []


def damaged(path: Path, statement: str) -> sqlite3.Connection:
    """A register whose index was tampered with behind its back."""
    connection = register((Case(subject=f"surat {n}") for n in range(1, 50)), path=path)
    connection.execute("COMMIT")
    connection.execute(statement)
    connection.close()
    # FTS5 remembers what it read; another connection does not know of it.
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    return connection


@pytest.mark.parametrize("rows", ["id = 10", "id > 10"])
def test_a_damaged_index_is_named_and_can_be_rebuilt(tmp_path: Path, rows: str) -> None:
    """The row 10 tells how the index is built, those above hold the words."""
    connection = damaged(
        tmp_path / "r.sqlite",
        f"UPDATE sipadek_letter_index_data SET block = X'FFFFFFFFFFFFFFFF' WHERE {rows}",
    )
    with pytest.raises(SearchError, match="rebuild"):
        letter_index.search(connection, parse_query("surat"), Viewer(), limit=5)
    assert ("index-damaged", None) in codes(connection)
    connection.execute("ROLLBACK")
    connection.execute("BEGIN")
    letter_index.rebuild(connection)
    assert len(found(connection, parse_query("surat"))) == 49
    assert codes(connection) == []
    connection.execute("COMMIT")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_words_that_were_wiped_out_are_noticed(tmp_path: Path) -> None:
    """FTS5 takes a page of zeros for an empty one."""
    connection = damaged(
        tmp_path / "r.sqlite",
        "UPDATE sipadek_letter_index_data SET block = zeroblob(40) WHERE id > 10",
    )
    assert found(connection, parse_query("surat")) == []
    named = {code for code, _ in codes(connection)}
    assert named
    assert named <= {"index-differs", "index-damaged"}
    connection.close()


@pytest.mark.parametrize(
    ("statement", "codes_of"),
    [
        ("UPDATE sipadek_letter_index_docsize SET sz = X'0101010101' WHERE id = 7", {7}),
        ("UPDATE sipadek_letter_index_docsize SET sz = NULL WHERE id = 7", {7}),
        ("UPDATE sipadek_letter_index_data SET block = X'010101010101' WHERE id = 1", {None}),
        ("INSERT INTO sipadek_letter_index_config VALUES ('rank', 'bm25(9)')", {None}),
    ],
)
def test_what_the_ranking_is_reckoned_from_is_checked(
    tmp_path: Path, statement: str, codes_of: set[int | None]
) -> None:
    connection = damaged(tmp_path / "r.sqlite", statement)
    assert {p for code, p in codes(connection) if code == "index-differs"} == codes_of
    connection.close()


def test_words_that_changed_places_between_letters_are_noticed(tmp_path: Path) -> None:
    """In as many letters as before, and as often: only their places tell."""
    connection = register(path=tmp_path / "r.sqlite")
    add(connection, [(1, Case(subject="awan biru")), (2, Case(subject="hujan biru"))])
    first, second = "awan biru", "hujan biru"
    connection.execute("UPDATE sipadek_letter_text SET subject = ? WHERE position = 1", (second,))
    connection.execute("UPDATE sipadek_letter_text SET subject = ? WHERE position = 2", (first,))
    assert codes(connection) == [("index-differs", 1), ("index-differs", 2)]
    connection.close()


@pytest.mark.no_cover
@given(st.lists(st.sampled_from("abcdefgh"), min_size=40, max_size=40, unique=False))
def test_no_two_letters_can_change_words_unseen(words: list[str]) -> None:
    """Not even by chance: sums of Python's hashes of tuples come to the same in one of a few cases."""
    words = [f"{word}{number}" for number, word in enumerate(words)]
    for first in range(0, len(words), 4):  # a small register is checked faster
        with contextlib.closing(register()) as connection:
            four = range(first, first + 4)
            add(connection, [(n + 1, Case(subject=words[n])) for n in four])
            for n in four[::2]:
                pair = (words[n + 1], n + 1), (words[n], n + 2)
                connection.executemany(
                    "UPDATE sipadek_letter_text SET subject = ? WHERE position = ?", pair
                )
                assert codes(connection) == [("index-differs", n + 1), ("index-differs", n + 2)]
                connection.executemany(
                    "UPDATE sipadek_letter_text SET subject = ? WHERE position = ?",
                    [(words[n], n + 1), (words[n + 1], n + 2)],
                )


def test_searching_and_checking_need_no_write_lock(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    source = register([Case(subject="surat")], path=path)
    source.execute("COMMIT")
    source.close()
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    reader.execute("BEGIN")
    assert found(reader, parse_query("surat")) == [1]
    assert codes(reader) == []
    assert letter_index.texts(reader, [1]) == {1: ()}
    reader.close()
    writer.close()
