"""Lists of record folders: what is inactive, what is to be destroyed, moved or handed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Self

import attrs

from sipadek.archive import Letter
from sipadek.books.table import Cell, Column, Table
from sipadek.naskah import date_text
from sipadek.retention import Disposal, DisposalKind, RecordFolder

_FOLDER_COLUMNS: Final = (
    Column(heading="No.", width=8, align="right"),
    Column(heading="Kode klasifikasi", width=24),
    Column(heading="Nomor berkas", width=42),
    Column(heading="Uraian informasi berkas", width=62),
    Column(heading="Unit", width=22),
    Column(heading="Tahun", width=12, align="center"),
    Column(heading="Jumlah naskah", width=14, align="right"),
    Column(heading="Retensi aktif + inaktif (tahun)", width=20, align="center"),
    Column(heading="Ditutup", width=22),
    Column(heading="Retensi berakhir", width=22),
    Column(heading="Keterangan", width=34),
)
_LETTER_COLUMNS: Final = (
    Column(heading="No.", width=8, align="right"),
    Column(heading="Nomor berkas", width=42),
    Column(heading="Nomor naskah", width=48),
    Column(heading="Tanggal", width=24),
    Column(heading="Perihal", width=70),
    Column(heading="SHA-256 naskah terbit", width=70),
)
LIST_TITLES: Final = {
    DisposalKind.MOVE: (
        "Daftar Arsip Inaktif yang Akan Dipindahkan",
        "Daftar Arsip Inaktif yang Dipindahkan",
    ),
    DisposalKind.DESTRUCTION: ("Daftar Arsip Usul Musnah", "Daftar Arsip yang Dimusnahkan"),
    DisposalKind.TRANSFER: (
        "Daftar Arsip Statis Usul Serah",
        "Daftar Arsip Statis yang Diserahkan",
    ),
}
"""What the list of a disposal is called, before it is carried out and after."""


@attrs.frozen(kw_only=True)
class FolderContents:
    """A folder with its letters."""

    folder: RecordFolder
    letters: tuple[Letter, ...]


@attrs.frozen(kw_only=True)
class FolderList:
    """A list for the writers of books (PDF, XLSX, CSV, HTML): the folders, and behind them their letters
    where ``with_letters``. ``period`` is the line below the office's name."""

    title: str
    office: str
    period: str = ""
    with_letters: bool = False

    @classmethod
    def inactive(cls, *, office: str, period: str = "") -> Self:
        """The list of what the records centre keeps (daftar arsip inaktif)."""
        return cls(title="Daftar Arsip Inaktif", office=office, period=period)

    @classmethod
    def of(cls, disposal: Disposal, *, office: str) -> Self:
        """The list of a disposal, as it is called at its present step."""
        before, after = LIST_TITLES[disposal.kind]
        return cls(
            title=before if disposal.pending else after,
            office=office,
            period=f"Nomor {disposal.name}, keadaan per {date_text(disposal.as_of)}",
            with_letters=disposal.kind is not DisposalKind.MOVE,
        )

    def tables(self, entries: Iterable[FolderContents], /) -> Iterator[Table]:
        """The folders, and their letters."""
        found = list(entries)
        letters = sum(len(each.letters) for each in found)
        yield Table(
            name="Daftar berkas" if self.with_letters else "",
            columns=_FOLDER_COLUMNS,
            rows=[_folder(place, each) for place, each in enumerate(found, 1)],
            total=lambda: f"Jumlah {len(found)} berkas berisi {letters} naskah.",
        )
        if self.with_letters:
            pairs = [(each.folder, letter) for each in found for letter in each.letters]
            yield Table(
                name="Daftar isi berkas",
                columns=_LETTER_COLUMNS,
                rows=[_letter(place, *pair) for place, pair in enumerate(pairs, 1)],
            )


def _folder(place: int, contents: FolderContents) -> tuple[Cell, ...]:
    folder = contents.folder
    told = [str(folder.fate or ""), folder.exceptions]
    if folder.held:
        told.append(f"ditangguhkan: {folder.hold_reason}")
    return (
        place,
        folder.code,
        folder.name,
        folder.title,
        folder.unit,
        str(folder.year),
        len(contents.letters),
        f"{folder.active_years} + {folder.inactive_years}" if folder.closed_on else "",
        folder.closed_on or "",
        folder.fate_on or "",
        "; ".join(each for each in told if each),
    )


def _letter(place: int, folder: RecordFolder, letter: Letter) -> tuple[Cell, ...]:
    details = letter.details
    return place, folder.name, letter.number, details.date, details.subject, letter.filed_digest
