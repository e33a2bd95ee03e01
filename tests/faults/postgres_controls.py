"""What everybody writes first on PostgreSQL; both must go wrong here, or the clients do not collide."""

from __future__ import annotations

import random
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Literal

from crew import CONTEXT, Crew
from judge import Row
from postgres_place import PATIENCE, cluster

CLIENTS, NUMBERS = 8, 60
Way = Literal["max+1", "nextval"]


def naive(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The highest number is read, then the next one is written: two clients read the same."""
    row = Row("pg-naive", f"max+1 on PostgreSQL, {CLIENTS} processes", control=True)
    _run(row, folder, tries, "max+1")
    row.lost = row.unexplained_gaps = None
    row.expect("the naive control doubled nothing", row.doubled)
    return row


def nextval(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """A sequence of PostgreSQL does not go back when a transaction does."""
    row = Row("pg-nextval", "a sequence of PostgreSQL, some transactions rolled back", control=True)
    _run(row, folder, tries, "nextval")
    row.lost = None
    row.expect("the sequence left no gap", row.unexplained_gaps)
    return row


def _run(row: Row, folder: Path, tries: int, way: Way) -> None:
    import psycopg

    with cluster(folder / "server") as server:
        for number in range(tries):
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute("DROP TABLE IF EXISTS surat; DROP SEQUENCE IF EXISTS urut")
                connection.execute("CREATE TABLE surat (nomor bigint); CREATE SEQUENCE urut")
                with Crew() as crew:
                    gate = CONTEXT.Barrier(CLIENTS)
                    for client in range(CLIENTS):
                        crew.start(_client, server.dsn, gate, way, number * CLIENTS + client)
                    row.stuck += crew.finish(PATIENCE)
                    row.expect_none("processes failed", crew.failed())
                numbers = [one for (one,) in connection.execute("SELECT nomor FROM surat")]
            row.acknowledged += len(numbers)
            row.doubled = (row.doubled or 0) + len(numbers) - len({*numbers})
            gaps = max(numbers) - len({*numbers})
            row.unexplained_gaps = (row.unexplained_gaps or 0) + gaps
            row.tries += 1


def _client(dsn: str, gate: Barrier, way: Way, seed: int) -> None:
    import psycopg

    chance = random.Random(seed)
    with psycopg.connect(dsn) as connection:
        gate.wait(PATIENCE)
        for _ in range(NUMBERS):
            if way == "max+1":
                connection.execute(
                    "INSERT INTO surat SELECT coalesce(max(nomor), 0) + 1 FROM surat"
                )
                connection.commit()
            else:
                connection.execute("INSERT INTO surat SELECT nextval('urut')")
                connection.rollback() if chance.random() < 0.1 else connection.commit()
