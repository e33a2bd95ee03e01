"""Many writers at once: on the same keys, over series in opposite orders, around midnight."""

from __future__ import annotations

import datetime
import random
import sqlite3
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

from crew import CONTEXT, Crew
from journal import Journal, told
from judge import Kept, Row, judge
from places import NOW, SERIES, Place, request

from sipadek.archive import Letter
from sipadek.numbering import Series

PATIENCE = 60.0
SAME_KEYS, SAME_WRITERS = 200, 8
NAIVE_WRITERS, NAIVE_NUMBERS = 8, 60
MIDNIGHT = datetime.datetime(2026, 12, 31, 16, tzinfo=datetime.UTC)  # WITA's; WIT +1 h, WIB -1 h.
ZONES = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}
YEARLY = tuple(
    Series(code=code, pattern=f"{code.upper()}-{{nomor}}/{{tahun}}", timezone=zone)
    for code, zone in ZONES.items()
)


def same_key(
    folder: Path, *, tries: int, chance: random.Random, new: Callable[[Path], Kept] = Place.new
) -> Row:
    """All processes ask for the same keys, each in its own order and in its own batches."""
    row = Row("same-key", f"{SAME_WRITERS} processes ask for the same {SAME_KEYS} keys")
    for number in range(tries):
        journals = folder / f"round-{number}"
        journals.mkdir(parents=True)
        place = new(journals / "register")
        keys = [f"k{n}" for n in range(SAME_KEYS)]
        with Crew() as crew:
            gate = CONTEXT.Barrier(SAME_WRITERS)
            for writer in range(SAME_WRITERS):
                to = journals / f"{writer}.journal"
                crew.start(_ask_all, place, to, gate, keys, chance.getrandbits(32))
            row.stuck += crew.finish(PATIENCE)
            row.expect_none("processes failed", crew.failed())
        facts = told(journals)
        verdict = judge(place, facts.given)
        row.add(verdict, of=number)
        row.expect_none("requests refused", facts.errors)
        answers = SAME_KEYS * SAME_WRITERS
        row.expect("not every process got all numbers", len(facts.given) == answers)
        row.expect("there are other numbers than keys", len(verdict.letters) == SAME_KEYS)
        row.acknowledged += len(facts.given)
        row.tries += 1
    row.note = f"{SAME_KEYS} numbers, each acknowledged {SAME_WRITERS} times"
    return row


def _ask_all(place: Kept, to: Path, gate: Barrier, keys: list[str], seed: int) -> None:
    journal, chance = Journal(to), random.Random(seed)
    chance.shuffle(keys)
    with place.opened(series=SERIES) as register:
        gate.wait(PATIENCE)
        while keys:
            batch = [keys.pop() for _ in range(min(len(keys), chance.choice((1, 1, 2, 5))))]
            journal.ask(batch)
            journal.give(register.reserve([request(key) for key in batch], at=NOW))


def opposite_order(
    folder: Path, *, tries: int, chance: random.Random, new: Callable[[Path], Kept] = Place.new
) -> Row:
    """Every batch takes numbers in both series; half of the processes the other way round."""
    writers, calls = 4, 40
    row = Row("opposite-order", f"{writers} processes, batches over two series, opposite orders")
    for number in range(tries):
        journals = folder / f"round-{number}"
        journals.mkdir(parents=True)
        place = new(journals / "register")
        with Crew() as crew:
            gate = CONTEXT.Barrier(writers)
            for writer in range(writers):
                to = journals / f"{writer}.journal"
                crew.start(_both, place, to, gate, f"{writer}", calls, writer % 2 == 1)
            row.stuck += crew.finish(PATIENCE)
            row.expect_none("processes failed", crew.failed())
        facts = told(journals)
        row.add(judge(place, facts.given), of=number)
        row.expect_none("requests refused", facts.errors)
        row.expect("not every number came", len(facts.given) == writers * calls * 4)
        row.acknowledged += len(facts.given)
        row.tries += 1
    return row


def _both(place: Kept, to: Path, gate: Barrier, name: str, calls: int, backwards: bool) -> None:
    journal = Journal(to)
    with place.opened(series=SERIES) as register:
        gate.wait(PATIENCE)
        for call in range(calls):
            wanted = [
                request(f"{name}.{call}.{n}", series=series.code)
                for n, series in enumerate(SERIES * 2)
            ]
            wanted.sort(key=lambda one: one.details.series, reverse=backwards)
            journal.ask([one.key for one in wanted])
            journal.give(register.reserve(wanted, at=NOW))


def clock_jump(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """Each writer's clock jumps back and forth; the document's date is that of the series' zone."""
    writers = 4
    row = Row("clock-jump", "clocks jump over midnight of 31 December in WIB, WITA and WIT")
    for number in range(tries):
        journals = folder / f"round-{number}"
        place = Place.new(journals / "register")
        with Crew() as crew:
            for writer in range(writers):
                to = journals / f"{writer}.journal"
                crew.start(_jump, place, to, f"{writer}", chance.getrandbits(32))
            row.stuck += crew.finish(PATIENCE)
            row.expect_none("processes failed", crew.failed())
        facts = told(journals)
        verdict = judge(place, facts.given)
        row.add(verdict, of=number)
        row.expect_none("requests refused", facts.errors)
        row.expect_none("numbers of another year than the letter", _misplaced(verdict.letters))
        years = {letter.counter for letter in verdict.letters}
        row.expect("the clocks never crossed the year", len(years) == 2)
        row.acknowledged += len(facts.given)
        row.tries += 1
    return row


def _jump(place: Place, to: Path, name: str, seed: int) -> None:
    journal, chance = Journal(to), random.Random(seed)
    with place.opened(series=YEARLY) as register:
        for call in range(60):
            at = MIDNIGHT + datetime.timedelta(seconds=chance.randint(-9000, 9000))
            series = chance.choice(YEARLY)
            key = f"{name}.{call}"
            wanted = request(key, series=series.code, date=series.local_date(at))
            journal.ask([key])
            journal.give(register.reserve([wanted], at=at))
            if call % 7 == 0:  # A retry whose clock has jumped again.
                later = at + datetime.timedelta(seconds=chance.randint(-9000, 9000))
                journal.give(register.reserve([wanted], at=later))


def _misplaced(letters: tuple[Letter, ...]) -> list[str]:
    return [
        f"{letter.number} of {letter.details.date}"
        for letter in letters
        if not letter.counter == letter.number.rpartition("/")[2] == str(letter.details.date.year)
    ]


def naive(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """What everybody writes first; it must go wrong here, or the processes do not collide."""
    row = Row("naive", f"max+1 in sqlite3, {NAIVE_WRITERS} processes", control=True)
    for number in range(tries):
        path = folder / f"naive-{number}.sqlite"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE surat (nomor INTEGER, kunci TEXT)")
        connection.close()
        with Crew() as crew:
            gate = CONTEXT.Barrier(NAIVE_WRITERS)
            for writer in range(NAIVE_WRITERS):
                crew.start(_max_plus_one, path, gate, f"{writer}")
            row.stuck += crew.finish(PATIENCE)
            row.expect_none("processes failed", crew.failed())
        connection = sqlite3.connect(path)
        numbers = [one for (one,) in connection.execute("SELECT nomor FROM surat")]
        connection.close()
        row.acknowledged += len(numbers)
        row.doubled = (row.doubled or 0) + len(numbers) - len(set(numbers))
        row.tries += 1
    row.lost = row.unexplained_gaps = None
    row.expect("the naive control doubled nothing", row.doubled)
    return row


def _max_plus_one(path: Path, gate: Barrier, name: str) -> None:
    connection = sqlite3.connect(path, timeout=PATIENCE)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")  # For speed; it is not about power.
    gate.wait(PATIENCE)
    for n in range(NAIVE_NUMBERS):
        (last,) = connection.execute("SELECT coalesce(max(nomor), 0) FROM surat").fetchone()
        time.sleep(0.001)  # The number is written into the letter.
        connection.execute("INSERT INTO surat VALUES (?, ?)", (last + 1, f"{name}.{n}"))
        connection.commit()
    connection.close()
