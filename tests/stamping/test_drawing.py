"""Stamps as viewers show them: the code decodes, the text is read, nothing else is touched."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import attrs
import pypdfium2 as pdfium
import pytest
import zxingcpp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from paper import GREY, Objects, stamped
from PIL import Image, ImageChops

from sipadek.errors import StampError
from sipadek.pdf.fonts import Font
from sipadek.pdf.geometry import PageGeometry
from sipadek.stamping import STAMP_HEIGHT, STAMP_WIDTH, Stamp, draw

LINK = "https://surat.example.go.id/verifikasi/7Q2M-X4KD-91PL"
STAMP = Stamp(
    number="400.12.2.1/0042/KEL-LEGOK/XI/2026",
    date="12 November 2026",
    qr=LINK,
    footer="Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik "
    "yang diterbitkan oleh Balai Besar Sertifikasi Elektronik (BSrE), Badan Siber dan Sandi "
    "Negara.",
    signer="Drs. H. Ahmad Fauzi Siregar, M.Si.",
)
A4 = (0.0, 0.0, 595.276, 841.89)
DPI = 150


def in_pdfium(pdf: bytes, dpi: float = DPI) -> Image.Image:
    document = pdfium.PdfDocument(pdf)
    image = document[0].render(scale=dpi / 72).to_pil().convert("RGB")
    document.close()
    return image


def in_poppler(pdf: bytes, dpi: float = DPI) -> Image.Image:
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm is not installed")
    run = subprocess.run(
        ["pdftoppm", "-cropbox", "-r", str(dpi), "-png", "-singlefile", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    )
    assert run.stderr == b""
    return Image.open(io.BytesIO(run.stdout)).convert("RGB")


def panel(image: Image.Image) -> tuple[int, int, int, int]:
    """The box, in pixels from the top left, outside which the page is as it was."""
    page = Image.new("RGB", image.size, (GREY,) * 3)
    box = ImageChops.difference(image, page).convert("L").point(lambda v: 255 * (v > 3)).getbbox()
    assert box is not None
    return box


def upright_code(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(found) == 1
    assert abs(found[0].orientation) <= 1  # degrees
    return str(found[0].text)


Viewer = Callable[[bytes], Image.Image]
VIEWERS = pytest.mark.parametrize("viewer", [in_pdfium, in_poppler], ids=["pdfium", "poppler"])


@VIEWERS
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_code_decodes_upright_at_150_dpi(viewer: Viewer, rotate: int) -> None:
    assert upright_code(viewer(stamped(PageGeometry(A4, rotate=rotate), STAMP))) == LINK


@VIEWERS
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("anchor", ["bottom-left", "top-right"])
def test_on_a_cropped_page_the_stamp_stands_at_its_anchor(
    viewer: Viewer, rotate: int, anchor: str
) -> None:
    # Where a crop box ends beyond the media box, poppler shows the media box's full height.
    end = 900.0 if viewer is in_pdfium else 690.0
    page = PageGeometry((-40.0, 700.0, 560.0, -20.0), (10.0, 35.0, 410.0, end), rotate)
    image = viewer(stamped(page, STAMP, anchor=anchor))
    scale = DPI / 72
    left, top, right, bottom = panel(image)
    assert (right - left) / scale == pytest.approx(STAMP_WIDTH, abs=1)
    assert (bottom - top) / scale == pytest.approx(STAMP_HEIGHT, abs=1)
    gaps = (left, image.height - bottom) if anchor == "bottom-left" else (image.width - right, top)
    assert [gap / scale for gap in gaps] == pytest.approx([18, 18], abs=1)
    assert upright_code(image) == LINK


@VIEWERS
def test_on_a_tiny_page_the_whole_stamp_shows_and_decodes(viewer: Viewer) -> None:
    image = viewer(stamped(PageGeometry((0.0, 0.0, 200.0, 60.0)), STAMP))
    left, top, right, bottom = panel(image)
    assert 0 < left < right < image.width
    assert 0 < top < bottom < image.height
    assert upright_code(image) == LINK


@VIEWERS
def test_a_large_user_unit_does_not_hide_the_stamp(viewer: Viewer) -> None:
    image = viewer(stamped(PageGeometry(A4, user_unit=7.5), STAMP))
    assert upright_code(image) == LINK


@VIEWERS
def test_colours_are_neutral_and_white_is_white(viewer: Viewer) -> None:
    image = viewer(stamped(PageGeometry(A4), STAMP))
    colours = image.crop(panel(image)).getcolors(1 << 20)
    assert colours is not None
    assert max(colours)[1] == (255, 255, 255)
    assert all(max(rgb) - min(rgb) <= 1 for _, rgb in colours)


@settings(max_examples=15)
@given(
    st.builds(
        PageGeometry,
        media_box=st.tuples(*[st.floats(-900, 900)] * 4),
        crop_box=st.none() | st.tuples(*[st.floats(-900, 900)] * 4),
        rotate=st.sampled_from([0, 90, 180, 270]),
    ).filter(lambda page: min(page.size) > 60)
)
def test_on_any_page_a_viewer_shows_the_stamp_inside(page: PageGeometry) -> None:
    pdf = stamped(page, STAMP)
    document = pdfium.PdfDocument(pdf)
    assume(
        min(document[0].get_size()) > 1
    )  # zero where the boxes do not meet; nothing shows on less
    document.close()
    image = in_pdfium(pdf, dpi=300)
    left, top, right, bottom = panel(image)
    assert 0 < left < right < image.width
    assert 0 < top < bottom < image.height
    assert (right - left) / (bottom - top) == pytest.approx(STAMP_WIDTH / STAMP_HEIGHT, rel=0.03)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_the_text_is_read_by_poppler(tmp_path: Path) -> None:
    path = tmp_path / "stamped.pdf"
    path.write_bytes(stamped(PageGeometry(A4), STAMP))
    run = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    assert run.stderr == b""
    text = " ".join(run.stdout.decode().split())
    for part in (f"Nomor : {STAMP.number}", f"Tanggal : {STAMP.date}", STAMP.signer, STAMP.footer):
        assert part in text


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
def test_qpdf_finds_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "stamped.pdf"
    path.write_bytes(stamped(PageGeometry(A4, rotate=90), STAMP))
    run = subprocess.run(["qpdf", "--check", path], capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, b"")


def test_the_form_is_complete_in_itself_and_fit_for_pdf_a() -> None:
    objects = Objects()
    appearance = draw(STAMP, objects)
    assert (appearance.width, appearance.height) == (STAMP_WIDTH, STAMP_HEIGHT)
    form = objects.bodies[appearance.form.number]
    head, _, stream = form.partition(b"\nstream\n")
    assert b"/BBox [0 0 250 74]" in head
    assert b"/Resources <<" in head
    for forbidden in (b"/Group", b"/SMask", b"/Device", b"/ExtGState", b"/G "):
        assert forbidden not in head
    content = zlib.decompress(stream.removesuffix(b"\nendstream"))
    operators = set(re.findall(rb"(?<![\w<])[A-Za-z]+(?![\w>])", content))
    assert operators == {
        *(b"q", b"Q", b"cm", b"re", b"f", b"B", b"w", b"cs", b"CS", b"sc", b"SC"),
        *(b"BT", b"ET", b"Tf", b"Tr", b"Td", b"Tj"),
        *(b"Ink", b"F"),
    }
    assert content.count(b"q ") == content.count(b" Q") == 1
    assert len(re.findall(rb"\bf\b", content)) == 1


def test_the_same_stamp_gives_the_same_bytes() -> None:
    assert stamped(PageGeometry(A4), STAMP) == stamped(PageGeometry(A4), attrs.evolve(STAMP))


def test_another_font_may_be_given() -> None:
    path = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not path.exists():
        pytest.skip("DejaVuSans.ttf is not installed")
    objects = Objects()
    draw(STAMP, objects, font=Font.load(path))
    assert any(b"+DejaVuSans" in body for body in objects.bodies.values())


def test_a_code_too_fine_to_scan_is_refused() -> None:
    with pytest.raises(StampError, match="shorter link"):
        draw(attrs.evolve(STAMP, qr="https://x/" + "y" * 400), Objects())


def test_a_refused_stamp_leaves_nothing_behind() -> None:
    objects = Objects()
    for change in ({"qr": "z" * 3000}, {"signer": "漢字"}, {"footer": "Kata " * 400}):
        with pytest.raises(StampError):
            draw(attrs.evolve(STAMP, **change), objects)
    assert objects.bodies == {}
