"""``kill -9`` of all writers at a random moment; a holder of the queue that stands still."""

from __future__ import annotations

import fcntl
import itertools
import os
import random
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from crew import CONTEXT, Crew, pause, resume
from journal import Given, Journal, Told, told
from judge import Row, judge, retry
from places import NOW, SERIES, Place, request

from sipadek.archive import Letter
from sipadek.errors import OfficeError
from sipadek.sql import Register

WRITERS = 4
PATIENCE = 30.0


def reserve_on(
    register: Register, journal: Journal, prefix: str, chance: random.Random, calls: int | None
) -> None:
    """Ask for one number or a small batch at a time (None: for ever); some are made void."""
    for call in itertools.count() if calls is None else range(calls):
        keys = [f"{prefix}.{call}.{n}" for n in range(chance.choice((1, 1, 1, 2, 3, 8)))]
        journal.ask(keys)
        outcomes = register.reserve([request(key) for key in keys], at=NOW)
        journal.give(outcomes)
        if isinstance(outcomes[0], Letter) and chance.random() < 0.05:
            register.void(outcomes[0].id, reason="salah ketik", at=NOW)


def write(place: Place, to: Path, prefix: str, seed: int, calls: int | None = None) -> None:
    """A writer's whole life."""
    journal = Journal(to)
    with place.opened(series=SERIES) as register:
        journal.tell(opened=prefix)
        reserve_on(register, journal, prefix, random.Random(seed), calls)


def kill_nine(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The writers make the register themselves: the first kills may come while it is made."""
    row = Row("kill-9", f"{WRITERS} writers, SIGKILL at a random moment")
    place = Place.new(folder / "register")
    given: list[Given] = []
    known: list[str] = []
    retried = 0
    for number in range(tries):
        journals = folder / f"round-{number}"
        journals.mkdir()
        with Crew() as crew:
            for writer in range(WRITERS):
                to = journals / f"{writer}.journal"
                crew.start(write, place, to, f"r{number}.w{writer}", chance.getrandbits(32))
            await_moment(journals, number, chance)
            crew.kill()
            row.expect_none("writers failed", crew.failed())
        facts = told(journals)
        given += facts.given
        verdict = judge(place, given, known=known)
        row.expect_none("requests refused", facts.errors)
        again = retry(place, facts, verdict, row)
        given += again
        retried += len(again)
        known.append(verdict.checkpoint)
        row.add(verdict)
        row.tries += 1
    row.add(judge(place, given, known=known))
    row.acknowledged = len(given)
    row.expect("no writer came to work before it was killed", given)
    row.note = f"{retried} keys without an answer asked again"
    return row


def await_moment(journals: Path, number: int, chance: random.Random) -> None:
    """Some answers later, however fast the disk is; in every eighth round at any time, so that
    opening is hit as well."""
    answers = chance.randint(1, 60)
    if number % 8 == 0:
        time.sleep(chance.uniform(0.0, 0.3))
    else:
        _await(lambda: len(told(journals).given) >= answers)
        time.sleep(chance.uniform(0.0, 0.02))


def frozen_holder(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """A writer is stopped while it has the queue; the others wait, and go on after it does."""
    row = Row("frozen-holder", "SIGSTOP of the queue's holder, then SIGCONT or SIGKILL in turn")
    place = Place.new(folder / "register")
    with place.opened(series=SERIES):
        pass
    facts = Told()
    for number in range(tries):
        journals = folder / f"round-{number}"
        journals.mkdir()
        with Crew() as crew:
            _freeze(crew, place, journals, row, chance)
        now = told(journals)
        row.expect_none("requests refused", now.errors)
        facts.asked += now.asked
        facts.given += now.given
        facts.other += now.other
        verdict = judge(place, facts.given)
        facts.given += retry(place, facts, verdict, row)
        row.add(verdict)
        row.tries += 1
    row.add(judge(place, facts.given))
    row.acknowledged = len(facts.given)
    refused = sum("refused" in fact for fact in facts.other)
    row.note = f"others wait, {refused} times with an error; reading does not wait"
    return row


def _freeze(crew: Crew, place: Place, journals: Path, row: Row, chance: random.Random) -> None:
    name, dies = journals.name, row.tries % 2 == 1
    frozen = CONTEXT.Event()
    reader = crew.start(_read, place, journals / "reader.journal", frozen)
    _await((journals / "reader.journal").exists)
    holder = crew.start(write, place, journals / "holder.journal", f"{name}.holder", row.tries)
    _stop_while_holding(holder, place, chance)
    others = [
        crew.start(_insist, place, journals / f"{n}.journal", f"{name}.{n}", n) for n in range(2)
    ]
    frozen.set()
    reader.join(PATIENCE)
    row.expect("reading waited for the stopped writer", reader.exitcode == 0)
    time.sleep(chance.uniform(0.8, 1.2))
    row.expect_none("numbers given past a holder", told(journals, "[0-9].journal").given)
    before = (journals / "holder.journal").stat().st_size if not dies else 0
    holder.kill() if dies else resume(holder)
    for process in others:
        process.join(PATIENCE)
        row.stuck += process.exitcode is None
    if not dies:
        row.stuck += not _await(lambda: (journals / "holder.journal").stat().st_size > before)
    row.expect_none("processes failed", crew.failed())
    crew.kill()


def _insist(place: Place, to: Path, prefix: str, seed: int) -> None:
    """A writer that repeats what it asked for where waiting ended in an error."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            write(place, to, prefix, seed, calls=5)
        except OfficeError as error:
            Journal(to).tell(refused=str(error))
        else:
            return


def _read(place: Place, to: Path, frozen: Event) -> None:
    """Reading in a register that was opened before."""
    with place.opened() as register:
        journal = Journal(to)
        journal.tell(opened="reader")
        frozen.wait(PATIENCE)
        journal.tell(letters=len(list(register.letters())))
        os._exit(0)  # Closing would stand in the queue.


def _stop_while_holding(holder: BaseProcess, place: Place, chance: random.Random) -> None:
    """Stop the writer again and again until the stop came while it had the queue."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.0, 0.02))
        pause(holder)
        if place.lock.exists() and _is_held(place.lock):
            return
        resume(holder)
    raise TimeoutError("the writer was never caught holding the queue")


def _is_held(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _await(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False
