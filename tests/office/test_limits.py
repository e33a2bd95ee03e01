"""Hostile files are filed or refused within 512 MB and 20 s of processor time each.

``python tests/office/within_limits.py`` runs all of them; here are some that once broke one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NAMES = (
    "plain",
    "container-same-offset",
    "filter-ascii85",
    "often-contents",
    "xref-rows-chained",
)


@pytest.mark.skipif(sys.platform != "linux", reason="limits by /proc and setrlimit")
def test_hostile_files_are_filed_or_refused_within_limits() -> None:
    script = Path(__file__).with_name("within_limits.py")
    ended = subprocess.run(
        [sys.executable, str(script), *NAMES], capture_output=True, text=True, timeout=300
    )
    outcomes = dict(map(json.loads, ended.stdout.splitlines()))
    assert set(NAMES) <= outcomes.keys(), ended.stderr
    assert outcomes["plain"] == "taken"
    refused = ("broken-pdf", "encrypted-pdf", "limit-exceeded")
    assert {k: v for k, v in outcomes.items() if v not in ("taken", *refused)} == {}
