"""Retention rules (JRA) as data: how long folders of a code are kept, and what becomes of them then."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import attrs

from sipadek.errors import InvalidInput
from sipadek.retention.codes import ancestors, check_code, code_key
from sipadek.retention.scheme import check_name

MAX_YEARS: Final = 500
"""The longest retention that a rule may have, active or inactive."""


class Fate(enum.StrEnum):
    """What becomes of a folder at the end of its retention (nasib akhir)."""

    DESTROY = "musnah"
    PERMANENT = "permanen"
    REAPPRAISE = "dinilai kembali"


def _years(_: object, attribute: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_YEARS:
        raise InvalidInput(
            f"{attribute.name} is {value!r}; give whole years, 0 to {MAX_YEARS}", years=value
        )


def _code(_: object, __: object, value: Any) -> None:
    check_code(value)


@attrs.frozen(kw_only=True)
class RetentionRule:
    """Folders of ``code``, and of the codes below it that have no rule of their own, are kept for
    ``active_years`` in the unit and ``inactive_years`` in the records centre after the folder is
    closed, and then meet their ``fate``.

    ``trigger`` says in words what closes such a folder ('kegiatan selesai dipertanggungjawabkan'),
    ``exceptions`` what is not treated so, ``source`` where it stands if not where the whole set does.
    """

    code: str = attrs.field(validator=_code)
    active_years: int = attrs.field(validator=_years)
    inactive_years: int = attrs.field(validator=_years)
    fate: Fate = attrs.field(converter=Fate)
    trigger: str = ""
    exceptions: str = ""
    source: str = ""


@attrs.frozen(kw_only=True)
class Authority:
    """``name`` has to approve that folders meet ``fate`` which are kept for ``least_years`` or more in
    all, where no authority with more years does."""

    fate: Fate = attrs.field(converter=Fate)
    least_years: int = attrs.field(validator=_years)
    name: str = attrs.field(validator=check_name)


NATIONAL_AUTHORITIES: Final = (
    Authority(fate=Fate.DESTROY, least_years=10, name="Kepala Arsip Nasional Republik Indonesia"),
    Authority(fate=Fate.DESTROY, least_years=0, name="Kepala Daerah"),
    Authority(fate=Fate.PERMANENT, least_years=0, name="Kepala Lembaga Kearsipan Daerah"),
)
"""Who approves where a set of rules names no others: UU 43/2009, PP 28/2012 and Perka ANRI 37/2016
as far as this project knows them; ten years also in PP 34/1979 art. 8."""


def _listed(authorities: Iterable[Authority]) -> tuple[Authority, ...]:
    return tuple(authorities)


def _sorted(rules: Iterable[RetentionRule]) -> tuple[RetentionRule, ...]:
    return tuple(sorted(rules, key=lambda rule: code_key(rule.code)))


@attrs.frozen(kw_only=True)
class RuleSet:
    """One version of a region's retention schedule over the codes of ``scheme``. Raises InvalidInput
    where a code has two rules."""

    name: str = attrs.field(validator=check_name)
    scheme: str = attrs.field(validator=check_name)
    source: str = attrs.field(validator=check_name)
    rules: tuple[RetentionRule, ...] = attrs.field(converter=_sorted, repr=False)
    authorities: tuple[Authority, ...] = attrs.field(
        default=NATIONAL_AUTHORITIES, converter=_listed
    )

    def __attrs_post_init__(self) -> None:
        if len(self._by_code) != len(self.rules):
            raise InvalidInput(f"the rules {self.name!r} have a code twice; keep one of them")

    @functools.cached_property
    def _by_code(self) -> dict[str, RetentionRule]:
        return {rule.code: rule for rule in self.rules}

    def rule_for(self, code: str) -> RetentionRule | None:
        """The rule of the code, or else of the nearest code above it; None where there is none."""
        found = map(self._by_code.get, ancestors(code))
        return next((rule for rule in found if rule is not None), None)

    def definition(self) -> dict[str, Any]:
        """The set as JSON values, for ``from_definition``."""
        return {
            "name": self.name,
            "scheme": self.scheme,
            "source": self.source,
            "rules": [_values(rule) for rule in self.rules],
            "authorities": [_values(each) for each in self.authorities],
        }

    @classmethod
    def from_definition(cls, value: Mapping[str, Any]) -> Self:
        """The set of a definition. Raises InvalidInput, LookupError, TypeError or ValueError."""
        return cls(
            name=value["name"],
            scheme=value["scheme"],
            source=value["source"],
            rules=tuple(RetentionRule(**each) for each in value["rules"]),
            authorities=tuple(Authority(**each) for each in value["authorities"]),
        )


def _values(value: RetentionRule | Authority) -> dict[str, Any]:
    return attrs.asdict(
        value, value_serializer=lambda _, __, v: str(v) if isinstance(v, Fate) else v
    )
