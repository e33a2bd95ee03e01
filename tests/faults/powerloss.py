"""Power lost in the middle of writing: what was acknowledged before is there afterwards.

    python powerloss.py TASK JSON

is a writer, for the rows below; it runs under the preloaded library and tells its journal to
standard output.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import selectors
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from disk import CUTS, STRICT, Disk, Shim
from journal import Given, Journal, Told
from judge import Row, judge, retry
from killing import reserve_on
from places import SERIES, Place

SECONDS = 40.0
WRITERS = 2


def power_loss(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """Two writers on one register; the power goes after a random number of answers."""
    row = Row("power-loss", f"{WRITERS} writers lose power; unsynced writes dropped or torn")
    disk = Disk.new(Shim(folder), folder)
    place = Place.new(folder / "key").at(disk.folder)
    given: list[Given] = []
    known: list[str] = []
    retried = 0
    for number in range(tries):
        tasks = [
            {"place": str(place.folder), "pem": place.pem.decode(), "prefix": f"p{number}.{writer}"}
            | {"seed": chance.getrandbits(32), "kept": str(disk.kept)}
            for writer in range(WRITERS)
        ]
        facts, stuck = run_until(disk.shim, "write", tasks, chance.randint(1, 400))
        row.stuck += stuck
        row.expect_none("requests refused", facts.errors)
        disk.cut(CUTS[number % len(CUTS)], chance)
        given += facts.given
        verdict = judge(place, given, known=known)
        row.add(verdict)
        again = retry(place, facts, verdict, row)
        retried += len(again)
        given += again
        known.append(verdict.checkpoint)
        disk.sync()
        row.tries += 1
    row.add(judge(place, given, known=known))
    row.acknowledged = len(given)
    row.note = f"{retried} keys without an answer asked again"
    return row


def normal_control(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """It must lose, or the power cut is none."""
    row = _plain(folder, "NORMAL", tries, chance)
    row.expect("synchronous=NORMAL lost nothing", row.lost)
    return row


def full_control(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """It must not lose, or the power cut is worse than real ones."""
    row = _plain(folder, "FULL", tries, chance)
    row.expect("synchronous=FULL lost numbers", not row.lost)
    return row


def _plain(folder: Path, synchronous: str, tries: int, chance: random.Random) -> Row:
    row = Row(
        f"power-loss {synchronous}",
        f"plain sqlite3, WAL, synchronous={synchronous}",
        doubled=None,
        unexplained_gaps=None,
        control=True,
    )
    shim = Shim(folder)
    for number in range(tries):
        disk = Disk.new(shim, folder / f"{number}")
        path = disk.folder / "plain.sqlite"
        task = {"path": str(path), "kept": str(disk.kept), "synchronous": synchronous}
        facts, stuck = run_until(shim, "plain", [task], chance.randint(50, 150))
        row.stuck += stuck
        disk.cut(STRICT, chance)
        connection = sqlite3.connect(path)
        try:
            kept = {one for (one,) in connection.execute("SELECT nomor FROM surat")}
        except sqlite3.OperationalError:
            kept = set()  # Not even the table.
        connection.close()
        row.acknowledged += len(facts.given)
        row.lost = (row.lost or 0) + len({one.sequence for one in facts.given} - kept)
        row.tries += 1
    return row


# --- the side of the judge -----------------------------------------------------------------------


def start(shim: Shim, script: str, task: str, arguments: dict[str, Any]) -> subprocess.Popen[bytes]:
    """A writer under the preloaded library; its journal is its standard output."""
    return subprocess.Popen(
        [sys.executable, Path(__file__).with_name(script), task, json.dumps(arguments)],
        stdout=subprocess.PIPE,
        env=shim.environment(),
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a writer and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run_until(
    shim: Shim, task: str, arguments: list[dict[str, Any]], answers: int
) -> tuple[Told, int]:
    """Run writers and kill them all after so many numbers were acknowledged together; returns what
    they told, and how many were alive without answering in time."""
    writers = [start(shim, "powerloss.py", task, one) for one in arguments]
    heard = {writer.pid: b"" for writer in writers}
    try:
        enough = _listen(writers, heard, answers)
    finally:
        for writer in writers:
            kill(writer)
    for writer in writers:
        heard[writer.pid] += writer.communicate()[0]
    facts = Told()
    for data in heard.values():
        facts.read(data)
    ended = [writer.returncode for writer in writers if writer.returncode != -signal.SIGKILL]
    facts.errors += [f"a writer exited with {code}" for code in ended]
    return facts, 0 if enough or ended else len(writers)


def _listen(writers: list[subprocess.Popen[bytes]], heard: dict[int, bytes], answers: int) -> bool:
    """Collect what writers tell until there are so many answers, and a moment longer."""
    end = time.monotonic() + SECONDS
    with selectors.DefaultSelector() as selector:
        for writer in writers:
            assert writer.stdout is not None
            selector.register(writer.stdout, selectors.EVENT_READ, writer.pid)
        while selector.get_map() and time.monotonic() < end:
            for key, _ in selector.select(0.1):
                data = os.read(key.fd, 65536)
                heard[key.data] += data
                if not data:
                    selector.unregister(key.fileobj)
            if _answers(heard) >= answers:
                time.sleep(random.uniform(0.0, 0.01))
                return True
    return False


def _answers(heard: dict[int, bytes]) -> int:
    facts = Told()
    for data in heard.values():
        facts.read(data)
    return len(facts.given)


# --- the side of the writer ----------------------------------------------------------------------


def watch(folder: Path, kept: Path) -> ctypes.CDLL:
    """Tell the preloaded library which folder is the disk."""
    library = ctypes.CDLL(None)
    library.faults_watch(bytes(folder), bytes(kept))
    library.faults_failed.restype = ctypes.c_char_p
    library.faults_fail.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_long]
    library.faults_die.argtypes = [ctypes.c_long]
    return library


def _write(journal: Journal, task: dict[str, Any]) -> None:
    """Now and then the register is closed and opened again: that folds the log back."""
    place = Place(Path(task["place"]), task["pem"].encode())
    watch(place.folder, Path(task["kept"]))
    chance = random.Random(task["seed"])
    for opening in range(1000):
        with place.opened(series=SERIES) as register:
            prefix = f"{task['prefix']}.{opening}"
            reserve_on(register, journal, prefix, chance, calls=chance.choice((1, 5, 40)))


def _plain_write(journal: Journal, task: dict[str, Any]) -> None:
    path = Path(task["path"])
    watch(path.parent, Path(task["kept"]))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {task['synchronous']}")
    connection.execute("CREATE TABLE surat (nomor INTEGER PRIMARY KEY, kunci TEXT)")
    for number in range(1, 100_000):
        connection.execute("INSERT INTO surat VALUES (?, ?)", (number, f"{number}"))
        given = Given(f"{number}", "plain", "all", number, f"{number}")
        journal.tell(give=[attrs.astuple(given)])


TASKS: dict[str, Callable[[Journal, dict[str, Any]], None]] = {
    "write": _write,
    "plain": _plain_write,
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](Journal(1), json.loads(sys.argv[2]))
