"""A kelurahan with its staff, and citizens that are invented."""

from __future__ import annotations

import datetime
from pathlib import Path

import sipadek
from sipadek.office import CitizenServices
from sipadek.people import Grant, Holding, Organisation, Person, Post, Reach, Unit
from sipadek.services import default_catalogue
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
_TITLES = {
    "siti": "Lurah Legok",
    "umar": "Lurah Murni",
    "budi": "Camat Danau Sipin",
}
ORGANISATION = Organisation(
    units=[
        Unit(code="KOTA-JAMBI", name="Pemerintah Kota Jambi", kind="kota"),
        Unit(code="INSPEKTORAT", name="Inspektorat", kind="opd", parent="KOTA-JAMBI"),
        Unit(code=ABOVE, name="Kecamatan Danau Sipin", kind="kecamatan", parent="KOTA-JAMBI"),
        *(
            Unit(
                code=code,
                name=name,
                kind="kelurahan",
                parent=ABOVE,
                place="Jambi",
                address="Jalan Contoh Raya Nomor 00",
            )
            for code, name in ((UNIT, "Kelurahan Legok"), (OTHER, "Kelurahan Murni"))
        ),
    ],
    posts=[
        Post(code=actor.upper(), title=_TITLES.get(actor, role), unit=unit, roles=[role])
        for actor, (role, unit) in POSTS.items()
    ],
    people=[Person(id=actor, name=f"{actor.title()} Contoh", nip="19700000") for actor in POSTS],
    holdings=[
        Holding(person=actor, post=actor.upper(), since=datetime.date(2026, 1, 1))
        for actor in POSTS
    ],
    grants=[
        *(
            Grant(role=role, action="service.act")
            for role in ("petugas-loket", "kasi-pemerintahan", "lurah")
        ),
        Grant(role="camat", action="service.act", reach=Reach.BELOW),
        Grant(role="pengawas-layanan", action="service.oversee", reach=Reach.ALL),
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
            actor: authority.issue(f"{actor.title()} Contoh", key="p256").signer()
            for actor in _TITLES
        }
        self.open()
        self.office.trust(authority.root)
        self.office.define_series("layanan", "{kode}/{nomor:4}/{unit}/{tahun}", scope=["unit"])

    def open(self) -> None:
        self.office = sipadek.open(self.folder, clock=self.clock, style=self.style)
        self.services: CitizenServices = self.office.services(ORGANISATION, series="layanan")

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
