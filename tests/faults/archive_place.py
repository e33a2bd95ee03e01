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
from sipadek.retention import (
    Classification,
    DisposalKind,
    Fate,
    Paper,
    RetentionRule,
    RuleSet,
    Scheme,
)
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
    root, a cosigned checkpoint, record folders, a letter that was destroyed."""
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
        _folders(office)
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


def _folders(office: sipadek.Office) -> None:
    """A folder that is held, one that was moved, and one that was destroyed with its letter."""
    retention = office.retention
    entry = Classification(code="400.12", name="Kependudukan")
    rule = RetentionRule(code="400", active_years=0, inactive_years=0, fate=Fate.DESTROY)
    for plan in (
        Scheme(name="83/2022", source="contoh", entries=(entry,)),
        RuleSet(name="JRA", scheme="83/2022", source="contoh", rules=(rule,)),
    ):
        retention.import_plan(plan, actor="Ani")
    paper = Paper(number="BA-1", date=TODAY, by="Ani", witnesses=("Budi",))
    letters = [letter.id for letter in office.letters() if letter.filed_digest]
    for n, title in enumerate(("ditahan", "inaktif", "musnah")):
        name = retention.open_folder("400.12", title, unit="LEGOK", year=2026, actor="Ani").name
        retention.place(name, [letters[-1 - n]], actor="Ani")
        retention.close_folder(name, on=TODAY, actor="Ani")
        if n == 0:
            retention.hold(name, reason="perkara", actor="Budi")
            continue
        retention.move([name], paper, as_of=TODAY, actor="Ani")
    found = retention.propose(
        DisposalKind.DESTRUCTION, [name], as_of=TODAY, panel=["Ani"], actor="Ani"
    )
    retention.consider(found.name, paper, actor="Ani")
    retention.approve(found.name, attrs.evolve(paper, by=found.authority), actor="Ani")
    retention.decide(found.name, paper, actor="Ani")
    retention.carry_out(found.name, paper, actor="Ani")


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
