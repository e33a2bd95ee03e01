"""Scanned pages: queued by filing, read behind its back, found, vouched for, once each."""

from __future__ import annotations

import datetime
import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

import sipadek
from sipadek.errors import InvalidInput, MissingExtra, OfficeError, WorkerLost
from sipadek.sql.queue import WriteQueue
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.text import Tesseract, tesseract

SERIES = {"code": "uji", "pattern": "{nomor:3}/{tahun}"}


class ReadsCodes:
    """Reads QR codes in the place of letters: a real reader of pictures, and a fast one. A page whose
    code says '!' is one that it gives up on."""

    def __init__(self, name: str = "zxing 1") -> None:
        self.name = name
        self.pages = 0

    def read(self, picture: Path, *, dpi: int) -> str:
        assert dpi == 300
        self.pages += 1
        with Image.open(picture) as image:
            found = " ".join(each.text for each in zxingcpp.read_barcodes(image))
        if found == "!":
            raise WorkerLost("dots everywhere")
        return found


def scanned(*texts: str) -> bytes:
    """A PDF whose pages are pictures of codes; '' is a white page, '-' one with a line on it."""
    pictures = []
    for text in texts:
        picture = Image.new("L", (298, 421), 255)
        if text == "-":
            ImageDraw.Draw(picture).line((20, 20, 200, 300), fill=0, width=3)
        elif text:
            code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
            drawn = Image.fromarray(code.to_image(scale=4))
            picture.paste(drawn, (30, 30))
        pictures.append(picture)
    target = io.BytesIO()
    pictures[0].save(target, "PDF", save_all=True, append_images=pictures[1:], resolution=150)
    return target.getvalue()


def mixed() -> bytes:
    """A typed page between two scanned ones."""
    writer = pypdf.PdfWriter()
    codes = pypdf.PdfReader(io.BytesIO(scanned("kwitansi", "denah")))
    typed = pypdf.PdfReader(io.BytesIO(build(PdfRecipe(texts=("surat pengantar",)))))
    for page in (codes.pages[0], typed.pages[0], codes.pages[1]):
        writer.add_page(page)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.fixture
def office(tmp_path: Path) -> Any:
    with sipadek.open(tmp_path / "kantor") as office:
        office.define_series(**SERIES)
        yield office


def _hits(office: sipadek.Office, query: str) -> list[tuple[str, int, bool]]:
    return [(h.letter.number[:3], h.page, h.recognised) for h in office.search(query).hits]


def test_scanned_pages_are_found_with_their_page_and_marked(office: sipadek.Office) -> None:
    office.file(mixed(), series="uji", subject="Lampiran")
    assert _hits(office, "kwitansi") == []
    done = office.recognise(ReadsCodes())
    assert (done.recognised, done.empty, done.failed, done.waiting) == (2, 0, 0, 0)
    assert done.recogniser == "zxing 1"
    assert _hits(office, "denah") == [("001", 3, True)]
    assert _hits(office, "pengantar") == [("001", 2, False)]
    assert "<mark>kwitansi</mark>" in office.search("kwitansi").hits[0].snippet
    assert office.audit().clean


def test_each_page_is_looked_at_once_whatever_comes_of_it(office: sipadek.Office) -> None:
    office.file(scanned("satu", "", "-", "!"), series="uji", subject="Hasil pindai")
    reader = ReadsCodes()
    done = office.recognise(reader)
    assert (done.recognised, done.empty, done.failed) == (1, 2, 1)
    assert reader.pages == 3  # a white page needs no reader
    again = office.recognise(reader)
    assert (again.recognised, again.empty, again.failed, reader.pages) == (0, 0, 0, 3)


def test_again_another_recogniser_takes_what_failed_or_was_read_by_the_first(
    office: sipadek.Office,
) -> None:
    office.file(scanned("satu", "-", "!"), series="uji", subject="Hasil pindai")
    office.recognise(ReadsCodes())
    assert office.recognise(ReadsCodes(), again=True).failed == 1  # only that one is due again
    other = ReadsCodes("zxing 2")
    done = office.recognise(other, again=True)
    assert (done.recognised, done.empty, done.failed, other.pages) == (1, 1, 1, 3)
    assert _hits(office, "satu") == [("001", 1, True)]
    assert office.audit().clean


def test_what_was_recognised_survives_a_new_index_and_a_new_opening(tmp_path: Path) -> None:
    with sipadek.open(tmp_path / "kantor") as office:
        office.define_series(**SERIES)
        office.file(scanned("satu"), series="uji", subject="Hasil pindai")
        office.recognise(ReadsCodes())
        office._register.rebuild_index()
        assert _hits(office, "satu") == [("001", 1, True)]
    with sipadek.open(tmp_path / "kantor") as office:
        assert _hits(office, "satu") == [("001", 1, True)]


def test_an_office_of_before_gets_its_scans_queued_when_it_is_opened(tmp_path: Path) -> None:
    with sipadek.open(tmp_path / "kantor") as office:
        office.define_series(**SERIES)
        office.file(scanned("satu", "dua"), series="uji", subject="Hasil pindai")
        office.file(scanned("tiga"), series="uji", subject="Hasil pindai")
        with office._database.write() as connection:
            connection.execute("DROP TABLE sipadek_recognition")
    with sipadek.open(tmp_path / "kantor") as office:
        assert office.recognise(ReadsCodes()).recognised == 3
        assert office.audit().clean


def test_a_limit_stops_and_the_next_call_goes_on(office: sipadek.Office) -> None:
    for n in range(3):
        office.file(scanned(f"a{n}", f"b{n}"), series="uji", subject="Hasil pindai")
    steps: list[tuple[int, int]] = []
    first = office.recognise(ReadsCodes(), limit=3, progress=lambda *step: steps.append(step))
    assert (first.recognised, first.waiting, steps) == (3, 3, [(2, 3), (3, 3)])
    assert office.recognise(ReadsCodes()).recognised == 3
    assert _hits(office, "b1") == [("002", 2, True)]


def test_void_letters_are_left_alone_and_damaged_ones_do_not_stop_it(
    office: sipadek.Office, tmp_path: Path
) -> None:
    void, damaged, fine = (
        office.file(scanned(text), series="uji", subject="Hasil pindai", key=text)
        for text in ("satu", "dua", "tiga")
    )
    office.void(void.number, reason="salah")
    for path in (tmp_path / "kantor" / "objects").rglob(damaged.filed_digest):
        path.chmod(0o600)
        path.write_bytes(path.read_bytes().replace(b"%PDF-", b"%PDX-"))
    done = office.recognise(ReadsCodes())
    assert (done.recognised, done.failed) == (1, 1)
    assert _hits(office, "tiga") == [(fine.number[:3], 1, True)]


def test_two_do_not_recognise_at_once(office: sipadek.Office, tmp_path: Path) -> None:
    with (
        WriteQueue(tmp_path / "kantor" / "locks" / "recognising.lock").hold(),
        pytest.raises(OfficeError, match="Another process"),
    ):
        office.recognise(ReadsCodes())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sipadek_recognition SET recogniser = 'lain'",
        "DELETE FROM sipadek_recognition",
        "UPDATE sipadek_recognition SET page = 9",
    ],
)
def test_a_changed_table_is_named(office: sipadek.Office, change: str) -> None:
    office.file(scanned("satu"), series="uji", subject="Hasil pindai")
    office.recognise(ReadsCodes())
    with office._database.write() as connection:
        connection.execute(change)
    assert [each.code for each in office.audit().findings] == ["recognition-differs"]


def test_a_changed_text_is_named(office: sipadek.Office) -> None:
    office.file(scanned("satu"), series="uji", subject="Hasil pindai")
    office.recognise(ReadsCodes())
    with office._database.write() as connection:
        connection.execute("UPDATE sipadek_letter_text SET pages = 'dua'")
    assert "text-differs" in [each.code for each in office.audit().findings]


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from test_recognising import ReadsCodes
import sipadek
class Dies(ReadsCodes):
    def read(self, picture, *, dpi):
        if self.pages == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(picture, dpi=dpi)
sipadek.open(sys.argv[1]).recognise(Dies())
"""


def test_a_killed_run_loses_only_what_was_under_way(tmp_path: Path) -> None:
    folder = tmp_path / "kantor"
    with sipadek.open(folder) as office:
        office.define_series(**SERIES)
        office.file(scanned("satu", "dua"), series="uji", subject="Hasil pindai")
        office.file(scanned("tiga", "empat"), series="uji", subject="Hasil pindai", key="b")
    here = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), here], check=False)
    assert done.returncode == -9
    with sipadek.open(folder) as office:
        assert _hits(office, "dua") == [("001", 2, True)]
        assert office.recognise(ReadsCodes()).recognised == 2
        assert _hits(office, "tiga") == [("002", 1, True)]
        assert office.audit().clean
        assert office.recover(older_than=datetime.timedelta()).dropped == 2  # the copy, the picture


def test_a_title_and_a_name_of_an_attachment_are_found_without_a_page(
    office: sipadek.Office,
) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build(PdfRecipe(texts=("isi surat",)))))
    writer.add_metadata({"/Title": "Undangan musrenbang"})
    writer.add_attachment("daftar-hadir.xlsx", b"PK")
    target = io.BytesIO()
    writer.write(target)
    office.file(target.getvalue(), series="uji", subject="Rapat")
    assert _hits(office, "musrenbang") == [("001", 0, False)]
    assert _hits(office, '"daftar hadir xlsx"') == [("001", 0, False)]
    assert _hits(office, "surat") == [("001", 1, False)]
    assert office.audit().clean


# --- Tesseract ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader() -> Tesseract:
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    return Tesseract()


def test_tesseract_reads_a_scan(reader: Tesseract, office: sipadek.Office) -> None:
    picture = Image.new("L", (1240, 700), 255)
    draw = ImageDraw.Draw(picture)
    draw.text((90, 90), "Surat keterangan domisili", fill=0, font=ImageFont.load_default(60))
    target = io.BytesIO()
    picture.save(target, "PDF", resolution=150)
    office.file(target.getvalue(), series="uji", subject="Hasil pindai")
    done = office.recognise()
    assert (done.recognised, done.recogniser) == (1, reader.name)
    assert _hits(office, "domisili") == [("001", 1, True)]


def test_languages_that_are_not_installed_give_way(reader: Tesseract) -> None:
    assert set(reader.languages) <= {"ind", "eng"}
    assert reader.name.startswith("tesseract ")
    assert reader.name.endswith(reader.languages[0])
    with pytest.raises(InvalidInput, match="no language"):
        Tesseract(["--help"])


def test_a_picture_that_is_none_is_refused(reader: Tesseract, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"P5 9999 9999 255\n")
    with pytest.raises(WorkerLost, match="ended with"):
        reader.read(tmp_path / "x", dpi=300)


def _program(tmp_path: Path, does: str) -> Path:
    """A program in the place of Tesseract that is installed with one language, and then does this."""
    program = tmp_path / "tesseract"
    told = 'case "$1" in --list-langs) echo List; echo jav;; --version) echo tesseract 9;;'
    program.write_text(f"#!/bin/sh\n{told} *) {does};; esac\n")
    program.chmod(0o755)
    return program


def test_without_the_program_or_a_language_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match="tesseract-ocr-ind"):
        Tesseract(program=tmp_path / "tidak-ada")
    with pytest.raises(MissingExtra, match="it has jav"):
        Tesseract(program=_program(tmp_path, "true"))


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_page_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Tesseract(["jav"], program=_program(tmp_path, "while :; do :; done"))
    assert endless.name == "tesseract 9 jav"
    monkeypatch.setattr(tesseract, "SECONDS", 1)
    with pytest.raises(WorkerLost, match=r"took longer|ended with"):
        endless.read(tmp_path / "x", dpi=300)
