"""The pattern language: what a number looks like, such as
``{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}``.

=====================  ==================================================================
``{nomor}``            the sequence; ``{nomor:4}`` pads to *at least* 4 digits (2 to 9)
``{kode}``             classification, 1 to 64 characters; ``{kode:angka}`` digits and dots
``{unit}``             unit, 1 to 64 characters
``{jabatan}``          post of the signer, 1 to 64 characters
``{jenis}``            kind, 1 to 64 characters
``{sifat}``            secrecy: B, T, R or SR
``{bulan}``            month 1 to 12; ``{bulan:2}`` 01 to 12; ``{bulan:romawi}`` I to XII
``{tahun}``            year in 4 digits; ``{tahun:2}`` in 2, for the years 2000 to 2099 only
``{tanggal}``          day 1 to 31; ``{tanggal:2}`` 01 to 31
``{x.bidang}``         a field of the host's own, 1 to 64 characters; any lower-case name
``{{`` and ``}}``      the braces themselves; everything else stands for itself
=====================  ==================================================================

A pattern is accepted only if every number it renders can be read back in exactly one way, so
``parse(render(x)) == x`` and ``render(parse(s)) == s`` hold for all values and all accepted texts.
That is why two digits mean one century: a letter of 1999 or 2100 is refused there, not misread.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final, Self

import attrs

from sipadek.errors import InvalidNumber, InvalidPattern
from sipadek.numbering.fields import KNOWN_FIELDS, Field, Free, value_of
from sipadek.numbering.insertion import Insertion
from sipadek.numbering.values import OWN, NumberFields, ParsedNumber, is_own_name

MAX_PATTERN: Final = 200
"""The greatest length of a pattern, in characters."""

_TOKEN: Final = re.compile(r"(?P<escape>\{\{|\}\})|\{(?P<field>[^{}]*)\}|(?P<literal>[^{}]+)")
_MAX_SHOWN: Final = 80

_Step = tuple[str, Callable[[Any], str] | None, Callable[[NumberFields], Any] | None]


@attrs.frozen
class Pattern:
    """A checked pattern. Make one with ``compile``; two are equal where text and insertion are."""

    text: str
    insertion: str
    parts: tuple[str | Field, ...] = attrs.field(eq=False, repr=False)
    """Literals and fields in their order."""
    _steps: tuple[_Step, ...] = attrs.field(init=False, eq=False, repr=False)
    _suffix: Insertion | None = attrs.field(init=False, eq=False, repr=False)
    _own: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        suffixes = [part for part in self.parts if isinstance(part, Insertion)]
        steps = tuple(_step(part) for part in self.parts if not isinstance(part, Insertion))
        object.__setattr__(self, "_suffix", suffixes[0] if suffixes else None)
        object.__setattr__(self, "_steps", steps)
        own = tuple(name for name in sorted(self.attributes) if name.startswith(OWN))
        object.__setattr__(self, "_own", own)

    @classmethod
    def compile(cls, text: str, insertion: str = "") -> Self:
        """Reads and checks a pattern. ``insertion`` is how an inserted number shows that it is one,
        right after ``{nomor}``: one of INSERTIONS, '' where there are none.

        Raises InvalidPattern, with the reason, for a pattern without exactly one ``{nomor}``, with
        an unknown or repeated field, or that cannot be read back; InvalidInput for an unknown
        ``insertion``.
        """
        if not isinstance(text, str):
            raise InvalidPattern(f"a pattern is text, not {type(text).__name__}", pattern=text)
        parts = _split(text)
        _check_literals(text, parts)
        _check_fields(text, parts)
        _check_neighbours(text, parts)
        if insertion != "":
            parts = _with_insertion(text, parts, Insertion(insertion))
        return cls(text, insertion, _with_stops(parts))

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes of ParsedNumber that a number of this pattern tells; 'x.bidang' for an own
        field."""
        return frozenset(part.attribute for part in self.parts if not isinstance(part, str))

    def check(self, fields: NumberFields) -> None:
        """Raises InvalidNumber where ``render`` would, whatever sequence and insertion."""
        for _, write, value in self._steps:
            if write is not None and value is not None:
                write(value(fields))

    def render(self, sequence: int, fields: NumberFields, insertion: int = 0) -> str:
        """The number. Raises InvalidNumber, with the field, for a value that cannot stand in it."""
        suffix = "" if insertion == 0 else self._inserted(insertion)
        pieces: list[str] = []
        for literal, write, value in self._steps:
            if write is None:
                pieces.append(literal)
            elif value is not None:
                pieces.append(write(value(fields)))
            else:
                pieces.append(write(sequence) + suffix)
        return "".join(pieces)

    def parse(self, text: str) -> ParsedNumber:
        """What a number tells. Strict: only a text that ``render`` gives is accepted, others raise
        InvalidNumber with the place (``fields['position']``, 0-based)."""
        if not isinstance(text, str):
            raise InvalidNumber(f"a number is text, not {type(text).__name__}", value=text)
        values: dict[str, Any] = {}
        position = 0
        for part in self.parts:
            if isinstance(part, str):
                if not text.startswith(part, position):
                    raise self._not_a_number(text, position, repr(part))
                position += len(part)
                continue
            piece = part.cut(text, position)
            if piece is None:
                raise self._not_a_number(text, position, f"{{{part.spec}}}")
            values[part.attribute] = part.read(piece)
            position += len(piece)
        if position != len(text):
            raise self._not_a_number(text, position, "the end")
        extra = {name.removeprefix(OWN): values.pop(name) for name in self._own}
        parsed = ParsedNumber(**values, extra=extra)
        parsed.fields()
        return parsed

    def _inserted(self, insertion: int) -> str:
        if self._suffix is None:
            raise InvalidNumber(
                f"insertion {insertion!r} cannot stand in a number of the pattern {self.text!r}: "
                "its series has no inserted numbers; give 0",
                field="insertion",
                value=insertion,
            )
        return self._suffix.write(insertion)

    def _not_a_number(self, text: str, position: int, expected: str) -> InvalidNumber:
        shown = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
        return InvalidNumber(
            f"{shown!r} is not a number of the pattern {self.text!r}: expected {expected} at "
            f"character {position + 1}; write the number exactly as it was given",
            value=text,
            pattern=self.text,
            position=position,
        )


def _step(part: str | Field) -> _Step:
    """What rendering does at a part, looked up once because it is done for every number."""
    if isinstance(part, str):
        return part, None, None
    return "", part.write, None if part.attribute == "sequence" else value_of(part.attribute)


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
    if spec.startswith(OWN):
        if is_own_name(spec.removeprefix(OWN)):
            return Free(spec, spec)
        raise _refusal(
            text,
            f"{{{spec}}} cannot be a field of your own; after 'x.' write at most 32 lower-case "
            "letters and digits, a letter first, with single hyphens or underscores between",
        )
    name = spec.partition(":")[0]
    forms = [f"{{{known}}}" for known in KNOWN_FIELDS if known.partition(":")[0] == name]
    if forms:
        raise _refusal(text, f"{{{spec}}} has an unknown format; write {' or '.join(forms)}")
    names = sorted({known.partition(":")[0] for known in KNOWN_FIELDS})
    raise _refusal(
        text,
        f"{{{spec}}} is not a field; the fields are {', '.join(names)}, and your own, "
        "such as {x.bidang}",
    )


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
        if isinstance(part, str) or not _runs_into(part, following):
            continue
        if isinstance(following, str):
            reason = f"{{{part.spec}}} is followed by {following[0]!r}, which could belong to it"
        else:
            reason = (
                f"{{{part.spec}}} and {{{following.spec}}} stand together and cannot be told apart"
            )
        raise _refusal(text, f"{reason}; write a separator such as '/' between them")


def _runs_into(part: Field, following: str | Field) -> bool:
    first = frozenset(following[0]) if isinstance(following, str) else following.first
    if part.more is None:
        # A free value ends at a literal, wherever that begins.
        return not isinstance(following, str)
    return bool(part.more if first is None else part.more & first)


def _with_insertion(text: str, parts: list[str | Field], insertion: Insertion) -> list[str | Field]:
    place = 1 + next(
        place
        for place, part in enumerate(parts)
        if not isinstance(part, str) and part.attribute == "sequence"
    )
    following = parts[place : place + 1]
    if following and _runs_into(insertion, following[0]):
        shown = following[0] if isinstance(following[0], str) else f"{{{following[0].spec}}}"
        raise _refusal(
            text,
            f"an inserted number such as '12{insertion.write(1)}' could not be told from one with "
            f"{shown!r} after {{nomor}}; choose another insertion than {insertion.form!r}, or "
            "write another separator there",
        )
    return [*parts[:place], insertion, *parts[place:]]


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
