"""A sample letter before it is set: who sends it, what it is about, what it says."""

from __future__ import annotations

from typing import Any

import attrs

from sipadek.testing.sample_world import Unit

__all__ = ["Draft"]


@attrs.frozen(kw_only=True)
class Draft:
    """``content`` is what the Typst template takes; ``words`` stand in the text as written here."""

    kind: str
    classification: str
    unit: Unit
    subject: str
    content: dict[str, Any]
    words: tuple[str, ...]
    secrecy: str = "B"
