"""The account of every number: what became of each of a counter's start..last."""

from __future__ import annotations

import datetime
import itertools
import sqlite3
from collections.abc import Iterator
from typing import Final

import attrs

from sipadek.archive.legacy import LegacyKind
from sipadek.archive.letter import State

_COUNTERS: Final = (
    "SELECT counter.series, counter.counter, series.start, counter.last"
    " FROM sipadek_counter AS counter JOIN sipadek_series AS series"
    " ON series.code = counter.series WHERE (? = '' OR counter.series = ?)"
    " ORDER BY counter.series, counter.counter"
)
_ENTRIES: Final = (
    "SELECT sequence, insertion, number, state, void_reason, reason, actor, reserved_at, expires_at"
    " FROM sipadek_entry WHERE series = ? AND counter = ? ORDER BY sequence, insertion"
)
_LEGACY: Final = (
    "SELECT sequence, kind, number, explanation FROM sipadek_legacy"
    " WHERE series = ? AND counter = ? ORDER BY sequence, line"
)


@attrs.frozen(kw_only=True)
class Remark:
    """A number that is more, or less, than issued in its turn: why, by whom, and since when."""

    number: str
    reason: str
    actor: str = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


@attrs.frozen(kw_only=True)
class Account:
    """What became of the numbers ``start`` to ``last`` of a counter.

    ``issued`` and ``legacy`` (from an older book) are counts of numbers in their turn. ``void``,
    ``held`` (reserved, or in stock, until a lease ends), ``holes`` and ``repeats`` of the older book,
    and ``inserted`` numbers are told one by one. ``missing`` are runs of sequences, first and last,
    that nothing accounts for: it is empty in every register that no one else wrote to.
    """

    series: str
    counter: str
    start: int
    last: int
    issued: int
    legacy: int
    void: tuple[Remark, ...]
    held: tuple[Remark, ...]
    inserted: tuple[Remark, ...]
    holes: tuple[Remark, ...]
    repeats: tuple[Remark, ...]
    missing: tuple[tuple[int, int], ...]


def accounts(connection: sqlite3.Connection, series: str = "") -> Iterator[Account]:
    """Every counter's account (of that series), by series and counter."""
    for code, counter, start, last in connection.execute(_COUNTERS, (series, series)).fetchall():
        yield _account(connection, code, counter, start, last)


def _account(
    connection: sqlite3.Connection, series: str, counter: str, start: int, last: int
) -> Account:
    there: set[int] = set()
    issued = 0
    told: dict[str, list[Remark]] = {"void": [], "held": [], "inserted": []}
    for (
        sequence,
        insertion,
        number,
        state,
        void_reason,
        reason,
        actor,
        since,
        until,
    ) in connection.execute(_ENTRIES, (series, counter)):
        remark = Remark(
            number=number,
            reason=void_reason or reason,
            actor=actor,
            since=datetime.datetime.fromisoformat(since),
            until=None if until is None else datetime.datetime.fromisoformat(until),
        )
        if insertion:
            told["inserted"].append(attrs.evolve(remark, reason=reason))
        else:
            there.add(sequence)
        if state == State.VOID:
            told["void"].append(remark)
        elif state == State.RESERVED:
            told["held"].append(remark)
        elif not insertion:
            issued += 1
    legacy = 0
    older: dict[LegacyKind, list[Remark]] = {kind: [] for kind in LegacyKind}
    for sequence, kind, number, explanation in connection.execute(_LEGACY, (series, counter)):
        older[LegacyKind(kind)].append(Remark(number=number or str(sequence), reason=explanation))
        there.add(sequence)
        legacy += kind == LegacyKind.NUMBER
    return Account(
        series=series,
        counter=counter,
        start=start,
        last=last,
        issued=issued,
        legacy=legacy,
        void=tuple(told["void"]),
        held=tuple(told["held"]),
        inserted=tuple(told["inserted"]),
        holes=tuple(older[LegacyKind.HOLE]),
        repeats=tuple(older[LegacyKind.REPEAT]),
        missing=tuple(_runs(n for n in range(start, last + 1) if n not in there)),
    )


def _runs(numbers: Iterator[int]) -> Iterator[tuple[int, int]]:
    """Numbers in order, as (first, last) of each run without a gap."""
    for _, group in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        yield run[0], run[-1]
