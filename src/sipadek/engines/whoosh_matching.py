"""The query tree on the postings and columns of one segment of a Whoosh index.

Whoosh's own query classes are not used: its column queries find deleted letters, its ranges are
slow, and its phrases keep whole span objects. What a query asks is worked out with sets of the
segment's letters: words from the postings, everything else from columns, of those letters only that
the words left over.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from whoosh.reading import TermNotFound

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
    Text,
    Wildcard,
    Word,
    accepts,
)

Counts: TypeAlias = dict[int, float]
"""How often something occurs in each letter that has it (as Whoosh numbers them in a segment)."""

Sought: TypeAlias = tuple[str, Text]
"""The kind of columns (``exact`` or ``stem``) in which a leaf's words are looked for, and the leaf."""

_TEXTS: Final = {
    Field.UNIT: "unit",
    Field.KIND: "kind",
    Field.CLASSIFICATION: "classification",
}
_NUMBERS: Final = {Field.SECRECY: "secrecy", Field.NUMBER: "sequence", Field.DATE: "date"}


class Segment:
    """One segment, as ``reader`` reads it."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._columns: dict[str, Sequence[Any]] = {}

    def column(self, name: str) -> Sequence[Any]:
        """The letters' values of a column, read once."""
        if name not in self._columns:
            self._columns[name] = list(self._reader.column_reader(name, translate=False))
        return self._columns[name]

    def live(self) -> set[int]:
        """The letters that are not deleted."""
        return set(self._reader.all_doc_ids())

    def expanded(self, column: str, token: str, fits: Callable[[str], object]) -> Iterator[str]:
        """The words of a column that begin as ``token`` does before its first sign, and fit."""
        head = token
        for sign in "*?":
            head = head.partition(sign)[0]
        for word in self._reader.expand_prefix(column, head):
            text = word.decode()
            if fits(text):
                yield text

    def counts(self, column: str, words: Iterable[str]) -> Counts:
        """How often any of these words occurs in each letter's column."""
        found: defaultdict[int, float] = defaultdict(float)
        for word in words:
            postings = self._postings(column, word)
            while postings is not None and postings.is_active():
                found[postings.id()] += postings.weight()
                postings.next()
        return found

    def places(
        self, column: str, words: Iterable[str], within: Collection[int] | None
    ) -> dict[int, set[int]]:
        """Where any of these words stands in each letter's column (of those ``within``)."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for word in words:
            postings = self._postings(column, word)
            while postings is not None and postings.is_active():
                if within is None or postings.id() in within:
                    found[postings.id()].update(postings.value_as("positions"))
                postings.next()
        return found

    def _postings(self, column: str, word: str) -> Any:
        try:
            return self._reader.postings(column, word)
        except TermNotFound:
            return None

    def rarity(self, column: str, word: str) -> int:
        """In how many letters' column the word stands."""
        return int(self._reader.doc_frequency(column, word))


class Matching:
    """What letters of ``segment`` match; what was read for a leaf is kept for the ranking."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._found: dict[tuple[str, str, Text], Counts] = {}

    def letters(self, query: Query, within: set[int] | None = None) -> set[int]:
        """Those that match, of those ``within`` (None: all)."""
        match query:
            case And(parts):
                for part in sorted(parts, key=_cost):
                    within = self.letters(part, within)
                return self._all(within)
            case Or(parts):
                return set().union(*(self.letters(part, within) for part in parts))
            case Not(part):
                here = self._all(within)
                return here - self.letters(part, here)
            case Word() | Phrase() | Prefix() | Wildcard():
                form = "stem" if isinstance(query, Word) else "exact"
                found: set[int] = set()
                for text in SCOPES[query.field]:
                    found.update(self.occurrences(f"{text}_{form}", form, query))
                return found if within is None else found & within
            case Restriction() | OneOf() | Range():
                return self._fitting(query, self._all(within))

    def _all(self, within: set[int] | None) -> set[int]:
        return self._segment.live() if within is None else within

    def weighted(self, form: str, leaf: Text) -> Counts:
        """How often the leaf occurs in each letter, with the weights of the columns of that form."""
        total: defaultdict[int, float] = defaultdict(float)
        for text in SCOPES[leaf.field]:
            column = f"{text}_{form}"
            for letter, count in self.occurrences(column, form, leaf).items():
                total[letter] += WEIGHTS[column] * count
        return total

    def occurrences(self, column: str, form: str, leaf: Text) -> Counts:
        """How often the leaf occurs in each letter's column."""
        key = column, form, leaf
        if key not in self._found:
            tokens = leaf.stems if form == "stem" and isinstance(leaf, Word) else leaf.exact
            choices = [
                self._choices(column, token, leaf, at == len(tokens) - 1)
                for at, token in enumerate(tokens)
            ]
            self._found[key] = self._adjacent(column, choices)
        return self._found[key]

    def _choices(self, column: str, token: str, leaf: Text, last: bool) -> list[str]:
        """The words that may stand at this place of the leaf."""
        if isinstance(leaf, Wildcard) and ("*" in token or "?" in token):
            return list(self._segment.expanded(column, token, leaf.pattern.fullmatch))
        if isinstance(leaf, Prefix) and last:
            return list(self._segment.expanded(column, token, str))
        return [token]

    def _adjacent(self, column: str, choices: Sequence[Sequence[str]]) -> Counts:
        if len(choices) == 1:
            return self._segment.counts(column, choices[0])
        rarity = self._segment.rarity
        # The rarest word first, so that the places of the others are read in few letters.
        order = sorted(
            range(len(choices)), key=lambda at: sum(rarity(column, word) for word in choices[at])
        )
        starts: dict[int, set[int]] | None = None
        for at in order:
            places = self._segment.places(column, choices[at], starts)
            here = {letter: {place - at for place in found} for letter, found in places.items()}
            if starts is not None:
                here = {letter: starts[letter] & found for letter, found in here.items()}
            starts = {letter: found for letter, found in here.items() if found}
        return {letter: float(len(found)) for letter, found in (starts or {}).items()}

    def _fitting(self, query: Restriction | OneOf | Range, within: set[int]) -> set[int]:
        if query.field in _TEXTS:
            column = self._segment.column(_TEXTS[query.field])
            fits: dict[bytes, bool] = {}
            for value in {column[letter] for letter in within}:
                fits[value] = accepts(query, value.decode())
            return {letter for letter in within if fits[column[letter]]}
        numbers = self._segment.column(_NUMBERS.get(query.field, "date"))
        asked, known = _on_numbers(query), {numbers[letter] for letter in within}
        good = {number for number in known if asked(number)}
        return {letter for letter in within if numbers[letter] in good}


def _on_numbers(query: Restriction | OneOf | Range) -> Callable[[int], bool]:
    """The condition on the number that stands in the column: for dates and years the day's."""
    if query.field is Field.DATE:
        return lambda day: accepts(query, datetime.date.fromordinal(day))
    if query.field is Field.YEAR:
        return lambda day: accepts(query, datetime.date.fromordinal(day).year)
    return lambda number: accepts(query, number)


def _cost(query: Query) -> int:
    """Words first, then what looks at each letter that is left."""
    match query:
        case Word() | Phrase() | Prefix() | Wildcard():
            return 0
        case And(parts) | Or(parts):
            return max(map(_cost, parts), default=0)
        case Not(part):
            return 1 + _cost(part)
        case _:
            return 1
