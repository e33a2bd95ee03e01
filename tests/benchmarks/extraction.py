"""Text of PDFs: pages a second beside pypdf, pdfminer.six and poppler, and how far they agree.

The files are those below the folder in the environment variable SIPADEK_CORPUS (as many of each folder
in it, each of at most 5 MB and 50 pages), or generated letters where it is not set. A file that one way
cannot read, or reads for more than 20 seconds, counts as not read by it, with all its time. A file's
words are its runs of letters and digits in NFKC and small letters; what is compared is the
document as a whole.

``words`` is the F1 of the words two ways have in common (each as often as it stands there), ``order``
that of pairs of neighbouring words, which only agree where the order of reading does. Both are means
over files in which pdftotext finds a word. ``agreed`` is the share of the words that most of the
ways find which this one has, over all files: here pdftotext is no judge but one voice among four.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import signal
import statistics
import subprocess
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import letters
import pypdf
from pdfminer.high_level import extract_text as pdfminer_text

from sipadek.pdf import extract_text
from sipadek.pdf.pdfium import open_document

SECONDS = 20
MEMORY = 3 * 1024**3
MAX_BYTES = 5_000_000
MAX_PAGES = 50
_WORD = re.compile(r"[^\W_]+")


@attrs.define
class Way:
    """One extractor: what it found in each file, and the seconds that took."""

    name: str
    read: Callable[[Path], str]
    seconds: float = 0.0
    unread: int = 0
    words: list[list[str]] = attrs.Factory(list)

    def take(self, path: Path) -> None:
        """Read one file."""
        start = time.perf_counter()
        text = ""
        try:
            with _alarm():
                text = self.read(path)
        except Exception:
            self.unread += 1
        self.seconds += time.perf_counter() - start
        self.words.append(_WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Rows and ratios."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    files = _files(folder, 24 if quick else 300)
    pages = sum(count for _, count in files)
    ways = [
        Way("sipadek", lambda path: "\n".join(extract_text(path).pages)),
        Way("pypdf", _pypdf),
        Way("pdfminer.six", pdfminer_text),
    ]
    if shutil.which("pdftotext"):
        ways.append(Way("pdftotext", _pdftotext))
    with _memory():
        for way in ways:
            way.read(files[0][0])  # what is imported on first use is no file's cost
        for turn, (path, _) in enumerate(files):
            for at in range(len(ways)):
                ways[(turn + at) % len(ways)].take(path)
    rows = [_row(way, ways, len(files), pages) for way in ways]
    return {"rows": rows, "ratios": _ratios(rows)}


def _files(folder: Path, most: int) -> list[tuple[Path, int]]:
    """The files to read, and how many pages each has."""
    corpus = os.environ.get("SIPADEK_CORPUS")
    if not corpus:
        made = letters.make(folder / "letters", pages=4, count=min(most, 60))
        return [(path, 4) for path in made]
    groups: dict[str, list[tuple[Path, int]]] = {}
    for path in sorted(Path(corpus).rglob("*.pdf")):
        if 0 < (count := _pages(path)) <= MAX_PAGES:
            groups.setdefault(path.relative_to(corpus).parts[0], []).append((path, count))
    share = -(-most // len(groups))
    return [one for group in groups.values() for one in group[:: max(1, len(group) // share)]]


def _pages(path: Path) -> int:
    if path.stat().st_size > MAX_BYTES:
        return 0
    try:
        with open_document(path) as document:
            return len(document)
    except Exception:
        return 0


def _pypdf(path: Path) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def _pdftotext(path: Path) -> str:
    done = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "replace")


def _row(way: Way, ways: list[Way], files: int, pages: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "way": way.name,
        "files": files,
        "pages": pages,
        "not_read": way.unread,
        "pages_per_s": round(pages / way.seconds, 1),
    }
    judge = next((each for each in ways if each.name == "pdftotext"), None)
    if judge is not None:
        pairs = [(a, b) for a, b in zip(way.words, judge.words, strict=True) if b]
        row["words"] = round(statistics.mean(_f1(a, b) for a, b in pairs), 3)
        row["order"] = round(statistics.mean(_f1(_two(a), _two(b)) for a, b in pairs), 3)
    row["agreed"] = round(_agreed(way, ways), 3)
    return row


def _two(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(["", *words], [*words, ""], strict=True))


def _f1(found: list[Any], wanted: list[Any]) -> float:
    common = (Counter(found) & Counter(wanted)).total()
    return 2 * common / (len(found) + len(wanted)) if found or wanted else 1.0


def _agreed(way: Way, ways: list[Way]) -> float:
    """Of the words that more than half of the ways find, how many this one does."""
    found = wanted = 0
    for file in range(len(way.words)):
        counts = [Counter(each.words[file]) for each in ways]
        for word in set().union(*counts):
            votes = sorted((count[word] for count in counts), reverse=True)
            agreed = votes[len(ways) // 2]
            wanted += agreed
            found += min(agreed, counts[ways.index(way)][word])
    return found / wanted if wanted else 1.0


def _ratios(rows: list[dict[str, Any]]) -> dict[str, float]:
    ours = rows[0]
    ratios = {
        f"pages_vs_{row['way'].partition('.')[0]}": round(
            ours["pages_per_s"] / row["pages_per_s"], 2
        )
        for row in rows[1:]
    }
    if "words" in ours:
        ratios |= {"words_as_poppler": ours["words"], "order_as_poppler": ours["order"]}
    return ratios


class _alarm:
    """Ends a reader that is not in native code after SECONDS, where the system has alarms."""

    def __enter__(self) -> None:
        if hasattr(signal, "alarm"):
            signal.signal(signal.SIGALRM, self._ring)
            signal.alarm(SECONDS)

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "alarm"):
            signal.alarm(0)

    @staticmethod
    def _ring(*_: object) -> None:
        raise TimeoutError


@contextlib.contextmanager
def _memory() -> Iterator[None]:
    """At most MEMORY within, where the system can tell."""
    try:
        import resource  # not on Windows
    except ImportError:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
