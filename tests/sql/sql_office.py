"""A register on disk, and letters to put in it."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

from sipadek.archive import Filed, Letter, LetterDetails, ReservationRequest, Secrecy
from sipadek.errors import SipadekError
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.sql import Database, Register

NOW = datetime.datetime(2026, 11, 3, 2, 15, tzinfo=datetime.UTC)
ORIGIN = "arsip.kota.example"
SERIES = Series(
    code="surat",
    pattern="{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}",
    scope=("unit",),
)
PLAIN = Series(code="nota", pattern="N-{nomor}", restart="never", start=7)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Office:
    """A register that can be closed and opened again with the same key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "register.sqlite"
        self.key = CheckpointKey.generate(ORIGIN)
        self.open()

    def open(self) -> None:
        self.database = Database(self.path, lock=self.folder / "locks" / "register.lock")
        self.register = Register(self.database, key=self.key, origin=ORIGIN)

    def close(self) -> None:
        self.database.close()

    def reserve(self, *requests: ReservationRequest) -> list[Letter | SipadekError]:
        return self.register.reserve(requests, at=NOW)

    def reserved(self, *requests: ReservationRequest) -> list[Letter]:
        letters = []
        for outcome in self.reserve(*requests):
            assert isinstance(outcome, Letter), outcome
            letters.append(outcome)
        return letters

    def findings(self) -> list[str]:
        found = [*self.register.verify_history(), *self.register.check_index()]
        return [f"{finding.code} {finding.subject}: {finding.message}" for finding in found]


def request(
    key: str,
    *,
    series: str = "surat",
    unit: str = "KEL-LEGOK",
    subject: str = "Keterangan domisili",
    year: int = 2026,
    secrecy: Secrecy = Secrecy.BIASA,
    content: str | None = None,
) -> ReservationRequest:
    return ReservationRequest(
        key=key,
        details=LetterDetails(
            series=series,
            subject=subject,
            date=datetime.date(year, 11, 3),
            unit=unit,
            classification="400.12.2.1",
            secrecy=secrecy,
        ),
        content=digest_of(content if content is not None else key),
        size=1234,
    )


def filed(letter: Letter, text: str = "Menerangkan bahwa yang bersangkutan berdomisili") -> Filed:
    return Filed(
        letter=letter.id,
        digest=digest_of(f"filed {letter.id}"),
        size=5678,
        signer="CN=Lurah Legok",
        pages=(text, "Halaman kedua"),
        extractor="pypdfium2 5.15.2",
    )
