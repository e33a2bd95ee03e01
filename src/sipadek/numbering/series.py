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
from sipadek.numbering.fields import MAX_SEQUENCE, VALUE_OF, NumberFields, ParsedNumber
from sipadek.numbering.pattern import Pattern

_CODE: Final = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_MAX_CODE: Final = 64
_SCOPES: Final = {"unit": "unit", "classification": "kode", "kind": "jenis", "secrecy": "sifat"}
_PERIODS: Final = {"year": "tahun", "month": "bulan"}


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
        if name not in _SCOPES:
            known = ", ".join(_SCOPES)
            raise InvalidInput(f"scope field {name!r} does not exist; use {known}", scope=names)
        if names.count(name) > 1:
            raise InvalidInput(f"scope names {name!r} twice; write it once", scope=names)
    return tuple(name for name in _SCOPES if name in names)


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

    ``code`` names it: lower-case letters, digits, single hyphens and dots, at most 64 characters.
    ``scope`` names the fields of a letter (unit, classification, kind, secrecy) that have a counter
    each. ``timezone`` (IANA) says where a moment's date is taken, ``start`` is the first sequence.

    Raises InvalidPattern for a pattern that cannot be read back or that would let two counters give
    the same number: it must tell every scope field and the period of the restart (yearly: the year;
    monthly: year and month). Raises InvalidInput for anything else that is wrong.
    """

    code: str
    pattern: str
    scope: tuple[str, ...] = attrs.field(default=(), converter=_scope)
    restart: Restart = attrs.field(default=Restart.YEARLY, converter=_restart)
    timezone: str = "Asia/Jakarta"
    start: int = 1
    _compiled: Pattern = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        _check_code(self.code)
        _zone(self.timezone)
        if type(self.start) is not int or not 1 <= self.start <= MAX_SEQUENCE:
            raise InvalidInput(
                f"start {self.start!r} is not a sequence; give an integer from 1 to {MAX_SEQUENCE}",
                start=self.start,
            )
        compiled = Pattern.compile(self.pattern)
        _check_collisions(self, compiled.attributes)
        object.__setattr__(self, "_compiled", compiled)

    def counter(self, fields: NumberFields) -> str:
        """The counter that numbers a letter, such as 'unit=KEL-LEGOK;2026': scope values, then the
        period ('2026', '2026-11', or 'all'). Two letters share the text only if they share the
        counter. Raises InvalidNumber wherever ``render`` would, so that nothing can fail once a
        sequence was taken."""
        self._compiled.check(fields)
        parts = [f"{name}={_escaped(VALUE_OF[name](fields))}" for name in self.scope]
        return ";".join([*parts, self._period(fields.date)])

    def render(self, sequence: int, fields: NumberFields) -> str:
        """The number. Raises InvalidNumber for a value that cannot stand in it."""
        return self._compiled.render(sequence, fields)

    def parse(self, number: str) -> ParsedNumber:
        """What a number of this series tells; raises InvalidNumber for any other text."""
        return self._compiled.parse(number)

    def local_date(self, moment: datetime.datetime) -> datetime.date:
        """The date in the series' time zone at an aware ``moment``: the document date of a letter
        numbered then. Raises InvalidInput for a moment without a time zone."""
        if moment.utcoffset() is None:
            raise InvalidInput("the moment has no time zone; pass an aware datetime", at=moment)
        return moment.astimezone(_zone(self.timezone)).date()

    def definition(self) -> dict[str, Any]:
        """All that defines the series, as plain JSON values; equal series give equal dicts."""
        return {
            "code": self.code,
            "pattern": self.pattern,
            "restart": self.restart.value,
            "scope": list(self.scope),
            "start": self.start,
            "timezone": self.timezone,
        }

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Self:
        """The series of a ``definition()``. Raises InvalidInput where entries are missing or
        unknown, and what the constructor raises."""
        expected = {"code", "pattern", "restart", "scope", "start", "timezone"}
        if set(definition) != expected:
            odd = ", ".join(sorted(map(str, expected ^ set(definition))))
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


def _check_code(code: object) -> None:
    if not isinstance(code, str) or len(code) > _MAX_CODE or not _CODE.fullmatch(code):
        raise InvalidInput(
            f"series code {code!r} cannot be used; write lower-case letters and digits with single "
            f"hyphens or dots between, at most {_MAX_CODE} characters, such as 'surat-keterangan'",
            code=code,
        )


def _check_collisions(series: Series, told: frozenset[str]) -> None:
    for name in series.scope:
        if name not in told:
            raise InvalidPattern(
                f"pattern {series.pattern!r}: every {name} has its own counter, but the number "
                "does not tell it, so two letters would get the same number; add "
                f"{{{_SCOPES[name]}}} or take {name!r} out of the scope",
                pattern=series.pattern,
                reason=f"scope field {name} is missing",
            )
    for name in _TOLD_BY[series.restart]:
        if name not in told:
            raise InvalidPattern(
                f"pattern {series.pattern!r}: the counter restarts {series.restart}, but the "
                f"number does not tell the {name}, so numbers would come again; add "
                f"{{{_PERIODS[name]}}} or let the counter never restart",
                pattern=series.pattern,
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
