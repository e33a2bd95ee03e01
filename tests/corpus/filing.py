"""File PDFs in a scratch office, in a process of its own that is measured and watched."""

from __future__ import annotations

import contextlib
import datetime
import multiprocessing
import os
import queue
import resource
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import attrs

import sipadek
from sipadek.errors import SipadekError, Unexpected, WorkerLost
from sipadek.office import FileRequest, Office
from sipadek.signing import KeySigner

SERIES = "korpus"
PATTERN = "KORPUS/{nomor:4}/{unit}/{tahun}"
HANG = "hang"
HANG_SECONDS = 60.0
STALL_SECONDS = 300.0  # without a word for so long, the filing process is given up


@attrs.frozen(kw_only=True)
class Job:
    """One file to be filed; ``unit`` is its alone, so that a search can be held to this letter."""

    path: Path
    unit: str

    def request(self) -> FileRequest:
        return FileRequest(
            source=self.path, series=SERIES, unit=self.unit, subject="Berkas uji",
            key=str(self.path), date=datetime.date(2026, 1, 2),
        )  # fmt: skip


@attrs.frozen(kw_only=True)
class Ending:
    """How a job ended: ``letter`` is the id of the letter, or ``reason`` an error's code."""

    job: Job
    letter: str = ""
    reason: str = ""
    message: str = ""
    traceback: bool = False
    hang: bool = False


@attrs.frozen(kw_only=True)
class Usage:
    """What a filing process used: milliseconds of ``Office.file`` for each letter that was filed,
    and the peak of memory, in bytes, of the largest process."""

    ms: tuple[float, ...]
    peak: int


@attrs.frozen(kw_only=True)
class Measured:
    """A folder's endings and what filing them used."""

    endings: tuple[Ending, ...]
    ms: tuple[float, ...]
    peak: int


def make_office(folder: Path) -> None:
    """A new office with one series, whose numbers begin anew for each unit."""
    with sipadek.open(folder) as office:
        office.define_series(SERIES, PATTERN, scope=("unit",))


def file_folder(office: Path, jobs: Sequence[Job], signer: KeySigner, workers: int) -> Measured:
    """File all jobs through ``Office.file_many``. If its process dies or stalls, what is left is
    filed one by one until the culprit is known."""
    left = {job.unit: job for job in jobs}
    endings: list[Ending] = []
    usages: list[Usage] = []
    alone = False
    while left:
        failure = ""
        for word in _watched(office, list(left.values()), signer, workers, 1 if alone else 64):
            if isinstance(word, Ending):
                endings.append(word)
                del left[word.job.unit]
            elif isinstance(word, Usage):
                usages.append(word)
            else:
                failure = word
        if left and alone:
            hang = failure == HANG
            culprit = left.pop(next(iter(left)))
            endings.append(Ending(job=culprit, reason=failure, hang=hang, traceback=not hang))
        alone = bool(left) and not alone
    return Measured(
        endings=tuple(endings),
        ms=tuple(ms for usage in usages for ms in usage.ms),
        peak=max((usage.peak for usage in usages), default=0),
    )


def _watched(
    office: Path, jobs: list[Job], signer: KeySigner, workers: int, batch: int
) -> Iterator[Ending | Usage | str]:
    """What the filing process reports; at last why it ended too early, if it did."""
    context = multiprocessing.get_context("spawn")  # inherits nothing, so memory is filing's own
    words: Any = context.Queue()
    process = context.Process(target=_report, args=(office, jobs, signer, workers, batch, words))
    process.start()
    last = time.monotonic()
    while True:
        try:
            word = words.get(timeout=1.0)
        except queue.Empty:
            if time.monotonic() - last > STALL_SECONDS:
                _end(process)
                yield HANG
                return
            if not process.is_alive() and words.empty():
                yield f"died (exit {process.exitcode})"
                return
            continue
        if word is None:
            process.join()
            return
        if isinstance(word, Ending) and word.reason == WorkerLost.code:
            word = attrs.evolve(word, hang=time.monotonic() - last > HANG_SECONDS)
        last = time.monotonic()
        yield word


def _end(process: BaseProcess) -> None:
    """End a filing process, which leads a group of its own, with its workers."""
    with contextlib.suppress(ProcessLookupError):
        if process.pid is not None:
            os.killpg(process.pid, signal.SIGKILL)
    process.join()


# --- in the filing process ----------------------------------------------------------------------


def _report(
    folder: Path, jobs: list[Job], signer: KeySigner, workers: int, batch: int, words: Any
) -> None:
    os.setpgrp()
    by_unit = {job.unit: job for job in jobs}
    filed: list[Job] = []
    with sipadek.open(folder) as office:
        requests = (job.request() for job in jobs)
        for outcome in office.file_many(requests, signer=signer, workers=workers, batch=batch):
            job = by_unit[outcome.request.unit]
            if outcome.letter is not None:
                filed.append(job)
                words.put(Ending(job=job, letter=outcome.letter.id))
            elif outcome.error is not None:
                words.put(_refusal(job, outcome.error))
    ms = _time_singly(filed, signer)
    users = (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
    peak = max(resource.getrusage(user).ru_maxrss for user in users) * 1024
    words.put(Usage(ms=ms, peak=peak))
    words.put(None)


def _refusal(job: Job, error: SipadekError) -> Ending:
    unexpected = isinstance(error, Unexpected)
    return Ending(job=job, reason=error.code, message=error.message, traceback=unexpected)


def _time_singly(jobs: list[Job], signer: KeySigner) -> tuple[float, ...]:
    """In a batch many letters share their time, so each is filed once more, alone, elsewhere."""
    with tempfile.TemporaryDirectory(prefix="sipadek-timing-") as folder:
        make_office(Path(folder) / "office")
        with sipadek.open(Path(folder) / "office") as office:
            return tuple(_timed(office, job.request(), signer) for job in jobs)


def _timed(office: Office, request: FileRequest, signer: KeySigner) -> float:
    start = time.perf_counter()
    office.file(
        request.source, series=request.series, unit=request.unit, subject=request.subject,
        key=request.key, date=request.date, signer=signer,
    )  # fmt: skip
    return (time.perf_counter() - start) * 1000
