"""Every place where a register syncs: the sync fails there, or the process dies there.

    python syncs.py lives JSON

lives many short lives of a register, each in a folder of its own and a process of its own: made,
written to, closed, opened, written to. Each has its fault at its N-th sync. In the end the power goes.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import attrs
from disk import CUTS, STRICT, Disk, Shim
from journal import Journal, Told
from judge import Row, judge, retry
from places import NOW, SERIES, Place, request
from powerloss import SECONDS, kill, start, watch

from sipadek.errors import SipadekError, StorageFailed
from sipadek.sql.database import Database

SIZES = (1, 2, 3, 1, 2, 400, 1, 2)  # Of the calls of a life; 400 numbers fold the log back.
HALF = 4  # Calls after which it is closed and opened again.
ATTEMPTS = 6
FILES, FOLDER = 0, 1
Fault = Literal["file", "folder", "death"]
# Of going on afterwards: see _Life, and for a death _survive.
WAYS: dict[Fault, tuple[int, ...]] = {"file": (0, 1, 2, 3), "folder": (0, 1, 2, 3), "death": (0, 1)}
TIMES: dict[Fault, tuple[int, ...]] = {"file": (1, 4), "folder": (1, 4), "death": (1,)}


def fsync_eio(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The call raises; what was acknowledged survives even a power cut later; the key goes on."""
    row = Row("fsync-eio", "a file's N-th sync fails with EIO; later the power goes")
    return _sweep(row, folder, "file", tries, chance)


def fsync_eio_folder(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """The same for the folder, whose sync keeps the names of new files."""
    row = Row("fsync-eio-folder", "the folder's N-th sync fails with EIO; later the power goes")
    return _sweep(row, folder, "folder", tries, chance)


def killed_at_sync(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """What was written but not synced is still seen by the next process, which answers by it."""
    row = Row(
        "kill-9-power-loss",
        "SIGKILL at the N-th sync; another process answers the repeated call; the power goes",
    )
    return _sweep(row, folder, "death", tries, chance)


def _sweep(row: Row, folder: Path, fault: Fault, tries: int, chance: random.Random) -> Row:
    shim = Shim(folder)
    key = Place.new(folder / "key")
    (clean,) = _live(shim, folder / "clean", key, fault, [(0, 0, 0)], row)
    syncs = range(1, int(str(clean.other[-1]["syncs"])) + 1)
    every = list(itertools.product(syncs, WAYS[fault], TIMES[fault]))
    chosen = sorted(chance.sample(every, min(tries, len(every))))
    raised: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    losses: list[str] = []
    lives = _live(shim, folder / "lives", key, fault, chosen, row)
    for (number, way, times), facts in zip(chosen, lives, strict=True):
        name = f"{number}-{way}-{times}"
        place = key.at(folder / "lives" / name / "disk")
        disk = Disk(shim, place.folder, place.folder.with_name("kept"))
        disk.cut(
            STRICT if fault != "file" or chance.random() < 0.5 else chance.choice(CUTS), chance
        )
        verdict = judge(place, facts.given)
        row.add(verdict, of=name)
        if verdict.lost:
            losses.append(name)
        given = retry(place, facts, verdict, row)
        if given:
            row.add(judge(place, [*facts.given, *given]), of=name)
        row.acknowledged += len(facts.given) + len(given)
        row.tries += 1
        row.stuck += not (facts.other and facts.other[-1]["done"])
        failed = "".join(_name(str(fact["failed"])) for fact in facts.other[:1])
        (raised if facts.errors else silent)[failed] += 1
        wrong = [error for error in facts.errors if not error.startswith(StorageFailed.__name__)]
        row.expect_none(f"errors that are no StorageFailed when {failed} fails", wrong)
    if fault != "death":
        row.noticed = raised.total()
        row.note = f"raised: {_list(raised)}; not told: {_list(silent)}"
    if losses:
        shown = ", ".join(losses[:8]) + (", ..." if len(losses) > 8 else "")
        row.note += f"{'; ' if row.note else ''}{len(losses)} lost numbers (N-way-times): {shown}"
    return row


def _name(path: str) -> str:
    name = Path(path).name
    return {"disk": "folder", "register.sqlite": "database"}.get(name, name.rpartition("-")[2])


def _list(files: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(files.items())) or "none"


def _live(
    shim: Shim, folder: Path, key: Place, fault: Fault, chosen: list[tuple[int, int, int]], row: Row
) -> list[Told]:
    """What each life told. All processes are dead when this returns."""
    disks = [Disk.new(shim, folder / "-".join(map(str, one))) for one in chosen]
    lives = [
        {"failing": number, "way": way, "times": times}
        | {"place": str(disk.folder), "kept": str(disk.kept)}
        for (number, way, times), disk in zip(chosen, disks, strict=True)
    ]
    task = {"pem": key.pem.decode(), "fault": fault, "lives": lives}
    with start(shim, "syncs.py", "lives", task) as process:
        try:
            process.wait(SECONDS + len(lives))
        except subprocess.TimeoutExpired:
            row.stuck += 1
        finally:
            kill(process)
    row.expect("the lives did not end", process.returncode == 0)
    return [Told().read(_journal(disk.folder).read_bytes()) for disk in disks]


def _journal(folder: Path) -> Path:
    return folder.with_name("life.journal")


# --- the side of the writer ----------------------------------------------------------------------


def _lives(task: dict[str, Any]) -> None:
    """Each life in a forked child, while nothing is open here; another child where one died."""
    for one in task["lives"]:
        for attempt in range(ATTEMPTS):
            child = os.fork()
            if child == 0:
                try:
                    if task["fault"] == "death" and one["way"] == 1:
                        _survive(task, one)
                    _child(task, one, attempt)
                except Exception as error:
                    Journal(_journal(Path(one["place"]))).error(error)
                finally:
                    os._exit(1)
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
                break


def _child(task: dict[str, Any], one: dict[str, Any], attempt: int) -> None:
    folder, failing, fault = Path(one["place"]), one["failing"], task["fault"]
    library = watch(folder, Path(one["kept"]))
    if failing and attempt == 0 and fault == "death":
        library.faults_die(failing)
    elif failing and attempt == 0:
        kind = FOLDER if fault == "folder" else FILES
        library.faults_fail(kind, failing - 1, one["times"])
    journal = Journal(_journal(folder))
    calls = _calls(folder, failing)
    if fault == "death" and attempt:
        calls = calls[:1]
    life = _Life(Place(folder, task["pem"].encode()), journal, calls, one["way"])
    done = life.run()
    syncs = library.faults_syncs(FOLDER if fault == "folder" else FILES)
    journal.tell(syncs=syncs, failed=library.faults_failed().decode(), done=done)
    os._exit(0 if done else 1)  # What is open is left open.


def _calls(folder: Path, failing: int) -> list[list[str]]:
    """The keys of the life's calls that have no answer yet."""
    answered = {given.key for given in Told().read(_journal(folder).read_bytes()).given}
    calls = [[f"{failing}.{call}.{n}" for n in range(size)] for call, size in enumerate(SIZES)]
    return [keys for keys in calls if not answered.issuperset(keys)]


def _survive(task: dict[str, Any], one: dict[str, Any]) -> None:
    """Has the register open, but no connection since it forked, while the child dies; repeats the
    child's call. (Way 0: a process that opens the register only then.)"""
    folder = Path(one["place"])
    watch(folder, Path(one["kept"]))
    journal = Journal(_journal(folder))
    place = Place(folder, task["pem"].encode())
    register = place.register(place.database())
    for series in SERIES:
        register.define_series(series, at=NOW)
    child = os.fork()
    if child == 0:
        _child(task, one, 0)
    os.waitpid(child, 0)
    for keys in _calls(folder, one["failing"])[:1]:
        journal.ask(keys)
        journal.give(register.reserve([request(key) for key in keys], at=NOW))
    journal.tell(syncs=0, failed="", done=True)
    os._exit(0)


@attrs.define
class _Life:
    """After an error, by ``way``: 0 the same register repeats the call, 1 it is closed and opened
    anew, 2 another is opened beside it, 3 the process ends and another one goes on."""

    place: Place
    journal: Journal
    calls: list[list[str]]
    way: int
    left_open: list[Database] = attrs.field(factory=list)

    def run(self) -> bool:
        """Whether all calls were answered in the end."""
        reopens = len(self.calls) > HALF
        for _ in range(ATTEMPTS):
            try:
                if reopens and len(self.calls) > HALF:
                    self._write(HALF)
                self._write(0)
                return True
            except SipadekError as error:
                self.journal.error(error)
            if self.way == 3:
                return False
        return False

    def _write(self, until: int) -> None:
        """Open, write until so many calls are left, close in the middle of the life."""
        database = self.place.database()
        self.left_open.append(database)
        register = self.place.register(database)
        for series in SERIES:
            register.define_series(series, at=NOW)
        while len(self.calls) > until:
            keys = self.calls[0]
            self.journal.ask(keys)
            try:
                outcomes = register.reserve([request(key) for key in keys], at=NOW)
            except SipadekError as error:
                if self.way == 0:
                    self.journal.error(error)
                    continue
                if self.way == 1:
                    database.close()
                raise
            self.journal.give(outcomes)
            self.calls.pop(0)
        if until:
            database.close()


if __name__ == "__main__":
    _lives(json.loads(sys.argv[2]))
