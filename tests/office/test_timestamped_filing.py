"""Letters that are stamped by an authority over HTTP: with workers, with each fault, and killed."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from trust_world import DAY, NOW, Trust

import sipadek
from sipadek.errors import (
    ChangeForbidden,
    InvalidInput,
    KeyUnusable,
    TimestampFailed,
    TrustServiceUnavailable,
)
from sipadek.testing.authority import Authority
from sipadek.testing.trust_server import TrustServer
from sipadek.trust_services import HttpRevocation, HttpTimestampAuthority
from sipadek.trust_services.http import HttpLimits

Pdf = Callable[..., bytes]
QUICK = HttpLimits(timeout=2, attempts=1)
NEW = {"series": "ket", "subject": "Perihal", "unit": "U"}


@pytest.fixture
def server() -> Iterator[TrustServer]:
    with TrustServer() as running:
        yield running


@pytest.fixture
def trust(server: TrustServer) -> Trust:
    made = Trust.create(services=server.url)
    server.publish(made.revocation, made.timestamps)
    return made


@pytest.fixture
def opened(tmp_path: Path, trust: Trust) -> Iterator[Callable[..., sipadek.Office]]:
    offices = []

    def made(**how: object) -> sipadek.Office:
        office = sipadek.open(tmp_path / "arsip", clock=lambda: NOW, **how)
        office.trust(trust.authority.root)
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        offices.append(office)
        return office

    yield made
    for office in offices:
        office.close()


def stamps(server: TrustServer) -> HttpTimestampAuthority:
    return HttpTimestampAuthority(url=f"{server.url}/tsa", limits=QUICK)


def requests(letter_pdf: Pdf, count: int) -> list[sipadek.FileRequest]:
    return [
        sipadek.FileRequest(source=letter_pdf(f"Surat {n}"), key=f"k{n}", **NEW)
        for n in range(count)
    ]


@pytest.mark.parametrize("workers", [None, 0, 2])
def test_every_signed_letter_is_stamped(
    opened: Callable[..., sipadek.Office], trust: Trust, server: TrustServer, letter_pdf: Pdf,
    workers: int | None,
) -> None:  # fmt: skip
    office, signer = opened(timestamp=stamps(server)), trust.signer.signer()
    if workers is None:
        letters = [office.file(letter_pdf(), signer=signer, **NEW)]
    else:
        outcomes = office.file_many(requests(letter_pdf, 3), signer=signer, workers=workers)
        letters = [outcome.letter for outcome in outcomes]
    for letter in letters:
        [evidence] = office.verify(office.filed(letter.id).read()).signatures
        assert evidence.stamped_at == NOW
    assert server.asked == ["/tsa"] * (len(letters) + 1)  # and once to learn the room


def test_what_is_not_signed_asks_nobody(
    opened: Callable[..., sipadek.Office], trust: Trust, server: TrustServer, letter_pdf: Pdf
) -> None:
    office = opened(timestamp=stamps(server), revocation=HttpRevocation(allow=lambda _: True))
    office.file(letter_pdf(), **NEW)
    request = sipadek.FileRequest(source=letter_pdf(), **NEW)
    office.preview(request, signer=trust.signer.signer())
    assert server.asked == []


def test_an_authority_that_was_never_there_takes_no_number(
    opened: Callable[..., sipadek.Office], trust: Trust, server: TrustServer, letter_pdf: Pdf
) -> None:
    server.fault = "error"
    office, signer = opened(timestamp=stamps(server)), trust.signer.signer()
    with pytest.raises(TrustServiceUnavailable):
        office.file(letter_pdf(), signer=signer, **NEW)
    with pytest.raises(TrustServiceUnavailable):
        list(office.file_many(requests(letter_pdf, 2), signer=signer))
    assert list(office.letters()) == []


@pytest.mark.parametrize("fault", ["error", "cut", "garbage", "huge", "redirect", "nonce"])
def test_an_authority_that_fails_keeps_the_number(
    opened: Callable[..., sipadek.Office], trust: Trust, server: TrustServer, letter_pdf: Pdf,
    fault: str,
) -> None:  # fmt: skip
    timestamp = stamps(server)
    assert timestamp.token_size
    office, signer = opened(timestamp=timestamp), trust.signer.signer()
    owner = trust.timestamps if fault == "nonce" else server
    owner.fault = fault
    with pytest.raises((TrustServiceUnavailable, TimestampFailed)):
        office.file(letter_pdf(), signer=signer, key="k", **NEW)
    [reserved] = office.letters()
    assert reserved.state is sipadek.State.RESERVED
    owner.fault = ""
    issued = office.file(letter_pdf(), signer=signer, key="k", **NEW)
    assert (issued.id, issued.number) == (reserved.id, "001/U/2026")
    assert office.verify(office.filed(issued.id).read()).signatures[0].stamped_at == NOW
    assert office.audit().clean


@pytest.mark.parametrize("workers", [0, 2])
def test_a_batch_stops_taking_numbers_and_goes_on_later(
    opened: Callable[..., sipadek.Office], trust: Trust, server: TrustServer, letter_pdf: Pdf,
    workers: int,
) -> None:  # fmt: skip
    timestamp = stamps(server)
    assert timestamp.token_size
    server.asked.clear()
    office, signer = opened(timestamp=timestamp), trust.signer.signer()
    server.fault = "error"
    wanted = requests(letter_pdf, 12)
    outcomes = list(office.file_many(wanted, signer=signer, workers=workers, batch=2))
    assert all(isinstance(each.error, TrustServiceUnavailable) for each in outcomes)
    assert len(server.asked) == 1 if not workers else 1 <= len(server.asked) <= workers
    held = [letter.id for letter in office.letters()]
    assert 2 <= len(held) <= 6  # three batches were under way
    server.fault = ""
    outcomes = list(office.file_many(wanted, signer=signer, workers=workers, batch=2))
    assert {each.letter.state for each in outcomes if each.letter} == {sipadek.State.ISSUED}
    assert [letter.sequence for letter in office.letters()] == list(range(1, 13))
    assert [letter.id for letter in office.letters()][: len(held)] == held
    assert office.audit().clean


_KILLED = """
import os, sys
import sipadek
from sipadek.testing.authority import Authority
from sipadek.trust_services import HttpTimestampAuthority
from pathlib import Path
import datetime

folder, url = sys.argv[1:]
signer = Authority.load(Path(folder + "-ca")).issue("Siti", key="p256").signer()
now = datetime.datetime.fromisoformat("NOW")
timestamp = HttpTimestampAuthority(url=url)
timestamp.token_size
HttpTimestampAuthority.stamp = lambda *_: os._exit(9)
with sipadek.open(folder, clock=lambda: now, timestamp=timestamp) as office:
    office.file(Path(folder + ".pdf"), series="ket", subject="Perihal", unit="U", key="k", signer=signer)
"""


def test_a_process_that_ends_while_it_waits_for_the_stamp(
    opened: Callable[..., sipadek.Office], tmp_path: Path, trust: Trust, server: TrustServer,
    letter_pdf: Pdf,
) -> None:  # fmt: skip
    office = opened(timestamp=stamps(server))
    trust.authority.save(tmp_path / "arsip-ca")
    (tmp_path / "arsip.pdf").write_bytes(letter_pdf())
    script = _KILLED.replace("NOW", NOW.isoformat())
    command = [sys.executable, "-c", script, str(tmp_path / "arsip"), f"{server.url}/tsa"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    [reserved] = office.letters()
    signer = trust.authority.issue("Siti", key="p256").signer()
    letter = office.file(letter_pdf(), signer=signer, key="k", **NEW)
    assert (letter.id, letter.state) == (reserved.id, sipadek.State.ISSUED)
    office.recover(older_than=datetime.timedelta(days=-36_500))
    assert office.audit().clean


# --- certifying -------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig is missing")
def test_pdfsig_agrees_about_a_certified_and_stamped_letter(
    opened: Callable[..., sipadek.Office], trust: Trust, tmp_path: Path, letter_pdf: Pdf
) -> None:
    style = sipadek.StampStyle(certify=2, location="Kota Jambi")
    office = opened(style=style, timestamp=trust.timestamps)
    letter = office.file(letter_pdf(), signer=trust.signer.signer(), **NEW)
    path = tmp_path / "surat.pdf"
    path.write_bytes(office.filed(letter.id).read())
    said = subprocess.run(["pdfsig", "-nocert", path], check=False, capture_output=True, text=True)
    for each in ("Signature is Valid", "Kota Jambi", "Total document signed"):
        assert each in said.stdout


def test_what_cannot_be_certified_takes_no_number(
    opened: Callable[..., sipadek.Office], trust: Trust, letter_pdf: Pdf
) -> None:
    office, signer = opened(), trust.signer.signer()
    certifying = sipadek.StampStyle(certify=2)
    signed = office.filed(office.file(letter_pdf(), signer=signer, **NEW).id).read()
    with pytest.raises(ChangeForbidden, match="only the first"):
        office.file(signed, signer=signer, style=certifying, **NEW)
    with pytest.raises(InvalidInput, match="certify"):
        sipadek.StampStyle(certify=4)  # type: ignore[arg-type]
    assert len(list(office.letters())) == 1


# --- the chain --------------------------------------------------------------------------------------


def test_a_chain_to_no_trusted_root_takes_no_number(
    opened: Callable[..., sipadek.Office], trust: Trust, letter_pdf: Pdf
) -> None:
    stranger = Authority.create(now=NOW - DAY, key="p256").issue("Asing", key="p256").signer()
    office = opened(revocation=trust.revocation)
    with pytest.raises(KeyUnusable):
        office.file(letter_pdf(), signer=stranger, **NEW)
    assert list(office.letters()) == []
