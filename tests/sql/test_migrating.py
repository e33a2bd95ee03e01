"""An older register is brought to this version in place, whole or not at all."""

from __future__ import annotations

import contextlib
import datetime
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sipadek.archive import LetterDetails, ReservationRequest, Secrecy, State
from sipadek.errors import DamagedRegister, NotAnOffice, SipadekError
from sipadek.ledger import CheckpointKey
from sipadek.search import Viewer
from sipadek.sql import Database, Register, schema

NAME = "kantor-v1"
AT = datetime.datetime(2026, 11, 3, 3, tzinfo=datetime.UTC)
VERSION_1 = Path(__file__).with_name("register_v1.sql")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    path = tmp_path / "register.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text())
        connection.execute("PRAGMA journal_mode = wal")
    return path


def key() -> CheckpointKey:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return CheckpointKey.from_pem(pem, NAME)


@contextlib.contextmanager
def opened(path: Path):  # type: ignore[no-untyped-def]
    database = Database(path, lock=path.parent / "locks" / "register.lock")
    with contextlib.closing(database):
        yield Register(database, key=key(), origin=NAME)


def version_of(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        table = "sipadek_meta" if "sipadek_meta" in tables else "meta"
        query = f"SELECT value FROM {table} WHERE name = 'schema_version'"
        return str(connection.execute(query).fetchone()[0])


def test_everything_is_there_afterwards(older: Path) -> None:
    with opened(older) as register:
        assert list(register.verify_history()) == []
        assert list(register.check_index()) == []
        letters = list(register.letters())
        assert [letter.state for letter in letters] == [
            State.ISSUED, State.VOID, State.RESERVED, State.VOID, State.RESERVED,
        ]  # fmt: skip
        assert letters[0].number == "400.12.2.1/0001/KEL-LEGOK/XI/2026"
        assert letters[1].details.secrecy is Secrecy.TERBATAS
        assert letters[1].void_reason == "salah ketik"
        hits = register.search("halaman dua", Viewer()).hits
        assert [hit.letter.number for hit in hits] == [letters[0].number]
        assert {series.code for series in register.all_series()} == {"sk", "nota"}


def test_the_counter_goes_on_and_a_key_stays_the_same_letter(older: Path) -> None:
    def request(n: int) -> ReservationRequest:
        details = LetterDetails(
            series="sk",
            subject="Keterangan domisili",
            date=datetime.date(2026, 11, 3),
            unit="KEL-LEGOK",
            classification="400.12.2.1",
        )
        return ReservationRequest(key=f"k{n}", details=details, content=f"{n:064x}", size=1000 + n)

    with opened(older) as register:
        again, new = register.reserve([request(5), request(6)], at=AT)
        assert not isinstance(again, SipadekError)
        assert not isinstance(new, SipadekError)
        assert (again.sequence, new.sequence) == (3, 4)
        assert list(register.verify_history()) == []


def test_the_old_file_is_kept_beside(older: Path) -> None:
    with opened(older):
        pass
    assert version_of(older) == schema.VERSION
    assert version_of(older.with_name("register.sqlite.version-1")) == "1"


def test_a_new_register_leaves_no_copy(tmp_path: Path) -> None:
    with opened(tmp_path / "register.sqlite"):
        pass
    assert not list(tmp_path.glob("*version*"))


def test_a_file_that_does_not_fit_is_left_as_it_was(older: Path) -> None:
    with contextlib.closing(sqlite3.connect(older)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE counter SET series = 'none' WHERE series = 'nota'")
        connection.commit()
        before = list(connection.iterdump())[:5]
    with pytest.raises(DamagedRegister):
        opened(older).__enter__()
    assert version_of(older) == "1"
    with contextlib.closing(sqlite3.connect(older)) as connection:
        assert list(connection.iterdump())[:5] == before


def test_a_version_from_the_future_is_refused(older: Path) -> None:
    with contextlib.closing(sqlite3.connect(older)) as connection:
        connection.execute("UPDATE meta SET value = '9' WHERE name = 'schema_version'")
        connection.commit()
    with pytest.raises(NotAnOffice):
        opened(older).__enter__()


_KILLED = """
import os, signal, sys
from pathlib import Path
from sipadek.sql import Database, migrating
path, step = Path(sys.argv[1]), int(sys.argv[2])
class Dying:
    def __init__(self, connection):
        self.connection, self.left = connection, step
    def execute(self, *arguments):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return self.connection.execute(*arguments)
migrate = migrating.migrate
migrating.migrate = lambda connection: migrate(Dying(connection))
Database(path, lock=path.parent / "locks" / "register.lock").close()
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is asked for")
@pytest.mark.parametrize("step", [0, 3, 12, 20, 25])
def test_a_killed_upgrade_changes_nothing_and_is_done_again(older: Path, step: int) -> None:
    process = subprocess.run(
        [sys.executable, "-c", _KILLED, str(older), str(step)], check=False, timeout=60
    )
    assert process.returncode == -signal.SIGKILL
    assert version_of(older) == "1"
    with opened(older) as register:
        assert list(register.verify_history()) == []
        assert len(list(register.letters())) == 5
