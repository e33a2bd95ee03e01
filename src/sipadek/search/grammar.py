"""The query language, on the parts of ``whoosh.qparser``; single words and values are read in
``leaves``.

Whoosh tags the text (phrases, prefixes, field names, operators), groups it by parentheses and
hands field names to what they stand before. How operators bind is decided here, because Whoosh
lets ``ATAU`` bind tighter than words side by side but looser than ``DAN``.

This module imports Whoosh; ``query.parse_query`` imports it on first use.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs
from whoosh.qparser import plugins, syntax
from whoosh.qparser.default import QueryParser

from sipadek.search.analysis import ANALYSIS
from sipadek.search.leaves import Piece, invalid, leaf
from sipadek.search.query import (
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_LENGTH,
    MAX_PREFIXES,
    And,
    Asked,
    Field,
    Not,
    Or,
    Prefix,
    Query,
    Sort,
    Typed,
    Wildcard,
    Word,
    wanted,
)
from sipadek.search.spelling import is_spelt
from sipadek.search.synonyms import MAX_TOKENS, Synonyms, default_synonyms

_SORT: Final = "urut"
_FIELD: Final = re.compile(rf"(?i)(?<![^\s(])(?P<text>{'|'.join((*Field, _SORT))}):[ \t]*")
_PREFIX: Final = re.compile(r'(?<![^\s()":])(?P<text>[^\s()"*]+)[*](?![^\s()])')
_OPERATOR: Final = r"(?<![^\s()])(?:{})(?![^\s()])"
# Word processors turn quotes; one character for one keeps positions true.
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„«»", '"'))


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


def parse(text: str, today: datetime.date | None, synonyms: Synonyms | None) -> Asked:
    """See ``query.understand``."""
    if len(text) > MAX_LENGTH:
        raise invalid(f"The query is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    turned = text.translate(_QUOTES)
    _check_depth(turned)
    reading = _Reading(default_synonyms() if synonyms is None else synonyms, today)
    query = _tree(_parser().process(turned), reading, denied=False)
    if query is None:
        raise invalid("The query holds no word to look for", 0)
    return Asked(
        text=text,
        query=query,
        looser=None if reading.arranged else _looser(query),
        sort=reading.sort,
        words=tuple(reading.words),
    )


@attrs.define
class _Reading:
    """What is known while a query is read, and what it may still hold."""

    synonyms: Synonyms
    today: datetime.date | None
    leaves: int = MAX_LEAVES
    prefixes: int = MAX_PREFIXES
    sort: Sort | None = None
    arranged: bool = False  # by operators or parentheses
    words: list[Typed] = attrs.field(factory=list)

    def leaf(self, piece: Piece, *, denied: bool) -> Query | None:
        if piece.field == _SORT:
            self._order(piece)
            return None
        found = leaf(piece, self.today)
        if found is not None:
            self._spend(found, piece)
        if isinstance(found, Word) and not denied:
            self._remember(found, piece)
        return found

    def _order(self, piece: Piece) -> None:
        try:
            sort = Sort(piece.text.strip().lower())
        except ValueError:
            raise invalid(f"'urut:' takes {', '.join(Sort)}", piece.start) from None
        if self.sort not in (None, sort):
            raise invalid("Another 'urut:' stands before this one", piece.start)
        self.sort = sort

    def _spend(self, found: Query, piece: Piece) -> None:
        self.leaves -= 1
        self.prefixes -= isinstance(found, Prefix | Wildcard)
        if self.leaves < 0:
            raise invalid(f"The query has more than {MAX_LEAVES} words", piece.start)
        if self.prefixes < 0:
            raise invalid(f"The query has more than {MAX_PREFIXES} '*' or '?'", piece.start)

    def _remember(self, word: Word, piece: Piece) -> None:
        # Beyond ASCII the analysis may move places.
        if len(word.exact) == 1 and is_spelt(word.exact[0]) and piece.text.isascii():
            written, _ = ANALYSIS.words(piece.text)
            ((start, end),) = ANALYSIS.places(piece.text, written)
            self.words.append(Typed(start=piece.start + start, end=piece.start + end, word=word))


def _tree(group: Any, reading: _Reading, *, denied: bool) -> Query | None:
    alternatives: list[list[Query]] = [[]]
    negated = False
    for node in group:
        if isinstance(node, syntax.Operator):
            reading.arranged |= node.grouptype is not syntax.NotGroup
            if node.grouptype is syntax.OrGroup:
                alternatives.append([])
                negated = False
            elif node.grouptype is syntax.NotGroup:
                negated = not negated
            continue
        if isinstance(node, syntax.GroupNode):
            reading.arranged = True
            part = _tree(node, reading, denied=denied or negated)
        else:
            part = reading.leaf(_piece(node), denied=denied or negated)
        if part is not None:
            alternatives[-1].append(_negate(part, reading.synonyms) if negated else part)
        negated = False
    return _either(
        whole
        for parts in alternatives
        if (whole := _all(_widened(parts, reading.synonyms))) is not None
    )


def _piece(node: Any) -> Piece:
    return Piece(
        text=node.text,
        start=node.startchar,
        field=(node.fieldname or "").lower(),
        quoted=isinstance(node, plugins.PhrasePlugin.PhraseNode),
        begins=isinstance(node, plugins.PrefixPlugin.PrefixNode),
    )


def _widened(parts: Sequence[Query], synonyms: Synonyms) -> list[Query]:
    """``parts`` that stand side by side, where words that have synonyms give way to an Or: the
    longest expression from each place on."""
    widened: list[Query] = []
    at = 0
    while at < len(parts):
        for end in range(min(len(parts), at + MAX_TOKENS), at, -1):
            others = _synonyms(parts[at:end], synonyms)
            if others:
                typed = _all(parts[at:end])
                assert typed is not None
                widened.append(Or((typed, *others)))
                at = end
                break
        else:
            widened.append(parts[at])
            at += 1
    return widened


def _synonyms(words: Sequence[Query], synonyms: Synonyms) -> list[Word]:
    typed: list[str] = []
    field: Field | None = None
    for number, word in enumerate(words):
        if not isinstance(word, Word) or (number and word.field is not field):
            return []
        field = word.field
        typed += word.exact
    return [
        Word(exact=exact, stems=ANALYSIS.index_tokens(" ".join(exact)).stems, field=field)
        for exact in synonyms.of(tuple(typed))
    ]


def _all(parts: Iterable[Query]) -> Query | None:
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else [part])
    return flat[0] if len(flat) == 1 else And(tuple(flat)) if flat else None


def _either(parts: Iterable[Query]) -> Query | None:
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Or) and part.several else [part])
    return flat[0] if len(flat) == 1 else Or(tuple(flat), several=True) if flat else None


def _looser(query: Query) -> Query | None:
    """See ``Asked.looser``; ``query`` holds no operator but ``BUKAN``."""
    parts = query.parts if isinstance(query, And) else (query,)
    loose = [part for part in parts if isinstance(part, Word | Or) and _is_loose(part)]
    if len(loose) < 2 and not any(_holds_and(part) for part in loose):
        return None
    things: dict[Query, None] = {}
    for part in loose:
        things |= dict.fromkeys(wanted(part) if _holds_and(part) else [part])
    rest = [part for part in parts if part not in loose]
    everything = loose[0] if len(loose) == 1 else And(tuple(loose))
    return And((*rest, Or(tuple(things), several=True), Not(everything)))


def _holds_and(part: Query) -> bool:
    """Whether it is an expression of several words with its synonyms."""
    return isinstance(part, Or) and any(isinstance(each, And) for each in part.parts)


def _is_loose(part: Query) -> bool:
    return all(isinstance(word, Word) and word.field is None for word in wanted(part))


def _negate(part: Query, synonyms: Synonyms) -> Query:
    (part,) = _widened([part], synonyms)
    return part.part if isinstance(part, Not) else Not(part)


def _check_depth(text: str) -> None:
    """Before Whoosh sees the text: its filters recurse into every group."""
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")" and depth > 0)
        if depth > MAX_DEPTH:
            raise invalid(f"Parentheses may be {MAX_DEPTH} deep", position)
