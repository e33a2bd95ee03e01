"""Scorecards: which unit really uses the system, from facts in register and ledger. Pure."""

from __future__ import annotations

from sipadek.evaluation.criteria import MEASURES, Category, Criteria, Measure, Unit, UnitKind
from sipadek.evaluation.facts import (
    DispositionFact,
    Fact,
    FactSource,
    LetterFact,
    ServiceFact,
    Way,
)
from sipadek.evaluation.period import Period
from sipadek.evaluation.reading import (
    default_criteria,
    load_criteria,
    load_units,
    read_criteria,
    read_units,
)
from sipadek.evaluation.scorecard import Scorecard, category_counts, evaluate
from sipadek.evaluation.scorecard_page import scorecard_page
from sipadek.evaluation.scorecard_values import scorecard_value, unit_value, write_scorecard_csv
from sipadek.evaluation.scoring import Part, UnitScore

__all__ = [
    "MEASURES",
    "Category",
    "Criteria",
    "DispositionFact",
    "Fact",
    "FactSource",
    "LetterFact",
    "Measure",
    "Part",
    "Period",
    "Scorecard",
    "ServiceFact",
    "Unit",
    "UnitKind",
    "UnitScore",
    "Way",
    "category_counts",
    "default_criteria",
    "evaluate",
    "load_criteria",
    "load_units",
    "read_criteria",
    "read_units",
    "scorecard_page",
    "scorecard_value",
    "unit_value",
    "write_scorecard_csv",
]
