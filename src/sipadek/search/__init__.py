"""Finding letters: Indonesian analysis, the query language, snippets, and who may see what.

Pure: engines (``sipadek.sql.letter_index``) serve the query tree. Whoosh and PySastrawi are
imported when they are first used.
"""

from __future__ import annotations

from sipadek.search.access import (
    EVERYTHING,
    AccessPolicy,
    Viewer,
    accepts,
    lower_ascii,
    permits,
    without_words,
)
from sipadek.search.analysis import ANALYSIS, MAX_CHARACTERS, Analysis, Tokens
from sipadek.search.engine import (
    SCOPES,
    WEIGHTS,
    Document,
    IndexWriter,
    Mark,
    SearchIndex,
    facts,
    ranking,
    wanted_facts,
)
from sipadek.search.facets import FacetCount, Facets, counted
from sipadek.search.query import (
    TEXT_FIELDS,
    And,
    Asked,
    Field,
    Not,
    OneOf,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Restriction,
    Sort,
    Text,
    Typed,
    Wildcard,
    Word,
    parse_query,
    understand,
    wanted,
)
from sipadek.search.results import Hit, Results, SavedSearch
from sipadek.search.snippet import Excerpt, excerpt, snippet
from sipadek.search.spelling import near
from sipadek.search.synonyms import Synonyms, default_synonyms

__all__ = [
    "ANALYSIS",
    "EVERYTHING",
    "MAX_CHARACTERS",
    "SCOPES",
    "TEXT_FIELDS",
    "WEIGHTS",
    "AccessPolicy",
    "Analysis",
    "And",
    "Asked",
    "Document",
    "Excerpt",
    "FacetCount",
    "Facets",
    "Field",
    "Hit",
    "IndexWriter",
    "Mark",
    "Not",
    "OneOf",
    "Or",
    "Phrase",
    "Prefix",
    "Query",
    "Range",
    "Restriction",
    "Results",
    "SavedSearch",
    "SearchIndex",
    "Sort",
    "Synonyms",
    "Text",
    "Tokens",
    "Typed",
    "Viewer",
    "Wildcard",
    "Word",
    "accepts",
    "counted",
    "default_synonyms",
    "excerpt",
    "facts",
    "lower_ascii",
    "near",
    "parse_query",
    "permits",
    "ranking",
    "snippet",
    "understand",
    "wanted",
    "wanted_facts",
    "without_words",
]
