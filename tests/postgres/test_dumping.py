"""A register goes from SQLite to PostgreSQL and back: the same lines, and a log that vouches for it."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import pytest
from postgres_office import PostgresOffice
from sql_office import NOW, SERIES, Office, request
from test_numbers import ask
from test_same_events import script

from sipadek.archive import Filed, LetterDetails, ReservationRequest
from sipadek.errors import DamagedRegister, InvalidInput
from sipadek.search import Viewer
from sipadek.sql.recognition import Recognised

VIEWER = Viewer()
LATER = datetime.date(2028, 1, 2)


@pytest.fixture
def sqlite(tmp_path: Path, office: PostgresOffice) -> Office:
    """A register on SQLite with the key of the one on the server."""
    return with_key(tmp_path / "satu", office)


def with_key(folder: Path, office: PostgresOffice) -> Office:
    folder.mkdir()
    made = Office(folder)
    made.close()
    (folder / "register.sqlite").unlink()
    made.key = office.key
    made.open()
    return made


def digest(register: object) -> str:
    return hashlib.sha256(b"".join(register.dump())).hexdigest()  # type: ignore[attr-defined]


def file(office: Office, key: str, *pages: str) -> None:
    """A letter with a PDF, as filing leaves it."""
    (letter,) = office.reserved(request(key))
    filed = Filed(
        letter=letter.id,
        digest="ab" * 32,
        size=999,
        signer="CN=Siti",
        pages=pages,
        extractor="uji 1",
    )
    office.register.issue([filed], at=NOW)


def test_from_sqlite_to_postgresql_and_back(
    sqlite: Office, office: PostgresOffice, tmp_path: Path
) -> None:
    script(sqlite.register)
    sqlite.register.define_series(SERIES, at=NOW)
    file(sqlite, "pdf-1", "isi satu", "")
    file(sqlite, "pdf-2", "")
    position, _, (page,) = sqlite.register.next_unrecognised(limit=1) or (0, None, (0,))
    found = [Recognised(page=page, text="dibaca mesin")]
    sqlite.register.record_recognised(position, found, recogniser="uji", at=NOW)
    details = LetterDetails(
        series="agenda", subject="lama", date=NOW.date(), unit="A", extra={"nomor-asal": "470/1"}
    )
    sqlite.register.give([ReservationRequest(key="lama", details=details)], at=NOW)
    wanted = digest(sqlite.register)
    office.register.load(sqlite.register.dump())
    assert office.findings() == []
    assert digest(office.register) == wanted
    assert office.register.head() == sqlite.register.head()
    back = with_key(tmp_path / "dua", office)
    back.register.load(office.register.dump())
    assert back.findings() == []
    assert digest(back.register) == wanted
    assert [*back.register.letters()] == [*sqlite.register.letters()]
    for query in ("satu", "mesin", "470/1", "undangan"):
        hits = [
            [hit.letter.id for hit in each.register.search(query, VIEWER).hits]
            for each in (sqlite, back)
        ]
        assert hits[0] == hits[1] != [], query
    sqlite.close()
    back.close()


def test_from_postgresql_to_sqlite_and_both_go_on(office: PostgresOffice, tmp_path: Path) -> None:
    script(office.register)
    office.sql("SELECT nextval(pg_get_serial_sequence('sipadek.entry', 'position'))")  # a hole
    office.register.give([ask("after the hole", date=LATER)], at=NOW)
    with pytest.raises(InvalidInput):
        digest(office.register)
    office.register.seal()
    wanted = digest(office.register)
    other = with_key(tmp_path / "satu", office)
    other.register.load(office.register.dump())
    assert other.findings() == []
    assert digest(other.register) == wanted
    (mine,) = other.register.give([ask("next one", date=LATER)], at=NOW)
    (theirs,) = office.register.give([ask("next one", date=LATER)], at=NOW)
    assert mine.number == theirs.number  # type: ignore[union-attr]
    assert other.findings() == office.findings() == []
    other.close()


def test_numbers_go_on_after_loading(sqlite: Office, office: PostgresOffice) -> None:
    script(sqlite.register)
    office.register.load(sqlite.register.dump())
    (mine,) = office.register.give([ask("next one", date=LATER)], at=NOW)
    (theirs,) = sqlite.register.give([ask("next one", date=LATER)], at=NOW)
    assert mine.number == theirs.number  # type: ignore[union-attr]
    assert office.findings() == sqlite.findings() == []
    sqlite.close()


def test_a_dump_that_lies_is_not_loaded(sqlite: Office, office: PostgresOffice) -> None:
    script(sqlite.register)
    lines = [*sqlite.register.dump()]
    with pytest.raises(InvalidInput):
        office.register.load(lines[:-1])
    lie = [line.replace(b"Undangan rapat", b"Undangan pesta") for line in lines]
    with pytest.raises(InvalidInput):
        office.register.load(lie)
    true, false = (hashlib.sha256(b"".join(each[:-1])).hexdigest() for each in (lines, lie))
    lie[-1] = lines[-1].replace(true.encode(), false.encode())
    with pytest.raises(DamagedRegister):
        office.register.load(lie)
    office.register.load(lines)
    with pytest.raises(InvalidInput):
        office.register.load(lines)  # it is not empty any more
    sqlite.close()
