"""The query tree as SQL: an FTS5 expression for the words, conditions for the rest.

No text of a query becomes syntax. Words reach FTS5 as the analysis' tokens, which are letters and
digits only, inside double quotes; values of fields are parameters.
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
)

COLUMNS: Final = tuple(WEIGHTS)
RANK: Final = f"bm25(sipadek_letter_index, {', '.join(map(str, WEIGHTS.values()))})"

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
    """What a query asks of ``letter_index`` (``match``: an FTS5 expression, '' for nothing) and,
    besides, of ``entry`` (``where``: a condition with its ``values``)."""

    match: str
    where: str
    values: tuple[_Value, ...]


def matching(query: Query, holding: Holding, condition: Query) -> Matching:
    """Compile ``query`` so that as much as possible stands in the one expression that ranks.
    ``condition`` narrows it, and has no words (`sipadek.search.without_words`)."""
    found: list[str] = []
    without: list[str] = []
    conditions: list[str] = []
    values: list[_Value] = []
    for part in query.parts if isinstance(query, And) else (query,):
        denied = _expression(part.part) if isinstance(part, Not) else None
        expression = _expression(part)
        if expression is not None:
            found.append(expression)
        elif denied is not None:
            without.append(denied)
        else:
            conditions.append(_condition(part, values, holding))
    if not found:
        for denied in without:
            conditions.append(f"NOT {_among(denied, values)}")
        without = []
    conditions.append(_condition(condition, values, holding))
    match = " AND ".join(found)
    if without:
        match = f"({match}) NOT ({' OR '.join(without)})"
    return Matching(match, " AND ".join(conditions) or "1", tuple(values))


def _expression(query: Query) -> str | None:
    """The FTS5 expression, in parentheses where it needs them; None where FTS5 cannot say it: for
    fields of the entry, for wildcards (it could name each word, but ranking hundreds of them takes
    seconds), and for ``Not``, which FTS5 only knows between two expressions."""
    match query:
        case Word() | Phrase() | Prefix():
            return _leaf(query)
        case And(parts):
            return _joined(" AND ", parts)
        case Or(parts):
            return _joined(" OR ", parts)
        case _:
            return None


def _joined(operator: str, parts: Iterable[Query]) -> str | None:
    expressions = [_expression(part) for part in parts]
    told = [expression for expression in expressions if expression is not None]
    return f"({operator.join(told)})" if told and len(told) == len(expressions) else None


def exact_columns(field: Field | None) -> str:
    """FTS5's filter for the exact words of the texts that ``field`` names."""
    return f"{{{' '.join(f'{text}_exact' for text in SCOPES[field])}}}"


def _leaf(leaf: Word | Phrase | Prefix) -> str:
    exact = exact_columns(leaf.field)
    quoted = f'"{" ".join(leaf.exact)}"'
    match leaf:
        case Phrase():
            return f"{exact}:{quoted}"
        case Prefix():
            return f"{exact}:{quoted}*"
        case Word():
            # Every exact match is a match of stems too: the first half only adds to the rank.
            stem = " ".join(f"{text}_stem" for text in SCOPES[leaf.field])
            return f'({exact}:{quoted} OR {{{stem}}}:"{" ".join(leaf.stems)}")'


def _condition(query: Query, values: list[_Value], holding: Holding) -> str:
    """Any query as a condition on ``entry``; it is never NULL, so that NOT means not."""
    expression = _expression(query)
    if expression is not None:
        return _among(expression, values)
    match query:
        case And(parts) | Or(parts):
            operator, none = (" AND ", "1") if isinstance(query, And) else (" OR ", "0")
            return f"({operator.join([_condition(p, values, holding) for p in parts]) or none})"
        case Not(part):
            return f"(NOT {_condition(part, values, holding)})"
        case Restriction() | OneOf() | Range():
            return _limited(query, values)
        case Wildcard():
            values.append(json.dumps(list(holding(query))))
            return "(entry.position IN (SELECT value FROM json_each(?)))"
        case _:  # pragma: no cover - words have an expression
            raise AssertionError(query)


def _among(expression: str, values: list[_Value]) -> str:
    values.append(expression)
    found = "SELECT rowid FROM sipadek_letter_index WHERE sipadek_letter_index MATCH ?"
    return f"(entry.position IN ({found}))"


def _limited(query: Restriction | OneOf | Range, values: list[_Value]) -> str:
    match query:
        case Restriction(field=field, value=value):
            return _restricted(field, value, values)
        case OneOf(field=field, values=wanted):
            values.append(json.dumps(sorted(wanted)))
            return f"(entry.{_COLUMN[field]} IN (SELECT value FROM json_each(?)))"  # noqa: S608
        case Range():
            return _between(query, values)


def _between(query: Range, values: list[_Value]) -> str:
    column = f"entry.{_COLUMN[query.field]}"
    conditions = []
    for operator, end in ((">=", query.low), ("<=", query.high)):
        if end is not None:
            conditions.append(f"{column} {operator} ?")
            values.append(end.isoformat() if isinstance(end, datetime.date) else end)
    return f"({' AND '.join(conditions) or '1'})"


def _restricted(field: Field, value: _Value, values: list[_Value]) -> str:
    column = f"entry.{_COLUMN[field]}"
    if isinstance(value, int):
        values.append(value)
        return f"({column} IS ?)"
    same = f"lower({column}) IS lower(?)"
    values.append(value)
    if field is not Field.CLASSIFICATION:
        return f"({same})"
    below = f"{value}."
    values += len(below), below
    return f"({same} OR substr(lower({column}), 1, ?) IS lower(?))"
