"""Signing PDFs by themselves: in turn, in waiting fields, certifying, and later on another machine."""

from __future__ import annotations

import datetime
import io
import pickle
import shutil
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pypdf import PdfReader

from sipadek.errors import (
    ChangedAfterSigning,
    ChangeForbidden,
    InvalidInput,
    KeyUnusable,
    SigningError,
    VerificationFailed,
)
from sipadek.office import finish, prepare, sign
from sipadek.signing import AwaitedSigner, Claim, KeySigner, Prepared, verify_pdf
from sipadek.stamping import Code, Mark, Panel, Picture, Text, Watermark
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
CLAIM = Claim(at=NOW, reason="Disetujui", location="Kota Jambi", contact="loket@contoh.example")
LABEL = Mark(what=Text(text="Ditandatangani oleh\nSiti"), anchor="bottom-right")
BESIDE = attrs.evolve(LABEL, free=True)


@pytest.fixture(scope="module")
def signers(authority: Authority) -> dict[str, KeySigner]:
    return {
        kind: authority.issue(f"Penanda {kind}", key=kind).signer()  # type: ignore[arg-type]
        for kind in ("rsa-2048", "p256", "p384", "ed25519")
    }


def with_fields(data: bytes, *specs: fields.SigFieldSpec, password: str = "") -> bytes:
    """Signature fields that wait, put in by pyHanko."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    if password:
        writer.encrypt(password)
    for spec in specs:
        fields.append_signature_field(writer, spec)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def drawn(path: Path) -> list[Image.Image]:
    """Each page as pdfium shows it, annotations and all, in grey, one pixel to a point."""
    document = pdfium.PdfDocument(path)
    document.init_forms()
    pages = [page.render(scale=1).to_pil().convert("L") for page in document]
    document.close()
    return pages


def judged(path: Path, authority: Authority, **options: Any) -> list[tuple[str, str]]:
    found = verify_pdf(
        path.read_bytes(), trust=[authority.root], at=NOW, limits=None, **options
    ).signatures
    return [(each.field, each.later) for each in found]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["rsa-2048", "p256", "p384", "ed25519"]), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([None, 2, 3]),
)
def test_signers_in_turn_leave_each_other_valid(
    tmp_path: Path,
    authority: Authority,
    signers: dict[str, KeySigner],
    turns: list[tuple[str, bool]],
    level: Any,
) -> None:
    path = tmp_path / "surat.pdf"
    path.write_bytes(before := build(PdfRecipe(pages=2)))
    for turn, (kind, visible) in enumerate(turns):
        certify = level if turn == 0 else None
        marks = [BESIDE] if visible and (turn == 0 or level is None) else []
        signed = sign(path, path, signers[kind], Claim(at=NOW, certify=certify), visible=marks)
        after = path.read_bytes()
        assert after.startswith(before)
        assert (signed.size, signed.added) == (len(after), len(after) - len(before))
        before = after
    names = [f"Tandatangan{n}" for n in range(1, len(turns) + 1)]
    later = ["signatures"] * (len(turns) - 1) + ["nothing"]
    assert judged(path, authority) == list(zip(names, later, strict=True))


def test_a_mark_over_an_earlier_signers_goes_to_a_person(
    tmp_path: Path, authority: Authority, signer: KeySigner
) -> None:
    path = tmp_path / "surat.pdf"
    sign(build(PdfRecipe()), path, signer, CLAIM, visible=[LABEL])
    sign(path, path, signer, CLAIM, visible=[LABEL])
    with pytest.raises(ChangedAfterSigning, match="covers what was on page 1"):
        judged(path, authority)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs pdfsig (poppler-utils)")
def test_what_is_said_of_a_signature_is_read_by_others(
    tmp_path: Path, authority: Authority, signer: KeySigner
) -> None:
    path = tmp_path / "surat.pdf"
    sign(build(PdfRecipe()), path, signer, CLAIM)
    sign(path, path, signer, Claim(at=NOW, field="Camat", reason="Kedua é"))
    told = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert told.count("Signature is Valid") == 2
    assert "Field Name: Camat" in told
    first, second = (
        field["/V"] for field in PdfReader(path).trailer["/Root"]["/AcroForm"]["/Fields"]
    )
    assert (first["/Reason"], first["/Location"]) == ("Disetujui", "Kota Jambi")
    assert first["/ContactInfo"] == "loket@contoh.example"
    assert second["/Reason"] == "Kedua é"
    assert "/Location" not in second


def test_a_visible_signature_shows_its_marks_in_one_place(
    tmp_path: Path, authority: Authority, signer: KeySigner
) -> None:
    path = tmp_path / "surat.pdf"
    frame = Mark(what=Panel(width=160, height=60), anchor="top-right", pages="last")
    label = Mark(what=Text(text="TTE"), anchor="top-right", margin=(30, 30), pages="last")
    code = Mark(what=Code(content="HALO", side=50), anchor="top-right", margin=90, pages="last")
    sign(build(PdfRecipe(pages=2)), path, signer, CLAIM, visible=[frame, label, code])
    first, last = drawn(path)
    corner = (395, 0, 595, 160)
    assert first.crop(corner).getextrema() == (255, 255)
    assert last.crop(corner).getextrema()[0] < 100
    assert judged(path, authority) == [("Tandatangan1", "nothing")]


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ([Mark(what=Text(text="x"), pages="all")], "one page"),
        ([Mark(what=Text(text="x")), Mark(what=Text(text="y"), pages="2")], "one page"),
        ([Mark(what=Text(text="x"), tag="ganda")], "2 places"),
        ([Mark(what=Text(text="x"), tag="ganda", nth="every")], "one place"),
        ([Mark(what=Watermark(text="SALINAN"))], "watermark"),
    ],
)
def test_marks_that_are_no_appearance_are_refused(
    tmp_path: Path, signer: KeySigner, marks: list[Mark], why: str
) -> None:
    pdf = build(PdfRecipe(texts=("ganda ganda",), pages=2))
    with pytest.raises(InvalidInput, match=why):
        sign(pdf, tmp_path / "a.pdf", signer, CLAIM, visible=marks)
    assert list(tmp_path.iterdir()) == []


def test_a_waiting_field_is_filled_where_it_stands(
    tmp_path: Path, authority: Authority, signer: KeySigner
) -> None:
    waiting = with_fields(
        build(PdfRecipe()),
        fields.SigFieldSpec("Lurah", box=(50, 50, 250, 120)),
        fields.SigFieldSpec("Camat", box=(300, 50, 500, 120)),
    )
    path = tmp_path / "surat.pdf"
    label = Mark(what=Text(text="Lurah Legok"), anchor="center")
    sign(waiting, path, signer, Claim(at=NOW, field="Lurah", certify=2), visible=[label])
    sign(path, path, signer, Claim(at=NOW, field="Camat"), visible=[label])
    assert judged(path, authority) == [("Lurah", "signatures"), ("Camat", "nothing")]
    [page] = drawn(path)
    for box in ((50, 722, 250, 792), (300, 722, 500, 792)):
        assert page.crop(box).getextrema()[0] < 128
    with pytest.raises(InvalidInput, match="signed already"):
        sign(path, path, signer, Claim(at=NOW, field="Lurah"))


def test_a_field_that_locks_others_says_so_in_its_signature(
    tmp_path: Path, authority: Authority, signer: KeySigner
) -> None:
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, fields=["Nama é", "Catatan (1)"])
    for password in ("", "buka"):
        recipe = (
            PdfRecipe(encryption="AES-256", user_password=password) if password else PdfRecipe()
        )
        waiting = with_fields(
            build(recipe),
            fields.SigFieldSpec("Lurah", field_mdp_spec=lock),
            password=password,
        )
        path = tmp_path / "surat.pdf"
        sign(waiting, path, signer, Claim(at=NOW, field="Lurah"), password=password or None)
        assert judged(path, authority, password=password) == [("Lurah", "nothing")]
        reader = PdfReader(path, password=password or None)
        [field] = reader.trailer["/Root"]["/AcroForm"]["/Fields"]
        [reference] = field["/V"]["/Reference"]
        assert reference["/TransformMethod"] == "/FieldMDP"
        assert reference["/TransformParams"]["/Action"] == "/Include"
        assert reference["/TransformParams"]["/Fields"] == ["Nama é", "Catatan (1)"]


def test_a_certified_document_takes_what_its_level_allows(
    tmp_path: Path, signer: KeySigner
) -> None:
    path = tmp_path / "surat.pdf"
    for level in (1, 2, 3):
        sign(build(PdfRecipe()), path, signer, Claim(at=NOW, certify=level))  # type: ignore[arg-type]
        kept = path.read_bytes()
        with pytest.raises(ChangeForbidden):
            sign(path, path, signer, CLAIM, visible=[LABEL])
        with pytest.raises(ChangeForbidden):
            sign(path, path, signer, Claim(at=NOW, certify=2))
        if level == 1:
            with pytest.raises(ChangeForbidden):
                sign(path, path, signer, CLAIM)
        assert path.read_bytes() == kept


def test_the_signature_may_come_later_from_elsewhere(
    tmp_path: Path, authority: Authority, signers: dict[str, KeySigner]
) -> None:
    pdf = build(PdfRecipe())
    for name, key in signers.items():
        awaited = AwaitedSigner(certificate=key.certificate, chain=key.chain, scheme=key.scheme)
        prepared = prepare(pdf, awaited, CLAIM, visible=[LABEL])
        again = Prepared.from_json(prepared.to_json())
        pickled = pickle.loads(pickle.dumps(prepared))
        assert again.to_json() == pickled.to_json() == prepared.to_json()
        [signature] = key.sign_many([again.to_sign])
        path = tmp_path / f"{name}.pdf"
        finish(pdf, path, again, signature)
        assert path.read_bytes().startswith(pdf)
        assert judged(path, authority) == [("Tandatangan1", "nothing")]
        with pytest.raises(InvalidInput, match="not the one"):
            finish(pdf + b"\n", tmp_path / "b.pdf", again, signature)
        with pytest.raises(SigningError):
            finish(pdf, tmp_path / "b.pdf", again, signature + b"more than there is room for" * 4)
    assert not (tmp_path / "b.pdf").exists()


@given(st.text(max_size=30) | st.just('{"tail": "AA=="}') | st.just('{"tail": 1}') | st.just("[]"))
def test_what_is_no_prepared_signature_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Prepared.from_json(text)


def test_a_key_that_cannot_be_used_leaves_nothing_behind(tmp_path: Path, signer: KeySigner) -> None:
    with pytest.raises(KeyUnusable):
        sign(
            build(PdfRecipe()),
            tmp_path / "a.pdf",
            signer,
            Claim(at=NOW + datetime.timedelta(days=9999)),
        )
    assert list(tmp_path.iterdir()) == []


def test_a_changed_byte_is_noticed(tmp_path: Path, authority: Authority, signer: KeySigner) -> None:
    path = tmp_path / "a.pdf"
    sign(build(PdfRecipe()), path, signer, CLAIM)
    data = bytearray(path.read_bytes())
    data[data.index(b"Disetujui")] ^= 1
    path.write_bytes(data)
    with pytest.raises(VerificationFailed):
        judged(path, authority)


def test_a_picture_may_stand_beside_a_tag(
    tmp_path: Path, authority: Authority, signer: KeySigner
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), (200, 0, 0)).save(out, "PNG")
    mark = Mark(what=Picture(data=out.getvalue(), width=80), tag="${ttd}")
    path = tmp_path / "a.pdf"
    sign(build(PdfRecipe(texts=("Lurah ${ttd}",))), path, signer, CLAIM, visible=[mark])
    [page] = drawn(path)
    assert sum(page.histogram()[50:70]) > 2000  # its red, as grey
    assert judged(path, authority) == [("Tandatangan1", "nothing")]
