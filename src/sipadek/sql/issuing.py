"""Putting letters on record as filed, many in one transaction: state, digests, index and event."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Sequence
from typing import Final

import attrs

from sipadek.archive.letter import FORMER_NUMBER, Filed, Letter, State
from sipadek.errors import InvalidInput, NotFound, NumberVoid
from sipadek.sql import events, letter_index, recognition, rows
from sipadek.sql.voiding import lapsed

_BY_ID: Final = f"{rows.SELECT} WHERE id = ?"
_TEXTS: Final = (
    "SELECT position, number, subject, pages FROM sipadek_letter_text"
    " WHERE position IN (SELECT value FROM json_each(?))"
)


def check(filed: Sequence[Filed]) -> None:
    """Refuse what the tables could not hold.

    Raises:
        InvalidInput: no digest, a size that cannot be, text with NUL or lone surrogates.
    """
    for one in filed:
        rows.check_text("letter", one.letter)
        rows.check_digest("digest", one.digest)
        rows.check_size("size", one.size)
        rows.check_text("signer", one.signer)
        rows.check_text("extractor", one.extractor)


def issue(
    connection: sqlite3.Connection, filed: Sequence[Filed], at: datetime.datetime
) -> tuple[list[Letter], list[tuple[int | None, bytes]]]:
    """The letters as issued, and the events to be logged in this transaction."""
    outcomes: list[Letter] = []
    fresh: dict[str, tuple[int, Letter, Filed]] = {}
    for one in filed:
        if one.letter in fresh:
            outcomes.append(fresh[one.letter][1])
            continue
        position, letter = _reserved(connection, one.letter, at)
        if letter.state is State.RESERVED:
            if letter.stock:
                raise InvalidInput(
                    f"The number {letter.number} is held in stock. Draw it for a letter first.",
                    letter=one.letter,
                )
            letter = attrs.evolve(
                letter,
                state=State.ISSUED,
                filed_digest=one.digest,
                filed_size=one.size,
                signer=one.signer,
                issued_at=at,
            )
            fresh[one.letter] = position, letter, one
        outcomes.append(letter)
    moment = rows.time_text(at)
    connection.executemany(
        rows.ISSUE,
        [
            (one.digest, one.size, one.signer, one.extractor, moment, position)
            for position, _, one in fresh.values()
        ],
    )
    letter_index.add_many(
        connection,
        [_text(position, letter, one.pages, one.about) for position, letter, one in fresh.values()],
    )
    recognition.enqueue(connection, [(position, one.pages) for position, _, one in fresh.values()])
    return outcomes, _events(connection, list(fresh.values()), moment)


def confirm(
    connection: sqlite3.Connection, ids: Sequence[str], at: datetime.datetime
) -> tuple[list[Letter], list[tuple[int | None, bytes]]]:
    """The numbers as given out without a PDF, and the events to be logged in this transaction."""
    outcomes: list[Letter] = []
    fresh: dict[str, tuple[int, Letter]] = {}
    for id_ in ids:
        if id_ in fresh:
            outcomes.append(fresh[id_][1])
            continue
        position, letter = _reserved(connection, id_, at)
        if letter.state is State.RESERVED:
            check_bare(letter)
            letter = attrs.evolve(letter, state=State.ISSUED, issued_at=at)
            fresh[id_] = position, letter
        outcomes.append(letter)
    moment = rows.time_text(at)
    given = list(fresh.values())
    connection.executemany(rows.ISSUE, [("", 0, "", "", moment, position) for position, _ in given])
    letter_index.add_many(
        connection,
        [_text(position, letter) for position, letter in given],
    )
    digests = _text_digests(connection, [position for position, _ in given])
    return outcomes, [
        (position, events.confirmed(letter, texts=digests[position], moment=moment))
        for position, letter in given
    ]


def _text(
    position: int, letter: Letter, pages: tuple[str, ...] = (), about: str = ""
) -> letter_index.LetterText:
    former = dict(letter.details.extra).get(FORMER_NUMBER, "")
    about = "\n".join(filter(None, (about, former)))
    return letter_index.LetterText(position, letter.number, letter.details.subject, pages, about)


def check_live(letter: Letter, at: datetime.datetime) -> None:
    """Refuse a number that can no longer be issued: NumberVoid where it is void, or its lease over."""
    if letter.state is State.VOID or lapsed(letter, at):
        reason = letter.void_reason or f"its reservation expired at {letter.expires_at}"
        raise NumberVoid(
            f"The number {letter.number} was made void ({reason}) and cannot be "
            "issued. File the letter again with a new key.",
            letter=letter.id,
            number=letter.number,
        )


def check_bare(letter: Letter) -> None:
    """Refuse a number that is not confirmed by itself: InvalidInput for one of a PDF, or in stock."""
    if letter.original_digest or letter.stock:
        what = "is held in stock" if letter.stock else "was reserved for a PDF"
        raise InvalidInput(
            f"The number {letter.number} {what}; it is not confirmed by itself. "
            f"{'Draw it for a letter' if letter.stock else 'File the PDF'}, or make it void.",
            letter=letter.id,
        )


def _reserved(
    connection: sqlite3.Connection, id_: str, at: datetime.datetime
) -> tuple[int, Letter]:
    row = connection.execute(_BY_ID, (id_,)).fetchone()
    if row is None:
        raise NotFound(f"There is no letter {id_!r} in this register.", letter=id_)
    letter = rows.letter(row)
    check_live(letter, at)
    return row[0], letter


def _events(
    connection: sqlite3.Connection,
    issued: Sequence[tuple[int, Letter, Filed]],
    moment: str,
) -> list[tuple[int | None, bytes]]:
    digests = _text_digests(connection, [position for position, _, _ in issued])
    return [
        (
            position,
            events.issued(letter, extractor=one.extractor, texts=digests[position], moment=moment),
        )
        for position, letter, one in issued
    ]


def _text_digests(connection: sqlite3.Connection, positions: Sequence[int]) -> dict[int, str]:
    # The index keeps its own form of the texts; the event vouches for that form.
    return {
        position: events.texts_digest(*texts)
        for position, *texts in connection.execute(_TEXTS, (json.dumps(positions),))
    }
