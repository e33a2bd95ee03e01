"""Who numbers: which series a letter takes its number from, by its signer, unit and kind.

Local rules differ, so they are a table of the office's own, in its configuration::

    [[rules]]
    post = ["walikota", "sekda"]
    series = "setda"
    numbered_by = "SETDA"

    [[rules]]
    series = "perangkat-daerah"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from sipadek.errors import InvalidInput, NotFound
from sipadek.numbering.series import check_code
from sipadek.numbering.values import value_fault

MAX_RULES: Final = 500
"""The most rules in one table."""

_ANY: Final = "*"
_MATCHED: Final = ("post", "unit", "kind")
_KEYS: Final = (*_MATCHED, "series", "numbered_by")


def _values(name: str, value: Any) -> tuple[str, ...]:
    """Sorted, so that the same rule is equal however it was written; empty for any value."""
    if value in (_ANY, ()):
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not values:
        raise InvalidInput(
            f"{name} {value!r:.80} cannot be matched; write a text, a list of texts, or '*' "
            "for any",
            field=name,
        )
    for one in values:
        if not isinstance(one, str) or not one.isprintable() or one.strip() != one or not one:
            fault = "write a printable text without spaces at its ends"
        elif one == _ANY:
            fault = "it stands for any value; write it alone, without a list"
        elif values.count(one) > 1:
            fault = "it is there twice; write it once"
        else:
            continue
        raise InvalidInput(f"{name} has {one!r:.80}: {fault}", field=name)
    return tuple(sorted(values))


def _posts(value: Any) -> tuple[str, ...]:
    return _values("post", value)


def _units(value: Any) -> tuple[str, ...]:
    return _values("unit", value)


def _kinds(value: Any) -> tuple[str, ...]:
    return _values("kind", value)


def _code(_: object, __: object, value: Any) -> None:
    check_code(value)


def _unit(_: object, __: object, value: Any) -> None:
    fault = value_fault(value or "-") if isinstance(value, str) else "give text"
    if fault:
        raise InvalidInput(
            f"numbered_by {value!r:.80}: {fault}; leave it out where the letter's own unit numbers",
            field="numbered_by",
        )


@attrs.frozen(kw_only=True)
class Rule:
    """One row of the table. ``post``, ``unit`` and ``kind`` are what it matches: an exact value or
    several, '*' or nothing for any. ``series`` is the code of the series that numbers,
    ``numbered_by`` the unit, empty for the letter's own. Raises InvalidInput for anything else."""

    post: tuple[str, ...] = attrs.field(default=(), converter=_posts)
    unit: tuple[str, ...] = attrs.field(default=(), converter=_units)
    kind: tuple[str, ...] = attrs.field(default=(), converter=_kinds)
    series: str = attrs.field(validator=_code)
    numbered_by: str = attrs.field(default="", validator=_unit)

    def matches(self, *, post: str, unit: str, kind: str) -> bool:
        """Whether a letter falls under this rule."""
        return (
            (not self.post or post in self.post)
            and (not self.unit or unit in self.unit)
            and (not self.kind or kind in self.kind)
        )

    def covers(self, other: Rule) -> bool:
        """Whether this rule matches everything that ``other`` does."""
        pairs = [(getattr(self, name), getattr(other, name)) for name in _MATCHED]
        return all(not mine or (theirs and {*theirs} <= {*mine}) for mine, theirs in pairs)


@attrs.frozen
class Choice:
    """Who numbers a letter: the series' code, the unit that stands in the number, and the place of
    the rule that said so, counted from 0."""

    series: str
    unit: str
    rule_index: int


def _rules(value: Any) -> tuple[Rule, ...]:
    rules = tuple(value)
    if len(rules) > MAX_RULES:
        raise InvalidInput(f"{len(rules)} rules; a table holds at most {MAX_RULES}", rules=rules)
    for index, rule in enumerate(rules):
        for earlier in range(index):
            if rules[earlier].covers(rule):
                raise InvalidInput(
                    f"rule {index + 1} can never match, because rule {earlier + 1} matches all it "
                    "does and the first match counts; remove it or put it further up",
                    rule=index,
                    earlier=earlier,
                )
    return rules


@attrs.frozen
class Rules:
    """The table, in order: the first rule that matches a letter says who numbers it.

    Raises InvalidInput where a rule could never match, because an earlier one matches all it does.
    """

    rules: tuple[Rule, ...] = attrs.field(converter=_rules)

    def choose(self, *, post: str = "", unit: str = "", kind: str = "") -> Choice:
        """Who numbers the letter that the holder of ``post`` signs, of that unit and kind. Raises
        NotFound where no rule matches."""
        for index, rule in enumerate(self.rules):
            if rule.matches(post=post, unit=unit, kind=kind):
                return Choice(rule.series, rule.numbered_by or unit, index)
        raise NotFound(
            f"no rule says who numbers a letter with the post {post!r}, the unit {unit!r} and the "
            f"kind {kind!r} ({len(self.rules)} rules were asked); add one that matches it, or a "
            "last one for all others with nothing but a series",
            post=post,
            unit=unit,
            kind=kind,
        )

    def definition(self) -> list[dict[str, Any]]:
        """The table as plain JSON values; equal tables give equal lists."""
        return [_row(rule) for rule in self.rules]

    @classmethod
    def from_definition(cls, definition: list[Mapping[str, Any]]) -> Self:
        """The table of a list of rows, as configuration files hold it: each with a ``series``, and
        with ``post``, ``unit``, ``kind`` and ``numbered_by`` where needed. Raises InvalidInput,
        with the place of the rule, for anything else."""
        if not isinstance(definition, list | tuple):
            raise InvalidInput(
                f"the rules are a {type(definition).__name__}; give a list of mappings",
                rules=definition,
            )
        return cls(tuple(_rule(index, row) for index, row in enumerate(definition)))


def _row(rule: Rule) -> dict[str, Any]:
    row: dict[str, Any] = {name: list(getattr(rule, name)) for name in _MATCHED}
    row |= {"series": rule.series, "numbered_by": rule.numbered_by}
    return {name: value for name, value in row.items() if value}


def _rule(index: int, row: Any) -> Rule:
    place = f"rule {index + 1}"
    if not isinstance(row, Mapping):
        raise InvalidInput(f"{place} is a {type(row).__name__}; give a mapping", rule=index)
    unknown = [key for key in row if key not in _KEYS]
    if unknown:
        raise InvalidInput(
            f"{place} has the unknown key {unknown[0]!r}; the keys are {', '.join(_KEYS)}",
            rule=index,
            key=unknown[0],
        )
    if "series" not in row:
        raise InvalidInput(
            f"{place} names no series; add the code of the one that numbers", rule=index
        )
    try:
        return Rule(**row)
    except InvalidInput as error:
        raise InvalidInput(f"{place}: {error}", rule=index, **error.fields) from None
