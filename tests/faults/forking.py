"""A process forks while it has the register open, and both sides go on."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
import warnings
from pathlib import Path

from crew import Crew
from journal import Journal, told
from judge import Row, judge
from places import NOW, SERIES, Place, request

from sipadek.errors import UnsafeDatabase
from sipadek.sql import Register

FORKS = 12
CHILD_SECONDS = 20
PATIENCE = 60.0


def fork(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """Forks at rest and beside a busy thread; in the end the parent closes before a child does."""
    row = Row("fork", f"{FORKS} forks at rest and in the middle of writing, both sides go on")
    refused = own = 0
    for number in range(tries):
        journals = folder / f"round-{number}"
        place = Place.new(journals / "register")
        with Crew() as crew:
            crew.start(_parent, place, journals, chance.getrandbits(32))
            row.stuck += crew.finish(PATIENCE)
            row.expect_none("processes failed", crew.failed())
        facts = told(journals)
        row.stuck += sum("stuck" in fact for fact in facts.other)
        refused += sum("refused" in fact for fact in facts.other)
        own += sum("own" in fact for fact in facts.other)
        row.expect_none("requests refused", facts.errors)
        row.add(judge(place, facts.given), of=number)
        row.acknowledged += len(facts.given)
        row.tries += 1
    row.expect("no child was refused, no fork hit a write", refused)
    row.expect("no child could work", own)
    row.note = f"{own} children worked on connections of their own, {refused} were refused"
    return row


def _parent(place: Place, journals: Path, seed: int) -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # Forking beside threads is the point.
    chance = random.Random(seed)
    journal = Journal(journals / "parent.journal")
    working, stop = threading.Event(), threading.Event()
    children: list[int] = []
    with place.opened(series=SERIES) as register:
        thread = threading.Thread(
            target=_in_thread,
            args=(register, Journal(journals / "thread.journal"), working, stop),
        )
        thread.start()
        for number in range(FORKS):
            working.set() if number % 2 else working.clear()
            time.sleep(chance.uniform(0.02, 0.06))
            child = os.fork()
            if child == 0:
                _child(place, register, journals, f"{number}", 0.0)
            children.append(child)
            _reserve(register, journal, f"parent.{number}")
            if len(children) > 2:
                _reap(children.pop(0), journal)
        working.clear()
        time.sleep(0.05)
        last = os.fork()
        if last == 0:
            _child(place, register, journals, "last", 0.3)
        children.append(last)
        stop.set()
        working.set()
        thread.join()
    for child in children:  # The register is closed here, not in the last child.
        _reap(child, journal)


def _in_thread(
    register: Register, journal: Journal, working: threading.Event, stop: threading.Event
) -> None:
    number = 0
    while not stop.is_set():
        working.wait()
        _reserve(register, journal, f"thread.{number}")
        for finding in register.verify_history():  # One long read transaction.
            journal.tell(error=f"audit: {finding}")
        number += 1


def _child(place: Place, register: Register, journals: Path, name: str, wait: float) -> None:
    """Goes on with the register it inherited, then with one of its own; never returns."""
    signal.alarm(CHILD_SECONDS)
    status = 1
    try:
        journal = Journal(journals / f"child-{name}.journal")
        try:
            _reserve(register, journal, f"child.{name}.1")
            time.sleep(wait)
            _reserve(register, journal, f"child.{name}.2")
            with place.opened() as again:
                _reserve(again, journal, f"child.{name}.3")
            journal.tell(own=name)
        except UnsafeDatabase:
            journal.tell(refused=name)
            with contextlib.suppress(UnsafeDatabase), place.opened():
                journal.tell(error="a child that was refused could open the register anew")
        except Exception as error:
            journal.error(error)
        status = 0
    finally:
        os._exit(status)


def _reserve(register: Register, journal: Journal, key: str) -> None:
    journal.ask([key])
    journal.give(register.reserve([request(key)], at=NOW))


def _reap(child: int, journal: Journal) -> None:
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        journal.tell(stuck=child)
    elif status:
        journal.tell(error=f"a child exited with {status}")
