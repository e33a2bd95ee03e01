"""The generator's own promise: valid recipes are valid for every reader, damaged ones are not."""

from __future__ import annotations

import io
import logging
import shutil
import subprocess
from pathlib import Path

import attrs
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipadek.errors import EncryptedPdf, InvalidInput
from sipadek.pdf.text import extract_text
from sipadek.testing.pdfs import PdfRecipe, build, linearize
from sipadek.testing.strategies import damaged_recipes, junk_recipes, recipes

WORDS = st.lists(st.text("abcdeghmnoprstuw", min_size=2, max_size=8), min_size=1, max_size=4)
TEXTS = st.lists(WORDS.map(" ".join), max_size=4).map(tuple)
valid = recipes(texts=TEXTS)
some = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def words(text: str) -> list[str]:
    return sorted(text.split())


def read(recipe: PdfRecipe, *, hidden: bool = True) -> list[list[str]]:
    """What is read of each page: its text, its note, and on the first what is filled in. ``hidden``:
    also what a hybrid file keeps for newer readers."""
    there = recipe.annots != "none"
    seen = hidden or recipe.xref != "hybrid"
    note = ["Catatan", "(contoh)"] if there and (seen or recipe.annots == "inline") else []
    filled = ["nilai"] * recipe.fields if there and seen and recipe.form != "none" else []
    return [
        sorted([*text.split(), *note, *([] if at else filled)])
        for at, text in enumerate(recipe.shown)
    ]


@given(valid)
def test_pypdf_strict_reads_every_valid_recipe_without_a_warning(recipe: PdfRecipe) -> None:
    with Warnings() as warnings:
        reader = pypdf.PdfReader(io.BytesIO(build(recipe)), strict=True)
        assert reader.is_encrypted == (recipe.encryption != "none")
        assert len(reader.pages) == recipe.pages
        for page in reader.pages:
            assert sorted(map(float, page.mediabox)) == pytest.approx(
                sorted(recipe.media_box), abs=1e-5
            )
            assert page.rotation % 360 == recipe.rotate % 360
            assert page.user_unit == recipe.user_unit
            assert (page.get_contents() is None) == (recipe.contents == "none")
        assert (reader.metadata is not None) == recipe.info
        if reader.metadata is not None:
            assert reader.metadata.title == "Surat (contoh) \\ uji"
        if recipe.form != "none":
            assert len(reader.get_fields() or {}) == recipe.fields
        expected = 0 if recipe.annots == "none" else 1
        widgets = recipe.fields if recipe.form != "none" and expected else 0
        assert len(reader.pages[0].annotations or []) == expected + widgets
    assert warnings.messages == []


@given(valid)
def test_pdfium_shows_the_text_of_every_valid_recipe(recipe: PdfRecipe) -> None:
    text = extract_text(build(recipe))
    assert text.extractor.startswith("pypdfium2 ")
    # pdfium does not find what a hybrid file hides.
    assert [words(page) for page in text.pages] == read(recipe, hidden=False)


@needs("qpdf")
@some
@given(recipe=valid)
def test_qpdf_finds_nothing_wrong_with_valid_recipes(recipe: PdfRecipe, tmp_path: Path) -> None:
    path = tmp_path / "recipe.pdf"
    path.write_bytes(build(recipe))
    outcome = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")


@needs("pdftotext")
@some
@given(recipe=recipes(texts=TEXTS, annots="none"))
def test_poppler_shows_the_text_of_valid_recipes(recipe: PdfRecipe, tmp_path: Path) -> None:
    path = tmp_path / "recipe.pdf"
    path.write_bytes(build(recipe))
    outcome = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0
    if recipe.contents != "extra-Q":  # poppler says what it thinks of these
        assert outcome.stderr == ""
    assert words(outcome.stdout) == words(" ".join(recipe.shown))


@given(recipes(encryption=st.sampled_from(("RC4-40", "RC4-128", "AES-128", "AES-256"))))
def test_a_user_password_is_needed_and_opens_the_file(recipe: PdfRecipe) -> None:
    recipe = attrs.evolve(recipe, user_password="rahasia")
    data = build(recipe)
    for password in (None, "salah"):
        with pytest.raises(EncryptedPdf):
            extract_text(data, password=password)
    for password in ("rahasia", "pemilik"):
        assert len(extract_text(data, password=password).pages) == recipe.pages
        assert pypdf.PdfReader(io.BytesIO(data), password=password).pages[0].mediabox


@given(recipes())
def test_the_same_recipe_gives_the_same_bytes(recipe: PdfRecipe) -> None:
    assert build(recipe) == build(attrs.evolve(recipe))


@given(recipes())
def test_the_final_eol_and_updates_are_as_asked(recipe: PdfRecipe) -> None:
    data = build(recipe)
    assert data.endswith(b"%%EOF\n") == recipe.final_eol
    assert data.count(b"startxref") == 1 + len(recipe.updates)
    kinds = [recipe.xref, *recipe.updates]
    assert data.count(b"\ntrailer\n") == len(kinds) - kinds.count("stream")
    packs = recipe.xref != "table" or "stream" in recipe.updates
    packs = packs or ("hybrid" in recipe.updates and recipe.info)
    assert (b"/ObjStm" in data) == packs


@given(junk_recipes(texts=TEXTS, encryption="none"))
def test_junk_before_the_header_is_no_obstacle_for_pdfium(recipe: PdfRecipe) -> None:
    data = build(recipe)
    assert data.startswith(recipe.junk + b"%PDF-")
    if recipe.junk_offsets == "header":
        assert len(extract_text(data).pages) == recipe.pages


@needs("qpdf")
@pytest.mark.parametrize("xref", ["table", "stream", "hybrid"])
@pytest.mark.parametrize("damage", ["startxref", "no-xref", "endobj"])
def test_damage_is_damage(xref: str, damage: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.pdf"
    path.write_bytes(build(PdfRecipe(xref=xref, damage=damage, damage_by=3)))  # type: ignore[arg-type]
    assert subprocess.run(
        ["qpdf", "--check", path], capture_output=True, check=False
    ).returncode in (2, 3)


@given(damaged_recipes())
def test_damaged_recipes_can_be_built(recipe: PdfRecipe) -> None:
    assert build(recipe).startswith(b"%PDF-")


@needs("qpdf")
@some
@given(recipe=recipes(contents="stream", texts=TEXTS))
def test_linearized_files_hold_the_same_text(recipe: PdfRecipe) -> None:
    data = linearize(build(recipe))
    assert data is not None
    assert b"/Linearized" in data[:1024]
    assert [words(page) for page in extract_text(data).pages] == read(recipe)


@pytest.mark.no_cover
def test_many_pages_are_made_in_no_time() -> None:
    assert len(pypdf.PdfReader(io.BytesIO(build(PdfRecipe(pages=3000)))).pages) == 3000


def test_free_numbers_stand_in_the_table() -> None:
    data = build(PdfRecipe(freed=2))
    assert data.count(b" f \n") == 3


def test_text_outside_windows_1252_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Windows-1252"):
        build(PdfRecipe(texts=("ꦲ",)))


@pytest.mark.parametrize("wrong", [{"xref": "tabel"}, {"rotate": 45}, {"pages": 0}])
def test_recipes_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        PdfRecipe(**wrong)  # type: ignore[arg-type]


class Warnings(logging.Handler):
    """What pypdf logs meanwhile."""

    def __enter__(self) -> Warnings:
        self.messages: list[str] = []
        logging.getLogger("pypdf").addHandler(self)
        return self

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def __exit__(self, *_: object) -> None:
        logging.getLogger("pypdf").removeHandler(self)
