"""Letters, accounts and tables for books, sound and hostile ones."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from hypothesis import strategies as st

from sipadek.archive import Letter, LetterDetails, State
from sipadek.books import Cell, Column, Table
from sipadek.numbering import Series

NOON = datetime.datetime(2026, 11, 3, 5, 0, tzinfo=datetime.UTC)
# Of older books.
SERIES = Series(
    code="surat",
    pattern="{nomor}/{unit}/{bulan:romawi}/{tahun}",
    scope=("unit",),
    insertion=".A",
    start=2,
)
UNKNOWN = "tidak diketahui"

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+62 812",
    "-",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "' =1",
    "'biasa",
    "＝1",
    "#N/A",
    "TRUE",
    "1e9",
    "_x000D_ dan _x005F_x000D_",
    "satu\r\ndua\rtiga\nempat",
    "\x00\x07\x1b[31m\x7f\x85",
    "\ud800 separuh",
    "\ufffe\uffff",
    "\u202eterbalik\u202c مرحبا שלום",
    "</td><script>alert('x')</script>&amp;&lt;",
    '"kutip", titik; koma\ttab',
    "  tepi  ",
    "🏛️ 令和",
    "x" * 5000,
    "#let x = [*tebal*] $y$ @ref",
)


def letter(sequence: int = 1, **more: Any) -> Letter:
    """An issued and filed letter; fields of its details are taken from ``more`` as well."""
    names = {field.name for field in attrs.fields(LetterDetails)}
    details = {
        "series": "surat",
        "subject": "Keterangan domisili",
        "date": datetime.date(2026, 11, 3),
        "unit": "KEL-LEGOK",
        "classification": "400.12.2.1",
        "kind": "keterangan",
    } | {name: more.pop(name) for name in names & more.keys()}
    fields: dict[str, Any] = {
        "id": f"id-{sequence}",
        "number": f"400.12.2.1/{sequence:04}/KEL-LEGOK/XI/2026",
        "sequence": sequence,
        "counter": "unit=KEL-LEGOK;2026",
        "state": State.ISSUED,
        "key": f"k-{sequence}",
        "original_digest": "0" * 64,
        "original_size": 1,
        "reserved_at": NOON,
        "filed_digest": "1" * 64,
    }
    return Letter(details=LetterDetails(**details), **(fields | more))


@attrs.frozen(kw_only=True)
class Sheets:
    """Something printed with given tables: its entries are the rows of all of them."""

    title: str = "Judul"
    office: str = "Kelurahan Legok"
    period: str = "Tahun 2026"
    widths: tuple[float, ...] = (20.0, 60.0, 40.0)

    def tables(self, entries: Iterable[tuple[Cell, ...]], /) -> Iterator[Table]:
        sides = ("left", "right", "center")
        columns = tuple(
            Column(heading=f"Kolom {place}", width=width, align=sides[place % 3])  # type: ignore[arg-type]
            for place, width in enumerate(self.widths)
        )
        count = 0

        def rows() -> Iterator[tuple[Cell, ...]]:
            nonlocal count
            for row in entries:
                count += 1
                yield row

        yield Table(name="Isi", columns=columns, rows=rows(), total=lambda: f"Jumlah {count}.")


any_text = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=40)
)
cells: st.SearchStrategy[Cell] = st.one_of(
    any_text,
    st.integers(0, 10**12),
    st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31)),
)
tables: st.SearchStrategy[list[tuple[Cell, ...]]] = st.lists(
    st.tuples(cells, cells, cells), max_size=12
)
