"""A search index in a PostgreSQL database, written in the host's own transaction.

Words come from our analysis; PostgreSQL's parser takes numbers of letters for files and splits
dates, and it knows no Indonesian. Each text of a letter is a ``tsvector`` of its own, made here: at
each place the exact word (``=surat``) and its stem (``~surat``). No text of a query becomes syntax:
tokens are letters and digits, and everything else is a parameter.

A ``tsvector`` keeps 16,383 places and 255 of one word: what stands beyond in a text is found as a
word, not in phrases. Every function takes a psycopg connection inside the caller's transaction and
neither begins nor ends one; psycopg's own errors pass through. ``schema`` is one that the host has
made.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import psycopg

from sipadek.errors import InvalidInput
from sipadek.postgres import schema as schemas
from sipadek.postgres.handle import Handle
from sipadek.search import (
    SCOPES,
    WEIGHTS,
    AccessPolicy,
    And,
    Document,
    Field,
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
    ranking,
    without_words,
)

Connection = psycopg.Connection[Any]
Leaf = Word | Phrase | Prefix | Wildcard

_TEXTS: Final = SCOPES[None]
_PLACES: Final = 16_383  # PostgreSQL takes every place beyond for this one.
_MOST: Final = 900_000  # Bytes of a tsvector's text; PostgreSQL refuses more than 1 MB.
_FIELDS: Final[dict[Field | None, str]] = {
    Field.UNIT: "unit",
    Field.KIND: "kind",
    Field.CLASSIFICATION: "classification",
    Field.YEAR: "year",
    Field.SECRECY: "secrecy",
    Field.NUMBER: "sequence",
    Field.DATE: "day",
}
_COLUMNS: Final = ("position", *_FIELDS.values(), *_TEXTS)
_MAKE: Final = (
    "CREATE TABLE IF NOT EXISTS sipadek.letter_index (position bigint PRIMARY KEY,"
    ' unit text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL,'
    ' classification text COLLATE "C" NOT NULL, year bigint NOT NULL, secrecy bigint NOT NULL,'
    " sequence bigint NOT NULL, day date NOT NULL, number tsvector NOT NULL, subject tsvector NOT NULL,"
    " body tsvector NOT NULL, sender tsvector NOT NULL, recipient tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS letter_index_words ON sipadek.letter_index"
    " USING gin (number, subject, body, sender, recipient)",
)


def create(connection: Connection, *, schema: str = schemas.DEFAULT) -> None:
    """Make the table ``letter_index`` in that schema, where it is missing."""
    handle = _handle(connection, schema)
    for statement in _MAKE:
        handle.run(statement)


def put(
    connection: Connection, documents: Sequence[Document], *, schema: str = schemas.DEFAULT
) -> None:
    """Index letters, in the place of what is indexed at their positions. Found from the commit on."""
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS[1:])
    marks = ", ".join("%s::tsvector" if name in _TEXTS else "%s" for name in _COLUMNS)
    statement = (
        f"INSERT INTO sipadek.letter_index ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608
        f" ON CONFLICT (position) DO UPDATE SET {changed}"
    )
    _handle(connection, schema).run_many(statement, map(_row, documents))


def remove(
    connection: Connection, positions: Collection[int], *, schema: str = schemas.DEFAULT
) -> None:
    """Forget letters: such as became void."""
    statement = "DELETE FROM sipadek.letter_index WHERE position = ANY(%s)"
    _handle(connection, schema).run(statement, (list(positions),))


def search(
    connection: Connection,
    query: Query,
    policy: AccessPolicy,
    *,
    limit: int,
    offset: int = 0,
    sort: Sort = Sort.RELEVANCE,
    schema: str = schemas.DEFAULT,
) -> tuple[int, list[tuple[int, float]]]:
    """How many letters that ``policy`` lets be seen match, and (position, score) of those from
    ``offset`` on,
    at most ``limit``, in the order of ``sort``. All scores are 0 where no word must occur, or the order
    is another than RELEVANCE.

    Raises:
        InvalidInput: ``limit`` or ``offset`` is negative or beyond 2**31, or the policy asks for words.
    """
    for name, value in (("limit", limit), ("offset", offset)):
        if not 0 <= value < 2**31:
            raise InvalidInput(f"{name} is {value}; give 0 to 2**31 - 1.", **{name: value})
    handle = _handle(connection, schema)
    asked = _Asking(handle)
    where = asked.condition(And((query, without_words(policy.condition))))
    source, values = f"FROM sipadek.letter_index WHERE {where}", tuple(asked.values)
    row = handle.run(f"SELECT count(*) {source}", values).fetchone()
    total = int(row[0]) if row else 0
    if offset >= total or not limit:
        return total, []
    scored = list(ranking(query)) if sort is Sort.RELEVANCE else []
    score, weighing = asked.score(scored)
    order = "position" if sort is Sort.OLDEST else "score DESC, position DESC"
    page = f"SELECT position, {score} AS score {source} ORDER BY {order} LIMIT %s OFFSET %s"
    rows = handle.run(page, (*weighing, *values, limit, offset))
    return total, [(position, float(found)) for position, found in rows]


# --- within ---------------------------------------------------------------------------------------


def _handle(connection: Connection, schema: str) -> Handle:
    return Handle(connection, schemas.check_name(schema))


def _row(document: Document) -> tuple[Any, ...]:
    tokens = document.tokens()
    texts = (_vector(tokens[f"{text}_exact"], tokens[f"{text}_stem"]) for text in _TEXTS)
    of = document
    facts = (of.unit, of.kind, of.classification, of.date.year, of.secrecy, of.sequence, of.date)
    return (document.position, *facts, *texts)


def _vector(exact: Sequence[str], stems: Sequence[str]) -> str:
    """A tsvector as text."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for at, (word, stem) in enumerate(zip(exact, stems, strict=True), start=1):
        for lexeme in (f"={word}", f"~{stem}"):
            places[lexeme] += [str(at)] if at < _PLACES else []
    found, size = [], 0
    for word, known in places.items():
        told = f"'{word}'" + (f":{','.join(known[:255])}" if known else "")
        size += len(told.encode()) + 1
        if size > _MOST:
            break
        found.append(told)
    return " ".join(found)


class _Asking:
    """A query tree as SQL conditions, with their ``values`` in order."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self.values: list[Any] = []

    def condition(self, query: Query) -> str:
        """The condition; it is never NULL, so that NOT means not."""
        match query:
            case And(parts) | Or(parts):
                operator, none = (" AND ", "true") if isinstance(query, And) else (" OR ", "false")
                return f"({operator.join(map(self.condition, parts)) or none})"
            case Not(part):
                return f"(NOT {self.condition(part)})"
            case Word() | Phrase() | Prefix() | Wildcard():
                return self._words(query)
            case OneOf(field=field, values=wanted):
                self.values.append([value for value in sorted(wanted) if _storable(value)])
                return f"({_FIELDS[field]} = ANY(%s))"
            case Range():
                return self._between(query)
            case Restriction():
                return self._restricted(query)

    def score(self, scored: Sequence[Query]) -> tuple[str, list[Any]]:
        """How well a letter matches those parts, as an expression with its values."""
        terms, values = [], []
        for leaf in (leaf for part in scored for leaf in _leaves(part)):
            for text in SCOPES[leaf.field]:
                terms.append(f"{WEIGHTS[f'{text}_exact']} * ts_rank({text}, %s::tsquery, 1)")
                values.append(_asked(_choices(leaf, "=")))
                if isinstance(leaf, Word):
                    terms.append(f"{WEIGHTS[f'{text}_stem']} * ts_rank({text}, %s::tsquery, 1)")
                    values.append(_asked(_choices(leaf, "~")))
        return f"({' + '.join(terms) or '0'})::float8", values

    def _words(self, leaf: Leaf) -> str:
        sign = "~" if isinstance(leaf, Word) else "="
        conditions = []
        for text in SCOPES[leaf.field]:
            choices = _choices(leaf, sign)
            if isinstance(leaf, Wildcard):
                choices[leaf.at] = self._fitting(text, leaf)
            if all(choices):
                self.values.append(_asked(choices))
                conditions.append(f"{text} @@ %s::tsquery")
        return f"({' OR '.join(conditions) or 'false'})"

    def _fitting(self, text: str, leaf: Wildcard) -> list[str]:
        """The words of all letters that the one with the signs can mean."""
        head = re.split("[*?]", leaf.exact[leaf.at])[0]
        statement = (
            f"SELECT DISTINCT lexeme FROM sipadek.letter_index, unnest({text})"  # noqa: S608
            f" WHERE {text} @@ %s::tsquery AND starts_with(lexeme, %s)"
        )
        begin = f"={head}"
        rows = self._handle.run(statement, (f"'{begin}':*", begin)).fetchall()
        return [f"'{word}'" for (word,) in rows if leaf.pattern.fullmatch(word[1:])]

    def _between(self, query: Range) -> str:
        conditions = []
        for operator, end in ((">=", query.low), ("<=", query.high)):
            if end is not None:
                conditions.append(f"{_FIELDS[query.field]} {operator} %s")
                self.values.append(end)
        return f"({' AND '.join(conditions) or 'true'})"

    def _restricted(self, query: Restriction) -> str:
        column, value = _FIELDS[query.field], query.value
        if isinstance(value, int):
            self.values.append(value)
            return f"({column} = %s)"
        if not _storable(value):
            return "(false)"
        self.values.append(value)
        # Under the collation "C" only ASCII has cases, as in the other engines.
        same = f'lower({column}) = lower(%s COLLATE "C")'
        if query.field is not Field.CLASSIFICATION:
            return f"({same})"
        self.values.append(f"{value}.")
        return f'({same} OR starts_with(lower({column}), lower(%s COLLATE "C")))'


def _choices(leaf: Leaf, sign: str) -> list[list[str]]:
    """For each place of the leaf the lexemes that may stand there."""
    tokens = leaf.stems if sign == "~" and isinstance(leaf, Word) else leaf.exact
    choices = [[f"'{sign}{token}'"] for token in tokens]
    if isinstance(leaf, Prefix):
        choices[-1] = [f"{choices[-1][0]}:*"]
    return choices


def _asked(choices: Sequence[Sequence[str]]) -> str:
    """A tsquery as text."""
    return " <-> ".join(f"({' | '.join(words)})" for words in choices)


def _leaves(part: Query) -> Iterator[Word | Phrase | Prefix]:
    match part:
        case And(parts) | Or(parts):
            for one in parts:
                yield from _leaves(one)
        case Word() | Phrase() | Prefix():
            yield part


def _storable(text: str) -> bool:
    """Whether a column can hold it at all."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
