"""Numbers on a PostgreSQL server of the fault's own, and clients that repeat with the same key."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
from journal import Journal, Told, told
from judge import Row, judge, retry
from places import NOW, ORIGIN, SERIES, request

from sipadek.archive import Letter
from sipadek.errors import StorageFailed
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series

sys.path.append(str(Path(__file__).parent.parent / "postgres"))

from cluster import Cluster, cluster, missing

if TYPE_CHECKING:
    from sipadek.postgres import PostgresNumbers

PATIENCE = 60.0
_schemas = itertools.count()

__all__ = [
    "PATIENCE",
    "Cluster",
    "PostgresPlace",
    "Rounds",
    "await_answers",
    "cluster",
    "insist",
    "missing",
    "write",
]


@attrs.frozen
class PostgresPlace:
    """Where the numbers are, and the key that signs their log; goes from process to process."""

    dsn: str
    schema: str
    pem: bytes = attrs.field(repr=False)
    lock_timeout: float = 10.0

    @classmethod
    def new(cls, dsn: str) -> Self:
        """Numbers in a schema of their own, with the series defined."""
        schema = f"kota_{next(_schemas)}"
        place = cls(dsn, schema, CheckpointKey.generate(ORIGIN).to_pem())
        with place.opened(install=True, series=SERIES):
            return place

    @contextlib.contextmanager
    def opened(
        self, *, series: tuple[Series, ...] = (), install: bool = False
    ) -> Iterator[PostgresNumbers]:
        from sipadek.postgres import PostgresNumbers

        make = PostgresNumbers.install if install else PostgresNumbers.open
        with make(
            self.dsn,
            key=self.key,
            origin=ORIGIN,
            schema=self.schema,
            lock_timeout=datetime.timedelta(seconds=self.lock_timeout),
        ) as numbers:
            for one in series:
                numbers.define_series(one, at=NOW)
            yield numbers

    @property
    def key(self) -> CheckpointKey:
        return CheckpointKey.from_pem(self.pem, ORIGIN)

    def sql(self, statement: str, *values: object) -> list[Any]:
        import psycopg

        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def settle(self) -> None:
        """Wait until the server has done with clients that are gone."""
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        end = time.monotonic() + PATIENCE
        while self.sql(query) != [(0,)]:
            if time.monotonic() > end:
                raise TimeoutError("sessions of clients that are gone stay")
            time.sleep(0.02)


def insist(numbers: PostgresNumbers, journal: Journal, keys: list[str]) -> list[Letter]:
    """Ask until there is an answer, always with the same keys."""
    journal.ask(keys)
    wanted = [request(key) for key in keys]
    end = time.monotonic() + PATIENCE
    while True:
        try:
            outcomes = numbers.reserve(wanted, at=NOW)
        except StorageFailed as error:
            journal.tell(refused=str(error))
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            journal.give(outcomes)
            return [one for one in outcomes if isinstance(one, Letter)]


def write(
    place: PostgresPlace,
    to: Path,
    prefix: str,
    seed: int,
    calls: int | None = None,
    series: str = "",
) -> None:
    """A client's whole life: single numbers and small batches, for ever (None) or ``calls`` times;
    of that series (empty: of all). Some are made void, and now and then it seals."""
    journal, chance = Journal(to), random.Random(seed)
    with place.opened() as numbers:
        journal.tell(opened=os.getpid())
        for call in itertools.count() if calls is None else range(calls):
            every = (f"{prefix}.{call}.{n}" for n in itertools.count())
            fit = (key for key in every if series in ("", request(key).details.series))
            keys = list(itertools.islice(fit, chance.choice((1, 1, 1, 2, 3, 12))))
            letters = insist(numbers, journal, keys)
            with contextlib.suppress(StorageFailed):
                if letters and chance.random() < 0.05:
                    numbers.void(letters[0].id, reason="salah ketik", at=NOW)
                if chance.random() < 0.02:
                    numbers.seal()


def await_answers(journals: Path, chance: random.Random, clients: int) -> None:
    """Until all of them are at work, and some random time later."""
    end = time.monotonic() + PATIENCE
    while sum("opened" in fact for fact in told(journals).other) < clients:
        if time.monotonic() > end:
            raise TimeoutError("the clients did not come to work")
        time.sleep(0.02)
    time.sleep(chance.uniform(0.0, 0.8))


@attrs.define
class Rounds:
    """One register over several tries: all that was acknowledged, and the checkpoints kept."""

    place: PostgresPlace
    row: Row
    facts: Told = attrs.field(factory=Told)
    known: list[str] = attrs.field(factory=list)
    retried: int = 0

    def judge(self, journals: Path) -> None:
        """After a try: nothing lost, and who got no answer asks again."""
        now = told(journals)
        self.row.expect_none("requests refused", now.errors)
        self.facts.given += now.given
        self.facts.other += now.other
        self.place.settle()
        verdict = judge(self.place, self.facts.given, known=self.known)
        again = retry(self.place, now, verdict, self.row)
        self.facts.given += again
        self.retried += len(again)
        self.known.append(verdict.checkpoint)
        self.row.add(verdict)
        self.row.tries += 1

    def end(self) -> Row:
        self.row.add(judge(self.place, self.facts.given, known=self.known))
        self.row.acknowledged = len(self.facts.given)
        self.row.expect("nobody came to work", self.facts.given)
        return self.row

    @property
    def refused(self) -> int:
        """How often a call ended in an error, to be repeated."""
        return sum("refused" in fact for fact in self.facts.other)
