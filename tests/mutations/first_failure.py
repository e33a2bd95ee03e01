"""A pytest plugin: the tests run against the copy with the bug, deterministic, and hypothesis stops at
the first example that fails, without making it smaller."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

import sipadek

settings.register_profile(
    "first failure", phases=[Phase.explicit, Phase.generate], derandomize=True, deadline=None
)


def pytest_configure() -> None:
    # After the conftest of the tests, which loads a profile, too.
    settings.load_profile("first failure")
    wanted, found = Path(os.environ["SIPADEK_COPY"]), Path(sipadek.__file__)
    if not found.is_relative_to(wanted):
        pytest.exit(f"{found} is not in {wanted}", returncode=99)
