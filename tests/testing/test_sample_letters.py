"""Sample letters are deterministic, searchable, leave room for the stamp, and cannot be mistaken."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from sipadek.errors import InvalidInput
from sipadek.pdf.preview import page_png
from sipadek.pdf.text import extract_text
from sipadek.testing.sample_letters import KINDS, SampleLetter, sample_letters, write_folder

pytest.importorskip("typst")

LETTERS = sample_letters(2 * KINDS, seed=7)
TWO_PAGES = {"undangan-musrenbang", "keputusan-lurah"}


def flat(letter: SampleLetter) -> str:
    return " ".join(" ".join(extract_text(letter.pdf).pages).split())


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.slug)
def test_each_letter_is_found_by_its_words_and_leaves_room_for_the_stamp(
    letter: SampleLetter,
) -> None:
    text = flat(letter)
    assert len(letter.words) >= 3
    assert [word for word in letter.words if word not in text] == []
    assert len(extract_text(letter.pdf).pages) == (2 if letter.kind in TWO_PAGES else 1)
    assert "PEMERINTAH KOTA JAMBI" in text
    assert "sesuai stempel elektronik" in text
    assert "bukan surat dinas" in text
    picture = Image.open(io.BytesIO(page_png(letter.pdf, width=595))).convert("L")
    band = picture.crop((0, picture.height - 100, picture.width, picture.height))
    assert band.getextrema() == (255, 255)


def test_every_kind_of_letter_comes_once_in_twenty() -> None:
    letters = sample_letters()
    assert len(letters) == KINDS == 20
    assert len({letter.kind for letter in letters}) == 20
    assert len({letter.slug for letter in LETTERS}) == len(LETTERS)
    assert {letter.secrecy for letter in letters} == {"B", "T", "R"}
    assert [letter.date for letter in LETTERS] == sorted(letter.date for letter in LETTERS)
    for letter in letters:
        assert re.fullmatch(r"(KEL|KEC)-[A-Z-]+|[A-Z]+", letter.unit)
        assert re.fullmatch(r"\d00(\.\d+)*", letter.classification)


def test_no_identity_in_the_letters_can_be_real() -> None:
    for letter in LETTERS:
        text = flat(letter)
        for identity in re.findall(r"\b\d{16}\b", text):
            assert identity.startswith("9999")
        for number in re.findall(r"NIP (\d{8}) (\d{6})", text):
            assert number[0].endswith("0000")
            assert number[1].endswith("00")
        assert set(re.findall(r"\bRT (\d+)", text)) <= {"00"}
        assert set(re.findall(r"@\S+", text)) <= {"@jambi.example"}


def test_count_and_seed_decide_the_bytes() -> None:
    again = sample_letters(3, seed=7)
    assert again == LETTERS[:3]
    assert [letter.pdf for letter in again] == [letter.pdf for letter in LETTERS[:3]]
    assert sample_letters(3, seed=8)[0].pdf != again[0].pdf
    script = (
        "import hashlib; from sipadek.testing.sample_letters import sample_letters;"
        "print(hashlib.sha256(sample_letters(1, seed=7)[0].pdf).hexdigest())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def test_letters_are_pdf_a_2b_on_a4_with_embedded_fonts() -> None:
    reader = pypdf.PdfReader(io.BytesIO(LETTERS[0].pdf), strict=True)
    stream: Any = reader.root_object["/Metadata"]
    metadata = stream.get_data()
    assert b"<pdfaid:part>2<" in metadata
    assert b"<pdfaid:conformance>B<" in metadata
    assert [round(float(side)) for side in reader.pages[0].mediabox] == [0, 0, 595, 842]
    assert reader.metadata is not None
    assert reader.metadata.title == LETTERS[0].subject
    page: Any = reader.pages[0]
    fonts = page["/Resources"]["/Font"]
    for font in fonts.values():
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile3" in descriptor or "/FontFile2" in descriptor


@pytest.mark.parametrize("pages", [1, 4])
def test_folders_are_written_with_so_many_pages(tmp_path: Path, pages: int) -> None:
    paths = write_folder(tmp_path / "surat", 20, 3, pages=pages)
    assert sorted(tmp_path.glob("surat/*.pdf")) == paths
    assert Counter(len(extract_text(path).pages) for path in paths) == {pages: 20}
    assert len({path.read_bytes() for path in paths}) == 20


@pytest.mark.parametrize(("count", "pages"), [(-1, None), (1, 2)])
def test_wrong_arguments_are_refused(count: int, pages: int | None) -> None:
    with pytest.raises(InvalidInput):
        sample_letters(count, pages=pages)


def test_without_typst_the_message_names_the_extra() -> None:
    script = """
import sys
sys.modules["typst"] = None
from sipadek.errors import MissingExtra
from sipadek.testing.sample_letters import sample_letters
letter = sample_letters(1)[0]
try:
    letter.pdf
except MissingExtra as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "sipadek[all]" in said.stdout
