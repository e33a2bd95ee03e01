"""The server itself is killed, put back to an older state, or followed by its standby."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

from crew import Crew
from judge import Row, findings
from places import NOW, request
from postgres_place import (
    PATIENCE,
    Cluster,
    PostgresPlace,
    Rounds,
    await_answers,
    cluster,
    write,
)

from sipadek.archive import Letter

CLIENTS = 4


def kill_nine(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """All processes of the server, then the clients; it recovers from its write-ahead log."""
    row = Row("pg-kill-9", f"PostgreSQL, SIGKILL to all of it while {CLIENTS} clients work")
    with cluster(folder / "server") as server:
        rounds = Rounds(PostgresPlace.new(server.dsn), row)
        for number in range(tries):
            journals = folder / f"round-{number}"
            journals.mkdir()
            with Crew() as crew:
                for client in range(CLIENTS):
                    to, name = journals / f"{client}.journal", f"r{number}.c{client}"
                    crew.start(write, rounds.place, to, name, chance.getrandbits(32))
                await_answers(journals, chance, CLIENTS)
                server.kill()
                time.sleep(chance.uniform(0.0, 0.2))
                server.start()
                time.sleep(chance.uniform(0.2, 0.5))
                crew.kill()
                row.expect_none("clients failed", crew.failed())
            rounds.judge(journals)
        rounds.end()
    row.expect("no client noticed", rounds.refused)
    row.note = f"{rounds.refused} calls repeated after an error, {rounds.retried} by another client"
    return row


def old_backup(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The folder of the stopped server is put back; only a checkpoint kept elsewhere can tell."""
    row = _noticing("pg-old-backup", "an old copy of the server's folder is put back")
    codes: Counter[str] = Counter()
    with cluster(folder / "server") as server:
        for number in range(tries):
            place = PostgresPlace.new(server.dsn)
            _add(place, f"a{number}", chance.randint(1, 20))
            server.stop()
            copy = server.data.with_name("copy")
            subprocess.run(["cp", "-a", server.data, copy], check=True)
            server.start()
            more = chance.randint(1, 20)
            newest = _add(place, f"b{number}", more)
            row.acknowledged += more
            server.stop() if number % 2 else server.kill()
            shutil.rmtree(server.data)
            copy.rename(server.data)
            server.start()
            _look(place, newest, more, row, codes)
            row.tries += 1
    row.note = _told(codes)
    row.expect("not named as rolled back", codes["log-rolled-back"] == tries)
    return row


def lagging_standby(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The standby had lost touch when the primary died: numbers that were acknowledged are missing,
    and would be given again."""
    row = _noticing("pg-lagging-standby", "a standby that lagged behind is promoted")
    codes: Counter[str] = Counter()
    for number in range(tries):
        with cluster(folder / f"primary-{number}") as primary:
            place = PostgresPlace.new(primary.dsn)
            _add(place, "a", chance.randint(1, 20))
            standby = Cluster(folder / f"standby-{number}", follows=primary)
            try:
                _caught_up(primary, standby)
                _lose_touch(standby)
                more = chance.randint(1, 20)
                newest = _add(place, "b", more)
                row.acknowledged += more
                primary.kill()
                standby.promote()
                there = PostgresPlace(standby.dsn, place.schema, place.pem)
                _look(there, newest, more, row, codes)
            finally:
                standby.remove()
        row.tries += 1
    row.note = f"{row.acknowledged} acknowledged numbers were missing there; {_told(codes)}"
    row.expect("not named as rolled back", codes["log-rolled-back"] == tries)
    return row


def synchronous_standby(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The cure for the lagging one: commits that wait for the standby are there after its promotion."""
    row = Row("pg-standby", "a synchronous standby is promoted after SIGKILL of the primary")
    retried = 0
    for number in range(tries):
        journals = folder / f"round-{number}"
        journals.mkdir()
        with cluster(folder / f"primary-{number}") as primary:
            standby = Cluster(folder / f"standby-{number}", follows=primary)
            try:
                place = PostgresPlace.new(primary.dsn)
                place.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
                place.sql("SELECT pg_reload_conf()")
                _synchronous(place)
                with Crew() as crew:
                    for client in range(CLIENTS):
                        to = journals / f"{client}.journal"
                        crew.start(write, place, to, f"c{client}", chance.getrandbits(32))
                    await_answers(journals, chance, CLIENTS)
                    primary.kill()
                    crew.kill()
                standby.promote()
                there = PostgresPlace(standby.dsn, place.schema, place.pem)
                there.sql("ALTER SYSTEM SET synchronous_standby_names = ''")
                there.sql("SELECT pg_reload_conf()")
                rounds = Rounds(there, row)
                rounds.judge(journals)
                acknowledged = row.acknowledged
                rounds.end().acknowledged += acknowledged
                retried += rounds.retried
            finally:
                standby.remove()
    row.note = f"{retried} keys without an answer asked again"
    return row


def _noticing(name: str, what: str) -> Row:
    return Row(
        name,
        f"{what}; the newest checkpoint was kept",
        lost=None,
        doubled=None,
        unexplained_gaps=None,
        noticed=0,
        unnoticed=0,
    )


def _look(place: PostgresPlace, newest: str, more: int, row: Row, codes: Counter[str]) -> None:
    """As found, grown to the same length, and longer."""
    for added in (0, more, 1):
        if added:
            _add(place, f"c{added}.{row.tries}", added)
        with place.opened() as numbers:
            found = [*numbers.verify_history(known=[newest])]
            assert findings(numbers) == []
        codes.update(finding.code for finding in found)
        row.noticed = (row.noticed or 0) + bool(found)
        row.unnoticed = (row.unnoticed or 0) + (not found)


def _told(codes: Counter[str]) -> str:
    return "named as " + ", ".join(f"{code} ({count})" for code, count in codes.items())


def _add(place: PostgresPlace, prefix: str, count: int) -> str:
    """The checkpoint after so many more numbers are sealed."""
    with place.opened() as numbers:
        outcomes = numbers.reserve([request(f"{prefix}.{n}") for n in range(count)], at=NOW)
        assert all(isinstance(one, Letter) for one in outcomes)
        return numbers.seal().checkpoint


def _place(server: Cluster) -> PostgresPlace:
    return PostgresPlace(server.dsn, "", b"")


def _await(place: PostgresPlace, query: str, *values: object) -> None:
    end = time.monotonic() + PATIENCE
    while place.sql(query, *values) != [(True,)]:
        if time.monotonic() > end:
            raise TimeoutError(query)
        time.sleep(0.02)


def _caught_up(primary: Cluster, standby: Cluster) -> None:
    ((place,),) = _place(primary).sql("SELECT pg_current_wal_lsn()::text")
    _await(_place(standby), "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", place)


def _lose_touch(standby: Cluster) -> None:
    _place(standby).sql("ALTER SYSTEM SET primary_conninfo = ''")
    _place(standby).sql("SELECT pg_reload_conf()")
    _await(_place(standby), "SELECT count(*) = 0 FROM pg_stat_wal_receiver")


def _synchronous(place: PostgresPlace) -> None:
    _await(place, "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
