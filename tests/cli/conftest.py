"""Commands run in this process, and offices and keys for them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import PASSPHRASE, Keys, Ran, Run
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.cli import main
from sipadek.testing.authority import Authority, Credential
from sipadek.testing.pdfs import PdfRecipe, build


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def ran(*arguments: object) -> Ran:
        code = main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return ran


@pytest.fixture(scope="session")
def credential() -> tuple[Authority, Credential]:
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)
    authority = Authority.create(now=now, key="p256")
    return authority, authority.issue("Siti Contoh", key="p256")


@pytest.fixture(scope="session")
def keys(
    credential: tuple[Authority, Credential], tmp_path_factory: pytest.TempPathFactory
) -> Keys:
    folder = tmp_path_factory.mktemp("kunci")
    found = Keys(*(folder / name for name in ("akar.pem", "p.p12", "s.pem", "k.pem", "sandi")))
    authority, signer = credential
    found.root.write_bytes(authority.root.public_bytes(Encoding.PEM))
    signer.write_pkcs12(found.pkcs12, PASSPHRASE)
    signer.write_pem(found.certificate, found.key, passphrase=PASSPHRASE)
    found.passphrase.write_text(f"{PASSPHRASE}\n")
    return found


@pytest.fixture
def office(run: Run, tmp_path: Path) -> Path:
    """An office with the series 'ket'."""
    folder = tmp_path / "arsip"
    assert run("init", folder).code == 0
    pattern = "{kode}/{nomor:3}/{unit}/{tahun}"
    assert run("series", folder, "ket", "--pattern", pattern, "--scope", "unit").code == 0
    return folder


@pytest.fixture
def pdf(tmp_path: Path) -> Callable[..., Path]:
    """Makes a PDF with a text and gives its path."""

    def made(text: str = "Keterangan domisili", name: str = "surat.pdf", **more: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(build(PdfRecipe(texts=(text,), **more)))
        return path

    return made
