"""A plan accounts for every row and every sequence, and hides nothing."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import attrs
from book_letters import SERIES, UNKNOWN
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import LegacyKind
from sipadek.books import (
    CellFault,
    LegacyPlan,
    LegacyRow,
    ProblemKind,
    plan_legacy,
)
from sipadek.naskah import roman_month
from sipadek.sql import legacy

dates = st.dates(datetime.date(2025, 11, 1), datetime.date(2027, 2, 1))
words = st.sampled_from(["", "Undangan", "Keterangan domisili", "=1+1", "\u202eabc", "a\nb"])


@st.composite
def rows(draw: st.DrawFn, *, readable: bool = False) -> LegacyRow:
    """A row without a line (all have 1); mostly of few counters and few sequences."""
    sequence = draw(st.integers(2 if readable else 1, 9))
    date = draw(dates)
    suffix = draw(st.sampled_from(["", "", "", "", ".A", ".B"])) if not readable else ""
    number = (
        f"{sequence}{suffix}/{draw(st.sampled_from('AB'))}/{roman_month(date.month)}/{date.year}"
    )
    if not readable:
        number = draw(st.sampled_from([number] * 8 + ["", "12", number + " ", "\0", "３/A/I/2026"]))
    return LegacyRow(
        line=1,
        number=number,
        date=draw(st.one_of(st.just(date), st.none(), dates)),
        subject=draw(words),
        recipient=draw(words),
        note=draw(words),
        faults=draw(
            st.sampled_from([()] * 9 + [(CellFault(column="Tanggal", message="Line 1: …"),)])
        )
        if not readable
        else (),
    )


def lined(found: list[LegacyRow]) -> list[LegacyRow]:
    return [attrs.evolve(one, line=line) for line, one in enumerate(found, 2)]


books = st.lists(rows(), max_size=14).map(lined)
readable_books = st.lists(rows(readable=True), min_size=1, max_size=14).map(lined)


@given(books, st.sets(st.integers(2, 8)), st.sampled_from(["", UNKNOWN]))
def test_every_row_and_every_sequence_is_in_one_place(
    found: list[LegacyRow], aside: set[int], default: str
) -> None:
    aside &= {one.line for one in found}
    plan = plan_legacy(
        SERIES, found, default_explanation=default, set_aside=dict.fromkeys(aside, "kabur")
    )
    given_rows = [one for one in plan.numbers if one.kind is not LegacyKind.HOLE]
    places = [one.line for one in given_rows]
    places += [one.row.line for one in plan.set_aside] + [one.line for one in plan.refused]
    assert sorted(places) == [one.line for one in found]
    by_line = {one.line: one for one in found}
    for number in given_rows:
        of = by_line[number.line]
        assert (number.number, number.date, number.subject) == (of.number, of.date, of.subject)
        assert SERIES.parse(number.number).sequence == number.sequence
        assert of.recipient in number.explanation
        assert of.note in number.explanation
    for counter in {one.counter for one in plan.numbers}:
        main = [
            one.sequence
            for one in plan.numbers
            if one.counter == counter and one.kind is not LegacyKind.REPEAT
        ]
        assert main == list(range(SERIES.start, SERIES.start + len(main)))
    for refused in plan.refused:
        assert refused.line in {problem.line for problem in plan.open}


@given(books)
def test_the_register_takes_what_is_ready(found: list[LegacyRow]) -> None:
    wrong = {one.line for one in plan_legacy(SERIES, found, default_explanation="x").open}
    plan = plan_legacy(
        SERIES, found, default_explanation="x", set_aside=dict.fromkeys(wrong, "kabur")
    )
    # Setting aside a parent can leave an inserted number behind; nothing else stays open.
    assert {problem.kind for problem in plan.open} <= {ProblemKind.PARENTLESS}
    if plan.ready:
        counters = legacy.check(SERIES, list(plan.approved()))
        assert sum(map(len, counters.values())) == len(plan.numbers)


def without_lines(plan: LegacyPlan) -> Any:
    problems = Counter((p.kind, p.settled, p.counter, p.sequence, p.last) for p in plan.problems)
    return (
        sorted(repr(attrs.evolve(one, line=1)) for one in plan.numbers),
        problems,
        sorted(repr(attrs.evolve(one, line=1)) for one in plan.refused),
    )


@given(books, st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(found: list[LegacyRow], random: Any) -> None:
    plan = plan_legacy(SERIES, found)
    assert plan_legacy(SERIES, reversed(found)) == plan
    shuffled = [attrs.evolve(one, line=1) for one in found]
    random.shuffle(shuffled)
    assert without_lines(plan_legacy(SERIES, lined(shuffled))) == without_lines(plan)


@given(readable_books, st.data())
def test_no_change_of_a_book_goes_unnoticed(found: list[LegacyRow], data: st.DataObject) -> None:
    plan = plan_legacy(SERIES, found, default_explanation=UNKNOWN)
    place = data.draw(st.integers(0, len(found) - 1))
    change = data.draw(st.sampled_from(["drop", "again", "number", "date", "subject", "note"]))
    changed = list(found)
    if change == "drop":
        del changed[place]
    elif change == "again":
        changed.append(attrs.evolve(found[place], line=99))
    else:
        other = {
            "number": "17/C/I/2026",
            "date": datetime.date(2020, 2, 29),
            "subject": "lain",
            "note": "lain",
        }[change]
        changed[place] = attrs.evolve(found[place], **{change: other})
    assert plan_legacy(SERIES, changed, default_explanation=UNKNOWN) != plan
