"""The letters that every search engine of a benchmark takes: about 2 kB each, the same for all.

Cut from real Indonesian text where it is there (``peraturan.jsonl.gz``: a JSON object a line, with
``id`` and ``text``), else made by ``correspondence``. Where the text is used up it is cut again, a
little further on.
"""

from __future__ import annotations

import datetime
import gzip
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs

import correspondence

VARIABLE = "SIPADEK_PERATURAN"
LENGTH = 2_000
UNITS = tuple(f"UNIT-{n:02}" for n in range(1, 21))
KINDS = ("undangan", "edaran", "keterangan", "laporan", "keputusan")
PATTERN = "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
YEARS = 10
_FIRST = datetime.date(2017, 1, 2)
_TITLE = re.compile(r"TENTANG\s+(.{10,160}?)\s*(?:\n|DENGAN RAHMAT)", re.DOTALL)


@attrs.frozen(kw_only=True)
class IndexLetter:
    """A letter as an engine takes it. ``position`` counts from 1; ``secrecy`` is the rank, 0 to 3."""

    position: int
    number: str
    subject: str
    body: str
    unit: str
    kind: str
    code: str
    date: datetime.date
    secrecy: int = 0


class Numbers:
    """What a register gives with ``PATTERN`` and a counter for each unit and year."""

    def __init__(self) -> None:
        self._last: Counter[tuple[str, int]] = Counter()

    def give(self, code: str, unit: str, date: datetime.date) -> str:
        """The next number."""
        self._last[unit, date.year] += 1
        sequence = self._last[unit, date.year]
        return f"{code}/{sequence:04}/{unit}/{ROMAN[date.month - 1]}/{date.year}"


def find_corpus(given: Path | None = None) -> Path | None:
    """The file given, or in the environment variable SIPADEK_PERATURAN, or beside the clone."""
    if given is not None:
        return given
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    beside = Path(__file__).resolve().parents[3] / "shared" / "data" / "peraturan.jsonl.gz"
    return beside if beside.exists() else None


def letters(count: int, corpus: Path | None) -> Iterator[IndexLetter]:
    """So many letters over ten years, oldest first. Numbers are those that a register gives in this
    order."""
    texts = cut(corpus) if corpus else _generated()
    numbers = Numbers()
    for position, (subject, body) in enumerate(itertools.islice(texts, count), start=1):
        mixed = (
            position * 2_654_435_761 >> 8
        )  # Spreads over units and kinds, the same in every run.
        unit, kind = UNITS[mixed % len(UNITS)], KINDS[mixed // 64 % len(KINDS)]
        date = _FIRST + datetime.timedelta(days=(position - 1) * 365 * YEARS // count)
        code = f"{100 * (1 + mixed // 7 % 9)}.{1 + mixed // 11 % 14}"
        yield IndexLetter(
            position=position,
            number=numbers.give(code, unit, date),
            subject=subject,
            body=body,
            unit=unit,
            kind=kind,
            code=code,
            date=date,
            secrecy=(0, 0, 0, 0, 0, 0, 1, 1, 2, 3)[mixed // 13 % 10],
        )


def documents(corpus: Path) -> Iterator[tuple[str, str, str]]:
    """(id, title, text) of each law or regulation."""
    with gzip.open(corpus, "rt", encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            text = one["text"]
            found = _TITLE.search(text[:3_000])
            title = " ".join(found[1].split()) if found else " ".join(text[:120].split())
            yield one["id"], title, text


def cut(corpus: Path, length: int = LENGTH) -> Iterator[tuple[str, str]]:
    """(subject, body) without end: every pass begins each text a little further on."""
    for turn in itertools.count():
        for _, title, text in documents(corpus):
            for start in range(turn * 137 % length, max(1, len(text) - length // 2), length):
                yield title, text[start : start + length]


def _generated() -> Iterator[tuple[str, str]]:
    """Three letters as one, for they are a third as long as a piece of a law."""
    for seed in itertools.count():
        made = correspondence.letters(seed=seed)
        for three in zip(made[::3], made[1::3], made[2::3], strict=False):
            yield three[0].subject, "\n".join(one.body for one in three)
