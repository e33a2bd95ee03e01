"""Searching through the front door: dates, the office's own synonyms, near words."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.errors import InvalidInput, InvalidQuery, NotFound
from sipadek.search import Field
from sipadek.sql.searching import ENOUGH

Give = Callable[[str, datetime.date], None]


@pytest.fixture
def opened(tmp_path: Path) -> sipadek.Office:
    # In Jambi it is 1 March already.
    now = datetime.datetime(2026, 2, 28, 17, 30, tzinfo=datetime.UTC)
    office = sipadek.open(tmp_path / "arsip", clock=lambda: now)
    office.define_series("ket", "{nomor:3}/{tahun}")
    return office


def give(office: sipadek.Office, subject: str, date: datetime.date) -> sipadek.Letter:
    details = LetterDetails(series="ket", subject=subject, date=date)
    (letter,) = office.numbers.give([ReservationRequest(key=subject, details=details)])
    assert isinstance(letter, sipadek.Letter)
    return letter


def subjects(office: sipadek.Office, query: str, **how: object) -> set[str]:
    hits = office.search(query, **how).hits  # type: ignore[arg-type]
    return {hit.letter.details.subject for hit in hits}


def test_today_is_that_of_the_office(opened: sipadek.Office) -> None:
    with opened as office:
        give(office, "Surat satu", datetime.date(2026, 2, 28))
        give(office, "Surat dua", datetime.date(2026, 1, 31))
        assert subjects(office, "tanggal:kemarin") == {"Surat satu"}
        assert subjects(office, "surat tanggal:bulan-lalu") == {"Surat satu"}
        january = datetime.date(2026, 2, 10)
        assert subjects(office, 'surat tanggal:"bulan lalu"', today=january) == {"Surat dua"}
        with pytest.raises(InvalidQuery):
            office.search("tanggal:besok")


def test_an_office_has_synonyms_of_its_own(opened: sipadek.Office, tmp_path: Path) -> None:
    table = tmp_path / "arsip" / "synonyms.csv"
    with opened as office:
        give(office, "Kartu Identitas Anak", datetime.date(2026, 2, 1))
        give(office, "Kelurahan Legok", datetime.date(2026, 2, 1))
        assert subjects(office, "KIA") == set()
        assert subjects(office, "kel.") == {"Kelurahan Legok"}

        table.write_text("Kartu Identitas Anak,KIA\n", "utf-8")
        assert subjects(office, "KIA") == {"Kartu Identitas Anak"}
        assert subjects(office, "kel.") == {"Kelurahan Legok"}

        table.write_text("Kartu Identitas Anak,KIA\nKel.\n", "utf-8")
        assert subjects(office, "kel.") == set()

        table.write_bytes(b"KIA,Kartu Identitas Anak\n\n\xff,x\n")
        with pytest.raises(InvalidInput) as refused:
            office.search("KIA")
        assert refused.value.fields["line"] == 3

        table.write_text("KIA,kia\n", "utf-8")
        with pytest.raises(InvalidInput, match=r"synonyms\.csv, line 1:"):
            office.search("KIA")

        table.unlink()
        assert subjects(office, "KIA") == set()


def test_what_was_meant(opened: sipadek.Office) -> None:
    with opened as office:
        give(office, "Keterangan domisili", datetime.date(2026, 2, 1))
        results = office.search("ketrangan domisli")
        assert results.suggestion == "keterangan domisili"
        assert results.total == len(results.hits) == 1
        nothing = sipadek.Viewer(units=frozenset())
        assert office.search("ketrangan", viewer=nothing).suggestion == ""


def test_letters_with_some_of_the_words_come_behind(opened: sipadek.Office) -> None:
    with opened as office:
        day = datetime.date(2026, 2, 1)
        both = [f"Domisili Legok {n}" for n in range(3)]
        some = [
            *(f"Domisili Kenali {n}" for n in range(4)),
            *(f"Usaha Legok {n}" for n in range(4)),
        ]
        for subject in [*both, *some, "Undangan rapat"]:
            give(office, subject, day)
        whole = office.search("domisili legok", limit=100)
        assert (whole.total, whole.others) == (3, 8)
        assert {hit.letter.details.subject for hit in whole.hits if not hit.partial} == set(both)
        assert {hit.letter.details.subject for hit in whole.hits if hit.partial} == set(some)
        assert [hit.partial for hit in whole.hits] == [False] * 3 + [True] * 8
        pages = [
            hit
            for offset in range(0, 12, 2)
            for hit in office.search("domisili legok", limit=2, offset=offset).hits
        ]
        assert pages == list(whole.hits)
        assert office.search("domisili DAN legok").others == 0
        assert office.search("domisili legok urut:terbaru").others == 0


def test_what_all_words_find_is_enough(opened: sipadek.Office) -> None:
    with opened as office:
        requests = [
            ReservationRequest(
                key=str(n),
                details=LetterDetails(
                    series="ket",
                    subject="Domisili Legok" if n < ENOUGH else "Domisili",
                    date=datetime.date(2026, 2, 1),
                ),
            )
            for n in range(ENOUGH + 1)
        ]
        office.numbers.give(requests)
        results = office.search("domisili legok")
        assert (results.total, results.others) == (ENOUGH, 0)


def test_letters_like_one(opened: sipadek.Office) -> None:
    with opened as office:
        day = datetime.date(2026, 2, 1)
        for n in range(8):
            give(office, f"Undangan rapat anggaran bagian {n}", day)
        first = give(office, "Penebangan pohon tumbang di Legok", day)
        second = give(office, "Laporan pohon tumbang di Kenali", day)
        give(office, "Pemangkasan pohon taman", day)
        alike = office.similar(first.id)
        assert [hit.letter.id for hit in alike.hits][0] == second.id
        assert first.id not in {hit.letter.id for hit in alike.hits}
        assert alike.total == len(alike.hits) == 2
        assert len(office.similar(first.number, limit=1).hits) == 1
        nobody = sipadek.Viewer(units=frozenset())
        with pytest.raises(NotFound):
            office.similar(first.id, viewer=nobody)
        alone = give(office, "Xylofon", day)
        assert office.similar(alone.id).hits == ()
        office.void(second.id, reason="salah")
        assert [hit.letter.id for hit in office.similar(first.id).hits] != [second.id]
        with pytest.raises(NotFound):
            office.similar(second.id)


def test_searches_are_saved_by_owner(opened: sipadek.Office) -> None:
    with opened as office:
        saved = office.save_search("Banjir", "banjir tahun:2026", owner="ani")
        office.save_search("Aset", "aset", owner="ani")
        office.save_search("Banjir", "longsor", owner="budi")
        assert [one.name for one in office.saved_searches("ani")] == ["Aset", "Banjir"]
        assert office.saved_searches("ani")[1] == saved
        assert office.saved_searches() == ()
        changed = office.save_search("Banjir", "genangan", owner="ani")
        assert office.saved_searches("ani")[1] == changed
        with pytest.raises(InvalidQuery):
            office.save_search("x", "kode:??", owner="ani")
        with pytest.raises(InvalidInput):
            office.save_search(" ", "aset", owner="ani")
        office.drop_search("Banjir", owner="ani")
        with pytest.raises(NotFound):
            office.drop_search("Banjir", owner="ani")
        assert [one.query for one in office.saved_searches("budi")] == ["longsor"]
        assert office.audit().findings == ()


def test_facets_are_told_when_asked_for(opened: sipadek.Office) -> None:
    with opened as office:
        give(office, "Undangan rapat", datetime.date(2026, 2, 1))
        give(office, "Undangan lagi", datetime.date(2025, 2, 1))
        assert office.search("undangan").facets == {}
        facets = office.search("undangan", facets=True).facets
        assert [(one.value, one.count) for one in facets[Field.YEAR]] == [("2026", 1), ("2025", 1)]
