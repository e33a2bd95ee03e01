"""Giving numbers, many in one transaction."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from sipadek.archive.letter import Letter, LetterDetails, ReservationRequest, State
from sipadek.errors import (
    DamagedRegister,
    InvalidInput,
    KeyConflict,
    NotFound,
    NumberVoid,
    PeriodClosed,
    SipadekError,
)
from sipadek.numbering import MAX_SEQUENCE, NumberFields, Series
from sipadek.numbering.form import Form
from sipadek.sql import events, periods, rows
from sipadek.sql.voiding import lapsed, make_void

MAX_STOCK: Final = 1000
"""Most numbers that one call puts in stock."""

_BY_KEY: Final = f"{rows.SELECT} WHERE key = ?"
_KEYS: Final = "SELECT key FROM sipadek_entry WHERE key IN (SELECT value FROM json_each(?))"
_LAST: Final = "SELECT last FROM sipadek_counter WHERE series = ? AND counter = ?"
_KEEP: Final = (
    "INSERT INTO sipadek_counter (series, counter, last) VALUES (?, ?, ?)"
    " ON CONFLICT (series, counter) DO UPDATE SET last = excluded.last"
)
_CLOSED: Final = "SELECT period, reason FROM sipadek_closed WHERE series = ? AND period IN (?, ?)"
_PARENT: Final = (
    f"{rows.SELECT} WHERE series = ? AND counter = ? AND insertion = 0 AND document_date <= ?"
    " AND key <> stock ORDER BY sequence DESC LIMIT 1"
)
_INSERTED: Final = (
    "SELECT max(insertion) FROM sipadek_entry WHERE series = ? AND counter = ? AND sequence = ?"
)
_IN_STOCK: Final = f"{rows.SELECT} WHERE stock = ? AND stock <> ''"
_STOCK: Final = (
    f"{rows.SELECT} WHERE series = ? AND counter = ? AND document_date = ? AND stock = key"
    " AND state = 'reserved' ORDER BY sequence"
)
_DRAW: Final = (
    "UPDATE sipadek_entry SET key = ?, fingerprint = ?, unit = ?, classification = ?, kind = ?,"
    " post = ?, extra = ?, secrecy = ?, secrecy_rank = ?, subject = ?, original_digest = ?,"
    " original_size = ?, actor = ?, reserved_at = ?, expires_at = ? WHERE position = ?"
)
_FINGERPRINT: Final = rows.COLUMNS.index("fingerprint")

Prepared = tuple[ReservationRequest, str | SipadekError]


def prepare(requests: Sequence[ReservationRequest], *more: str) -> list[Prepared]:
    """Check and fingerprint the requests; done before the transaction, to keep it short."""
    prepared: list[Prepared] = []
    for request in requests:
        try:
            rows.check(request)
        except SipadekError as error:
            prepared.append((request, error))
        else:
            prepared.append((request, rows.fingerprint(request, *more)))
    return prepared


class Reserving:
    """The numbers of one transaction. ``find_series`` raises NotFound for an unknown code."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        find_series: Callable[[sqlite3.Connection, str], Series],
        at: datetime.datetime,
    ) -> None:
        self._connection = connection
        self._find_series = find_series
        self._at = at
        self._moment = rows.time_text(at)
        self._last: dict[tuple[str, str], int] = {}
        self._fresh: dict[str, tuple[Letter, str]] = {}
        self._open: set[tuple[str, str]] = set()
        self._places: dict[tuple[Any, ...], tuple[Series, NumberFields, str]] = {}
        self._forms: dict[int, tuple[int, Form | None]] = {}
        self._new_keys: set[str] = set()
        self._rows: list[tuple[Any, ...]] = []
        self._events: list[tuple[int | None, bytes]] = []
        found = connection.execute("SELECT max(position) FROM sipadek_entry").fetchone()
        self._position: int = found[0] or 0

    def run(self, prepared: Sequence[Prepared]) -> list[Letter | SipadekError]:
        """A letter, or the reason there is none, for each request in its place."""
        self._look_up([request.key for request, _ in prepared])
        outcomes: list[Letter | SipadekError] = []
        for request, print_ in prepared:
            if isinstance(print_, SipadekError):
                outcomes.append(print_)
                continue
            try:
                outcomes.append(self._known(request, print_) or self._new(request, print_))
            except SipadekError as error:
                outcomes.append(error)
        return outcomes

    def _look_up(self, keys: Sequence[str]) -> None:
        """Learn in one go which keys are new: asking for each takes a tenth of a large batch."""
        if len(keys) > 1:
            found = self._connection.execute(_KEYS, (json.dumps(list(keys)),)).fetchall()
            self._new_keys = {*keys} - {key for (key,) in found}

    def together(self, prepared: Sequence[Prepared]) -> list[Letter]:
        """Numbers of one paper: for all requests, or the first error is raised and none is kept.

        Raises:
            KeyConflict: the keys belong to numbers of different papers, or only some are known.
        """
        known: list[Letter | None] = []
        for request, print_ in prepared:
            if isinstance(print_, SipadekError):
                raise print_
            known.append(self._known(request, print_))
        keys = [request.key for request, _ in prepared]
        if len({*keys}) < len(keys):
            raise KeyConflict(
                "Two numbers of one paper have the same key. Use one each.", keys=keys
            )
        papers = {"" if letter is None else letter.paper for letter in known}
        if known and all(known):
            if len(papers) == 1 and papers != {""}:
                return [letter for letter in known if letter is not None]
        elif not any(known):
            paper = rows.new_id(self._at)
            return [
                self._new(request, str(print_), id_=paper if n == 0 else None, paper=paper)
                for n, (request, print_) in enumerate(prepared)
            ]
        raise KeyConflict(
            "Some of the keys belong to numbers that are not of one paper. Repeat exactly the same "
            "call, or use new keys.",
            keys=keys,
        )

    def insert(
        self, request: ReservationRequest, print_: str, *, after: Letter | None, reason: str
    ) -> Letter:
        """A number put in after another one; the counter does not move."""
        known = self._known(request, print_)
        if known is not None:
            return known
        series, fields, counter = self._placed(request.details)
        parent = after or self._parent(request.details, counter)
        of = parent.details.series, parent.counter, parent.insertion, parent.stock
        if of != (series.code, counter, 0, False):
            raise InvalidInput(
                f"A number of {series.code} {counter} cannot be put in after {parent.number}: that "
                f"is of {parent.details.series} {parent.counter}, or was put in itself, or is in "
                "stock. Name a number of the same counter.",
                number=parent.number,
            )
        names = series.code, counter, parent.sequence
        insertion = self._connection.execute(_INSERTED, names).fetchone()[0] + 1
        number = series.render(parent.sequence, fields, insertion)
        letter = self._letter(request, counter, parent.sequence, number)
        return self._add(attrs.evolve(letter, insertion=insertion, reason=reason), print_)

    def _parent(self, details: LetterDetails, counter: str) -> Letter:
        """The last number of the counter on or before the date."""
        row = self._connection.execute(
            _PARENT, (details.series, counter, details.date.isoformat())
        ).fetchone()
        if row is None:
            raise NotFound(
                f"{details.series} {counter} has no number of {details.date} or before, after which "
                "one could be put in. Name the number.",
                series=details.series,
                counter=counter,
            )
        return rows.letter(row)

    def stock(self, details: LetterDetails, count: int, *, actor: str, prefix: str) -> list[Letter]:
        """``count`` numbers held for a date; asked again with the same prefix, the same ones, as they
        stand by then."""
        letters = []
        for n in range(1, count + 1):
            request = ReservationRequest(key=f"{prefix}#{n}", details=details, actor=actor)
            rows.check(request)
            row = self._connection.execute(_IN_STOCK, (request.key,)).fetchone()
            if row is not None:
                letters.append(self._same_stock(request, rows.letter(row)))
                continue
            print_ = rows.fingerprint(request, "stock")
            self._known(request, print_)  # Refuses the key of a number that is in no stock.
            letters.append(self._new(request, print_, stock=True))
        return letters

    def _same_stock(self, request: ReservationRequest, letter: Letter) -> Letter:
        _, _, counter = self._placed(request.details)
        mine = request.details.series, counter, request.details.date
        if (letter.details.series, letter.counter, letter.details.date) != mine:
            raise KeyConflict(
                f"The stock {request.key!r} holds the number {letter.number}, of another counter or "
                "date. Repeat exactly the same call, or use a new key.",
                key=request.key,
                letter=letter.id,
            )
        return letter

    def draw(self, request: ReservationRequest, print_: str) -> Letter:
        """The first number of the stock of the request's date that reads the same for it."""
        known = self._known(request, print_)
        if known is not None:
            return known
        series, fields, counter = self._placed(request.details)
        date = request.details.date.isoformat()
        for row in self._connection.execute(_STOCK, (series.code, counter, date)).fetchall():
            held = rows.letter(row)
            if series.render(held.sequence, fields) == held.number:
                return self._draw(request, print_, held, row[0])
        raise NotFound(
            f"{series.code} {counter} has no number in stock for {date} that would read the same for "
            "this letter. Put one in after another number instead.",
            series=series.code,
            counter=counter,
        )

    def _draw(
        self, request: ReservationRequest, print_: str, held: Letter, position: int
    ) -> Letter:
        fresh = self._letter(request, held.counter, held.sequence, held.number)
        letter = attrs.evolve(fresh, id=held.id)
        details = letter.details
        self._events.append((position, events.drawn(letter, print_, self._moment)))
        self._connection.execute(
            _DRAW,
            (
                letter.key, print_, details.unit, details.classification, details.kind,
                details.post, rows.extra_text(details), details.secrecy.value,
                details.secrecy.rank, details.subject, letter.original_digest,
                letter.original_size, letter.actor, self._moment,
                None if letter.expires_at is None else rows.time_text(letter.expires_at), position,
            ),
        )  # fmt: skip
        return letter

    def write(self) -> list[tuple[int | None, bytes]]:
        """Write the counters and entries; returns the events to be logged in this transaction."""
        self._connection.executemany(_KEEP, [(*name, last) for name, last in self._last.items()])
        self._connection.executemany(rows.INSERT, self._rows)
        return self._events

    def _known(self, request: ReservationRequest, print_: str) -> Letter | None:
        """The letter of the request's key, None for a new key."""
        fresh = self._fresh.get(request.key)
        if fresh is not None:
            letter, known = fresh
        elif request.key in self._new_keys:
            return None
        else:
            row = self._connection.execute(_BY_KEY, (request.key,)).fetchone()
            if row is None:
                return None
            letter, known = rows.letter(row), row[_FINGERPRINT]
            if lapsed(letter, self._at):
                letter, event = make_void(self._connection, row[0], letter, at=self._at)
                self._events.append((row[0], event))
        if known != print_:
            raise KeyConflict(
                f"The key {request.key!r} belongs to the number {letter.number}, with other "
                "content or other details. Repeat exactly the same call, or use a new key.",
                key=request.key,
                letter=letter.id,
                number=letter.number,
            )
        if fresh is None:
            self._check_number(letter)
        if letter.state is State.VOID:
            raise NumberVoid(
                f"The number {letter.number} behind the key {request.key!r} was made void "
                f"({letter.void_reason}). File the letter again with a new key.",
                key=request.key,
                letter=letter.id,
                number=letter.number,
            )
        return letter

    def _check_number(self, letter: Letter) -> None:
        """Refuse to repeat a number that its own row does not give: the file was damaged."""
        series = self._find_series(self._connection, letter.details.series)
        fields = rows.number_fields(letter.details)
        number = series.render(letter.sequence, fields, letter.insertion)
        if (letter.number, letter.counter) != (number, series.counter(fields)):
            raise DamagedRegister(
                f"The register has the number {letter.number} in {letter.counter} for the letter "
                f"{letter.id}, whose details give {number}. Audit the office.",
                letter=letter.id,
                number=letter.number,
            )

    def _placed(self, details: LetterDetails) -> tuple[Series, NumberFields, str]:
        """The series, what goes into the number, and its counter, which must be open."""
        alike = (
            details.series, details.date, details.unit, details.classification, details.kind,
            details.secrecy, details.post, details.extra,
        )  # fmt: skip
        known = self._places.get(alike)
        if known is None:
            known = self._places[alike] = self._place(details)
        return known

    def _place(self, details: LetterDetails) -> tuple[Series, NumberFields, str]:
        series = self._find_series(self._connection, details.series)
        fields = rows.number_fields(details)
        counter = series.counter(fields)
        year, month = periods.of(details.date)
        place = series.code, month
        if place not in self._open:
            row = self._connection.execute(_CLOSED, (series.code, year, month)).fetchone()
            if row is not None:
                raise PeriodClosed(
                    f"{series.code} was closed for {row[0]} ({row[1]}). Date the letter in an open "
                    "period, or open this one again.",
                    series=series.code,
                    period=row[0],
                )
            self._open.add(place)
        return series, fields, counter

    def _new(
        self,
        request: ReservationRequest,
        print_: str,
        *,
        id_: str | None = None,
        paper: str = "",
        stock: bool = False,
    ) -> Letter:
        series, fields, counter = self._placed(request.details)
        sequence = self._next(series, counter)
        letter = self._letter(request, counter, sequence, self._number(series, fields, sequence))
        if id_ or paper or stock:
            letter = attrs.evolve(letter, id=id_ or letter.id, paper=paper, stock=stock)
        self._add(letter, print_)
        self._last[series.code, counter] = sequence
        return letter

    def _number(self, series: Series, fields: NumberFields, sequence: int) -> str:
        """The number; from the third of a place on only its sequence is rendered."""
        uses, form = self._forms.get(id(fields), (0, None))  # The fields live in ``_places``.
        if uses == 2:
            form = Form.of(series, fields)
        if uses < 3:
            self._forms[id(fields)] = uses + 1, form
        if form is None or sequence > MAX_SEQUENCE:
            return series.render(sequence, fields)
        return form.number(sequence)

    def _letter(
        self, request: ReservationRequest, counter: str, sequence: int, number: str
    ) -> Letter:
        return Letter(
            id=rows.new_id(self._at),
            number=number,
            sequence=sequence,
            counter=counter,
            state=State.RESERVED,
            details=request.details,
            key=request.key,
            original_digest=request.content,
            original_size=request.size,
            reserved_at=self._at,
            actor=request.actor,
            expires_at=None if request.lease is None else self._at + request.lease,
        )

    def _add(self, letter: Letter, print_: str) -> Letter:
        # The last thing that can refuse: after it the number counts as taken.
        event = events.reserved(letter, print_, self._moment)
        self._position += 1
        self._fresh[letter.key] = letter, print_
        self._rows.append(rows.reserved_row(self._position, letter, print_, self._moment))
        self._events.append((self._position, event))
        return letter

    def _next(self, series: Series, counter: str) -> int:
        last = self._last.get((series.code, counter))
        if last is None:
            row = self._connection.execute(_LAST, (series.code, counter)).fetchone()
            last = row[0] if row else series.start - 1
        return last + 1
