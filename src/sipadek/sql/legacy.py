"""Numbers from an older book: kept as they stand there, and the counter goes on after them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sipadek.archive.legacy import LegacyKind, LegacyNumber
from sipadek.errors import InvalidInput
from sipadek.numbering import MAX_SEQUENCE, Series
from sipadek.sql import rows

COLUMNS: Final = (
    "series",
    "counter",
    "sequence",
    "line",
    "kind",
    "number",
    "document_date",
    "subject",
    "explanation",
)
_INSERT: Final = (
    f"INSERT INTO sipadek_legacy ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
)
_USED: Final = "SELECT last FROM sipadek_counter WHERE series = ? AND counter = ?"
_LAST: Final = "INSERT INTO sipadek_counter (series, counter, last) VALUES (?, ?, ?)"
_OF_COUNTER: Final = (
    f"SELECT {', '.join(COLUMNS)} FROM sipadek_legacy WHERE series = ? AND counter = ?"  # noqa: S608
    " ORDER BY sequence, line"
)


def check(series: Series, numbers: Sequence[LegacyNumber]) -> dict[str, list[LegacyNumber]]:
    """The numbers by counter, in order, once they account for every sequence up to their last.

    Raises:
        InvalidInput: none at all; a sequence that stands neither as a number nor as a hole, or as
            both, or as two numbers; a repeat of what is not there; a hole or repeat without its
            explanation; texts that cannot be kept.
    """
    counters: dict[str, list[LegacyNumber]] = defaultdict(list)
    for number in numbers:
        _check_one(number)
        counters[number.counter].append(number)
    if not counters:
        raise InvalidInput("There is no number to import.", series=series.code)
    for counter, found in counters.items():
        found.sort(key=lambda one: (one.sequence, one.line))
        first = [one for one in found if one.kind is not LegacyKind.REPEAT]
        wanted = range(series.start, series.start + len(first))
        if [one.sequence for one in first] != list(wanted):
            odd = next(n for n, one in zip(wanted, first, strict=True) if n != one.sequence)
            raise InvalidInput(
                f"The book of {series.code} {counter} does not account for the number {odd} exactly "
                "once. Give it as a number, or as a hole with its explanation; give what stands "
                "there again as a repeat.",
                series=series.code,
                counter=counter,
                sequence=odd,
            )
        there = {one.sequence for one in first if one.kind is LegacyKind.NUMBER}
        for one in found:
            if one.kind is LegacyKind.REPEAT and one.sequence not in there:
                raise InvalidInput(
                    f"Line {one.line} repeats the number {one.sequence} of {counter}, which the book "
                    "does not have.",
                    line=one.line,
                )
    return dict(counters)


def _check_one(one: LegacyNumber) -> None:
    for name in ("counter", "number", "subject", "explanation"):
        rows.check_text(name, getattr(one, name))
    if not 1 <= one.sequence <= MAX_SEQUENCE or one.line < 1:
        raise InvalidInput(
            f"Line {one.line} has the sequence {one.sequence}; both count from 1.", line=one.line
        )
    if one.kind is not LegacyKind.NUMBER and not one.explanation.strip():
        raise InvalidInput(
            f"Line {one.line}: the {one.kind} {one.sequence} of {one.counter} has no explanation. "
            "Say what is known of it, if only that nothing is.",
            line=one.line,
            sequence=one.sequence,
        )
    if (one.kind is LegacyKind.HOLE) == bool(one.number):
        raise InvalidInput(
            f"Line {one.line}: a hole has no number, everything else has one.", line=one.line
        )


def write(
    connection: sqlite3.Connection, series: Series, counters: dict[str, list[LegacyNumber]]
) -> list[dict[str, Any]]:
    """Keep the numbers and set the counters after them; what the event tells of each counter.

    Raises:
        InvalidInput: a counter has given numbers already.
    """
    told = []
    for counter, numbers in sorted(counters.items()):
        if connection.execute(_USED, (series.code, counter)).fetchone() is not None:
            raise InvalidInput(
                f"{series.code} {counter} has given numbers already, or was imported before. An "
                "older book is imported before the first number.",
                series=series.code,
                counter=counter,
            )
        connection.executemany(_INSERT, [_row(series.code, one) for one in numbers])
        last = max(one.sequence for one in numbers)
        connection.execute(_LAST, (series.code, counter, last))
        count, digest = summary(connection, series.code, counter)
        told.append({"counter": counter, "last": last, "rows": count, "digest": digest})
    return told


def summary(connection: sqlite3.Connection, series: str, counter: str) -> tuple[int, str]:
    """How many rows the counter's older book has, and the SHA-256 (hex) of them all."""
    digest = hashlib.sha256()
    count = 0
    for row in connection.execute(_OF_COUNTER, (series, counter)):
        digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count, digest.hexdigest()


def _row(series: str, one: LegacyNumber) -> tuple[Any, ...]:
    date = "" if one.date is None else one.date.isoformat()
    return (
        series,
        one.counter,
        one.sequence,
        one.line,
        one.kind.value,
        one.number,
        date,
        one.subject,
        one.explanation,
    )
