"""A package holds the letters that were chosen, and proves them without the office."""

from __future__ import annotations

import csv
import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest
from ocfl import StorageRoot

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.errors import DamagedObject, InvalidInput, NotFound
from sipadek.ledger import CheckpointVerifier, CosignerKey, Proof, Witness
from sipadek.ledger.verify_proof import main as verify_proof

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


@pytest.fixture
def letters(office: sipadek.Office, letter_pdf: Callable[..., bytes]) -> list[sipadek.Letter]:
    """Two with a PDF, a number alone, and a void one."""
    filed = [
        office.file(letter_pdf(text), series="ket", subject=text, unit="U", date=NOW.date())
        for text in ("=domisili", "usaha")
    ]
    details = LetterDetails(series="ket", subject="nomor saja", date=NOW.date(), unit="U")
    requests = [ReservationRequest(key=key, details=details) for key in ("a", "b")]
    one, two = office.numbers.give(requests)
    assert isinstance(one, sipadek.Letter)
    assert isinstance(two, sipadek.Letter)
    return [*filed, one, office.void(two.id, reason="salah")]


def rows(root: Path) -> list[dict[str, str]]:
    (path,) = root.glob("**/letters.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [*csv.DictReader(file)]


def test_a_bag_of_everything_is_valid_and_proves_every_event(
    office: sipadek.Office, letters: list[sipadek.Letter], tmp_path: Path
) -> None:
    done = office.export(tmp_path / "tas", info={"Source-Organization": "Kelurahan Legok"})
    assert (done.letters, done.filed) == (4, 2)
    bag = bagit.Bag(str(tmp_path / "tas"))
    assert bag.validate()
    assert bag.info["Letter-Count"] == "4"
    assert bag.info["Bagging-Date"] == "2026-11-24"
    listed = rows(tmp_path / "tas")
    assert [each["nomor"] for each in listed] == [each.number for each in letters]
    assert [each["status"] for each in listed] == ["issued", "issued", "issued", "void"]
    assert listed[0]["perihal"] == "'=domisili"  # no formula
    for letter, row in zip(letters, listed, strict=True):
        folder = tmp_path / "tas" / row["folder"]
        files = sorted(path.name for path in folder.iterdir())
        filed = ["filed.pdf"] if letter.filed_digest else []
        assert files == ["dublin-core.xml", *filed, "premis.xml", "proofs"]
        if filed:
            data = (folder / "filed.pdf").read_bytes()
            assert data == office.filed(letter.id).read()
        verifier = CheckpointVerifier.parse(
            (tmp_path / "tas" / "data" / "checkpoint.pub").read_text().strip()
        )
        proven = [
            Proof.parse(path.read_text()).verify(verifier).event
            for path in sorted((folder / "proofs").iterdir())
        ]
        assert {event.subject for event in proven} == {letter.id}
        assert len(proven) == {"issued": 2, "void": 3}[letter.state.value]


def test_the_command_for_proofs_checks_the_pdf_of_a_package(
    office: sipadek.Office, letters: list[sipadek.Letter], tmp_path: Path
) -> None:
    office.export(tmp_path / "tas", letters=[letters[0].number])
    data = tmp_path / "tas" / "data"
    (bundle,) = data.glob("letters/*/*/proofs/*letter.issued.tlog-proof")
    (pdf,) = data.glob("letters/*/*/filed.pdf")
    command = [str(bundle), "--origin-key", str(data / "checkpoint.pub"), "--file", str(pdf)]
    assert verify_proof(command) == 0
    pdf.write_bytes(pdf.read_bytes() + b"x")
    assert verify_proof(command) != 0


def test_proofs_are_under_the_cosigned_checkpoint_that_covers_them(
    office: sipadek.Office, letters: list[sipadek.Letter], tmp_path: Path
) -> None:
    witness = Witness(CosignerKey.generate("inspektorat.example"), office.verifier)
    cosigned = witness.cosign(office.witness_request(), at=NOW)
    office.add_cosignature(cosigned, witness=witness.verifier)
    late = office.void(letters[0].id, reason="salah")
    office.export(tmp_path / "tas", letters=[late.id])
    bundles = sorted((tmp_path / "tas").glob("data/letters/*/*/proofs/*"))
    proofs = [Proof.parse(path.read_text()) for path in bundles]
    assert [each.checkpoint == cosigned for each in proofs] == [True, True, False]
    for proof in proofs[:2]:
        proof.verify(office.verifier, witnesses=[witness.verifier])
    proofs[2].verify(office.verifier)


def test_an_ocfl_root_is_valid(
    office: sipadek.Office, letters: list[sipadek.Letter], tmp_path: Path
) -> None:
    office.export(tmp_path / "ocfl", layout="ocfl")
    judge = StorageRoot(root=str(tmp_path / "ocfl"))
    assert judge.validate(log_warnings=True)
    assert (judge.num_objects, judge.good_objects, judge.errors) == (4, 4, [])
    row = rows(tmp_path / "ocfl")[0]
    data = (tmp_path / "ocfl" / row["folder"] / "v1" / "content" / "filed.pdf").read_bytes()
    assert hashlib.sha256(data).hexdigest() == letters[0].filed_digest


def test_what_a_query_finds_is_packed_and_nothing_near(
    office: sipadek.Office, letters: list[sipadek.Letter], tmp_path: Path
) -> None:
    done = office.export(tmp_path / "satu", query="usaha tahun:2026")
    assert (done.letters, rows(tmp_path / "satu")[0]["id"]) == (1, letters[1].id)
    everything = office.export(tmp_path / "semua", query="unit:U")
    assert everything.letters == 3  # what is void is not found
    with pytest.raises(NotFound):
        office.export(tmp_path / "tidak", query="usahaa")  # what was meant is not what was said
    viewer = sipadek.Viewer(units=frozenset({"LAIN"}))
    with pytest.raises(NotFound):
        office.export(tmp_path / "tidak", query="usaha", viewer=viewer)
    assert not (tmp_path / "tidak").exists()


def test_letters_that_come_meanwhile_can_be_proven(
    office: sipadek.Office,
    letters: list[sipadek.Letter],
    letter_pdf: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    def void_the_second(done: int, total: int) -> None:
        if done == 1:
            office.void(letters[1].id, reason="salah")

    office.export(tmp_path / "tas", progress=void_the_second)
    bundles = [*(tmp_path / "tas").glob(f"data/letters/*/{letters[1].id}/proofs/*")]
    events = [
        Proof.parse(path.read_text()).verify(office.verifier).event.kind for path in sorted(bundles)
    ]
    assert events == ["number.reserved", "letter.issued", "number.voided"]


def test_selections_that_cannot_be_are_refused(
    office: sipadek.Office, letters: list[sipadek.Letter], tmp_path: Path
) -> None:
    target = tmp_path / "tas"
    for options, error in (
        ({"query": "usaha", "letters": [letters[0].id]}, InvalidInput),
        ({"viewer": sipadek.Viewer()}, InvalidInput),
        ({"layout": "zip"}, InvalidInput),
        ({"letters": []}, NotFound),
        ({"letters": ["tidak ada"]}, NotFound),
    ):
        with pytest.raises(error):
            office.export(target, **options)  # type: ignore[arg-type]
    target.mkdir()
    with pytest.raises(InvalidInput):
        office.export(target)


def test_damage_is_not_handed_over(
    office: sipadek.Office, letters: list[sipadek.Letter], folder: Path, tmp_path: Path
) -> None:
    digest = letters[1].filed_digest
    path = folder / "objects" / digest[:2] / digest
    path.chmod(0o600)
    path.write_bytes(b"lain")
    with pytest.raises(DamagedObject):
        office.export(tmp_path / "tas")
    assert not [*tmp_path.glob("*tas*")]
