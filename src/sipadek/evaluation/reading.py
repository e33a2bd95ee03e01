"""Reading criteria and units from TOML files, and refusing what cannot work, with line and field."""

from __future__ import annotations

import functools
import importlib.resources
import re
import zoneinfo
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from sipadek.archive.durable import storage_errors
from sipadek.errors import InvalidInput
from sipadek.evaluation.criteria import (
    HIGHEST,
    LETTER_MEASURES,
    LOWEST,
    MEASURES,
    Category,
    Criteria,
    Measure,
    Unit,
    UnitKind,
)
from sipadek.settings import Table, read_toml

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_WRITTEN: Final = ("percent", "days", "times")
_LEAST_CATEGORIES: Final = 2


def read_criteria(text: str, *, file: str = "the criteria") -> Criteria:
    """The criteria in the text of a TOML file; ``file`` names it in errors.

    Raises InvalidInput, with ``line`` and ``field``, for what is missing, unknown or cannot be.
    """
    top = read_toml(text, file=file)
    breadth = top.table("breadth")
    criteria = Criteria(
        name=top.text("name"),
        source=top.text("source"),
        timezone=_timezone(top),
        categories=_categories(top),
        measures=_measures(top),
        unit_kinds=_unit_kinds(top),
        groups=_groups(top),
        kind_share=_decimal(breadth, "kind_share", least=Fraction(0), most=Fraction(1)),
        kind_limit=_decimal(breadth, "kind_limit", least=Fraction(1, 100), most=Fraction(1)),
        other_series=_series(top),
    )
    breadth.done()
    top.done()
    return criteria


def load_criteria(path: Path) -> Criteria:
    """The criteria of a file of the city's own. Raises as `read_criteria`, and StorageFailed."""
    return read_criteria(_text(path), file=path.name)


@functools.cache
def default_criteria() -> Criteria:
    """The criteria that come with the library: proposals, each with its source."""
    text = importlib.resources.files("sipadek.evaluation").joinpath("criteria.toml")
    return read_criteria(text.read_text("utf-8"), file="criteria.toml")


def read_units(text: str, *, file: str = "the units") -> tuple[Unit, ...]:
    """The units of a TOML file: tables [[unit]] with code, and name, kind and size where they are known.

    Raises InvalidInput, with ``line`` and ``field``, as `read_criteria`, for a code that comes twice.
    """
    top = read_toml(text, file=file)
    units: dict[str, Unit] = {}
    for table in top.tables("unit"):
        code = table.text("code")
        if code in units:
            table.refuse("code", f"{code!r} is there twice; write each unit once")
        units[code] = Unit(
            code=code,
            name=table.text("name", ""),
            kind=table.text("kind", ""),
            size=table.number("size", 0),
        )
        table.done()
    top.done()
    return tuple(units.values())


def load_units(path: Path) -> tuple[Unit, ...]:
    """The units of a file. Raises as `read_units`, and StorageFailed."""
    return read_units(_text(path), file=path.name)


def _text(path: Path) -> str:
    with storage_errors("Reading", path):
        data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not UTF-8 text; save it as UTF-8", file=path.name) from None


def _timezone(top: Table) -> str:
    name = top.text("timezone")
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        top.refuse("timezone", f"{name!r} does not exist; write one such as 'Asia/Jakarta'")
    return name


def _series(top: Table) -> tuple[str, ...]:
    return (
        ()
        if top.values.get("other_series") == [] and top.has("other_series")
        else top.texts("other_series", ())
    )


def _categories(top: Table) -> tuple[Category, ...]:
    found: list[Category] = []
    for table in top.tables("category", least=_LEAST_CATEGORIES):
        least = _decimal(table, "least", least=LOWEST, most=HIGHEST)
        if not found and least != LOWEST:
            table.refuse("least", f"is {float(least)}; the lowest category begins at 1.0")
        if found and least <= found[-1].least:
            table.refuse("least", f"is {float(least)}; write categories from the lowest on")
        colour = table.text("colour")
        if not _COLOUR.fullmatch(colour):
            table.refuse("colour", f"is {colour!r}; write it as '#1f6f54'")
        code = table.text("code")
        if code in {each.code for each in found}:
            table.refuse("code", f"{code!r} is there twice; write each once")
        found.append(
            Category(
                code=code,
                name=table.text("name"),
                least=least,
                colour=colour,
                source=table.text("source"),
            )
        )
        table.done()
    return tuple(found)


def _measures(top: Table) -> Mapping[str, Measure]:
    found: dict[str, Measure] = {}
    for table in top.tables("measure"):
        code = table.text("code")
        if code not in MEASURES or code in found:
            table.refuse("code", f"is {code!r}; write each of {', '.join(MEASURES)} once")
        found[code] = _measure(table, code)
        table.done()
    if missing := [code for code in MEASURES if code not in found]:
        top.refuse(
            "measure", f"{', '.join(missing)} is missing; write weight = 0 for what is not to count"
        )
    if not any(each.weight for each in found.values()):
        top.refuse("measure", "no measure has a weight; give one at least")
    return {code: found[code] for code in MEASURES}


def _measure(table: Table, code: str) -> Measure:
    worst, best = _decimal(table, "worst"), _decimal(table, "best")
    if worst == best:
        table.refuse("best", "is the same as worst; between them lie the levels 1 to 5")
    falling = code in {"disposition", "service"}
    if (best < worst) != falling:
        wanted = "below" if falling else "above"
        table.refuse("best", f"is {float(best)}; of {code} the best value is {wanted} the worst")
    minimum = _decimal(table, "minimum") if table.has("minimum") else None
    # At the best value a unit must pass: or else no score could be reached by doing well.
    if minimum is not None and (minimum < best if falling else minimum > best):
        table.refuse("minimum", f"is {float(minimum)}, better than best; write one that is worse")
    minimum_from = table.number("minimum_from", 0)
    if minimum_from and code in LETTER_MEASURES:
        # One more letter would bring the minimum about, and lower a score.
        table.refuse("minimum_from", "is for dispositions and services; leave it out for letters")
    written = table.text("written")
    if written not in _WRITTEN:
        table.refuse("written", f"is {written!r}; write one of {', '.join(_WRITTEN)}")
    return Measure(
        code=code,
        name=table.text("name"),
        meaning=table.text("meaning"),
        weight=table.number("weight"),
        worst=worst,
        best=best,
        minimum=minimum,
        written=written,
        source=table.text("source"),
        minimum_from=minimum_from,
    )


def _unit_kinds(top: Table) -> tuple[UnitKind, ...]:
    found: list[UnitKind] = []
    for table in top.tables("unit_kind"):
        if found and not found[-1].prefixes:
            table.refuse(
                "", "stands behind one without prefixes, which has all others; put that last"
            )
        kind = UnitKind(
            code=table.text("code"),
            name=table.text("name"),
            prefixes=table.texts("prefixes", ()),
            letters=_positive(table, "letters"),
            kinds=_positive(table, "kinds"),
            size=table.number("size", 0),
            source=table.text("source"),
        )
        if kind.code in {each.code for each in found}:
            table.refuse("code", f"{kind.code!r} is there twice; write each once")
        table.done()
        found.append(kind)
    return tuple(found)


def _groups(top: Table) -> Mapping[str, str]:
    table = top.table("groups")
    found: dict[str, str] = {}
    for name in table.values:
        for kind in table.texts(name):
            if kind in found:
                table.refuse(name, f"has {kind!r}, which {found[kind]!r} has too; write it once")
            found[kind] = name
    return found


def _positive(table: Table, key: str) -> int:
    number = table.number(key)
    if not number:
        table.refuse(key, "is 0; write a whole number above it")
    return number


def _decimal(
    table: Table,
    key: str,
    *,
    least: Fraction = Fraction(0),
    most: Fraction = Fraction(1_000_000),
) -> Fraction:
    """An exact number: 0.3 is three tenths."""
    value: Any = table.values.get(key)
    if not table.has(key):
        table.refuse(key, "is missing; write it")
    if type(value) not in (int, float) or not float(least) <= value <= float(most):
        table.refuse(key, f"is {value!r}; write a number from {float(least):g} to {float(most):g}")
    return Fraction(str(value))
