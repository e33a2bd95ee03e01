"""A PDF/A stays one: each rule by itself, and as PDFBox preflight sees it where that is installed."""

from __future__ import annotations

import datetime
import io
import re
import zlib
from pathlib import Path
from typing import Any

import pdfa
import pytest
from PIL import Image

import sipadek
from sipadek.pdf import Document
from sipadek.stamping import Code, Mark, Panel, Picture, Text, Watermark, marked
from sipadek.testing.authority import Authority


def picture(mode: str, form: str) -> bytes:
    out = io.BytesIO()
    colour = (200, 30, 30, 90) if mode == "RGBA" else 90 if mode == "L" else (200, 30, 30)
    Image.new(mode, (24, 12), colour).save(out, form)
    return out.getvalue()


MARKS = (
    Mark(what=Text(text="Halaman {n}/{m}", covering=True), anchor="bottom"),
    Mark(what=Watermark(text="SALINAN")),
    Mark(what=Watermark(text="RAHASIA", over=True)),
    Mark(what=Code(content="https://x.example/1"), anchor="right"),
    Mark(what=Panel(width=30, height=20, fill=0.8), anchor="left", below=True),
    Mark(what=Picture(data=picture("RGBA", "PNG"), width=40), anchor="top-left"),
    Mark(what=Picture(data=picture("RGB", "JPEG"), width=40), anchor="top"),
    Mark(what=Picture(data=picture("L", "PNG"), width=40), anchor="top-right", free=True),
)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, bool], bytes]:
    """PDF/A-1, 2 and 3, filed with every kind of mark, signed or only stamped."""
    signer = Authority.create(now=datetime.datetime.now(datetime.UTC)).issue("Siti").signer()
    found = {}
    style = sipadek.StampStyle(marks=MARKS)
    with sipadek.open(tmp_path_factory.mktemp("a") / "arsip", style=style) as office:
        office.define_series("s", "{nomor}/{tahun}")
        for part in (1, 2, 3):
            for signed in (False, True):
                letter = office.file(
                    pdfa.pdfa(part), series="s", subject="S", signer=signer if signed else None,
                    key=f"{part}{signed}",
                )  # fmt: skip
                found[part, signed] = office.filed(letter.id).read()
    return found


ALL = [(part, signed) for part in (1, 2, 3) for signed in (False, True)]


def added(pdf: bytes) -> bytes:
    """What the revision added, its compressed streams decoded."""
    tail = pdf[pdf.index(b"%%EOF") :]

    def plain(match: re.Match[bytes]) -> bytes:
        try:
            return b"stream\n" + zlib.decompress(match[1]) + b"\nendstream"
        except zlib.error:
            return match[0]

    return re.sub(rb"stream\n(.*?)\nendstream", plain, tail, flags=re.S)


@pytest.mark.parametrize("case", ALL)
def test_no_colour_depends_on_the_device(filed: Any, case: tuple[int, bool]) -> None:
    tail = added(filed[case])
    # The grey of a soft mask is no colour (ISO 19005-2 allows it); of PDF/A-1 it is asked below.
    shapes = re.sub(rb"/ColorSpace /DeviceGray", b"", tail) if case[0] > 1 else tail
    assert not re.search(rb"/Device(?:Gray|RGB|CMYK)", shapes)
    assert not re.search(
        rb"(?<![\w/])(?:rg|RG|g|G|k|K)[\s]", re.sub(rb"<[0-9A-F]+>", b"", _content(tail))
    )
    assert not re.search(rb"/G\s*\[/CalGray", tail)  # PDFBox takes that name for DeviceGray
    assert b"/CalGray" in tail
    assert b"/CalRGB" in tail


def _content(tail: bytes) -> bytes:
    """The content streams only: forms, and what is put around the page's own."""
    return b"\n".join(
        s for s in re.findall(rb"stream\n(.*?)\nendstream", tail, re.S) if s.isascii()
    )


@pytest.mark.parametrize("signed", [False, True])
def test_part_1_has_no_transparency_and_no_stream_of_references(filed: Any, signed: bool) -> None:
    tail = added(filed[1, signed])
    for word in (b"/SMask", b"/Group", b"/ca ", b"/CA ", b"/BM", b"/XRef", b"/ObjStm"):
        assert word not in tail
    assert b"/SMask" in added(filed[2, signed])  # where it is allowed a picture stays clear


@pytest.mark.parametrize("case", ALL)
def test_fonts_are_embedded_with_widths_and_characters(filed: Any, case: tuple[int, bool]) -> None:
    tail = added(filed[case])
    fonts = tail.count(b"/Subtype /Type0")
    assert fonts >= 1
    assert tail.count(b"/Type /Font ") == 2 * fonts  # each with its descendant, and no others
    for word in (
        b"/CIDFontType2",
        b"/FontFile2",
        b"/ToUnicode",
        b"/CIDSet",
        b"/W [",
        b"/CIDToGIDMap",
    ):
        assert tail.count(word) == fonts, word


@pytest.mark.parametrize("case", ALL)
def test_metadata_stay_and_annotations_print(filed: Any, case: tuple[int, bool]) -> None:
    document = Document.open(filed[case])
    assert document.catalog()[1][b"Metadata"] == b"4 0 R"
    assert b"/Interpolate" not in added(filed[case])
    assert not re.search(rb"(?<!\d)4 0 obj", added(filed[case]))
    for flags in re.findall(rb"/Type/Annot/F (\d+)", filed[case]):
        assert int(flags) & 4
    identifiers = [b.lower() for b in document.array(document.trailer[b"ID"])]
    assert identifiers[0] == b"<" + b"5a" * 16 + b">" != identifiers[1]


@pytest.mark.parametrize("case", ALL)
def test_everything_on_the_page_is_an_artifact(filed: Any, case: tuple[int, bool]) -> None:
    """So that a tagged document has nothing on its pages that is neither."""
    tail = added(filed[case])
    drawn = re.findall(rb"/Artifact<<[^>]*>>BDC q [^\n]* /Sipadek\d+ Do Q EMC\n", tail)
    assert len(drawn) == tail.count(b" Do Q EMC")
    assert len(drawn) == len(MARKS) + 1


@pytest.mark.skipif(bool(pdfa.missing()), reason=f"{pdfa.missing()} of PDFBox 2 is not installed")
def test_pdfbox_finds_part_1_valid(filed: Any, tmp_path: Path) -> None:
    plain = pdfa.pdfa(1)
    cases = {
        "plain": plain,
        "marked": marked(plain, MARKS),
        "stamped": filed[1, False],
        "signed": filed[1, True],
        "spoilt": plain.replace(b"q\nQ\n", b"1 g\n"),
    }
    paths = []
    for name, data in cases.items():
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(data)
    found = dict(zip(cases, pdfa.judged(tmp_path, paths), strict=True))
    assert found.pop("spoilt") != "valid"
    assert set(found.values()) == {"valid"}, found
