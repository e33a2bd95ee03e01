from __future__ import annotations

import datetime
import subprocess
from pathlib import Path
from shutil import which

import attrs
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from signing_documents import DAY, NOW, plain_pdf
from trust_parts import Trust, judged_links, raised, sign_own, stamped

from sipadek.errors import (
    BrokenPdf,
    InvalidInput,
    KeyRevoked,
    NotSigned,
    SignatureInvalid,
    TimestampFailed,
    ValidationDataMissing,
)
from sipadek.pdf import Document
from sipadek.signing import KeySigner, check_signer, raise_level, renew, verify_pdf
from sipadek.signing.dss import read_store
from sipadek.testing.pdfs import PdfRecipe, build


@pytest.fixture
def trust() -> Trust:
    return Trust.create()


@pytest.mark.parametrize("kind", ["rsa-2048", "p256", "p384", "ed25519"])
def test_b_t(trust: Trust, kind: str) -> None:
    signer = trust.authority.issue("Uji", key=kind).signer()
    pdf = sign_own(plain_pdf(), signer, timestamp=trust.timestamps)
    [evidence] = verify_pdf(pdf, trust=[trust.authority.root], at=NOW, limits=None).signatures
    assert evidence.stamped_at == NOW
    assert raise_level(pdf, to="B-T", **trust.arguments()) == b""


def test_a_token_that_outgrows_its_room(trust: Trust) -> None:
    @attrs.define
    class Liar:
        token_size: int = 200
        stamp = staticmethod(trust.timestamps.stamp)

    from sipadek.errors import SigningError

    with pytest.raises(SigningError, match="at most") as caught:
        sign_own(plain_pdf(), trust.signer.signer(), timestamp=Liar())
    assert caught.value.fields["needed"] > 1000
    arguments = trust.arguments() | {"timestamp": Liar()}
    pdf = sign_own(plain_pdf(), trust.signer.signer())
    assert verify_pdf(  # a document time stamp is asked for again, with more room
        pdf + raise_level(pdf, to="B-T", **arguments), trust=[trust.authority.root], at=NOW
    )


@pytest.mark.parametrize("own_stamp", [True, False])
@pytest.mark.parametrize("to", ["B-T", "B-LT", "B-LTA"])
def test_raising_is_done_once(trust: Trust, to: str, own_stamp: bool) -> None:
    pdf = stamped(trust) if own_stamp else sign_own(plain_pdf(), trust.signer.signer())
    whole = raised(trust, pdf, to)
    trust.clock.now += DAY
    levels = ("B-T", "B-LT", "B-LTA")
    for lower in levels[: levels.index(to) + 1]:
        assert raised(trust, whole, lower) == whole
    found = verify_pdf(whole, trust=[trust.authority.root], at=NOW, limits=None).signatures
    first, *later = found
    assert first.level == to
    assert first.later in ("nothing", "maintenance")
    assert all(each.kind == "timestamp" for each in later)
    assert len(later) == (to == "B-LTA") + (not own_stamp)
    # Nothing covers the store of a B-LT signature.
    assert [each.entire_file for each in found] == [False] * len(later) + [to != "B-LT"]
    top = raised(trust, whole, "B-LTA")  # and from any level to the highest
    assert all(judged_links(top, trust.authority.root, trust.clock()))


def test_it_outlives_certificates(trust: Trust) -> None:
    root = trust.authority.root
    whole = raised(trust, stamped(trust), "B-LTA")
    trust.clock.now = NOW + 700 * DAY  # the signer's certificate and the OCSP responder's are over
    assert judged_links(whole, root, trust.clock()) == [True, True]
    later = NOW + 1600 * DAY  # the time stamp's, too
    assert judged_links(whole, root, later) == [True, False]
    trust.clock.now = NOW + 1400 * DAY
    months = 90 * DAY
    for purpose in ("time stamps", "ocsp"):
        made = trust.authority.issue_service(
            purpose, key="p256", valid_from=trust.clock() - DAY, days=1460
        )
        part = trust.timestamps if purpose == "time stamps" else trust.revocation
        setattr(part, "credential" if purpose == "time stamps" else "responder", made)
    assert renew(whole, within=DAY, **trust.arguments()) == b""
    tail = renew(whole, within=months, **trust.arguments())
    renewed = whole + tail
    assert renew(renewed, within=months, **trust.arguments()) == b""
    assert judged_links(renewed, root, later) == [True, True, True]
    assert judged_links(renewed, root, NOW + 2800 * DAY) == [True, True, True]
    trust.clock.now = later
    with pytest.raises(TimestampFailed, match="ended"):
        renew(whole, within=months, **trust.arguments())


def test_renewing_what_gains_nothing(trust: Trust) -> None:
    whole = raised(trust, stamped(trust), "B-LTA")
    with pytest.raises(TimestampFailed, match="no later"):
        renew(whole, within=3000 * DAY, **trust.arguments())
    with pytest.raises(InvalidInput, match="B-LTA"):
        renew(stamped(trust), within=DAY, **trust.arguments())


@pytest.mark.parametrize("encryption", ["RC4-128", "AES-128", "AES-256"])
@pytest.mark.parametrize("xref", ["table", "stream"])
def test_encrypted_files(trust: Trust, encryption: str, xref: str) -> None:
    pdf = build(PdfRecipe(encryption=encryption, user_password="buka", xref=xref))
    pdf = stamped(trust, pdf, password="buka")
    whole = raised(trust, pdf, "B-LTA", password="buka")
    assert all(judged_links(whole, trust.authority.root, NOW + DAY, password="buka"))
    assert raise_level(whole, to="B-LTA", password="buka", **trust.arguments()) == b""


def test_two_signatures_share_a_store(trust: Trust) -> None:
    whole = raised(trust, stamped(trust), "B-LT")
    before = read_store(Document.open(whole))
    other = trust.authority.issue("Budi Santoso", key="p256").signer()
    twice = sign_own(whole, other, timestamp=trust.timestamps, field="Signature2")
    top = raised(trust, twice, "B-LTA")
    after = read_store(Document.open(top))
    for old, new in zip(before.lists(), after.lists(), strict=True):
        assert new[: len(old)] == old
        assert len(set(new)) == len(new)
    assert len(after.certificates) == len(before.certificates) + 1
    assert len(verify_pdf(top, trust=[trust.authority.root], at=NOW, limits=None).signatures) == 3


@pytest.mark.parametrize("fault", ["stale", "unknown", "signature", "other certificate"])
def test_a_bad_ocsp_answer_gives_way_to_the_crl(trust: Trust, fault: str) -> None:
    trust.revocation.fault = fault
    pdf = stamped(trust)
    whole = raised(trust, pdf, "B-LT")
    store = read_store(Document.open(whole))
    assert not store.ocsps
    assert len(store.crls) == 2
    trust.revocation.no_crl = True
    with pytest.raises(ValidationDataMissing, match=r"Stempel Waktu|Rina") as caught:
        raise_level(pdf, to="B-LTA", **trust.arguments())
    assert "CONTOH" in caught.value.fields["subject"]


def test_a_responder_that_must_be_asked_about() -> None:
    trust = Trust.create(no_check=False)
    # A responder that answers for itself proves nothing; the CRL does.
    trust.revocation.no_crl = True
    pdf = stamped(trust)
    with pytest.raises(ValidationDataMissing, match="Penjawab"):
        raised(trust, pdf, "B-LT")


def test_revoked_before_and_after(trust: Trust) -> None:
    pdf = stamped(trust)
    trust.revocation.revoke(trust.signer.certificate, NOW + datetime.timedelta(hours=1))
    trust.clock.now = NOW + DAY
    assert raise_level(pdf, to="B-LT", **trust.arguments())
    trust.revocation.revoke(trust.signer.certificate, NOW - DAY)
    with pytest.raises(KeyRevoked, match="Rina"):
        raise_level(pdf, to="B-LT", **trust.arguments())


def test_what_cannot_be_raised(trust: Trust) -> None:
    pdf = stamped(trust)
    with pytest.raises(NotSigned):
        raise_level(plain_pdf(), to="B-T", **trust.arguments())
    with pytest.raises(SignatureInvalid, match="other bytes"):
        raise_level(pdf.replace(b"Halaman 1", b"Halaman 2"), to="B-T", **trust.arguments())
    with pytest.raises(InvalidInput, match="B-X"):
        raise_level(pdf, to="B-X", **trust.arguments())
    with pytest.raises(BrokenPdf):
        raise_level(pdf[:-8], to="B-T", **trust.arguments())
    stranger = Trust.create().authority.root
    with pytest.raises(ValidationDataMissing, match="No chain"):
        raise_level(pdf, to="B-LT", **trust.arguments() | {"trust": [stranger]})


def test_judges(trust: Trust, tmp_path: Path) -> None:
    whole = raised(trust, stamped(trust), "B-LTA")
    path = tmp_path / "surat.pdf"
    path.write_bytes(whole)
    for program, words, said in (
        ("qpdf", ["--check", str(path)], "No syntax or stream encoding errors"),
        ("pdfsig", ["-nocert", str(path)], "Signature is Valid"),
    ):
        if which(program) is None:
            pytest.skip(f"{program} is missing")
        done = subprocess.run([program, *words], check=False, capture_output=True, text=True)
        assert said in done.stdout


@pytest.mark.skipif(which("openssl") is None, reason="openssl is missing")
def test_openssl_verifies_tokens(trust: Trust, tmp_path: Path) -> None:
    data = b"isi surat"
    (tmp_path / "data").write_bytes(data)
    import hashlib

    token = trust.timestamps.stamp(hashlib.sha256(data).digest(), "sha256")
    (tmp_path / "token").write_bytes(token)
    (tmp_path / "root.pem").write_bytes(trust.authority.root.public_bytes(Encoding.PEM))
    command = "openssl ts -verify -data data -in token -token_in -CAfile root.pem"
    command += f" -attime {int(NOW.timestamp())}"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "data").write_bytes(data + b"x")
    assert subprocess.run(
        command.split(), cwd=tmp_path, check=False, capture_output=True
    ).returncode


def test_checking_a_signer(trust: Trust) -> None:
    signer: KeySigner = trust.signer.signer()
    roots = [trust.authority.root]
    assert check_signer(signer, NOW).revocation == "not asked"
    asked = {"trust": roots, "revocation": trust.revocation}
    assert check_signer(signer, NOW, **asked).revocation == "good"
    trust.revocation.no_ocsp = trust.revocation.no_crl = True
    status = check_signer(signer, NOW, **asked)
    assert status.revocation == "unknown"
    assert "Rina" in status.warnings[0]
    trust.revocation.no_crl = False
    trust.revocation.revoke(trust.signer.certificate, NOW - DAY)
    with pytest.raises(KeyRevoked, match="Rina"):
        check_signer(signer, NOW, **asked)


@pytest.mark.parametrize("permission", [1, 2, 3])
def test_a_certified_document_takes_time_stamps(trust: Trust, permission: int) -> None:
    pdf = stamped(trust, certify=permission)
    whole = raised(trust, pdf, "B-LTA")
    assert all(judged_links(whole, trust.authority.root, NOW + DAY))
    assert len(verify_pdf(whole, trust=[trust.authority.root], at=NOW, limits=None).signatures) == 2
