"""A series: a pattern, the fields that part its counters, when they restart, and where it is."""

from __future__ import annotations

import datetime
import enum
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import attrs

from sipadek.errors import InvalidInput, InvalidPattern
from sipadek.numbering.fields import value_of
from sipadek.numbering.kinds import PatternsByKind
from sipadek.numbering.pattern import Pattern
from sipadek.numbering.values import (
    MAX_SEQUENCE,
    OWN,
    NumberFields,
    ParsedNumber,
    TextMap,
    is_own_name,
    value_fault,
)

MAX_KINDS: Final = 64
"""The most kinds of letter that can have a pattern of their own in one series."""

_CODE: Final = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_MAX_CODE: Final = 64
_SCOPES: Final = {
    "unit": "unit",
    "classification": "kode",
    "kind": "jenis",
    "secrecy": "sifat",
    "post": "jabatan",
}
_PERIODS: Final = {"year": "tahun", "month": "bulan"}
_ENTRIES: Final = {"code", "pattern", "restart", "scope", "start", "timezone"}
_LATER_ENTRIES: Final = {"kinds", "insertion", "repeats"}


class Restart(enum.StrEnum):
    """When a counter begins again at the series' start, by the document date."""

    YEARLY = "yearly"
    MONTHLY = "monthly"
    NEVER = "never"


_TOLD_BY: Final[Mapping[Restart, tuple[str, ...]]] = {
    Restart.YEARLY: ("year",),
    Restart.MONTHLY: ("year", "month"),
    Restart.NEVER: (),
}


def _scope(value: Any) -> tuple[str, ...]:
    """In one order, so that the same scope is the same definition and the same counter."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidInput(f"scope {value!r} is not a tuple; write ('unit',) or ()", scope=value)
    names = list(value)
    for name in names:
        if not isinstance(name, str) or (name not in _SCOPES and not _is_own(name)):
            known = ", ".join(_SCOPES)
            raise InvalidInput(
                f"scope field {name!r} does not exist; use {known} or a field of your own, such as "
                "x.bidang",
                scope=names,
            )
        if names.count(name) > 1:
            raise InvalidInput(f"scope names {name!r} twice; write it once", scope=names)
    own = sorted(name for name in names if name not in _SCOPES)
    return (*(name for name in _SCOPES if name in names), *own)


def _is_own(name: str) -> bool:
    return name.startswith(OWN) and is_own_name(name.removeprefix(OWN))


def _kinds(value: Any) -> TextMap:
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(pairs, list | tuple) or not all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs
    ):
        raise InvalidInput(
            f"kinds {value!r:.80} is not a mapping; write the pattern by kind, such as "
            "{'nota-dinas': '{nomor}/{unit}/{tahun}'}",
            kinds=value,
        )
    if len(pairs) > MAX_KINDS:
        raise InvalidInput(
            f"kinds has {len(pairs)} entries; give at most {MAX_KINDS} kinds their own pattern",
            kinds=value,
        )
    found: dict[str, str] = {}
    for kind, pattern in pairs:
        fault = value_fault(kind) if isinstance(kind, str) else "give text"
        if not fault and kind in found:
            fault = "it is there twice; write it once"
        if not fault and not isinstance(pattern, str):
            fault = f"its pattern is a {type(pattern).__name__}; give text"
        if fault:
            raise InvalidInput(f"kinds has the kind {kind!r:.80}: {fault}", kinds=value)
        found[kind] = pattern
    return TextMap(found)


def _restart(value: Any) -> Restart:
    try:
        return Restart(value)
    except ValueError:
        known = ", ".join(Restart)
        raise InvalidInput(
            f"restart {value!r} does not exist; use one of {known}", restart=value
        ) from None


@attrs.frozen(kw_only=True)
class Series:
    """One row of numbers as an office defines it.

    - ``code`` names it: lower-case letters, digits, single hyphens and dots, at most 64 characters.
    - ``pattern`` is what a number looks like, ``kinds`` the patterns of the kinds of letter that
      look otherwise (at most 64), by kind. All of them count in the same counters.
    - ``scope`` names the fields of a letter that have a counter each: unit, classification, kind,
      secrecy, post, or a field of the host's own such as 'x.bidang'.
    - ``timezone`` (IANA) says where a moment's date is taken, ``start`` is the first sequence.
    - ``insertion`` is how a number inserted after another shows that it is one: one of INSERTIONS,
      such as '.A' for 12.A, 12.B; '' for a series without inserted numbers.
    - ``repeats``: numbers may come again after a restart, since the date beside the number tells
      them apart. The scope is told by the number all the same.

    Raises InvalidPattern for a pattern that cannot be read back, for two patterns that could give
    the same number, and where two counters could: each pattern must tell every scope field (a
    kind with a pattern for itself is told by that) and, unless ``repeats``, the period of the
    restart (yearly: the year; monthly: year and month). Raises InvalidInput for anything else that
    is wrong.
    """

    code: str
    pattern: str
    scope: tuple[str, ...] = attrs.field(default=(), converter=_scope)
    restart: Restart = attrs.field(default=Restart.YEARLY, converter=_restart)
    timezone: str = "Asia/Jakarta"
    start: int = 1
    kinds: Mapping[str, str] = attrs.field(default=TextMap({}), converter=_kinds)
    insertion: str = ""
    repeats: bool = False
    _patterns: PatternsByKind = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        check_code(self.code)
        _zone(self.timezone)
        if type(self.start) is not int or not 1 <= self.start <= MAX_SEQUENCE:
            raise InvalidInput(
                f"start {self.start!r} is not a sequence; give an integer from 1 to {MAX_SEQUENCE}",
                start=self.start,
            )
        if not isinstance(self.repeats, bool):
            raise InvalidInput(
                f"repeats {self.repeats!r} is not a truth value; give True or False",
                repeats=self.repeats,
            )
        # A kind with the pattern of all others changes nothing, so it is no other definition.
        own = {kind: text for kind, text in self.kinds.items() if text != self.pattern}
        object.__setattr__(self, "kinds", TextMap(own))
        patterns = PatternsByKind.compile(self.pattern, own, self.insertion)
        for pattern, kinds in patterns.all():
            _check_scope(self.scope, pattern, kinds)
            if not self.repeats:
                _check_period(self.restart, pattern)
        object.__setattr__(self, "_patterns", patterns)

    def counter(self, fields: NumberFields) -> str:
        """The counter that numbers a letter, such as 'unit=KEL-LEGOK;2026': scope values, then the
        period ('2026', '2026-11', or 'all'). Two letters share the text only if they share the
        counter. Raises InvalidNumber wherever ``render`` would, so that nothing can fail once a
        sequence was taken."""
        self._patterns.of(fields).check(fields)
        parts = [f"{name}={_escaped(value_of(name)(fields))}" for name in self.scope]
        return ";".join([*parts, self._period(fields.date)])

    def render(self, sequence: int, fields: NumberFields, insertion: int = 0) -> str:
        """The number; with ``insertion`` n, the n-th one inserted after it. Raises InvalidNumber
        for a value that cannot stand in it, and for an insertion where the series has none."""
        return self._patterns.of(fields).render(sequence, fields, insertion)

    def parse(self, number: str) -> ParsedNumber:
        """What a number of this series tells; raises InvalidNumber for any other text."""
        return self._patterns.parse(number)

    def local_date(self, moment: datetime.datetime) -> datetime.date:
        """The date in the series' time zone at an aware ``moment``: the document date of a letter
        numbered then. Raises InvalidInput for a moment without a time zone."""
        if moment.utcoffset() is None:
            raise InvalidInput("the moment has no time zone; pass an aware datetime", at=moment)
        return moment.astimezone(_zone(self.timezone)).date()

    def definition(self) -> dict[str, Any]:
        """All that defines the series, as plain JSON values; equal series give equal dicts. Entries
        that came later stand in it only where they are not at their default."""
        definition: dict[str, Any] = {
            "code": self.code,
            "pattern": self.pattern,
            "restart": self.restart.value,
            "scope": list(self.scope),
            "start": self.start,
            "timezone": self.timezone,
        }
        if self.kinds:
            # Pairs, since not every kind can be a key in an event of the register.
            definition["kinds"] = [list(pair) for pair in self.kinds.items()]
        if self.insertion:
            definition["insertion"] = self.insertion
        if self.repeats:
            definition["repeats"] = True
        return definition

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Self:
        """The series of a ``definition()``. Raises InvalidInput where entries are missing or
        unknown, and what the constructor raises."""
        missing = _ENTRIES - set(definition)
        unknown = set(definition) - _ENTRIES - _LATER_ENTRIES
        if missing or unknown:
            odd = ", ".join(sorted(map(str, missing | unknown)))
            raise InvalidInput(
                f"the series definition has missing or unknown entries: {odd}; "
                "it was written by another version or altered",
                entries=odd,
            )
        return cls(**definition)

    def _period(self, date: datetime.date) -> str:
        match self.restart:
            case Restart.YEARLY:
                return f"{date.year:04d}"
            case Restart.MONTHLY:
                return f"{date.year:04d}-{date.month:02d}"
            case Restart.NEVER:
                return "all"


def check_code(code: object) -> None:
    """Raises InvalidInput for what cannot be the code of a series."""
    if not isinstance(code, str) or len(code) > _MAX_CODE or not _CODE.fullmatch(code):
        raise InvalidInput(
            f"series code {code!r} cannot be used; write lower-case letters and digits with single "
            f"hyphens or dots between, at most {_MAX_CODE} characters, such as 'surat-keterangan'",
            code=code,
        )


def _check_scope(scope: tuple[str, ...], pattern: Pattern, kinds: tuple[str, ...]) -> None:
    for name in scope:
        if name not in pattern.attributes and not (name == "kind" and len(kinds) == 1):
            raise InvalidPattern(
                f"pattern {pattern.text!r}: every {name} has its own counter, but the number "
                "does not tell it, so two letters would get the same number; add "
                f"{{{_SCOPES.get(name, name)}}} or take {name!r} out of the scope",
                pattern=pattern.text,
                reason=f"scope field {name} is missing",
            )


def _check_period(restart: Restart, pattern: Pattern) -> None:
    for name in _TOLD_BY[restart]:
        if name not in pattern.attributes:
            raise InvalidPattern(
                f"pattern {pattern.text!r}: the counter restarts {restart}, but the number does "
                f"not tell the {name}, so numbers would come again; add {{{_PERIODS[name]}}}, let "
                "the counter never restart, or define the series with repeats=True if the date "
                "beside the number tells them apart",
                pattern=pattern.text,
                reason=f"{name} of the restart is missing",
            )


def _zone(name: object) -> zoneinfo.ZoneInfo:
    # Names without a slash can mean this machine's own zone ('localtime'), which moves with it.
    try:
        if isinstance(name, str) and ("/" in name or name == "UTC"):
            return zoneinfo.ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        pass
    raise InvalidInput(
        f"time zone {name!r} is not known here; use an IANA name such as 'Asia/Jakarta' (WIB), "
        "'Asia/Makassar' (WITA) or 'Asia/Jayapura' (WIT); install tzdata where there is none",
        timezone=name,
    )


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace(";", "%3B")
