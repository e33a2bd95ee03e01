"""A register in a folder, and letters to ask it numbers for."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import attrs

from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.sql import Register
from sipadek.sql.database import Database

ORIGIN = "arsip.kota.example"
NOW = datetime.datetime(2026, 11, 3, 2, 15, tzinfo=datetime.UTC)
SERIES = (
    Series(
        code="surat",
        pattern="{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}",
        scope=("unit",),
    ),
    Series(code="nota", pattern="N-{nomor}", restart="never", start=7),
)
_UNITS = ("KEL-LEGOK", "KEL-BARU", "SEKDA")


@attrs.frozen
class Place:
    """Where a register is, and the key that signs its log; goes from process to process."""

    folder: Path
    pem: bytes = attrs.field(repr=False)

    @classmethod
    def new(cls, folder: Path) -> Self:
        """An empty folder: whoever opens it first makes the register."""
        folder.mkdir(parents=True)
        return cls(folder, CheckpointKey.generate(ORIGIN).to_pem())

    @property
    def path(self) -> Path:
        return self.folder / "register.sqlite"

    @property
    def lock(self) -> Path:
        return self.folder / "locks" / "register.lock"

    def at(self, folder: Path) -> Place:
        """The same register, kept in another folder."""
        return attrs.evolve(self, folder=folder)

    def database(self) -> Database:
        return Database(self.path, lock=self.lock)

    def register(self, database: Database) -> Register:
        return Register(database, key=CheckpointKey.from_pem(self.pem, ORIGIN), origin=ORIGIN)

    @contextlib.contextmanager
    def opened(self, *, series: tuple[Series, ...] = ()) -> Iterator[Register]:
        """The register, made when missing, with ``series`` defined; closed in the end."""
        with contextlib.closing(self.database()) as database:
            register = self.register(database)
            for one in series:
                register.define_series(one, at=NOW)
            yield register


def request(key: str, *, series: str = "", date: datetime.date | None = None) -> ReservationRequest:
    """What is asked for under ``key``: the same each time, spread over series, units and years."""
    dice = zlib.crc32(key.encode())
    return ReservationRequest(
        key=key,
        details=LetterDetails(
            series=series or SERIES[dice % 4 == 0].code,
            subject=f"Keterangan {key}",
            date=date or datetime.date(2025 + dice // 4 % 2, 11, 3),
            unit=_UNITS[dice // 8 % len(_UNITS)],
            classification="400.12.2.1",
        ),
        content=hashlib.sha256(key.encode()).hexdigest(),
        size=1234,
    )
