"""Levels of PDF files: stamped when they are signed, raised and renewed later."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from trust_world import DAY, NOW, Trust, judged_links

import sipadek
from sipadek.errors import InvalidInput, NotSigned, SigningError, TimestampFailed
from sipadek.office import finish, prepare
from sipadek.signing import AwaitedSigner, Claim, Prepared, verify_pdf
from sipadek.stamping import Mark, Text
from sipadek.testing.pdfs import PdfRecipe, build

CLAIM = Claim(at=NOW)
LABEL = Mark(what=Text(text="TTE"))


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust.create()


@pytest.fixture
def signed(tmp_path: Path, trust: Trust) -> Path:
    path = tmp_path / "surat.pdf"
    sipadek.sign(build(PdfRecipe()), path, trust.signer.signer(), CLAIM, timestamp=trust.timestamps)
    return path


def stamped_at(path: Path, trust: Trust) -> list[object]:
    report = verify_pdf(path.read_bytes(), trust=[trust.authority.root], at=NOW, limits=None)
    return [each.stamped_at for each in report.signatures]


@pytest.mark.parametrize("visible", [(), (LABEL,)])
@pytest.mark.parametrize("waiting", [True, False])
def test_signed_and_stamped(
    tmp_path: Path, trust: Trust, visible: tuple[Mark, ...], waiting: bool
) -> None:
    pdf = build(PdfRecipe())
    if waiting:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        fields.append_signature_field(writer, fields.SigFieldSpec("ttd", box=(100, 100, 300, 160)))
        out = io.BytesIO()
        writer.write(out)
        pdf = out.getvalue()
    path = tmp_path / "surat.pdf"
    claim = Claim(at=NOW, field="ttd")
    signer = trust.signer.signer()
    sipadek.sign(pdf, path, signer, claim, visible=visible, timestamp=trust.timestamps)
    assert stamped_at(path, trust) == [NOW]


def test_prepared_with_room_and_finished_with_a_stamp(tmp_path: Path, trust: Trust) -> None:
    pdf, path = build(PdfRecipe()), tmp_path / "surat.pdf"
    signer = trust.signer.signer()
    awaited = AwaitedSigner(
        certificate=signer.certificate, chain=signer.chain, scheme=signer.scheme
    )
    prepared = prepare(pdf, awaited, CLAIM, timestamp=trust.timestamps)
    prepared = Prepared.from_json(prepared.to_json())
    [signature] = signer.sign_many([prepared.to_sign])

    class Refusing:
        token_size = 0

        def stamp(self, digest: bytes, algorithm: str) -> bytes:
            raise TimestampFailed("no")

    with pytest.raises(TimestampFailed):
        finish(pdf, path, prepared, signature, timestamp=Refusing())
    assert list(tmp_path.iterdir()) == []
    finish(pdf, path, prepared, signature, timestamp=trust.timestamps)
    assert stamped_at(path, trust) == [NOW]
    finish(pdf, path, prepared, signature)  # and without a stamp after all
    assert stamped_at(path, trust) == [None]
    without_room = prepare(pdf, awaited, CLAIM)
    [signature] = signer.sign_many([without_room.to_sign])
    with pytest.raises(SigningError, match="at most"):
        finish(pdf, path, without_room, signature, timestamp=trust.timestamps)


@pytest.mark.parametrize("to", ["B-T", "B-LT", "B-LTA"])
def test_raised_in_place_and_elsewhere(tmp_path: Path, signed: Path, trust: Trust, to: str) -> None:
    before = signed.read_bytes()
    other = tmp_path / "lain.pdf"
    done = sipadek.raise_level(signed, other, to=to, **trust.arguments())
    whole = other.read_bytes()
    assert (done.size, done.added) == (len(whole), len(whole) - len(before))
    assert whole.startswith(before)
    assert signed.read_bytes() == before
    assert bool(done.added) == (to != "B-T")
    sipadek.raise_level(signed, signed, to="B-LTA", **trust.arguments())
    kept = signed.stat()
    again = sipadek.raise_level(signed, signed, to=to, **trust.arguments())
    assert again.added == 0
    assert (signed.stat().st_ino, signed.stat().st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)
    same = sipadek.raise_level(signed.read_bytes(), other, to=to, **trust.arguments())
    assert other.read_bytes() == signed.read_bytes()
    assert same == again
    assert all(judged_links(signed.read_bytes(), trust.authority.root, NOW + DAY))
    assert {each.name for each in tmp_path.iterdir()} == {"surat.pdf", "lain.pdf"}


def test_renewed(signed: Path, trust: Trust) -> None:
    with pytest.raises(InvalidInput, match="B-LTA"):
        sipadek.renew(signed, signed, within=DAY, **trust.arguments())
    sipadek.raise_level(signed, signed, to="B-LTA", **trust.arguments())
    assert sipadek.renew(signed, signed, within=DAY, **trust.arguments()).added == 0
    longer = trust.authority.issue_service("time stamps", key="p256", days=3000)
    trust.timestamps.credential = longer
    assert sipadek.renew(signed, signed, within=1450 * DAY, **trust.arguments()).added > 0
    assert judged_links(signed.read_bytes(), trust.authority.root, NOW + DAY) == [True] * 3


def test_a_failure_leaves_the_target(tmp_path: Path, signed: Path, trust: Trust) -> None:
    before = signed.read_bytes()
    with pytest.raises(NotSigned):
        sipadek.raise_level(build(PdfRecipe()), signed, to="B-T", **trust.arguments())
    with pytest.raises(InvalidInput):
        sipadek.raise_level(tmp_path / "tiada.pdf", signed, to="B-T", **trust.arguments())
    assert signed.read_bytes() == before
    assert list(tmp_path.iterdir()) == [signed]
