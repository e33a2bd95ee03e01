"""The query tree: what is looked for, in no engine's syntax.

An engine that serves it finds exactly the letters for which this holds:

- ``Word``: its stems stand next to each other, in this order, in one of the letter's texts;
- ``Phrase``: likewise its exact tokens;
- ``Prefix``: likewise its exact tokens, of which the last need only be the beginning of a word;
- ``Restriction``: the letter's field has that value (codes: or lies under it; ASCII case apart);
- ``And``, ``Or``, ``Not``: what their names say.

A letter's texts are its number, its subject and its body (all pages as one). ``field`` narrows a
word to ``Field.NUMBER`` or ``Field.SUBJECT``; ``None`` is any of the three.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

MAX_LENGTH: Final = 1000  # Characters of a query.
MAX_LEAVES: Final = 32  # Words, phrases and restrictions of a query.
MAX_PREFIXES: Final = 4  # Each reads the postings of every word that begins so.
MAX_DEPTH: Final = 10  # Parentheses within parentheses.
MIN_PREFIX: Final = 3  # Characters before the '*'.


class Field(enum.StrEnum):
    """What stands before the colon in a query."""

    NUMBER = "nomor"
    SUBJECT = "perihal"
    UNIT = "unit"
    KIND = "jenis"
    CLASSIFICATION = "kode"
    YEAR = "tahun"
    SECRECY = "sifat"


@attrs.frozen(kw_only=True)
class Word:
    """A word in any of its forms; ``exact`` is how it was written, and ranks higher."""

    stems: tuple[str, ...]
    exact: tuple[str, ...]
    field: Field | None = None


@attrs.frozen(kw_only=True)
class Phrase:
    """These words exactly, next to each other."""

    exact: tuple[str, ...]
    field: Field | None = None


@attrs.frozen(kw_only=True)
class Prefix:
    """A word that begins so."""

    exact: tuple[str, ...]
    field: Field | None = None


@attrs.frozen(kw_only=True)
class Restriction:
    """``field`` is none of NUMBER and SUBJECT. ``value`` is the year, the rank of the secrecy
    (0 to 3), or text."""

    field: Field
    value: str | int


@attrs.frozen
class And:
    """All of ``parts``, of which there is at least one."""

    parts: tuple[Query, ...]


@attrs.frozen
class Or:
    """Any of ``parts``, of which there is at least one."""

    parts: tuple[Query, ...]


@attrs.frozen
class Not:
    """The letters that ``part`` does not find."""

    part: Query


Text: TypeAlias = Word | Phrase | Prefix
Query: TypeAlias = Text | Restriction | And | Or | Not


def parse_query(text: str) -> Query:
    """The tree of what a person typed.

    Words stand side by side (all are wanted), with ``DAN``/``AND``, ``ATAU``/``OR`` and
    ``BUKAN``/``NOT`` in capitals; ``ATAU`` binds least. ``"..."`` is a phrase, ``kata*`` a prefix,
    ``( )`` a group, and ``nomor: perihal: unit: jenis: kode: tahun: sifat:`` narrow what follows.
    Signs that mean nothing where they stand are passed over.

    Raises:
        InvalidQuery: no word is left, a value or a ``*`` cannot be understood, or the query is
            beyond ``MAX_LENGTH``, ``MAX_DEPTH``, ``MAX_LEAVES`` or ``MAX_PREFIXES``.
    """
    # Whoosh takes 60 ms to import; who only files letters never needs it.
    from sipadek.search.grammar import parse

    return parse(text)


def wanted(query: Query) -> Iterator[Text]:
    """The words, phrases and prefixes that speak for a letter: those under no ``Not``."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from wanted(part)
        case Word() | Phrase() | Prefix():
            yield query
        case _:
            return
