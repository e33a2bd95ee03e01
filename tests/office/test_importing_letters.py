"""Letters from elsewhere keep their numbers, their bytes and their signatures, and come in once."""

from __future__ import annotations

import datetime
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

import sipadek
from sipadek.errors import InvalidInput, KeyConflict, NotAPdf
from sipadek.intake import Fault, Incoming
from sipadek.office import Imported, import_letters
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.testing.strategies import recipes

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
OLD = datetime.date(2019, 3, 4)


def incoming(key: str, path: Path | None = None, **more: object) -> Incoming:
    told = {"number": f"470/{key}/2019", "subject": f"Surat {key}", "date": OLD, **more}
    return Incoming(key=key, place=f"line {key}", path=path, **told)  # type: ignore[arg-type]


def bring(office: sipadek.Office, *letters: Incoming | Fault, **more: object) -> list[Imported]:
    options = {"source": "buku 2019", "actor": "Ani", **more}
    return [*import_letters(office, letters, **options)]  # type: ignore[arg-type]


@pytest.fixture
def pdf(tmp_path: Path) -> Callable[[str], Path]:
    def made(text: str) -> Path:
        path = tmp_path / f"{text}.pdf"
        path.write_bytes(build(PdfRecipe(texts=(text,))))
        return path

    return made


def test_old_letters_keep_their_numbers_and_take_none_of_the_offices(
    office: sipadek.Office, pdf: Callable[[str], Path]
) -> None:
    before = office.numbers.accounts("ket")
    one, two = bring(
        office,
        incoming("1", pdf("domisili"), sender="Camat", unit="KEL", extra={"map": "12"}),
        incoming("2"),
    )
    assert one.letter is not None
    assert two.letter is not None
    assert [one.letter.number, two.letter.number] == ["ARSIP-000001", "ARSIP-000002"]
    assert dict(one.letter.details.extra) == {
        "nomor-asal": "470/1/2019",
        "asal": "buku 2019",
        "dari": "Camat",
        "map": "12",
    }
    assert (one.letter.details.date, one.letter.actor) == (OLD, "Ani")
    assert office.numbers.accounts("ket") == before
    for query in ("470/1/2019", "domisili", "dari:camat", "nomor:ARSIP-000001"):
        assert [hit.letter.id for hit in office.search(query).hits] == [one.letter.id], query
    assert [hit.letter.id for hit in office.search("470/2/2019").hits] == [two.letter.id]
    assert office.audit().clean


def test_the_same_call_again_doubles_nothing(
    office: sipadek.Office, pdf: Callable[[str], Path]
) -> None:
    letters = [incoming("1", pdf("a")), incoming("2")]
    first = bring(office, *letters)
    again = bring(office, *letters, incoming("3"))
    assert [each.before for each in first] == [False, False]
    assert [each.before for each in again] == [True, True, False]
    assert [each.letter for each in again[:2]] == [each.letter for each in first]
    assert len([*office.letters()]) == 3
    assert [each.before for each in bring(office, incoming("1"), source="lain")] == [False]


def test_an_interrupted_import_goes_on(office: sipadek.Office, pdf: Callable[[str], Path]) -> None:
    def some() -> object:
        yield from (incoming(f"{number}") for number in range(64))
        raise KeyboardInterrupt

    coming = import_letters(office, some(), source="x", actor="Ani")  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        list(coming)
    again = bring(office, *(incoming(f"{number}") for number in range(66)), source="x")
    assert [each.before for each in again] == [True] * 64 + [False] * 2


def test_what_cannot_be_taken_is_told_and_the_others_go_on(
    office: sipadek.Office, pdf: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "foto.jpg").write_bytes(b"\xff\xd8 gambar")
    good = pdf("baik")
    digest = hashlib.md5(good.read_bytes(), usedforsecurity=False).hexdigest()
    ended = bring(
        office,
        Fault(place="line 9", message="it has no date"),
        incoming("1", tmp_path / "foto.jpg"),
        incoming("2", good, checksum="0" * 32),
        incoming("3", good, checksum=digest),
        incoming("4", good, checksum=hashlib.sha256(good.read_bytes()).hexdigest()),
        incoming("5", tmp_path / "hilang.pdf"),
    )
    assert [each.place for each in ended][:2] == ["line 9", "line 1"]
    assert [type(each.error) for each in ended] == [
        InvalidInput,
        NotAPdf,
        InvalidInput,
        type(None),
        type(None),
        InvalidInput,
    ]
    assert "checksum" in str(ended[2].error)
    assert len([*office.letters()]) == 2  # what was refused took no number
    assert office.audit().clean


def test_another_letter_under_a_known_key_is_an_error(
    office: sipadek.Office, pdf: Callable[[str], Path]
) -> None:
    bring(office, incoming("1", pdf("a")), incoming("2"))
    ended = bring(office, incoming("1", pdf("b")), incoming("2", subject="lain"))
    assert [type(each.error) for each in ended] == [KeyConflict, KeyConflict]


def test_a_series_that_gives_other_numbers_is_refused(office: sipadek.Office) -> None:
    with pytest.raises(InvalidInput):
        bring(office, incoming("1"), series="ket")
    for missing in ("source", "actor"):
        with pytest.raises(InvalidInput):
            bring(office, incoming("1"), **{missing: " "})
    assert [*office.letters()] == []


def test_a_signed_letter_stays_as_it_was_signed(
    office: sipadek.Office, signer: sipadek.Signer, tmp_path: Path
) -> None:
    path = tmp_path / "bertanda.pdf"
    sipadek.sign(build(PdfRecipe(texts=("isi",))), path, signer, sipadek.Claim(at=NOW))
    (ended,) = bring(office, incoming("1", path))
    assert ended.letter is not None
    assert ended.letter.signer == ""
    assert office.original(ended.letter.id).read() == path.read_bytes()
    assert office.audit().clean
    filed = tmp_path / "filed.pdf"
    filed.write_bytes(office.filed(ended.letter.id).read())
    if shutil.which("pdfsig"):
        told = subprocess.run(["pdfsig", "-nocert", filed], capture_output=True, text=True).stdout
        assert "Signature is Valid" in told


@settings(max_examples=8)
@given(recipe=recipes(encryption="none"))
def test_nothing_is_changed_in_any_pdf(
    recipe: PdfRecipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("impor")
    path = root / "surat.pdf"
    path.write_bytes(build(recipe))
    with sipadek.open(root / "arsip", clock=lambda: NOW) as office:
        (ended,) = bring(office, incoming("1", path))
        assert ended.letter is not None, ended.error
        filed = office.filed(ended.letter.id).read()
    assert filed.startswith(path.read_bytes())
    if shutil.which("qpdf"):
        (root / "filed.pdf").write_bytes(filed)
        judged = subprocess.run(["qpdf", "--check", root / "filed.pdf"], capture_output=True)
        before = subprocess.run(["qpdf", "--check", path], capture_output=True)
        assert judged.returncode == before.returncode, judged.stderr


def test_an_untouched_letter_takes_neither_marks_nor_signer(
    office: sipadek.Office, signer: sipadek.Signer, letter_pdf: Callable[..., bytes]
) -> None:
    style = sipadek.StampStyle(untouched=True)
    with pytest.raises(InvalidInput):
        office.file(letter_pdf(), series="ket", subject="x", unit="U", style=style, signer=signer)
    with pytest.raises(InvalidInput):
        sipadek.StampStyle(untouched=True, certify=1)
    assert [*office.letters()] == []
