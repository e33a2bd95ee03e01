"""One citizen's letter: from the application at the counter to the QR code that anyone can check.

    python examples/citizen_letter.py layanan-kota

Everything is embedded: the office is the folder, the certificates are throw-away ones, and the people
are invented. The last step is that of a stranger with a printed letter: the page is drawn as a picture,
the QR code is read from it, and what may be shown of the letter is looked up.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Annotated

import attrs
import pypdfium2
import typer
import zxingcpp
from rich.console import Console

import sipadek
from sipadek import Office
from sipadek.people import Grant, Holding, Organisation, Person, Post, Unit
from sipadek.services import PublicView
from sipadek.testing.authority import Authority

console = Console(stderr=True)
UNIT = "KEL-LEGOK"
ORGANISATION = Organisation(
    units=[
        Unit(code="KOTA-JAMBI", name="Pemerintah Kota Jambi", kind="kota"),
        Unit(
            code="KEC-DANAU-SIPIN", name="Kecamatan Danau Sipin", kind="kecamatan",
            parent="KOTA-JAMBI",
        ),
        Unit(
            code=UNIT, name="Kelurahan Legok", kind="kelurahan", parent="KEC-DANAU-SIPIN",
            address="Jalan Contoh Raya Nomor 00, Kota Jambi, Kode Pos 00000", place="Jambi",
        ),
    ],
    posts=[
        Post(code="loket", title="Petugas Loket", unit=UNIT, roles=["petugas-loket"], shared=True),
        Post(code="kasi", title="Kasi Pemerintahan", unit=UNIT, roles=["kasi-pemerintahan"]),
        Post(code="lurah", title="Lurah Legok", unit=UNIT, roles=["lurah"]),
    ],
    people=[
        Person(id="ani", name="Ani Contoh"),
        Person(id="dedi", name="Dedi Contoh"),
        Person(id="siti", name="Siti Contoh, S.E.", nip="197000001995001001"),
    ],
    holdings=[
        Holding(person="ani", post="loket", since=datetime.date(2026, 1, 1)),
        Holding(person="dedi", post="kasi", since=datetime.date(2026, 1, 1)),
        Holding(person="siti", post="lurah", since=datetime.date(2026, 1, 1), capacity="plt"),
    ],
    grants=[
        Grant(role=role, action="service.act")
        for role in ("petugas-loket", "kasi-pemerintahan", "lurah")
    ],
)  # fmt: skip
# An invented citizen: there is no district 99 of the city, so nobody has this NIK.
CITIZEN = {
    "nama": "Ayu Samudra Purnama",
    "nik": "1571994501900001",
    "kk": "1571990101150001",
    "tempat_lahir": "Jambi",
    "tanggal_lahir": "1990-01-05",
    "jenis_kelamin": "Perempuan",
    "agama": "Islam",
    "pekerjaan": "Penjahit",
    "alamat": "Jalan Contoh Melati Nomor 12 RT 00, Kelurahan Legok",
}


def main(
    folder: Annotated[Path, typer.Argument(help="the office's folder, made on first use")],
    page: Annotated[Path | None, typer.Option(help="write the picture of the page here")] = None,
) -> None:
    """Serve one citizen, then check the letter as anyone can."""
    authority = Authority.create(now=datetime.datetime.now(datetime.UTC))
    style = sipadek.StampStyle(verify_url="https://surat.jambi.example/v/")
    with sipadek.open(folder, style=style) as office:
        office.trust(authority.root)
        office.define_series(
            "layanan", "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}", scope=["unit"]
        )
        letter = serve(office, authority)
        pdf = office.filed(letter).read()
        scanned = read_qr(pdf, page)
        services = office.services(ORGANISATION, series="layanan")
        shown = office.verification_view(scanned, services=services)
        verified = office.verify(pdf)
    console.print(f"QR: {scanned}")
    console.print(f"Signed by {verified.signatures[0].signer}")
    print(json.dumps(attrs.asdict(shown), default=str, ensure_ascii=False, indent=1))


def serve(office: Office, authority: Authority) -> str:
    """The way of one application; returns the letter's id."""
    services = office.services(ORGANISATION, series="layanan")
    receipt = services.submit(
        "domisili", unit=UNIT, values=CITIZEN | {"keperluan": "melamar"}, actor="ani"
    )
    services.give_back(receipt.application, reason="Tulis nama perusahaannya.", actor="ani")
    tell(services.track(receipt.code))
    services.complete(receipt.code, CITIZEN | {"keperluan": "melamar pekerjaan pada PT Contoh"})
    services.check(receipt.application, actor="ani")
    services.draft(receipt.application, actor="dedi")
    signer = authority.issue("Siti Contoh", organization_unit="Kelurahan Legok").signer()
    letter = services.sign(receipt.application, signer=signer, actor="siti")
    services.hand_over(receipt.application, actor="ani")
    tell(services.track(receipt.code))
    return letter.id


def tell(view: PublicView) -> None:
    """What the citizen sees under the tracking code."""
    console.print(f"{view.service}, {view.unit}: {view.stage}, biaya {view.fee}, {view.numbers}")
    for step in view.steps:
        console.print(f"  {step.at:%d-%m-%Y %H:%M} {step.name} ({step.post}) {step.reason}")


def read_qr(pdf: bytes, page: Path | None) -> str:
    """What the QR code on the first page holds, read from the page's picture as a camera would."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    picture = document[0].render(scale=3).to_pil()
    if page is not None:
        picture.save(page)
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)


if __name__ == "__main__":
    try:
        typer.run(main)
    except (sipadek.SipadekError, OSError) as error:
        raise SystemExit(f"citizen_letter: {error}") from None
