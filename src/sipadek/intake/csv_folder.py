"""A folder of PDFs with a CSV that says what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sipadek.archive.durable import storage_errors
from sipadek.books.csv_file import DELIMITERS
from sipadek.books.dates import parse_date
from sipadek.books.legacy_rows import normal
from sipadek.books.sheets import csv_lines, decoded
from sipadek.errors import InvalidInput
from sipadek.intake.incoming import Fault, Incoming, inside, secrecy_of

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "file": ("berkas", "nama berkas", "file", "nama file", "dokumen"),
    "key": ("kunci", "id", "key"),
    "number": ("nomor surat", "nomor naskah", "no surat", "nomor", "nomor asal"),
    "date": ("tanggal surat", "tanggal naskah", "tgl surat", "tanggal", "tgl"),
    "subject": ("perihal", "hal", "isi ringkas", "isi singkat", "tentang"),
    "sender": ("dari", "pengirim", "asal surat"),
    "recipient": ("kepada", "tujuan", "penerima", "ditujukan kepada"),
    "unit": ("unit", "unit kerja"),
    "classification": ("klasifikasi", "kode klasifikasi", "kode"),
    "kind": ("jenis", "jenis naskah", "jenis surat"),
    "secrecy": ("sifat", "sifat surat"),
}
"""What a column is called by itself; the first that is there counts."""

_NEEDED: Final = ("date", "subject")


def read_csv_folder(
    table: Path,
    *,
    folder: Path | None = None,
    columns: Mapping[str, str] | None = None,
    extra: Sequence[str] = (),
) -> Iterator[Incoming | Fault]:
    """The letters of a CSV, in its order, with the files that it names below ``folder`` (by default
    where the CSV lies).

    The first line has the headings: those of HEADINGS, or as ``columns`` says by field, such as
    ``{'file': 'Nama PDF'}``. A date and a subject are needed. A letter without a file is only
    registered. ``extra`` are further headings to keep, as own fields. A letter's key is the column
    ``key``, else the file's name, else the number; two lines with one key are a fault.

    Raises InvalidInput for a file without these headings, or that is no CSV in UTF-8 or Windows-1252.
    """
    with storage_errors("Reading", table):
        text = decoded(table.read_bytes())
    delimiter, places = _headings(text, columns or {}, extra)
    seen: dict[str, int] = {}
    lines = csv_lines(text, delimiter)
    next(lines)
    for line, cells in lines:
        if any(cell.strip() for cell in cells):
            yield _read(line, cells, places, extra, folder or table.parent, seen)


def _headings(
    text: str, columns: Mapping[str, str], extra: Sequence[str]
) -> tuple[str, dict[str, int]]:
    """The delimiter that finds most headings, and the place of each column."""
    unknown = sorted(columns.keys() - HEADINGS.keys())
    if unknown:
        raise InvalidInput(
            f"there is no field {unknown[0]!r}; the fields are {', '.join(HEADINGS)}"
        )
    best: tuple[str, dict[str, int]] = (",", {})
    for delimiter in DELIMITERS:
        _, cells = next(csv_lines(text, delimiter), (0, ()))
        found = _places(cells, columns, extra)
        if len(found) > len(best[1]):
            best = delimiter, found
    missing = [name for name in (*_NEEDED, *columns, *extra) if name not in best[1]]
    if missing:
        raise InvalidInput(
            f"the first line has no column for {missing[0]!r}; it needs headings such as 'tanggal',"
            " 'perihal', 'berkas', or say which heading is which",
            field=missing[0],
        )
    return best


def _places(
    cells: Sequence[Any], columns: Mapping[str, str], extra: Sequence[str]
) -> dict[str, int]:
    texts = [normal(cell) for cell in cells]
    wanted = {
        field: (normal(columns[field]),) if field in columns else names
        for field, names in HEADINGS.items()
    }
    wanted |= {heading: (normal(heading),) for heading in extra}
    return {
        field: texts.index(name)
        for field, names in wanted.items()
        for name in [next((each for each in names if each in texts), None)]
        if name is not None
    }


def _read(
    line: int,
    cells: Sequence[str],
    places: Mapping[str, int],
    extra: Sequence[str],
    folder: Path,
    seen: dict[str, int],
) -> Incoming | Fault:
    place = f"line {line}"
    value = {field: cells[at].strip() if at < len(cells) else "" for field, at in places.items()}
    key = value.get("key") or value.get("file") or value.get("number") or ""
    try:
        if not key:
            raise InvalidInput("it has no key, no file and no number; give it one of them")
        if key in seen:
            raise InvalidInput(f"its key {key!r} is that of line {seen[key]}, too; give it another")
        seen[key] = line
        name = value.get("file", "")
        return Incoming(
            key=key,
            place=place,
            date=parse_date(value["date"]),
            subject=_needed("subject", value),
            path=inside(folder, name) if name else None,
            secrecy=secrecy_of(value.get("secrecy", "")),
            extra={field_name(each): value[each] for each in extra if value[each]},
            **{
                field: value.get(field, "")
                for field in ("number", "sender", "recipient", "unit", "classification", "kind")
            },
        )
    except InvalidInput as error:
        return Fault(place=place, message=error.message)


def _needed(field: str, value: Mapping[str, str]) -> str:
    if not value[field]:
        raise InvalidInput(f"it has no {field}; write one")
    return value[field]


def field_name(heading: str) -> str:
    """A heading as the name of an own field: lower-case letters, digits and hyphens."""
    return "-".join(normal(heading).split())
