"""An organisation as a TOML file; what is wrong in it is named by line and field."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from sipadek.errors import InvalidInput
from sipadek.people.organisation import Organisation
from sipadek.people.values import Grant, Holding, Person, Post, Unit
from sipadek.settings import broken_line, key_lines

_SECTIONS: Final[dict[str, tuple[str, type[Any]]]] = {
    "unit": ("units", Unit),
    "post": ("posts", Post),
    "person": ("people", Person),
    "holder": ("holdings", Holding),
    "grant": ("grants", Grant),
}
_Lines: TypeAlias = "Mapping[tuple[str | int, ...], int]"


def load_organisation(path: str | os.PathLike[str]) -> Organisation:
    """The organisation in a file of the form that `read_organisation` describes.

    Raises InvalidInput where the file cannot be read, and as that does.
    """
    place = Path(path)
    try:
        text = place.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {place.name}: {error}", path=str(place)) from None
    return read_organisation(text, name=place.name)


def read_organisation(text: str, *, name: str = "organisation") -> Organisation:
    """The organisation in TOML text: tables ``[[unit]]``, ``[[post]]``, ``[[person]]``, ``[[holder]]``
    and ``[[grant]]`` with the fields of `Unit`, `Post`, `Person`, `Holding` and `Grant`.

    Raises InvalidInput for anything else; ``fields`` has ``line`` (from 1), ``section`` and ``field``.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = broken_line(error)
        raise InvalidInput(f"{name}: this is not TOML: {error}", line=line) from None
    lines = key_lines(text)
    unknown = sorted(document.keys() - _SECTIONS.keys())
    if unknown:
        raise InvalidInput(
            f"{name}: there is no section {unknown[0]!r}; use {', '.join(_SECTIONS)}",
            section=unknown[0],
            line=_line(lines, unknown[0], 0, ""),
        )
    values = {
        plural: [
            _value(lines, name, section, place, of, fields)
            for place, fields in enumerate(_tables(document, section, name))
        ]
        for section, (plural, of) in _SECTIONS.items()
    }
    made: Organisation = _named(lines, name, None, lambda: Organisation(**values))
    return made


def _tables(document: dict[str, Any], section: str, name: str) -> list[dict[str, Any]]:
    found = document.get(section, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InvalidInput(f"{name}: write [[{section}]] before each {section}", section=section)
    return found


def _value(
    lines: _Lines, name: str, section: str, place: int, of: type[Any], fields: dict[str, Any]
) -> Any:
    known = {each.name: each for each in attrs.fields(of)}
    for field in fields.keys() - known.keys():
        raise _told(lines, name, section, place, field, f"is no field; use {', '.join(known)}")
    for field, each in known.items():
        if each.default is attrs.NOTHING and field not in fields:
            raise _told(lines, name, section, place, field, "is missing")
    return _named(lines, name, (section, place), lambda: of(**fields))


def _named(lines: _Lines, name: str, where: tuple[str, int] | None, make: Callable[[], Any]) -> Any:
    """What ``make`` gives; its complaint gets a line."""
    try:
        return make()
    except InvalidInput as error:
        section, place = where or (error.fields["section"], error.fields["place"])
        raise _told(
            lines, name, section, place, error.fields["field"], error.message, told=True
        ) from None
    except TypeError as error:  # a list or a table where text belongs
        assert where is not None
        raise _told(lines, name, *where, "", str(error)) from None


def _told(
    lines: _Lines,
    name: str,
    section: str,
    place: int,
    field: str,
    what: str,
    *,
    told: bool = False,
) -> InvalidInput:
    line = _line(lines, section, place, field)
    text = what.removeprefix(f"{section} {place + 1}: ") if told else f"{field} {what}"
    return InvalidInput(
        f"{name}, line {line}: {section} {place + 1}: {text}",
        line=line,
        section=section,
        field=field,
    )


def _line(lines: _Lines, section: str, place: int, field: str) -> int:
    """The line (from 1) of a field of the section's table at ``place``, or else of its header."""
    return lines.get((section, place, field)) or lines.get((section, place)) or 0
