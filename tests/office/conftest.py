"""A throw-away authority and offices in temporary folders."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import sipadek
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create(now=NOW, key="p256")


@pytest.fixture(scope="session")
def signer(authority: Authority) -> sipadek.KeySigner:
    return authority.issue("Siti Contoh", key="p256").signer()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "arsip"


@pytest.fixture
def office(folder: Path, authority: Authority) -> Iterator[sipadek.Office]:
    with sipadek.open(folder, clock=lambda: NOW) as office:
        office.trust(authority.root)
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        yield office


@pytest.fixture
def letter_pdf() -> Callable[..., bytes]:
    def made(text: str = "Keterangan domisili", **more: object) -> bytes:
        return build(PdfRecipe(texts=(text,), **more))  # type: ignore[arg-type]

    return made


@pytest.fixture(scope="session")
def kantor(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[sipadek.Office]:
    """One office for all tests of correspondence: each has a city of its own in it."""
    with sipadek.open(tmp_path_factory.mktemp("kantor"), clock=lambda: NOW) as office:
        office.trust(authority.root)
        pattern = "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}"
        office.define_series("surat", pattern, scope=["unit"])
        office.define_series("agenda", "{nomor}/{unit}/{tahun}", scope=["unit"])
        yield office
        report = office.audit()
        assert report.clean, report.findings
