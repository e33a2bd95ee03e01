"""The scorecard of an office in which a letter really went from one unit to another."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

import sipadek
from sipadek.evaluation import DispositionFact, Way, default_criteria

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "office_letter.py"


def test_a_letter_and_its_disposisi_are_facts_of_the_units_that_had_them(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    example: dict[str, Any] = runpy.run_path(str(EXAMPLE), run_name="example")
    example["main"](tmp_path / "kantor")
    with sipadek.open(tmp_path / "kantor") as office:
        units = default_criteria().units_of(example["city"]())
        card = office.scorecard(units=units)
        assert {each.unit.code for each in card.scores} == {"SETDA", "DISKOMINFO"}
        (letter,) = card.letters("SETDA", "signed", good=True)
        assert (letter.kind, letter.way) == ("undangan", Way.SIGNED)
        # The agenda number of what came in is no letter of the one who received it.
        assert list(card.letters("DISKOMINFO", "signed")) == []
        given = list(card.behind("DISKOMINFO", "on-time", good=True))
        assert len(given) == 2
        assert all(isinstance(each, DispositionFact) and each.reported_at for each in given)
        assert card.score("DISKOMINFO").part("on-time").value == 1
