"""``kill -9`` of a batch with its workers at random moments, then a second run of the same command.

What is killed is examples/batch_archive.py as a user would start it. The moment is drawn evenly over
the time from before the first number to the end of the batch. A try counts only if the kill came
while numbers were being given: at least one taken, not all letters issued.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

import sipadek
from sipadek import Letter, State

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "batch_archive.py"
LETTERS = 500
TRIES = 20
END_SECONDS = 600.0
CATEGORIES = ("lost", "doubled", "unexplained_gaps", "audit_findings", "not_filed")


@attrs.frozen(kw_only=True)
class Snapshot:
    """What the register held at one moment."""

    letters: tuple[Letter, ...]

    @property
    def states(self) -> Counter[State]:
        return Counter(letter.state for letter in self.letters)

    def hit(self, files: int) -> bool:
        """Whether a kill at this moment came in the middle of the batch."""
        return bool(self.letters) and self.states[State.ISSUED] < files


def run(folder: Path, *, tries: int, seed: int | None = None) -> dict[str, Any]:
    """Kill and resume until ``tries`` kills have hit."""
    chance = random.Random(seed)
    source = folder / "letters"
    files = _letters(source)
    first, last = _calibrate(folder / "calibration", source)
    rows: list[dict[str, Any]] = []
    missed = 0
    while len(rows) < tries:
        if missed > 2 * tries + 20:
            raise SystemExit(f"only {len(rows)} of {len(rows) + missed} kills hit the batch")
        moment = chance.uniform(0.9 * first, last)
        row = _try(folder / "try", source, files, moment)
        shutil.rmtree(folder / "try")
        if row is None:
            missed += 1
            continue
        rows.append({"try": len(rows) + 1, "killed_at_s": round(moment, 2)} | row)
        print(f"\r{len(rows)} of {tries}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    totals = {name: sum(row[name] for row in rows) for name in CATEGORIES}
    return {"total": {"tries": len(rows)} | totals, "rows": rows, "missed": missed}


def _try(place: Path, source: Path, files: int, moment: float) -> dict[str, Any] | None:
    """One kill and one resumption; None if the kill came too early or too late."""
    place.mkdir()
    office = place / "office"
    batch = _start(office, source, place)
    try:
        batch.wait(moment)
    except subprocess.TimeoutExpired:
        os.killpg(batch.pid, signal.SIGKILL)
    if batch.wait() != -signal.SIGKILL or not (office / "register.sqlite").exists():
        return None
    _await_end(batch.pid)
    before = _snapshot_of_copy(office, place / "copy")
    if not before.hit(files):
        return None
    resumed = _start(office, source, place)
    if resumed.wait(END_SECONDS) != 0:
        raise SystemExit(f"the second run failed; its files are in {place}")
    return {
        "numbers": len(before.letters),
        "issued": before.states[State.ISSUED],
        "reserved": before.states[State.RESERVED],
    } | _check(office, source, before)


def _check(office: Path, source: Path, before: Snapshot) -> dict[str, Any]:
    """What went wrong, by the public interface and by the input's own digests."""
    with sipadek.open(office, create=False) as opened:
        letters = tuple(opened.letters())
        report = opened.audit()
        originals = {letter.id: _original(opened, letter) for letter in letters}
    codes = Counter(finding.code for finding in report.findings)
    issued = [letter for letter in letters if letter.state is State.ISSUED]
    filed = Counter(originals[letter.id] for letter in issued)
    wanted = {path.read_bytes() for path in source.iterdir()}
    now = {letter.id: letter for letter in letters}
    lost = [was for was in before.letters if _is_lost(was, now.get(was.id))]
    twice = _repeats(letter.number for letter in letters) + _repeats(
        letter.key for letter in letters
    )
    return {
        "lost": len(lost),
        "doubled": twice + sum(count - 1 for count in filed.values()),
        "unexplained_gaps": _gaps(letters),
        "audit_findings": max(len(report.findings), not report.clean),
        "not_filed": len(wanted - set(filed)),
        "findings": ", ".join(f"{n} {code}" for code, n in codes.items()),
    }


def _is_lost(was: Letter, now: Letter | None) -> bool:
    """A number once taken stays with its letter; an issued letter stays as it was issued."""
    if now is None or now.number != was.number:
        return True
    return was.state is State.ISSUED and now != was


def _original(office: sipadek.Office, letter: Letter) -> bytes:
    if letter.state is not State.ISSUED:
        return b""
    with office.original(letter.id) as file:
        return file.read()


def _repeats(values: Iterable[object]) -> int:
    return sum(count - 1 for count in Counter(values).values())


def _gaps(letters: tuple[Letter, ...]) -> int:
    """Numbers missing from 1 up to the last one of each counter."""
    taken: dict[tuple[str, str], set[int]] = {}
    for letter in letters:
        taken.setdefault((letter.details.series, letter.counter), set()).add(letter.sequence)
    return sum(len(set(range(1, max(numbers) + 1)) - numbers) for numbers in taken.values())


# --- the batch as a process ---------------------------------------------------------------------


def _start(office: Path, source: Path, place: Path) -> subprocess.Popen[bytes]:
    """The batch in a session of its own, so that its workers can be killed with it."""
    return subprocess.Popen(
        [sys.executable, EXAMPLE, office, source, "--demo-signer", "--report-dir", place],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _await_end(group: int) -> None:
    """Until no worker of the killed batch is left (its zombies are the system's to reap)."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise SystemExit("workers outlived the kill")


def _calibrate(place: Path, source: Path) -> tuple[float, float]:
    """Seconds from the start until the register holds something, and until the batch ends."""
    place.mkdir()
    register = place / "office" / "register.sqlite"
    start = time.monotonic()
    batch = _start(place / "office", source, place)
    while not register.exists() and batch.poll() is None:
        time.sleep(0.01)
    first = time.monotonic() - start
    if batch.wait(END_SECONDS) != 0:
        raise SystemExit("the batch fails even undisturbed")
    last = time.monotonic() - start
    shutil.rmtree(place)
    return first, last


def _snapshot_of_copy(office: Path, copy: Path) -> Snapshot:
    """Looked at in a copy, so that the second run finds the office as the kill left it."""
    shutil.copytree(office, copy)
    with sipadek.open(copy, create=False) as opened:
        letters = tuple(opened.letters())
    shutil.rmtree(copy)
    return Snapshot(letters=letters)


def _letters(folder: Path) -> int:
    """The input: small letters, all different."""
    folder.mkdir()
    for number in range(LETTERS):
        (folder / f"surat-{number:04}.pdf").write_bytes(_pdf(f"Keterangan nomor {number:04}"))
    return LETTERS


def _pdf(text: str) -> bytes:
    """A one-page PDF with one line of text."""
    content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
    ]
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer
