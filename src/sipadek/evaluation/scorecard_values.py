"""A scorecard as plain values for programs, and as a table for spreadsheets."""

from __future__ import annotations

import codecs
import csv
import io
from fractions import Fraction
from typing import IO, Any

from sipadek.books import guarded
from sipadek.evaluation.scorecard import Scorecard
from sipadek.evaluation.scoring import Part, UnitScore


def scorecard_value(card: Scorecard) -> dict[str, Any]:
    """The scorecard as JSON values: every unit with its parts, which add up to its score."""
    return {
        "criteria": card.criteria.name,
        "source": card.criteria.source,
        "period": card.period.code,
        "until": card.until.isoformat(),
        "units": [unit_value(score) for score in card.scores],
        "unplaced": dict(card.unplaced),
    }


def unit_value(score: UnitScore) -> dict[str, Any]:
    """One unit's score as JSON values."""
    return {
        "code": score.unit.code,
        "name": score.unit.name,
        "kind": score.kind.code,
        "category": score.category.code,
        "score": float(score.score),
        "deduction": float(score.deduction),
        "parts": [_part_value(part) for part in score.parts],
    }


def _part_value(part: Part) -> dict[str, Any]:
    measure = part.measure
    return {
        "measure": measure.code,
        "value": _number(part.value),
        "weight": float(part.weight),
        "worst": float(measure.worst),
        "best": float(measure.best),
        "minimum": _number(measure.minimum),
        "level": _number(part.level),
        "contribution": float(part.contribution),
        "passed": part.passed,
        "facts": part.facts,
        "told": part.told,
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def write_scorecard_csv(card: Scorecard, file: IO[bytes]) -> None:
    """Write a line for each unit, in UTF-8 with a byte order mark: its score, and of each measure the
    value and the contribution. Numbers have a point; text that could be a formula is guarded."""
    file.write(codecs.BOM_UTF8)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    measures = card.criteria.measures.values()
    columns = [f"{m.name}: {what}" for m in measures for what in ("capaian", "sumbangan")]
    head = ["Kode", "Unit", "Jenis unit", "Sebutan", "Nilai", *columns, "Pengurang", "Syarat"]
    writer.writerow([guarded(each) for each in head])
    for score in card.scores:
        numbers = [
            "" if number is None else f"{float(number):.4f}"
            for part in score.parts
            for number in (part.value, part.contribution)
        ]
        writer.writerow(
            [
                *map(guarded, (score.unit.code, score.unit.name, score.kind.name)),
                guarded(score.category.name),
                f"{float(score.score):.4f}",
                *numbers,
                f"{float(score.deduction):.4f}",
                guarded("; ".join(part.measure.name for part in score.missed)),
            ]
        )
    file.write(text.getvalue().encode())
