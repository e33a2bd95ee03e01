"""What goes into a number and what comes out of one."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from sipadek.errors import InvalidNumber

MAX_SEQUENCE: Final = 10**12 - 1
"""The greatest sequence a number can carry."""

MAX_INSERTION: Final = 9999
"""The most numbers that can be inserted after one parent."""

MAX_VALUE: Final = 64
"""The greatest length of a unit, classification, kind, post or own value, in characters."""

OWN: Final = "x."
"""What the name of a host's own field begins with, in patterns and scopes."""

_OWN_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_MAX_OWN_NAME: Final = 32


def is_own_name(name: object) -> bool:
    """Whether a host may call a field of its own so: a lower-case letter, then letters and digits
    with single hyphens or underscores between, at most 32 characters."""
    if not isinstance(name, str) or len(name) > _MAX_OWN_NAME:
        return False
    return _OWN_NAME.fullmatch(name) is not None


def value_fault(value: str) -> str:
    """What keeps a text from being a code in numbers; empty where nothing does."""
    if len(value) > MAX_VALUE:
        return f"{len(value)} characters; use a code of at most {MAX_VALUE}"
    if not value.isascii() or not value.isprintable():
        return "use only printable ASCII characters"
    if value.strip(" ") != value or "  " in value:
        return "remove spaces at the ends and double spaces"
    return "" if value else "give at least one character"


def _by_name(texts: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(texts.items()))


@attrs.frozen(eq=False, repr=False)
class TextMap(Mapping[str, str]):
    """An immutable mapping of texts that hashes and pickles, in the order of its names."""

    _texts: dict[str, str] = attrs.field(converter=_by_name)

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash(tuple(self._texts.items()))

    def __repr__(self) -> str:
        return repr(self._texts)


_NONE: Final = TextMap({})


def _own_values(value: Mapping[str, str]) -> TextMap:
    # Made for every letter, mostly without any: exact types first, since they cost least.
    if type(value) is TextMap:
        return value
    if type(value) is dict and not value:
        return _NONE
    if not isinstance(value, Mapping):
        raise InvalidNumber(
            f"extra is a {type(value).__name__}; pass a mapping such as {{'bidang': 'PPA'}}",
            field="extra",
            value=value,
        )
    for name, text in value.items():
        if not is_own_name(name):
            raise InvalidNumber(
                f"extra has the name {name!r}, which no pattern can name; use lower-case letters "
                "and digits with single hyphens or underscores between, such as 'bidang'",
                field="extra",
                value=value,
            )
        if not isinstance(text, str):
            raise InvalidNumber(
                f"extra[{name!r}] is a {type(text).__name__}; give text",
                field=OWN + name,
                value=text,
            )
    return TextMap(value)


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
    pattern does not use may stay empty. ``secrecy`` is a code of ``naskah.SECRECY_NAMES``; ``post``
    is whose signature the letter bears; ``extra`` holds the host's own fields by name (the value of
    ``{x.bidang}`` is ``extra['bidang']``), copied, so that it never changes.

    Raises InvalidNumber for a datetime, and for own fields that no pattern can name.
    """

    date: datetime.date = attrs.field(validator=_document_date)
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: str = "B"
    post: str = ""
    extra: Mapping[str, str] = attrs.field(default=_NONE, converter=_own_values)


@attrs.frozen(kw_only=True)
class ParsedNumber:
    """What a number tells. Fields the pattern does not use are empty, or None for date parts.

    ``insertion`` is 0 for a number of the main row, n for the n-th one inserted after it. ``kind``
    is told by ``{jenis}``, or by the pattern where only one kind has it; where several kinds of the
    series share the pattern, ``kinds`` names them and ``kind`` is empty.
    """

    sequence: int
    insertion: int = 0
    unit: str = ""
    classification: str = ""
    kind: str = ""
    kinds: tuple[str, ...] = ()
    secrecy: str = ""
    post: str = ""
    extra: Mapping[str, str] = attrs.field(default=_NONE, converter=_own_values)
    year: int | None = None
    month: int | None = None
    day: int | None = None

    def fields(self) -> NumberFields:
        """Fields that render to the same number. What the number does not tell is filled: the first
        day or month, a leap year, secrecy B, the first of ``kinds``. Raises InvalidNumber for 31
        February and the like."""
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
            kind=self.kind or (self.kinds[0] if self.kinds else ""),
            secrecy=self.secrecy or "B",
            post=self.post,
            extra=self.extra,
        )
