"""What a plan finds in an older book, and what settles it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from book_letters import SERIES, UNKNOWN

from sipadek.books import (
    MAX_HOLES,
    CellFault,
    LegacyPlan,
    LegacyRow,
    ProblemKind,
    plan_legacy,
)
from sipadek.errors import InvalidInput
from sipadek.numbering import Series

DAY = datetime.date(2026, 11, 3)


def row(line: int, number: str, **more: Any) -> LegacyRow:
    return LegacyRow(line=line, number=number, **({"date": DAY, "subject": "Undangan"} | more))


def book(*numbers: str) -> list[LegacyRow]:
    """A row for each number, on lines from 2; '5' is 5/A/XI/2026."""
    full = [number if "/" in number else f"{number}/A/XI/2026" for number in numbers]
    return [row(line, number) for line, number in enumerate(full, 2)]


def kinds(plan: LegacyPlan) -> list[str]:
    return [problem.kind.value for problem in plan.open]


def summed(plan: LegacyPlan) -> list[tuple[int, str, int]]:
    return [(one.sequence, one.kind.value, one.line) for one in plan.numbers]


def test_a_book_without_faults_is_ready() -> None:
    plan = plan_legacy(SERIES, book("2", "3", "4"))
    assert plan.ready
    assert plan.problems == ()
    assert plan.approved() == plan.numbers
    assert [one.number for one in plan.numbers] == ["2/A/XI/2026", "3/A/XI/2026", "4/A/XI/2026"]
    assert {one.counter for one in plan.numbers} == {"unit=A;2026"}
    assert (plan.numbers[0].date, plan.numbers[0].subject) == (DAY, "Undangan")


def test_holes_and_repeats_want_an_explanation() -> None:
    rows = book("3", "7", "7", "7")
    plan = plan_legacy(SERIES, rows)
    assert not plan.ready
    assert [(p.kind, p.sequence, p.last, p.line) for p in plan.open] == [
        (ProblemKind.HOLE, 2, 2, 2),
        (ProblemKind.HOLE, 4, 6, 3),
        (ProblemKind.REPEAT, 7, 0, 4),
        (ProblemKind.REPEAT, 7, 0, 5),
    ]
    with pytest.raises(InvalidInput, match=r"4 problems[\s\S]*does not have 4 to 6"):
        plan.approved()
    some = {"unit=A;2026": {2: "buku dimulai dari 3", 4: "robek", 5: "robek", 7: "dua petugas"}}
    assert kinds(plan_legacy(SERIES, rows, explanations=some)) == ["hole"]
    plan = plan_legacy(SERIES, rows, explanations=some, default_explanation=UNKNOWN)
    assert plan.ready
    assert len(plan.problems) == 4
    assert [(one.sequence, one.kind.value, one.explanation) for one in plan.numbers] == [
        (2, "hole", "buku dimulai dari 3"),
        (3, "number", ""),
        (4, "hole", "robek"),
        (5, "hole", "robek"),
        (6, "hole", UNKNOWN),
        (7, "number", ""),
        (7, "repeat", "dua petugas"),
        (7, "repeat", "dua petugas"),
    ]


def test_a_number_that_is_not_read_is_refused_or_set_aside() -> None:
    rows = [*book("2", "3/A/11/2026", "3"), row(9, "")]
    plan = plan_legacy(SERIES, rows)
    assert kinds(plan) == ["unread", "unread"]
    assert "expected {bulan:romawi} at character 5" in plan.open[0].message
    assert plan.open[0].message.startswith("Line 3: ")
    assert plan.open[1].message == "Line 9 has no number."
    assert plan.refused == (rows[1], rows[3])
    plan = plan_legacy(SERIES, rows, set_aside={3: "salah tulis", 9: "judul bulan"})
    assert plan.ready
    assert [(one.row.line, one.reason) for one in plan.set_aside] == [
        (3, "salah tulis"),
        (9, "judul bulan"),
    ]
    assert summed(plan) == [(2, "number", 2), (3, "number", 4)]


def test_a_row_set_aside_leaves_a_hole() -> None:
    plan = plan_legacy(SERIES, book("2", "3", "4"), set_aside={3: "kabur"})
    assert kinds(plan) == ["hole"]


def test_cells_that_cannot_be_taken_keep_the_plan_open() -> None:
    fault = CellFault(column="Tanggal", message="Line 2, column 'Tanggal': …")
    rows = [row(2, "2/A/XI/2026", date=None, faults=(fault,)), row(3, "3/A/XI/2026", subject="a\0")]
    plan = plan_legacy(SERIES, rows, default_explanation=UNKNOWN)
    assert [(p.kind, p.line) for p in plan.open] == [(ProblemKind.CELL, 2), (ProblemKind.CELL, 3)]
    assert plan.open[0].message == fault.message
    assert summed(plan) == [(2, "number", 2), (3, "number", 3)]


def test_what_lies_before_the_start_is_named() -> None:
    plan = plan_legacy(SERIES, book("1", "2"), default_explanation=UNKNOWN)
    assert kinds(plan) == ["below-start"]
    assert "lower than 2" in plan.open[0].message


def test_inserted_numbers_explain_themselves_and_follow_their_parent() -> None:
    plan = plan_legacy(SERIES, book("2", "2.A", "2.B"))
    assert plan.ready
    assert [(one.number, one.kind.value, one.explanation) for one in plan.numbers] == [
        ("2/A/XI/2026", "number", ""),
        ("2.A/A/XI/2026", "repeat", "nomor sisipan ke-1"),
        ("2.B/A/XI/2026", "repeat", "nomor sisipan ke-2"),
    ]
    assert kinds(plan_legacy(SERIES, book("2", "2.A", "2.A"))) == ["repeat"]
    orphan = plan_legacy(SERIES, book("2", "3.A"))
    assert kinds(orphan) == ["parentless"]
    assert [one.line for one in orphan.refused] == [3]


def test_a_hole_that_is_no_hole_is_not_filled() -> None:
    plan = plan_legacy(SERIES, book("2", "999999999999"), default_explanation=UNKNOWN)
    assert kinds(plan) == ["too-wide"]
    assert summed(plan) == [(2, "number", 2), (999999999999, "number", 3)]
    for lacking, ready in ((MAX_HOLES, True), (MAX_HOLES + 1, False)):
        wide = book("2", str(3 + lacking))
        assert plan_legacy(SERIES, wide, default_explanation=UNKNOWN).ready is ready


def test_dates_are_compared_with_what_the_number_tells() -> None:
    rows = [
        row(2, "2/A/XI/2026", date=datetime.date(2025, 11, 3)),
        row(3, "3/A/XI/2026", date=datetime.date(2026, 10, 3)),
        row(4, "4/A/XI/2026", date=datetime.date(2026, 10, 1)),
    ]
    plan = plan_legacy(SERIES, rows)
    assert [(p.kind.value, p.line, p.settled) for p in plan.problems] == [
        ("other-period", 2, False),
        ("date-differs", 3, True),
        ("date-differs", 4, True),
        ("out-of-order", 4, True),
    ]
    plan = plan_legacy(SERIES, rows, explanations={"unit=A;2026": {2: "tahun salah tulis"}})
    assert plan.ready
    assert plan.numbers[0].explanation == "tahun salah tulis"


def test_what_else_a_row_says_is_kept() -> None:
    rows = [row(2, "2/A/XI/2026", recipient="Camat", note="segera")]
    plan = plan_legacy(SERIES, rows, explanations={"unit=A;2026": {2: "asli ada"}})
    assert plan.numbers[0].explanation == "asli ada; kepada Camat; segera"


@pytest.mark.parametrize(
    ("explanations", "set_aside"),
    [
        ({"unit=B;2026": {2: "x"}}, {}),
        ({"unit=A;2026": {4: "x"}}, {}),
        ({"unit=A;2026": {1: "x"}}, {}),
        ({}, {7: "x"}),
    ],
)
def test_what_is_said_of_nothing_is_named(explanations: Any, set_aside: Any) -> None:
    plan = plan_legacy(SERIES, book("2", "3"), explanations=explanations, set_aside=set_aside)
    assert kinds(plan) == ["unused"]


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        (book("2") * 2, {}),
        ([row(0, "2/A/XI/2026")], {}),
        (book("2"), {"set_aside": {2: " "}}),
        (book("2"), {"set_aside": {2: "a\0"}}),
        (book("2"), {"default_explanation": "\ud800"}),
        (book("2"), {"explanations": {"unit=A;2026": {2: "\0"}}}),
    ],
)
def test_what_cannot_be_planned_is_refused(rows: list[LegacyRow], more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        plan_legacy(SERIES, rows, **more)


def test_an_empty_book_is_not_ready() -> None:
    plan = plan_legacy(SERIES, [])
    assert not plan.ready
    with pytest.raises(InvalidInput, match="no number"):
        plan.approved()


@pytest.mark.parametrize(
    ("restart", "pattern", "counters"),
    [
        ("yearly", "{nomor}", ["2025", "2026"]),
        ("monthly", "{nomor}", ["2025-12", "2026-11"]),
        ("monthly", "{nomor}/{tahun:2}", ["2025-12", "2026-11"]),
        ("never", "{nomor}/{tahun:2}", ["all"]),
    ],
)
def test_the_date_tells_the_period_that_the_number_does_not(
    restart: Any, pattern: str, counters: list[str]
) -> None:
    series = Series(code="agenda", pattern=pattern, restart=restart, repeats=True)
    ends = ["", ""] if pattern == "{nomor}" else ["/25", "/26"]
    rows = [row(1, f"1{ends[0]}", date=datetime.date(2025, 12, 31)), row(2, f"1{ends[1]}")]
    plan = plan_legacy(series, rows, default_explanation=UNKNOWN)
    assert plan.ready
    assert sorted({one.counter for one in plan.numbers}) == counters
    undated = plan_legacy(series, [row(1, f"1{ends[1]}", date=None)])
    assert kinds(undated) == ([] if restart == "never" else ["undated"])
