"""``kill -9`` of hosts whose own transaction holds the numbers, in an SQLite file of theirs."""

from __future__ import annotations

import contextlib
import itertools
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from crew import Crew
from journal import Given, Journal, told
from judge import Row, judge
from killing import WRITERS, await_moment
from places import NOW, ORIGIN, SERIES, Place, request

from sipadek.archive import Letter
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.sql import Numbers, bind, install

PATIENCE = 60.0


class Hosted:
    """The numbers in a host's file, with what the judge asks for."""

    def __init__(self, connection: sqlite3.Connection, numbers: Numbers) -> None:
        self._connection = connection
        self.counters, self.head = numbers.counters, numbers.head
        self.verify_history, self._find = numbers.verify_history, numbers.find_keys

    def letters(self) -> list[Letter]:
        keys = [key for (key,) in self._connection.execute("SELECT key FROM sipadek_entry")]
        return list(self._find(keys).values())


@attrs.frozen
class HostPlace(Place):
    """An SQLite file with tables of the host's."""

    @property
    def key(self) -> CheckpointKey:
        return CheckpointKey.from_pem(self.pem, ORIGIN)

    @contextlib.contextmanager
    def opened(self, *, series: tuple[Series, ...] = ()) -> Iterator[Any]:
        with contextlib.closing(_connect(self)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield Hosted(connection, bind(connection, key=self.key, origin=ORIGIN))
            connection.execute("ROLLBACK")


def host_transaction(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The host's rows and the numbers must be the same afterwards, whatever was rolled back."""
    row = Row("kill-9-host", f"{WRITERS} hosts with numbers in their transactions, SIGKILL")
    place = HostPlace.new(folder / "host")
    _install(place)
    given: list[Given] = []
    known: list[str] = []
    undone = retried = 0
    for number in range(tries):
        journals = folder / f"round-{number}"
        journals.mkdir()
        with Crew() as crew:
            for host in range(WRITERS):
                to = journals / f"{host}.journal"
                crew.start(_work, place, to, f"r{number}.h{host}", chance.getrandbits(32))
            await_moment(journals, number, chance)
            crew.kill()
            row.expect_none("hosts failed", crew.failed())
        facts = told(journals)
        given += facts.given
        undone += sum("undone" in fact for fact in facts.other)
        verdict = judge(place, given, known=known)
        known.append(verdict.checkpoint)
        row.add(verdict)
        row.expect_none("rows without their number, or the reverse", _alone(place, verdict.letters))
        before = {letter.key: Given.of(letter) for letter in verdict.letters}
        for key in facts.unanswered:
            again = [Given.of(one) for one in _once(place, [key])]
            row.expect(f"{key} got a second number", [before.get(key, again[0])] == again)
            given += again
            retried += 1
        row.tries += 1
    verdict = judge(place, given, known=known)
    row.add(verdict)
    row.expect_none("rows without their number, or the reverse", _alone(place, verdict.letters))
    row.expect("no host rolled back", undone)
    row.acknowledged = len(given)
    row.note = f"{undone} rolled back by their host, {retried} keys without an answer asked again"
    return row


def _connect(place: HostPlace) -> sqlite3.Connection:
    connection = sqlite3.connect(place.path, timeout=PATIENCE, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = full")
    return connection


def _install(place: HostPlace) -> None:
    with contextlib.closing(_connect(place)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE surat (kunci TEXT PRIMARY KEY, nomor TEXT NOT NULL)")
        numbers = install(connection, key=place.key, origin=ORIGIN)
        for series in SERIES:
            numbers.define_series(series, at=NOW)
        connection.execute("COMMIT")


def _work(place: HostPlace, to: Path, name: str, seed: int) -> None:
    """For ever; now and then the host rolls back, and does it again."""
    journal, chance = Journal(to), random.Random(seed)
    for call in itertools.count():
        keys = [f"{name}.{call}.{n}" for n in range(chance.choice((1, 1, 2, 5)))]
        journal.ask(keys)
        while chance.random() < 0.2:
            _once(place, keys, keep=False)
            journal.tell(undone=keys)
        journal.give(_once(place, keys, pause=chance.uniform(0.0, 0.005)))


def _once(
    place: HostPlace, keys: list[str], *, keep: bool = True, pause: float = 0.0
) -> list[Letter]:
    """One transaction of a host: numbers, a row for each, and its end."""
    with contextlib.closing(_connect(place)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        outcomes = bind(connection, key=place.key, origin=ORIGIN).reserve(
            [request(key) for key in keys], at=NOW
        )
        letters = [one for one in outcomes if isinstance(one, Letter)]
        assert len(letters) == len(keys)
        connection.executemany(
            "INSERT OR IGNORE INTO surat VALUES (?, ?)",
            [(one.key, one.number) for one in letters],
        )
        time.sleep(pause)
        connection.execute("COMMIT" if keep else "ROLLBACK")
        return letters


def _alone(place: HostPlace, letters: tuple[Letter, ...]) -> list[str]:
    with contextlib.closing(_connect(place)) as connection:
        rows = dict(connection.execute("SELECT kunci, nomor FROM surat").fetchall())
    kept = {letter.key: letter.number for letter in letters}
    return sorted({f"{key}: {number}" for key, number in rows.items() ^ kept.items()})
