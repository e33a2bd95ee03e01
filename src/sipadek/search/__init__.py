"""Finding letters: Indonesian analysis, the query language, snippets, and who may see what.

Pure: engines (``sipadek.sql.letter_index``) serve the query tree. Whoosh and PySastrawi are
imported when they are first used.
"""

from __future__ import annotations

from sipadek.search.access import EVERYTHING, AccessPolicy, Viewer, permits, without_words
from sipadek.search.analysis import ANALYSIS, MAX_CHARACTERS, Analysis, Tokens
from sipadek.search.facets import FacetCount, Facets, code_order, counted
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
    "TEXT_FIELDS",
    "AccessPolicy",
    "Analysis",
    "And",
    "Asked",
    "Excerpt",
    "FacetCount",
    "Facets",
    "Field",
    "Hit",
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
    "Sort",
    "Synonyms",
    "Text",
    "Tokens",
    "Typed",
    "Viewer",
    "Wildcard",
    "Word",
    "code_order",
    "counted",
    "default_synonyms",
    "excerpt",
    "near",
    "parse_query",
    "permits",
    "snippet",
    "understand",
    "wanted",
    "without_words",
]
