"""The fields of a number: how each is written, where it ends in a text, and how it is read back.

Every field tells which characters may *continue* one of its texts (``more``). A pattern that lets
no such character follow the field can be cut from left to right in one way only; that is all the
unambiguity of a pattern rests on. To compare patterns with each other (``overlap``), a field is
also a small automaton: ``step`` and ``ends``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, Protocol

import attrs

from sipadek.errors import InvalidNumber
from sipadek.naskah import ROMAN_MONTHS, SECRECY_NAMES
from sipadek.numbering.values import MAX_SEQUENCE, MAX_VALUE, OWN, NumberFields, value_fault

_DIGITS: Final = frozenset("0123456789")
_DOTTED: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_SHOWN: Final = 40
_ANY: Final = "\0"
"""Stands in an automaton's state for characters that make no difference any more."""


@attrs.frozen
class _OwnValue:
    name: str

    def __call__(self, fields: NumberFields) -> str:
        return fields.extra.get(self.name, "")


_VALUE_OF: Final[Mapping[str, Callable[[NumberFields], Any]]] = {
    "unit": attrgetter("unit"),
    "classification": attrgetter("classification"),
    "kind": attrgetter("kind"),
    "secrecy": attrgetter("secrecy"),
    "post": attrgetter("post"),
    "year": attrgetter("date.year"),
    "month": attrgetter("date.month"),
    "day": attrgetter("date.day"),
}


def value_of(attribute: str) -> Callable[[NumberFields], Any]:
    """What reads the value of a field's attribute from NumberFields."""
    if attribute.startswith(OWN):
        return _OwnValue(attribute.removeprefix(OWN))
    return _VALUE_OF[attribute]


class Field(Protocol):
    """One ``{field}`` of a pattern. All its texts have at least one character, except those of an
    insertion, which is empty in numbers of the main row."""

    @property
    def spec(self) -> str:
        """What stands between the braces, such as 'bulan:romawi'."""

    @property
    def attribute(self) -> str:
        """The attribute of ParsedNumber it fills, such as 'month'; 'x.bidang' for an own field."""

    @property
    def first(self) -> frozenset[str] | None:
        """The characters its texts begin with; None for any."""

    @property
    def more(self) -> frozenset[str] | None:
        """The characters that could continue one of its texts; None for any."""

    def write(self, value: Any) -> str:
        """The one text of ``value``; raises InvalidNumber where there is none."""

    def cut(self, text: str, position: int) -> str | None:
        """The text of this field that begins at ``position``; None where there is none."""

    def read(self, piece: str) -> Any:
        """The value whose text is ``piece``; raises InvalidNumber where there is none."""

    def step(self, state: Any, char: str) -> Any:
        """The state after one more character; None where no text goes on so. It starts at ''."""

    def ends(self, state: Any) -> bool:
        """Whether a text can end in this state. Both may let through more than ``read`` takes (they
        know no greatest length), never less."""


def refusal(field: Field, value: object, reason: str) -> InvalidNumber:
    """The error for a value that cannot stand in a field."""
    shown = repr(value)
    if len(shown) > _SHOWN:
        shown = shown[:_SHOWN] + "…"
    return InvalidNumber(
        f"{field.attribute} {shown} cannot stand in the number's {{{field.spec}}}: {reason}",
        field=field.attribute,
        value=value,
    )


@attrs.frozen
class Decimal:
    """An integer in ASCII digits, padded with zeros to ``width``; ``exact``: never longer."""

    spec: str
    attribute: str
    width: int
    exact: bool
    low: int
    high: int
    _expression: re.Pattern[str] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        longest = self.width if self.exact else len(str(self.high))
        expression = re.compile(f"[0-9]{{{self.width},{longest}}}")
        object.__setattr__(self, "_expression", expression)

    @property
    def first(self) -> frozenset[str]:
        return _DIGITS

    @property
    def more(self) -> frozenset[str]:
        return frozenset() if self.exact else _DIGITS

    def write(self, value: Any) -> str:
        if type(value) is not int or not self.low <= value <= self.high:
            raise refusal(self, value, f"give an integer from {self.low} to {self.high}")
        return f"{value:0{self.width}d}"

    def cut(self, text: str, position: int) -> str | None:
        found = self._expression.match(text, position)
        return found.group() if found else None

    def read(self, piece: str) -> int:
        text = self.write(int(piece))
        if text != piece:
            raise refusal(self, piece, f"write {text}")
        return int(piece)

    def step(self, state: str, char: str) -> str | None:
        # The digits so far, each 0 or 1: zeros in front, then ones that stand for any digit.
        if char not in _DIGITS:
            return None
        if len(state) < self.width:
            return state + ("1" if char != "0" or "1" in state else "0")
        return None if self.exact or state[0] == "0" else state

    def ends(self, state: str) -> bool:
        return len(state) == self.width and int(state) >= self.low


@attrs.frozen
class Listed:
    """A field with few values, each with its own text."""

    spec: str
    attribute: str
    texts: dict[int | str, str] = attrs.field(repr=False)
    _values: dict[str, int | str] = attrs.field(init=False, repr=False, eq=False)
    _begun: frozenset[str] = attrs.field(init=False, repr=False, eq=False)
    _expression: re.Pattern[str] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        longest_first = sorted(self.texts.values(), key=len, reverse=True)
        object.__setattr__(self, "_values", {text: value for value, text in self.texts.items()})
        begun = frozenset(text[:end] for text in longest_first for end in range(1, len(text) + 1))
        object.__setattr__(self, "_begun", begun)
        object.__setattr__(self, "_expression", re.compile("|".join(longest_first)))

    @property
    def first(self) -> frozenset[str]:
        return frozenset(text[0] for text in self._values)

    @property
    def more(self) -> frozenset[str]:
        return frozenset(
            text[end]
            for text in self._values
            for end in range(1, len(text))
            if text[:end] in self._values
        )

    def write(self, value: Any) -> str:
        text = self.texts.get(value) if isinstance(value, int | str) else None
        if text is None:
            allowed = list(self.texts)
            known = ", ".join(map(str, allowed)) if len(allowed) <= 4 else _span(allowed)
            raise refusal(self, value, f"use {known}")
        return text

    def cut(self, text: str, position: int) -> str | None:
        found = self._expression.match(text, position)
        return found.group() if found else None

    def read(self, piece: str) -> int | str:
        return self._values[piece]

    def step(self, state: str, char: str) -> str | None:
        return state + char if state + char in self._begun else None

    def ends(self, state: str) -> bool:
        return state in self._values


def _span(allowed: list[int | str]) -> str:
    return f"{allowed[0]} to {allowed[-1]}"


@attrs.frozen
class Free:
    """A code the office chose: 1 to 64 printable ASCII characters, spaces only single and inside.

    ASCII only, so that no two numbers look alike on paper and differ in the register. ``stop`` is
    the literal that follows in the pattern, empty at its end; a value ends at the first ``stop``.
    """

    spec: str
    attribute: str
    stop: str = ""

    @property
    def first(self) -> None:
        return None

    @property
    def more(self) -> None:
        return None

    def write(self, value: Any) -> str:
        if not isinstance(value, str):
            raise refusal(self, value, f"give text, not {type(value).__name__}")
        if not value:
            raise refusal(self, value, f"the pattern needs it; give the letter's {self.attribute}")
        fault = value_fault(value)
        if fault:
            raise refusal(self, value, fault)
        if self.stop and (value + self.stop).index(self.stop) != len(value):
            raise refusal(
                self,
                value,
                f"it runs into {self.stop!r}, the separator that follows it; "
                "use a code without it, or a pattern with another separator",
            )
        return str(value)

    def cut(self, text: str, position: int) -> str | None:
        end = text.find(self.stop, position) if self.stop else len(text)
        return text[position:end] if end > position else None

    def read(self, piece: str) -> str:
        return self.write(piece)

    def step(self, state: str, char: str) -> str | None:
        # The longest end of the value that begins ``stop``, or else only whether it is a space.
        spaced = char == " " and (not state or state[-1] == " ")
        if spaced or not " " <= char <= "~":
            return None
        tail = state + char
        if self.stop and tail.endswith(self.stop):
            return None
        while tail and not self.stop.startswith(tail):
            tail = tail[1:]
        return tail or (char if char == " " else _ANY)

    def ends(self, state: str) -> bool:
        if not state or state[-1] == " ":
            return False
        return not self.stop or (state + self.stop).index(self.stop) == len(state)


@attrs.frozen
class Dotted:
    """A code of digits in groups with single dots between, such as 400.12.2.1."""

    spec: str
    attribute: str

    @property
    def first(self) -> frozenset[str]:
        return _DIGITS

    @property
    def more(self) -> frozenset[str]:
        return _DIGITS | {"."}

    def write(self, value: Any) -> str:
        if not isinstance(value, str) or not _DOTTED.fullmatch(value):
            raise refusal(self, value, "give digits in groups with dots between, as 400.12.2.1")
        if len(value) > MAX_VALUE:
            raise refusal(self, value, f"use at most {MAX_VALUE} characters")
        return str(value)

    def cut(self, text: str, position: int) -> str | None:
        found = _DOTTED.match(text, position)
        return found.group() if found else None

    def read(self, piece: str) -> str:
        return self.write(piece)

    def step(self, state: str, char: str) -> str | None:
        if char in _DIGITS:
            return "0"
        return "." if char == "." and state == "0" else None

    def ends(self, state: str) -> bool:
        return state == "0"


def _counted(low: int, high: int, width: int) -> dict[int | str, str]:
    return {value: f"{value:0{width}d}" for value in range(low, high + 1)}


def _known_fields() -> dict[str, Field]:
    codes: dict[int | str, str] = {code: code for code in SECRECY_NAMES}
    roman: dict[int | str, str] = dict(enumerate(ROMAN_MONTHS, start=1))
    century: dict[int | str, str] = {2000 + year: f"{year:02d}" for year in range(100)}
    known: list[Field] = [
        Decimal("nomor", "sequence", 1, False, 1, MAX_SEQUENCE),
        *(Decimal(f"nomor:{n}", "sequence", n, False, 1, MAX_SEQUENCE) for n in range(2, 10)),
        Free("kode", "classification"),
        Dotted("kode:angka", "classification"),
        Free("unit", "unit"),
        Free("jabatan", "post"),
        Free("jenis", "kind"),
        Listed("sifat", "secrecy", codes),
        Listed("bulan", "month", _counted(1, 12, 1)),
        Listed("bulan:2", "month", _counted(1, 12, 2)),
        Listed("bulan:romawi", "month", roman),
        Decimal("tahun", "year", 4, True, 1000, 9999),
        Listed("tahun:2", "year", century),
        Listed("tanggal", "day", _counted(1, 31, 1)),
        Listed("tanggal:2", "day", _counted(1, 31, 2)),
    ]
    return {field.spec: field for field in known}


KNOWN_FIELDS: Final[Mapping[str, Field]] = _known_fields()
"""Every field a pattern can use, by what stands between the braces. Each has one spelling."""
