"""The patterns of one series: one for each kind of letter that has its own, one for all others."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from sipadek.errors import InvalidNumber, InvalidPattern
from sipadek.numbering.fields import Free, refusal
from sipadek.numbering.overlap import Automaton, common_text
from sipadek.numbering.pattern import Pattern
from sipadek.numbering.values import NumberFields, ParsedNumber

_SHOWN_KINDS: Final = 3


@attrs.frozen
class KindField(Free):
    """``{jenis}`` in a series with patterns by kind: in the pattern of ``kinds`` it is one of them
    (``inside``), in the pattern of all other kinds it is none of them."""

    kinds: frozenset[str] = frozenset()
    inside: bool = True

    def read(self, piece: str) -> str:
        kind = super().read(piece)
        if (kind in self.kinds) != self.inside:
            raise refusal(self, kind, "letters of this kind have another pattern in the series")
        return kind

    def step(self, state: Any, char: str) -> Any:
        # Beside the value's own state: the text so far, while a listed kind begins with it.
        free, begun = state or ("", "")
        free = super().step(free, char)
        if begun is not None:
            begun += char
            if not any(kind.startswith(begun) for kind in self.kinds):
                begun = None
        if free is None or (self.inside and begun is None):
            return None
        return free, begun

    def ends(self, state: Any) -> bool:
        free, begun = state or ("", "")
        return super().ends(free) and (begun in self.kinds) == self.inside


@attrs.frozen
class PatternsByKind:
    """Checked patterns of which no two can give the same number. Make them with ``compile``."""

    default: Pattern
    """For every kind that has none of its own."""

    groups: tuple[tuple[Pattern, tuple[str, ...]], ...]
    """The other patterns, each with the kinds that have it."""

    _by_kind: dict[str, Pattern] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        by_kind = {kind: pattern for pattern, kinds in self.groups for kind in kinds}
        object.__setattr__(self, "_by_kind", by_kind)

    @classmethod
    def compile(cls, pattern: str, kinds: Mapping[str, str], insertion: str) -> Self:
        """``kinds`` holds a pattern by kind. Raises InvalidPattern where one of them cannot be
        used, or two of them could give the same number."""
        default = Pattern.compile(pattern, insertion)
        if not kinds:
            return cls(default, ())
        listed = frozenset(kinds)
        texts = dict.fromkeys(kinds.values())
        groups = []
        for text in texts:
            members = tuple(kind for kind in kinds if kinds[kind] == text)
            own = _restricted(Pattern.compile(text, insertion), frozenset(members), inside=True)
            _check_members(own, members)
            groups.append((own, members))
        found = cls(_restricted(default, listed, inside=False), tuple(groups))
        _check_apart(found)
        return found

    def all(self) -> tuple[tuple[Pattern, tuple[str, ...]], ...]:
        """Every pattern with the kinds that have it; that of all other kinds first, with none."""
        return ((self.default, ()), *self.groups)

    def of(self, fields: NumberFields) -> Pattern:
        """The pattern of a letter, by its kind."""
        if not self._by_kind:
            return self.default
        if not isinstance(fields.kind, str):
            raise InvalidNumber(
                f"kind {fields.kind!r} is a {type(fields.kind).__name__}; give text, since the "
                "kind picks the pattern",
                field="kind",
                value=fields.kind,
            )
        return self._by_kind.get(fields.kind, self.default)

    def parse(self, text: str) -> ParsedNumber:
        """The one reading that a pattern gives; InvalidNumber, of the pattern that read furthest,
        where none does."""
        refusals: list[InvalidNumber] = []
        for pattern, kinds in self.all():
            try:
                parsed = pattern.parse(text)
            except InvalidNumber as error:
                refusals.append(error)
                continue
            if not kinds or parsed.kind:
                return parsed
            if len(kinds) == 1:
                return attrs.evolve(parsed, kind=kinds[0])
            return attrs.evolve(parsed, kinds=kinds)
        raise max(refusals, key=_place)


def _place(error: InvalidNumber) -> int:
    # Without a position: the text had the pattern's form, but a value in it does not exist.
    return int(error.fields.get("position", sys.maxsize))


def _restricted(pattern: Pattern, kinds: frozenset[str], *, inside: bool) -> Pattern:
    parts = tuple(
        KindField(part.spec, part.attribute, part.stop, kinds, inside)
        if isinstance(part, Free) and part.attribute == "kind"
        else part
        for part in pattern.parts
    )
    return attrs.evolve(pattern, parts=parts)


def _check_members(pattern: Pattern, kinds: tuple[str, ...]) -> None:
    fields = [part for part in pattern.parts if isinstance(part, KindField)]
    for field in fields:
        for kind in kinds:
            try:
                field.write(kind)
            except InvalidNumber as error:
                raise InvalidPattern(
                    f"pattern {pattern.text!r}: the kind that has it cannot stand in it: {error}",
                    pattern=pattern.text,
                    reason=f"kind {kind} cannot stand in it",
                ) from None


def _check_apart(patterns: PatternsByKind) -> None:
    automata = [(Automaton(pattern), kinds) for pattern, kinds in patterns.all()]
    for (one, kinds), (other, other_kinds) in itertools.combinations(automata, 2):
        text = common_text(one, other)
        if text is not None:
            raise InvalidPattern(
                f"pattern {other.pattern.text!r} ({_named(other_kinds)}) and pattern "
                f"{one.pattern.text!r} ({_named(kinds)}) could both give the number {text!r}, and "
                "it would not tell which; let them differ in a literal, or narrow {kode} to "
                "{kode:angka}",
                pattern=other.pattern.text,
                other=one.pattern.text,
                number=text,
                reason=f"it could give a number of {one.pattern.text!r}",
            )


def _named(kinds: tuple[str, ...]) -> str:
    if not kinds:
        return "all other kinds"
    shown = ", ".join(kinds[:_SHOWN_KINDS])
    return f"{shown}, …" if len(kinds) > _SHOWN_KINDS else shown
