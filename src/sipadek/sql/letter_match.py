"""The query tree as SQL: an FTS5 expression for what the index holds, conditions for the rest.

No text of a query becomes syntax. Words reach FTS5 as the analysis' tokens, which are letters and
digits only, inside double quotes; what is asked of fields likewise, as the tokens of ``facts``, or as
parameters.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import attrs

from sipadek.search import (
    SCOPES,
    WEIGHTS,
    And,
    Field,
    Not,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Restriction,
    Wildcard,
    Word,
    facts,
    wanted_facts,
)
from sipadek.sql import retention_tables

TEXTS: Final = SCOPES[None]
COLUMNS: Final = (*WEIGHTS, "facts")
_COLUMN: Final = {
    Field.UNIT: "unit",
    Field.KIND: "kind",
    Field.CLASSIFICATION: "classification",
    Field.YEAR: "document_year",
    Field.SECRECY: "secrecy_rank",
    Field.NUMBER: "sequence",
    Field.DATE: "document_date",
}
_Value: TypeAlias = str | int
Holding: TypeAlias = Callable[[Wildcard], Iterable[int]]
"""The positions of the letters that a wildcard finds."""


@attrs.frozen
class Matching:
    """What a query asks of ``letter_index``: that all FTS5 expressions ``found`` hold, and none of
    ``denied``; and, besides, of ``entry`` (``where``: a condition with its ``values``, '' for nothing).
    Nothing is ``denied`` where nothing is ``found``: FTS5 cannot say that."""

    found: tuple[str, ...]
    denied: tuple[str, ...]
    where: str
    values: tuple[_Value, ...]

    @property
    def match(self) -> str:
        """The whole FTS5 expression, '' for none."""
        match = " AND ".join(self.found)
        return f"({match}) NOT ({' OR '.join(self.denied)})" if self.denied else match

    @property
    def joined(self) -> bool:
        """Whether ``source`` holds ``entry``."""
        return bool(self.where) or not self.found

    @property
    def position(self) -> str:
        """The column of ``source`` that tells letters apart."""
        return "entry.position" if self.joined else "rowid"

    @property
    def source(self) -> str:
        """FROM and WHERE of the issued letters that match, for ``parameters``."""
        condition = "entry.state = 'issued'" + (f" AND {self.where}" if self.where else "")
        if not self.found:  # The index does not know destroyed letters.
            condition += f" AND entry.position NOT IN ({retention_tables.DESTROYED})"
            return f"FROM sipadek_entry AS entry WHERE {condition}"
        if not self.where:  # The index holds issued letters only.
            return "FROM sipadek_letter_index WHERE sipadek_letter_index MATCH ?"
        # CROSS JOIN holds SQLite to this order; the other would ask FTS5 once for each entry.
        return (
            "FROM sipadek_letter_index CROSS JOIN sipadek_entry AS entry"
            " ON entry.position = sipadek_letter_index.rowid"
            f" WHERE sipadek_letter_index MATCH ? AND {condition}"
        )

    @property
    def counting(self) -> str:
        """How many they are, for ``parameters``."""
        if self.found or self.where:
            return f"SELECT count(*) {self.source}"
        return "SELECT count(*) FROM sipadek_letter_index_docsize"

    @property
    def parameters(self) -> tuple[_Value, ...]:
        """The values for ``source``."""
        return (self.match, *self.values) if self.found else self.values

    def narrowed(self, told: str) -> Matching:
        """Those of which that expression holds, too."""
        return attrs.evolve(self, found=(*self.found, told))

    def less(self, told: str) -> Matching:
        """Without asking for that expression."""
        return attrs.evolve(self, found=tuple(each for each in self.found if each != told))

    def without(self, denied: Iterable[str]) -> Matching:
        """Those of which no such expression holds, either."""
        return attrs.evolve(self, denied=(*self.denied, *denied))


def matching(query: Query, holding: Holding, condition: Query) -> Matching:
    """Compile ``query`` so that as much as possible stands in FTS5 expressions. ``condition`` narrows
    it, and has no words (`sipadek.search.without_words`)."""
    found: list[str] = []
    without: list[str] = []
    conditions: list[str] = []
    values: list[_Value] = []
    for part in (*_parts(query), *_parts(condition)):
        denied = expression(part.part) if isinstance(part, Not) else None
        told = expression(part)
        if told is not None:
            found.append(told)
        elif denied is not None:
            without.append(denied)
        else:
            conditions.append(_condition(part, values, holding))
    if not found:
        conditions += [f"NOT {_among(denied, values)}" for denied in without]
        without = []
    return Matching(tuple(found), tuple(without), " AND ".join(conditions), tuple(values))


def _parts(query: Query) -> tuple[Query, ...]:
    return query.parts if isinstance(query, And) else (query,)


def expression(query: Query, texts: Iterable[str] = TEXTS) -> str | None:
    """The FTS5 expression for ``query`` in those of a letter's texts, in parentheses where it needs
    them. None where there is none: for dates and ranges of numbers, for wildcards (it could name each
    word, but there are hundreds), and for ``Not``, which FTS5 only knows between two expressions."""
    match query:
        case Word() | Phrase() | Prefix():
            return _leaf(query, texts)
        case And(parts):
            return _joined(" AND ", parts, texts)
        case Or(parts):
            return _joined(" OR ", parts, texts)
        case Restriction() | OneOf() | Range():
            wanted = wanted_facts(query)
            return f"(facts:{' OR facts:'.join(map(_word, wanted))})" if wanted else None
        case _:
            return None


def _joined(operator: str, parts: Iterable[Query], texts: Iterable[str]) -> str | None:
    expressions = [expression(part, texts) for part in parts]
    told = [each for each in expressions if each is not None]
    return f"({operator.join(told)})" if told and len(told) == len(expressions) else None


def exact_columns(field: Field | None) -> str:
    """FTS5's filter for the exact words of the texts that ``field`` names."""
    return f"{{{' '.join(f'{text}_exact' for text in SCOPES[field])}}}"


def exact_words(query: Query, texts: Iterable[str]) -> list[str]:
    """FTS5 expressions for the words of ``query`` as they were written, in those texts. Where one of
    them holds, ``query`` does."""
    match query:
        case Or(parts):
            return [each for part in parts for each in exact_words(part, texts)]
        case And(parts):
            every = [exact_words(part, texts) for part in parts]
            return [f"({' AND '.join(each[0] for each in every)})"] if every and all(every) else []
        case Word(exact=exact, field=field):
            columns = _columns(field, texts, "exact")
            return [f'{columns}:"{" ".join(exact)}"'] if columns else []
        case _:
            return []


def _columns(field: Field | None, texts: Iterable[str], form: str) -> str:
    named = [f"{text}_{form}" for text in texts if text in SCOPES[field]]
    return f"{{{' '.join(named)}}}" if named else ""


def _leaf(leaf: Word | Phrase | Prefix, texts: Iterable[str]) -> str | None:
    # Every exact match of a Word is one of its stems, too.
    form, words = ("stem", leaf.stems) if isinstance(leaf, Word) else ("exact", leaf.exact)
    columns = _columns(leaf.field, texts, form)
    if not columns:
        return None
    return f'{columns}:"{" ".join(words)}"{"*" * isinstance(leaf, Prefix)}'


# --- facts ----------------------------------------------------------------------------------------


def facts_column(unit: str, kind: str, classification: str, year: int, secrecy: int) -> str:
    """What the index holds of a letter's fields, as words: so that it need not be looked up."""
    return " ".join(map(_word, facts(unit, kind, classification, year, secrecy)))


def _word(fact: str) -> str:
    """Letters and digits only, as the index takes them."""
    return f"x{fact.encode('utf-8', 'surrogatepass').hex()}"


# --- conditions -----------------------------------------------------------------------------------


def _condition(query: Query, values: list[_Value], holding: Holding) -> str:
    """Any query as a condition on ``entry``; it is never NULL, so that NOT means not."""
    told = expression(query)
    if told is not None:
        return _among(told, values)
    match query:
        case And(parts) | Or(parts):
            operator, none = (" AND ", "1") if isinstance(query, And) else (" OR ", "0")
            return f"({operator.join([_condition(p, values, holding) for p in parts]) or none})"
        case Not(part):
            return f"(NOT {_condition(part, values, holding)})"
        case Range():
            return _between(query, values)
        case Wildcard():
            values.append(json.dumps(list(holding(query))))
            return "(entry.position IN (SELECT value FROM json_each(?)))"
        case _:  # a restriction to no value at all; everything else has an expression
            return "0"


def _among(told: str, values: list[_Value]) -> str:
    values.append(told)
    found = "SELECT rowid FROM sipadek_letter_index WHERE sipadek_letter_index MATCH ?"
    return f"(entry.position IN ({found}))"


def _between(query: Range, values: list[_Value]) -> str:
    column = f"entry.{_COLUMN[query.field]}"
    conditions = []
    for operator, end in ((">=", query.low), ("<=", query.high)):
        if end is not None:
            conditions.append(f"{column} {operator} ?")
            values.append(end.isoformat() if isinstance(end, datetime.date) else end)
    return f"({' AND '.join(conditions) or '1'})"
