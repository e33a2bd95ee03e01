"""The report on gaps tells every number once, and its counts agree."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from book_letters import HOSTILE, NOON, any_text
from hypothesis import given
from hypothesis import strategies as st

from sipadek.books import GapReport, write_csv, write_html
from sipadek.errors import InvalidInput
from sipadek.sql.accounting import Account, Remark

REPORT = GapReport(office="Kelurahan Legok", period="Tahun 2026")


def account(**more: Any) -> Account:
    nothing: dict[str, Any] = dict.fromkeys(
        ("void", "held", "inserted", "holes", "repeats", "missing"), ()
    )
    known = {"series": "surat", "counter": "2026", "start": 1, "last": 0, "issued": 0, "legacy": 0}
    return Account(**(nothing | known | more))


def remark(number: str, reason: str = "", **more: Any) -> Remark:
    return Remark(number=number, reason=reason, **more)


def tables(*accounts: Account) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """Both tables as mappings by heading, and the line below the second."""
    found = []
    for table in REPORT.tables(iter(accounts)):
        names = [column.heading for column in table.columns]
        found.append([dict(zip(names, row, strict=True)) for row in table.rows])
        total = table.total()
    return found[0], found[1], total


FULL = account(
    last=20,
    issued=8,
    legacy=5,
    void=(remark("6", "salah", actor="Sekretaris", since=NOON), remark("7.A", "batal sisip")),
    held=(remark("8", since=NOON, until=NOON + datetime.timedelta(days=1)),),
    inserted=(remark("7.A", "terlambat", actor="Lurah"),),
    holes=(remark("3", "tidak diketahui"),),
    repeats=(remark("4", "dua petugas"),),
    missing=((10, 12), (15, 15)),
)


def test_every_number_is_told_with_its_reason() -> None:
    _, details, total = tables(FULL)
    told = [(row["Golongan"], row["Nomor"], row["Alasan"], row["Oleh"]) for row in details]
    assert told == [
        ("batal", "6", "salah", "Sekretaris"),
        ("batal", "7.A", "batal sisip", ""),
        ("dipesan", "8", "", ""),
        ("sisipan", "7.A", "terlambat", "Lurah"),
        ("kosong di buku lama", "3", "tidak diketahui", ""),
        ("ganda di buku lama", "4", "dua petugas", ""),
        ("tidak tercatat", "10 s.d. 12", "3 nomor tidak tercatat; periksa register", ""),
        ("tidak tercatat", "15", "1 nomor tidak tercatat; periksa register", ""),
    ]
    assert (details[2]["Sejak"], details[2]["Sampai"]) == (
        "3 November 2026 12.00",
        "4 November 2026 12.00",
    )
    assert total == ""


def test_the_counts_of_a_counter_make_its_sum() -> None:
    (row,), _, _ = tables(FULL)
    main = ("Terbit", "Buku lama", "Batal", "Dipesan", "Kosong", "Tidak tercatat")
    assert sum(row[name] for name in main) == row["Jumlah"] == 20
    assert (row["Sisipan"], row["Ganda"]) == (1, 1)


def test_nothing_to_tell_is_said() -> None:
    summary, details, total = tables(account(last=3, issued=3), account(counter="2027"))
    assert [row["Jumlah"] for row in summary] == [3, 0]
    assert details == []
    assert total.startswith("Nihil")


@given(st.lists(st.tuples(any_text, any_text), max_size=5))
def test_any_reason_can_be_written(remarks: list[tuple[str, str]]) -> None:
    one = account(void=tuple(remark(number, reason) for number, reason in remarks))
    for write in (write_csv, write_html):
        file = io.BytesIO()
        write([one], file, REPORT)
        assert file.getvalue().decode()


@pytest.mark.parametrize("form", ["xlsx", "pdf"])
def test_the_report_is_written_in_other_forms(form: str) -> None:
    pytest.importorskip({"xlsx": "openpyxl", "pdf": "typst"}[form])
    import sipadek.books

    file = io.BytesIO()
    hostile = account(void=tuple(remark(str(n), text) for n, text in enumerate(HOSTILE)))
    getattr(sipadek.books, f"write_{form}")([FULL, hostile], file, REPORT)
    assert file.getvalue().startswith({"xlsx": b"PK", "pdf": b"%PDF-"}[form])


def test_csv_has_both_tables() -> None:
    file = io.BytesIO()
    write_csv([FULL], file, REPORT)
    lines = file.getvalue().decode("utf-8-sig").split("\r\n")
    assert lines[2] == ""
    assert lines[0].startswith("Seri,Penghitung,Nomor awal")
    assert lines[3].startswith("Seri,Penghitung,Golongan")


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput):
        GapReport(office="", period="", timezone="Jakarta")
