"""An office with a bit of everything that can be damaged, as folders to be copied."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import attrs
from places import request

import sipadek
from sipadek.archive import LegacyKind, LegacyNumber, LetterDetails
from sipadek.ledger import CosignerKey, Witness
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 11, 24)
LETTERS = 8


@attrs.frozen
class Base:
    """The undamaged office. ``closed`` was closed, ``open`` copied while its newest part stood in the
    write-ahead log; ``older`` are earlier states of the folder; ``kept`` is the file with the newest
    checkpoint, which lies outside of them."""

    closed: Path
    open: Path
    older: tuple[Path, ...]
    kept: Path


def opened(folder: Path, kept: Path | None = None) -> sipadek.Office:
    return sipadek.open(folder, create=False, clock=lambda: NOW, kept=kept)


def make(folder: Path) -> Base:
    """Filed and signed letters, numbers without a PDF, stock, an older book, a closed year, a trusted
    root, a cosigned checkpoint."""
    office_folder, kept = folder / "office", folder / "kept.json"
    authority = Authority.create(now=NOW, key="p256")
    signer = authority.issue("Siti Contoh", key="p256").signer()
    older: list[Path] = []
    with sipadek.open(office_folder, clock=lambda: NOW, kept=kept) as office:
        office.trust(authority.root)
        office.define_series("surat", "{kode}/{nomor:4}/{unit}/{tahun}", scope=["unit"])
        office.define_series("nota", "N-{nomor}", restart="never", insertion=".A")
        office.define_series("tamu", "T-{nomor}", restart="never")
        _book(office)
        for n in range(LETTERS):
            office.file(
                build(PdfRecipe(texts=(f"Surat keterangan {n} untuk warga kelurahan",))),
                series="surat",
                subject=f"Keterangan domisili {n}",
                unit=("LEGOK", "BARU")[n % 2],
                classification="400.12",
                signer=signer if n % 3 else None,
                key=f"surat-{n}",
            )
            if n == 2:
                older.append(_copied(office, office_folder, folder / "older-0", whole=False))
        _witnessed(office)
    older.append(_copied(None, office_folder, folder / "older-1", whole=True))
    with opened(office_folder, kept) as office:
        _numbers(office)
        log = _copied(office, office_folder, folder / "open", whole=False)
    assert (log / "register.sqlite-wal").stat().st_size
    for each in (office_folder, log):
        _must_be_clean(each, folder / "look")
    return Base(closed=office_folder, open=log, older=tuple(older), kept=kept)


def _book(office: sipadek.Office) -> None:
    rows = [
        LegacyNumber(counter="all", sequence=1, line=1, kind=LegacyKind.NUMBER, number="N-1"),
        LegacyNumber(
            counter="all", sequence=2, line=2, kind=LegacyKind.HOLE, explanation="kosong di buku"
        ),
        LegacyNumber(counter="all", sequence=3, line=3, kind=LegacyKind.NUMBER, number="N-3"),
    ]
    for series in ("nota", "tamu"):
        office.numbers.import_legacy(series, rows, source="buku 2025", actor="Ani", at=NOW)


def _numbers(office: sipadek.Office) -> None:
    numbers = office.numbers
    asked = attrs.evolve(request("beri", series="nota", date=TODAY), content="", size=0)
    (given,) = numbers.give([asked], at=NOW)
    assert isinstance(given, sipadek.Letter)
    numbers.reserve([request("pesan", series="nota", date=TODAY)], at=NOW)
    details = LetterDetails(series="nota", subject="cadangan", date=TODAY)
    numbers.stock(details, 2, key="cadangan", actor="Ani", at=NOW)
    numbers.void(given.id, reason="salah ketik", at=NOW, actor="Ani")
    numbers.close_period("surat", "2025", reason="tutup buku", actor="Ani", at=NOW)
    office.void(next(iter(office.letters())).id, reason="dibatalkan")


def _witnessed(office: sipadek.Office) -> None:
    witness = Witness(CosignerKey.generate("inspektorat.kota.example"), office.verifier)
    cosigned = witness.cosign(office.witness_request(), at=NOW)
    office.add_cosignature(cosigned, witness=witness.verifier)


def _copied(office: object, source: Path, target: Path, *, whole: bool) -> Path:
    """A copy; of an open office (not ``whole``) with its log, and without the memory beside it."""
    assert whole == (office is None)
    return Path(shutil.copytree(source, target, ignore=shutil.ignore_patterns("*-shm")))


def _must_be_clean(folder: Path, copy: Path) -> None:
    shutil.copytree(folder, copy)
    with opened(copy) as office:
        report = office.audit()
    shutil.rmtree(copy)
    assert report.clean, report.findings
