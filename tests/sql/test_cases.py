"""Cases: kept with their history, changed by one at a time, erased without a trace, audited."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sql_office import NOW, Office

from sipadek.archive import Case
from sipadek.errors import CaseChanged, InvalidInput, NotFound
from sipadek.ledger import Event

SECRET = "NIK 1571994101900001, Siti Contoh"
COLUMNS = ("id", "kind", "unit", "reference", "version", "state", "commitment", "event")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def _opened(office: Office, reference: str = "r" * 64, unit: str = "KEL-A") -> Case:
    return office.register.cases.open(
        kind="service", unit=unit, reference=reference, action="submit",
        state={"service": "domisili", "history": []}, private=SECRET, actor="ani", at=NOW,
    )  # fmt: skip


def _changed(office: Office, case: Case, private: str | None, n: int = 1) -> Case:
    return office.register.cases.change(
        case, action="check", state={"service": "domisili", "history": [n]}, private=private,
        actor="ani", at=NOW,
    )  # fmt: skip


def test_a_case_is_kept_as_it_is(office: Office) -> None:
    cases = office.register.cases
    case = _opened(office)
    changed = _changed(office, case, SECRET + " dan lagi")
    assert cases.get(case.id) == cases.find("r" * 64) == changed
    assert (changed.version, changed.private) == (2, SECRET + " dan lagi")
    assert cases.of_units("service", ["KEL-A"]) == (changed,)
    assert cases.of_units("service", ["KEL-B"]) == cases.of_units("letter", ["KEL-A"]) == ()
    assert cases.find("x" * 64) is None
    with pytest.raises(NotFound):
        cases.get("x" * 26)
    with pytest.raises(InvalidInput):
        _opened(office)
    assert office.findings() == []


def test_a_case_is_changed_by_one_at_a_time(office: Office) -> None:
    case = _opened(office)
    _changed(office, case, SECRET)
    with pytest.raises(CaseChanged):
        _changed(office, case, SECRET, 2)
    assert office.register.cases.get(case.id).version == 2
    assert office.register.event_count() == 2
    assert office.findings() == []


def test_the_log_tells_every_change_and_nothing_private(office: Office) -> None:
    case = _changed(office, _opened(office), SECRET)
    _changed(office, case, None)
    told = [Event.parse(body) for body in office.register.events()]
    assert [event.kind for event in told] == ["case.opened", "case.changed", "case.erased"]
    assert [event.data["version"] for event in told] == [1, 2, 3]
    assert {event.data["actor"] for event in told} == {"ani"}
    assert told[0].data["commitment"] != told[1].data["commitment"]  # salted anew
    assert told[2].data["commitment"] == ""
    assert all(word not in repr(event) for event in told for word in ("1571994101900001", "Siti"))


def test_what_was_erased_is_nowhere(office: Office, tmp_path: Path) -> None:
    long = SECRET * 500  # pages of its own
    case = _changed(office, _changed(office, _opened(office), long), SECRET, 2)
    other = _opened(office, "o" * 64)
    assert _changed(office, case, None).private is None
    office.close()
    data = b"".join(path.read_bytes() for path in tmp_path.glob("register.sqlite*"))
    assert data.count(b"1571994101900001") == 1  # the other case's
    office.open()
    assert office.register.cases.get(case.id).private is None
    assert office.register.cases.get(other.id).private == SECRET
    assert office.findings() == []


def test_a_register_of_before_gets_the_tables(office: Office) -> None:
    office.close()
    with sqlite3.connect(office.path) as connection:
        for table in ("sipadek_case_private", "sipadek_case"):
            connection.execute(f"DROP TABLE {table}")
    connection.close()
    office.open()
    _opened(office)
    assert office.findings() == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("cases"))
    case = _changed(office, _opened(office), SECRET)
    _changed(office, _changed(office, _opened(office, "e" * 64), "lain"), None)
    _changed(office, case, SECRET, 3)
    _opened(office, "n" * 64, "KEL-B")
    assert office.findings() == []
    yield office
    office.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    position=st.integers(1, 3),
    column=st.sampled_from([*COLUMNS, "body", "salt"]),
    text=st.text("abcdef0123", min_size=64, max_size=64),
    number=st.integers(1, 6),
)
def test_any_change_of_any_value_is_named(
    kept: Office, position: int, column: str, text: str, number: int
) -> None:
    """In a transaction that is rolled back, so that each example finds the same register."""
    value: object = text
    if column == "id":
        value = text[:26]
    elif column in ("version", "event"):
        value = number
    elif column == "salt":
        value = text[:32].encode()
    table = "sipadek_case_private" if column in ("body", "salt") else "sipadek_case"
    from sipadek.sql import cases, checking

    with kept.database.write() as connection:
        told = checking.Told()
        witness = checking.Witness(kept.key.verifier, "arsip.kota.example", ())
        assert list(checking.log(connection, witness, told)) == []
        assert list(cases.check(connection, told)) == []
        try:
            changed = connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE position = ? AND {column} <> ?",
                (value, position, value),
            ).rowcount
        except sqlite3.IntegrityError:  # the table itself refuses it
            changed = 0
        if changed:
            found = list(cases.check(connection, told))
            assert found
        connection.execute("ROLLBACK")
        connection.execute("BEGIN")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM sipadek_case_private WHERE position = 1", "case-private-differs"),
        ("DELETE FROM sipadek_case WHERE position = 2", "case-missing"),
        ("UPDATE sipadek_case SET version = 1, event = 0, state = (SELECT json_extract(body,"
         " '$.data.state') FROM sipadek_event WHERE position = 0), commitment = (SELECT"
         " json_extract(body, '$.data.commitment') FROM sipadek_event WHERE position = 0)"
         " WHERE position = 1", "case-missing"),
    ],
)  # fmt: skip
def test_removing_and_going_back_is_named(office: Office, statement: str, code: str) -> None:
    _changed(office, _opened(office), SECRET)
    _changed(office, _opened(office, "e" * 64), None)
    assert office.findings() == []
    with office.database.write() as connection:
        assert connection.execute(statement).rowcount == 1
    assert code in {finding.partition(" ")[0] for finding in office.findings()}


def test_time_without_a_zone_is_refused(office: Office) -> None:
    with pytest.raises(InvalidInput):
        office.register.cases.open(
            kind="service", unit="KEL-A", reference="r" * 64, action="submit", state={},
            private="", actor="ani", at=datetime.datetime(2026, 11, 3),
        )  # fmt: skip
