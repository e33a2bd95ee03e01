"""The query tree: what is looked for, in no engine's syntax.

An engine that serves it finds exactly the letters for which this holds:

- ``Word``: its stems stand next to each other, in this order, in one of the letter's texts;
- ``Phrase``: likewise its exact tokens;
- ``Prefix``: likewise its exact tokens, of which the last need only be the beginning of a word;
- ``Wildcard``: likewise its exact tokens, where in one of them ``*`` stands for any run of
  characters, also for none, and ``?`` for one of ``a`` to ``z`` and ``0`` to ``9``;
- ``Restriction``: the letter's field has that value (codes: or lies under it; ASCII case apart);
- ``OneOf``: the letter's field is exactly one of ``values``;
- ``Range``: the letter's field lies between ``low`` and ``high``, both included;
- ``And``, ``Or``, ``Not``: what their names say.

A letter's texts are its number, its subject, its body (all pages as one), its sender and its
recipient. ``field`` narrows a word to one of them that has a name (``TEXT_FIELDS``); ``None`` is any
of the five. Sender and recipient are the letter's own fields ``dari`` and ``kepada``
(``LetterDetails.extra``).

Synonyms are no leaf of their own: the parser puts an ``Or`` where one was typed.
"""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

from sipadek.search.synonyms import Synonyms

MAX_LENGTH: Final = 1000  # Characters of a query.
MAX_LEAVES: Final = 32  # Words, phrases and restrictions of a query, as typed.
MAX_PREFIXES: Final = 4  # Words with '*' or '?': each reads the postings of every word it means.
MAX_DEPTH: Final = 10  # Parentheses within parentheses.
MIN_PREFIX: Final = 3  # Characters before the '*'.


class Field(enum.StrEnum):
    """What stands before the colon in a query."""

    NUMBER = "nomor"
    SUBJECT = "perihal"
    SENDER = "dari"
    RECIPIENT = "kepada"
    UNIT = "unit"
    KIND = "jenis"
    CLASSIFICATION = "kode"
    DATE = "tanggal"
    YEAR = "tahun"
    SECRECY = "sifat"


TEXT_FIELDS: Final = frozenset({Field.NUMBER, Field.SUBJECT, Field.SENDER, Field.RECIPIENT})
"""The fields in which words are looked for."""


class Sort(enum.StrEnum):
    """In which order letters are found. *Newest* is the one whose number was reserved last."""

    RELEVANCE = "relevansi"
    """The best match first, of equals the newest."""
    NEWEST = "terbaru"
    OLDEST = "terlama"


@attrs.frozen(kw_only=True)
class Word:
    """A word in any of its forms; ``exact`` is how it was written, and ranks higher. A doubled word
    (``surat-surat``) has one stem for its two exact tokens."""

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
class Wildcard:
    """Words next to each other, one of which holds ``*`` or ``?``. Of that one's first three
    characters none is ``*`` and at most one is ``?``. It finds, but does not rank."""

    exact: tuple[str, ...]
    field: Field | None = None

    @property
    def at(self) -> int:
        """Which of the tokens it is."""
        return next(i for i, token in enumerate(self.exact) if "*" in token or "?" in token)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What that one must match as a whole."""
        signs = {"*": ".*", "?": "[a-z0-9]"}
        return re.compile("".join(signs.get(c) or re.escape(c) for c in self.exact[self.at]))


@attrs.frozen(kw_only=True)
class Restriction:
    """``field`` is UNIT, KIND, CLASSIFICATION (text), YEAR or SECRECY (its rank, 0 to 3)."""

    field: Field
    value: str | int


@attrs.frozen(kw_only=True)
class OneOf:
    """``field`` is UNIT, KIND or CLASSIFICATION; of no ``values`` it is none."""

    field: Field
    values: frozenset[str]


@attrs.frozen(kw_only=True)
class Range:
    """``field`` is NUMBER (the sequence number), YEAR (of the document date), DATE (the document
    date) or SECRECY (its rank). ``None`` is an open end; one end at least is given."""

    field: Field
    low: int | datetime.date | None = None
    high: int | datetime.date | None = None


@attrs.frozen
class And:
    """All of ``parts``; without any, every letter."""

    parts: tuple[Query, ...]


@attrs.frozen
class Or:
    """Any of ``parts``; without any, no letter. ``several`` says that they are not names of one thing: a
    letter with more of them is a better match."""

    parts: tuple[Query, ...]
    several: bool = False


@attrs.frozen
class Not:
    """The letters that ``part`` does not find."""

    part: Query


Text: TypeAlias = Word | Phrase | Prefix | Wildcard
Query: TypeAlias = Text | Restriction | OneOf | Range | And | Or | Not


@attrs.frozen(kw_only=True)
class Typed:
    """A single word (``word``) that was typed at ``start`` to ``end`` of the query, and that speaks
    for a letter: one that could be misspelt."""

    start: int
    end: int
    word: Word


@attrs.frozen(kw_only=True)
class Asked:
    """What a person's text asks for: the letters that ``query`` finds, sorted. ``sort`` is None where
    the text does not say.

    ``looser`` finds the letters that hold some but not all of the words that just stand side by side,
    and everything else that is asked; None where there are no two such words, or where ``DAN``,
    ``ATAU`` or parentheses tell how the words belong together."""

    text: str
    query: Query
    looser: Query | None = None
    sort: Sort | None = None
    words: tuple[Typed, ...] = ()


def parse_query(
    text: str, *, today: datetime.date | None = None, synonyms: Synonyms | None = None
) -> Query:
    """The tree of what a person typed.

    Words stand side by side (all are wanted), with ``DAN``/``AND``, ``ATAU``/``OR`` and
    ``BUKAN``/``NOT`` in capitals; ``ATAU`` binds least. ``"..."`` is a phrase, ``kata*`` a prefix,
    ``k?t*a`` a word with wildcards, ``( )`` a group, and the names of ``Field`` with a colon narrow
    what follows. ``urut:`` is passed over (see ``understand``). Signs that mean nothing where they
    stand are passed over, too; so is a ``?`` behind a word.

    ``today`` is what 'bulan-lalu' and the like are counted from; ``synonyms`` are by default the
    table that comes with the library. They widen words, not phrases.

    Raises:
        InvalidQuery: no word is left, a value or a ``*`` cannot be understood, a day is named by its
            distance and ``today`` is not given, or the query is beyond ``MAX_LENGTH``, ``MAX_DEPTH``,
            ``MAX_LEAVES`` or ``MAX_PREFIXES``.
    """
    return understand(text, today=today, synonyms=synonyms).query


def understand(
    text: str, *, today: datetime.date | None = None, synonyms: Synonyms | None = None
) -> Asked:
    """Like ``parse_query``, with the order that ``urut:terbaru``, ``urut:terlama`` or
    ``urut:relevansi`` asks for, and the words that could be misspelt."""
    # Whoosh takes 60 ms to import; who only files letters never needs it.
    from sipadek.search.grammar import parse

    return parse(text, today, synonyms)


def wanted(query: Query) -> Iterator[Text]:
    """The words, phrases, prefixes and wildcards that speak for a letter: those under no ``Not``."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from wanted(part)
        case Word() | Phrase() | Prefix() | Wildcard():
            yield query
        case _:
            return
