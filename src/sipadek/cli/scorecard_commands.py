"""The command about how units use an office."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import sipadek
from sipadek.cli.failing import FINE
from sipadek.cli.output import document, kept, note, say, table
from sipadek.cli.parameters import Json, OfficeFolder
from sipadek.errors import InvalidInput
from sipadek.evaluation import (
    MEASURES,
    Fact,
    LetterFact,
    Scorecard,
    ServiceFact,
    UnitScore,
    load_criteria,
    load_units,
    scorecard_page,
    scorecard_value,
    unit_value,
    write_scorecard_csv,
)


def scorecard(
    office: OfficeFolder,
    period: Annotated[
        str,
        typer.Option(
            metavar="PERIOD",
            help="2026, 2026-S1 (half), 2026-T3 (quarter), 2026-11. [default: now]",
        ),
    ] = "",
    units: Annotated[
        Path | None,
        typer.Option(metavar="TOML", help="The units to be measured: tables [[unit]] with code."),
    ] = None,
    criteria: Annotated[
        Path | None,
        typer.Option(metavar="TOML", help="Own expectations, weights and limits."),
    ] = None,
    unit: Annotated[
        str, typer.Option(metavar="CODE", help="Only this unit, with what its score is made of.")
    ] = "",
    behind: Annotated[
        str, typer.Option(metavar="MEASURE", help="List the letters or cases behind this measure.")
    ] = "",
    name: Annotated[
        str, typer.Option(metavar="TEXT", help="The name at the head of the page.")
    ] = "",
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with plots.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a line for each unit.")
    ] = None,
    json: Json = False,
) -> int:
    """Score how each unit uses the office: from 1 to 5, with what each score is made of."""
    if behind and not unit:
        raise InvalidInput(f"--behind {behind} needs the --unit; give its code")
    with sipadek.open(office, create=False) as opened:
        card = opened.scorecard(
            period,
            units=load_units(units) if units else (),
            criteria=load_criteria(criteria) if criteria else None,
        )
        if page is not None:
            text = scorecard_page(card, office=name or office.resolve().name)
            with kept(page) as file:
                file.write(text.encode())
        if csv is not None:
            with kept(csv) as file:
                write_scorecard_csv(card, file)
        facts = list(card.behind(unit, behind)) if behind else None
    if json:
        document(_value(card, unit, facts))
    elif facts is not None:
        _show_facts(facts)
    elif unit:
        _show_unit(card.score(unit))
    else:
        _show_all(card)
    return FINE


def _value(card: Scorecard, unit: str, facts: list[Fact] | None) -> dict[str, Any]:
    if not unit:
        return scorecard_value(card)
    value = unit_value(card.score(unit))
    if facts is not None:
        value["behind"] = [_fact(fact) for fact in facts]
    return value


def _show_all(card: Scorecard) -> None:
    rows = [
        [
            score.unit.code,
            score.kind.name,
            score.category.name,
            f"{float(score.score):.2f}",
            ", ".join(part.measure.name for part in score.missed),
        ]
        for score in card.scores
    ]
    table(["UNIT", "KIND", "CATEGORY", "SCORE", "MINIMUM MISSED"], rows)
    if card.unplaced:
        say(f"not measured, of no kind: {', '.join(card.unplaced)}")
    note("Use --unit CODE for what a score is made of, --html for a page with plots.")


def _show_unit(score: UnitScore) -> None:
    rows = [
        [
            part.measure.code,
            "-" if part.value is None else part.measure.text(part.value),
            f"{float(part.weight):.3f}",
            "-" if part.level is None else f"{float(part.level):.2f}",
            f"{float(part.contribution):.3f}",
            "" if part.passed else "missed",
            part.told,
        ]
        for part in score.parts
    ]
    if score.deduction:
        rows.append(["deduction", "", "", "", f"{float(score.deduction):.3f}", "", ""])
    table(["MEASURE", "VALUE", "WEIGHT", "LEVEL", "CONTRIBUTION", "MINIMUM", "COUNTED"], rows)
    say(f"{score.unit.code}: {score.category.name}, {float(score.score):.2f}")
    note(f"Use --behind for the letters: {', '.join(MEASURES)}.")


def _show_facts(facts: list[Fact]) -> None:
    rows = [[str(each) for each in _fact(fact).values()] for fact in facts]
    if rows:
        table([name.upper() for name in _fact(facts[0])], rows)
    say(f"{len(facts)} behind it")


def _fact(fact: Fact) -> dict[str, str]:
    if isinstance(fact, LetterFact):
        return {
            "letter": fact.letter,
            "number": fact.number,
            "kind": fact.kind,
            "way": fact.way.value,
            "at": fact.at.isoformat(),
        }
    if isinstance(fact, ServiceFact):
        begun, ended, id_ = fact.submitted_at, fact.decided_at, fact.application
    else:
        begun, ended, id_ = fact.given_at, fact.reported_at, fact.disposition
    return {
        "case": id_,
        "begun": begun.isoformat(),
        "due": fact.due_at.isoformat() if fact.due_at else "",
        "ended": ended.isoformat() if ended else "",
    }
