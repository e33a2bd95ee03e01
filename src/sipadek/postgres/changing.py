"""What becomes of numbers: confirmed, void, their lease over. Rows are locked by position, and read
after that."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

import attrs

from sipadek.archive.letter import FORMER_NUMBER, Letter, State
from sipadek.errors import NotFound
from sipadek.postgres.handle import Handle
from sipadek.postgres.outbox import Logged
from sipadek.postgres.reserving import SELECT
from sipadek.sql import events, letter_index, rows
from sipadek.sql.issuing import check_bare, check_live
from sipadek.sql.voiding import make_void

_BY_ID: Final = f"{SELECT} WHERE id = ANY(%s) ORDER BY position FOR UPDATE"
_LAPSED: Final = (
    f"{SELECT} WHERE state = 'reserved' AND expires_at <= %s ORDER BY position FOR UPDATE"
)
_HELD: Final = (
    f"{SELECT} WHERE series = %s AND state = 'reserved'"
    " AND document_date LIKE %s || '-%%' ORDER BY position FOR UPDATE"
)
_CONFIRM: Final = (
    "UPDATE sipadek.entry SET state = 'issued', issued_at = %s WHERE position = ANY(%s)"
)


def texts_digest(letter: Letter) -> str:
    """The digest of what an index of letters keeps of a number without a PDF."""
    former = dict(letter.details.extra).get(FORMER_NUMBER, "")
    kept = letter_index.without_pages(letter.number, letter.details.subject, former)
    return events.texts_digest(*kept)


def confirm(
    handle: Handle, ids: Sequence[str], at: datetime.datetime
) -> tuple[list[Letter], list[Logged]]:
    """The numbers as given out without a PDF, and the events to be left in the outbox."""
    found = {row[1]: row for row in handle.run(_BY_ID, (list(ids),))}
    outcomes: list[Letter] = []
    fresh: dict[str, tuple[int, Letter]] = {}
    for id_ in ids:
        if id_ in fresh:
            outcomes.append(fresh[id_][1])
            continue
        if id_ not in found:
            raise NotFound(f"There is no letter {id_!r} in this register.", letter=id_)
        letter = rows.letter(found[id_])
        check_live(letter, at)
        if letter.state is State.RESERVED:
            check_bare(letter)
            letter = attrs.evolve(letter, state=State.ISSUED, issued_at=at)
            fresh[id_] = found[id_][0], letter
        outcomes.append(letter)
    moment = rows.time_text(at)
    if fresh:
        handle.run(_CONFIRM, (moment, [position for position, _ in fresh.values()]))
    return outcomes, [
        (position, events.confirmed(letter, texts=texts_digest(letter), moment=moment))
        for position, letter in fresh.values()
    ]


def void(
    handle: Handle, id_: str, *, reason: str, actor: str, at: datetime.datetime
) -> tuple[Letter, list[Logged]]:
    """The letter as void, and the event to be left in the outbox, if it was not void before."""
    row = handle.run(_BY_ID, ([id_],)).fetchone()
    if row is None:
        raise NotFound(f"There is no letter {id_!r} in this register.", letter=id_)
    letter = rows.letter(row)
    if letter.state is State.VOID:
        return letter, []
    letter, event = make_void(handle.shared, row[0], letter, at=at, reason=reason, actor=actor)
    return letter, [(row[0], event)]


def expire(handle: Handle, at: datetime.datetime) -> tuple[list[Letter], list[Logged]]:
    """Every number whose lease is over, made void, and the events to be left in the outbox."""
    found = handle.run(_LAPSED, (rows.time_text(at),)).fetchall()
    return _all_void(handle, found, at=at)


def held(handle: Handle, series: str, period: str) -> list[tuple[Any, ...]]:
    """The entries of a period that are reserved or in stock, locked."""
    return handle.run(_HELD, (series, period)).fetchall()


def void_held(
    handle: Handle, found: list[tuple[Any, ...]], *, reason: str, actor: str, at: datetime.datetime
) -> tuple[list[Letter], list[Logged]]:
    """These entries made void, and the events to be left in the outbox."""
    return _all_void(handle, found, at=at, reason=reason, actor=actor)


def _all_void(
    handle: Handle,
    found: list[tuple[Any, ...]],
    *,
    at: datetime.datetime,
    reason: str = "",
    actor: str = "",
) -> tuple[list[Letter], list[Logged]]:
    letters: list[Letter] = []
    logged: list[Logged] = []
    for row in found:
        letter, event = make_void(
            handle.shared, row[0], rows.letter(row), at=at, reason=reason, actor=actor
        )
        letters.append(letter)
        logged.append((row[0], event))
    return letters, logged
