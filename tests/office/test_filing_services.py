"""Letters whose signature is time-stamped, whose signer is asked after, and that are certified."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

import sipadek
from sipadek.archive import State
from sipadek.errors import ChangeForbidden, InvalidInput, KeyRevoked, TrustServiceUnavailable
from sipadek.office import FileRequest, StampStyle
from sipadek.signing import Claim, KeySigner, RevocationSource, TimestampAuthority
from sipadek.testing.authority import Authority
from sipadek.testing.trust_authority import SampleRevocation, SampleTimestamps

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


class Flaky:
    """An authority that does not answer while it is ``down``."""

    def __init__(self, behind: TimestampAuthority) -> None:
        self.behind, self.down = behind, False

    @property
    def token_size(self) -> int:
        return self.behind.token_size

    def stamp(self, digest: bytes, algorithm: str) -> bytes:
        if self.down:
            raise TrustServiceUnavailable("the authority does not answer")
        return self.behind.stamp(digest, algorithm)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create(now=NOW, key="p256")


@pytest.fixture(scope="module")
def signer(authority: Authority) -> KeySigner:
    return authority.issue("Siti Contoh", key="p256").signer()


@pytest.fixture
def stamper(authority: Authority) -> Flaky:
    credential = authority.issue_service("time stamps", key="p256")
    return Flaky(SampleTimestamps(credential=credential, clock=lambda: NOW))


@pytest.fixture
def opened(tmp_path: Path, authority: Authority) -> Any:
    def made(**options: Any) -> sipadek.Office:
        office = sipadek.open(
            tmp_path / "arsip", clock=lambda: NOW, trust=[authority.root], **options
        )
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        return office

    return made


def filed(office: sipadek.Office, pdf: bytes, signer: KeySigner, **more: Any) -> sipadek.Letter:
    return office.file(pdf, series="ket", unit="A", subject="Uji", signer=signer, **more)


def test_a_letter_gets_a_time_stamp(
    opened: Any, stamper: Flaky, signer: KeySigner, letter_pdf: Callable[..., bytes]
) -> None:
    with opened(timestamp=stamper) as office:
        letter = filed(office, letter_pdf(), signer)
        (evidence,) = office.verify(office.filed(letter.id).read()).signatures
        assert (evidence.level, evidence.stamped_at) == ("B-T", NOW)


def test_an_authority_that_does_not_answer_costs_no_number(
    opened: Any, stamper: Flaky, signer: KeySigner, letter_pdf: Callable[..., bytes]
) -> None:
    with opened(timestamp=stamper) as office:
        stamper.down = True
        with pytest.raises(TrustServiceUnavailable):
            filed(office, letter_pdf("a"), signer, key="a")
        requests = [
            FileRequest(source=letter_pdf(name), series="ket", unit="A", subject="Uji", key=name)
            for name in ("b", "c")
        ]
        for outcome in office.file_many(requests, signer=signer):
            assert isinstance(outcome.error, TrustServiceUnavailable)
        assert {each.state for each in office.letters()} == {State.RESERVED}
        stamper.down = False
        numbers = [filed(office, letter_pdf("a"), signer, key="a").number]
        for outcome in office.file_many(requests, signer=signer):
            assert outcome.letter is not None
            numbers.append(outcome.letter.number)
        assert numbers == ["001/A/2026", "002/A/2026", "003/A/2026"]
        assert {each.state for each in office.letters()} == {State.ISSUED}
        assert office.audit().clean


class Counting:
    """A source that counts what it is asked, and may be down."""

    def __init__(self, behind: RevocationSource, *, down: bool = False) -> None:
        self.behind, self.down, self.asked = behind, down, 0

    def ocsp(self, *pair: Any) -> bytes | None:
        self.asked += 1
        if self.down:
            raise TrustServiceUnavailable("the responder does not answer")
        return self.behind.ocsp(*pair)

    def crl(self, *pair: Any) -> bytes | None:
        if self.down:
            raise TrustServiceUnavailable("the list is not there")
        return self.behind.crl(*pair)

    def issuers(self, certificate: Any) -> Any:
        return self.behind.issuers(certificate)


def test_a_revoked_signer_takes_no_number(
    opened: Any, authority: Authority, letter_pdf: Callable[..., bytes]
) -> None:
    credential = authority.issue("Dicabut", key="p256")
    answers = SampleRevocation(authority=authority, clock=lambda: NOW)
    source = Counting(answers)
    with opened(revocation=source) as office:
        filed(office, letter_pdf("a"), credential.signer())
        assert source.asked > 0
        before, source.asked = source.asked, 0
        requests = [
            FileRequest(source=letter_pdf(str(n)), series="ket", unit="A", subject="Uji")
            for n in range(5)
        ]
        assert all(each.letter for each in office.file_many(requests, signer=credential.signer()))
        assert source.asked == before  # once for the whole batch
        answers.revoke(credential.certificate, NOW - datetime.timedelta(seconds=1))
        with pytest.raises(KeyRevoked):
            filed(office, letter_pdf("b"), credential.signer())
        source.down = True  # what cannot be reached stops nothing
        assert filed(office, letter_pdf("c"), credential.signer()).number == "007/A/2026"


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_letter_is_certified(
    opened: Any, signer: KeySigner, letter_pdf: Callable[..., bytes], level: Any, tmp_path: Path
) -> None:
    style = StampStyle(certify=level, location="Kota Jambi")
    with opened(style=style) as office:
        letter = filed(office, letter_pdf(), signer)
        pdf = office.filed(letter.id).read()
        (evidence,) = office.verify(pdf).signatures
        assert evidence.entire_file
        with pytest.raises(InvalidInput):
            office.file(letter_pdf("lain"), series="ket", unit="A", subject="Uji")
    path = tmp_path / "terbit.pdf"
    path.write_bytes(pdf)
    catalog = PdfReader(path).trailer["/Root"]
    signature = catalog["/Perms"]["/DocMDP"]
    assert signature["/Reference"][0]["/TransformParams"]["/P"] == level
    assert signature["/Location"] == "Kota Jambi"
    if level == 1:
        with pytest.raises(ChangeForbidden):
            sipadek.sign(path, path, signer, Claim(at=NOW))
