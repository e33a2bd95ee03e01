"""The bugs still fit the sources, which change: whether a test notices them, ``run.py`` tells."""

from __future__ import annotations

from pathlib import Path

from bugs import BUGS

ROOT = Path(__file__).parents[2]


def test_every_bug_can_be_planted_in_one_place() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS)
    assert [fault for bug in BUGS if (fault := bug.misplaced(ROOT / "src"))] == []
