"""The fields of a number: how each is written, where it ends in a text, and how it is read back.

Every field tells which characters may *continue* one of its texts (``more``). A pattern that lets
no such character follow the field can be cut from left to right in one way only; that is all the
unambiguity of numbers rests on.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, Protocol

import attrs

from sipadek.errors import InvalidNumber
from sipadek.naskah import ROMAN_MONTHS, SECRECY_NAMES

MAX_SEQUENCE: Final = 10**12 - 1
"""The greatest sequence a number can carry."""

MAX_VALUE: Final = 64
"""The greatest length of a unit, classification or kind, in characters."""

_DIGITS: Final = frozenset("0123456789")
_SHOWN: Final = 40


def _document_date(_: object, __: object, value: datetime.date) -> None:
    # A datetime is a date too, but which day it is depends on a time zone nobody named here.
    if type(value) is not datetime.date:
        raise InvalidNumber(
            f"date {value!r} is a {type(value).__name__}; pass a datetime.date "
            "(Series.local_date makes one from a moment)",
            field="date",
            value=value,
        )


@attrs.frozen(kw_only=True)
class NumberFields:
    """What a number is made from, beside its sequence.

    ``date`` is the document date: it feeds the counter's period and the text alike. Fields that the
    pattern does not use may stay empty. ``secrecy`` is a code of ``naskah.SECRECY_NAMES``.
    """

    date: datetime.date = attrs.field(validator=_document_date)
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: str = "B"


@attrs.frozen(kw_only=True)
class ParsedNumber:
    """What a number tells. Fields the pattern does not use are empty, or None for date parts."""

    sequence: int
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: str = ""
    year: int | None = None
    month: int | None = None
    day: int | None = None

    def fields(self) -> NumberFields:
        """Fields that render to the same number. What the number does not tell is filled: the first
        day or month, a leap year, secrecy B. Raises InvalidNumber for 31 February and the like."""
        try:
            date = datetime.date(self.year or 2000, self.month or 1, self.day or 1)
        except ValueError:
            raise InvalidNumber(
                f"day {self.day} does not exist in month {self.month} of "
                f"{self.year or 'any year'}; check the date in the number",
                field="day",
                value=self.day,
            ) from None
        return NumberFields(
            date=date,
            unit=self.unit,
            classification=self.classification,
            kind=self.kind,
            secrecy=self.secrecy or "B",
        )


VALUE_OF: Final[Mapping[str, Callable[[NumberFields], Any]]] = {
    "unit": attrgetter("unit"),
    "classification": attrgetter("classification"),
    "kind": attrgetter("kind"),
    "secrecy": attrgetter("secrecy"),
    "year": attrgetter("date.year"),
    "month": attrgetter("date.month"),
    "day": attrgetter("date.day"),
}
"""Reads the value of a field's attribute from NumberFields."""


class Field(Protocol):
    """One ``{field}`` of a pattern. All texts of a field have at least one character."""

    @property
    def spec(self) -> str:
        """What stands between the braces, such as 'bulan:romawi'."""

    @property
    def attribute(self) -> str:
        """The attribute of ParsedNumber it fills, such as 'month'."""

    @property
    def first(self) -> frozenset[str] | None:
        """The characters its texts begin with; None for any."""

    @property
    def more(self) -> frozenset[str] | None:
        """The characters that could continue one of its texts; None for any."""

    def write(self, value: Any) -> str:
        """The one text of ``value``; raises InvalidNumber where there is none."""

    def cut(self, text: str, position: int) -> str:
        """The text of this field that begins at ``position``; empty where there is none."""

    def read(self, piece: str) -> Any:
        """The value whose text is ``piece``; raises InvalidNumber where there is none."""


def _refusal(field: Field, value: object, reason: str) -> InvalidNumber:
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
            raise _refusal(self, value, f"give an integer from {self.low} to {self.high}")
        return f"{value:0{self.width}d}"

    def cut(self, text: str, position: int) -> str:
        found = self._expression.match(text, position)
        return found.group() if found else ""

    def read(self, piece: str) -> int:
        text = self.write(int(piece))
        if text != piece:
            raise _refusal(self, piece, f"write {text}")
        return int(piece)


@attrs.frozen
class Listed:
    """A field with few values, each with its own text."""

    spec: str
    attribute: str
    texts: dict[int | str, str] = attrs.field(repr=False)
    _values: dict[str, int | str] = attrs.field(init=False, repr=False, eq=False)
    _expression: re.Pattern[str] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        longest_first = sorted(self.texts.values(), key=len, reverse=True)
        object.__setattr__(self, "_values", {text: value for value, text in self.texts.items()})
        object.__setattr__(self, "_expression", re.compile("|".join(longest_first)))

    @property
    def first(self) -> frozenset[str]:
        return frozenset(text[0] for text in self._values)

    @property
    def more(self) -> frozenset[str]:
        return frozenset(
            longer[len(text)]
            for text in self._values
            for longer in self._values
            if longer != text and longer.startswith(text)
        )

    def write(self, value: Any) -> str:
        text = self.texts.get(value) if isinstance(value, int | str) else None
        if text is None:
            allowed = list(self.texts)
            known = ", ".join(map(str, allowed)) if len(allowed) <= 4 else _span(allowed)
            raise _refusal(self, value, f"use {known}")
        return text

    def cut(self, text: str, position: int) -> str:
        found = self._expression.match(text, position)
        return found.group() if found else ""

    def read(self, piece: str) -> int | str:
        return self._values[piece]


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
            raise _refusal(self, value, f"give text, not {type(value).__name__}")
        if not value:
            raise _refusal(self, value, f"the pattern needs it; give the letter's {self.attribute}")
        if len(value) > MAX_VALUE:
            raise _refusal(
                self, value, f"{len(value)} characters; use a code of at most {MAX_VALUE}"
            )
        if not value.isascii() or not value.isprintable():
            raise _refusal(self, value, "use only printable ASCII characters")
        if value.strip(" ") != value or "  " in value:
            raise _refusal(self, value, "remove spaces at the ends and double spaces")
        if self.stop and (value + self.stop).index(self.stop) != len(value):
            raise _refusal(
                self,
                value,
                f"it runs into {self.stop!r}, the separator that follows it; "
                "use a code without it, or a pattern with another separator",
            )
        return str(value)

    def cut(self, text: str, position: int) -> str:
        end = text.find(self.stop, position) if self.stop else len(text)
        return text[position:end] if end >= 0 else ""

    def read(self, piece: str) -> str:
        return self.write(piece)


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
        Free("unit", "unit"),
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
