"""The tables in which OpenSID keeps letters: ``surat_masuk``, ``surat_keluar``, ``log_surat``.

The first two are the books of incoming and outgoing letters, with a scan in ``berkas_scan``. The third
logs letters that were printed for residents; its kinds stand in ``tweb_surat_format``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sipadek.archive.durable import storage_errors
from sipadek.books.csv_file import DELIMITERS
from sipadek.books.sheets import csv_lines, decoded
from sipadek.errors import InvalidInput
from sipadek.intake.incoming import Fault, Incoming, inside
from sipadek.intake.sql_dump import dump_rows

TABLES: Final = ("surat_masuk", "surat_keluar", "log_surat")
_FORMATS: Final = "tweb_surat_format"
# Own fields for what has no place of its own.
_KEPT: Final = {
    "nomor_urut": "nomor-urut-asal",
    "tanggal_penerimaan": "tanggal-terima",
    "tanggal_pengiriman": "tanggal-kirim",
    "isi_disposisi": "isi-disposisi",
    "keterangan": "keterangan",
    "nama_non_warga": "nama",
    "lampiran": "lampiran",
    "deleted_at": "dihapus-di-asal",
}


def read_opensid_sql(dump: Path, *, folder: Path | None = None) -> Iterator[Incoming | Fault]:
    """The letters in an SQL dump of OpenSID, whose files lie below ``folder`` (``desa/arsip``); without
    it letters are only registered. Raises InvalidInput where the dump cannot be read."""
    text = _text(dump)
    formats = {row.get("id", ""): row.get("nama", "") for _, _, row in dump_rows(text, (_FORMATS,))}
    for table, line, row in dump_rows(text, TABLES):
        yield _letter(table, f"line {line} ({table} {row.get('id', '')})", row, formats, folder)


def read_opensid_csv(
    file: Path, *, table: str, folder: Path | None = None
) -> Iterator[Incoming | Fault]:
    """The letters in a CSV of one of the TABLES, with the columns' names in the first line. As of
    `read_opensid_sql`."""
    if table not in TABLES:
        raise InvalidInput(f"OpenSID has no letters in {table!r}; give one of {', '.join(TABLES)}")
    text = _text(file)
    delimiter = max(DELIMITERS, key=lambda each: len(next(csv_lines(text, each), (0, ()))[1]))
    lines = csv_lines(text, delimiter)
    _, columns = next(lines, (0, ()))
    if "id" not in columns:
        raise InvalidInput(f"the first line of {file} has no column 'id'; export it with headings")
    for line, cells in lines:
        if any(cells):
            row = {k: "" if v == "NULL" else v for k, v in zip(columns, cells, strict=False)}
            yield _letter(table, f"line {line} ({table} {row['id']})", row, {}, folder)


def _text(path: Path) -> str:
    with storage_errors("Reading", path):
        return decoded(path.read_bytes())


def _letter(
    table: str, place: str, row: Mapping[str, str], formats: Mapping[str, str], folder: Path | None
) -> Incoming | Fault:
    try:
        make = _printed if table == "log_surat" else _booked
        return make(table, place, row, formats, folder)
    except InvalidInput as error:
        return Fault(place=place, message=error.message)


def _booked(
    table: str, place: str, row: Mapping[str, str], _: Mapping[str, str], folder: Path | None
) -> Incoming:
    """A line of the book of incoming or of outgoing letters."""
    scan = row.get("berkas_scan", "")
    return Incoming(
        key=f"{table}:{row['id']}",
        place=place,
        date=_date(row.get("tanggal_surat", "")),
        subject=row.get("isi_singkat") or "(tanpa perihal)",
        number=row.get("nomor_surat", ""),
        classification=row.get("kode_surat", ""),
        sender=row.get("pengirim", ""),
        recipient=row.get("tujuan", ""),
        path=inside(folder, scan) if scan and folder is not None else None,
        extra=_extra(row),
    )


def _printed(
    table: str,
    place: str,
    row: Mapping[str, str],
    formats: Mapping[str, str],
    folder: Path | None,
) -> Incoming:
    """A letter that was printed for a resident; a file that is no PDF is a draft, and only named."""
    kind = formats.get(row.get("id_format_surat", ""), "")
    file = row.get("nama_surat", "")
    is_pdf = file.lower().endswith(".pdf") and folder is not None
    told = _extra(row)
    if file and not is_pdf:
        told["berkas-asal"] = file
    return Incoming(
        key=f"{table}:{row['id']}",
        place=place,
        date=_date(row.get("tanggal", "")),
        subject=kind or row.get("keterangan") or file or "(tanpa perihal)",
        number=row.get("no_surat", ""),
        path=inside(folder, file) if is_pdf and folder is not None else None,
        extra=told,
    )


def _extra(row: Mapping[str, str]) -> dict[str, str]:
    return {own: row[column] for column, own in _KEPT.items() if row.get(column)}


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise InvalidInput(
            f"its date is {text!r}; correct it where it came from, as YYYY-MM-DD"
        ) from None
