"""Numbers in a host's own transaction, which is rolled back, or killed in the middle."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crew import Crew
from journal import Journal, told
from judge import Row
from places import NOW, ORIGIN, request
from postgres_place import PATIENCE, PostgresPlace, Rounds, await_answers, cluster

from sipadek.archive import Letter
from sipadek.errors import SipadekError, StorageFailed

if TYPE_CHECKING:
    import psycopg

HOSTS = 4
TABLE = "CREATE TABLE {}.surat (kunci text PRIMARY KEY, nomor text NOT NULL)"
END_ONE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
)


def host_transaction(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The hosts' processes, their sessions and the server are killed in turn; the rows of the host
    and the numbers must be the same, whatever was rolled back."""
    row = Row("pg-host", "host transactions rolled back, or killed with host, session or server")
    undone = 0
    with cluster(folder / "server") as server:
        place = PostgresPlace.new(server.dsn)
        place.sql(TABLE.format(place.schema))
        rounds = Rounds(place, row)
        for number in range(tries):
            journals = folder / f"round-{number}"
            journals.mkdir()
            with Crew() as crew:
                for host in range(HOSTS):
                    to, name = journals / f"{host}.journal", f"r{number}.h{host}"
                    crew.start(_work, place, to, name, chance.getrandbits(32))
                await_answers(journals, chance, HOSTS)
                match number % 3:
                    case 1:
                        for _ in range(30):
                            place.sql(END_ONE)
                            time.sleep(chance.uniform(0.0, 0.02))
                    case 2:
                        server.kill()
                        server.start()
                        time.sleep(chance.uniform(0.0, 0.3))
                crew.kill()
                row.expect_none("hosts failed", crew.failed())
            facts = told(journals)
            undone += sum("undone" in fact for fact in facts.other)
            place.settle()
            row.expect_none("rows without their number, or the reverse", _alone(place))
            _finish(place, facts.unanswered, journals)
            rounds.judge(journals)
            row.expect_none("rows without their number, or the reverse", _alone(place))
        rounds.end()
    row.expect("no host rolled back", undone)
    row.note = f"{undone} rolled back by their host, {rounds.refused} ended by others"
    return row


def _work(place: PostgresPlace, to: Path, name: str, seed: int) -> None:
    """For ever: numbers and rows of the host, now and then rolled back, and done again."""
    journal, chance = Journal(to), random.Random(seed)
    journal.tell(opened=name)
    for call in itertools.count():
        keys = [f"{name}.{call}.{n}" for n in range(chance.choice((1, 1, 2, 5)))]
        journal.ask(keys)
        _insist(place, journal, keys, chance)


def _insist(place: PostgresPlace, journal: Journal, keys: list[str], chance: random.Random) -> None:
    import psycopg

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with psycopg.connect(place.dsn) as connection:
                letters = _keep(place, connection, keys, chance)
                if chance.random() < 0.2:
                    connection.rollback()
                    journal.tell(undone=keys)
                    continue
        except (psycopg.Error, StorageFailed) as error:
            journal.tell(refused=str(error))
            time.sleep(0.02)
        else:
            journal.give(letters)
            return
    raise TimeoutError("no number for a host")


def _keep(
    place: PostgresPlace,
    connection: psycopg.Connection[Any],
    keys: list[str],
    chance: random.Random,
) -> list[Letter]:
    """The numbers and the host's rows, in its transaction."""
    from sipadek.postgres import bind

    letters = []
    numbers = bind(connection, key=place.key, origin=ORIGIN, schema=place.schema)
    together = chance.random() < 0.5
    for some in [keys] if together else [[key] for key in sorted(keys, key=_place)]:
        for outcome in numbers.reserve([request(key) for key in some], at=NOW):
            if isinstance(outcome, SipadekError):
                raise outcome
            letters.append(outcome)
            insert = f"INSERT INTO {place.schema}.surat VALUES (%s, %s) ON CONFLICT DO NOTHING"
            connection.execute(insert.encode(), (outcome.key, outcome.number))
    time.sleep(chance.uniform(0.0, 0.01))
    return letters


def _place(key: str) -> tuple[str, str, int]:
    """An order that all hosts keep, so that they do not wait for each other."""
    details = request(key).details
    return details.series, details.unit, details.date.year


def _finish(place: PostgresPlace, keys: list[str], journals: Path) -> None:
    """Another process of the host does what got no answer."""
    journal = Journal(journals / "later.journal")
    for key in keys:
        journal.ask([key])
        _insist(place, journal, [key], random.Random(key))


def _alone(place: PostgresPlace) -> Iterator[str]:
    rows = dict(place.sql(f"SELECT kunci, nomor FROM {place.schema}.surat"))
    with place.opened() as numbers:
        kept = {letter.key: letter.number for letter in numbers.letters()}
    return iter(sorted({f"{key}: {number}" for key, number in rows.items() ^ kept.items()}))
