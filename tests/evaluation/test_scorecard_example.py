"""The example as a user starts it, on the first days of the year."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "scorecard_city.py"


def test_the_example_files_and_scores(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main: Any = runpy.run_path(str(EXAMPLE), run_name="example")["main"]
    page = tmp_path / "n.html"
    main(json=True, full=True, share=0.004, seed=None, office=None, html=page, workers=0)
    document = json.loads(capsys.readouterr().out)
    assert len(document["units"]) == 113
    assert len(document["made_weak"]) == 37
    assert {"code", "kind", "category", "score"} <= document["units"][0].keys()
    assert document["letters"] > 50
    assert document["findings"] == 0
    assert page.read_text("utf-8").count("<details") == 113
