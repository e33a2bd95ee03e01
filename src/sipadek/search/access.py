"""Who may see what, as a query that every search is narrowed by.

A policy is asked before anything is counted, ranked, shown or suggested, inside the engine; and once
more of each letter that comes back, so that a fault of an engine shows nothing.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

import attrs

from sipadek.archive.letter import Letter, Secrecy
from sipadek.errors import InvalidInput
from sipadek.search.query import And, Field, Not, OneOf, Or, Query, Range, Restriction


class AccessPolicy(Protocol):
    """What one person may see."""

    @property
    def condition(self) -> Query:
        """The letters that may be seen: made of ``OneOf``, ``Restriction``, ``Range``, ``And``, ``Or``
        and ``Not``, without words."""
        ...


def _units(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        # frozenset("KEL") would be the units K, E and L: shut, but not what was meant.
        raise InvalidInput(f"units is the text {value!r}; give a set of units.", units=value)
    return frozenset(value)  # type: ignore[call-overload, no-any-return]


def _secrecy(value: str) -> Secrecy:
    try:
        return Secrecy(value)
    except ValueError:
        allowed = ", ".join(Secrecy)
        raise InvalidInput(
            f"clearance is {value!r}; give one of {allowed}.", clearance=value
        ) from None


@attrs.frozen(kw_only=True)
class Viewer:
    """The usual policy: letters of some units, up to a grade of secrecy.

    ``units``: the letters of these units; ``None`` (the default) is every unit, the empty set none.
    ``clearance``: the highest secrecy seen, by default all.

    Raises:
        InvalidInput: ``clearance`` is no grade of secrecy, or ``units`` a single text.
    """

    units: frozenset[str] | None = attrs.field(default=None, converter=_units)
    clearance: Secrecy = attrs.field(default=Secrecy.SANGAT_RAHASIA, converter=_secrecy)

    @property
    def condition(self) -> Query:
        """See `AccessPolicy`."""
        parts: list[Query] = []
        if self.clearance is not Secrecy.SANGAT_RAHASIA:
            parts.append(Range(field=Field.SECRECY, high=self.clearance.rank))
        if self.units is not None:
            parts.append(OneOf(field=Field.UNIT, values=self.units))
        return And(tuple(parts))

    def may_see(self, letter: Letter) -> bool:
        """Whether ``letter`` is within the viewer's units and clearance."""
        return permits(self, letter)


EVERYTHING: Final = Viewer()
"""The policy that hides nothing."""


def permits(policy: AccessPolicy, letter: Letter) -> bool:
    """Whether ``policy`` lets ``letter`` be seen.

    Raises:
        InvalidInput: its condition asks for words.
    """
    return _holds(policy.condition, letter)


def without_words(condition: Query) -> Query:
    """That condition of a policy. Raises InvalidInput where it asks for words: they stand in the
    index, not in the letter, and what may be seen must not depend on them."""
    match condition:
        case And(parts) | Or(parts):
            for part in parts:
                without_words(part)
        case Not(part):
            without_words(part)
        case Restriction() | OneOf() | Range():
            pass
        case _:
            raise InvalidInput(
                f"a policy asks for the words {condition!r}; use the fields unit, kind,"
                " classification, year, date, number and secrecy only"
            )
    return condition


def _holds(condition: Query, letter: Letter) -> bool:
    match condition:
        case And(parts):
            return all(_holds(part, letter) for part in parts)
        case Or(parts):
            return any(_holds(part, letter) for part in parts)
        case Not(part):
            return not _holds(part, letter)
        case _:
            return _fits(condition, letter)


def _fits(condition: Query, letter: Letter) -> bool:
    details = letter.details
    found: dict[Field, Any] = {
        Field.UNIT: details.unit,
        Field.KIND: details.kind,
        Field.CLASSIFICATION: details.classification,
        Field.YEAR: details.date.year,
        Field.DATE: details.date,
        Field.SECRECY: details.secrecy.rank,
        Field.NUMBER: letter.sequence,
    }
    without_words(condition)
    assert isinstance(condition, OneOf | Range | Restriction)
    return accepts(condition, found[condition.field])


def accepts(condition: OneOf | Range | Restriction, here: Any) -> bool:
    """Whether ``condition`` holds for a letter whose field has the value ``here``."""
    match condition:
        case OneOf(values=values):
            return here in values
        case Range(low=low, high=high):
            return (low is None or low <= here) and (high is None or here <= high)
        case Restriction(field=field, value=str() as value):
            text, wanted = lower_ascii(here), lower_ascii(value)
            below = field is Field.CLASSIFICATION and text.startswith(f"{wanted}.")
            return text == wanted or below
        case Restriction(value=value):
            return bool(here == value)


def lower_ascii(text: str) -> str:
    """ASCII only, as the query language has it."""
    return "".join(c.lower() if c.isascii() else c for c in text)
