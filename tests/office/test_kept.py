"""A checkpoint kept outside of the folder notices an older or forked one; recovering says so."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.errors import CheckpointInvalid, InvalidInput, OlderState
from sipadek.ledger import CosignerKey, Witness
from sipadek.office import go_on_from_older

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


def opened(folder: Path, kept: Path | None) -> sipadek.Office:
    return sipadek.open(folder, clock=lambda: NOW, kept=kept)


def give(office: sipadek.Office, *keys: str) -> None:
    details = LetterDetails(series="ket", subject="x", date=NOW.date(), unit="U")
    office.numbers.give([ReservationRequest(key=key, details=details) for key in keys])


@pytest.fixture
def office_with_past(tmp_path: Path, letter_pdf: Callable[..., bytes]) -> tuple[Path, Path, Path]:
    """The folder, the kept file, and the folder as it was two letters ago."""
    folder, kept, older = tmp_path / "arsip", tmp_path / "luar" / "kept.json", tmp_path / "lama"
    with opened(folder, kept) as office:
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        give(office, "satu")
    shutil.copytree(folder, older)
    with opened(folder, kept) as office:
        give(office, "dua")
        office.file(letter_pdf("isi"), series="ket", subject="tiga", unit="U")
    return folder, kept, older


def put_back(older: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(older, folder)


def test_the_newest_folder_opens_and_is_clean(office_with_past: tuple[Path, Path, Path]) -> None:
    folder, kept, _ = office_with_past
    for _ in range(2):
        with opened(folder, kept) as office:
            assert office.audit().clean


def test_an_older_folder_is_not_opened(office_with_past: tuple[Path, Path, Path]) -> None:
    folder, kept, older = office_with_past
    before = kept.read_bytes()
    put_back(older, folder)
    with opened(folder, None) as office:
        assert office.audit().clean  # nothing inside the folder can tell
    with pytest.raises(OlderState) as refused:
        opened(folder, kept)
    assert refused.value.fields["kept"] > refused.value.fields["found"]
    assert kept.read_bytes() == before


def test_a_forked_folder_that_grew_is_not_opened(
    office_with_past: tuple[Path, Path, Path],
) -> None:
    folder, kept, older = office_with_past
    put_back(older, folder)
    with opened(folder, None) as office:
        give(office, *(f"lain-{n}" for n in range(9)))
    with pytest.raises(OlderState):
        opened(folder, kept)


def test_every_write_is_kept_even_if_the_office_is_not_closed(
    office_with_past: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    folder, kept, _ = office_with_past
    copy = tmp_path / "salinan"
    with opened(folder, kept) as office:
        shutil.copytree(folder, copy)
        give(office, "empat")
        put = tmp_path / "kept-copy.json"
        shutil.copy(kept, put)  # as it is while the office is open
    with pytest.raises(OlderState):
        opened(copy, put)


def test_recovering_takes_an_older_folder_and_says_so(
    office_with_past: tuple[Path, Path, Path],
) -> None:
    folder, kept, older = office_with_past
    put_back(older, folder)
    with pytest.raises(InvalidInput):
        go_on_from_older(folder, kept=kept, reason=" ", actor="Ani")
    done = go_on_from_older(folder, kept=kept, reason="disk rusak", actor="Ani", clock=lambda: NOW)
    assert done.kept > done.found
    with opened(folder, kept) as office:
        assert office.audit().clean
        bodies = [*office._register.events()]
    assert b"log.restored" in bodies[-1]
    assert b"disk rusak" in bodies[-1]
    with pytest.raises(InvalidInput):
        go_on_from_older(folder, kept=kept, reason="disk rusak", actor="Ani")


def test_what_was_lost_and_is_in_the_store_is_told(
    office_with_past: tuple[Path, Path, Path],
) -> None:
    folder, kept, older = office_with_past
    for path in folder.glob("register.sqlite*"):
        path.unlink()
    shutil.copy(older / "register.sqlite", folder)
    done = go_on_from_older(folder, kept=kept, reason="disk rusak", actor="Ani")
    assert len(done.unregistered) == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"size": 1, "hashes": [], "checkpoint": ""}'])
def test_a_damaged_kept_file_is_told(office_with_past: tuple[Path, Path, Path], text: str) -> None:
    folder, kept, _ = office_with_past
    kept.write_text(text)
    with pytest.raises(CheckpointInvalid):
        opened(folder, kept)


def test_the_kept_file_of_another_office_is_refused(
    office_with_past: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    _, kept, _ = office_with_past
    with pytest.raises(CheckpointInvalid):
        opened(tmp_path / "kantor-lain", kept)


# --- witnesses and proofs -------------------------------------------------------------------------


def test_a_witness_cosigns_and_later_refuses_the_older_folder(
    office_with_past: tuple[Path, Path, Path],
) -> None:
    folder, kept, older = office_with_past
    with opened(folder, kept) as office:
        witness = Witness(CosignerKey.generate("inspektorat.example"), office.verifier)
        cosigned = witness.cosign(office.witness_request(), at=NOW)
        assert office.add_cosignature(cosigned, witness=witness.verifier) == NOW
        assert office.audit(known=[cosigned]).clean
        give(office, "lima")
        letter = next(each for each in office.letters() if each.filed_digest)
        proof = office.proof(letter.number, kind="letter.issued")
        assert proof.checkpoint == cosigned
        proven = proof.verify(office.verifier, witnesses=[witness.verifier])
        assert proven.event.data["filed_digest"] == letter.filed_digest
        later = office.proof(next(x for x in office.letters() if x.key == "lima").number)
        assert later.verify(office.verifier).cosigned == {}
        again = witness.cosign(office.witness_request(witness.size), at=NOW)
        office.add_cosignature(again, witness=witness.verifier)
    put_back(older, folder)
    with opened(folder, None) as office:
        codes = [finding.code for finding in office.audit(known=[cosigned]).findings]
        assert codes == ["log-rolled-back"]
        with pytest.raises(InvalidInput):
            office.witness_request(witness.size)
        give(office, *(f"lain-{n}" for n in range(20)))
        codes = [finding.code for finding in office.audit(known=[cosigned]).findings]
        assert codes == ["log-altered"]
        with pytest.raises(sipadek.SipadekError):
            witness.cosign(office.witness_request(witness.size), at=NOW)
