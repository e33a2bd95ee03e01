"""Filing many letters, also where workers die."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest
from wrapped_signer import WrappedSigner

import sipadek
from sipadek.errors import NotAPdf, Unexpected, WorkerLost
from sipadek.office import workers

Pdf = Callable[..., bytes]


def _requests(letter_pdf: Pdf, count: int) -> list[sipadek.FileRequest]:
    return [
        sipadek.FileRequest(
            source=letter_pdf(f"surat ke {i}"),
            series="ket",
            subject=f"Perihal {i}",
            unit="U",
            key=f"k{i}",
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 21])
@pytest.mark.parametrize("pool", [0, 2])
def test_all_are_filed_in_the_order_they_were_asked(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf, count: int, pool: int
) -> None:
    requests = _requests(letter_pdf, count)
    outcomes = list(office.file_many(requests, signer=signer, workers=pool, batch=4))
    assert [o.request for o in outcomes] == requests
    assert [o.letter.sequence for o in outcomes if o.letter] == list(range(1, count + 1))
    again = list(office.file_many(requests, signer=signer, workers=pool, batch=5))
    assert [o.letter for o in again] == [o.letter for o in outcomes]
    assert office.audit().clean


def test_what_is_refused_does_not_disturb_the_others(
    office: sipadek.Office, letter_pdf: Pdf, tmp_path: Path
) -> None:
    requests = _requests(letter_pdf, 5)
    requests[1] = attrs.evolve(requests[1], source=b"bukan pdf")
    requests[3] = attrs.evolve(requests[3], series="tidak-ada")
    outcomes = list(office.file_many(requests, workers=2, batch=3))
    assert [type(o.error) for o in outcomes if o.error][0] is NotAPdf
    assert [o.error.code for o in outcomes if o.error] == ["not-a-pdf", "not-found"]
    assert [o.letter.sequence for o in outcomes if o.letter] == [1, 2, 3]


def test_the_same_letter_twice_in_a_batch_is_one_letter(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    (request,) = _requests(letter_pdf, 1)
    other = attrs.evolve(request, source=letter_pdf("isi lain"))
    first, second, third = office.file_many([request, request, other], signer=signer)
    assert first.letter == second.letter
    assert third.error is not None
    assert third.error.code == "key-conflict"
    assert office.audit().clean


def test_open_files_and_an_executor_of_ones_own(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf, tmp_path: Path
) -> None:
    path = tmp_path / "surat.pdf"
    path.write_bytes(letter_pdf())
    with path.open("rb") as file, ThreadPoolExecutor(2) as pool:
        request = attrs.evolve(_requests(letter_pdf, 1)[0], source=file)
        (outcome,) = office.file_many([request], signer=signer, executor=pool)
    assert outcome.letter is not None
    assert office.original(outcome.letter.id).read() == path.read_bytes()


def test_leaving_early_leaves_nothing_behind(
    office: sipadek.Office, folder: Path, letter_pdf: Pdf
) -> None:
    outcomes = office.file_many(_requests(letter_pdf, 12), batch=2)
    assert next(outcomes).letter is not None
    outcomes.close()  # type: ignore[attr-defined]
    assert list((folder / "objects" / "staging").iterdir()) == []
    assert office.audit().clean
    again = list(office.file_many(_requests(letter_pdf, 12), batch=5))
    assert sorted(o.letter.sequence for o in again if o.letter) == list(range(1, 13))


@attrs.frozen
class Hostage(WrappedSigner):
    """A signer that does something terrible when it is to sign one of the letters."""

    deed: str
    victim: bytes

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        # Which letter it is can only be told by the caller's frame: the message is a digest.
        frame = sys._getframe()
        while frame is not None and "document" not in frame.f_locals:
            frame = frame.f_back  # type: ignore[assignment]
        if frame is not None and self.victim in bytes(frame.f_locals["document"].data[:]):
            if self.deed == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            elif self.deed == "spin":
                while True:
                    pass
            else:
                raise ZeroDivisionError("rusak")
        return self.of.sign_many(messages)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be limited")
@pytest.mark.parametrize("deed", ["die", "spin", "raise"])
def test_a_worker_that_is_lost_costs_only_its_own_letter(
    office: sipadek.Office,
    signer: sipadek.KeySigner,
    letter_pdf: Pdf,
    deed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "CPU_SECONDS", 1)
    requests = _requests(letter_pdf, 10)
    hostage = Hostage(signer, deed, b"surat ke 5")
    outcomes = list(office.file_many(requests, signer=hostage, workers=2, batch=4))
    lost = [o for o in outcomes if o.error]
    assert [o.request.key for o in lost] == ["k5"]
    assert type(lost[0].error) is (Unexpected if deed == "raise" else WorkerLost)
    states = {letter.key: letter.state for letter in office.letters()}
    assert states.pop("k5") is (sipadek.State.RESERVED if deed == "raise" else sipadek.State.VOID)
    assert set(states.values()) == {sipadek.State.ISSUED}
    assert len(states) == 9
    assert office.audit().clean


def test_an_executor_that_breaks_loses_what_it_was_at(
    office: sipadek.Office, signer: sipadek.KeySigner, letter_pdf: Pdf
) -> None:
    class Broken(ThreadPoolExecutor):
        def submit(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            raise BrokenExecutor("mati")

    outcomes = list(office.file_many(_requests(letter_pdf, 3), executor=Broken(1)))
    assert [type(o.error) for o in outcomes] == [WorkerLost] * 3
    assert list(office.letters()) == []
