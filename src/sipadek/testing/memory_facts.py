"""Facts of scorecards in memory: given one by one, or all of a made-up city's year."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import attrs

from sipadek.evaluation import DispositionFact, LetterFact, ServiceFact, Way
from sipadek.services import default_catalogue
from sipadek.testing.city import City
from sipadek.testing.city_year import CityApplication, unit_year

__all__ = ["MemoryFacts", "city_facts"]


@attrs.define
class MemoryFacts:
    """A `FactSource` of lists."""

    letter_facts: list[LetterFact] = attrs.Factory(list)
    disposition_facts: list[DispositionFact] = attrs.Factory(list)
    service_facts: list[ServiceFact] = attrs.Factory(list)

    def letters(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[LetterFact]:
        """Letters of that time."""
        for fact in self.letter_facts:
            if since <= fact.at < until and unit in {"", fact.unit}:
                yield fact

    def dispositions(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[DispositionFact]:
        """Dispositions that were given in that time."""
        for fact in self.disposition_facts:
            if since <= fact.given_at < until and unit in {"", fact.unit}:
                yield fact

    def applications(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[ServiceFact]:
        """Applications that were made in that time."""
        for fact in self.service_facts:
            if since <= fact.submitted_at < until and unit in {"", fact.unit}:
                yield fact


def city_facts(city: City, *, share: float = 1.0) -> MemoryFacts:
    """The facts of the city's year, or of the first ``share`` of its days, without any office."""
    facts = MemoryFacts()
    for unit in city.units:
        year = unit_year(city, unit, share=share)
        for letter in year.letters:
            facts.letter_facts.append(
                LetterFact(
                    letter=f"{unit.code}/{len(facts.letter_facts)}",
                    number="",
                    unit=letter.unit,
                    kind=letter.kind,
                    way=Way(letter.way),
                    at=letter.at,
                )
            )
        for given in year.dispositions:
            facts.disposition_facts.append(
                DispositionFact(
                    disposition=f"{unit.code}/{len(facts.disposition_facts)}",
                    unit=given.unit,
                    given_at=given.given_at,
                    due_at=given.due_at,
                    reported_at=given.reported_at,
                )
            )
        facts.service_facts.extend(map(_application, year.applications))
    return facts


def _application(asked: CityApplication) -> ServiceFact:
    catalogue = default_catalogue()
    service = catalogue.service(asked.service)
    due = catalogue.calendar.due(asked.submitted_at, service.promise)
    promised = service.promise.minutes or catalogue.calendar.minutes(asked.submitted_at, due)
    return ServiceFact(
        application=f"{asked.unit}/{asked.submitted_at:%m%d%H%M}",
        unit=asked.unit,
        service=asked.service,
        submitted_at=asked.submitted_at,
        due_at=due,
        decided_at=asked.signed_at,
        used=asked.minutes if asked.signed_at else 10 * promised,  # What never ends takes long.
        promised=promised,
    )
