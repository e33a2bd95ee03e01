"""The first use of Whoosh and PySastrawi imports them; no example is timed."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
