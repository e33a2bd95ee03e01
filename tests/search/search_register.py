"""A minimal register around the index, the brute-force oracle, and what hypothesis draws from."""

from __future__ import annotations

import datetime
import functools
import json
import sqlite3
import string
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs
from hypothesis import strategies as st

from sipadek.archive.letter import Secrecy
from sipadek.search import (
    ANALYSIS,
    EVERYTHING,
    TEXT_FIELDS,
    AccessPolicy,
    And,
    Field,
    Not,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Restriction,
    Text,
    Tokens,
    Viewer,
    Wildcard,
    Word,
)
from sipadek.sql import letter_index
from sipadek.sql.letter_index import LetterText

UNITS = ("KEL-LEGOK", "KEL-KENALI", "SETDA")
_ENTRY = """CREATE TABLE sipadek_entry (
    position INTEGER PRIMARY KEY, unit TEXT NOT NULL, secrecy_rank INTEGER NOT NULL,
    classification TEXT NOT NULL, kind TEXT NOT NULL, series TEXT NOT NULL,
    document_year INTEGER NOT NULL, state TEXT NOT NULL, document_date TEXT NOT NULL DEFAULT '',
    sequence INTEGER NOT NULL DEFAULT 1, extra TEXT NOT NULL DEFAULT '') STRICT"""


@attrs.frozen(kw_only=True)
class Case:
    """One letter with all that a search may ask about."""

    number: str = "1/KEL-LEGOK/2026"
    subject: str = ""
    pages: tuple[str, ...] = ()
    about: str = ""
    unit: str = "KEL-LEGOK"
    secrecy_rank: int = 0
    classification: str = "400.12.2.1"
    kind: str = "keterangan"
    date: datetime.date = datetime.date(2026, 11, 3)
    state: str = "issued"
    sequence: int = 1
    sender: str = ""
    recipient: str = ""

    @property
    def year(self) -> int:
        return self.date.year

    @property
    def extra(self) -> str:
        """As the register keeps it: what JSON and SQLite cannot hold never gets there."""
        own = {"dari": self.sender, "kepada": self.recipient}
        return json.dumps({name: text for name, text in own.items() if text}, ensure_ascii=False)


def register(cases: Iterable[Case] = (), *, path: Path | str = ":memory:") -> sqlite3.Connection:
    """A register inside a transaction; positions count from 1."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(_ENTRY)
    connection.execute("BEGIN")
    letter_index.create(connection)
    add(connection, enumerate(cases, start=1))
    return connection


def add(connection: sqlite3.Connection, cases: Iterable[tuple[int, Case]]) -> None:
    numbered = list(cases)
    for position, case in numbered:
        connection.execute(
            "INSERT INTO sipadek_entry VALUES (?, ?, ?, ?, ?, 's', ?, ?, ?, ?, ?)",
            (
                position,
                case.unit,
                case.secrecy_rank,
                case.classification,
                case.kind,
                case.year,
                case.state,
                case.date.isoformat(),
                case.sequence,
                case.extra,
            ),
        )
    letter_index.add_many(
        connection, [LetterText(p, c.number, c.subject, c.pages, c.about) for p, c in numbered]
    )


def found(
    connection: sqlite3.Connection, query: Query, policy: AccessPolicy = EVERYTHING
) -> list[int]:
    """All positions, in the order of the search; the count must agree."""
    total, hits = letter_index.search(connection, query, policy, limit=10_000)
    assert total == len(hits)
    return [position for position, _ in hits]


# --- the oracle -----------------------------------------------------------------------------------


def may_see(case: Case, policy: AccessPolicy) -> bool:
    if case.state != "issued":
        return False
    if isinstance(policy, Viewer):
        within = policy.units is None or case.unit in policy.units
        return within and case.secrecy_rank <= policy.clearance.rank
    return matches(case, policy.condition)


def matches(case: Case, query: Query) -> bool:
    match query:
        case And(parts):
            return all(matches(case, part) for part in parts)
        case Or(parts):
            return any(matches(case, part) for part in parts)
        case Not(part):
            return not matches(case, part)
        case Restriction():
            return _restricted(case, query)
        case OneOf(field=field, values=values):
            return getattr(case, field.name.lower()) in values
        case Range(field=field, low=low, high=high):
            value = {
                Field.NUMBER: case.sequence,
                Field.YEAR: case.year,
                Field.DATE: case.date,
                Field.SECRECY: case.secrecy_rank,
            }[field]
            return (low is None or low <= value) and (high is None or value <= high)
        case Word() | Phrase() | Prefix() | Wildcard():
            return any(_in_text(text, query) for text in _texts(case, query.field))
    raise AssertionError(query)


def _texts(case: Case, field: Field | None) -> Iterator[str]:
    if field in (None, Field.NUMBER):
        yield case.number
    if field in (None, Field.SUBJECT):
        yield case.subject
    if field in (None, Field.SENDER):
        yield case.sender
    if field in (None, Field.RECIPIENT):
        yield case.recipient
    if field is None:
        yield "\n".join((*case.pages, case.about))


_tokens = functools.lru_cache(4096)(ANALYSIS.index_tokens)


def _in_text(text: str, leaf: Text) -> bool:
    tokens = _tokens(text)
    return any(occurs(tokens, leaf, start) for start in range(len(tokens.exact)))


def occurs(tokens: Tokens, leaf: Text, start: int) -> bool:
    """Whether the leaf stands in the text from that token on."""
    wanted = leaf.stems if isinstance(leaf, Word) else leaf.exact
    stream = tokens.stems if isinstance(leaf, Word) else tokens.exact
    here = stream[start : start + len(wanted)]
    if len(here) < len(wanted):
        return False
    match leaf:
        case Wildcard():
            return all(map(_fits, here, wanted))
        case Prefix():
            return here[:-1] == wanted[:-1] and here[-1].startswith(wanted[-1])
        case _:
            return here == wanted


def _fits(word: str, pattern: str) -> bool:
    """By trying every way to divide the word."""
    if not pattern or not word:
        return not word and not pattern.strip("*")
    if pattern[0] == "*":
        return _fits(word, pattern[1:]) or _fits(word[1:], pattern)
    same = (
        word[0] in string.ascii_lowercase + string.digits
        if pattern[0] == "?"
        else word[0] == pattern[0]
    )
    return same and _fits(word[1:], pattern[1:])


def _restricted(case: Case, query: Restriction) -> bool:
    match query:
        case Restriction(field=Field.YEAR, value=value):
            return case.year == value
        case Restriction(field=Field.SECRECY, value=value):
            return case.secrecy_rank == value
        case Restriction(field=Field.CLASSIFICATION, value=str() as value):
            code = case.classification.lower()
            return code == value.lower() or code.startswith(value.lower() + ".")
        case Restriction(field=Field.UNIT, value=str() as value):
            return case.unit.lower() == value.lower()
        case Restriction(field=Field.KIND, value=str() as value):
            return case.kind.lower() == value.lower()
    raise AssertionError(query)


# --- what is drawn --------------------------------------------------------------------------------

# Few words in several forms, so that queries often hit; and words that are syntax elsewhere.
_WORDS = """
    surat suratnya keterangan menerangkan terang domisili berdomisili legok KEL-LEGOK kel kenali
    undang-undang undangan 0042 42 400.12 400.12.2.1/0042/KEL-LEGOK/XI/2026 12.2 2026 Jum'at
    jumat OR AND NOT NEAR dan a i é ﬁle ² body_exact rowid
"""
WORDS = st.sampled_from(_WORDS.split())
_JOINTS = [" ", " ", " ", "\n", ", ", "-", "/", '"', "\f", "\0", "\ud800", "*", "("]
_PIECES = st.sampled_from([word + joint for word in _WORDS.split() for joint in _JOINTS])
# Drawn piece by piece from one list: letters are drawn by the dozen, so it must be quick.
_MIXED = st.one_of(_PIECES, _PIECES, _PIECES, st.text(max_size=4))


def texts(max_size: int = 8) -> st.SearchStrategy[str]:
    return st.lists(_MIXED, max_size=max_size).map("".join)


DATES = [
    datetime.date(*day) for day in ((2025, 12, 31), (2026, 1, 1), (2026, 2, 28), (2026, 11, 3))
]
# Own fields are checked before they get into a register: no NUL, no half of a surrogate pair.
PARTIES = st.sampled_from(
    ["", "", "Kepala Dinas", "Lurah Legok", "surat 'x' \"y\" keterangan", "é kel-legok"]
)
CASES = st.builds(
    Case,
    number=texts(max_size=3),
    subject=texts(max_size=4),
    pages=st.lists(texts(), max_size=3).map(tuple),
    unit=st.sampled_from(UNITS),
    secrecy_rank=st.integers(0, 3),
    classification=st.sampled_from(["400.12.2.1", "400.1", "400.12", "400", "KP.07.6", ""]),
    kind=st.sampled_from(["keterangan", "undangan", ""]),
    date=st.sampled_from(DATES),
    state=st.sampled_from(["issued", "issued", "issued", "void", "reserved"]),
    sequence=st.integers(1, 4),
    sender=PARTIES,
    recipient=PARTIES,
)
_VIEWERS = st.builds(
    Viewer,
    units=st.none() | st.frozensets(st.sampled_from((*UNITS, "LAIN"))),
    clearance=st.sampled_from(Secrecy),
)


@st.composite
def _leaves(draw: st.DrawFn) -> Query:
    tokens = ANALYSIS.index_tokens(draw(texts(max_size=2)))
    if not tokens.exact:
        tokens = ANALYSIS.index_tokens(draw(WORDS))
    field = draw(st.sampled_from([None, None, None, None, *sorted(TEXT_FIELDS)]))
    kind = draw(st.sampled_from([Word, Phrase, Prefix, Wildcard]))
    if kind is Word:
        return Word(stems=tokens.stems, exact=tokens.exact, field=field)
    if kind is Phrase:
        return Phrase(exact=tokens.exact, field=field)
    *head, last = tokens.exact
    if kind is Wildcard and len(last) > 3:
        at = draw(st.integers(3, len(last) - 1))
        wild = last[:at] + draw(st.sampled_from(["*", "?", "*?", "**", "?*"])) + last[at + 1 :]
        one = draw(st.integers(0, 3))
        wild = wild[:one] + "?" + wild[one + 1 :] if one < 3 else wild
        return Wildcard(exact=(*head, wild), field=field)
    return Prefix(exact=(*head, last[: draw(st.integers(1, len(last)))]), field=field)


_RESTRICTIONS = st.one_of(
    st.builds(Restriction, field=st.just(Field.YEAR), value=st.sampled_from([2025, 2026, 1])),
    st.builds(
        Range,
        field=st.just(Field.NUMBER),
        low=st.none() | st.integers(0, 4),
        high=st.none() | st.integers(0, 4),
    ),
    st.builds(
        Range,
        field=st.just(Field.DATE),
        low=st.none() | st.sampled_from(DATES),
        high=st.none() | st.sampled_from(DATES),
    ),
    st.builds(
        Range, field=st.just(Field.YEAR), low=st.sampled_from([None, 2026]), high=st.just(2026)
    ),
    st.builds(Restriction, field=st.just(Field.SECRECY), value=st.integers(0, 3)),
    st.builds(Range, field=st.just(Field.SECRECY), high=st.integers(0, 3)),
    st.builds(
        OneOf, field=st.just(Field.UNIT), values=st.frozensets(st.sampled_from((*UNITS, "setda")))
    ),
    st.builds(
        OneOf,
        field=st.just(Field.KIND),
        values=st.sampled_from([{"undangan"}, {""}]).map(frozenset),
    ),
    st.builds(
        Restriction, field=st.just(Field.UNIT), value=st.sampled_from(["kel-legok", "SETDA"])
    ),
    st.builds(Restriction, field=st.just(Field.KIND), value=st.sampled_from(["Undangan", "x'y"])),
    st.builds(
        Restriction,
        field=st.just(Field.CLASSIFICATION),
        value=st.sampled_from(["400", "400.1", "400.12", "400.12.2.1", "kp", "KP.07"]),
    ),
)


def _trees(leaves: st.SearchStrategy[Query], most: int) -> st.SearchStrategy[Query]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: And(tuple(parts))),
            st.lists(inner, max_size=3).map(
                lambda parts: Or(tuple(parts), several=len(parts) == 2)
            ),
            inner.map(Not),
        ),
        max_leaves=most,
    )


@attrs.frozen
class Policy:
    """One that a host could write."""

    condition: Query


QUERIES = _trees(st.one_of(_leaves(), _leaves(), _RESTRICTIONS), 8)
POLICIES: st.SearchStrategy[AccessPolicy] = _VIEWERS | _trees(_RESTRICTIONS, 4).map(Policy)
