"""raise, renew, and sign --tsa."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Run
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.signing import verify_pdf
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.testing.trust_authority import SampleRevocation, SampleTimestamps
from sipadek.testing.trust_server import TrustServer

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[TrustServer]:
    with TrustServer() as server:
        yield server


@pytest.fixture(scope="module")
def authority(server: TrustServer) -> Authority:
    start = NOW - datetime.timedelta(days=1)
    authority = Authority.create(now=start, key="p256", services=server.url)

    def clock() -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC)

    stamper = authority.issue_service("time stamps", key="p256")
    server.publish(
        SampleRevocation(authority=authority, clock=clock),
        SampleTimestamps(credential=stamper, clock=clock),
    )
    return authority


@pytest.fixture
def folder(tmp_path: Path, authority: Authority) -> Path:
    (tmp_path / "surat.pdf").write_bytes(build(PdfRecipe()))
    (tmp_path / "akar.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    authority.issue("Rina Contoh", key="p256").write_pkcs12(tmp_path / "kunci.p12", "rahasia")
    (tmp_path / "sandi").write_text("rahasia\n")
    return tmp_path


def test_from_signing_to_renewal(
    run: Run, folder: Path, server: TrustServer, authority: Authority
) -> None:
    pdf, signed, lasting = (folder / name for name in ("surat.pdf", "tt.pdf", "lama.pdf"))
    key = ["--pkcs12", folder / "kunci.p12", "--passphrase-file", folder / "sandi"]
    tsa = ["--tsa", f"{server.url}/tsa"]
    trust = ["--trust", folder / "akar.pem", "--allow-private"]

    def levels(path: Path) -> list[str]:
        found = verify_pdf(path.read_bytes(), trust=[authority.root], limits=None)
        return [each.level for each in found.signatures if each.kind == "signature"]

    assert run("sign", pdf, "-o", signed, *key, *tsa).code == 0
    assert levels(signed) == ["B-T"]

    ran = run("raise", signed, "-o", lasting, "--to", "B-LTA", *tsa, *trust, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.value["added"] == lasting.stat().st_size - signed.stat().st_size
    assert lasting.read_bytes().startswith(signed.read_bytes())
    assert levels(lasting) == ["B-LTA"]

    again = run("raise", lasting, "-o", lasting, "--to", "B-LT", *tsa, *trust)
    assert (again.code, again.err) == (0, "")
    assert "nothing was to be added" in again.out
    ran = run("renew", lasting, "-o", lasting, *tsa, *trust, "--within", "1", "--json")
    assert (ran.code, ran.value["added"]) == (0, 0)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--to", "B-X"], "invalid-input"),
        (["--to", "B-T", "--tsa-user", "nama"], "invalid-input"),
        (["--to", "B-T"], "not-signed"),
    ],
)
def test_what_cannot_be_raised_is_told(
    run: Run, folder: Path, server: TrustServer, options: list[str], code: str
) -> None:
    out = folder / "keluar.pdf"
    common = ["--trust", folder / "akar.pem", "--tsa", f"{server.url}/tsa"]
    ran = run("raise", folder / "surat.pdf", "-o", out, *common, *options, "--json")
    assert ran.code in (1, 2)
    assert ran.value["error"]["code"] == code
    assert not out.exists()


def test_an_authority_that_does_not_answer_leaves_nothing(run: Run, folder: Path) -> None:
    key = ["--pkcs12", folder / "kunci.p12", "--passphrase-file", folder / "sandi"]
    out = folder / "keluar.pdf"
    ran = run("sign", folder / "surat.pdf", "-o", out, *key, "--tsa", "http://127.0.0.1:9/tsa")
    assert ran.code == 2
    assert not out.exists()
