"""A kelurahan with its staff, and citizens that are invented."""

from __future__ import annotations

import datetime
from pathlib import Path

import sipadek
from sipadek.office import CitizenServices
from sipadek.services import Holder, Paper, Signatory, StaffList, default_catalogue
from sipadek.testing.authority import Authority

UNIT, OTHER, ABOVE = "KEL-LEGOK", "KEL-MURNI", "KEC-DANAU-SIPIN"
NIK, KK, NAME = "1571994501900001", "1571990101150001", "Ayu Samudra Purnama"
START = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)  # Tuesday, 10.00 WIB
POSTS = {
    "ani": ("petugas-loket", UNIT),
    "dedi": ("kasi-pemerintahan", UNIT),
    "siti": ("lurah", UNIT),
    "budi": ("camat", ABOVE),
    "ida": ("petugas-loket", OTHER),
    "umar": ("lurah", OTHER),
    "wati": ("pengawas-layanan", "INSPEKTORAT"),
}
_SIGNING = {
    "siti": Signatory(title="Lurah Legok", name="Siti Contoh", number="197000001995001001"),
    "umar": Signatory(title="Lurah Murni", name="Umar Contoh"),
    "budi": Signatory(title="Camat Danau Sipin", name="Budi Contoh"),
}


def _paper(name: str) -> Paper:
    return Paper(
        unit=name,
        letterhead=("PEMERINTAH KOTA JAMBI", "KECAMATAN DANAU SIPIN", name.upper()),
        address=("Jalan Contoh Raya Nomor 00",),
        place="Jambi",
        place_of_office="Kecamatan Danau Sipin, Kota Jambi",
    )


STAFF = StaffList(
    papers={UNIT: _paper("Kelurahan Legok"), OTHER: _paper("Kelurahan Murni")},
    above_of={UNIT: ABOVE, OTHER: ABOVE},
    holders=[
        Holder(actor=actor, post=post, unit=unit, signatory=_SIGNING.get(actor))
        for actor, (post, unit) in POSTS.items()
    ],
)


class Clock:
    """What the office takes for the time."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime.datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += datetime.timedelta(**span)


class Desk:
    """An office on disk, its desk of services, and a certificate for each who signs."""

    def __init__(
        self, folder: Path, authority: Authority, style: sipadek.StampStyle | None = None
    ) -> None:
        self.folder, self.authority, self.style = folder, authority, style
        self.clock = Clock()
        self.signers = {
            actor: authority.issue(each.name, key="p256").signer()
            for actor, each in _SIGNING.items()
        }
        self.open()
        self.office.trust(authority.root)
        self.office.define_series("layanan", "{kode}/{nomor:4}/{unit}/{tahun}", scope=["unit"])

    def open(self) -> None:
        self.office = sipadek.open(self.folder, clock=self.clock, style=self.style)
        self.services: CitizenServices = self.office.services(staff=STAFF, series="layanan")

    def close(self) -> None:
        self.office.close()

    def submit(self, service: str = "domisili", unit: str = UNIT, **more: str) -> tuple[str, str]:
        """An application's id and code."""
        receipt = self.services.submit(
            service, unit=unit, values=values(service, **more), actor="ani"
        )
        return receipt.application, receipt.code

    def drafted(self, service: str = "domisili") -> tuple[str, str]:
        id_, code = self.submit(service)
        self.services.check(id_, actor="ani")
        self.services.draft(id_, actor="dedi")
        return id_, code

    def sign(self, id_: str, actor: str = "siti") -> sipadek.Letter:
        return self.services.sign(id_, signer=self.signers[actor], actor=actor)


def values(service: str, **more: str) -> dict[str, str]:
    """What an invented citizen writes."""
    known = {"nama": NAME, "nik": NIK, "kk": KK, "nik_almarhum": "1571990101400002"}
    fields = default_catalogue().service(service).fields
    by_type = {"date": "1990-01-05", "number": "2", "rupiah": "1500000", "text": "Contoh"}
    return {
        field.name: known.get(field.name) or (field.choices or (by_type.get(field.type, NIK),))[0]
        for field in fields
    } | more
