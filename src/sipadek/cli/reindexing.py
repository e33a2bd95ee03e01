"""The command that makes a search index anew."""

from __future__ import annotations

import sipadek
from sipadek.cli.failing import FINE
from sipadek.cli.output import document, progress, say
from sipadek.cli.parameters import Engine, Json, OfficeFolder


def reindex(office: OfficeFolder, engine: Engine = None, json: Json = False) -> int:
    """Make the search index anew, from what the register keeps.

    After an upgrade that changed how words are understood, or after damage. Letters are filed and found
    meanwhile; after an interruption the old index serves on, and the same command begins anew.
    """
    with (
        sipadek.open(office, create=False, index=engine) as opened,
        progress("Indexing") as advance,
    ):
        opened.reindex(progress=advance)
        lag = opened.index_lag()
    if json:
        document({"engine": engine or "fts5", "lag": lag})
        return FINE
    say(f"the index {engine or 'fts5'} was made anew")
    return FINE
