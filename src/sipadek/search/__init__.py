"""Finding letters: Indonesian analysis, the query language, snippets, and who may see what.

Pure: engines (``sipadek.sql.letter_index``) serve the query tree. Whoosh and PySastrawi are
imported when they are first used.
"""

from __future__ import annotations

from sipadek.search.analysis import ANALYSIS, MAX_CHARACTERS, Analysis, Tokens
from sipadek.search.query import (
    And,
    Field,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Restriction,
    Text,
    Word,
    parse_query,
    wanted,
)
from sipadek.search.results import Hit, Results, Viewer
from sipadek.search.snippet import Excerpt, excerpt, snippet

__all__ = [
    "ANALYSIS",
    "MAX_CHARACTERS",
    "Analysis",
    "And",
    "Excerpt",
    "Field",
    "Hit",
    "Not",
    "Or",
    "Phrase",
    "Prefix",
    "Query",
    "Restriction",
    "Results",
    "Text",
    "Tokens",
    "Viewer",
    "Word",
    "excerpt",
    "parse_query",
    "snippet",
    "wanted",
]
