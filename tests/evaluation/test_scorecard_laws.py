"""What holds of every scorecard, whatever the facts are."""

from __future__ import annotations

import datetime
from fractions import Fraction

import attrs
from hypothesis import given
from hypothesis import strategies as st
from scored import CRITERIA, DAY, END, NOON, application, card, disposition, letter, score

from sipadek.evaluation import MEASURES, LetterFact, Period, Unit, Way, evaluate
from sipadek.testing.memory_facts import MemoryFacts

KINDS = ("dinas", "nota", "undangan", "tugas", "sppd", "")
moments = st.integers(0, 300).map(lambda n: NOON + n * DAY)
letters = st.lists(
    st.builds(letter, kind=st.sampled_from(KINDS), way=st.sampled_from(Way), at=moments),
    max_size=40,
)
sources = st.builds(
    MemoryFacts,
    letters,
    st.lists(
        st.builds(disposition, st.none() | st.floats(0, 40), due=st.floats(0.5, 9), at=moments),
        max_size=8,
    ),
    st.lists(
        st.builds(application, st.integers(0, 200), late=st.booleans(), at=moments), max_size=8
    ),
)


@given(sources)
def test_the_parts_are_the_score(facts: MemoryFacts) -> None:
    found = score(facts)
    assert sum((part.contribution for part in found.parts), found.deduction) == found.score
    assert 1 <= found.score <= 5
    assert [part.measure.code for part in found.parts] == list(MEASURES)
    assert sum(part.weight for part in found.parts) == 1
    for part in found.parts:
        assert (part.level is None) == (part.value is None)
        assert part.level is None or 1 <= part.level <= 5
        assert part.contribution == (part.weight * part.level if part.level else 0)


@given(sources, st.sampled_from(KINDS), moments)
def test_one_more_good_letter_never_lowers_a_score(
    facts: MemoryFacts, kind: str, at: datetime.datetime
) -> None:
    before = score(facts)
    more = attrs.evolve(facts, letter_facts=[*facts.letter_facts, letter(kind, Way.SIGNED, at)])
    after = score(more)
    assert after.score >= before.score
    assert after.category.least >= before.category.least


@given(sources, st.data())
def test_a_letter_that_is_signed_instead_never_lowers_a_score(
    facts: MemoryFacts, data: st.DataObject
) -> None:
    if not facts.letter_facts:
        return
    place = data.draw(st.integers(0, len(facts.letter_facts) - 1))
    changed = list(facts.letter_facts)
    changed[place] = attrs.evolve(changed[place], way=Way.SIGNED)
    assert score(attrs.evolve(facts, letter_facts=changed)).score >= score(facts).score


@given(sources)
def test_the_category_is_what_the_limits_say(facts: MemoryFacts) -> None:
    found = score(facts)
    reached = [each for each in CRITERIA.categories if each.least <= found.score]
    assert found.category == reached[-1]
    # A missed minimum, and nothing else, keeps a unit in the lowest one, whatever else it does.
    if found.missed:
        assert found.category == CRITERIA.categories[0]
        assert found.deduction <= 0
    else:
        assert found.deduction == 0


@given(sources, st.fractions(Fraction(11, 10), 5).map(lambda f: f.limit_denominator(50)))
def test_other_limits_change_the_label_and_not_the_parts(
    facts: MemoryFacts, limit: Fraction
) -> None:
    low, *_, high = CRITERIA.categories
    criteria = attrs.evolve(CRITERIA, categories=(low, attrs.evolve(high, least=limit)))
    (found,) = evaluate(
        facts, period=Period.parse("2026"), at=END, criteria=criteria, units=[Unit(code="KEL-A")]
    ).scores
    whole = sum(part.contribution for part in found.parts)
    assert found.parts == score(facts).parts
    assert (found.category == low) == (found.score < limit)
    if not found.missed:
        assert found.score == whole


@given(sources, st.randoms())
def test_the_order_of_facts_does_not_matter(facts: MemoryFacts, dice: object) -> None:
    turned = attrs.evolve(
        facts,
        letter_facts=facts.letter_facts[::-1],
        disposition_facts=facts.disposition_facts[::-1],
    )
    assert score(turned) == score(facts)


@given(sources)
def test_what_stands_behind_a_part_is_what_it_counted(facts: MemoryFacts) -> None:
    found = card(facts)
    for part in found.score("KEL-A").parts:
        code = part.measure.code
        behind = list(found.behind("KEL-A", code))
        assert len(behind) == part.facts
        good = list(found.behind("KEL-A", code, good=True))
        bad = list(found.behind("KEL-A", code, good=False))
        assert len(good) + len(bad) == len(behind)
        if code in {"signed", "direct", "on-time"} and behind:
            assert part.value == Fraction(len(good), len(behind))


@given(sources, letters)
def test_a_unit_is_measured_by_its_own_facts_alone(
    facts: MemoryFacts, others: list[LetterFact]
) -> None:
    theirs = [attrs.evolve(each, unit="KEL-B") for each in others]
    mixed = attrs.evolve(facts, letter_facts=[*theirs, *facts.letter_facts])
    assert score(mixed) == score(facts)
