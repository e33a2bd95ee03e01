"""One version of a classification scheme, and what the codes of an older one became."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, Self

import attrs

from sipadek.errors import InvalidInput
from sipadek.retention.codes import ancestors, check_code, code_key


def _code(_: object, __: object, value: Any) -> None:
    check_code(value)


def check_name(_: object, attribute: Any, value: Any) -> None:
    """A validator of attrs for names and sources: text that is not empty."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise InvalidInput(
            f"{attribute.name} is {value!r}; give a text of one line", field=attribute.name
        )


@attrs.frozen(kw_only=True)
class Classification:
    """A code of the filing plan (kode klasifikasi). One that is not ``enabled`` is kept for what was
    filed under it, and takes nothing new."""

    code: str = attrs.field(validator=_code)
    name: str
    description: str = ""
    enabled: bool = True


def _sorted(entries: Iterable[Classification]) -> tuple[Classification, ...]:
    return tuple(sorted(entries, key=lambda entry: code_key(entry.code)))


@attrs.frozen(kw_only=True)
class Scheme:
    """One version of the plan, such as '83/2022', with the ``source`` that says so. ``entries`` are
    kept in the order of codes. Raises InvalidInput where a code comes twice."""

    name: str = attrs.field(validator=check_name)
    source: str = attrs.field(validator=check_name)
    entries: tuple[Classification, ...] = attrs.field(converter=_sorted, repr=False)

    def __attrs_post_init__(self) -> None:
        if len(self._by_code) != len(self.entries):
            raise InvalidInput(f"the scheme {self.name!r} has a code twice; keep one of them")

    @functools.cached_property
    def _by_code(self) -> dict[str, Classification]:
        return {entry.code: entry for entry in self.entries}

    def get(self, code: str) -> Classification | None:
        """The entry of exactly that code, None where there is none."""
        return self._by_code.get(code)

    def path(self, code: str) -> tuple[Classification, ...]:
        """The entry and those above it, the topmost first, as far as the scheme has them."""
        found = [self._by_code.get(each) for each in ancestors(code)]
        return tuple(each for each in reversed(found) if each is not None)

    def definition(self) -> dict[str, Any]:
        """The scheme as JSON values, for ``from_definition``."""
        rows = [[e.code, e.name, e.description, int(e.enabled)] for e in self.entries]
        return {"name": self.name, "source": self.source, "entries": rows}

    @classmethod
    def from_definition(cls, value: Mapping[str, Any]) -> Self:
        """The scheme of a definition. Raises InvalidInput, LookupError, TypeError or ValueError."""
        entries = [
            Classification(code=code, name=name, description=description, enabled=bool(enabled))
            for code, name, description, enabled in value["entries"]
        ]
        return cls(name=value["name"], source=value["source"], entries=tuple(entries))


@attrs.frozen(kw_only=True)
class Successions:
    """What the codes of scheme ``old`` became in scheme ``new``, as (old code, new code): one may have
    become several, or nothing."""

    old: str = attrs.field(validator=check_name)
    new: str = attrs.field(validator=check_name)
    source: str = attrs.field(validator=check_name)
    pairs: tuple[tuple[str, str], ...] = attrs.field(repr=False)

    @property
    def name(self) -> str:
        """'78/2012 → 83/2022'."""
        return f"{self.old} → {self.new}"

    def successors(self, code: str) -> tuple[str, ...]:
        """The new codes of an old one, or of the nearest code above it that became something."""
        for each in ancestors(code):
            if found := tuple(
                sorted((new for old, new in self.pairs if old == each), key=code_key)
            ):
                return found
        return ()

    def definition(self) -> dict[str, Any]:
        """As JSON values, for ``from_definition``."""
        return {
            "old": self.old,
            "new": self.new,
            "source": self.source,
            "pairs": [list(pair) for pair in self.pairs],
        }

    @classmethod
    def from_definition(cls, value: Mapping[str, Any]) -> Self:
        """As of a scheme."""
        pairs = tuple((check_code(old), check_code(new)) for old, new in value["pairs"])
        return cls(old=value["old"], new=value["new"], source=value["source"], pairs=pairs)
