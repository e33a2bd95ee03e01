"""Whoosh's own index beside the register: pure Python, nothing to install.

Words come from our analysis, as lists. Of Whoosh the files are used: its segments, postings, columns and
their merging. Queries are matched and ranked here, as FTS5 ranks them (BM25 over all columns, each
with its weight). Its postings and tables of contents are pickles: the folder is for its owner only,
and is never taken from elsewhere; it is made anew instead.
"""

from __future__ import annotations

import contextlib
import heapq
import math
import os
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import whoosh
from whoosh import analysis, columns, fields

from sipadek.engines.folder import FolderIndex, sync_new
from sipadek.engines.whoosh_matching import Matching, Segment
from sipadek.engines.whoosh_storage import MappedStorage, Places
from sipadek.errors import IndexDamaged, SipadekError
from sipadek.search import (
    WEIGHTS,
    AccessPolicy,
    And,
    Document,
    Mark,
    Or,
    Query,
    Sort,
    Text,
    Word,
    ranking,
    without_words,
)

_LAYOUT: Final = f"1/whoosh {'.'.join(map(str, whoosh.__version__))}"
_NUMBERS: Final = ("position", "date", "sequence", "secrecy", "length")
_TEXTS: Final = ("unit", "kind", "classification")
_K1: Final = 1.2
_B: Final = 0.75
_LEAST: Final = (
    1e-6  # The weight of a word that stands in more than half of the letters, as in FTS5.
)


class WhooshIndex(FolderIndex):
    """An index in ``folder``; see `sipadek.search.SearchIndex`."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        super().__init__(folder, layout=_LAYOUT, put=_put)
        self._gate = threading.Lock()  # A reader moves through its files.
        self._opened: tuple[Path, Mark, _Opened] | None = None

    def search(
        self,
        query: Query,
        policy: AccessPolicy,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
    ) -> tuple[int, list[tuple[int, float]]]:
        """See `SearchIndex.search`."""
        wanted = And((query, without_words(policy.condition)))
        scored = list(_leaves(query)) if sort is Sort.RELEVANCE else []
        with self._gate, _damage(self._folder.path):
            opened = self._current()
            matched = [(each, Matching(each)) for each in opened.segments]
            found = [(each, way, way.letters(wanted)) for each, way in matched]
            total = sum(len(letters) for _, _, letters in found)
            if offset >= total or not limit:
                return total, []
            scores = opened.scores(found, scored)
        if sort is Sort.OLDEST:
            best = heapq.nsmallest(offset + limit, scores)
        else:
            best = heapq.nlargest(offset + limit, scores)
        return total, [(position, score) for score, position in best[offset:]]

    def _current(self) -> _Opened:
        found = self._present()
        if self._opened is None or self._opened[:2] != found:
            opened = _Opened(found[0])
            if self._opened is not None:
                self._opened[2].close()
            self._opened = (*found, opened)
        return self._opened[2]


def _put(data: Path, documents: Sequence[Document], removed: Collection[int], *, new: bool) -> None:
    before = frozenset(path.name for path in data.iterdir())
    with _damage(data):
        storage = MappedStorage(str(data))
        if new:
            storage.create_index(_schema())
        writer = storage.open_index().writer(compound=False)
        try:
            _delete(writer, {*removed, *(document.position for document in documents)})
            for document in documents:
                writer.add_document(**_fields(document))
            writer.commit()
        except BaseException:
            with contextlib.suppress(Exception):
                writer.cancel()
            raise
    sync_new(data, before)  # Whoosh does not wait for the disk.


class _Opened:
    """The segments of an index as they were when it was opened."""

    def __init__(self, data: Path) -> None:
        self._reader = MappedStorage(str(data)).open_index().reader()
        self.segments = [Segment(reader) for reader, _ in self._reader.leaf_readers()]
        if not self._reader.doc_count_all():
            self.segments = []
        self._letters = 0
        words = 0
        for segment in self.segments:
            lengths, live = segment.column("length"), segment.live()
            self._letters += len(live)
            words += sum(lengths[letter] for letter in live)
        self._average = words / self._letters if words else 1.0

    def scores(
        self,
        found: Sequence[tuple[Segment, Matching, set[int]]],
        leaves: Sequence[tuple[str, Text]],
    ) -> list[tuple[float, int]]:
        """(Score, position) of all letters found, by the rules of FTS5's bm25."""
        totals: list[defaultdict[int, float]] = [defaultdict(float) for _ in found]
        for form, leaf in leaves:
            counts = [way.weighted(form, leaf) for _, way, _ in found]
            held = sum(map(len, counts))
            rarity = max(_LEAST, math.log((self._letters - held + 0.5) / (held + 0.5)))
            for (segment, _, letters), here, total in zip(found, counts, totals, strict=True):
                lengths = segment.column("length")
                for letter in letters & here.keys():
                    length = _K1 * (1 - _B + _B * lengths[letter] / self._average)
                    total[letter] += rarity * here[letter] * (_K1 + 1) / (here[letter] + length)
        return [
            (total[letter] if leaves else 0.0, segment.column("position")[letter])
            for (segment, _, letters), total in zip(found, totals, strict=True)
            for letter in letters
        ]

    def close(self) -> None:
        self._reader.close()


def _schema() -> Any:
    words = fields.FieldType(Places(), analysis.IDTokenizer())
    made = dict.fromkeys(WEIGHTS, words)
    made |= {name: fields.COLUMN(columns.NumericColumn("q")) for name in _NUMBERS}
    made |= {name: fields.COLUMN(columns.RefBytesColumn()) for name in _TEXTS}
    return fields.Schema(at=fields.ID(), **made)


def _fields(document: Document) -> dict[str, Any]:
    tokens = document.tokens()
    numbers = {
        "position": document.position,
        "date": document.date.toordinal(),
        "sequence": document.sequence,
        "secrecy": document.secrecy,
        "length": sum(map(len, tokens.values())),
    }
    texts = {name: getattr(document, name).encode() for name in _TEXTS}
    return {"at": str(document.position), **numbers, **texts, **tokens}


def _delete(writer: Any, positions: Collection[int]) -> None:
    reader = writer.reader()
    try:
        for position in positions if reader.doc_count_all() else ():
            at = str(position)
            if ("at", at) in reader:
                for letter in list(reader.postings("at", at).all_ids()):
                    writer.delete_document(letter)
    finally:
        reader.close()


def _leaves(query: Query) -> Iterator[tuple[str, Text]]:
    """What ranks: for each leaf the kinds of columns in which it counts."""
    for part in ranking(query):
        yield from _within(part)


def _within(part: Query) -> Iterator[tuple[str, Text]]:
    match part:
        case And(parts) | Or(parts):
            for one in parts:
                yield from _within(one)
        case Word():
            yield "exact", part
            yield "stem", part
        case _:
            yield "exact", part  # type: ignore[misc]


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Whatever Whoosh trips over is the index's damage, also what no error class of it says: it is made
    anew from the register."""
    try:
        yield
    except (SipadekError, MemoryError):
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise IndexDamaged(f"The index in {path} cannot be used ({told}).") from error
