"""A register on disk for each test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sql_office import NOW, PLAIN, SERIES, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    with contextlib.closing(made):
        made.register.define_series(SERIES, at=NOW)
        made.register.define_series(PLAIN, at=NOW)
        yield made
