"""An engine in a process of its own, so that its memory is its own, told what to do over a pipe."""

from __future__ import annotations

import itertools
import multiprocessing
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import search_letters
from search_engines import Engine, Fts5, Postgres, Question, Tantivy, Whoosh
from search_letters import IndexLetter
from search_ours import BesideTantivy, BesideWhoosh, Ours

OURS = "sipadek"
ENGINES: dict[str, type[Engine]] = {
    OURS: Ours,
    "sipadek, Tantivy": BesideTantivy,
    "sipadek, Whoosh": BesideWhoosh,
    "Whoosh": Whoosh,
    "raw FTS5": Fts5,
    "raw Tantivy": Tantivy,
    "PostgreSQL": Postgres,
}
BATCH = 1_000  # Letters of a transaction.


@attrs.frozen(kw_only=True)
class Setting:
    """Where an engine works, and on how many letters; ``extra`` more wait to be added singly."""

    way: str
    folder: Path
    dsn: str
    corpus: Path | None
    letters: int
    extra: int

    def stream(self) -> Iterator[IndexLetter]:
        """All letters, those to be added singly last."""
        return search_letters.letters(self.letters + self.extra, self.corpus)


class Remote:
    """A running engine process."""

    def __init__(self, setting: Setting) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(setting, theirs))
        self._process.start()
        theirs.close()

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join()

    def call(self, name: str, *given: Any) -> Any:
        """What that function of ``_Work`` returns, there."""
        self._pipe.send((name, given))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(setting: Setting, pipe: Any) -> None:
    work = _Work(setting)
    while True:
        try:
            name, given = pipe.recv()
        except EOFError:
            break
        try:
            pipe.send(getattr(work, name)(*given))
        except Exception as error:
            pipe.send(RuntimeError(f"{setting.way}, {name}: {type(error).__name__}: {error}"))
    work.engine.close()


class _Work:
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.engine = ENGINES[setting.way](setting.folder, setting.dsn)
        self._resting = _memory("VmRSS", reset=True)

    def build(self) -> dict[str, float]:
        """Index all letters; making them is not measured."""
        wall = cpu = reserving = 0.0
        for batch in _batches(itertools.islice(self._setting.stream(), self._setting.letters)):
            start = time.perf_counter()
            reserved = self.engine.reserve(batch)
            reserving += time.perf_counter() - start
            start, start_cpu = time.perf_counter(), time.process_time()
            self.engine.build(reserved)
            wall += time.perf_counter() - start
            cpu += time.process_time() - start_cpu
        start, start_cpu = time.perf_counter(), time.process_time()
        self.engine.built()
        wall += time.perf_counter() - start
        cpu += time.process_time() - start_cpu
        return {
            "wall": wall,
            "cpu": cpu,
            "reserving": reserving,
            "megabytes": self.engine.megabytes(),
            "memory": self.memory(),
        }

    def add(self) -> list[float]:
        """Commit the extra letters one by one: milliseconds of each."""
        took = []
        for letter in itertools.islice(self._setting.stream(), self._setting.letters, None):
            reserved = self.engine.reserve([letter])
            start = time.perf_counter()
            self.engine.add(reserved)
            took.append((time.perf_counter() - start) * 1000)
        return took

    def ask(self, questions: Sequence[Question], *, page: bool = False) -> list[tuple[float, int]]:
        """(milliseconds, letters that match) of each question."""
        asked: Any = self.engine.page if page else self.engine.ask  # type: ignore[attr-defined]
        answers = []
        for question in questions:
            start = time.perf_counter()
            found = asked(question)
            took = (time.perf_counter() - start) * 1000
            answers.append((took, found if page else found[0]))
        return answers

    def pages(self, questions: Sequence[Question]) -> list[tuple[float, int]]:
        """Likewise, with what is shown of each letter; of sipadek only."""
        return self.ask(questions, page=True)

    def grow(self, sizes: Sequence[int]) -> list[tuple[int, float]]:
        """(size, milliseconds of an added letter) over the second half of the way to each size."""
        engine = type(self.engine)(self._setting.folder / "grown", self._setting.dsn)
        stream = search_letters.letters(max(sizes), self._setting.corpus)
        done, found = 0, []
        for size in sizes:
            took, first = 0.0, done
            while done < size:
                batch = list(itertools.islice(stream, min(BATCH // 2, size - done)))
                reserved = engine.reserve(batch)
                start = time.perf_counter()
                engine.build(reserved)
                if done >= size // 2:
                    took += time.perf_counter() - start
                else:
                    first = done + len(batch)
                done += len(batch)
            found.append((size, took * 1000 / (size - first)))
        engine.close()
        return found

    def memory(self) -> float:
        """How far memory rose above what the process took when it began, in MB; nan where the system
        does not tell."""
        return _memory("VmHWM") - self._resting


def _batches(letters: Iterator[IndexLetter]) -> Iterator[list[IndexLetter]]:
    while batch := list(itertools.islice(letters, BATCH)):
        yield batch


def _memory(name: str, *, reset: bool = False) -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(rf"{name}:\s+(\d+) kB", status.read_text())
    return int(found[1]) / 1024 if found else float("nan")
