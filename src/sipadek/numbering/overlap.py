"""Whether two patterns could give the same number: a search through the product of two automata.

A pattern is an automaton whose places are a part and that part's state. Its language is regular, so
a breadth-first search over pairs of places ends, and finds a shortest common text if there is one.
The automata know neither the greatest length of values nor the days of a month: they may see a
number in common where there is none, never the other way round.
"""

from __future__ import annotations

import string
from collections import deque
from typing import Any, Final

import attrs

from sipadek.numbering.pattern import Pattern

_PRINTABLE: Final = (
    string.ascii_uppercase + string.ascii_lowercase + string.digits + " " + string.punctuation
)
"""All that fields hold; plain characters first, since the found text is shown to people."""

_Place = tuple[int, Any]
_Moves = list[tuple[_Place, frozenset[str]]]


@attrs.define
class Automaton:
    """What a pattern can give, character by character. Moves are kept, so use it again."""

    pattern: Pattern
    _moves: dict[_Place, _Moves] = attrs.field(init=False, factory=dict)

    def moves(self, place: _Place) -> _Moves:
        """The places that follow, each with the characters that lead there."""
        if place not in self._moves:
            self._moves[place] = self._find_moves(place)
        return self._moves[place]

    def ends(self, place: _Place) -> bool:
        """Whether a number can end at this place."""
        following = place[0] + 1
        if following > len(self.pattern.parts):
            return True
        return self._part_ends(place) and self.ends((following, ""))

    def _part_ends(self, place: _Place) -> bool:
        index, state = place
        part = self.pattern.parts[index]
        return state == part if isinstance(part, str) else part.ends(state)

    def _find_moves(self, place: _Place) -> _Moves:
        index, state = place
        if index == len(self.pattern.parts):
            return []
        part = self.pattern.parts[index]
        found: dict[_Place, set[str]] = {}
        if isinstance(part, str):
            if state != part:
                char = part[len(state)]
                return [((index, state + char), frozenset(char))]
        else:
            for char in _PRINTABLE:
                following = part.step(state, char)
                if following is not None:
                    found.setdefault((index, following), set()).add(char)
        moves = [(target, frozenset(chars)) for target, chars in found.items()]
        if self._part_ends(place):
            moves += self.moves((index + 1, ""))
        return moves


def common_text(one: Automaton, other: Automaton) -> str | None:
    """A shortest text that both patterns could give, None where there is none."""
    start = ((0, ""), (0, ""))
    texts = {start: ""}
    waiting = deque([start])
    while waiting:
        pair = waiting.popleft()
        if one.ends(pair[0]) and other.ends(pair[1]):
            return texts[pair]
        for left, left_chars in one.moves(pair[0]):
            for right, right_chars in other.moves(pair[1]):
                common = left_chars & right_chars
                if common and (left, right) not in texts:
                    texts[left, right] = texts[pair] + min(common, key=_PRINTABLE.find)
                    waiting.append((left, right))
    return None
