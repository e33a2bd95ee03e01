"""Single words and values of a query."""

from __future__ import annotations

import datetime
import re
from typing import Final

import attrs

from sipadek.errors import InvalidQuery
from sipadek.naskah import SECRECY_NAMES
from sipadek.search.analysis import ANALYSIS
from sipadek.search.periods import RELATIVE, NoToday, parse_span
from sipadek.search.query import (
    MIN_PREFIX,
    TEXT_FIELDS,
    Field,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Restriction,
    Text,
    Wildcard,
    Word,
)
from sipadek.search.stemming import stem_of_doubled

_CODE: Final = re.compile(r"[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*")
_YEAR: Final = re.compile(r"[0-9]{4}")
_SPAN: Final = re.compile(r"(?!\.\.$)([0-9]{0,12})\.\.([0-9]{0,12})")  # '40..60', '40..', '..60'.
_SECRECY: Final = {
    name: rank
    for rank, (code, full) in enumerate(SECRECY_NAMES.items())
    for name in (code.lower(), full.lower(), full.lower().replace(" ", "-"))
}
# How a regulation is cited in short: 'UU No. 12/1959' is 'Undang-Undang Nomor 12 Tahun 1959'.
_CITED: Final = re.compile(r"([0-9]{1,4})/((?:19|20)[0-9]{2})")
_DOUBLED: Final = re.compile(r"[a-z]+(?:-[a-z]+){1,2}")
# '?' is a wildcard where more of the word follows; at its end it asks a question.
_QUESTION: Final = re.compile(r"[?]+(?![?*\w])")
# Letters that the analysis keeps within a word and that no text has: what '*' and '?' are meanwhile.
_STAR, _ONE = "\u01c2", "\u01c3"
_HIDE: Final = str.maketrans({"*": _STAR, "?": _ONE, _STAR: " ", _ONE: " "})
_SHOW: Final = str.maketrans({_STAR: "*", _ONE: "?"})


@attrs.frozen(kw_only=True)
class Piece:
    """What stands between the operators of a query, at ``start``: ``text`` without quotes and without
    the ``*`` behind it, and the field before it ('' for none)."""

    text: str
    start: int
    field: str = ""
    quoted: bool = False
    begins: bool = False  # A '*' stands behind it.


def leaf(piece: Piece, today: datetime.date | None) -> Query | None:
    """What a piece asks for; None where it holds nothing to look for.

    Raises:
        InvalidQuery: its value, ``*`` or ``?`` cannot be understood.
    """
    field = Field(piece.field) if piece.field else None
    if field is not None and field not in TEXT_FIELDS:
        return _restriction(field, piece, today)
    if field is Field.NUMBER and (span := _SPAN.fullmatch(piece.text)) is not None:
        return _numbers(field, span, piece)
    return _text(field, piece)


def invalid(reason: str, position: int) -> InvalidQuery:
    """The error that points at ``position`` of the query."""
    return InvalidQuery(
        f"{reason}; see position {position}. Change the query there.", position=position
    )


def _text(field: Field | None, piece: Piece) -> Text | Or | None:
    if piece.quoted:
        tokens = ANALYSIS.index_tokens(piece.text)
        return Phrase(exact=tokens.exact, field=field) if tokens.exact else None
    text = _QUESTION.sub("", piece.text + "*" * piece.begins)
    if "?" in text or "*" in text[:-1] or text == "*":
        return _wildcard(field, piece, text)
    tokens = ANALYSIS.index_tokens(text)
    if piece.begins:
        if len("".join(tokens.exact)) < MIN_PREFIX:
            raise invalid(f"Before '*' at least {MIN_PREFIX} letters are needed", piece.start)
        return Prefix(exact=tokens.exact, field=field)
    if not tokens.exact:
        return None
    once = stem_of_doubled(text.lower()) if _DOUBLED.fullmatch(text.lower()) else ""
    # By its one root, what stands there exactly is found by the stem, too.
    stems = (once,) if once in tokens.stems else tokens.stems
    return _cited(text, Word(stems=stems, exact=tokens.exact, field=field))


def _cited(text: str, word: Word) -> Word | Or:
    """The word, or also what it is in full where it is a regulation's number."""
    short = _CITED.fullmatch(text)
    if short is None:
        return word
    long = ANALYSIS.index_tokens(f"{short[1]} tahun {short[2]}")
    return Or((word, Word(stems=long.stems, exact=long.exact, field=word.field)))


def _wildcard(field: Field | None, piece: Piece, text: str) -> Wildcard:
    exact = ANALYSIS.index_tokens(text.translate(_HIDE)).exact
    tokens = tuple(token.translate(_SHOW) for token in exact)
    wild = [token for token in tokens if "*" in token or "?" in token]
    place = piece.start + len(re.split("[*?]", piece.text, maxsplit=1)[0])
    if len(wild) != 1:
        raise invalid("'*' and '?' can stand in one part of a word only", place)
    head = wild[0][:MIN_PREFIX]
    if len(wild[0].rstrip("*")) < MIN_PREFIX or "*" in head or head.count("?") > 1:
        raise invalid(
            f"Before '*' at least {MIN_PREFIX} letters are needed, of which one may be '?'", place
        )
    return Wildcard(exact=tokens, field=field)


def _numbers(field: Field, span: re.Match[str], piece: Piece) -> Range:
    low, high = (int(end) if end else None for end in span.groups())
    if low is not None and high is not None and low > high:
        raise invalid(f"'{field}:' ends before it begins", piece.start)
    return Range(field=field, low=low, high=high)


def _restriction(field: Field, piece: Piece, today: datetime.date | None) -> Query:
    value = piece.text.strip()
    if piece.begins:
        if field is not Field.CLASSIFICATION:  # kode:400.* says what kode:400 says.
            raise invalid(f"'{field}:' takes no '*'", piece.start)
        value = value.rstrip(".")
    elif not piece.quoted and "*" in value:
        raise invalid(f"'{field}:' takes no '*'", piece.start + piece.text.index("*"))
    if not value or not value.isprintable():
        raise invalid(f"'{field}:' needs a value", piece.start)
    match field:
        case Field.CLASSIFICATION if not _CODE.fullmatch(value):
            raise invalid("'kode:' takes a code such as 400.12", piece.start)
        case Field.YEAR:
            return _year(piece, value)
        case Field.DATE:
            return _date(piece, value, today)
        case Field.SECRECY:
            rank = _SECRECY.get(value.lower())
            if rank is None:
                names = ", ".join(SECRECY_NAMES)
                raise invalid(f"'sifat:' takes {names} or their names", piece.start)
            return Restriction(field=field, value=rank)
    return Restriction(field=field, value=value)


def _year(piece: Piece, value: str) -> Query:
    if _YEAR.fullmatch(value):
        return Restriction(field=Field.YEAR, value=int(value))
    span = _SPAN.fullmatch(value)
    if span is None or not all(_YEAR.fullmatch(end) for end in span.groups() if end):
        raise invalid("'tahun:' takes a year such as 2026, or 2024..2026", piece.start)
    return _numbers(Field.YEAR, span, piece)


def _date(piece: Piece, value: str, today: datetime.date | None) -> Range:
    try:
        low, high = parse_span(value, today)
    except NoToday:
        raise invalid("Days counted from today are not known here", piece.start) from None
    except ValueError:
        raise invalid(
            "'tanggal:' takes a date such as 2026-01-15, 15-01-2026, 2026-01 or 2026, "
            f"{', '.join(RELATIVE)}, or two of them with '..' between; a value with spaces needs quotes",
            piece.start,
        ) from None
    return Range(field=Field.DATE, low=low, high=high)
