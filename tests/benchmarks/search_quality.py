"""Retrieval quality on the judged set (``judged``), beside Whoosh, FTS5, Tantivy and PostgreSQL.

nDCG@10 with the gains 3 (wanted) and 1 (related), and recall@50 of wanted letters (of 50, where more
are wanted), as means over questions. Every peer has the subject and the number above the body, and is
run twice: all words must occur, or any. A row of a peer is that of the better one by nDCG over all
questions, and names it; sipadek has the query as it is typed and one setting. With --json every question
of sipadek is told. The same arguments give the same figures.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import search_letters
from judged import WANTED, Asked, Judged, judged
from search_engines import Engine, Fts5, Postgres, Tantivy, Whoosh
from search_ours import Beside, Ours
from search_process import ENGINES, OURS

sys.path.append(str(Path(__file__).parent.parent / "postgres"))

import cluster

TOP, DEEP = 10, 50
BATCH = 1_000


class SteadyTantivy(Tantivy):
    """The order of equal letters does not depend on which thread was quicker."""

    threads = 1


@attrs.frozen
class Scores:
    """One way's figures, a value for each question."""

    way: str
    ndcg: tuple[float, ...]
    recall: tuple[float, ...]

    @property
    def mean(self) -> float:
        """nDCG@10 over all questions."""
        return statistics.fmean(self.ndcg)


def run(folder: Path, *, quick: bool, corpus: Path | None = None) -> dict[str, Any]:
    """Rows, ratios, and what became of each question."""
    found = judged(search_letters.find_corpus(corpus), share=0.25 if quick else 1.0)
    with contextlib.ExitStack() as stack:
        peers: dict[str, type[Engine]] = {"Whoosh": Whoosh, "FTS5 unicode61": Fts5}
        dsn = ""
        if importlib.util.find_spec("tantivy"):
            peers["Tantivy"] = SteadyTantivy
        if missing := cluster.missing():
            print(f"PostgreSQL is left out: {missing}", file=sys.stderr)
        else:
            dsn = stack.enter_context(cluster.cluster(folder / "server")).dsn
            peers["PostgreSQL"] = Postgres
        ours, *_ = _scored(OURS, Ours, folder / "ours", dsn, found)
        beside = [next(_scored(way, made, folder / way, dsn, found))
                  for way, made in ENGINES.items() if issubclass(made, Beside)]  # fmt: skip
        best = [max(_scored(way, made, folder / way, dsn, found), key=lambda one: one.mean)
                for way, made in peers.items()]  # fmt: skip
    rows = _rows([ours, *beside, *best], found.asked)
    strongest = max(one.mean for one in best)
    ratios = {
        "letters": len(found.letters),
        "questions": len(found.asked),
        "recall50": statistics.fmean(ours.recall),
        "ndcg10": ours.mean,
        "best_baseline_ndcg10": strongest,
        "best_baseline_recall50": max(statistics.fmean(one.recall) for one in best),
        "ndcg10_vs_best_baseline": ours.mean / strongest,
    }
    return {
        "rows": rows,
        "ratios": {name: round(ratio, 3) for name, ratio in ratios.items()},
        "questions": _told(ours, found.asked),
    }


def _scored(
    way: str, made: type[Engine], folder: Path, dsn: str, found: Judged
) -> Iterator[Scores]:
    """All words, then any; ours has no such choice."""
    folder.mkdir()
    engine = made(folder, dsn)
    for at in range(0, len(found.letters), BATCH):
        engine.build(engine.reserve(list(found.letters[at : at + BATCH])))
    engine.built()
    own = issubclass(made, Ours)
    for any_word in (False,) if own else (False, True):
        name = way if own else f"{way}, {'any' if any_word else 'all'} words"
        lists = [engine.ranked(one.text, any_word=any_word, limit=DEEP) for one in found.asked]
        yield Scores(
            name,
            tuple(ndcg(ranked, one) for ranked, one in zip(lists, found.asked, strict=True)),
            tuple(recall(ranked, one) for ranked, one in zip(lists, found.asked, strict=True)),
        )
    engine.close()


def ndcg(ranked: Sequence[int], asked: Asked) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    grades = [asked.grades.get(position, 0) for position in ranked[:TOP]]
    return _gain(grades) / _gain(sorted(asked.grades.values(), reverse=True)[:TOP])


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def recall(ranked: Sequence[int], asked: Asked) -> float:
    """The share of the wanted letters among the first fifty; of fifty, where more are wanted."""
    return len(asked.wanted.intersection(ranked[:DEEP])) / min(DEEP, len(asked.wanted))


def _rows(scores: Sequence[Scores], asked: Sequence[Asked]) -> list[dict[str, Any]]:
    groups: dict[str, list[int]] = {"all": list(range(len(asked)))}
    for at, one in enumerate(asked):
        groups.setdefault(one.group, []).append(at)
    return [
        {
            "case": group,
            "way": one.way,
            "questions": len(places),
            "ndcg10": round(statistics.fmean(one.ndcg[at] for at in places), 3),
            "recall50": round(statistics.fmean(one.recall[at] for at in places), 3),
        }
        for group, places in groups.items()
        for one in scores
    ]


def _told(ours: Scores, asked: Sequence[Asked]) -> list[dict[str, Any]]:
    return [
        {
            "class": one.group,
            "text": one.text,
            "wanted": len(one.wanted),
            "related": sum(grade < WANTED for grade in one.grades.values()),
            "ndcg10": round(ours.ndcg[at], 3),
            "recall50": round(ours.recall[at], 3),
        }
        for at, one in enumerate(asked)
    ]
