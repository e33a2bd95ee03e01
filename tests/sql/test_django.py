"""Numbers inside a Django transaction."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sql_office import NOW, ORIGIN

from sipadek.archive import Letter, LetterDetails, ReservationRequest
from sipadek.errors import UnsafeDatabase
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.sql import Numbers, bind, install

KEY = CheckpointKey.generate(ORIGIN)


@pytest.fixture
def django(tmp_path: Path) -> Iterator[Any]:
    from django import setup
    from django.conf import settings
    from django.db import connections

    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "kota.sqlite"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = wal; PRAGMA synchronous = full;",
        },
    }
    if not settings.configured:
        settings.configure(DATABASES={"default": database}, USE_TZ=True)
        setup()
    connections.databases["default"] = connections.configure_settings({"default": database})[
        "default"
    ]
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE surat (nomor TEXT NOT NULL)")
        numbers = install(connection.connection, key=KEY, origin=ORIGIN)
        numbers.define_series(Series(code="agenda", pattern="{nomor}/{tahun}"), at=NOW)
    yield connection
    connection.close()
    del connections["default"]


def numbers_of(django: Any) -> Numbers:
    django.ensure_connection()
    return bind(django.connection, key=KEY, origin=ORIGIN)


def file(django: Any, key: str) -> str:
    details = LetterDetails(series="agenda", subject="Undangan", date=datetime.date(2026, 11, 3))
    (letter,) = numbers_of(django).reserve([ReservationRequest(key=key, details=details)], at=NOW)
    assert isinstance(letter, Letter)
    with django.cursor() as cursor:
        cursor.execute("INSERT INTO surat VALUES (%s)", [letter.number])
    return letter.number


def test_the_letter_and_its_number_are_one_transaction(django: Any) -> None:
    from django.db import transaction

    def fail() -> None:
        with transaction.atomic():
            file(django, "b")
            raise ZeroDivisionError

    with transaction.atomic():
        assert file(django, "a") == "1/2026"
    with pytest.raises(ZeroDivisionError):
        fail()
    with transaction.atomic():
        file(django, "c")
        with pytest.raises(ZeroDivisionError):
            fail()  # a savepoint of its own
        assert file(django, "d") == "3/2026"
        assert list(numbers_of(django).verify_history()) == []
    with django.cursor() as cursor:
        cursor.execute("SELECT nomor FROM surat")
        assert [row[0] for row in cursor.fetchall()] == ["1/2026", "2/2026", "3/2026"]


def test_outside_a_transaction_it_is_refused(django: Any) -> None:
    with pytest.raises(UnsafeDatabase, match="transaction"):
        numbers_of(django)
