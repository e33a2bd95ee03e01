"""The register book and the agenda book: which columns they have, and what stands in them."""

from __future__ import annotations

import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Self

import attrs

from sipadek.archive import Letter, State
from sipadek.books.table import Cell, Column, Table, check_zone, moment_text, time_zone
from sipadek.errors import InvalidInput
from sipadek.naskah import secrecy_name

_Reader = Callable[[Letter, zoneinfo.ZoneInfo], Cell]

_OWN: Final = "x."
_STATES: Final[Mapping[State, str]] = {
    State.ISSUED: "terbit",
    State.RESERVED: "dipesan",
    State.VOID: "batal",
}


def _remarks(letter: Letter, zone: zoneinfo.ZoneInfo) -> str:
    by = f" oleh {letter.actor}" if letter.actor else ""
    said = []
    if letter.stock:
        said.append(f"Nomor cadangan{by}")
    if letter.insertion:
        said.append(f"Sisipan ke-{letter.insertion}{by}: {letter.reason}")
    if letter.state is State.VOID:
        said.append(f"Batal: {letter.void_reason}")
    if letter.state is State.RESERVED and letter.expires_at is not None:
        said.append(f"Dipesan sampai {moment_text(letter.expires_at, zone)}")
    return "; ".join(said)


_KNOWN: Final[Mapping[str, tuple[Column, _Reader]]] = {
    "urut": (Column(heading="No. urut", width=13, align="right"), lambda one, _: one.sequence),
    "dicatat": (
        Column(heading="Tanggal dicatat", width=30),
        lambda one, zone: one.reserved_at.astimezone(zone).date(),
    ),
    "tanggal": (Column(heading="Tanggal surat", width=29), lambda one, _: one.details.date),
    "nomor": (Column(heading="Nomor surat", width=58), lambda one, _: one.number),
    "perihal": (Column(heading="Perihal", width=57), lambda one, _: one.details.subject),
    "unit": (Column(heading="Unit", width=22), lambda one, _: one.details.unit),
    "jabatan": (Column(heading="Jabatan", width=24), lambda one, _: one.details.post),
    "jenis": (Column(heading="Jenis", width=21), lambda one, _: one.details.kind),
    "kode": (Column(heading="Kode", width=20), lambda one, _: one.details.classification),
    "sifat": (Column(heading="Sifat", width=15), lambda one, _: secrecy_name(one.details.secrecy)),
    "keadaan": (Column(heading="Keadaan", width=17), lambda one, _: _STATES[one.state]),
    "keterangan": (Column(heading="Keterangan", width=44), _remarks),
    "berkas": (
        Column(heading="Berkas", width=15),
        lambda one, _: "ada" if one.filed_digest else "tidak",
    ),
}

COLUMNS: Final = tuple(_KNOWN)
"""The columns a book can have, beside the host's own fields, such as 'x.kepada'."""

REGISTER_COLUMNS: Final = (
    "urut",
    "tanggal",
    "nomor",
    "perihal",
    "unit",
    "jenis",
    "kode",
    "sifat",
    "keadaan",
    "keterangan",
    "berkas",
)
AGENDA_COLUMNS: Final = (
    "urut",
    "dicatat",
    "nomor",
    "tanggal",
    "perihal",
    "unit",
    "keadaan",
    "keterangan",
)


def _names(value: Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _columns(_: object, __: object, names: Any) -> None:
    if not names:
        raise InvalidInput(f"a book has columns; name some of {', '.join(COLUMNS)}", columns=names)
    for name in names:
        own = isinstance(name, str) and name.startswith(_OWN) and len(name) > len(_OWN)
        if name not in _KNOWN and not own:
            raise InvalidInput(
                f"column {name!r} does not exist; use {', '.join(COLUMNS)} or a field of your own, "
                "such as x.kepada",
                columns=names,
            )
        if names.count(name) > 1:
            raise InvalidInput(f"column {name!r} is named twice; name it once", columns=names)


@attrs.frozen(kw_only=True)
class Book:
    """A book of letters. ``office`` and ``period`` ('Tahun 2026') stand under its ``title``.

    ``columns`` are names of COLUMNS, or the host's own fields as 'x.kepada'. ``timezone`` (IANA)
    says at which local time something was recorded.

    Raises InvalidInput for columns that do not exist, and for an unknown time zone.
    """

    title: str
    office: str
    period: str
    columns: tuple[str, ...] = attrs.field(converter=_names, validator=_columns)
    timezone: str = attrs.field(default="Asia/Jakarta", validator=check_zone)

    @classmethod
    def register(cls, *, office: str, period: str, timezone: str = "Asia/Jakarta") -> Self:
        """The buku register: every number with all that is known of it."""
        return cls(
            title="Buku Register Surat",
            office=office,
            period=period,
            columns=REGISTER_COLUMNS,
            timezone=timezone,
        )

    @classmethod
    def agenda(cls, *, office: str, period: str, timezone: str = "Asia/Jakarta") -> Self:
        """The buku agenda: what was recorded on which day."""
        return cls(
            title="Buku Agenda Surat",
            office=office,
            period=period,
            columns=AGENDA_COLUMNS,
            timezone=timezone,
        )

    def tables(self, entries: Iterable[Letter], /) -> Iterator[Table]:
        """One table, with a row for each letter, in the order they come."""
        zone = time_zone(self.timezone)
        chosen = [_column(name) for name in self.columns]
        readers = [reader for _, reader in chosen]
        states: Counter[State] = Counter()

        def rows() -> Iterator[tuple[Cell, ...]]:
            for letter in entries:
                states[letter.state] += 1
                yield tuple(reader(letter, zone) for reader in readers)

        def total() -> str:
            each = ", ".join(f"{states[state]} {name}" for state, name in _STATES.items())
            return f"Jumlah {states.total()} nomor: {each}."

        columns = tuple(column for column, _ in chosen)
        yield Table(name="", columns=columns, rows=rows(), total=total)


def _column(name: str) -> tuple[Column, _Reader]:
    if name in _KNOWN:
        return _KNOWN[name]
    own = name.removeprefix(_OWN)
    heading = own.replace("-", " ").replace("_", " ").capitalize()
    return Column(heading=heading, width=34), lambda one, _: dict(one.details.extra).get(own, "")


def counter_letters(letters: Iterable[Letter], *, series: str, counter: str) -> list[Letter]:
    """The letters of one counter in the order of its book: by sequence, and inserted numbers after
    the one they follow. Only these are kept in memory."""
    found = [one for one in letters if (one.details.series, one.counter) == (series, counter)]
    return sorted(found, key=lambda one: (one.sequence, one.insertion))
