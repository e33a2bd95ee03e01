"""Nothing in the register can be altered without the replay naming it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sql_office import NOW, ORIGIN, PLAIN, SERIES, Office, filed, request

from sipadek.archive import Secrecy
from sipadek.errors import SipadekError
from sipadek.flow import Act, Command
from sipadek.sql import index_checking
from sipadek.sql.replay import replay

TABLES = tuple(
    f"sipadek_{name}"
    for name in (
        "meta",
        "series",
        "counter",
        "entry",
        "event",
        "log_head",
        "letter_text",
        "case",
        "act",
    )
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A register in which every kind of row stands."""
    office = Office(tmp_path_factory.mktemp("template"))
    office.register.define_series(SERIES, at=NOW)
    office.register.define_series(PLAIN, at=NOW)
    letters = office.reserved(
        request("a"),
        request("b", unit="KEL-BARU"),
        request("c", secrecy=Secrecy.RAHASIA),
        request("d", series="nota"),
        request("e", series="nota"),
        request("f"),
    )
    office.register.issue([filed(letter) for letter in letters[:4]], at=NOW)
    office.register.void(letters[3].id, reason="salah alamat", at=NOW)
    office.register.void(letters[4].id, reason="dibatalkan", at=NOW)
    sets = {"kind": "test", "unit": "U", "holder": "P"}
    one = {"kind": "case.stepped", "at": NOW, "actor": "ani", "state": "open", "data": {"n": "1"}}
    acts = [
        [Act(case="a", sets=sets, personal={"nik": "1"}, **one), Act(case="a", **one)],
        [Act(case="b", sets=sets, **one)],
    ]
    for n, each in enumerate(acts):
        command = Command(action="open", actor="ani", at=NOW, key=f"k{n}")
        office.register.cases.record(command, lambda _, each=each: each)
    assert office.findings() == []
    office.close()
    yield office
    office.close()


def tampered(template: Office, folder: Path, *statements: tuple[str, tuple[object, ...]]) -> Office:
    """A copy in which someone ran these statements, as anyone with the file could."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template.folder, folder)
    with contextlib.closing(sqlite3.connect(folder / "register.sqlite")) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement, values in statements:
            connection.execute(statement, values)
        connection.commit()
    return Copy(template, folder)


class Copy(Office):
    def __init__(self, template: Office, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "register.sqlite"
        self.key = template.key


def findings_of(office: Office) -> list[str]:
    """What an audit says; opening may refuse the register already."""
    try:
        office.open()
    except SipadekError as error:
        return [f"refused {error}"]
    with contextlib.closing(office):
        return office.findings()


def columns_of(path: Path) -> list[tuple[str, str, int]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found = []
        for table in TABLES:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            rowids = [row[0] for row in connection.execute(f"SELECT rowid FROM {table}")]
            found += [(table, name, rowid) for name in names for rowid in rowids]
        return found


def test_an_untouched_register_has_no_findings(template: Office, tmp_path: Path) -> None:
    assert findings_of(tampered(template, tmp_path / "copy")) == []


CHANGES = (
    "CASE typeof({0}) WHEN 'integer' THEN {0} + 1 WHEN 'blob' THEN {0} || x'00'"
    " WHEN 'null' THEN '2026' ELSE {0} || ' ' END",
    "CASE typeof({0}) WHEN 'integer' THEN {0} - 1 WHEN 'blob' THEN x''"
    " WHEN 'null' THEN '' ELSE '' END",
)


@pytest.mark.no_cover
@pytest.mark.parametrize("change", CHANGES, ids=["more", "less"])
def test_every_column_of_every_row_is_compared(template: Office, change: str) -> None:
    """Each single value, changed a little, in a transaction that is rolled back: none escapes."""
    verifier = template.key.verifier
    tried = 0
    connection = sqlite3.connect(template.path, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for table, column, rowid in columns_of(template.path):
            statement = f"UPDATE {table} SET {column} = {change.format(column)} WHERE rowid = ?"
            connection.execute("BEGIN")
            try:
                connection.execute(statement, (rowid,))
            except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
                # An index is over JSON, so no other text is taken there.
                if isinstance(error, sqlite3.OperationalError) and "JSON" not in str(error):
                    raise
                connection.execute("ROLLBACK")
                continue  # SQLite itself refuses this one.
            found = [
                *replay(connection, verifier=verifier, origin=ORIGIN),
                *index_checking.check(connection),
            ]
            connection.execute("ROLLBACK")
            query = f"SELECT {column} IS NOT ({change.format(column)}) FROM {table} WHERE rowid = ?"
            changed = connection.execute(query, (rowid,)).fetchone()[0]
            assert bool(found) == bool(changed), (table, column, rowid, found)
            tried += changed
    assert tried > 150


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_value_is_found(
    template: Office, tmp_path: Path, data: st.DataObject
) -> None:
    table, column, rowid = data.draw(st.sampled_from(columns_of(template.path)))
    value = data.draw(
        st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(), st.binary())
    )
    with contextlib.closing(sqlite3.connect(template.path)) as connection:
        query = f"SELECT {column} FROM {table} WHERE rowid = ?"
        try:
            assume(connection.execute(query, (rowid,)).fetchone() != (value,))
            office = tampered(
                template,
                tmp_path / "copy",
                (f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rowid)),
            )
        except (sqlite3.Error, UnicodeEncodeError):
            assume(False)
    with contextlib.closing(sqlite3.connect(office.path)) as connection:
        same = connection.execute(query, (rowid,)).fetchone()
    with contextlib.closing(sqlite3.connect(template.path)) as connection:
        assume(connection.execute(query, (rowid,)).fetchone() != same)  # '5' was stored as 5.
    assert findings_of(office), (table, column, rowid, value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_removed_row_is_missed(template: Office, tmp_path: Path, data: st.DataObject) -> None:
    table, _, rowid = data.draw(st.sampled_from(columns_of(template.path)))
    office = tampered(
        template, tmp_path / "copy", (f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
    )
    assert findings_of(office), (table, rowid)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("subject", "Keterangan usaha", "entry-differs"),
        ("secrecy_rank", 0, "entry-differs"),
        ("original_digest", "0" * 64, "entry-differs"),
        ("filed_size", 1, "entry-differs"),
        ("void_reason", "sengaja", "register-corrupt"),
        ("sequence", 9, "counter-gap"),
    ],
)
def test_the_letter_and_the_column_are_named(
    template: Office, tmp_path: Path, column: str, value: object, code: str
) -> None:
    number = "400.12.2.1/0002/KEL-LEGOK/XI/2026"
    statement = f"UPDATE sipadek_entry SET {column} = ? WHERE number = ?"
    found = findings_of(tampered(template, tmp_path / "copy", (statement, (value, number))))
    named = [line for line in found if line.startswith(f"entry-differs {number}:")]
    assert len(named) == 1
    assert f"column {column}" in named[0]
    assert repr(value) in named[0]
    assert any(line.startswith(code) for line in found)


def test_letters_that_were_added_or_removed_are_named(template: Office, tmp_path: Path) -> None:
    number = "400.12.2.1/0003/KEL-LEGOK/XI/2026"
    removed = tampered(
        template,
        tmp_path / "copy",
        ("PRAGMA foreign_keys = OFF", ()),
        ("DELETE FROM sipadek_entry WHERE number = ?", (number,)),
    )
    assert any(line.startswith(f"letter-missing {number}") for line in findings_of(removed))
    smuggled = tampered(
        template,
        tmp_path / "copy",
        (
            "INSERT INTO sipadek_entry SELECT 7, 'aaaaaaaaaaaaaaaaaaaaaaaaaa', series, counter, 4, 0,"
            " 'new', state, 'k', fingerprint, unit, classification, kind, post, extra, secrecy,"
            " secrecy_rank, subject, document_date, document_year, original_digest, original_size,"
            " filed_digest, filed_size, signer, extractor, actor, reason, paper, stock, reserved_at,"
            " expires_at, issued_at, void_reason FROM sipadek_entry WHERE position = 1",
            (),
        ),
        ("UPDATE sipadek_counter SET last = 4 WHERE counter = 'unit=KEL-LEGOK;2026'", ()),
    )
    assert any(line.startswith("letter-unrecorded new") for line in findings_of(smuggled))


def test_swapped_and_repeated_events_are_found(template: Office, tmp_path: Path) -> None:
    swapped = tampered(
        template,
        tmp_path / "copy",
        ("UPDATE sipadek_event SET position = -1 WHERE position = 3", ()),
        ("UPDATE sipadek_event SET position = 3 WHERE position = 4", ()),
        ("UPDATE sipadek_event SET position = 4 WHERE position = -1", ()),
    )
    assert any(line.startswith("log-altered") for line in findings_of(swapped))
    moved = tampered(
        template, tmp_path / "copy", ("UPDATE sipadek_event SET entry = 2 WHERE position = 2", ())
    )
    assert any(line.startswith("event-unreadable") for line in findings_of(moved))
    repeated = tampered(
        template,
        tmp_path / "copy",
        (
            "INSERT INTO sipadek_event SELECT (SELECT max(position) + 1 FROM sipadek_event), entry, body"
            " FROM sipadek_event WHERE position = 0",
            (),
        ),
    )
    assert any(line.startswith("event-misplaced surat") for line in findings_of(repeated))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER quiet BEFORE INSERT ON sipadek_entry BEGIN SELECT RAISE(IGNORE); END",
        "CREATE VIEW letters AS SELECT * FROM sipadek_entry",
        "ALTER TABLE sipadek_entry ADD COLUMN note TEXT",
        "INSERT INTO sipadek_meta VALUES ('more', 'x')",
        "DROP INDEX sipadek_entry_pending",
        "CREATE UNIQUE INDEX more ON sipadek_entry (position)",
    ],
)
def test_changes_of_the_schema_are_found(template: Office, tmp_path: Path, statement: str) -> None:
    assert findings_of(tampered(template, tmp_path / "copy", (statement, ())))


# --- older states put back ----------------------------------------------------------------------


def test_an_old_backup_is_noticed_by_a_kept_checkpoint(office: Office, tmp_path: Path) -> None:
    office.reserved(request("a"))
    office.close()
    backup = tmp_path / "backup.sqlite"
    shutil.copy(office.path, backup)
    office.open()
    early = office.register.head().checkpoint
    office.reserved(request("b"))
    late = office.register.head().checkpoint
    assert list(office.register.verify_history(known=[early, late, early])) == []
    office.close()
    shutil.copy(backup, office.path)
    office.open()
    assert list(office.register.verify_history(known=[early])) == []
    (finding,) = office.register.verify_history(known=[early, late])
    assert finding.code == "log-rolled-back"
    # The next letter continues from the backup: another history of the same length.
    office.reserved(request("c"))
    (finding,) = office.register.verify_history(known=[early, late])
    assert finding.code == "log-altered"
    office.reserved(request("d"), request("e"))
    (finding,) = office.register.verify_history(known=[early, late])
    assert finding.code == "log-altered"
    forged = office.register.head().checkpoint.replace("\n", "\n ", 1)
    (finding,) = office.register.verify_history(known=[forged])
    assert finding.code == "checkpoint-unknown"


@pytest.mark.no_cover
def test_memory_does_not_hold_the_register(office: Office) -> None:
    """Many letters, few objects: the replay streams."""
    for start in range(0, 2000, 500):
        office.reserved(*(request(f"{n}") for n in range(start, start + 500)))
    sizes = []
    tracemalloc.start()
    for _ in office.register.verify_history():
        pass
    sizes.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert sizes[0] < 1_000_000
