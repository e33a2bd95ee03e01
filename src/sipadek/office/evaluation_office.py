"""The part of the front door that tells how units use the office."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from sipadek.sql import Database

if TYPE_CHECKING:  # Who only files letters does not load what scorecards need.
    from sipadek.evaluation import Criteria, Scorecard, Unit
    from sipadek.services import Catalogue


class OfficeEvaluation:
    """Scorecards of an office. Part of `Office`."""

    _clock: Callable[[], datetime.datetime]
    _database: Database

    def scorecard(
        self,
        period: str = "",
        *,
        units: Iterable[Unit] = (),
        criteria: Criteria | None = None,
        catalogue: Catalogue | None = None,
    ) -> Scorecard:
        """How each unit uses the office, from its register and ledger, up to now or the period's end.

        ``period`` is such as '2026', '2026-S1' (half), '2026-T3' (quarter) or '2026-11', by default this
        year. ``units`` are those to be measured; others that have letters are added, with the kind
        that their code tells. ``criteria`` and ``catalogue`` (of services, with what is promised) are
        by default those that come with the library. Raises InvalidInput.
        """
        from sipadek.evaluation import Period, default_criteria, evaluate
        from sipadek.services import default_catalogue
        from sipadek.sql.facts import RegisterFacts

        criteria = criteria or default_criteria()
        now = self._clock()
        year = f"{now.astimezone(zoneinfo.ZoneInfo(criteria.timezone)):%Y}"
        facts = RegisterFacts(
            self._database,
            catalogue=catalogue or default_catalogue(),
            other_series=criteria.other_series,
        )
        return evaluate(
            facts,
            period=Period.parse(period or year, timezone=criteria.timezone),
            at=now,
            criteria=criteria,
            units=units,
        )
