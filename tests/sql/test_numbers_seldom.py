"""What the state machine of numbers comes to only seldom, told directly."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from numbers_forms import FORMS
from numbers_host import Host
from sql_office import NOW, Office

from sipadek.archive import LetterDetails, ReservationRequest, State
from sipadek.errors import NumberVoid, SipadekError

AGENDA = FORMS["agenda"].series
HOUR = datetime.timedelta(hours=1)


def ask(key: str, *, day: int = 3, lease: datetime.timedelta | None = None) -> ReservationRequest:
    details = LetterDetails(
        series="agenda", subject="Undangan", date=datetime.date(2026, 11, day), unit="A"
    )
    return ReservationRequest(key=key, details=details, lease=lease, actor="Sekretaris")


@pytest.mark.parametrize(("day", "number"), [(1, "1.A"), (2, "3.A"), (3, "3.A"), (9, "4.A")])
def test_a_number_is_put_in_after_the_last_one_of_its_date_or_before(
    office: Office, day: int, number: str
) -> None:
    office.register.define_series(AGENDA, at=NOW)
    # The second number is of a later date than the third.
    dated = [ask(f"key {day}", day=day) for day in (1, 5, 2, 8)]
    assert not any(isinstance(one, SipadekError) for one in office.register.reserve(dated, at=NOW))
    late = office.register.insert(ask("late", day=day), reason="susulan", at=NOW)
    assert late.number == f"{number}/A/2026"
    assert office.findings() == []


def test_a_refused_call_leaves_nothing_in_the_hosts_transaction(tmp_path: Path) -> None:
    # The lease is found to be over, and then the call is refused: neither may be half on record.
    host = Host(tmp_path)
    host.define_series(AGENDA, at=NOW)
    requests = [ask("a", lease=HOUR), ask("b", lease=HOUR)]
    host.reserve_paper(requests, at=NOW)
    size = host.head().size
    with pytest.raises(NumberVoid):
        host.reserve_paper(requests, at=NOW + HOUR)
    assert [letter.state for letter in host.letters()] == [State.RESERVED] * 2
    assert host.head().size == size
    assert host.verify_history() == []
    host.close()
