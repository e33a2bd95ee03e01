"""Reading the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sipadek.archive.letter import Letter, State
from sipadek.postgres.handle import Handle
from sipadek.postgres.reserving import SELECT
from sipadek.sql import rows
from sipadek.sql.reading import CounterState

_COUNTERS: Final = (
    "SELECT series, counter, start, last, count(*) FILTER (WHERE state = 'reserved'),"
    " count(*) FILTER (WHERE state = 'issued'), count(*) FILTER (WHERE state = 'void')"
    " FROM sipadek.counter AS counted JOIN sipadek.series ON code = series"
    " LEFT JOIN sipadek.entry AS entry USING (series, counter)"
    " GROUP BY series, counter, start, last ORDER BY series, counter"
)


def with_keys(handle: Handle, keys: Sequence[str]) -> dict[str, Letter]:
    """The letters reserved under these keys, by key."""
    found = handle.run(f"{SELECT} WHERE key = ANY(%s)", (list(keys),)).fetchall()
    return {letter.key: letter for letter in map(rows.letter, found)}


def letters(handle: Handle, state: State | None) -> Iterator[Letter]:
    """All letters of that state (None: all) in the order of their reservation."""
    if state is None:
        found = handle.stream(f"{SELECT} ORDER BY position")
    else:
        found = handle.stream(f"{SELECT} WHERE state = %s ORDER BY position", (state.value,))
    yield from map(rows.letter, found)


def counters(handle: Handle) -> tuple[CounterState, ...]:
    """Where every counter stands, by series and counter."""
    return tuple(
        CounterState(
            series=code,
            counter=counter,
            start=start,
            last=last,
            reserved=reserved,
            issued=issued,
            void=void,
        )
        for code, counter, start, last, reserved, issued, void in handle.run(_COUNTERS)
    )
