"""One number in one statement: found by its key, or taken, written and told in one round trip.

The sequence is known to the server only, so the server puts it into the number and into the event,
between pieces that are made here. It does so only where the pieces are certain: both texts are made
with two sequences that differ in each of their ten digits. Where the texts differ, the sequence
stands, and nowhere else; what is equal in both does not depend on it. Anything that looks otherwise,
or that needs more than a plain new number, is done the longer way (``reserving``).
"""

from __future__ import annotations

import datetime
import functools
from typing import Any, Final, Self

import attrs
from psycopg.rows import TupleRow

from sipadek.archive.letter import Letter, ReservationRequest, State
from sipadek.numbering import MAX_SEQUENCE, NumberFields, Series
from sipadek.numbering.form import ONES, TWOS, Form, pieces
from sipadek.sql import events, periods, rows
from sipadek.sql.voiding import lapsed

_COLUMNS: Final = rows.COLUMNS[1:]  # All but the position.
# lpad cuts what is longer than its width.
_DIGITS: Final = "lpad(taken.last::text, greatest(%s, length(taken.last::text)), '0')"
_NUMBER: Final = f"%s || {_DIGITS} || %s"
_TYPES: Final = {
    "insertion": "bigint", "secrecy_rank": "bigint", "document_year": "bigint",
    "original_size": "bigint", "filed_size": "bigint",
}  # fmt: skip


def _value(column: str) -> str:
    match column:
        case "sequence":
            return "taken.last"
        case "number":
            return _NUMBER
        case _:
            return f"%s::{_TYPES.get(column, 'text')}"


STATEMENT: Final = (
    "WITH known AS MATERIALIZED"  # noqa: S608
    f" (SELECT {', '.join(rows.COLUMNS)} FROM sipadek.entry WHERE key = %s),"
    # Waits while someone closes a period, and then sees the row as it is by then.
    " opened AS MATERIALIZED (SELECT code, start FROM sipadek.series WHERE code = %s"
    " AND NOT shut && %s::text[] AND NOT EXISTS (SELECT FROM known) FOR KEY SHARE),"
    " taken AS (INSERT INTO sipadek.counter AS counter (series, counter, last)"
    " SELECT code, %s::text, start FROM opened"
    " ON CONFLICT (series, counter) DO UPDATE SET last = counter.last + 1"
    f" WHERE counter.last < {MAX_SEQUENCE} RETURNING last),"
    f" given AS (INSERT INTO sipadek.entry ({', '.join(_COLUMNS)})"
    f" SELECT {', '.join(map(_value, _COLUMNS))} FROM taken RETURNING position, sequence, number),"
    " told AS (INSERT INTO sipadek.outbox (entry, body)"
    f" SELECT position, convert_to(%s || {_DIGITS} || %s || taken.last || %s, 'UTF8')"
    " FROM given, taken)"
    " SELECT given.sequence, given.number, known.*"
    " FROM (SELECT) AS one LEFT JOIN given ON true LEFT JOIN known ON true"
)
_FINGERPRINT: Final = rows.COLUMNS.index("fingerprint")


@functools.lru_cache(maxsize=1024)
def _placed(series: Series, fields: NumberFields) -> tuple[str, Form | None]:
    """The counter and the form; letters of one day and unit share them."""
    counter = series.counter(fields)
    return counter, Form.of(series, fields)


@attrs.frozen
class Single:
    """A number asked for in one statement; ``print_`` is the request's fingerprint."""

    request: ReservationRequest
    print_: str
    at: datetime.datetime
    _letter: Letter
    values: list[Any]

    @classmethod
    def of(
        cls, request: ReservationRequest, print_: str, series: Series, at: datetime.datetime
    ) -> Self | None:
        """None where the longer way must be gone.

        Raises:
            InvalidNumber: a value of the details cannot stand in the number.
            InvalidInput: the event would be too large.
        """
        details = request.details
        counter, form = _placed(series, rows.number_fields(details))
        if form is None:
            return None
        letter = Letter(
            id=rows.new_id(at),
            number=form.number(ONES),
            sequence=ONES,
            counter=counter,
            state=State.RESERVED,
            details=details,
            key=request.key,
            original_digest=request.content,
            original_size=request.size,
            reserved_at=at,
            actor=request.actor,
            expires_at=None if request.lease is None else at + request.lease,
        )
        moment = rows.time_text(at)
        other = attrs.evolve(letter, sequence=TWOS, number=form.number(TWOS))
        body = pieces(
            events.reserved(letter, print_, moment).decode(),
            events.reserved(other, print_, moment).decode(),
            2,
        )
        if body is None:
            return None
        row = dict(zip(rows.COLUMNS, rows.reserved_row(0, letter, print_, moment), strict=True))
        values: list[Any] = [request.key, series.code, periods.of(details.date), counter]
        for column in _COLUMNS:
            if column == "number":
                values += [form.before, form.width, form.after]
            elif column != "sequence":
                values.append(row[column])
        values += [body[0], form.width, body[1], body[2]]
        return cls(request, print_, at, letter, values)

    def outcome(self, row: TupleRow | None) -> Letter | None:
        """The letter that the statement gave or found; None where the longer way must be gone, which
        also tells why there is none."""
        assert row is not None
        sequence, number, *known = row
        if sequence is not None:
            return attrs.evolve(self._letter, sequence=sequence, number=number)
        if known[0] is None or known[_FINGERPRINT] != self.print_:
            return None
        letter = rows.letter(tuple(known))
        return None if letter.state is State.VOID or lapsed(letter, self.at) else letter
