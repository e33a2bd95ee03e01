"""Reading imported schemes, rules and successions, and finding the rule of a folder in them."""

from __future__ import annotations

import json
import sqlite3
from typing import Final, TypeAlias, TypeVar

from sipadek.errors import DamagedRegister, InvalidInput, NoRule, NotFound
from sipadek.retention import RetentionRule, RuleSet, Scheme, Successions

Plan: TypeAlias = Scheme | RuleSet | Successions
"""What can be imported."""

PLAN_KINDS: Final[dict[type[Plan], str]] = {
    Scheme: "scheme",
    RuleSet: "rules",
    Successions: "successions",
}
"""How the table and the events call them."""

_P = TypeVar("_P", Scheme, RuleSet)
_READ: Final = "SELECT content FROM sipadek_plan WHERE kind = ? AND name = ?"
_NEWEST: Final = (
    "SELECT name FROM sipadek_plan WHERE kind = ? ORDER BY imported_at DESC, rowid DESC LIMIT 1"
)


def imported(connection: sqlite3.Connection, of: type[Plan], name: str) -> Plan | None:
    """The plan of that name, None where there is none. Raises DamagedRegister."""
    row = connection.execute(_READ, (PLAN_KINDS[of], name)).fetchone()
    if row is None:
        return None
    try:
        return of.from_definition(json.loads(row[0]))
    except (InvalidInput, LookupError, TypeError, ValueError) as error:
        raise DamagedRegister(
            f"The {PLAN_KINDS[of]} {name!r} holds what sipadek never wrote: {error}. Audit the office.",
            name=name,
        ) from error


def chosen(connection: sqlite3.Connection, of: type[_P], name: str = "") -> _P:
    """The plan of that name, by default the one that was imported last. Raises NotFound."""
    if not name:
        row = connection.execute(_NEWEST, (PLAN_KINDS[of],)).fetchone()
        if row is None:
            raise NotFound(f"No {PLAN_KINDS[of]} were imported. Import them first.")
        name = row[0]
    found = imported(connection, of, name)
    if not isinstance(found, of):
        raise NotFound(f"No {PLAN_KINDS[of]} have the name {name!r}.", name=name)
    return found


def find_rule(
    connection: sqlite3.Connection, code: str, *, scheme: str, rules: str = ""
) -> tuple[RuleSet, RetentionRule]:
    """The rule of a code of that scheme in the set of rules (by default the newest). Where the rules
    are about another scheme, of the code that it became there.

    Raises NotFound (no rules), or NoRule where the set has none for it, or none that is certain.
    """
    used = chosen(connection, RuleSet, rules)
    codes: tuple[str, ...] = (code,)
    if used.scheme != scheme:
        name = f"{scheme} → {used.scheme}"
        known = imported(connection, Successions, name)
        codes = known.successors(code) if isinstance(known, Successions) else ()
        if not codes:
            raise NoRule(
                f"The rules {used.name!r} are about the scheme {used.scheme!r}, and nothing says what"
                f" {code} of {scheme!r} became there. Import the successions {name!r}, or choose other"
                " rules.",
                code=code,
            )
    found = {rule for each in codes if (rule := used.rule_for(each)) is not None}
    if len({(rule.active_years, rule.inactive_years, rule.fate) for rule in found}) != 1:
        told = ", ".join(sorted(rule.code for rule in found)) or "none"
        raise NoRule(
            f"The rules {used.name!r} do not say one thing of {code} (rules found: {told}). Add a rule,"
            " or choose other rules.",
            code=code,
        )
    return used, min(found, key=lambda rule: rule.code)
