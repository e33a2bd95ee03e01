"""What is found."""

from __future__ import annotations

import datetime

import attrs

from sipadek.archive.letter import Letter
from sipadek.search.facets import Facets
from sipadek.search.query import Query


@attrs.frozen(kw_only=True)
class Hit:
    """A letter that was found.

    ``snippet`` is safe HTML with ``<mark>`` around what matched. ``page`` counts from 1 and tells
    where that stands; 0 where the match is not in the pages. ``recognised`` says that the page had no
    text and a machine read its picture. A higher ``score`` is a better match;
    it compares only within one search and one value of ``partial``, and is 0 where nothing ranks (no
    word is looked for). ``partial`` says that only some of the words stand in the letter.
    """

    letter: Letter
    snippet: str
    score: float
    page: int = 0
    recognised: bool = False
    partial: bool = False


@attrs.frozen(kw_only=True)
class SavedSearch:
    """A query that ``owner`` (as the host names people) keeps under a name."""

    owner: str
    name: str
    query: str
    saved_at: datetime.datetime


@attrs.frozen(kw_only=True)
class Results:
    """One page of hits, best first, of ``total`` letters that the viewer may see.

    Where only few letters hold all words that stand side by side, those that hold some of them come
    behind: ``others`` is how many, and paging goes on into them.

    ``suggestion`` is '' where the query was served as typed. Otherwise nothing matched it, and
    ``total``, ``hits`` and ``query`` are those of this other query text, in which words that stand in
    no letter the viewer may see have given way to near ones ("mungkin maksud Anda").

    ``facets``, where they were asked for, tell how many of the ``total`` letters are of each unit, kind,
    year, classification and secrecy.
    """

    total: int
    hits: tuple[Hit, ...]
    query: Query
    suggestion: str = ""
    others: int = 0
    facets: Facets = attrs.field(factory=dict)
