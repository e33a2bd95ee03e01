"""Whether the search index holds exactly what the kept texts say.

Every place of every word is compared, and what the ranking is reckoned from. FTS5's own
``integrity-check`` is not run: it takes the write lock, and for a contentless table it only looks at
the structure.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from sipadek.sql.letter_index import MAKE_INDEX, batches, is_stale, missing, tokens_of
from sipadek.sql.letter_match import COLUMNS

_INSTANCES: Final = "SELECT doc, col, term, offset FROM temp.sipadek_words"
# Reading the words one after the other, and looking each up, must come to the same.
_LOST_WORDS: Final = (
    "SELECT term, doc, cnt FROM temp.sipadek_word EXCEPT SELECT found.term, found.doc, found.cnt"
    " FROM temp.sipadek_word AS word CROSS JOIN temp.sipadek_word AS found ON found.term = word.term"
)
_NOT_DAMAGE: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
_AVERAGES: Final = 1  # The row of the index's data that holds how many letters and words there are.

Instance = tuple[int, str, str, int]
"""A word's place: position, column, word, and how many words stand before it."""


@attrs.frozen
class IndexFault:
    """Something that is wrong with the index; ``position`` is the entry's, None for the whole.

    ``code`` is ``index-damaged``, ``index-stale`` (made by another analysis), ``index-differs``
    (holds other words than the kept texts), ``index-missing`` (an issued letter that cannot be
    found) or ``index-stray`` (indexed, but not in the register). `letter_index.rebuild` mends all but
    missing texts.
    """

    code: str
    message: str
    position: int | None = None


def check(connection: sqlite3.Connection, *, deep: bool = True) -> list[IndexFault]:
    """What is wrong with the index. Reads only, so it does not hold up filing.

    ``deep`` reads the whole index, analyses every kept text again (about 1 ms a letter) and compares
    every place of every word.

    After ``index-damaged`` SQLite takes no write in the same transaction: rebuild in another.
    """
    faults = []
    stale = is_stale(connection)
    if stale:
        faults.append(IndexFault("index-stale", "The index was made by another analysis."))
    try:
        if deep:
            faults += _compared(connection, stale=stale)
    except (sqlite3.DatabaseError, AttributeError, TypeError, ValueError) as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _NOT_DAMAGE:
            raise
        faults.append(IndexFault("index-damaged", f"The index is damaged ({error})."))
    for position in missing(connection):
        faults.append(IndexFault("index-missing", "An issued letter cannot be found.", position))
    stray = connection.execute(
        "SELECT position FROM sipadek_letter_text UNION SELECT id FROM sipadek_letter_index_docsize"
        " EXCEPT SELECT position FROM sipadek_entry AS entry"
    )
    for (position,) in stray.fetchall():
        faults.append(IndexFault("index-stray", "An indexed letter is not registered.", position))
    return faults


def _compared(connection: sqlite3.Connection, *, stale: bool) -> Iterator[IndexFault]:
    with _vocabulary(connection):
        if connection.execute(_LOST_WORDS).fetchone() is not None:
            yield IndexFault("index-damaged", "Words of the index cannot be looked up.")
        if stale:  # Other words are to be expected then.
            return
        expected = _Expected()
        for batch in batches(connection):
            expected.add(map(tokens_of, batch))
        if (_sum(connection.execute(_INSTANCES)), *_sizes(connection)) != expected.sums():
            yield from _differing(connection)
    made = connection.execute("SELECT * FROM sipadek_letter_index_config").fetchall()
    if made != _new_config():
        yield IndexFault("index-differs", "The index has other settings than it was made with.")


@contextlib.contextmanager
def _vocabulary(connection: sqlite3.Connection) -> Iterator[None]:
    """Views of all words with their places, and of all words."""
    for name, kind in (("sipadek_words", "instance"), ("sipadek_word", "row")):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.{name} USING fts5vocab(main, sipadek_letter_index, {kind})"
        )
    try:
        yield
    finally:
        for name in ("sipadek_words", "sipadek_word"):
            with contextlib.suppress(sqlite3.Error):
                connection.execute(f"DROP TABLE temp.{name}")


def _mark(row: object) -> int:
    """Python's hash of a text is keyed anew in every process, so nobody can choose rows that come to
    the same. That of a tuple is not good enough: two of its parts that change places between two rows
    often leave the sum as it was."""
    return hash(repr(row))


def _sum(rows: Iterable[object]) -> int:
    """One number for rows in any order."""
    return sum(map(_mark, rows))


def _instances(letter: tuple[int | str, ...]) -> Iterator[Instance]:
    position = int(letter[0])
    for column, joined in zip(COLUMNS, letter[1:], strict=True):
        words = str(joined).split()
        yield from zip(
            itertools.repeat(position), itertools.repeat(column), words, itertools.count()
        )


class _Expected:
    """What the kept texts come to."""

    def __init__(self) -> None:
        self._places = 0
        self._sizes = 0
        self._letters = 0
        self._totals = [0] * len(COLUMNS)

    def add(self, letters: Iterable[tuple[int | str, ...]]) -> None:
        for letter in letters:
            self._places += _sum(_instances(letter))
            counts = [len(str(joined).split()) for joined in letter[1:]]
            self._sizes += _mark((letter[0], _varints(counts)))
            self._totals = [sum(pair) for pair in zip(self._totals, counts, strict=True)]
            self._letters += 1

    def sums(self) -> tuple[int, int, bytes]:
        averages = _varints([self._letters, *self._totals]) if self._letters else b""
        return self._places, self._sizes, averages


def _sizes(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """The letters' lengths, and their totals, as the index has them for its ranking."""
    sizes = connection.execute("SELECT id, sz FROM sipadek_letter_index_docsize")
    averages = connection.execute(
        "SELECT block FROM sipadek_letter_index_data WHERE id = ?", (_AVERAGES,)
    ).fetchone()
    # Once the last letter is gone there are zeros where an index that never had one has nothing.
    return _sum(sizes), averages[0] if averages is not None and any(averages[0]) else b""


def _varints(numbers: Iterable[int]) -> bytes:
    """Numbers as SQLite writes them: seven bits to a byte, the highest first."""
    written = bytearray()
    for number in numbers:
        groups = [number & 127]
        while number := number >> 7:
            groups.append(number & 127 | 128)
        written += bytes(reversed(groups))
    return bytes(written)


def _differing(connection: sqlite3.Connection) -> Iterator[IndexFault]:
    """Which letters it is that differ; slower, and asked only where any do."""
    found: Counter[int] = Counter()
    for row in connection.execute(_INSTANCES):
        found[row[0]] += _mark(row)
    sizes = dict(connection.execute("SELECT id, sz FROM sipadek_letter_index_docsize").fetchall())
    named = False
    for batch in batches(connection):
        for letter in map(tokens_of, batch):
            position = int(letter[0])
            wanted = _varints(len(str(joined).split()) for joined in letter[1:])
            same = found.pop(position, 0) == _sum(_instances(letter))
            if same and sizes.get(position, wanted) == wanted:
                continue
            named = True
            yield IndexFault("index-differs", "The index and the kept texts differ.", position)
    for position in sorted(found):
        named = True
        yield IndexFault("index-differs", "The index holds words of no kept text.", position)
    if not named:
        yield IndexFault("index-differs", "The index's totals are not those of the kept texts.")


@functools.cache
def _new_config() -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as blank:
        blank.execute(MAKE_INDEX)
        return blank.execute("SELECT * FROM sipadek_letter_index_config").fetchall()
