"""An office whose index is damaged, lost or beside the register finds its letters all the same."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.errors import InvalidInput

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


def open_(folder: Path, **how: object) -> sipadek.Office:
    return sipadek.open(folder, clock=lambda: NOW, **how)  # type: ignore[arg-type]


def give(office: sipadek.Office, *subjects: str) -> None:
    for subject in subjects:
        details = LetterDetails(series="ket", subject=subject, date=NOW.date())
        office.numbers.give([ReservationRequest(key=subject, details=details)])


@pytest.fixture
def arsip(tmp_path: Path) -> Iterator[Path]:
    with open_(tmp_path / "arsip") as office:
        office.define_series("ket", "{nomor:3}/{tahun}")
        give(office, "Surat satu", "Surat dua")
    return tmp_path / "arsip"


def test_a_damaged_index_is_noticed_and_made_anew(arsip: Path) -> None:
    with contextlib.closing(sqlite3.connect(arsip / "register.sqlite")) as other:
        other.execute("UPDATE sipadek_letter_index_data SET block = X'FFFFFFFFFFFFFFFF'")
        other.commit()
    with open_(arsip) as office:
        assert "index-damaged" in {finding.code for finding in office.audit().findings}
        assert office.search("surat").total == 2
        assert office.audit().clean
        give(office, "Surat tiga")
        assert office.search("surat").total == 3


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_an_index_beside_the_register_finds_what_was_just_issued(arsip: Path, engine: str) -> None:
    with open_(arsip, index=engine) as office:
        assert office.index_lag() > 0
        assert office.search("surat").total == 2
        assert office.index_lag() == 0
        give(office, "Surat tiga")
        hits = office.search("perihal:tiga").hits
        assert [hit.letter.details.subject for hit in hits] == ["Surat tiga"]
        assert office.search("surta").suggestion == "surat"
        assert office.audit().clean
        give(office, "Surat empat")
        assert office.catch_up() > 0
        assert office.catch_up() == 0
        told: list[tuple[int, int]] = []
        office.reindex(progress=lambda *at: told.append(at))
        assert told
        assert told[-1][0] == told[-1][1]
        office.void(hits[0].letter.id, reason="salah")
        assert office.search("surat").total == 3
    for path in (arsip / "index").rglob("*"):
        if path.is_file():
            path.unlink()
    with open_(arsip, index=engine) as office:
        assert office.search("surat").total == 3
        assert office.index_lag() == 0


def test_an_index_that_cannot_be_written_stops_no_search(arsip: Path) -> None:
    with open_(arsip, index="whoosh") as office:
        lock = arsip / "index" / "whoosh" / "writer.lock"
        lock.mkdir()
        assert office.search("surat").total == 2
        assert office.index_lag() > 0


def test_the_registers_own_index_is_never_behind(arsip: Path) -> None:
    with open_(arsip) as office:
        told: list[tuple[int, int]] = []
        office.reindex(progress=lambda *at: told.append(at))
        assert told == [(2, 2)]
        assert (office.index_lag(), office.catch_up()) == (0, 0)
        assert office.audit().clean
    with pytest.raises(InvalidInput, match="tantivy, whoosh"):
        open_(arsip, index="lucene")
