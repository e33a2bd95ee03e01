"""The facts of scorecards, as the register and its ledger have them."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import attrs
import pytest
from sql_office import Office, filed, request

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.archive.legacy import LegacyKind, LegacyNumber
from sipadek.evaluation import Way
from sipadek.flow import Act, Command, Situation, moment_text
from sipadek.numbering import Series
from sipadek.services import default_catalogue
from sipadek.sql.facts import RegisterFacts
from sipadek.testing.city import City, make_city
from sipadek.testing.city_office import CityClock, record_numbers, record_year
from sipadek.testing.memory_facts import city_facts

AT = datetime.datetime(2026, 11, 3, 2, 15, tzinfo=datetime.UTC)
BEGIN = datetime.datetime(2025, 12, 31, 17, tzinfo=datetime.UTC)
END = datetime.datetime(2026, 12, 31, 17, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def _facts(office: Office, **more: object) -> RegisterFacts:
    return RegisterFacts(office.database, catalogue=default_catalogue(), **more)  # type: ignore[arg-type]


def test_letters_tell_how_they_came(office: Office) -> None:
    signed, stamped, held, void = office.reserved(*(request(f"k{n}") for n in range(4)))
    office.register.issue([filed(signed)], at=AT)
    office.register.issue([attrs.evolve(filed(stamped), signer="")], at=AT)
    office.register.issue([filed(void)], at=AT)
    office.register.void(void.id, reason="salah", at=AT)
    details = LetterDetails(
        series="surat", subject="x", date=AT.date(), unit="KEL-LEGOK", classification="005"
    )
    (given,) = office.register.give([ReservationRequest(key="g", details=details)], at=AT)
    assert isinstance(given, sipadek.Letter)
    found = {fact.letter: fact.way for fact in _facts(office).letters(BEGIN, END)}
    assert found == {signed.id: Way.SIGNED, stamped.id: Way.STAMPED, given.id: Way.BY_HAND}
    assert held.id not in found


def test_a_letter_is_of_the_time_at_which_it_was_issued(office: Office) -> None:
    letters = office.reserved(*(request(f"k{n}") for n in range(4)))
    moments = (BEGIN - SECOND, BEGIN, END - SECOND, END)
    for letter, at in zip(letters, moments, strict=True):
        office.register.issue([filed(letter)], at=at)
    found = [fact.at for fact in _facts(office).letters(BEGIN, END)]
    assert found == [BEGIN, END - SECOND]


def test_letters_of_one_unit_and_of_other_series_can_be_left_out(office: Office) -> None:
    one, other = office.reserved(request("a"), request("b", unit="KEL-LAIN"))
    office.register.issue([filed(one), filed(other)], at=AT)
    assert [f.letter for f in _facts(office).letters(BEGIN, END, unit="KEL-LAIN")] == [other.id]
    assert list(_facts(office, other_series=("surat",)).letters(BEGIN, END)) == []


def _line(n: int, date: datetime.date | None, kind: LegacyKind = LegacyKind.NUMBER) -> LegacyNumber:
    return LegacyNumber(
        counter="unit=KEL-LEGOK;2026",
        sequence=n,
        line=n,
        kind=kind,
        number="" if kind is LegacyKind.HOLE else f"005/{n:04}/KEL-LEGOK/I/2026",
        date=date,
        explanation="tidak ada" if kind is LegacyKind.HOLE else "",
    )


def test_lines_of_an_older_book_are_of_their_day(office: Office) -> None:
    first, second = datetime.date(2026, 1, 5), datetime.date(2026, 2, 1)
    lines = [
        _line(1, None),
        _line(2, first),
        _line(3, None),
        _line(4, None, LegacyKind.HOLE),
        _line(5, second),
        _line(6, None),
    ]
    office.register.import_legacy("surat", lines, source="buku", actor="a", at=AT)
    facts = _facts(office)
    february = datetime.datetime(2026, 1, 31, 17, tzinfo=datetime.UTC)  # midnight, WIB
    found = [fact.letter for fact in facts.letters(BEGIN, february)]
    assert found == ["surat/1", "surat/2", "surat/3"]
    assert [f.letter for f in facts.letters(february, END)] == ["surat/5", "surat/6"]
    last = facts.letters(february, february + SECOND, unit="KEL-LEGOK")
    assert {(f.way, f.unit, f.at) for f in last} == {(Way.IMPORTED, "KEL-LEGOK", february)}
    assert list(facts.letters(BEGIN, END, unit="KEL-LAIN")) == []


def test_whose_a_line_is_may_stand_in_its_number_only(office: Office) -> None:
    office.register.define_series(Series(code="satu", pattern="{nomor}/{unit}/{tahun}"), at=AT)
    lines = [
        attrs.evolve(_line(n, AT.date()), counter="2026", number=text)
        for n, text in ((1, "1/KEL-A/2026"), (2, "dua"))
    ]
    office.register.import_legacy("satu", lines, source="buku", actor="a", at=AT)
    assert [fact.unit for fact in _facts(office).letters(BEGIN, END)] == ["KEL-A", ""]


# --- cases ------------------------------------------------------------------------------------------


def _record(office: Office, act: str, at: datetime.datetime, case: str = "", /, **sets: str) -> str:
    """One act of a disposisi; the case's id."""

    def decide(situation: Situation) -> list[Act]:
        id_ = case or situation.new_id()
        state = act.partition(".")[2]
        return [Act(case=id_, kind=act, at=at, actor="a", state=state, sets=sets)]

    return office.register.cases.record(Command(action="x", actor="a", at=at, case=case), decide).id


def _given(office: Office, at: datetime.datetime, due: datetime.datetime | None = None) -> str:
    return _record(
        office, "disposisi.given", at, kind="disposisi", unit="KEL-LEGOK", due_at=moment_text(due)
    )


def test_a_disposition_is_reported_or_not_yet(office: Office) -> None:
    due = AT + datetime.timedelta(days=3)
    reported, open_, later = (_given(office, AT, due) for _ in range(3))
    _given(office, BEGIN - SECOND)
    _record(office, "disposisi.forwarded", AT + SECOND, reported)
    _record(office, "disposisi.reported", AT + 2 * SECOND, reported)
    _record(office, "disposisi.reported", END, later)
    found = {f.disposition: f for f in _facts(office).dispositions(BEGIN, END)}
    assert {id_: f.reported_at for id_, f in found.items()} == {
        reported: AT + 2 * SECOND,
        open_: None,
        later: None,  # Of what comes after the period nothing is told.
    }
    assert {(f.unit, f.given_at, f.due_at) for f in found.values()} == {("KEL-LEGOK", AT, due)}
    assert list(_facts(office).dispositions(BEGIN, END, unit="KEL-LAIN")) == []


def test_a_disposition_that_was_recalled_is_none_from_then_on(office: Office) -> None:
    case = _given(office, AT)
    _record(office, "disposisi.recalled", AT + 2 * SECOND, case)
    before = _facts(office).dispositions(BEGIN, AT + 2 * SECOND)
    assert [(f.disposition, f.due_at, f.reported_at) for f in before] == [(case, None, None)]
    assert list(_facts(office).dispositions(BEGIN, END)) == []


# --- a city -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city() -> City:
    made = make_city(8)
    return attrs.evolve(made, units=made.units[38:58])


def test_a_register_tells_the_same_as_the_city_did(city: City, tmp_path: Path) -> None:
    share, clock = 0.12, CityClock()
    until = datetime.datetime(2021, 2, 15, tzinfo=datetime.UTC)
    told = city_facts(city, share=share)
    with sipadek.open(tmp_path / "kota", clock=clock) as office:
        recorded = record_year(office, city, clock=clock, share=share)
        assert recorded.letters == len(told.letter_facts) > 300
        assert list(office._register.verify_history()) == []
        facts = RegisterFacts(office._database, catalogue=default_catalogue())
        year = datetime.datetime(2020, 12, 31, 17, tzinfo=datetime.UTC)
        found = Counter((f.unit, f.way) for f in facts.letters(year, until))
        assert found == Counter((f.unit, f.way) for f in told.letters(year, until))
        given = Counter((f.unit, f.given_at, f.due_at) for f in facts.dispositions(year, until))
        assert given == Counter(
            (f.unit, f.given_at, f.due_at) for f in told.dispositions(year, until)
        )
        asked = {
            (f.unit, f.submitted_at, f.due_at, f.promised) for f in facts.applications(year, until)
        }
        assert asked == {
            (f.unit, f.submitted_at, f.due_at, f.promised) for f in told.applications(year, until)
        }
        reported = {(f.unit, f.given_at, f.reported_at) for f in facts.dispositions(year, until)}
        assert {each for each in reported if each[2]} <= {
            (f.unit, f.given_at, f.reported_at) for f in told.dispositions(year, until)
        }
        used = {
            (f.unit, f.submitted_at, f.used)
            for f in facts.applications(year, until)
            if f.decided_at
        }
        assert used <= {(f.unit, f.submitted_at, f.used) for f in told.applications(year, until)}
        assert len(used) > 10


def test_the_numbers_of_a_city_can_be_given_alone(city: City, tmp_path: Path) -> None:
    few = attrs.evolve(city, units=city.units[:3])
    with sipadek.open(tmp_path / "kota") as office:
        given = record_numbers(office.numbers, few, share=0.05)
        assert given == sum(each.issued for each in office._register.counters()) > 10
