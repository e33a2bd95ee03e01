"""The search index inside the register: SQLite FTS5, written in the register's own transaction.

A letter that is issued is findable in the same commit, and there is no second thing to keep in
step. ``letter_index`` is a contentless FTS5 table whose rowid is the entry's ``position``; it
holds only what the analysis made of a letter. ``letter_text`` keeps the texts themselves, for
snippets and for making the index anew.

Every function takes an ``sqlite3.Connection`` inside the caller's transaction and neither begins
nor ends one. SQLite's own errors pass through to whoever owns the transaction.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import attrs

from sipadek.errors import IndexDamaged, InvalidInput
from sipadek.naskah import mask_identities
from sipadek.search import (
    ANALYSIS,
    MAX_CHARACTERS,
    AccessPolicy,
    And,
    Facets,
    Query,
    Sort,
    counted,
    without_words,
)
from sipadek.sql import letter_words, retention_tables
from sipadek.sql.letter_match import COLUMNS, facts_column, matching
from sipadek.sql.ranking import ranked


# The tokenizer meets tokens that are ready: 'ascii' parts them at the spaces and keeps every
# character beyond ASCII.
def _make(columns: Sequence[str]) -> str:
    return (
        f"CREATE VIRTUAL TABLE sipadek_letter_index USING fts5({', '.join(columns)}, content='',"
        " tokenize='ascii')"
    )


MAKE_INDEX: Final = _make(COLUMNS)
MAKE_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS sipadek_letter_text (position INTEGER PRIMARY KEY, number TEXT NOT NULL,"
    " subject TEXT NOT NULL, pages TEXT NOT NULL) STRICT",
    # One row: the analysis that the index was made with.
    "CREATE TABLE IF NOT EXISTS sipadek_letter_index_analysis (version TEXT NOT NULL) STRICT",
)
_ADD_TEXT: Final = (
    "INSERT INTO sipadek_letter_text (position, number, subject, pages) VALUES (?, ?, ?, ?)"
)
ADD_TOKENS: Final = (
    f"INSERT INTO sipadek_letter_index (rowid, {', '.join(COLUMNS)})"  # noqa: S608
    f" VALUES (?{', ?' * len(COLUMNS)})"
)
DROP_TOKENS: Final = (  # A contentless index has to be told what it is to forget.
    f"INSERT INTO sipadek_letter_index (sipadek_letter_index, rowid, {', '.join(COLUMNS)})"  # noqa: S608
    f" VALUES ('delete', ?{', ?' * len(COLUMNS)})"
)


def own(name: str) -> str:
    """The entry's own field; '' also where what it holds was damaged, which the audit names."""
    found = f"json_extract(CASE WHEN json_valid(extra) THEN extra END, '$.{name}')"
    return f"coalesce(CAST({found} AS TEXT), '')"


_ROWS: Final = (
    f"SELECT text.position, text.number, text.subject, pages, {own('dari')}, {own('kepada')},"  # noqa: S608
    " coalesce(unit, ''), coalesce(kind, ''), coalesce(classification, ''),"
    " coalesce(document_year, 0), coalesce(secrecy_rank, 0)"
    " FROM sipadek_letter_text AS text LEFT JOIN sipadek_entry USING (position)"
)
_ISSUED: Final = "coalesce(state, 'issued') = 'issued'"
_PAGE_BREAK: Final = "\f"  # Between the pages in letter_text.pages, as pdftotext writes it.
_ABOUT: Final = "\x1c"  # Behind the pages, before what the document says of itself.
_BATCH: Final = 500  # Letters read at once by rebuild and check.


@attrs.frozen
class LetterText:
    """What is indexed of one letter: ``position`` is the register entry's, ``pages`` the text of
    each page, ``about`` what the document says of itself. Of pages and ``about`` together
    ``MAX_CHARACTERS`` are kept and found, of each other text likewise; a NIK in pages or ``about`` is
    kept masked. The rest is taken from the register's entry: what the search narrows by, and as texts
    its own fields ``dari`` and ``kepada``. NUL, lone surrogates (as U+FFFD), form feeds and file
    separators (as line feeds) do not survive."""

    position: int
    number: str
    subject: str
    pages: tuple[str, ...] = ()
    about: str = ""


def create(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing, also those of retention, which say what was destroyed.
    An index that is missing, or that an earlier version made with other columns, is filled from the
    kept texts."""
    retention_tables.create(connection)
    for statement in MAKE_TABLES:
        connection.execute(statement)
    if _columns(connection) != COLUMNS:
        rebuild(connection)


def add_many(connection: sqlite3.Connection, letters: Sequence[LetterText]) -> None:
    """Index letters that the register has as issued. A position that is indexed already is an
    ``sqlite3.IntegrityError``."""
    texts = [
        (
            letter.position,
            _storable(letter.number),
            _storable(letter.subject),
            _joined(letter.pages, letter.about),
        )
        for letter in letters
    ]
    connection.executemany(_ADD_TEXT, texts)
    connection.executemany(
        ADD_TOKENS, map(tokens_of, at(connection, [one.position for one in letters]))
    )


def forget(connection: sqlite3.Connection, position: int) -> None:
    """Forget the words of an issued letter that is going to be void. Its text is kept."""
    if is_stale(connection):
        rebuild(connection)
    connection.executemany(DROP_TOKENS, map(tokens_of, at(connection, [position])))


def without_pages(number: str, subject: str, former: str = "") -> tuple[str, str, str]:
    """What is kept of a letter without a PDF: its number, its subject, and in the place of pages the
    number that it had elsewhere."""
    return _storable(number), _storable(subject), _joined((), former)


def change_pages(
    connection: sqlite3.Connection, position: int, pages: Mapping[int, str]
) -> tuple[str, str, str]:
    """Put other texts in the place of those pages (0 is the first) of an indexed letter; its number,
    its subject and its pages as they are kept now."""
    (old,) = at(connection, [position])
    texts, about = _parted(old[3])
    # One page without text is kept as nothing at all.
    count = max(len(texts), *(n + 1 for n in pages))
    changed = [pages.get(n, "".join(texts[n : n + 1])) for n in range(count)]
    new = (*old[:3], _joined(changed, about), *old[4:])
    connection.execute(
        "UPDATE sipadek_letter_text SET pages = ? WHERE position = ?", (new[3], position)
    )
    if is_stale(connection):
        rebuild(connection)  # what another analysis made of the old text is not known
    else:
        connection.execute(DROP_TOKENS, tokens_of(old))
        connection.execute(ADD_TOKENS, tokens_of(new))
    return new[1:4]


def remove(connection: sqlite3.Connection, positions: Sequence[int]) -> None:
    """Forget the words and texts of these letters. What FTS5 still keeps of their words goes with
    `purge`."""
    stale = is_stale(connection)
    if not stale:
        connection.executemany(DROP_TOKENS, map(tokens_of, at(connection, positions)))
    connection.executemany(
        "DELETE FROM sipadek_letter_text WHERE position = ?", [(each,) for each in positions]
    )
    if stale:
        rebuild(connection)  # what another analysis made of the texts is not known


def purge(connection: sqlite3.Connection) -> None:
    """Write the index anew without what was removed from it; takes as long as the index is large."""
    connection.execute(
        "INSERT INTO sipadek_letter_index (sipadek_letter_index) VALUES ('optimize')"
    )


def search(
    connection: sqlite3.Connection,
    query: Query,
    policy: AccessPolicy,
    *,
    limit: int,
    offset: int = 0,
    sort: Sort = Sort.RELEVANCE,
) -> tuple[int, list[tuple[int, float]]]:
    """How many issued letters that ``policy`` lets be seen match, and (position, score) of those from
    ``offset`` on, at most ``limit``: in the order of ``sort``.

    What may not be seen is neither counted nor ranked nor returned, and changes nothing of what is:
    see `ranking`. Where no word that must occur is looked for, or ``sort`` is another than RELEVANCE,
    all scores are 0.

    Raises:
        InvalidInput: ``limit`` or ``offset`` is negative or beyond 2**31, or the policy asks for words.
        IndexDamaged: the index is damaged.
    """
    check_page(limit, offset)
    condition = without_words(policy.condition)
    with _damage_named():
        holding = partial(letter_words.holding, connection)
        wanted = matching(query, holding, condition)
        (total,) = connection.execute(wanted.counting, wanted.parameters).fetchone()
        if offset >= total or not limit:
            return total, []
        if sort is Sort.RELEVANCE and wanted.found:
            seen = matching(And(()), holding, condition)
            return total, ranked(connection, query, wanted, seen, limit=limit, offset=offset)
        order = "" if sort is Sort.OLDEST else " DESC"
        hits = connection.execute(
            f"SELECT {wanted.position}, 0.0 {wanted.source} ORDER BY 1{order} LIMIT ? OFFSET ?",
            (*wanted.parameters, limit, offset),
        ).fetchall()
    return total, hits


def facets(connection: sqlite3.Connection, query: Query, policy: AccessPolicy) -> Facets:
    """Of the letters that ``search`` counts, how many are of each unit, kind, year, classification and
    secrecy. Raises what ``search`` raises."""
    condition = without_words(policy.condition)
    with _damage_named():
        wanted = matching(query, partial(letter_words.holding, connection), condition)
        source = wanted.source
        if not wanted.joined:
            source = f"FROM sipadek_entry AS entry WHERE entry.position IN (SELECT rowid {source})"
        return counted(
            connection.execute(
                "SELECT unit, kind, classification, document_year, secrecy_rank " + source,
                wanted.parameters,
            )
        )


def check_page(limit: int, offset: int) -> None:
    """Refuse a page that cannot be: InvalidInput."""
    for name, value in (("limit", limit), ("offset", offset)):
        if not 0 <= value < 2**31:
            raise InvalidInput(f"{name} is {value}; give 0 to 2**31 - 1.", **{name: value})


def texts(connection: sqlite3.Connection, positions: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The page texts of these letters, as far as they are indexed."""
    return {position: pages for position, (pages, _) in kept(connection, positions).items()}


def kept(
    connection: sqlite3.Connection, positions: Sequence[int]
) -> dict[int, tuple[tuple[str, ...], str]]:
    """The page texts of these letters and what their documents say of themselves, as far as they are
    indexed."""
    rows = connection.execute(
        "SELECT position, pages FROM sipadek_letter_text"
        " WHERE position IN (SELECT value FROM json_each(?))",
        (json.dumps(list(positions)),),
    )
    return {position: _parted(stored) for position, stored in rows}


def missing(connection: sqlite3.Connection) -> list[int]:
    """The positions of issued letters whose words or texts are not in the index though they were not
    destroyed, in order."""
    rows = connection.execute(
        "SELECT position FROM sipadek_entry AS entry WHERE state = 'issued' AND"  # noqa: S608
        " (position NOT IN (SELECT position FROM sipadek_letter_text)"
        " OR position NOT IN (SELECT id FROM sipadek_letter_index_docsize))"
        f" AND position NOT IN ({retention_tables.DESTROYED}) ORDER BY position"
    )
    return [position for (position,) in rows]


def is_stale(connection: sqlite3.Connection) -> bool:
    """Whether another analysis than this version's made the index."""
    rows = connection.execute("SELECT version FROM sipadek_letter_index_analysis").fetchall()
    return rows != [(ANALYSIS.version,)]


def rebuild(
    connection: sqlite3.Connection, *, progress: Callable[[int], object] | None = None
) -> int:
    """Make the index anew from the kept texts, damaged or not; returns the letters in it.

    ``progress`` is called with the letters done so far. Letters without a kept text stay
    ``missing``: ``add_many`` them.
    """
    drop(connection)
    connection.execute(MAKE_INDEX)
    say_analysis(connection)
    done = 0
    for batch in batches(connection):
        connection.executemany(ADD_TOKENS, map(tokens_of, batch))
        done += len(batch)
        if progress is not None:
            progress(done)
    return done


# --- within ---------------------------------------------------------------------------------------

Row = tuple[int, str, str, str, str, str, str, str, str, int, int]


def _columns(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Those of the index, also of a damaged one; none where it is missing."""
    found = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE name = 'sipadek_letter_index'"
    ).fetchone()
    return () if found is None else tuple(re.findall(r"\b(?:\w+_(?:exact|stem)|facts)\b", found[0]))


def drop(connection: sqlite3.Connection) -> None:
    """Drop the index where there is one, damaged or not; the kept texts stay."""
    if columns := _columns(connection):
        _empty(connection, columns)
        connection.execute("DROP TABLE sipadek_letter_index")


def say_analysis(connection: sqlite3.Connection) -> None:
    """Put on record that this version's analysis made the index."""
    connection.execute("DELETE FROM sipadek_letter_index_analysis")
    connection.execute("INSERT INTO sipadek_letter_index_analysis VALUES (?)", (ANALYSIS.version,))


def _empty(connection: sqlite3.Connection, columns: Sequence[str]) -> None:
    """Give FTS5's own tables what those of a new index hold: FTS5 refuses even to drop an index
    that it cannot read."""
    with contextlib.closing(sqlite3.connect(":memory:")) as blank:
        blank.execute(_make(columns))
        for table in ("data", "idx", "docsize", "config"):
            rows = blank.execute(f"SELECT * FROM sipadek_letter_index_{table}")  # noqa: S608
            values = ", ".join("?" * len(rows.description))
            connection.execute(f"DELETE FROM sipadek_letter_index_{table}")  # noqa: S608
            connection.executemany(
                f"INSERT INTO sipadek_letter_index_{table} VALUES ({values})",  # noqa: S608
                rows.fetchall(),
            )


def _joined(pages: Sequence[str], about: str) -> str:
    """Pages and ``about`` as they are kept: a NIK or nomor KK only with its last four digits, since
    whoever may search may read here, and the archive keeps the letter itself."""
    parted = [page.replace(_PAGE_BREAK, "\n").replace(_ABOUT, "\n") for page in pages]
    text = mask_identities(_PAGE_BREAK.join(parted))
    if about:
        about = _ABOUT + mask_identities(about).replace(_PAGE_BREAK, "\n").replace(_ABOUT, "\n")
        text = text[: max(0, MAX_CHARACTERS - len(about))] + about
    return _storable(text)


def _parted(stored: str) -> tuple[tuple[str, ...], str]:
    pages, _, about = stored.partition(_ABOUT)
    return tuple(pages.split(_PAGE_BREAK)) if pages else (), about


def _storable(text: str) -> str:
    text = text[:MAX_CHARACTERS]
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:  # Lone surrogates.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def tokens_of(row: Row) -> tuple[int | str, ...]:
    """The letter's position, and for each column its words as the index takes them, with spaces."""
    tokens: list[int | str] = [row[0]]
    for text in row[1:6]:
        found = ANALYSIS.index_tokens(text)
        tokens += " ".join(found.exact), " ".join(found.stems)
    return (*tokens, facts_column(*row[6:]))


def batches(connection: sqlite3.Connection) -> Iterator[list[Row]]:
    """What is indexed, some hundred letters at a time."""
    last = -(2**63)
    while batch := behind(connection, last, _BATCH):
        yield batch
        last = batch[-1][0]


def behind(connection: sqlite3.Connection, last: int, count: int) -> list[Row]:
    """What is indexed of the next letters behind that position."""
    query = f"{_ROWS} WHERE {_ISSUED} AND text.position > ? ORDER BY text.position LIMIT ?"
    return connection.execute(query, (last, count)).fetchall()


def at(
    connection: sqlite3.Connection, positions: Sequence[int], *, void: bool = False
) -> list[Row]:
    """What is indexed of these letters; with ``void`` also what was, of those that are void."""
    query = f"{_ROWS} WHERE text.position IN (SELECT value FROM json_each(?))"  # noqa: S608
    if not void:
        query += f" AND {_ISSUED}"
    return connection.execute(query, (json.dumps(list(positions)),)).fetchall()


@contextlib.contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        raise IndexDamaged(
            f"The search index is damaged ({error}). The letters themselves are not touched by "
            "this: audit the office and rebuild the index."
        ) from error


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_CORRUPT
