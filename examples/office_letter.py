"""One office letter, from its draft to the archive, and its disposisi at the other end.

    python examples/office_letter.py kantor

Everything is made up and lies in the folder that is named: the city, its people, and the keys they sign
with. The letter is written to surat.pdf, the sheet of its disposisi to lembar-disposisi.pdf.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import attrs
import typer
from rich.console import Console
from rich.table import Table

import sipadek
from sipadek.correspondence import GRANTS, Draft
from sipadek.errors import NotAllowed
from sipadek.numbering import Rule, Rules
from sipadek.people import Organisation, load_organisation
from sipadek.testing.authority import Authority

console = Console(width=100)

CITY = Path(__file__).with_name("kota-contoh.toml")


def city() -> Organisation:
    """The city of this example, with the library's table of who may do what."""
    return attrs.evolve(load_organisation(CITY), grants=GRANTS)


def letter() -> Draft:
    """What Citra drafts."""
    return Draft(
        kind="undangan",
        unit="SETDA",
        subject="Evaluasi Pemakaian SIPADEK dan SIPATEN",
        classification="000.1.5",
        signatory="SEKDA",
        signing_for=["WALIKOTA"],
        chain=["KABAG", "ASISTEN"],
        to=["DISKOMINFO", "Camat se-Kota Contoh"],
        copies=["Wali Kota Contoh (sebagai laporan)"],
        urgency="Segera",
        content={
            "opening": "Dalam rangka evaluasi pemakaian sistem persuratan dan pelayanan, kami mengundang"
            " Saudara untuk hadir pada:",
            "day": "Senin, 30 November 2026",
            "time": "pukul 09.00 WIB sampai selesai",
            "venue": "Ruang Rapat Sekretariat Daerah",
            "agenda": "Evaluasi pemakaian SIPADEK dan SIPATEN semester kedua",
        },
    )


def main(
    folder: Annotated[Path, typer.Argument(help="Folder kantor, dibuat bila belum ada")],
) -> None:
    """Take one letter all the way, and show what the record says of it."""
    now = datetime.datetime.now(datetime.UTC)
    authority = Authority.create(now=now)
    with sipadek.open(folder) as office:
        office.trust(authority.root)
        office.define_series(
            "surat", "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}", scope=["unit"]
        )
        office.define_series("agenda", "{nomor}/{unit}/{tahun}", scope=["unit"])
        desk = office.correspondence(city(), rules=Rules([Rule(series="surat")]), agenda="agenda")

        # Out: draft, a paraf refused, two given, number and signature, sent.
        case = desk.draft(letter(), actor="citra")
        desk.submit(case.id, actor="citra")
        desk.give_back(case.id, actor="bambang", reason="tambahkan batas waktu konfirmasi")
        draft = attrs.evolve(letter(), content=letter().content | {"closing": [
            "Kehadiran dikonfirmasi paling lambat tanggal 27 November 2026."]})  # fmt: skip
        desk.revise(case.id, draft, actor="citra")
        desk.submit(case.id, actor="citra")
        try:
            desk.paraf(case.id, actor="citra")
        except NotAllowed as refused:
            console.print(f"[dim]{refused.message}[/dim]")
        desk.paraf(case.id, actor="bambang", note="sudah diperiksa")
        desk.paraf(case.id, actor="agus")
        signed = desk.sign(case.id, actor="ratna", signer=authority.issue("Ratna Contoh").signer())
        desk.send(case.id, actor="dedi")
        desk.archive(case.id, actor="dedi")
        with desk.pdf(case.id, person="citra") as file:
            (folder / "surat.pdf").write_bytes(file.read())

        # In: verified and registered, disposed of over two levels, reported back.
        (arrived,) = desk.work("fajar").cases
        desk.register(arrived.id, actor="fajar")
        desk.dispose(arrived.id, actor="eka", to=["KABID"], instructions=["Wakili/hadiri"],
                     note="Siapkan bahan paparan", due=now + datetime.timedelta(days=3))  # fmt: skip
        (first,) = desk.work("gita").cases
        desk.dispose(first.id, actor="gita", to=["PRANATA"], note="Buat grafik pemakaian per kelurahan",
                     due=now + datetime.timedelta(days=2))  # fmt: skip
        (second,) = desk.work("hadi").cases
        desk.report(second.id, actor="hadi", report="Grafik sudah dibuat")
        desk.report(first.id, actor="gita", report="Bahan siap, hadir tepat waktu")
        desk.close(arrived.id, actor="eka")
        (folder / "lembar-disposisi.pdf").write_bytes(desk.sheet(arrived.id, person="eka"))

        for title, found, person in (
            ("Surat keluar", case.id, "ratna"),
            ("Surat masuk", arrived.id, "eka"),
        ):
            table = Table(title=title, title_justify="left")
            for heading in ("waktu", "peristiwa", "oleh", "status", "alasan"):
                table.add_column(heading)
            for step in desk.timeline(found, person=person):
                table.add_row(f"{step.at:%H:%M:%S}", step.kind, step.actor, step.state, step.reason)
            console.print(table)
        report = office.audit()
        console.print(
            f"Nomor {signed.body['number']}; agenda {desk.get(arrived.id, person='eka').body['agenda']}."
            f" Pemeriksaan: {'bersih' if report.clean else report.findings}, {report.events} peristiwa."
        )


if __name__ == "__main__":
    typer.run(main)
