"""The suffix of a number inserted after its parent: ``123.A``, ``015.1``."""

from __future__ import annotations

import re
import string
from typing import Any, Final

import attrs

from sipadek.errors import InvalidInput
from sipadek.numbering.fields import refusal
from sipadek.numbering.values import MAX_INSERTION

INSERTIONS: Final = (".A", ".a", ".1", "A", "a", "-A", "-a", "-1")
"""How insertions can be written: the separator, then the first label."""

_LETTERS: Final = {"A": string.ascii_uppercase, "a": string.ascii_lowercase}


@attrs.frozen
class Insertion:
    """A separator and a label: A to Z, then AA, AB and so on; or 1, 2, 3. ``form`` is one of
    INSERTIONS. The main row's 0 has no text at all."""

    form: str
    spec: str = "nomor"
    attribute: str = "insertion"
    _expression: re.Pattern[str] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.form not in INSERTIONS:
            known = ", ".join(map(repr, INSERTIONS))
            raise InvalidInput(
                f"insertion {self.form!r} does not exist; use one of {known}, or '' for a series "
                "without inserted numbers",
                insertion=self.form,
            )
        # No longer than the labels up to MAX_INSERTION, so that reading is bounded.
        label = "[1-9][0-9]{0,3}" if self._letters is None else f"[{self._letters}]{{1,3}}"
        expression = re.compile(f"(?:{re.escape(self._separator)}{label})?")
        object.__setattr__(self, "_expression", expression)

    @property
    def first(self) -> frozenset[str]:
        return frozenset(self._separator or self._letters or ())

    @property
    def more(self) -> frozenset[str]:
        """An empty suffix is continued by a first character, any other by what labels hold."""
        return self.first | frozenset(self._letters or string.digits)

    def write(self, value: Any) -> str:
        if type(value) is not int or not 0 <= value <= MAX_INSERTION:
            raise refusal(self, value, f"give an integer from 0 to {MAX_INSERTION}")
        if value == 0:
            return ""
        if self._letters is None:
            return f"{self._separator}{value}"
        label = ""
        while value:
            value, place = divmod(value - 1, len(self._letters))
            label = self._letters[place] + label
        return self._separator + label

    def cut(self, text: str, position: int) -> str | None:
        found = self._expression.match(text, position)
        return found.group() if found else None

    def read(self, piece: str) -> int:
        label = piece.removeprefix(self._separator)
        if self._letters is None:
            value = int(label or "0")
        else:
            value = 0
            for letter in label:
                value = value * len(self._letters) + self._letters.index(letter) + 1
        self.write(value)
        return value

    def step(self, state: str, char: str) -> str | None:
        if state == "" and self._separator:
            return char if char == self._separator else None
        begins = state != self.form
        if char not in (self._letters or string.digits) or (begins and char == "0"):
            return None
        return self.form

    def ends(self, state: str) -> bool:
        return state in ("", self.form)

    @property
    def _separator(self) -> str:
        return self.form[:-1]

    @property
    def _letters(self) -> str | None:
        return _LETTERS.get(self.form[-1])
