"""The pattern language: what a number looks like, such as
``{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}``.

=====================  ==================================================================
``{nomor}``            the sequence; ``{nomor:4}`` pads to *at least* 4 digits (2 to 9)
``{kode}``             classification, 1 to 64 characters
``{unit}``             unit, 1 to 64 characters
``{jenis}``            kind, 1 to 64 characters
``{sifat}``            secrecy: B, T, R or SR
``{bulan}``            month 1 to 12; ``{bulan:2}`` 01 to 12; ``{bulan:romawi}`` I to XII
``{tahun}``            year in 4 digits; ``{tahun:2}`` in 2, for the years 2000 to 2099 only
``{tanggal}``          day 1 to 31; ``{tanggal:2}`` 01 to 31
``{{`` and ``}}``      the braces themselves; everything else stands for itself
=====================  ==================================================================

A pattern is accepted only if every number it renders can be read back in exactly one way, so
``parse(render(x)) == x`` and ``render(parse(s)) == s`` hold for all values and all accepted texts.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Any, Final, Self

import attrs

from sipadek.errors import InvalidNumber, InvalidPattern
from sipadek.numbering.fields import KNOWN_FIELDS, VALUE_OF, Field, Free, NumberFields, ParsedNumber

MAX_PATTERN: Final = 200
"""The greatest length of a pattern, in characters."""

_TOKEN: Final = re.compile(r"(?P<escape>\{\{|\}\})|\{(?P<field>[^{}]*)\}|(?P<literal>[^{}]+)")
_MAX_SHOWN: Final = 80


@attrs.frozen
class Pattern:
    """A checked pattern. Make one with ``compile``; two are equal where their texts are."""

    text: str
    _parts: tuple[str | Field, ...] = attrs.field(eq=False, repr=False)

    @classmethod
    def compile(cls, text: str) -> Self:
        """Reads and checks a pattern. Raises InvalidPattern, with the reason, for one without
        exactly one ``{nomor}``, with an unknown or repeated field, or that cannot be read back."""
        if not isinstance(text, str):
            raise InvalidPattern(f"a pattern is text, not {type(text).__name__}", pattern=text)
        parts = _split(text)
        _check_literals(text, parts)
        _check_fields(text, parts)
        _check_neighbours(text, parts)
        return cls(text, _with_stops(parts))

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes of ParsedNumber that a number of this pattern tells."""
        return frozenset(part.attribute for part in self._parts if not isinstance(part, str))

    def check(self, fields: NumberFields) -> None:
        """Raises InvalidNumber where ``render`` would, whatever the sequence."""
        for part in self._parts:
            if not isinstance(part, str) and part.attribute != "sequence":
                part.write(VALUE_OF[part.attribute](fields))

    def render(self, sequence: int, fields: NumberFields) -> str:
        """The number. Raises InvalidNumber, with the field, for a value that cannot stand in it."""
        pieces: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                pieces.append(part)
            elif part.attribute == "sequence":
                pieces.append(part.write(sequence))
            else:
                pieces.append(part.write(VALUE_OF[part.attribute](fields)))
        return "".join(pieces)

    def parse(self, text: str) -> ParsedNumber:
        """What a number tells. Strict: only a text that ``render`` gives is accepted, others raise
        InvalidNumber with the place (``fields['position']``, 0-based)."""
        if not isinstance(text, str):
            raise InvalidNumber(f"a number is text, not {type(text).__name__}", value=text)
        values: dict[str, Any] = {}
        position = 0
        for part in self._parts:
            if isinstance(part, str):
                if not text.startswith(part, position):
                    raise self._not_a_number(text, position, repr(part))
                position += len(part)
                continue
            piece = part.cut(text, position)
            if not piece:
                raise self._not_a_number(text, position, f"{{{part.spec}}}")
            values[part.attribute] = part.read(piece)
            position += len(piece)
        if position != len(text):
            raise self._not_a_number(text, position, "the end")
        parsed = ParsedNumber(**values)
        parsed.fields()
        return parsed

    def _not_a_number(self, text: str, position: int, expected: str) -> InvalidNumber:
        shown = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
        return InvalidNumber(
            f"{shown!r} is not a number of the pattern {self.text!r}: expected {expected} at "
            f"character {position + 1}; write the number exactly as it was given",
            value=text,
            pattern=self.text,
            position=position,
        )


def _split(text: str) -> list[str | Field]:
    if not text or len(text) > MAX_PATTERN:
        raise _refusal(text, f"it has {len(text)} characters; write 1 to {MAX_PATTERN}")
    parts: list[str | Field] = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise _refusal(
                text,
                f"the brace at character {position + 1} has no partner; write '{{{{' or '}}}}' for "
                "a brace that stands in the number",
            )
        position = token.end()
        if token["field"] is not None:
            parts.append(_known(text, token["field"]))
            continue
        literal = token["literal"] or token["escape"][0]
        last = parts[-1] if parts else None
        if isinstance(last, str):
            parts[-1] = last + literal
        else:
            parts.append(literal)
    return parts


def _known(text: str, spec: str) -> Field:
    if spec in KNOWN_FIELDS:
        return KNOWN_FIELDS[spec]
    name = spec.partition(":")[0]
    forms = [f"{{{known}}}" for known in KNOWN_FIELDS if known.partition(":")[0] == name]
    if forms:
        raise _refusal(text, f"{{{spec}}} has an unknown format; write {' or '.join(forms)}")
    names = sorted({known.partition(":")[0] for known in KNOWN_FIELDS})
    raise _refusal(text, f"{{{spec}}} is not a field; the fields are {', '.join(names)}")


def _check_literals(text: str, parts: list[str | Field]) -> None:
    if text.strip() != text:
        raise _refusal(text, "remove the spaces at its ends")
    for literal in parts:
        if not isinstance(literal, str):
            continue
        if not literal.isprintable() or not unicodedata.is_normalized("NFC", literal):
            raise _refusal(
                text, f"{literal!r} is not printable text in normal form NFC; write it anew"
            )
        if "  " in literal:
            raise _refusal(text, "it has a double space; write a single one")


def _check_fields(text: str, parts: list[str | Field]) -> None:
    names = [part.spec.partition(":")[0] for part in parts if not isinstance(part, str)]
    if names.count("nomor") != 1:
        raise _refusal(text, f"it has {names.count('nomor')} {{nomor}}; write exactly one")
    for name in names:
        if names.count(name) > 1:
            raise _refusal(text, f"it has {{{name}}} more than once; write it once")


def _check_neighbours(text: str, parts: list[str | Field]) -> None:
    for part, following in itertools.pairwise(parts):
        if isinstance(part, str):
            continue
        if isinstance(following, str):
            clash = part.more is not None and following[0] in part.more
            reason = f"{{{part.spec}}} is followed by {following[0]!r}, which could belong to it"
        else:
            clash = part.more is None or bool(
                part.more if following.first is None else part.more & following.first
            )
            reason = (
                f"{{{part.spec}}} and {{{following.spec}}} stand together and cannot be told apart"
            )
        if clash:
            raise _refusal(text, f"{reason}; write a separator such as '/' between them")


def _with_stops(parts: list[str | Field]) -> tuple[str | Field, ...]:
    """Tells each free field which literal ends it."""
    stops = [part if isinstance(part, str) else "" for part in [*parts[1:], ""]]
    return tuple(
        attrs.evolve(part, stop=stop) if isinstance(part, Free) else part
        for part, stop in zip(parts, stops, strict=True)
    )


def _refusal(text: str, reason: str) -> InvalidPattern:
    shown = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
    return InvalidPattern(f"pattern {shown!r}: {reason}", pattern=text, reason=reason)
