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
from sipadek.services import Catalogue, Stage, clock
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
# What happened first stands in front; its day is told without its time zone.
_CASES: Final = (
    "SELECT id, unit, state FROM sipadek_case WHERE kind = ? AND (unit = ? OR ? = '')"
    " AND substr(json_extract(state, '$.history[0].at'), 1, 10) BETWEEN ? AND ? ORDER BY position"
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
        """Dispositions that were given in that time."""
        for id_, its_unit, state in self._cases("disposition", since, until, unit):
            given, *later = state["history"]
            reported = [_moment(each["at"]) for each in later if each["action"] == "report"]
            if since <= (at := _moment(given["at"])) < until:
                yield DispositionFact(
                    disposition=id_,
                    unit=its_unit,
                    given_at=at,
                    due_at=_moment(given["due"]) if given.get("due") else None,
                    reported_at=next((each for each in reported if each < until), None),
                )

    def applications(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[ServiceFact]:
        """Applications that were made in that time, and not withdrawn in it."""
        for id_, its_unit, state in self._cases("service", since, until, unit):
            steps = [each for each in state["history"] if _moment(each["at"]) < until]
            if not steps or _moment(steps[0]["at"]) < since:
                continue
            if Stage(steps[-1]["stage"]) is not Stage.WITHDRAWN:
                yield self._application(id_, its_unit, {**state, "history": steps}, until)

    def _application(
        self, id_: str, unit: str, state: dict[str, Any], until: datetime.datetime
    ) -> ServiceFact:
        application = application_of(id_, unit, state, None)
        start = application.history[0].at
        fact = ServiceFact(
            application=id_, unit=unit, service=application.service, submitted_at=start
        )
        service = self._catalogue.services.get(application.service)
        if service is None:
            return fact
        calendar = self._catalogue.calendar
        told = clock(application, service, calendar, now=until)
        return attrs.evolve(
            fact,
            due_at=told.due,
            decided_at=told.decided,
            used=told.used,
            promised=calendar.minutes(start, told.due) - told.paused,
        )

    def _cases(
        self, kind: str, since: datetime.datetime, until: datetime.datetime, unit: str
    ) -> Iterator[tuple[str, str, dict[str, Any]]]:
        days = (str((since - _DAY).date()), str((until + _DAY).date()))
        with self._database.read() as connection:
            for id_, its_unit, state in connection.execute(_CASES, (kind, unit, unit, *days)):
                yield id_, its_unit, json.loads(state)


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


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
