"""The facts of scorecards, read from the register and its ledger: one query for each kind of fact."""

from __future__ import annotations

import datetime
import json
import zoneinfo
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from sipadek.errors import InvalidNumber
from sipadek.evaluation.facts import DispositionFact, LetterFact, ServiceFact, Way
from sipadek.numbering import Series
from sipadek.services import Application, Catalogue, Stage, clock
from sipadek.services.record import application_of
from sipadek.sql import reading, rows

_OTHERS: Final = "SELECT value FROM json_each(?)"
_LETTERS: Final = (
    "SELECT id, number, unit, kind, issued_at, filed_digest <> '', signer <> ''"  # noqa: S608
    " FROM sipadek_entry WHERE state = 'issued' AND issued_at >= ? AND issued_at < ?"
    f" AND (unit = ? OR ? = '') AND series NOT IN ({_OTHERS}) ORDER BY position"
)
# A line without a date is of the day of the last one before it that has one, or else of the first.
_IMPORTED: Final = (
    "WITH book AS (SELECT series, counter, sequence, line, kind, number,"  # noqa: S608
    " coalesce(nullif(max(document_date) OVER (PARTITION BY series, counter"
    " ORDER BY sequence, line ROWS UNBOUNDED PRECEDING), ''),"
    " min(nullif(document_date, '')) OVER (PARTITION BY series, counter)) AS day"
    f" FROM sipadek_legacy WHERE series NOT IN ({_OTHERS}))"
    " SELECT series, counter, line, number, day FROM book"
    " WHERE kind = 'number' AND day BETWEEN ? AND ? ORDER BY series, counter, sequence, line"
)
# The act that ended it, reported or recalled, with its time: there is one at most.
_DISPOSITIONS: Final = (
    "SELECT c.id, c.unit, c.opened_at, c.due_at, act.kind,"
    " json_extract(CAST(event.body AS TEXT), '$.at')"
    " FROM sipadek_case AS c LEFT JOIN sipadek_act AS act ON act.position = c.position"
    " AND act.kind IN ('disposisi.reported', 'disposisi.recalled')"
    " LEFT JOIN sipadek_event AS event ON event.position = act.event WHERE c.kind = 'disposisi'"
    " AND c.opened_at >= ? AND c.opened_at < ? AND (c.unit = ? OR ? = '') ORDER BY c.position"
)
_APPLICATIONS: Final = (
    "SELECT id, unit, body FROM sipadek_case WHERE kind = 'service'"
    " AND opened_at >= ? AND opened_at < ? AND (unit = ? OR ? = '') ORDER BY position"
)
_DAY: Final = datetime.timedelta(days=1)


class RegisterFacts:
    """Reads the facts of the register in ``database``; letters of ``other_series`` are left out.
    ``catalogue`` says what services promise; applications for others have no promise.

    A read transaction lasts as long as an iteration; memory does not grow with the register.
    """

    def __init__(
        self,
        database: reading.Readable,
        *,
        catalogue: Catalogue,
        other_series: Sequence[str] = (),
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._others = json.dumps(list(other_series))
        self._series: dict[str, Series | None] = {}

    def letters(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[LetterFact]:
        """Letters that were issued in that time and are not void, then lines of older books."""
        values = (rows.time_text(since), rows.time_text(until), unit, unit, self._others)
        with self._database.read() as connection:
            for id_, number, its_unit, kind, at, filed, signed in connection.execute(
                _LETTERS, values
            ):
                way = Way.SIGNED if signed else Way.STAMPED if filed else Way.BY_HAND
                yield LetterFact(
                    letter=id_,
                    number=number,
                    unit=its_unit,
                    kind=kind,
                    way=way,
                    at=datetime.datetime.fromisoformat(at),
                )
        yield from self._imported(since, until, unit)

    def _imported(
        self, since: datetime.datetime, until: datetime.datetime, unit: str
    ) -> Iterator[LetterFact]:
        # Days are local: one more on either side is asked for, and then their moments are compared.
        days = (str((since - _DAY).date()), str((until + _DAY).date()))
        with self._database.read() as connection:
            for code, counter, line, number, day in connection.execute(
                _IMPORTED, (self._others, *days)
            ):
                if code not in self._series:
                    self._series[code] = reading.series(connection, code)
                at = _morning(self._series[code], day)
                its_unit = _unit(self._series[code], counter, number)
                if since <= at < until and unit in {"", its_unit}:
                    yield LetterFact(
                        letter=f"{code}/{line}",
                        number=number,
                        unit=its_unit,
                        kind="",
                        way=Way.IMPORTED,
                        at=at,
                    )

    def dispositions(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[DispositionFact]:
        """Dispositions that were given in that time, and not recalled in it."""
        for id_, its_unit, given, due, act, at in self._cases(_DISPOSITIONS, since, until, unit):
            ended = None if at is None else datetime.datetime.fromisoformat(at)
            if ended is not None and ended >= until:
                ended = None
            if ended is None or act == "disposisi.reported":
                yield DispositionFact(
                    disposition=id_,
                    unit=its_unit,
                    given_at=datetime.datetime.fromisoformat(given),
                    due_at=datetime.datetime.fromisoformat(due) if due else None,
                    reported_at=ended,
                )

    def applications(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[ServiceFact]:
        """Applications that were made in that time, and not withdrawn in it."""
        for id_, its_unit, body in self._cases(_APPLICATIONS, since, until, unit):
            made = application_of(id_, its_unit, json.loads(body), None)
            steps = tuple(step for step in made.history if step.at < until)
            if steps and steps[-1].stage is not Stage.WITHDRAWN:
                yield self._application(attrs.evolve(made, history=steps), until)

    def _application(self, application: Application, until: datetime.datetime) -> ServiceFact:
        start = application.history[0].at
        fact = ServiceFact(
            application=application.id,
            unit=application.unit,
            service=application.service,
            submitted_at=start,
        )
        service = self._catalogue.services.get(application.service)
        if service is None:
            return fact
        calendar = self._catalogue.calendar
        told = clock(application, service, calendar, now=until)
        promised = service.promise.minutes or calendar.minutes(start, told.due) - told.paused
        return attrs.evolve(
            fact,
            due_at=told.due,
            decided_at=told.decided,
            used=told.used,
            promised=promised,
        )

    def _cases(
        self, query: str, since: datetime.datetime, until: datetime.datetime, unit: str
    ) -> Iterator[tuple[Any, ...]]:
        values = (rows.time_text(since), rows.time_text(until), unit, unit)
        with self._database.read() as connection:
            yield from connection.execute(query, values)


def _morning(series: Series | None, day: str) -> datetime.datetime:
    """When the day begins where the series is."""
    zone = zoneinfo.ZoneInfo(series.timezone if series else "UTC")
    date = datetime.date.fromisoformat(day)
    return datetime.datetime.combine(date, datetime.time(), zone).astimezone(datetime.UTC)


def _unit(series: Series | None, counter: str, number: str) -> str:
    """Whose line it is: by its counter where each unit has its own, or else by its number."""
    for part in counter.split(";"):
        name, _, value = part.partition("=")
        if name == "unit":
            return value.replace("%3B", ";").replace("%25", "%")
    try:
        return series.parse(number).unit if series else ""
    except InvalidNumber:
        return ""
