"""The register in SQLite: numbers, letters, their signed history, and the search index."""

from __future__ import annotations

from sipadek.sql.database import Database
from sipadek.sql.log import LogHead
from sipadek.sql.reading import CounterState
from sipadek.sql.register import Register
from sipadek.sql.replay import Finding

__all__ = ["CounterState", "Database", "Finding", "LogHead", "Register"]
