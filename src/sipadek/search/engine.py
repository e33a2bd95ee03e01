"""What an index that stands beside the register has to do, and what it is told of a letter.

The register tells its letters in the order of its log; a `Mark` says how far an index has followed. An
index is never the truth: it may be lost, and is then told everything again.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol

import attrs

from sipadek.search.access import AccessPolicy, accepts, lower_ascii
from sipadek.search.analysis import ANALYSIS
from sipadek.search.query import (
    And,
    Field,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Restriction,
    Sort,
    Word,
)

SCOPES: Final = {
    Field.NUMBER: ("number",),
    Field.SUBJECT: ("subject",),
    Field.SENDER: ("sender",),
    Field.RECIPIENT: ("recipient",),
    None: ("number", "subject", "body", "sender", "recipient"),
}
"""The texts in which a word of that field is looked for, each in two columns (exact, stem)."""

WEIGHTS: Final = {
    "number_exact": 12.0,
    "number_stem": 8.0,
    "subject_exact": 6.0,
    "subject_stem": 4.0,
    "body_exact": 1.5,
    "body_stem": 1.0,
    "sender_exact": 3.0,
    "sender_stem": 2.0,
    "recipient_exact": 3.0,
    "recipient_stem": 2.0,
}
"""The columns, and how much a word counts in each; an exact match counts in both columns of its text."""


@attrs.frozen(kw_only=True)
class Document:
    """An issued letter as an index is told of it; ``position`` is the register entry's, ``body`` all its
    pages, ``secrecy`` the rank (0 to 3)."""

    position: int
    number: str
    subject: str
    body: str
    sender: str
    recipient: str
    unit: str
    kind: str
    classification: str
    secrecy: int
    date: datetime.date
    sequence: int

    def tokens(self) -> dict[str, tuple[str, ...]]:
        """For each column its words, in order."""
        found: dict[str, tuple[str, ...]] = {}
        for text in SCOPES[None]:
            tokens = ANALYSIS.index_tokens(getattr(self, text))
            found[f"{text}_exact"], found[f"{text}_stem"] = tokens.exact, tokens.stems
        return found


@attrs.frozen(kw_only=True)
class Mark:
    """An index holds what the first ``upto`` events of a log say, as the analysis of that version reads
    it. ``event`` is the SHA-256 (hex) of the last of them, '' of none: it tells one log from another."""

    upto: int = 0
    event: str = ""
    analysis: str


_SECRECIES: Final = range(4)
_FACTS: Final = {
    Field.UNIT: "unit",
    Field.KIND: "kind",
    Field.CLASSIFICATION: "code",
    Field.YEAR: "year",
    Field.SECRECY: "secrecy",
}


def facts(unit: str, kind: str, classification: str, year: int, secrecy: int) -> Iterator[str]:
    """What an index can look up of a letter's fields like words: each value as it is
    (``unit=KEL-LEGOK``), and as the query language compares it (``unit~kel-legok``); of a code also all
    that it lies under."""
    code = lower_ascii(classification)
    above = [code[:at] for at, sign in enumerate(code) if sign == "."]
    yield from (f"unit={unit}", f"kind={kind}", f"code={classification}")
    yield from (f"unit~{lower_ascii(unit)}", f"kind~{lower_ascii(kind)}")
    yield from dict.fromkeys(f"code~{each}" for each in (*above, code))
    yield from (f"year={year}", f"secrecy={secrecy}")


def wanted_facts(condition: Restriction | OneOf | Range) -> list[str] | None:
    """The facts of which a letter must have one; None where facts cannot tell: of dates, and of ranges
    of years and sequence numbers."""
    match condition:
        case OneOf(field=field, values=values):
            return [f"{_FACTS[field]}={value}" for value in sorted(values)]
        case Restriction(field=field, value=str() as value):
            return [f"{_FACTS[field]}~{lower_ascii(value)}"]
        case Restriction(field=field, value=value):
            return [f"{_FACTS[field]}={value}"]
        case Range(field=Field.SECRECY):
            return [f"secrecy={rank}" for rank in _SECRECIES if accepts(condition, rank)]
        case Range():
            return None


class IndexWriter(Protocol):
    """The one writer of an index."""

    def mark(self) -> Mark | None:
        """As `SearchIndex.mark`; nobody else moves it meanwhile."""
        ...

    def apply(self, documents: Sequence[Document], removed: Collection[int], mark: Mark) -> None:
        """Put these letters in the place of what is held at their positions, remove those, and move the
        mark. Durable when it returns; after a crash the mark stands where it was, and the same call
        again gives the same index."""
        ...

    def clear(self) -> None:
        """Forget everything, whatever is wrong with it; there is no mark then."""
        ...


class SearchIndex(Protocol):
    """An index beside the register. Safe to share between threads and processes."""

    def mark(self) -> Mark | None:
        """How far it has followed; None where there is no index, or one that cannot be used."""
        ...

    def writing(self, *, wait: bool = True) -> AbstractContextManager[IndexWriter | None]:
        """Be its only writer. Where another one is at it: wait, or without ``wait`` get None."""
        ...

    def search(
        self,
        query: Query,
        policy: AccessPolicy,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
    ) -> tuple[int, list[tuple[int, float]]]:
        """How many letters that ``policy`` lets be seen match, and (position, score) of those from
        ``offset`` on, at most ``limit``, in the order of ``sort``: as `sipadek.search.query` says.

        Raises:
            InvalidInput: ``policy`` asks for words.
            IndexDamaged: the index cannot be read.
        """
        ...


def ranking(query: Query) -> Iterator[Query]:
    """The parts of ``query`` that must hold and are made of words alone: those that rank."""
    for part in query.parts if isinstance(query, And) else (query,):
        if _words_alone(part):
            yield part


def _words_alone(query: Query) -> bool:
    match query:
        case Word() | Phrase() | Prefix():
            return True
        case And(parts) | Or(parts):
            return bool(parts) and all(map(_words_alone, parts))
        case _:
            return False
