"""Reading pages in a child process: their text, where a tag stands, what is drawn on them. A hostile
PDF can then take neither the time nor the memory of the process that files it, nor end it.

The child is started when it is first needed and kept for the next file. It works while the caller
stamps and signs. What it answers is data (JSON), never code.
"""

from __future__ import annotations

import base64
import contextlib
import json
import multiprocessing.spawn
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import attrs

from sipadek.errors import BrokenPdf, InvalidInput, MissingExtra, SipadekError
from sipadek.pdf.geometry import Box
from sipadek.pdf.ink import Measured, measure
from sipadek.pdf.preview import page_png
from sipadek.pdf.scan import Scan, scan_page
from sipadek.pdf.tags import find_text
from sipadek.pdf.text import ExtractedText, extract_text

SECONDS = 30
"""Longest that the text of one file may take, in seconds."""
MEMORY = 2 * 1024**3
"""Most address space that the child may take, in bytes."""

_NOTHING = ExtractedText(pages=(), extractor="", truncated=True)
# The packages' own __init__ would load the whole library; the child needs two modules of it.
_PROGRAM = """
import sys, types
for name, path in {packages!r}:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [path]
from sipadek.pdf.extraction import serve
serve()
"""


@contextlib.contextmanager
def extracting(path: Path, *, password: str | None) -> Iterator[Callable[[], ExtractedText]]:
    """Begin to extract the text of the file at ``path``; call what is given for the result.

    The file must stay as it is until then. A file that no reader can open, that takes longer than
    SECONDS or more than MEMORY, gives no pages and the empty extractor.
    """
    child = _Child.take()
    child.ask({"do": "text", "path": str(path.absolute()), "password": password})
    answered = False

    def result() -> ExtractedText:
        nonlocal answered
        answer = child.answer()
        answered = answer is not None
        if answer is None or "pages" not in answer:
            return _NOTHING
        return ExtractedText(
            pages=tuple(answer["pages"]),
            extractor=answer["extractor"],
            truncated=answer["truncated"],
            about=answer["about"],
        )

    try:
        yield result
    finally:
        if answered:
            child.give_back()
        else:
            child.end()


def find_text_apart(
    path: Path, text: str, pages: Sequence[int], *, count: int, password: str | None
) -> dict[int, list[Box]]:
    """As `find_text`, in the child. Raises BrokenPdf also where that dies or takes too long."""
    answer = _asked("find", path, password, text=text, pages=list(pages), count=count)
    return {index: [tuple(box) for box in boxes] for index, boxes in answer["found"]}


def measure_apart(path: Path, page: int, *, count: int, password: str | None) -> Measured:
    """As `measure`, in the child. Raises BrokenPdf also where that dies or takes too long."""
    answer = _asked("measure", path, password, page=page, count=count)
    return Measured(
        columns=answer["columns"],
        ink=tuple(int(row, 16) for row in answer["ink"]),
        edges=tuple(int(row, 16) for row in answer["edges"]),
        texts=tuple(tuple(box) for box in answer["texts"]),
    )


def page_png_apart(path: Path, page: int, *, width: int, password: str | None) -> bytes:
    """As `page_png`, in the child. Raises BrokenPdf also where that dies or takes too long."""
    answer = _asked("picture", path, password, page=page, width=width)
    return base64.b64decode(answer["png"])


def scan_page_apart(path: Path, page: int, target: Path, *, password: str | None) -> Scan:
    """As `scan_page`, in the child. Raises BrokenPdf also where that dies or takes too long."""
    answer = _asked("scan", path, password, page=page, target=str(target))
    return Scan(dpi=answer["dpi"], white=answer["white"])


def _asked(do: str, path: Path, password: str | None, **more: Any) -> dict[str, Any]:
    child = _Child.take()
    child.ask({"do": do, "path": str(path.absolute()), "password": password, **more})
    answer = child.answer()
    if answer is None:
        child.end()
        raise BrokenPdf(
            f"the pages cannot be looked at within {SECONDS} s and {MEMORY} bytes of memory; print the"
            " document to a new PDF"
        )
    child.give_back()
    if "error" in answer:
        kinds = {kind.code: kind for kind in (InvalidInput, MissingExtra)}
        raise kinds.get(answer["error"], BrokenPdf)(answer["message"])
    return answer


class _Child:
    """A process that reads pages, one file at a time, and a thread that waits for its answers."""

    _idle: list[_Child] = []  # noqa: RUF012  # shared by all threads of a process, on purpose

    def __init__(self) -> None:
        here = Path(__file__).parent
        packages = [("sipadek", str(here.parent)), ("sipadek.pdf", str(here))]
        executable = os.fsdecode(multiprocessing.spawn.get_executable() or sys.executable)
        self._of = os.getpid()
        self._process = subprocess.Popen(
            [executable, "-c", _PROGRAM.format(packages=packages)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        assert self._process.stdout is not None
        threading.Thread(
            target=_pass_on, args=(self._process.stdout, self._answers), daemon=True
        ).start()

    @classmethod
    def take(cls) -> _Child:
        """An idle child of this process, or a new one."""
        while cls._idle:
            with contextlib.suppress(IndexError):  # another thread was faster
                child = cls._idle.pop()
                if child._of == os.getpid():  # not one of the process this one was forked from
                    return child
        return cls()

    def give_back(self) -> None:
        """Keep it for the next file."""
        self._idle.append(self)

    def ask(self, job: dict[str, Any]) -> None:
        """Send a job. A child that has died shows in `answer`."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()

    def answer(self) -> dict[str, Any] | None:
        """The answer to the job, or None where the child died or took too long."""
        try:
            line = self._answers.get(timeout=SECONDS)
            return dict(json.loads(line)) if line else None
        except (queue.Empty, ValueError):
            return None

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()


def _pass_on(pipe: IO[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    """Every line from the pipe, and at its end an empty one."""
    with contextlib.suppress(OSError, ValueError):
        for line in pipe:
            answers.put(line)
    answers.put(b"")


def serve() -> None:
    """What the child does until its standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("r+b") as nowhere:  # libraries print; that is no answer
        os.dup2(nowhere.fileno(), 1)
    for line in sys.stdin.buffer:
        _limit()
        answers.write(json.dumps(_done(json.loads(line))).encode() + b"\n")
        answers.flush()


def _done(job: dict[str, Any]) -> dict[str, Any]:
    do = {
        "text": _extract, "find": _find, "measure": _measure, "picture": _picture, "scan": _scan
    }  # fmt: skip
    try:
        return do[job["do"]](job, Path(job["path"]))
    except SipadekError as error:
        return {"error": error.code, "message": error.message}
    except MemoryError:
        return {"error": BrokenPdf.code, "message": "the PDF takes too much memory to look at"}


def _extract(job: dict[str, Any], path: Path) -> dict[str, Any]:
    text = extract_text(path, password=job["password"])
    return attrs.asdict(text)


def _find(job: dict[str, Any], path: Path) -> dict[str, Any]:
    found = find_text(path, job["text"], job["pages"], count=job["count"], password=job["password"])
    return {"found": list(found.items())}


def _measure(job: dict[str, Any], path: Path) -> dict[str, Any]:
    found = measure(path, job["page"], count=job["count"], password=job["password"])
    return {
        "columns": found.columns,
        "ink": [f"{row:x}" for row in found.ink],
        "edges": [f"{row:x}" for row in found.edges],
        "texts": found.texts,
    }


def _picture(job: dict[str, Any], path: Path) -> dict[str, Any]:
    png = page_png(path, job["page"], width=job["width"], password=job["password"])
    return {"png": base64.b64encode(png).decode()}


def _scan(job: dict[str, Any], path: Path) -> dict[str, Any]:
    return attrs.asdict(scan_page(path, job["page"], Path(job["target"]), password=job["password"]))


def _limit() -> None:
    """From now on at most SECONDS of processor time, and MEMORY in all, where the system can tell."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CPU, int(time.process_time()) + 1 + SECONDS),
        (resource.RLIMIT_AS, MEMORY),
    ):
        _, hard = resource.getrlimit(what)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (soft, hard))
