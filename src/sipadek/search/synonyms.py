"""Abbreviations and synonyms, as a table that can be edited.

They widen the query, never the index, so a changed table holds from the next search on. A line of
the file is ways to write the same thing, parted by commas: ``Kelurahan,Kel.``. Empty lines and
lines that begin with ``#`` are passed over. An expression that stands on several lines has the
synonyms of each; they are not chained.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Iterator
from typing import Final

import attrs

from sipadek.errors import InvalidInput
from sipadek.search.analysis import ANALYSIS

MAX_TOKENS: Final = 12  # Words of one expression.
MAX_EXPRESSIONS: Final = 8  # On one line.
MAX_LINES: Final = 5000

_Exact = tuple[str, ...]


@attrs.frozen
class Synonyms:
    """``groups``: expressions that mean the same, each as its exact tokens."""

    groups: tuple[tuple[_Exact, ...], ...] = ()
    _others: dict[_Exact, tuple[_Exact, ...]] = attrs.field(
        init=False, repr=False, eq=False, factory=dict
    )

    def __attrs_post_init__(self) -> None:
        for group in self.groups:
            for one in group:
                others = (other for other in group if other != one)
                known = self._others.get(_key(one), ())
                self._others[_key(one)] = tuple(dict.fromkeys((*known, *others)))

    @classmethod
    def parse(cls, text: str, *, name: str = "synonyms.csv") -> Synonyms:
        """The table that ``text`` holds.

        Raises:
            InvalidInput: a line (``fields['line']``, counted from 1) has an expression without a
                letter or digit, with more than ``MAX_TOKENS`` words, or twice; or has more than
                ``MAX_EXPRESSIONS``; or there are more than ``MAX_LINES``.
        """
        lines = text.removeprefix("\ufeff").splitlines()
        if len(lines) > MAX_LINES:
            raise _wrong(name, MAX_LINES + 1, f"there are more than {MAX_LINES} lines")
        return cls(tuple(_groups(lines, name)))

    def of(self, exact: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """What else is written for the expression of these exact tokens, in the table's order."""
        return self._others.get(_key(exact), ())

    def replaced_by(self, own: Synonyms) -> Synonyms:
        """The table in which ``own`` lines stand in the place of those that share an expression with
        them. A line of one expression thus takes its synonyms away."""
        claimed = {one for group in own.groups for one in group}
        kept = tuple(group for group in self.groups if claimed.isdisjoint(group))
        return Synonyms(kept + own.groups)


@functools.cache
def default_synonyms() -> Synonyms:
    """The table of government Indonesian that comes with the library."""
    table = importlib.resources.files(__package__).joinpath("synonyms.csv")
    return Synonyms.parse(table.read_text("utf-8"))


def _key(exact: _Exact) -> _Exact:
    # In capitals, 'DINAS … DAN …', it is an operator of the query.
    return tuple(word for word in exact if word != "dan") or exact


def _groups(lines: list[str], name: str) -> Iterator[tuple[_Exact, ...]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        expressions = [part.strip() for part in line.split(",")]
        if len(expressions) > MAX_EXPRESSIONS:
            raise _wrong(name, number, f"it has more than {MAX_EXPRESSIONS} expressions")
        group: dict[_Exact, None] = {}
        for expression in expressions:
            exact = ANALYSIS.exact_tokens(expression)
            if not 1 <= len(exact) <= MAX_TOKENS:
                raise _wrong(name, number, f"{expression!r} has not 1 to {MAX_TOKENS} words")
            if exact in group:
                raise _wrong(name, number, f"{expression!r} stands there twice")
            group[exact] = None
        yield tuple(group)


def _wrong(name: str, line: int, what: str) -> InvalidInput:
    return InvalidInput(
        f"{name}, line {line}: {what}. Write expressions that mean the same, parted by commas, such "
        "as 'Kelurahan,Kel.'.",
        file=name,
        line=line,
    )
