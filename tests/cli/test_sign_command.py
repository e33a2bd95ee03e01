"""sign."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from command_line import Run

from sipadek.signing import verify_pdf
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create(now=NOW - datetime.timedelta(days=1), key="p256")


@pytest.fixture
def key(tmp_path: Path, authority: Authority) -> list[str | Path]:
    store, secret = tmp_path / "kunci.p12", tmp_path / "sandi"
    authority.issue("Rina Contoh", key="p256").write_pkcs12(store, "rahasia-sekali")
    secret.write_text("rahasia-sekali\n")
    return ["--pkcs12", store, "--passphrase-file", secret]


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "surat.pdf"
    path.write_bytes(build(PdfRecipe(pages=2)))
    return path


def test_a_pdf_is_signed_and_the_original_stays(
    run: Run, pdf: Path, key: list[str | Path], authority: Authority
) -> None:
    before = pdf.read_bytes()
    output = pdf.parent / "bertanda.pdf"
    options = ["--reason", "Disetujui", "--text", "TTE\\nRina", "--page", "last", "--json"]
    ran = run("sign", pdf, "-o", output, *key, *options)
    assert (ran.code, ran.err) == (0, "")
    data = output.read_bytes()
    assert ran.value == {"path": str(output), "size": len(data), "added": len(data) - len(before)}
    assert pdf.read_bytes() == before
    assert data.startswith(before)
    [evidence] = verify_pdf(data, trust=[authority.root], limits=None).signatures
    assert evidence.entire_file


def test_a_certified_pdf_takes_no_second_visible_signature(
    run: Run, pdf: Path, key: list[str | Path], authority: Authority
) -> None:
    assert run("sign", pdf, "-o", pdf, *key, "--certify", "2").code == 0
    before = pdf.read_bytes()
    ran = run("sign", pdf, "-o", pdf, *key, "--text", "x", "--json")
    assert ran.code != 0
    assert ran.value["error"]["code"] == "change-forbidden"
    assert pdf.read_bytes() == before
    assert run("sign", pdf, "-o", pdf, *key).code == 0
    assert len(verify_pdf(pdf.read_bytes(), trust=[authority.root], limits=None).signatures) == 2


def test_without_a_key_nothing_is_written(run: Run, pdf: Path) -> None:
    ran = run("sign", pdf, "-o", pdf.parent / "b.pdf")
    assert ran.code == 2
    assert "--pkcs12" in ran.err
    assert not (pdf.parent / "b.pdf").exists()
