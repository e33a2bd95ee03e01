"""The way to the server fails, or the clients do: replies lost, cut off, frozen, in each other's way."""

from __future__ import annotations

import random
import time
from pathlib import Path

import acting
import together
from crew import Crew, pause, resume
from journal import Journal, told
from judge import Row
from places import ORIGIN, SERIES, request
from postgres_place import PATIENCE, PostgresPlace, Rounds, await_answers, cluster, insist, write

from sipadek.archive import Letter
from sipadek.errors import StorageFailed

CLIENTS = 4
FROZEN_TIMEOUT = 0.3
HELD, FREE = "nota", "surat"  # "nota" has one counter.


def lost_reply(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The server commits, and the reply is swallowed; the same key then gives the same number."""
    row = Row(
        "pg-lost-reply", "PostgreSQL commits, the reply is lost on the way, the call repeated"
    )
    with cluster(folder / "server") as server:
        from proxy import Proxy

        rounds = Rounds(PostgresPlace.new(server.dsn), row)
        journals = folder / "journals"
        journals.mkdir()
        with Crew() as crew, Proxy(server.dsn) as proxy:
            for client in range(2):
                to = journals / f"{client}.journal"
                crew.start(write, rounds.place, to, f"c{client}", chance.getrandbits(32))
            there = PostgresPlace(proxy.dsn, rounds.place.schema, rounds.place.pem)
            journal = Journal(journals / "proxied.journal")
            with there.opened() as numbers:
                for number in range(tries):
                    many = 1 if number % 2 else chance.randint(2, 20)
                    proxy.arm(b"COMMIT" if many > 1 else b"WITH known")
                    insist(numbers, journal, [f"p{number}.{n}" for n in range(many)])
            crew.kill()
        rounds.judge(journals)
        row.tries = tries
        row.expect("a reply was not swallowed", proxy.swallowed == tries)
        row.expect("a client was not told", rounds.refused >= tries)
        return rounds.end()


def partition(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """Half of the clients are behind the cut; who is not has to wait for what they left open."""
    row = Row("pg-partition", "the network is cut, clients get errors, it heals, they repeat")
    with cluster(folder / "server") as server:
        from partition import Partition

        rounds = Rounds(PostgresPlace.new(server.dsn), row)
        with Partition(server.dsn) as way:
            there = PostgresPlace(way.dsn, rounds.place.schema, rounds.place.pem, 2.0)
            for number in range(tries):
                journals = folder / f"round-{number}"
                journals.mkdir()
                with Crew() as crew:
                    for client in range(CLIENTS):
                        place = there if client % 2 else rounds.place
                        to, name = journals / f"{client}.journal", f"r{number}.c{client}"
                        crew.start(write, place, to, name, chance.getrandbits(32), 120)
                    await_answers(journals, chance, CLIENTS)
                    way.cut()
                    time.sleep(chance.uniform(0.0, 0.3))
                    way.give_up()
                    time.sleep(chance.uniform(0.2, 0.5))
                    way.heal()
                    row.stuck += crew.finish(PATIENCE)
                    row.expect_none("clients failed", crew.failed())
                rounds.judge(journals)
        rounds.end()
    row.expect("the cut hit nobody", way.dropped and rounds.refused)
    row.note = f"{way.dropped} messages lost, {rounds.refused} errors, each repeated"
    return row


def frozen_holder(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """A client stands still with a counter locked; others of it get an error, and later the number."""
    row = Row("pg-frozen-holder", "SIGSTOP of who holds a counter, then SIGCONT or SIGKILL in turn")
    with cluster(folder / "server") as server:
        rounds = Rounds(PostgresPlace.new(server.dsn), row)
        for number in range(tries):
            journals = folder / f"round-{number}"
            journals.mkdir()
            with Crew() as crew:
                _freeze(crew, rounds.place, journals, row, chance)
            rounds.judge(journals)
        rounds.end()
    row.expect("nobody was refused while the counter was held", rounds.refused)
    row.note = f"{rounds.refused} times an error after the lock timeout; other counters do not wait"
    return row


def _freeze(
    crew: Crew, place: PostgresPlace, journals: Path, row: Row, chance: random.Random
) -> None:
    name, dies = journals.name, row.tries % 2 == 1
    quick = PostgresPlace(place.dsn, place.schema, place.pem, FROZEN_TIMEOUT)
    to = journals / "holder.journal"
    holder = crew.start(write, place, to, f"{name}.holder", row.tries, None, HELD)
    end = time.monotonic() + PATIENCE
    while True:
        time.sleep(chance.uniform(0.0, 0.02))
        pause(holder)
        if all(_holds(place, after=seconds) for seconds in (0.05, 0.4)):  # Not just committing.
            break
        resume(holder)
        if time.monotonic() > end:
            raise TimeoutError("the client was never caught holding a counter")
    before = len(told(journals).given)
    others = [
        crew.start(write, quick, journals / f"{n}.journal", f"{name}.{n}", n, 5, HELD)
        for n in range(2)
    ]
    free = crew.start(write, quick, journals / "free.journal", f"{name}.free", 9, 5, FREE)
    free.join(PATIENCE)
    row.expect("another counter waited for the held one", free.exitcode == 0)
    time.sleep(2 * FROZEN_TIMEOUT)
    row.expect_none("numbers given past a holder", told(journals, "[0-9].journal").given)
    if dies:
        holder.kill()
    else:
        resume(holder)
    for process in others:
        process.join(PATIENCE)
        row.stuck += process.exitcode is None
        row.expect("another client failed", process.exitcode in (0, None))
    if not dies:
        row.expect("who was frozen did not go on", len(told(journals).given) > before)


def _holds(place: PostgresPlace, *, after: float) -> bool:
    """Whether an open transaction has a counter's row locked, so many seconds from now."""
    time.sleep(after)
    query = "SELECT count(*) FROM (SELECT FROM sipadek.counter WHERE series = %s FOR UPDATE SKIP LOCKED)"
    every = "SELECT count(*) FROM sipadek.counter WHERE series = %s"
    schema = f'"{place.schema}".'
    ((free,),) = place.sql(query.replace("sipadek.", schema) + " AS free", HELD)
    return [(free,)] != place.sql(every.replace("sipadek.", schema), HELD)


def same_key(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """As on SQLite, against one server."""
    with cluster(folder / "server") as server:
        row = together.same_key(
            folder, tries=tries, chance=chance, new=lambda _: PostgresPlace.new(server.dsn)
        )
    row.fault = "pg-same-key"
    return row


def killed_acting(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """Clients are killed, as on SQLite, against one server."""
    with cluster(folder / "server") as server:
        row = acting.killed(
            folder, tries=tries, chance=chance, new=lambda _: PostgresPlace.new(server.dsn)
        )
    row.fault = "pg-kill-9-acts"
    return row


def opposite_order(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """Batches, as on SQLite; and host transactions that ask in opposite orders, one call after the
    other: the server ends one of two that wait for each other, and its host begins anew."""
    with cluster(folder / "server") as server:
        row = together.opposite_order(
            folder, tries=tries, chance=chance, new=lambda _: PostgresPlace.new(server.dsn)
        )
        row.fault = "pg-opposite-order"
        rounds = Rounds(PostgresPlace.new(server.dsn), row)
        acknowledged = row.acknowledged
        journals = folder / "hosts"
        journals.mkdir()
        with Crew() as crew:
            for host in range(CLIENTS):
                to = journals / f"{host}.journal"
                crew.start(_both_as_host, rounds.place, to, f"{host}", host % 2 == 1)
            row.stuck += crew.finish(PATIENCE)
            row.expect_none("hosts failed", crew.failed())
        rounds.judge(journals)
        rounds.end()
    row.expect("no host's transaction met another", rounds.refused)
    row.acknowledged += acknowledged
    row.done += "; host transactions too"
    row.note = f"{rounds.refused} host transactions were broken off by the server and repeated"
    return row


def _both_as_host(place: PostgresPlace, to: Path, name: str, backwards: bool) -> None:
    import psycopg

    from sipadek.postgres import bind

    journal = Journal(to)
    with psycopg.connect(place.dsn) as connection:
        for call in range(20):
            wanted = [
                request(f"{name}.{call}.{series.code}", series=series.code) for series in SERIES
            ]
            wanted = wanted[::-1] if backwards else wanted
            journal.ask([one.key for one in wanted])
            while True:
                numbers = bind(connection, key=place.key, origin=ORIGIN, schema=place.schema)
                try:
                    given = [outcome for one in wanted for outcome in numbers.reserve([one])]
                except StorageFailed as error:
                    connection.rollback()
                    journal.tell(refused=str(error))
                    continue
                connection.commit()
                assert all(isinstance(one, Letter) for one in given)
                journal.give(given)
                break
