"""The query language, on the parts of ``whoosh.qparser``.

Whoosh tags the text (phrases, prefixes, field names, operators), groups it by parentheses and
hands field names to what they stand before. How operators bind is decided here, because Whoosh
lets ``ATAU`` bind tighter than words side by side but looser than ``DAN``.

This module imports Whoosh; ``query.parse_query`` imports it on first use.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any, Final

import attrs
from whoosh.qparser import plugins, syntax
from whoosh.qparser.default import QueryParser

from sipadek.errors import InvalidQuery
from sipadek.naskah import SECRECY_NAMES
from sipadek.search.analysis import ANALYSIS
from sipadek.search.query import (
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_LENGTH,
    MAX_PREFIXES,
    MIN_PREFIX,
    And,
    Field,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Restriction,
    Text,
    Word,
)

_FIELD: Final = re.compile(rf"(?i)(?<![^\s(])(?P<text>{'|'.join(Field)}):[ \t]*")
_PREFIX: Final = re.compile(r'(?P<text>[^\s()"*]+)[*](?![^\s()])')
_OPERATOR: Final = r"(?<![^\s()])(?:{})(?![^\s()])"
# Word processors turn quotes; one character for one keeps positions true.
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„«»", '"'))
_CODE: Final = re.compile(r"[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*")
_YEAR: Final = re.compile(r"[0-9]{4}")
_SECRECY: Final = {
    name: rank
    for rank, (code, full) in enumerate(SECRECY_NAMES.items())
    for name in (code.lower(), full.lower(), full.lower().replace(" ", "-"))
}


class _Operators:
    """A plugin that tags operators and leaves them in place."""

    def taggers(self, _parser: Any) -> list[tuple[Any, int]]:
        tagger = plugins.OperatorsPlugin.OpTagger
        return [
            (tagger(_OPERATOR.format("DAN|AND"), syntax.AndGroup), -1),
            (tagger(_OPERATOR.format("ATAU|OR"), syntax.OrGroup), -1),
            (tagger(_OPERATOR.format("BUKAN|NOT"), syntax.NotGroup), -1),
        ]

    def filters(self, _parser: Any) -> tuple[()]:
        return ()


@functools.cache
def _parser() -> Any:
    return QueryParser(
        None,
        None,
        plugins=[
            plugins.FieldsPlugin(_FIELD, remove_unknown=False),
            plugins.PhrasePlugin(r'"(?P<text>[^"]*)"(?P<slop>)'),
            plugins.PrefixPlugin(_PREFIX),
            plugins.GroupPlugin(),
            _Operators(),
        ],
    )


def parse(text: str) -> Query:
    """See ``query.parse_query``."""
    if len(text) > MAX_LENGTH:
        raise _invalid(f"The query is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    text = text.translate(_QUOTES)
    _check_depth(text)
    query = _tree(_parser().process(text), _Budget())
    if query is None:
        raise _invalid("The query holds no word to look for", 0)
    return query


@attrs.define
class _Budget:
    """What a query may still hold."""

    leaves: int = MAX_LEAVES
    prefixes: int = MAX_PREFIXES

    def spend(self, leaf: Query, node: Any) -> None:
        self.leaves -= 1
        self.prefixes -= isinstance(leaf, Prefix)
        if self.leaves < 0:
            raise _invalid(f"The query has more than {MAX_LEAVES} words", node.startchar)
        if self.prefixes < 0:
            raise _invalid(f"The query has more than {MAX_PREFIXES} '*'", node.startchar)


def _tree(group: Any, budget: _Budget) -> Query | None:
    alternatives: list[list[Query]] = [[]]
    negated = False
    for node in group:
        if isinstance(node, syntax.Operator):
            if node.grouptype is syntax.OrGroup:
                alternatives.append([])
                negated = False
            elif node.grouptype is syntax.NotGroup:
                negated = not negated
            continue
        if isinstance(node, syntax.GroupNode):
            part = _tree(node, budget)
        elif (part := _leaf(node)) is not None:
            budget.spend(part, node)
        if part is not None:
            alternatives[-1].append(_negate(part) if negated else part)
        negated = False
    return _either(filter(None, map(_all, alternatives)))


def _all(parts: Iterable[Query]) -> Query | None:
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else [part])
    return flat[0] if len(flat) == 1 else And(tuple(flat)) if flat else None


def _either(parts: Iterable[Query]) -> Query | None:
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Or) else [part])
    return flat[0] if len(flat) == 1 else Or(tuple(flat)) if flat else None


def _negate(part: Query) -> Query:
    return part.part if isinstance(part, Not) else Not(part)


def _leaf(node: Any) -> Query | None:
    field = Field(node.fieldname.lower()) if node.fieldname else None
    if field not in (None, Field.NUMBER, Field.SUBJECT):
        return _restriction(field, node)
    return _text(field, node)


def _text(field: Field | None, node: Any) -> Text | None:
    tokens = ANALYSIS.index_tokens(node.text)
    if isinstance(node, plugins.PhrasePlugin.PhraseNode):
        return Phrase(exact=tokens.exact, field=field) if tokens.exact else None
    if isinstance(node, plugins.PrefixPlugin.PrefixNode):
        if len("".join(tokens.exact)) < MIN_PREFIX:
            raise _invalid(f"Before '*' at least {MIN_PREFIX} letters are needed", node.startchar)
        return Prefix(exact=tokens.exact, field=field)
    _refuse_star(node)
    if not tokens.exact:
        return None
    return Word(stems=tokens.stems, exact=tokens.exact, field=field)


def _restriction(field: Field, node: Any) -> Restriction:
    value = node.text.strip()
    if isinstance(node, plugins.PrefixPlugin.PrefixNode):
        if field is not Field.CLASSIFICATION:  # kode:400.* says what kode:400 says.
            raise _invalid(f"'{field}:' takes no '*'", node.startchar)
        value = value.rstrip(".")
    else:
        _refuse_star(node)
    if not value or not value.isprintable():
        raise _invalid(f"'{field}:' needs a value", node.startchar)
    if field is Field.CLASSIFICATION and not _CODE.fullmatch(value):
        raise _invalid("'kode:' takes a code such as 400.12", node.startchar)
    if field is Field.YEAR:
        if not _YEAR.fullmatch(value):
            raise _invalid("'tahun:' takes a year such as 2026", node.startchar)
        return Restriction(field=field, value=int(value))
    if field is Field.SECRECY:
        rank = _SECRECY.get(value.lower())
        if rank is None:
            names = ", ".join(SECRECY_NAMES)
            raise _invalid(f"'sifat:' takes {names} or their names", node.startchar)
        return Restriction(field=field, value=rank)
    return Restriction(field=field, value=value)


def _refuse_star(node: Any) -> None:
    quoted = isinstance(node, plugins.PhrasePlugin.PhraseNode)
    if not quoted and "*" in node.text:
        place = node.startchar + node.text.index("*")
        raise _invalid("'*' can only stand at the end of a word", place)


def _check_depth(text: str) -> None:
    """Before Whoosh sees the text: its filters recurse into every group."""
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")" and depth > 0)
        if depth > MAX_DEPTH:
            raise _invalid(f"Parentheses may be {MAX_DEPTH} deep", position)


def _invalid(reason: str, position: int) -> InvalidQuery:
    return InvalidQuery(
        f"{reason}; see position {position}. Change the query there.", position=position
    )
