"""A disk of 1 MiB that fills up.

    python diskfull.py JSON

is the writer. It runs where the small disk is mounted, which nobody else sees.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from journal import Given, Journal, told
from judge import Row, judge
from places import NOW, SERIES, Place, request

from sipadek.archive import Letter
from sipadek.errors import SipadekError, StorageFailed
from sipadek.sql import Register
from sipadek.sql.database import Database

SIZE = 1 << 20
SECONDS = 60.0
MOUNT = 'mount -t tmpfs -o size=1m,mode=700 tmpfs "$0" && exec "$@"'


def disk_full(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """A ballast file leaves little space; the writer goes on with the same keys without it."""
    row = Row("disk-full", "a 1 MiB tmpfs fills up; a ballast file is removed, then it grows")
    isolate = _isolate(folder)
    if isolate is None:
        row.note = "skipped: this user may not mount a tmpfs in a namespace of its own"
        return row
    refused = 0
    for number in range(tries):
        place = Place.new(folder / f"{number}")
        disk = place.folder / "disk"
        disk.mkdir()
        task = {
            "disk": str(disk),
            "pem": place.pem.decode(),
            "copy": str(place.folder / "copy"),
            "journal": str(place.folder / "full.journal"),
            "space": chance.randint(20_000, 700_000),
            "seed": chance.getrandbits(32),
        }
        command = [*isolate, "sh", "-c", MOUNT, str(disk)]
        try:
            command += [sys.executable, str(Path(__file__)), json.dumps(task)]
            ended = subprocess.run(command, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            row.stuck += 1
            continue
        row.tries += 1
        if ended.returncode != 0:
            row.failures.append(f"the writer exited with {ended.returncode}")
            continue
        facts = told(place.folder)
        row.add(judge(place.at(place.folder / "copy"), facts.given), of=number)
        row.acknowledged += len(set(facts.given))
        refused += len(facts.errors)
        row.expect_none("keys without a number in the end", facts.unanswered)
        wrong = [one for one in facts.errors if not one.startswith(StorageFailed.__name__)]
        row.expect_none("errors that are no StorageFailed", wrong)
        missing = [fact for fact in facts.other if fact.get("missing")]
        row.expect_none("acknowledged numbers unreadable while full", missing)
    row.expect("the disk was never full", refused)
    row.noticed = refused
    row.note = f"{refused} refusals"
    return row


def _isolate(folder: Path) -> list[str] | None:
    """How to run a command that may mount something only it can see."""
    probe = folder / "probe"
    probe.mkdir()
    for isolate in (["unshare", "-m"], ["unshare", "-rm"]):
        if shutil.which("unshare") is None:
            return None
        command = [*isolate, "sh", "-c", MOUNT, str(probe), "true"]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return isolate
    return None


# --- the side of the writer ----------------------------------------------------------------------


class _Writer:
    def __init__(self, task: dict[str, Any]) -> None:
        self.place = Place(Path(task["disk"]), task["pem"].encode())
        self.journal = Journal(Path(task["journal"]))
        self.chance = random.Random(task["seed"])
        self.database: Database | None = None
        self.register: Register | None = None
        self.given: set[Given] = set()
        self.waiting: list[list[str]] = []
        self.calls = 0

    def until_refused(self, most: int = 10_000) -> None:
        """Repeat what was refused before, and ask for something new."""
        try:
            for _ in range(most):
                self._call(new=not self.waiting or self.chance.random() < 0.3)
        except SipadekError as error:
            self.journal.error(error)

    def finish(self) -> None:
        """Everything that was refused before must now come."""
        while self.waiting:
            self._call(new=False)
        if self.database is not None:
            self.database.close()

    def read(self) -> None:
        """What was acknowledged can be read while the disk is full."""
        if self.register is not None:
            kept = {Given.of(letter) for letter in self.register.letters()}
            self.journal.tell(full=len(kept), missing=len(self.given - kept))

    def _call(self, *, new: bool) -> None:
        self.database = self.database or self.place.database()
        if self.register is None:
            register = self.place.register(self.database)
            for series in SERIES:
                register.define_series(series, at=NOW)
            self.register = register
        if new:
            self.calls += 1
            size = self.chance.choice((1, 1, 3, 20))
            self.waiting.append([f"{self.calls}.{n}" for n in range(size)])
        keys = self.waiting[-1]
        self.journal.ask(keys)
        outcomes = self.register.reserve([request(key) for key in keys], at=NOW)
        self.journal.give(outcomes)
        self.given |= {Given.of(one) for one in outcomes if isinstance(one, Letter)}
        self.waiting.pop()


def _write(task: dict[str, Any]) -> None:
    writer = _Writer(task)
    ballast = Path(task["disk"]) / "ballast"
    ballast.write_bytes(os.urandom(SIZE - task["space"]))
    for _ in range(3):
        writer.until_refused()
    writer.read()
    ballast.unlink()
    writer.until_refused(8)  # It may become full again.
    writer.read()
    subprocess.run(["mount", "-o", "remount,size=8m", task["disk"]], check=True)
    writer.finish()
    shutil.copytree(task["disk"], task["copy"])


if __name__ == "__main__":
    _write(json.loads(sys.argv[1]))
