"""What can be done with numbers, one operation at a time."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from sql_office import NOW, Office

from sipadek.archive import (
    LegacyKind,
    LegacyNumber,
    Letter,
    LetterDetails,
    ReservationRequest,
    State,
)
from sipadek.errors import (
    DamagedRegister,
    InvalidInput,
    InvalidNumber,
    KeyConflict,
    NotFound,
    NumberVoid,
    PeriodClosed,
    SipadekError,
)
from sipadek.numbering import Series
from sipadek.search import Viewer

DAY = datetime.date(2026, 11, 3)
HOUR = datetime.timedelta(hours=1)
AGENDA = Series(
    code="agenda", pattern="{nomor}/{unit}/{tahun}", scope=("unit",), insertion=".A"
)  # fmt: skip
DECREE = Series(code="keputusan", pattern="NOMOR {nomor} TAHUN {tahun}")


@pytest.fixture
def numbers(office: Office) -> Office:
    office.register.define_series(AGENDA, at=NOW)
    office.register.define_series(DECREE, at=NOW)
    return office


def ask(
    key: str, *, series: str = "agenda", date: datetime.date = DAY, unit: str = "A", **more: Any
) -> ReservationRequest:
    details = LetterDetails(
        series=series, subject=more.pop("subject", "Undangan rapat"), date=date, unit=unit
    )
    return ReservationRequest(key=key, details=details, **more)


def one(office: Office, key: str, **more: Any) -> Letter:
    (outcome,) = office.register.reserve([ask(key, **more)], at=NOW)
    if isinstance(outcome, SipadekError):
        raise outcome
    return outcome


def sound(office: Office) -> None:
    assert office.findings() == []


def test_kinds_have_patterns_of_their_own_in_one_counter(numbers: Office) -> None:
    keluar = Series(
        code="keluar",
        pattern="{nomor}/{unit}/{tahun}",
        kinds={"nota-dinas": "ND/{nomor}/{tahun}", "Surat Tugas": "ST.{nomor}/{tahun}"},
    )
    assert numbers.register.define_series(keluar, at=NOW) == keluar
    assert numbers.register.define_series(keluar, at=NOW) == keluar
    assert numbers.register.series("keluar") == keluar
    kinds = ("", "nota-dinas", "Surat Tugas", "")
    requests = [
        ReservationRequest(
            key=f"k{place}",
            details=LetterDetails(series="keluar", subject="S", date=DAY, unit="A", kind=kind),
        )
        for place, kind in enumerate(kinds)
    ]
    given = numbers.register.give(requests, at=NOW)
    assert [each.number for each in given if isinstance(each, Letter)] == [
        "1/A/2026",
        "ND/2/2026",
        "ST.3/2026",
        "4/A/2026",
    ]
    sound(numbers)


@pytest.mark.parametrize(
    "change", ["number = '7/A/2026'", "sequence = 7", "counter = 'unit=B;2026'", "insertion = 0"]
)
def test_a_damaged_number_is_not_repeated(numbers: Office, change: str) -> None:
    one(numbers, "first")
    inserted = ask("late", actor="Sekretaris")
    numbers.register.insert(inserted, reason="tertinggal", at=NOW)
    confirmed = numbers.register.insert(inserted, reason="tertinggal", at=NOW + HOUR)
    assert confirmed.number == "1.A/A/2026"
    which = "UPDATE sipadek_entry SET sequence = 9 WHERE position = 1"
    with numbers.database.write() as connection:
        connection.execute(which)  # Makes room for the changed row.
        connection.execute(f"UPDATE sipadek_entry SET {change} WHERE position = 2")
    with pytest.raises(DamagedRegister):
        numbers.register.insert(inserted, reason="tertinggal", at=NOW + HOUR)


@pytest.mark.parametrize("lease", [datetime.timedelta.max, datetime.timedelta(0), -HOUR])
def test_a_lease_that_cannot_be_disturbs_no_other_request(
    numbers: Office, lease: datetime.timedelta
) -> None:
    refused, letter = numbers.register.reserve([ask("a", lease=lease), ask("b")], at=NOW)
    assert isinstance(refused, InvalidInput)
    assert isinstance(letter, Letter)
    assert letter.sequence == 1
    (alone,) = numbers.register.reserve([ask("a", lease=lease)], at=NOW)
    assert isinstance(alone, InvalidInput)


# --- numbers without a PDF ----------------------------------------------------------------------


def test_a_number_is_confirmed_and_found(numbers: Office) -> None:
    letter = one(numbers, "a")
    (confirmed,) = numbers.register.confirm([letter.id], at=NOW)
    assert confirmed.state is State.ISSUED
    assert confirmed.issued_at == NOW
    assert numbers.register.confirm([letter.id, letter.id], at=NOW + HOUR) == [confirmed] * 2
    hits = numbers.register.search("undangan", Viewer()).hits
    assert [hit.letter for hit in hits] == [confirmed]
    sound(numbers)


def test_numbers_are_given_at_once(numbers: Office) -> None:
    first, wrong, third = numbers.register.give([ask("a"), ask("b", unit="?/?"), ask("c")], at=NOW)
    assert isinstance(first, Letter)
    assert isinstance(third, Letter)
    assert isinstance(wrong, InvalidNumber)
    assert (first.number, third.number) == ("1/A/2026", "2/A/2026")
    assert first.state is third.state is State.ISSUED
    assert numbers.register.give([ask("a")], at=NOW + HOUR) == [first]
    sound(numbers)


def test_a_number_for_a_pdf_is_not_confirmed(numbers: Office) -> None:
    letter = one(numbers, "a", content="0" * 64, size=1)
    with pytest.raises(InvalidInput, match="File the PDF"):
        numbers.register.confirm([letter.id], at=NOW)
    sound(numbers)


# --- leases -------------------------------------------------------------------------------------


def test_a_lease_that_is_over_is_void_and_its_number_is_not_given_again(numbers: Office) -> None:
    letter = one(numbers, "a", lease=HOUR)
    assert numbers.register.expire(at=NOW + HOUR - datetime.timedelta.resolution) == ()
    (void,) = numbers.register.expire(at=NOW + HOUR)
    assert (void.id, void.state) == (letter.id, State.VOID)
    assert "masa pesan berakhir" in void.void_reason
    assert one(numbers, "b").sequence == 2
    sound(numbers)


def test_a_late_confirmation_is_refused_before_anyone_sweeps(numbers: Office) -> None:
    letter = one(numbers, "a", lease=HOUR)
    with pytest.raises(NumberVoid):
        numbers.register.confirm([letter.id], at=NOW + HOUR)
    sound(numbers)


def test_a_late_repeat_finds_its_number_void(numbers: Office) -> None:
    one(numbers, "a", lease=HOUR)
    (outcome,) = numbers.register.reserve([ask("a", lease=HOUR)], at=NOW + HOUR)
    assert isinstance(outcome, NumberVoid)
    assert numbers.register.get("1/A/2026").state is State.VOID
    sound(numbers)


def test_a_lease_that_was_used_does_not_end(numbers: Office) -> None:
    letter = one(numbers, "a", lease=HOUR)
    numbers.register.confirm([letter.id], at=NOW)
    assert numbers.register.expire(at=NOW + 2 * HOUR) == ()


# --- put in after another -----------------------------------------------------------------------


def test_a_number_is_put_in_and_the_counter_stays(numbers: Office) -> None:
    earlier = datetime.date(2026, 10, 30)
    one(numbers, "a", date=earlier)
    one(numbers, "b")
    late = numbers.register.insert(
        ask("late", date=datetime.date(2026, 11, 1), actor="Sekretaris"),
        reason="surat tertanggal 1 November",
        at=NOW,
    )
    assert late.number == "1.A/A/2026"
    assert (late.sequence, late.insertion, late.actor) == (1, 1, "Sekretaris")
    assert late.reason == "surat tertanggal 1 November"
    second = numbers.register.insert(
        ask("later", date=earlier, actor="Sekretaris"), reason="lagi", after="1/A/2026", at=NOW
    )
    assert second.number == "1.B/A/2026"
    assert one(numbers, "c").number == "3/A/2026"
    sound(numbers)


def test_putting_in_is_idempotent(numbers: Office) -> None:
    one(numbers, "a")
    request = ask("late", actor="S")
    first = numbers.register.insert(request, reason="susulan", at=NOW)
    assert numbers.register.insert(request, reason="susulan", at=NOW + HOUR) == first
    with pytest.raises(KeyConflict):
        numbers.register.insert(request, reason="lain", at=NOW)


@pytest.mark.parametrize(
    ("request_", "more", "error"),
    [
        (ask("x"), {"reason": "r"}, InvalidInput),
        (ask("x", actor="S"), {"reason": " "}, InvalidInput),
        (ask("x", actor="S", date=datetime.date(2026, 1, 1)), {"reason": "r"}, NotFound),
        (ask("x", actor="S", unit="B"), {"reason": "r", "after": "1/A/2026"}, InvalidInput),
        (ask("x", actor="S"), {"reason": "r", "after": "9/A/2026"}, NotFound),
        (ask("x", actor="S", series="keputusan"), {"reason": "r"}, InvalidNumber),
    ],
)
def test_what_cannot_be_put_in_takes_no_number(
    numbers: Office, request_: ReservationRequest, more: dict[str, Any], error: type[Exception]
) -> None:
    one(numbers, "a")
    one(numbers, "k", series="keputusan")
    with pytest.raises(error):
        numbers.register.insert(request_, at=NOW, **more)
    assert numbers.register.count() == 2
    sound(numbers)


# --- stock --------------------------------------------------------------------------------------


def test_numbers_are_held_for_a_date_and_drawn(numbers: Office) -> None:
    details = ask("", subject="Cadangan").details
    held = numbers.register.stock(details, 2, key="cadangan", actor="Tata usaha", at=NOW)
    assert [letter.number for letter in held] == ["1/A/2026", "2/A/2026"]
    assert all(letter.stock for letter in held)
    assert one(numbers, "next").number == "3/A/2026"
    drawn = numbers.register.draw(ask("late", subject="Susulan"), at=NOW + HOUR)
    assert (drawn.number, drawn.details.subject, drawn.stock) == ("1/A/2026", "Susulan", False)
    assert numbers.register.draw(ask("late", subject="Susulan"), at=NOW + 2 * HOUR) == drawn
    assert numbers.register.get("1/A/2026") == drawn
    (confirmed,) = numbers.register.confirm([drawn.id], at=NOW + HOUR)
    assert confirmed.state is State.ISSUED
    again = numbers.register.stock(details, 2, key="cadangan", actor="Tata usaha", at=NOW + HOUR)
    assert [letter.number for letter in again] == ["1/A/2026", "2/A/2026"]
    assert [letter.stock for letter in again] == [False, True]
    sound(numbers)


def test_a_stock_is_of_its_date_and_runs_out(numbers: Office) -> None:
    details = ask("").details
    (held,) = numbers.register.stock(details, 1, key="s", actor="T", at=NOW)
    with pytest.raises(NotFound):
        numbers.register.draw(ask("x", date=datetime.date(2026, 11, 4)), at=NOW)
    with pytest.raises(InvalidInput, match="stock"):
        numbers.register.confirm([held.id], at=NOW)
    numbers.register.draw(ask("y"), at=NOW)
    with pytest.raises(NotFound):
        numbers.register.draw(ask("z"), at=NOW)
    sound(numbers)


def test_what_is_left_of_a_stock_is_made_void(numbers: Office) -> None:
    (held,) = numbers.register.stock(ask("").details, 1, key="s", actor="T", at=NOW)
    numbers.register.void(held.id, reason="tidak terpakai", at=NOW, actor="T")
    with pytest.raises(NotFound):
        numbers.register.draw(ask("x"), at=NOW)
    sound(numbers)


def test_a_letters_key_is_no_key_of_a_stock(numbers: Office) -> None:
    one(numbers, "cadangan#2")
    with pytest.raises(KeyConflict):
        numbers.register.stock(ask("").details, 2, key="cadangan", actor="S", at=NOW)
    assert one(numbers, "b").sequence == 2
    sound(numbers)


def test_a_stock_is_repeated_after_its_key_went_to_a_letter(numbers: Office) -> None:
    held = numbers.register.stock(ask("").details, 1, key="cadangan", actor="S", at=NOW)
    drawn = numbers.register.draw(ask("surat"), at=NOW)
    assert drawn.id == held[0].id
    one(numbers, "cadangan#1")
    again = numbers.register.stock(ask("").details, 1, key="cadangan", actor="S", at=NOW)
    assert [each.id for each in again] == [drawn.id]
    sound(numbers)


def test_the_numbers_of_a_paper_have_a_key_each(numbers: Office) -> None:
    with pytest.raises(KeyConflict, match="same key"):
        numbers.register.reserve_paper([ask("a"), ask("a", series="keputusan")], at=NOW)
    assert list(numbers.register.letters()) == []
    sound(numbers)


# --- periods ------------------------------------------------------------------------------------


def test_a_month_is_closed_in_a_series_that_restarts_yearly(numbers: Office) -> None:
    held = one(numbers, "a")
    with pytest.raises(InvalidInput, match="still held"):
        numbers.register.close_period("agenda", "2026-11", reason="akhir", actor="S", at=NOW)
    closed = numbers.register.close_period(
        "agenda", "2026-11", reason="akhir", actor="S", at=NOW, void_held=True
    )
    assert [each.id for each in closed] == [held.id]
    with pytest.raises(PeriodClosed):
        one(numbers, "b")
    assert one(numbers, "c", date=datetime.date(2026, 12, 1)).sequence == 2
    sound(numbers)


def test_a_closed_year_gives_no_number_until_it_is_opened(numbers: Office) -> None:
    letter = one(numbers, "a")
    numbers.register.confirm([letter.id], at=NOW)
    assert (
        numbers.register.close_period("agenda", "2026", reason="akhir tahun", actor="S", at=NOW)
        == ()
    )
    (closed,) = numbers.register.reserve([ask("b")], at=NOW)
    assert isinstance(closed, PeriodClosed)
    with pytest.raises(PeriodClosed):
        numbers.register.insert(ask("c", actor="S"), reason="susulan", at=NOW)
    assert one(numbers, "next", date=datetime.date(2027, 1, 2)).sequence == 1
    assert one(numbers, "other", series="keputusan").sequence == 1
    sound(numbers)
    numbers.register.reopen_period("agenda", "2026", reason="koreksi", actor="S", at=NOW)
    assert one(numbers, "b").sequence == 2
    sound(numbers)


def test_closing_asks_what_becomes_of_held_numbers(numbers: Office) -> None:
    letter = one(numbers, "a")
    with pytest.raises(InvalidInput, match="still held"):
        numbers.register.close_period("agenda", "2026", reason="r", actor="S", at=NOW)
    (void,) = numbers.register.close_period(
        "agenda", "2026", reason="akhir tahun", actor="S", at=NOW, void_held=True
    )
    assert (void.id, void.state) == (letter.id, State.VOID)
    sound(numbers)


@pytest.mark.parametrize("period", ["", "26", "2026-13", "2026-1", "２０２６", "2026-11-03"])
def test_what_is_no_period_is_not_closed(numbers: Office, period: str) -> None:
    with pytest.raises(InvalidInput):
        numbers.register.close_period("agenda", period, reason="r", actor="S", at=NOW)


# --- two series on one paper --------------------------------------------------------------------


def test_two_series_register_one_paper(numbers: Office) -> None:
    requests = [ask("waris/lurah"), ask("waris/camat", unit="CAMAT")]
    one(numbers, "earlier")
    first, second = numbers.register.reserve_paper(requests, at=NOW)
    assert (first.number, second.number) == ("2/A/2026", "1/CAMAT/2026")
    assert first.paper == second.paper == first.id
    assert numbers.register.reserve_paper(requests, at=NOW + HOUR) == (first, second)
    sound(numbers)


def test_a_paper_gets_all_numbers_or_none(numbers: Office) -> None:
    with pytest.raises(InvalidNumber):
        numbers.register.reserve_paper([ask("a"), ask("b", unit="?/")], at=NOW)
    one(numbers, "known")
    for keys in (["known", "new"], ["new", "known"]):
        with pytest.raises(KeyConflict):
            numbers.register.reserve_paper([ask(key) for key in keys], at=NOW)
    assert numbers.register.count() == 1
    sound(numbers)


# --- older books --------------------------------------------------------------------------------


def book(*kinds: tuple[int, LegacyKind], counter: str = "unit=A;2026") -> list[LegacyNumber]:
    return [
        LegacyNumber(
            counter=counter,
            sequence=sequence,
            line=line,
            kind=kind,
            number="" if kind is LegacyKind.HOLE else f"{sequence}/A/2026",
            explanation="" if kind is LegacyKind.NUMBER else "tidak diketahui",
        )
        for line, (sequence, kind) in enumerate(kinds, 1)
    ]


NUMBER, REPEAT, HOLE = LegacyKind.NUMBER, LegacyKind.REPEAT, LegacyKind.HOLE


def test_an_older_book_is_kept_and_the_counter_goes_on(numbers: Office) -> None:
    lines = book((1, NUMBER), (2, NUMBER), (2, REPEAT), (3, HOLE), (4, NUMBER))
    numbers.register.import_legacy("agenda", lines, source="buku 2026", actor="T", at=NOW)
    assert one(numbers, "a").number == "5/A/2026"
    sound(numbers)
    with pytest.raises(InvalidInput, match="already"):
        numbers.register.import_legacy("agenda", lines, source="buku", actor="T", at=NOW)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        book((1, NUMBER), (3, NUMBER)),
        book((2, NUMBER)),
        book((1, NUMBER), (1, NUMBER)),
        book((1, NUMBER), (2, HOLE), (2, REPEAT)),
        book((1, NUMBER), (1, HOLE)),
    ],
)
def test_a_book_that_does_not_account_for_itself_is_refused(
    numbers: Office, lines: list[LegacyNumber]
) -> None:
    with pytest.raises(InvalidInput):
        numbers.register.import_legacy("agenda", lines, source="buku", actor="T", at=NOW)
    assert one(numbers, "a").sequence == 1
    sound(numbers)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sipadek_legacy SET explanation = 'lain' WHERE kind = 'hole'",
        "DELETE FROM sipadek_legacy WHERE sequence = 2",
        "INSERT INTO sipadek_closed VALUES ('agenda', '2027', 'S', 'r', '2026')",
        "DELETE FROM sipadek_closed",
        "UPDATE sipadek_closed SET reason = 'lain'",
    ],
)
def test_what_is_altered_behind_the_register_is_named(numbers: Office, statement: str) -> None:
    lines = book((1, NUMBER), (2, HOLE))
    numbers.register.import_legacy("agenda", lines, source="buku", actor="T", at=NOW)
    numbers.register.close_period("agenda", "2025", reason="lama", actor="S", at=NOW)
    sound(numbers)
    with numbers.database.write() as connection:
        connection.execute(statement)
    assert numbers.findings() != []


# --- the account --------------------------------------------------------------------------------


def test_every_number_is_accounted_for(numbers: Office) -> None:
    lines = book((1, NUMBER), (2, NUMBER), (2, REPEAT), (3, HOLE))
    numbers.register.import_legacy("agenda", lines, source="buku", actor="T", at=NOW)
    first, second, third = one(numbers, "a"), one(numbers, "b"), one(numbers, "c", lease=HOUR)
    numbers.register.confirm([first.id], at=NOW)
    numbers.register.void(second.id, reason="salah", actor="S", at=NOW)
    numbers.register.insert(ask("i", actor="S"), reason="susulan", at=NOW)
    (account,) = numbers.register.accounts("agenda")
    assert (account.start, account.last, account.issued, account.legacy) == (1, 6, 1, 2)
    assert [(r.number, r.reason) for r in account.void] == [("5/A/2026", "salah")]
    assert [(r.number, r.until) for r in account.held if r.until] == [(third.number, NOW + HOUR)]
    assert [(r.number, r.reason) for r in account.inserted] == [("6.A/A/2026", "susulan")]
    assert [r.number for r in account.holes] == ["3"]
    assert [r.number for r in account.repeats] == ["2/A/2026"]
    assert account.missing == ()


def test_what_nothing_accounts_for_is_told(numbers: Office) -> None:
    for key in "abcdef":
        one(numbers, key)
    with numbers.database.write() as connection:
        connection.execute("UPDATE sipadek_event SET entry = NULL")
        connection.execute("DELETE FROM sipadek_entry WHERE sequence IN (2, 3, 5)")
    (account,) = numbers.register.accounts()
    assert account.missing == ((2, 3), (5, 5))
