"""What an organisation is made of: units, posts, people, who holds which post when, and grants."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import attrs

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput

_MAX_CODE: Final = 64


def _code(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A code may stand in numbers, so what numbers take is asked for here."""
    if (
        not isinstance(value, str)
        or not 1 <= len(value) <= _MAX_CODE
        or not value.isascii()
        or not value.isprintable()
        or value.split() != [value]
    ):
        raise InvalidInput(
            f"{attribute.name} is {value!r}; give 1 to {_MAX_CODE} printable ASCII characters without "
            "blanks",
            field=attribute.name,
        )


def _code_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value != "":
        _code(instance, attribute, value)


def _text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise InvalidInput(
            f"{attribute.name} is {value!r}; give one line of text", field=attribute.name
        )


def _filled(instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    _text(instance, attribute, value)
    if not value.strip():
        raise InvalidInput(f"{attribute.name} is empty; give a text", field=attribute.name)


def _flag(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise InvalidInput(
            f"{attribute.name} is {value!r}; give true or false", field=attribute.name
        )


def _date(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if type(value) is not datetime.date:
        raise InvalidInput(
            f"{attribute.name} is {value!r}; give a date such as 2026-01-31", field=attribute.name
        )


def _date_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None:
        _date(instance, attribute, value)


def _roles(value: Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str) or not all(isinstance(one, str) and one for one in value):
        raise InvalidInput(f"roles is {value!r}; give a list of names", field="roles")
    return tuple(value)


class Capacity(enum.StrEnum):
    """As what someone holds a post."""

    DEFINITIVE = "definitif"
    ACTING = "plt"
    """Pelaksana tugas: the post is vacant."""
    STAND_IN = "plh"
    """Pelaksana harian: its holder is absent."""
    INTERIM = "pj"
    """Penjabat: appointed for a time."""

    @property
    def prefix(self) -> str:
        """What stands before the title in a signature block: '', 'Plt.', 'Plh.' or 'Pj.'."""
        return "" if self is Capacity.DEFINITIVE else f"{self.value.capitalize()}."


class Reach(enum.StrEnum):
    """Over which units a grant reaches, seen from the unit of the post."""

    OWN = "own"
    BELOW = "below"
    """The unit and all units under it."""
    ALL = "all"


_Choice = TypeVar("_Choice", bound=enum.StrEnum)


def _chosen(of: type[_Choice], value: str, field: str) -> _Choice:
    try:
        return of(value)
    except ValueError:
        known = ", ".join(of)
        raise InvalidInput(f"{field} is {value!r}; give one of {known}", field=field) from None


def _clearance(value: str) -> Secrecy:
    return _chosen(Secrecy, value, "clearance")


def _capacity(value: str) -> Capacity:
    return _chosen(Capacity, value, "capacity")


def _reach(value: str) -> Reach:
    return _chosen(Reach, value, "reach")


@attrs.frozen(kw_only=True)
class Unit:
    """A unit of work. ``kind`` is such as 'opd', 'kecamatan', 'kelurahan', 'bagian'; ``parent`` the code
    of the unit above, '' at the top. ``address`` is the lines of the letterhead under the name, and
    ``place`` the town before the date of a letter."""

    code: str = attrs.field(validator=_code)
    name: str = attrs.field(validator=_filled)
    kind: str = attrs.field(validator=_code)
    parent: str = attrs.field(default="", validator=_code_or_none)
    address: str = attrs.field(default="", validator=_text)
    place: str = attrs.field(default="", validator=_text)


@attrs.frozen(kw_only=True)
class Post:
    """A post (jabatan) in a unit. ``roles`` are looked up in the grants; ``clearance`` is the highest
    secrecy its holder sees; ``above`` the code of the post it reports to, '' for none. A ``shared``
    post, such as that of a counter, has several holders at a time."""

    code: str = attrs.field(validator=_code)
    title: str = attrs.field(validator=_filled)
    unit: str = attrs.field(validator=_code)
    roles: tuple[str, ...] = attrs.field(default=(), converter=_roles)
    clearance: Secrecy = attrs.field(default=Secrecy.BIASA, converter=_clearance)
    above: str = attrs.field(default="", validator=_code_or_none)
    shared: bool = attrs.field(default=False, validator=_flag)


@attrs.frozen(kw_only=True)
class Person:
    """Someone who works there. ``id`` is what the record names (an account, never a NIK); ``nip`` is the
    staff number and ``rank`` (pangkat) what stands under the name, both '' where there is none."""

    id: str = attrs.field(validator=_code)
    name: str = attrs.field(validator=_filled)
    nip: str = attrs.field(default="", validator=_text)
    rank: str = attrs.field(default="", validator=_text)


@attrs.frozen(kw_only=True)
class Holding:
    """That a person holds a post, from a day on, until another (inclusive; None while it lasts)."""

    person: str = attrs.field(validator=_code)
    post: str = attrs.field(validator=_code)
    since: datetime.date = attrs.field(validator=_date)
    until: datetime.date | None = attrs.field(default=None, validator=_date_or_none)
    capacity: Capacity = attrs.field(default=Capacity.DEFINITIVE, converter=_capacity)

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until < self.since:
            raise InvalidInput(
                f"until is {self.until}, before since ({self.since}); give a later day",
                field="until",
            )

    def covers(self, day: datetime.date) -> bool:
        """Whether it holds on that day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def overlaps(self, other: Holding) -> bool:
        """Whether both hold on some day."""
        return (self.until is None or other.since <= self.until) and (
            other.until is None or self.since <= other.until
        )


@attrs.frozen(kw_only=True)
class Grant:
    """That posts of a ``role`` may do an ``action``, such as 'outgoing.sign', within ``reach``."""

    role: str = attrs.field(validator=_code)
    action: str = attrs.field(validator=_code)
    reach: Reach = attrs.field(default=Reach.OWN, converter=_reach)
