"""Search indexes beside the register: Whoosh's own, and Tantivy (extra ``tantivy``).

Each is imported when it is first opened.
"""

from __future__ import annotations

import os

from sipadek.errors import InvalidInput
from sipadek.search import SearchIndex

__all__ = ["ENGINES", "open_index"]

ENGINES = ("tantivy", "whoosh")
"""The names of the engines."""


def open_index(engine: str, folder: str | os.PathLike[str]) -> SearchIndex:
    """The index of that engine in a folder of its own, which is made where it is missing and is for its
    owner only. It must lie on a local disk.

    Raises:
        InvalidInput: there is no such engine.
        MissingExtra: its package is not installed.
        StorageFailed: the folder cannot be made.
    """
    match engine:
        case "tantivy":
            from sipadek.engines.tantivy_index import TantivyIndex

            return TantivyIndex(folder)
        case "whoosh":
            from sipadek.engines.whoosh_index import WhooshIndex

            return WhooshIndex(folder)
        case _:
            raise InvalidInput(
                f"there is no search engine {engine!r}; give one of {', '.join(ENGINES)}",
                engine=engine,
            )
