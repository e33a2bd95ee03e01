"""What the demonstration files: sample letters, the series that number them, who signs them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Final

import attrs
from cryptography.hazmat.primitives.serialization import Encoding

import sipadek
from sipadek.testing.authority import Authority, Credential
from sipadek.testing.sample_letters import SampleLetter

PASSPHRASE: Final = "contoh"  # noqa: S105  # of a key that is thrown away


@attrs.frozen
class DemoSeries:
    """A series and the kinds of letter that it numbers, with what each kind is called in a number."""

    code: str
    pattern: str
    scope: tuple[str, ...]
    kinds: dict[str, str]


SERIES: Final = (
    DemoSeries(
        "naskah-dinas",
        "{sifat}/{nomor:3}/{kode}/{unit}/{bulan:romawi}/{tahun}",
        ("secrecy",),
        {},
    ),
    DemoSeries("keputusan", "{nomor} TAHUN {tahun}", (), {"keputusan-lurah": "KEP"}),
    DemoSeries(
        "naskah-khusus",
        "{nomor:3}/{jenis}/{unit}/{bulan:romawi}/{tahun}",
        ("kind",),
        {"nota-dinas": "ND", "berita-acara": "BA"},
    ),
    DemoSeries(
        "surat-keterangan",
        "{kode}/{nomor:3}/{unit}/{bulan:romawi}/{tahun}",
        (),
        {
            "keterangan-domisili": "SKD",
            "keterangan-tidak-mampu": "SKTM",
            "keterangan-usaha": "SKU",
            "keterangan-kelahiran": "SKL",
            "keterangan-kematian": "SKM",
            "keterangan-pindah": "SKP",
            "keterangan-belum-menikah": "SKBM",
            "pengantar-skck": "SP",
            "pengantar-nikah": "N1",
            "pernyataan-ahli-waris": "SPAW",
        },
    ),
)
"""The first one takes every kind that no other names. Orders as offices really use them."""


def series_of(sample: SampleLetter) -> tuple[DemoSeries, str]:
    """The series that numbers a letter, and its kind as the register holds it."""
    for each in SERIES:
        if sample.kind in each.kinds:
            return each, each.kinds[sample.kind]
    return SERIES[0], sample.kind


@attrs.frozen
class Officials:
    """Whoever a letter names as its signer, with a certificate made on the spot."""

    authority: Authority

    @classmethod
    def appoint(cls, *, now: datetime.datetime) -> Officials:
        """A throw-away authority, valid from a minute ago, so that clocks need not agree."""
        return cls(Authority.create(now=now - datetime.timedelta(minutes=1)))

    def of(self, sample: SampleLetter) -> Credential:
        """The certificate of the letter's signer. P-256: a key takes no time to make."""
        block = json.loads(sample.content)["signature"]
        return self.authority.issue(
            block["name"],
            organization_unit=sample.unit,
            employee_number=block["number"].replace(" ", ""),
            key="p256",
        )

    def save(self, folder: Path, credential: Credential) -> None:
        """A key and the root for those who want to go on with the demonstration's office."""
        folder.mkdir()
        credential.write_pkcs12(folder / "pejabat.p12", PASSPHRASE)
        (folder / "sandi.txt").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
        (folder / "akar.pem").write_bytes(self.authority.root.public_bytes(Encoding.PEM))


def define_series(office: sipadek.Office) -> None:
    """All series of the demonstration."""
    for each in SERIES:
        office.define_series(each.code, each.pattern, scope=each.scope)


def file_sample(
    office: sipadek.Office, sample: SampleLetter, signer: sipadek.Signer
) -> sipadek.Letter:
    """File one letter as an office would."""
    series, kind = series_of(sample)
    return office.file(
        sample.pdf,
        series=series.code,
        subject=sample.subject,
        unit=sample.unit,
        classification=sample.classification,
        kind=kind,
        secrecy=sample.secrecy,
        date=sample.date,
        signer=signer,
    )
