"""The numbers on PostgreSQL 14 or newer, and a search index: for many machines, and inside a host's own
transaction."""

from __future__ import annotations

try:
    import psycopg as _psycopg  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sipadek.postgres needs psycopg: pip install 'sipadek[postgres]'"
    ) from error

from sipadek.postgres import letter_index
from sipadek.postgres.bound import bind
from sipadek.postgres.numbers import Numbers
from sipadek.postgres.opening import PostgresNumbers

__all__ = ["Numbers", "PostgresNumbers", "bind", "letter_index"]
