"""Laws of reading and of signed revisions on drawn page trees, judged by pypdf and pdfium."""

import datetime
import hashlib
import io

import pypdf
import pypdfium2
import pytest
from hypothesis import given

from sipadek.pdf import Document, Revision, geometry
from sipadek.signing import Claim, Widget, add_signature, seal, verify_pdf
from sipadek.stamping import STAMP_HEIGHT, STAMP_WIDTH, Stamp, draw, place
from sipadek.testing.authority import Authority
from sipadek.testing.pdf_strategies import DrawnPdf, drawn_pdfs

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
AUTHORITY = Authority.create(now=NOW, key="p256")
SIGNER = AUTHORITY.issue("Siti Contoh", key="p256").signer()


@given(drawn_pdfs())
def test_the_reader_agrees_with_pypdf_and_pdfium(drawn: DrawnPdf) -> None:
    document = Document.open(drawn.data)
    assert not document.repaired
    pages = list(document.pages())
    shapes = [geometry(document, page) for _, page in pages]
    assert shapes[0].media_box == pytest.approx(drawn.media_box)
    assert shapes[0].rotate == drawn.rotate
    reader = pypdf.PdfReader(io.BytesIO(drawn.data), strict=True)
    viewer = pypdfium2.PdfDocument(drawn.data)
    try:
        assert len(pages) == len(reader.pages) == len(viewer) == drawn.pages
        for shape, other, shown in zip(shapes, reader.pages, viewer, strict=True):
            assert sorted(shape.media_box) == pytest.approx(sorted(map(float, other.mediabox)))
            assert shape.size == pytest.approx(shown.get_size(), abs=0.01)
    finally:
        viewer.close()


@given(drawn_pdfs())
def test_a_stamped_and_signed_file_keeps_its_bytes_and_verifies(drawn: DrawnPdf) -> None:
    import zxingcpp

    document = Document.open(drawn.data)
    ref, page = document.first_page()
    revision = Revision(document)
    content = "https://contoh.example/surat/12"
    stamp = Stamp(number="12", date="24 November 2026", qr=content, footer="Contoh")
    shape = geometry(document, page)
    placed = place(shape, STAMP_WIDTH, STAMP_HEIGHT)
    drawing = draw(stamp, revision, matrix=placed.matrix)
    widget = Widget(page=ref, rect=placed.rect, form=drawing.form)
    add_signature(revision, widget, Claim(field="ttd", at=NOW, reason="uji"), SIGNER)
    filed = drawn.data + seal(revision.build(), hashlib.sha256(drawn.data), SIGNER)
    assert filed.startswith(drawn.data)
    assert len(pypdf.PdfReader(io.BytesIO(filed), strict=True).pages) == drawn.pages
    (evidence,) = verify_pdf(filed, trust=[AUTHORITY.root], at=NOW, limits=None).signatures
    assert evidence.entire_file
    viewer = pypdfium2.PdfDocument(filed)
    try:
        assert len(viewer) == drawn.pages
        viewer.init_forms()
        picture = viewer[0].render(scale=min(6.0, 1200 / min(shape.size))).to_pil()
    finally:
        viewer.close()
    codes = zxingcpp.read_barcodes(picture)
    assert [code.text for code in codes] == [content]
    assert abs(codes[0].orientation) < 2
