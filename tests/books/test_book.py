"""What stands in the columns of a book, and in which order its letters come."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from book_letters import NOON, letter
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Letter, Secrecy, State
from sipadek.books import AGENDA_COLUMNS, COLUMNS, REGISTER_COLUMNS, Book, Cell, counter_letters
from sipadek.errors import InvalidInput

OFFICE: dict[str, Any] = {"office": "Kelurahan Legok", "period": "Tahun 2026"}


def row(one: Letter, book: Book | None = None) -> dict[str, Cell]:
    """The cells of one letter by heading."""
    (table,) = (book or Book.register(**OFFICE)).tables([one])
    (cells,) = table.rows
    return dict(zip((column.heading for column in table.columns), cells, strict=True))


def test_a_register_tells_all_that_is_known_of_a_letter() -> None:
    assert row(letter(12, secrecy=Secrecy.RAHASIA)) == {
        "No. urut": 12,
        "Tanggal surat": datetime.date(2026, 11, 3),
        "Nomor surat": "400.12.2.1/0012/KEL-LEGOK/XI/2026",
        "Perihal": "Keterangan domisili",
        "Unit": "KEL-LEGOK",
        "Jenis": "keterangan",
        "Kode": "400.12.2.1",
        "Sifat": "Rahasia",
        "Keadaan": "terbit",
        "Keterangan": "",
        "Berkas": "ada",
    }


@pytest.mark.parametrize(
    ("more", "state", "remark"),
    [
        ({"state": State.VOID, "void_reason": "salah unit"}, "batal", "Batal: salah unit"),
        ({"state": State.RESERVED}, "dipesan", ""),
        (
            {"state": State.RESERVED, "expires_at": NOON},
            "dipesan",
            "Dipesan sampai 3 November 2026 12.00",
        ),
        (
            {"insertion": 2, "reason": "terlambat dicatat", "actor": "Sekretaris"},
            "terbit",
            "Sisipan ke-2 oleh Sekretaris: terlambat dicatat",
        ),
        (
            {"state": State.RESERVED, "stock": True, "actor": "Tata usaha"},
            "dipesan",
            "Nomor cadangan oleh Tata usaha",
        ),
        (
            {"state": State.VOID, "insertion": 1, "reason": "a", "void_reason": "b"},
            "batal",
            "Sisipan ke-1: a; Batal: b",
        ),
    ],
)
def test_a_remark_says_what_is_special(more: dict[str, Any], state: str, remark: str) -> None:
    cells = row(letter(filed_digest="", **more))
    assert (cells["Keadaan"], cells["Keterangan"], cells["Berkas"]) == (state, remark, "tidak")


def test_an_agenda_tells_the_local_day_of_recording() -> None:
    late = datetime.datetime(2026, 12, 31, 17, 30, tzinfo=datetime.UTC)
    one = letter(reserved_at=late)
    assert row(one, Book.agenda(**OFFICE))["Tanggal dicatat"] == datetime.date(2027, 1, 1)
    utc = Book.agenda(timezone="UTC", **OFFICE)
    assert row(one, utc)["Tanggal dicatat"] == datetime.date(2026, 12, 31)


def test_a_book_has_the_columns_it_was_given() -> None:
    book = Book(title="Buku Ekspedisi", columns=("urut", "x.di-tujukan", "jabatan"), **OFFICE)
    one = letter(7, extra={"di-tujukan": "Camat"}, post="Lurah")
    assert row(one, book) == {"No. urut": 7, "Di tujukan": "Camat", "Jabatan": "Lurah"}
    assert row(letter(), book)["Di tujukan"] == ""
    assert {*REGISTER_COLUMNS, *AGENDA_COLUMNS} <= {*COLUMNS}
    for name in COLUMNS:
        assert row(one, Book(title="", columns=(name,), **OFFICE))


@pytest.mark.parametrize(
    "more",
    [
        {"columns": ()},
        {"columns": "urut nomor"},
        {"columns": ("urut", "tidak-ada")},
        {"columns": ("urut", "urut")},
        {"columns": ("x.",)},
        {"columns": (3,)},
        {"columns": ("urut",), "timezone": "Mars/Olympus"},
        {"columns": ("urut",), "timezone": ""},
    ],
)
def test_a_book_that_cannot_be_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Book(title="Buku", **OFFICE, **more)


def test_the_total_counts_states() -> None:
    states = [State.ISSUED, State.VOID, State.ISSUED, State.RESERVED]
    (table,) = Book.register(**OFFICE).tables(
        letter(n, state=state) for n, state in enumerate(states, 1)
    )
    assert len(list(table.rows)) == 4
    assert table.total() == "Jumlah 4 nomor: 2 terbit, 1 dipesan, 1 batal."


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3), st.booleans()), unique=True))
def test_one_counter_is_put_in_the_order_of_its_book(
    places: list[tuple[int, int, bool]],
) -> None:
    letters = [
        letter(n, insertion=insertion, counter="2026" if mine else "2025")
        for n, insertion, mine in places
    ]
    letters += [letter(1, series="lain", counter="2026")]
    found = counter_letters(iter(letters), series="surat", counter="2026")
    assert [(one.sequence, one.insertion) for one in found] == sorted(
        (n, insertion) for n, insertion, mine in places if mine
    )
