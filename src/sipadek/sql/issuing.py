"""Putting letters on record as filed, many in one transaction: state, digests, index and event."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Sequence
from typing import Final

import attrs

from sipadek.archive.letter import Filed, Letter, State
from sipadek.errors import InvalidInput, NotFound, NumberVoid
from sipadek.sql import events, letter_index, rows

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
        position, letter = _reserved(connection, one.letter)
        if letter.state is State.RESERVED:
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
        [
            letter_index.LetterText(position, letter.number, letter.details.subject, one.pages)
            for position, letter, one in fresh.values()
        ],
    )
    return outcomes, _events(connection, list(fresh.values()), moment)


def _reserved(connection: sqlite3.Connection, id_: str) -> tuple[int, Letter]:
    row = connection.execute(_BY_ID, (id_,)).fetchone()
    if row is None:
        raise NotFound(f"There is no letter {id_!r} in this register.", letter=id_)
    letter = rows.letter(row)
    if letter.state is State.VOID:
        raise NumberVoid(
            f"The number {letter.number} was made void ({letter.void_reason}) and cannot be "
            "issued. File the letter again with a new key.",
            letter=letter.id,
            number=letter.number,
        )
    return row[0], letter


def _events(
    connection: sqlite3.Connection,
    issued: Sequence[tuple[int, Letter, Filed]],
    moment: str,
) -> list[tuple[int | None, bytes]]:
    # The index keeps its own form of the texts; the event vouches for that form.
    positions = json.dumps([position for position, _, _ in issued])
    digests = {
        position: events.texts_digest(*texts)
        for position, *texts in connection.execute(_TEXTS, (positions,))
    }
    return [
        (
            position,
            events.issued(letter, extractor=one.extractor, texts=digests[position], moment=moment),
        )
        for position, letter, one in issued
    ]


def check_reason(reason: str) -> None:
    """Refuse a void without a reason.

    Raises:
        InvalidInput: the reason is empty, or holds NUL or lone surrogates.
    """
    rows.check_text("reason", reason)
    if not reason.strip():
        raise InvalidInput("A number is only made void for a reason. Say why.", field="reason")
