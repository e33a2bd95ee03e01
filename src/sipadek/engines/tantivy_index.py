"""Tantivy as an index beside the register, for large archives.

Words come from our analysis, so Tantivy only parts them at spaces. What else a search may ask of a
letter stands in one field as facts (``unit=KEL-LEGOK``), which are looked up like words; dates and
sequence numbers stand in columns. Nothing of a query goes through Tantivy's query parser.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import threading
from collections.abc import Collection, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sipadek.engines.folder import FolderIndex
from sipadek.errors import IndexDamaged, MissingExtra
from sipadek.search import (
    SCOPES,
    WEIGHTS,
    AccessPolicy,
    And,
    Document,
    Field,
    Mark,
    Not,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Restriction,
    Sort,
    Wildcard,
    Word,
    facts,
    ranking,
    wanted_facts,
    without_words,
)

try:
    import tantivy
except ImportError as error:
    raise MissingExtra(
        "Tantivy is not installed; install sipadek[tantivy], or use another search engine.",
        extra="tantivy",
    ) from error

_LAYOUT: Final = f"1/tantivy {version('tantivy')}"
_HEAP: Final = 64_000_000  # Bytes that the writer may use.
_COLUMNS: Final = {Field.DATE: "date", Field.YEAR: "date", Field.NUMBER: "sequence"}


class TantivyIndex(FolderIndex):
    """An index in ``folder``; see `sipadek.search.SearchIndex`."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        super().__init__(folder, layout=_LAYOUT, put=_put)
        self._gate = threading.Lock()
        self._opened: tuple[Path, Any] | None = None
        self._seen: Mark | None = None

    def search(
        self,
        query: Query,
        policy: AccessPolicy,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
    ) -> tuple[int, list[tuple[int, float]]]:
        """See `SearchIndex.search`."""
        condition = without_words(policy.condition)
        with _damage(self._folder.path):
            searcher = self._searcher()
            asked = _Asking(_schema(), query, condition, rank=sort is Sort.RELEVANCE)
            if asked.ranks:
                return _best(searcher, asked.query, limit, offset)
            return _sorted(searcher, asked.query, limit, offset, oldest=sort is Sort.OLDEST)

    def _searcher(self) -> Any:
        data, mark = self._present()
        with self._gate:
            if self._opened is None or self._opened[0] != data:
                index = tantivy.Index(_schema(), path=str(data), reuse=True)
                index.config_reader(reload_policy="manual")
                self._opened = data, index
            elif self._seen != mark:
                self._opened[1].reload()
            self._seen = mark
            return self._opened[1].searcher()


def _put(data: Path, documents: Sequence[Document], removed: Collection[int], *, new: bool) -> None:
    schema = _schema()
    with _damage(data):
        writer = tantivy.Index(schema, path=str(data), reuse=not new).writer(_HEAP, num_threads=1)
        for position in removed:
            writer.delete_documents_by_term("position", position)
        for document in documents:
            writer.delete_documents_by_term("position", document.position)
            writer.add_document(tantivy.Document.from_dict(_fields(document), schema))
        writer.commit()  # Tantivy waits for the disk by itself.
        # Merges are awaited: an index of many small commits stays small, and nothing goes on behind.
        writer.wait_merging_threads()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("position", indexed=True, fast=True)
    for name in ("date", "sequence"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in WEIGHTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("fact", tokenizer_name="raw", index_option="basic")
    return builder.build()


def _fields(document: Document) -> dict[str, Any]:
    words = {name: " ".join(tokens) for name, tokens in document.tokens().items()}
    return {
        "position": document.position,
        "date": document.date.toordinal(),
        "sequence": document.sequence,
        "fact": list(
            facts(
                document.unit,
                document.kind,
                document.classification,
                document.date.year,
                document.secrecy,
            )
        ),
        **words,
    }


class _Asking:
    """A query tree as Tantivy's; only its parts that `ranks` have a score."""

    def __init__(self, schema: Any, query: Query, condition: Query, *, rank: bool) -> None:
        self._schema = schema
        scored = list(ranking(query)) if rank else []
        self.ranks = bool(scored)
        parts = query.parts if isinstance(query, And) else (query,)
        plain = [part for part in parts if not any(part is one for one in scored)]
        must = [self._made(part, scored=True) for part in scored]
        must += [_silent(self._made(part)) for part in (*plain, condition)]
        self.query = _all_of(must)

    def _made(self, query: Query, *, scored: bool = False) -> Any:
        match query:
            case And(parts):
                return _all_of([self._made(part, scored=scored) for part in parts])
            case Or(parts):
                return _any_of([self._made(part, scored=scored) for part in parts])
            case Not(part):
                every = (tantivy.Occur.Must, tantivy.Query.all_query())
                without = (tantivy.Occur.MustNot, self._made(part))
                return tantivy.Query.boolean_query([every, without])
            case Word() | Phrase() | Prefix() | Wildcard():
                return _any_of(list(self._leaves(query, scored=scored)))
            case Restriction() | OneOf() | Range():
                return self._limited(query)

    def _leaves(self, leaf: Word | Phrase | Prefix | Wildcard, *, scored: bool) -> Iterator[Any]:
        for text in SCOPES[leaf.field]:
            if isinstance(leaf, Word):
                yield self._in_column(f"{text}_stem", leaf.stems, leaf)
            # Every exact match is a match of stems too: it only adds to the score.
            if scored or not isinstance(leaf, Word):
                yield self._in_column(f"{text}_exact", leaf.exact, leaf)

    def _in_column(
        self, column: str, tokens: Sequence[str], leaf: Word | Phrase | Prefix | Wildcard
    ) -> Any:
        make, schema = tantivy.Query, self._schema
        if isinstance(leaf, Prefix | Wildcard):
            patterns = _patterns(leaf)
            made = (
                make.regex_query(schema, column, patterns[0])
                if len(patterns) == 1
                else make.regex_phrase_query(schema, column, patterns)
            )
        elif len(tokens) == 1:
            made = make.term_query(schema, column, tokens[0], index_option="freq")
        else:
            made = make.phrase_query(schema, column, list(tokens))
        return make.boost_query(made, WEIGHTS[column])

    def _limited(self, query: Restriction | OneOf | Range) -> Any:
        wanted = wanted_facts(query)
        if wanted:
            return tantivy.Query.term_set_query(self._schema, "fact", wanted)
        if wanted is not None:
            return tantivy.Query.empty_query()
        assert isinstance(query, Range)
        low, high = _ends(query)
        if low is None and high is None:
            return tantivy.Query.all_query()
        kind = tantivy.FieldType.Integer
        return tantivy.Query.range_query(self._schema, _COLUMNS[query.field], kind, low, high)


Answer = tuple[int, list[tuple[int, float]]]


def _sorted(searcher: Any, query: Any, limit: int, offset: int, *, oldest: bool) -> Answer:
    """How many are found, and a page of them in the order of the positions."""
    order = tantivy.Order.Asc if oldest else tantivy.Order.Desc
    most = searcher.num_docs  # Tantivy takes room for as many as are asked for.
    rows, start = max(1, min(limit, most)), min(offset, most)
    found = searcher.search(query, rows, order_by_field="position", offset=start, order=order)
    hits = found.hits if limit and offset < found.count else []
    return found.count, [(int(position), 0.0) for position, _ in hits]


def _best(searcher: Any, query: Any, limit: int, offset: int) -> Answer:
    """How many are found, and a page of them in the order of the scores, of equals the newest first.
    Tantivy parts equals by where they lie, which changes with every merge: so all equals of the page's
    last letter are read."""
    most = max(1, searcher.num_docs)
    read = min(offset + limit + 1, most)
    found = searcher.search(query, read, count=True)
    last = min(offset + limit, found.count)
    if last <= offset:
        return found.count, []
    hits = found.hits
    while len(hits) < found.count and hits[-1][0] == hits[last - 1][0]:
        read = min(4 * read, most)
        hits = searcher.search(query, read, count=False).hits
    positions = searcher.fast_field_values("position", [at for _, at in hits])
    pairs = [(position, score) for position, (score, _) in zip(positions, hits, strict=True)]
    pairs.sort(key=lambda pair: (-pair[1], -pair[0]))
    return found.count, pairs[offset:last]


def _all_of(queries: Sequence[Any]) -> Any:
    if not queries:
        return tantivy.Query.all_query()
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in queries])


def _any_of(queries: Sequence[Any]) -> Any:
    if not queries:
        return tantivy.Query.empty_query()
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in queries])


def _silent(query: Any) -> Any:
    return tantivy.Query.const_score_query(query, 0.0)


def _patterns(leaf: Prefix | Wildcard) -> list[Any]:
    """For each word what it must match as a whole."""
    patterns = [re.escape(token) for token in leaf.exact]
    if isinstance(leaf, Prefix):
        patterns[-1] += ".*"
    else:
        patterns[leaf.at] = leaf.pattern.pattern
    return patterns


def _ends(query: Range) -> tuple[int | None, int | None]:
    """The ends as the column has them: days since 1-1-1 for dates and years."""
    low, high = query.low, query.high
    if query.field is not Field.YEAR:
        return _number(low), _number(high)
    first = None if low is None else _clipped(low)
    last = None if high is None else _clipped(high)
    return (
        None if first is None else _new_year(first),
        None if last is None else _new_year(last + 1) - 1,
    )


def _clipped(year: int | datetime.date) -> int:
    assert isinstance(year, int)
    return max(0, min(10_000, year))


def _new_year(year: int) -> int:
    """The first day of a year, also of one that no date has: no letter lies in it."""
    if year < 1:
        return 0
    if year > datetime.MAXYEAR:
        return datetime.date.max.toordinal() + 1
    return datetime.date(year, 1, 1).toordinal()


def _number(end: int | datetime.date | None) -> int | None:
    """Within the 64 bits of a column: beyond lies no letter."""
    if isinstance(end, datetime.date):
        return end.toordinal()
    return None if end is None else max(-(2**62), min(2**62, end))


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Whatever Tantivy finds wrong is the index's: it is made anew from the register."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        raise IndexDamaged(f"The index in {path} cannot be used ({error}).") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's own; derives from BaseException.
            raise
        raise IndexDamaged(f"The index in {path} cannot be used ({error}).") from error
