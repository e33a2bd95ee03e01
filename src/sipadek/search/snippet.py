"""Showing where a letter matches: a short, safe piece of HTML with ``<mark>`` around the hits.

``whoosh.highlight`` is not used: its fragments know single terms, while a letter number is a
sequence; it drops the text's first word where it trims; and of equal fragments it takes the last.
"""

from __future__ import annotations

import contextlib
import html
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from sipadek.search.analysis import ANALYSIS, Tokens
from sipadek.search.query import Phrase, Prefix, Query, Text, Wildcard, Word, wanted

LENGTH: Final = 240
"""Characters of text in a snippet, about; the HTML around them comes on top."""

_MAX_HITS: Final = 1000  # Of one page; a snippet shows a handful.
# Spaces of every kind become one; so do characters that HTML forbids, and those that turn the
# direction of what follows (with them a text could show other words than it holds).
_SPACE: Final = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    "\ufffe\uffff]+"
)


@attrs.frozen(kw_only=True)
class Excerpt:
    """``html`` from the page (counted from 1) that matches best; ``page`` is 0 where none does."""

    html: str
    page: int


@attrs.frozen
class _Hit:
    start: int
    end: int
    leaf: int


def snippet(text: str, query: Query, *, length: int = LENGTH) -> str:
    """About ``length`` characters of ``text`` around its best hits, as safe HTML.

    Stems match as they do in the search. Where nothing matches, it is the text's beginning. White
    space is collapsed, ``…`` stands where the text goes on.
    """
    text = ANALYSIS.normalise(text)
    return _render(text, _hits(text, _leaves(query)), length)


def excerpt(pages: Sequence[str], query: Query, *, length: int = LENGTH) -> Excerpt:
    """The snippet of the page on which most of the query's words stand; of equals, the first."""
    leaves = _leaves(query)
    best: tuple[int, int, str, list[_Hit]] = (0, 0, "", [])
    for page, text in enumerate(pages, start=1):
        normal = ANALYSIS.normalise(text)
        hits = _hits(normal, leaves)
        found = len({hit.leaf for hit in hits})
        if found > best[0] or not best[2]:
            best = found, page if found else 0, normal, hits
        if leaves and found == len(leaves):
            break
    _, page, text, hits = best
    return Excerpt(html=_render(text, hits, length), page=page)


def _leaves(query: Query) -> list[Text]:
    # What was asked of the number or the subject does not light up in the body.
    return list(dict.fromkeys(leaf for leaf in wanted(query) if leaf.field is None))


def _hits(text: str, leaves: Iterable[Text]) -> list[_Hit]:
    """Where each of the leaves occurs, by place."""
    written, tokens = ANALYSIS.words(text)
    found: list[tuple[int, int, int]] = []  # First token, last token, leaf.
    for number, leaf in enumerate(leaves):
        occurrences = (start for start in _starts(leaf, tokens) if _occurs(leaf, tokens, start))
        for start in itertools.islice(occurrences, _MAX_HITS):
            found.append((start, start + _length(leaf) - 1, number))
    if not found:
        return []
    places = ANALYSIS.places(text, written[: max(last for _, last, _ in found) + 1])
    hits = [_Hit(places[first][0], places[last][1], leaf) for first, last, leaf in found]
    return sorted(hits, key=lambda hit: (hit.start, hit.end))


def _length(leaf: Text) -> int:
    return len(leaf.stems) if isinstance(leaf, Word) else len(leaf.exact)


def _starts(leaf: Text, tokens: Tokens) -> Iterator[int]:
    """Where the leaf's first token stands."""
    if isinstance(leaf, Prefix) and len(leaf.exact) == 1:
        (begin,) = leaf.exact
        yield from (i for i, word in enumerate(tokens.exact) if word.startswith(begin))
        return
    if isinstance(leaf, Wildcard):
        fits = leaf.pattern.fullmatch
        yield from (
            i - leaf.at for i, word in enumerate(tokens.exact) if fits(word) and i >= leaf.at
        )
        return
    stream, first = (
        (tokens.stems, leaf.stems[0]) if isinstance(leaf, Word) else (tokens.exact, leaf.exact[0])
    )
    at = -1
    with contextlib.suppress(ValueError):
        while True:
            at = stream.index(first, at + 1)
            yield at


def _occurs(leaf: Text, tokens: Tokens, start: int) -> bool:
    end = start + _length(leaf)
    match leaf:
        case Word():
            return tokens.stems[start:end] == leaf.stems
        case Phrase():
            return tokens.exact[start:end] == leaf.exact
        case Prefix():
            found = tokens.exact[start:end]
            return (
                found[:-1] == leaf.exact[:-1]
                and len(found) == len(leaf.exact)
                and (found[-1].startswith(leaf.exact[-1]))
            )
        case Wildcard(at=at):
            rest = leaf.exact[at + 1 :]
            return tokens.exact[start : start + at] == leaf.exact[:at] and (
                tokens.exact[start + at + 1 : end] == rest
            )


def _render(text: str, hits: Sequence[_Hit], length: int) -> str:
    start, end = _window(text, hits, length)
    pieces: list[str] = []
    at = start
    for left, right in _merged(hits, start, end):
        pieces += _safe(text[at:left]), "<mark>", _safe(text[left:right]), "</mark>"
        at = right
    pieces.append(_safe(text[at:end]))
    shown = "".join(pieces).strip()
    return f"{'… ' * (start > 0)}{shown}{' …' * (end < len(text))}"


def _safe(text: str) -> str:
    return html.escape(_SPACE.sub(" ", text))


def _window(text: str, hits: Sequence[_Hit], length: int) -> tuple[int, int]:
    """The stretch of about ``length`` characters with most different hits, then most, then first,
    with what room is left divided around it; it does not cut words that are not very long."""
    if not hits:
        return 0, _word_edge(text, length, +1)
    best, best_score, last = (0, 0), (0, 0), 0
    inside: dict[int, int] = {}
    for first, hit in enumerate(hits):
        last = max(last, first)
        while last < len(hits) and (last == first or hits[last].end <= hit.start + length):
            inside[hits[last].leaf] = inside.get(hits[last].leaf, 0) + 1
            last += 1
        score = len(inside), last - first
        if score > best_score:
            best, best_score = (first, last - 1), score
        inside[hit.leaf] -= 1
        if not inside[hit.leaf]:
            del inside[hit.leaf]
    left, right = hits[best[0]].start, hits[best[1]].end
    right = min(right, left + length)
    room = length - (right - left)
    left = max(0, min(left - room // 2, len(text) - length))
    return _word_edge(text, left, -1), _word_edge(text, max(right, left + length), +1)


def _word_edge(text: str, at: int, step: int) -> int:
    """``at``, or the edge of the word it lies in, up to 40 characters to that side."""
    if not 0 < at < len(text):
        return max(0, min(at, len(text)))
    for moved in range(40):
        place = at + step * moved
        if place in (0, len(text)) or text[place].isspace() or text[place - 1].isspace():
            return place
    return at


def _merged(hits: Sequence[_Hit], start: int, end: int) -> list[tuple[int, int]]:
    """The hits within the window as intervals that neither overlap nor touch."""
    merged: list[tuple[int, int]] = []
    for hit in hits:
        left, right = max(hit.start, start), min(hit.end, end)
        if left >= right:
            continue
        if merged and left <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], right)
        else:
            merged.append((left, right))
    return merged
