"""The peers of a search benchmark, each as its documentation says and at its simple best.

All take the same letters and answer the same: how many match, and the best 20. ``build`` takes many
at once the way that suits the engine (one writer and one commit for Whoosh and Tantivy, a transaction
for each batch of SQLite and PostgreSQL); ``add`` commits one letter so that it is kept and findable.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs
from search_letters import IndexLetter

FIELDS = ("number", "subject", "body")
WEIGHTS = (8.0, 4.0, 1.0)  # The subject above the body, for every engine that can.
_WORD = re.compile(r"[^\W_]+")


@attrs.frozen(kw_only=True)
class Question:
    """``kind`` is term, phrase, and (two words and a year), prefix, newest or permitted (a term, within
    ``units`` and up to secrecy 1)."""

    kind: str
    words: tuple[str, ...]
    year: int = 0
    units: tuple[str, ...] = ()


class Engine(Protocol):
    """One way to search. It tells letters by their positions."""

    kinds: Sequence[str] = ("term", "phrase", "and", "prefix", "newest", "permitted")

    def __init__(self, folder: Path, dsn: str) -> None: ...
    def reserve(self, batch: list[IndexLetter]) -> Any:
        """What must be there before a batch can be indexed, and is no part of it."""
        return batch

    def build(self, reserved: Any) -> None: ...
    def built(self) -> None:
        """After the last batch."""

    def add(self, reserved: Any) -> None: ...
    def ask(self, question: Question) -> tuple[int, list[int]]: ...
    def ranked(self, text: str, *, any_word: bool, limit: int) -> list[int]: ...
    def megabytes(self) -> float: ...
    def close(self) -> None: ...


def tree_megabytes(folder: Path) -> float:
    """All files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """What stands in a query text: (quoted?, the words with a space between)."""
    for quoted, plain in re.findall(r'"([^"]*)"|([^\s"]+)', text):
        found = " ".join(_WORD.findall(quoted or plain))
        if found:
            yield bool(quoted), found


class Whoosh(Engine):
    """whoosh3's own index, TEXT fields as they come."""

    def __init__(self, folder: Path, dsn: str) -> None:
        from whoosh import fields, index

        self._folder = folder / "whoosh"
        if index.exists_in(str(self._folder)) if self._folder.exists() else False:
            self._index = index.open_dir(str(self._folder))
        else:
            self._folder.mkdir()
            schema = fields.Schema(
                position=fields.NUMERIC(stored=True, sortable=True, bits=64),
                number=fields.TEXT(field_boost=WEIGHTS[0]),
                subject=fields.TEXT(field_boost=WEIGHTS[1]),
                body=fields.TEXT,
                unit=fields.ID,
                secrecy=fields.NUMERIC,
                year=fields.NUMERIC,
            )
            self._index = index.create_in(str(self._folder), schema)
        self._writer: Any = None
        self._searcher: Any = None

    def build(self, reserved: list[IndexLetter]) -> None:
        if self._writer is None:
            self._writer = self._index.writer()
        for letter in reserved:
            self._writer.add_document(**_fields(letter))

    def built(self) -> None:
        self._writer.commit()
        self._writer = None

    def add(self, reserved: list[IndexLetter]) -> None:
        self.build(reserved)
        self.built()

    def ask(self, question: Question) -> tuple[int, list[int]]:
        from whoosh import query

        text = " ".join(question.words)
        how: dict[str, Any] = {}
        match question.kind:
            case "phrase":
                text = f'"{text}"'
            case "and":
                text += f" year:{question.year}"
            case "prefix":
                text += "*"
            case "newest":
                how = {"sortedby": "position", "reverse": True}
            case "permitted":
                units = query.Or([query.Term("unit", unit) for unit in question.units])
                how = {"filter": query.And([units, query.NumericRange("secrecy", 0, 1)])}
        return self._found(text, any_word=False, limit=20, **how)

    def ranked(self, text: str, *, any_word: bool, limit: int) -> list[int]:
        return self._found(text, any_word=any_word, limit=limit)[1]

    def _found(self, text: str, *, any_word: bool, limit: int, **how: Any) -> tuple[int, list[int]]:
        from whoosh import qparser

        if self._searcher is None:
            self._searcher = self._index.searcher()
        group = qparser.OrGroup if any_word else qparser.AndGroup
        parser = qparser.MultifieldParser(FIELDS, self._index.schema, group=group)
        found = self._searcher.search(parser.parse(text), limit=limit, **how)
        return len(found), [hit["position"] for hit in found]

    def megabytes(self) -> float:
        return tree_megabytes(self._folder)

    def close(self) -> None:
        if self._searcher is not None:
            self._searcher.close()
        self._index.close()


class Fts5(Engine):
    """FTS5 with its default tokenizer, unicode61; contentless, beside a table of what else is asked."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self._db = sqlite3.connect(folder / "fts5.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = wal")
        self._db.execute("PRAGMA synchronous = full")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS letter (position INTEGER PRIMARY KEY, unit TEXT,"
            " secrecy INTEGER, year INTEGER)"
        )
        self._db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS fts USING fts5(number, subject, body, content='')"
        )

    def build(self, reserved: list[IndexLetter]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT INTO letter VALUES (?, ?, ?, ?)",
            map(_asides, reserved),
        )
        self._db.executemany(
            "INSERT INTO fts (rowid, number, subject, body) VALUES (?, ?, ?, ?)",
            [(one.position, one.number, one.subject, one.body) for one in reserved],
        )
        self._db.execute("COMMIT")

    add = build

    def ask(self, question: Question) -> tuple[int, list[int]]:
        words = " AND ".join(f'"{word}"' for word in question.words)
        order, more, values = f"bm25(fts, {', '.join(map(str, WEIGHTS))})", "", []
        match question.kind:
            case "phrase":
                words = f'"{" ".join(question.words)}"'
            case "and":
                more, values = " AND letter.year = ?", [question.year]
            case "prefix":
                words += "*"
            case "newest":
                order = "fts.rowid DESC"
            case "permitted":
                places = ", ".join("?" * len(question.units))
                more = f" AND letter.secrecy <= 1 AND letter.unit IN ({places})"
                values = [*question.units]
        source = "FROM fts"
        if more:
            source += " CROSS JOIN letter ON letter.position = fts.rowid"
        source += f" WHERE fts MATCH ?{more}"
        (total,) = self._db.execute(f"SELECT count(*) {source}", [words, *values]).fetchone()
        rows = self._db.execute(
            f"SELECT fts.rowid {source} ORDER BY {order} LIMIT 20", [words, *values]
        )
        return total, [position for (position,) in rows]

    def ranked(self, text: str, *, any_word: bool, limit: int) -> list[int]:
        words = [f'"{words}"' for _, words in parts(text)]
        rows = self._db.execute(
            "SELECT rowid FROM fts WHERE fts MATCH ?"
            f" ORDER BY bm25(fts, {', '.join(map(str, WEIGHTS))}), rowid LIMIT ?",
            ((" OR " if any_word else " AND ").join(words), limit),
        )
        return [position for (position,) in rows]

    def megabytes(self) -> float:
        (size,) = self._db.execute("SELECT sum(length(block)) FROM fts_data").fetchone()
        return float(size) / 1e6

    def close(self) -> None:
        self._db.close()


class Tantivy(Engine):
    """Tantivy with its default tokenizer. ``threads`` is 0 for its own choice; with 1, equal letters
    come in the same order in every run."""

    threads = 0

    def __init__(self, folder: Path, dsn: str) -> None:
        import tantivy

        self._folder = folder / "tantivy"
        self._folder.mkdir(exist_ok=True)
        builder = tantivy.SchemaBuilder()
        for name in ("position", "secrecy", "year"):
            builder.add_unsigned_field(name, stored=name == "position", indexed=True, fast=True)
        for name in FIELDS:
            builder.add_text_field(name)
        builder.add_text_field("unit", tokenizer_name="raw")
        self._index = tantivy.Index(builder.build(), path=str(self._folder))
        self._writer: Any = None

    def build(self, reserved: list[IndexLetter]) -> None:
        import tantivy

        if self._writer is None:
            self._writer = self._index.writer(num_threads=self.threads)
        for letter in reserved:
            document = tantivy.Document.from_dict(_fields(letter), self._index.schema)
            self._writer.add_document(document)

    def built(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        self._index.reload()

    def add(self, reserved: list[IndexLetter]) -> None:
        self.build(reserved)
        self._writer.commit()
        self._index.reload()

    def ask(self, question: Question) -> tuple[int, list[int]]:
        import tantivy

        order = "position" if question.kind == "newest" else None
        schema = self._index.schema
        words: Iterable[Any] = (self._any_field(word) for word in question.words)
        if question.kind == "phrase":
            phrase = f'"{" ".join(question.words)}"'
            words = [self._index.parse_query(phrase, list(FIELDS))]
        elif question.kind == "prefix":
            (word,) = question.words
            each = [tantivy.Query.regex_query(schema, name, f"{word}.*") for name in FIELDS]
            words = [tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in each])]
        must = [(tantivy.Occur.Must, one) for one in words]
        if question.kind == "and":
            year = tantivy.Query.term_query(schema, "year", question.year)
            must.append((tantivy.Occur.Must, year))
        elif question.kind == "permitted":
            units = tantivy.Query.term_set_query(schema, "unit", list(question.units))
            secrecy = tantivy.Query.range_query(schema, "secrecy", tantivy.FieldType.Unsigned, 0, 1)
            must += [(tantivy.Occur.Must, units), (tantivy.Occur.Must, secrecy)]
        return self._found(tantivy.Query.boolean_query(must), 20, order)

    def _any_field(self, word: str) -> Any:
        boosts = dict(zip(FIELDS, WEIGHTS, strict=True))
        return self._index.parse_query(word, list(FIELDS), field_boosts=boosts)

    def _found(self, query: Any, limit: int, order: str | None = None) -> tuple[int, list[int]]:
        searcher = self._index.searcher()
        found = searcher.search(query, limit, order_by_field=order)
        return found.count, [searcher.doc(at)["position"][0] for _, at in found.hits]

    def ranked(self, text: str, *, any_word: bool, limit: int) -> list[int]:
        import tantivy

        how = tantivy.Occur.Should if any_word else tantivy.Occur.Must
        asked = [
            (how, self._any_field(f'"{words}"' if " " in words else words))
            for _, words in parts(text)
        ]
        return self._found(tantivy.Query.boolean_query(asked), limit)[1]

    def megabytes(self) -> float:
        return tree_megabytes(self._folder)

    def close(self) -> None:
        self._writer = None


class Postgres(Engine):
    """tsvector and GIN with the configuration 'indonesian'."""

    _ADD = (
        "INSERT INTO letter VALUES (%s, %s, %s, %s, setweight(to_tsvector('indonesian', %s), 'A')"
        " || setweight(to_tsvector('indonesian', %s), 'B') || to_tsvector('indonesian', %s))"
    )
    _RANK = "ts_rank('{0.125, 0.125, 0.5, 1}', tsv, q)"

    def __init__(self, folder: Path, dsn: str) -> None:
        import psycopg

        self._db = psycopg.connect(dsn, autocommit=True)
        with self._db.transaction():
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS letter (position bigint PRIMARY KEY, unit text,"
                " secrecy int, year int, tsv tsvector)"
            )
            self._db.execute("CREATE INDEX IF NOT EXISTS found ON letter USING gin (tsv)")

    def build(self, reserved: list[IndexLetter]) -> None:
        with self._db.transaction(), self._db.cursor() as cursor:
            cursor.executemany(
                self._ADD,
                [(*_asides(one), one.number, one.subject, one.body) for one in reserved],
            )

    add = build

    def built(self) -> None:
        self._db.execute("VACUUM ANALYZE letter")

    def ask(self, question: Question) -> tuple[int, list[int]]:
        text = " ".join(question.words)
        query, order, more = "websearch_to_tsquery('indonesian', %s)", f"{self._RANK} DESC", ""
        values: list[Any] = []
        match question.kind:
            case "phrase":
                text = f'"{text}"'
            case "and":
                more, values = " AND year = %s", [question.year]
            case "prefix":
                query, text = "to_tsquery('indonesian', %s)", f"{text}:*"
            case "newest":
                order = "position DESC"
            case "permitted":
                more, values = " AND secrecy <= 1 AND unit = ANY(%s)", [list(question.units)]
        source = f"FROM letter, {query} AS q WHERE tsv @@ q{more}"
        row = self._db.execute(f"SELECT count(*) {source}", [text, *values]).fetchone()
        rows = self._db.execute(
            f"SELECT position {source} ORDER BY {order} LIMIT 20", [text, *values]
        )
        return (row or (0,))[0], [position for (position,) in rows]

    def ranked(self, text: str, *, any_word: bool, limit: int) -> list[int]:
        query = "websearch_to_tsquery('indonesian', %s)"
        if any_word:
            query = f"replace({query}::text, ' & ', ' | ')::tsquery"
        rows = self._db.execute(
            f"SELECT position FROM letter, (SELECT {query} AS q) AS asked WHERE tsv @@ q"
            f" ORDER BY {self._RANK} DESC, position LIMIT %s",
            [text, limit],
        )
        return [position for (position,) in rows]

    def megabytes(self) -> float:
        row = self._db.execute(
            "SELECT pg_relation_size('found') + sum(pg_column_size(tsv)) FROM letter"
        ).fetchone()
        return float((row or (0,))[0]) / 1e6

    def close(self) -> None:
        self._db.close()


def _asides(letter: IndexLetter) -> tuple[int, str, int, int]:
    """What is asked beside the words."""
    return letter.position, letter.unit, letter.secrecy, letter.date.year


def _fields(letter: IndexLetter) -> dict[str, Any]:
    return {
        "position": letter.position,
        "number": letter.number,
        "subject": letter.subject,
        "body": letter.body,
        "unit": letter.unit,
        "secrecy": letter.secrecy,
        "year": letter.date.year,
    }
