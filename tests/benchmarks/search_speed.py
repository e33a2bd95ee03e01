"""Search: indexing, one-letter commits, size, memory and queries, beside Whoosh, raw FTS5, raw Tantivy
and PostgreSQL.

Every engine has a process of its own and takes the same letters of about 2 kB; their queries go
round in turns. A query's answer is how many letters match and the best 20; ``sipadek, page``
is what an office shows, with the letters and snippets. Engines analyse the text in their own way (ours
keeps exact words and stems), so that they need not find the same letters; ``found`` is the median.

Ratios are those of the largest size; smaller ones carry theirs in the name. Over kinds of query they
are geometric means of the ratios of the medians. ``query_vs_raw_fts5`` is ours divided by the floor.
"""

from __future__ import annotations

import contextlib
import math
import random
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import search_letters
from measure import percentile
from search_engines import Question
from search_process import ENGINES, OURS, Remote, Setting

sys.path.append(str(Path(__file__).parent.parent / "postgres"))

import cluster

PAGE = f"{OURS}, page"
KINDS = ("term", "phrase", "and", "prefix", "newest", "permitted")
SAMPLE = 2_000  # Letters from which questions are drawn.
CHUNK = 5  # Questions of a kind before the next engine's turn.


@attrs.frozen(kw_only=True)
class Size:
    """How many letters, single commits, questions of each kind, and how far a register grows."""

    letters: tuple[int, ...] = (20_000, 200_000)
    commits: int = 60
    questions: int = 60
    grown: tuple[int, ...] = (1_000, 10_000, 100_000)


QUICK = Size(letters=(2_000,), commits=5, questions=10, grown=(1_000, 4_000))


def run(
    folder: Path,
    *,
    quick: bool,
    corpus: Path | None = None,
    letters: Sequence[int] = (),
    engines: Sequence[str] = (),
) -> dict[str, Any]:
    """Rows and ratios; ``folder`` must be on the disk that is to be measured."""
    size = QUICK if quick else Size()
    if letters:
        grown = tuple(10**n for n in range(3, 7) if 10**n <= max(100_000, *letters))
        size = attrs.evolve(
            size, letters=tuple(sorted(letters)), grown=size.grown if quick else grown
        )
    corpus = search_letters.find_corpus(corpus)
    ways = [way for way in ENGINES if not engines or way in engines or way == OURS]
    if "PostgreSQL" in ways and (missing := cluster.missing()):
        print(f"PostgreSQL is left out: {missing}", file=sys.stderr)
        ways.remove("PostgreSQL")
    rows: list[dict[str, Any]] = []
    for count in size.letters:
        rows += _measure(folder / str(count), count, ways, corpus, size)
    rows += _grow(folder / "growing", corpus, size)
    return {"rows": rows, "ratios": _ratios(rows, size)}


def _measure(
    folder: Path, count: int, ways: Sequence[str], corpus: Path | None, size: Size
) -> list[dict[str, Any]]:
    questions = list(_questions(count, corpus, size.questions))
    with contextlib.ExitStack() as stack:
        dsn = ""
        if "PostgreSQL" in ways:
            dsn = stack.enter_context(cluster.cluster(folder / "server")).dsn
        settings = []
        for way in ways:
            place = folder / way
            place.mkdir(parents=True)
            settings.append(Setting(way=way, folder=place, dsn=dsn, corpus=corpus,
                                    letters=count, extra=size.commits))  # fmt: skip
        rows = [_told(row) for setting in settings for row in _built(setting)]
        running = {one.way: stack.enter_context(Remote(one)) for one in settings}
        rows += map(_told, _asked(running, questions, count))
        for way, remote in running.items():
            took = remote.call("add")
            rows.append(_told(_times(f"commit of one, {count:,}", way, took)))
    return rows


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Say it at once: the whole takes an hour, and may be ended sooner."""
    print(*row.values(), sep="  ", file=sys.stderr, flush=True)
    return row


def _built(setting: Setting) -> Iterator[dict[str, Any]]:
    with Remote(setting) as remote:
        made = remote.call("build")
    row = {
        "case": f"index, {setting.letters:,}",
        "way": setting.way,
        "docs_per_s": round(setting.letters / made["wall"]),
        "docs_per_cpu_s": round(setting.letters / made["cpu"]),
        "index_mb": round(made["megabytes"], 1),
        "memory_mb": round(made["memory"]),
    }
    if setting.way == "PostgreSQL":  # The server's share is not told.
        del row["docs_per_cpu_s"], row["memory_mb"]
    yield row
    if setting.way == OURS:
        whole = made["wall"] + made["reserving"]
        yield {"case": row["case"], "way": "sipadek, with numbers",
               "docs_per_s": round(setting.letters / whole)}  # fmt: skip


def _asked(
    running: dict[str, Remote], questions: Sequence[Question], count: int
) -> list[dict[str, Any]]:
    answers: dict[tuple[str, str], list[tuple[float, int]]] = {}
    chunks = [questions[at : at + CHUNK] for at in range(0, len(questions), CHUNK)]
    order = [(way, "ask") for way in running] + [(OURS, "pages")]
    for way, name in order:  # what is imported and opened on first use is no query's cost
        running[way].call(name, questions[:1])
    for chunk in chunks:
        order.append(order.pop(0))
        for way, name in order:
            kind = chunk[0].kind
            if kind not in ENGINES[way].kinds:
                continue
            shown = PAGE if name == "pages" else way
            answers.setdefault((kind, shown), []).extend(running[way].call(name, chunk))
    rows = []
    for kind in KINDS:
        for way in (*running, PAGE):
            if found := answers.get((kind, way)):
                row = _times(f"{kind}, {count:,}", way, [took for took, _ in found])
                rows.append(row | {"found": round(statistics.median(n for _, n in found))})
    for way, remote in running.items():
        if way != "PostgreSQL":
            rows.append({"case": f"searching, {count:,}", "way": way,
                         "memory_mb": round(remote.call("memory"))})  # fmt: skip
    return rows


def _times(case: str, way: str, took: list[float]) -> dict[str, Any]:
    return {
        "case": case,
        "way": way,
        "times": len(took),
        "p50_ms": round(statistics.median(took), 3),
        "p95_ms": round(percentile(took, 95), 3),
    }


def _questions(count: int, corpus: Path | None, each: int) -> Iterator[Question]:
    """Kind by kind. Half of the words are drawn as often as they are used, half as often as any other,
    so that common and rare ones are asked for."""
    step = max(1, count // SAMPLE)
    texts = [
        re.findall(r"[a-z]{4,}", letter.body.lower())
        for letter in search_letters.letters(count, corpus)
        if letter.position % step == 0
    ]
    used = Counter(word for words in texts for word in set(words))
    seldom = sorted(word for word, n in used.items() if n > 1)
    drawn = random.Random(5)
    texts = [words for words in texts if len(words) > 20]
    for kind in KINDS:
        for turn in range(each):
            words = drawn.choice(texts)
            at = drawn.randrange(len(words) - 12)
            if turn % 2 and kind not in ("phrase", "and"):
                found: tuple[str, ...] = (drawn.choice(seldom),)
            elif kind == "phrase":
                found = _pair(drawn, texts)
            elif kind == "and":
                found = (words[at], words[at + 11])
            else:
                found = (words[at],)
            if kind == "prefix":
                found = (found[0][: drawn.randint(4, 6)],)
            units = tuple(drawn.sample(search_letters.UNITS, 3))
            yield Question(kind=kind, words=found, year=2017 + turn % 10, units=units)


def _pair(drawn: random.Random, texts: Sequence[Sequence[str]]) -> tuple[str, str]:
    words = drawn.choice(texts)
    at = drawn.randrange(len(words) - 1)
    return words[at], words[at + 1]


def _grow(folder: Path, corpus: Path | None, size: Size) -> list[dict[str, Any]]:
    """What one more letter costs; the words of the language were met before (20,000 letters)."""
    folder.mkdir(parents=True)
    count = min(20_000, size.grown[-1])
    setting = Setting(way=OURS, folder=folder, dsn="", corpus=corpus, letters=count, extra=0)
    with Remote(setting) as remote:
        remote.call("build")
        grown = remote.call("grow", size.grown)
    return [{"case": f"added letter, up to {entries:,}", "way": OURS, "mean_ms": round(took, 3)}
            for entries, took in grown]  # fmt: skip


def _ratios(rows: list[dict[str, Any]], size: Size) -> dict[str, float]:
    found = {(row["case"], row["way"]): row for row in rows}
    ratios: dict[str, float] = {}
    for count in reversed(size.letters):
        end = "" if count == size.letters[-1] else f"_{count}"
        index = {way: row["docs_per_s"] for (case, way), row in found.items()
                 if case == f"index, {count:,}"}  # fmt: skip
        ratios |= _beside(found, index, count, end)
    grown = [row["mean_ms"] for row in rows if row["case"].startswith("added letter")]
    ratios["added_letter_grown_vs_small"] = grown[-1] / grown[0]
    return {name: round(ratio, 2) for name, ratio in ratios.items()}


def _beside(found: Any, index: dict[str, float], count: int, end: str) -> dict[str, float]:
    ratios = {}
    for peer, name in (
        ("Whoosh", "whoosh"),
        ("raw Tantivy", "raw_tantivy"),
        ("PostgreSQL", "postgresql"),
    ):
        if peer in index:
            ratios[f"index_vs_{name}{end}"] = index[OURS] / index[peer]
            ratios[f"query_vs_{name}{end}"] = _over_kinds(found, count, peer, OURS)
    if "raw FTS5" in index:
        ratios[f"index_vs_raw_fts5{end}"] = index["raw FTS5"] / index[OURS]
        ratios[f"query_vs_raw_fts5{end}"] = _over_kinds(found, count, OURS, "raw FTS5")
        for kind in KINDS:
            case = f"{kind}, {count:,}"
            if (case, OURS) in found:
                ratio = found[case, OURS]["p50_ms"] / found[case, "raw FTS5"]["p50_ms"]
                ratios[f"query_{kind}_vs_raw_fts5{end}"] = ratio
    for way, name in ((OURS, "query_p95_ms"), (PAGE, "page_p95_ms")):
        ratios[f"{name}{end}"] = max(
            row["p95_ms"] for (case, one), row in found.items()
            if one == way and case in {f"{kind}, {count:,}" for kind in KINDS}
        )  # fmt: skip
    return ratios


def _over_kinds(found: Any, count: int, above: str, below: str) -> float:
    cases = [f"{kind}, {count:,}" for kind in KINDS]
    return math.exp(statistics.fmean(
        math.log(found[case, above]["p50_ms"] / found[case, below]["p50_ms"])
        for case in cases if (case, above) in found and (case, below) in found
    ))  # fmt: skip
