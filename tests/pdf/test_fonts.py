"""Fonts cut to what is written: complete, small, and read back as the same text."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import unicodedata
import zlib
from importlib import resources
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from sipadek.errors import StampError
from sipadek.pdf.fonts import Font, default_font
from sipadek.pdf.objects import Ref
from sipadek.pdf.truetype import TrueType

OPEN_SANS = Path(str(resources.files("fontpkg_open_sans") / "files" / "OpenSans[wdth,wght].ttf"))
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
FONT = default_font()
REPERTOIRE = "".join(
    c for c in map(chr, sorted(TrueType.load(OPEN_SANS).characters)) if not FONT.missing(c)
)
# A reader drops a second mark on the same spot, so marks are left out of what is read back.
TEXT = st.text(
    st.sampled_from([c for c in REPERTOIRE if unicodedata.category(c) != "Mn"]),
    min_size=1,
    max_size=40,
)


class Paper:
    """A PDF of one page, as little as shows a font."""

    def __init__(self) -> None:
        self.objects: list[bytes] = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        ]
        self.streams: dict[int, bytes] = {}

    def add(self, body: bytes) -> Ref:
        self.objects.append(body)
        return Ref(len(self.objects) + 1)  # the page itself comes third, at the end

    def add_stream(self, entries: bytes, data: bytes, *, compress: bool = True) -> Ref:
        assert compress is False or b"/Filter" not in entries
        if compress:
            entries, data = entries + b"/Filter/FlateDecode", zlib.compress(data)
        ref = self.add(b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data))
        self.streams[ref.number] = zlib.decompress(data) if b"FlateDecode" in entries else data
        return ref

    def page(self, font: Ref, content: bytes, box: bytes = b"[0 0 1200 40]") -> bytes:
        contents = self.add_stream(b"", content)
        page = b"<</Type/Page/Parent 2 0 R/MediaBox%b/Resources<</Font<</F %b>>>>/Contents %b>>" % (
            box,
            bytes(font),
            bytes(contents),
        )
        bodies = [*self.objects[:2], page, *self.objects[2:]]
        out, offsets = b"%PDF-1.7\n", []
        for number, body in enumerate(bodies, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        size = len(bodies) + 1
        table = b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\n" % (
            size,
            rows,
            size,
        )
        return out + table + b"startxref\n%d\n%%%%EOF\n" % len(out)


def written(font: Font, text: str) -> tuple[Paper, bytes]:
    paper = Paper()
    embedded = font.embed(paper, [text])
    content = b"BT /F 20 Tf 10 10 Td %b Tj ET" % embedded.encode(text)
    return paper, paper.page(embedded.ref, content)


def font_file(paper: Paper) -> bytes:
    return next(data for data in paper.streams.values() if data.startswith(b"\0\1\0\0"))


def tables(font: bytes) -> dict[str, bytes]:
    count = struct.unpack_from(">H", font, 4)[0]
    found = {}
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", font, 12 + 16 * index)
        found[tag.decode()] = font[offset : offset + length]
    return found


def picture(pdf: bytes, scale: float = 4) -> Image.Image:
    document = pdfium.PdfDocument(pdf)
    image = document[0].render(scale=scale, grayscale=True).to_pil()
    document.close()
    return image


def read_back(pdf: bytes) -> str:
    """The characters on the page as pdfium maps them, without those it makes up."""
    document = pdfium.PdfDocument(pdf)
    page = document[0].get_textpage()
    text = "".join(
        chr(pdfium.raw.FPDFText_GetUnicode(page, index))
        for index in range(page.count_chars())
        if not pdfium.raw.FPDFText_IsGenerated(page, index)
    )
    document.close()
    return text


# --- the text comes back ------------------------------------------------------------------------


@given(TEXT)
@example("Nomor : 400.12.2.1/0042/KEL-LEGOK/XI/2026")
def test_each_character_is_read_back_as_itself(text: str) -> None:
    # pdfium makes one blank of many, and takes ligatures apart.
    expected = "".join(unicodedata.normalize("NFKC", c) if c in "ﬀﬁﬂﬃﬄ" else c for c in text)
    assert read_back(written(FONT, text)[1]).split() == expected.split()


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_poppler_reads_the_text_and_lists_the_font(tmp_path: Path) -> None:
    text = "Désirée Müller, Łódź: 400.12.2.1/0042/KEL-LEGOK/XI/2026 “ﬁ” №"
    path = tmp_path / "text.pdf"
    path.write_bytes(written(FONT, text)[1])
    run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    assert run.stdout.decode().strip() == text
    assert run.stderr == b""
    if shutil.which("pdffonts"):
        listed = subprocess.run(["pdffonts", path], capture_output=True, check=True)
        name, *rest = listed.stdout.decode().splitlines()[-1].split()
        assert re.fullmatch(r"[A-Z]{6}\+OpenSans-Regular", name)
        assert rest[:6] == ["CID", "TrueType", "Identity-H", "yes", "yes", "yes"]
        assert listed.stderr == b""


# --- it looks as in the whole font --------------------------------------------------------------


@pytest.mark.parametrize("path", [OPEN_SANS, DEJAVU], ids=["Open Sans", "DejaVu"])
@pytest.mark.parametrize(
    "text", ["Kelurahan Legok 0123456789/-.:,()", "ÀÉîõüçÑŁ ¼½¾ ǻ ṩ", "Ωмир€№"]
)
def test_glyphs_look_as_in_the_whole_font(path: Path, text: str) -> None:
    if not path.exists():
        pytest.skip(f"{path.name} is not installed")
    font, source = Font.load(path), TrueType.load(path)
    text = "".join(c for c in text if not font.missing(c))
    _, pdf = written(font, text)
    whole = Paper()
    glyphs = [source.characters[ord(character)] for character in text]
    data = path.read_bytes()
    file = whole.add_stream(b"/Length1 %d" % len(data), data)
    descriptor = whole.add(
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0"
        b"/Ascent 1000/Descent -200/CapHeight 700/StemV 80/FontFile2 %b>>" % bytes(file)
    )
    widths = b" ".join(
        b"%d [%d]" % (glyph, round(source.advance(glyph) * 1000 / source.units_per_em))
        for glyph in dict.fromkeys(glyphs)
    )
    descendant = whole.add(
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)"
        b"/Ordering(Identity)/Supplement 0>>/FontDescriptor %b/W[%b]/CIDToGIDMap/Identity>>"
        % (bytes(descriptor), widths)
    )
    ref = whole.add(
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[%b]>>"
        % bytes(descendant)
    )
    codes = b"".join(b"%04X" % glyph for glyph in glyphs)
    expected = picture(whole.page(ref, b"BT /F 20 Tf 10 10 Td <%b> Tj ET" % codes))
    found = picture(pdf)
    assert expected.getextrema()[0] < 50  # there is ink
    assert ImageChops.difference(found, expected).getextrema()[1] <= 8


@given(TEXT)
def test_the_width_is_where_the_next_character_starts(text: str) -> None:
    _, pdf = written(FONT, f"I{text}I")
    document = pdfium.PdfDocument(pdf)
    page = document[0].get_textpage()
    boxes = [page.get_charbox(index) for index in (0, page.count_chars() - 1)]
    document.close()
    expected = FONT.width(f"I{text}", 20)
    # /W holds whole thousandths of the size.
    assert boxes[1][0] - boxes[0][0] == pytest.approx(expected, abs=0.01 * (len(text) + 1) + 0.01)


# --- what is written is complete and valid ------------------------------------------------------


@given(TEXT)
def test_the_font_file_is_sound(text: str) -> None:
    paper, _ = written(FONT, text)
    data = font_file(paper)
    assert len(data) % 4 == 0
    assert sum(struct.unpack(f">{len(data) // 4}L", data)) & 0xFFFFFFFF == 0xB1B0AFBA
    parts = tables(data)
    assert list(parts) == ["glyf", "head", "hhea", "hmtx", "loca", "maxp"]
    (count,) = struct.unpack_from(">H", parts["maxp"], 4)
    assert len(parts["hmtx"]) == 4 * count
    assert struct.unpack_from(">H", parts["hhea"], 34) == (count,)
    (long,) = struct.unpack_from(">h", parts["head"], 50)
    scale, unit = (1, "L") if long else (2, "H")
    offsets = [scale * value for value in struct.unpack(f">{count + 1}{unit}", parts["loca"])]
    assert offsets == sorted(offsets)
    assert offsets[0] == 0
    assert offsets[-1] == len(parts["glyf"])
    assert count >= len(set(text)) + 1


@given(TEXT)
def test_widths_and_cid_set_cover_every_glyph(text: str) -> None:
    paper, _ = written(FONT, text)
    parts = tables(font_file(paper))
    (count,) = struct.unpack_from(">H", parts["maxp"], 4)
    (per_em,) = struct.unpack_from(">H", parts["head"], 18)
    advances = [struct.unpack_from(">H", parts["hmtx"], 4 * glyph)[0] for glyph in range(count)]
    body = next(body for body in paper.objects if b"CIDFontType2" in body)
    widths = re.search(rb"/W \[0 \[([\d ]+)\]\]", body)
    assert widths is not None
    assert list(map(int, widths[1].split())) == [round(a * 1000 / per_em) for a in advances]
    descriptor = next(body for body in paper.objects if b"/FontDescriptor /FontName" in body)
    reference = re.search(rb"/CIDSet (\d+) 0 R", descriptor)
    assert reference is not None
    bits = "".join(f"{byte:08b}" for byte in paper.streams[int(reference[1])])
    assert bits == ("1" * count).ljust(len(bits), "0")
    assert 0 <= len(bits) - count < 8


def test_a_glyph_of_two_characters_gets_two_codes() -> None:
    source = TrueType.load(OPEN_SANS)
    glyph = source.characters[ord("A")]
    assert len(source.subset([glyph, glyph]).advances) == 3


def test_glyphs_of_ordinary_text_take_little() -> None:
    paper, pdf = written(FONT, "Ditandatangani secara elektronik oleh Drs. H. Ahmad Fauzi, M.Si.")
    assert len(font_file(paper)) < 6_000
    assert len(pdf) < 8_000


def test_the_same_characters_give_the_same_bytes_and_tag() -> None:
    assert written(FONT, "abc")[1] == written(Font.load(OPEN_SANS), "abc")[1]
    once, _ = written(FONT, "tahun")
    other, _ = written(FONT, "tahan")
    assert _tag(once) != _tag(other)
    assert re.fullmatch(rb"[A-Z]{6}", _tag(once))


def test_letters_that_differ_in_figures_share_a_subset() -> None:
    once, _ = written(FONT, "Nomor 123")
    other, _ = written(FONT, "Nomor 908/77".replace("/", ""))
    assert once.objects[2:-1] == other.objects[2:-1]


def test_a_text_that_was_not_named_is_refused() -> None:
    embedded = FONT.embed(Paper(), ["ab"])
    with pytest.raises(StampError, match=r"“c” \(U\+0063\)"):
        embedded.encode("abc")


# --- what cannot be written ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Nomor 漢字", "漢字"),
        ("ש שלום", "שלום"),
        ("a\u200bb", "\u200b"),
        ("a\x00b\nc", "\x00\n"),
        ("😀😀", "😀"),
    ],
)
def test_missing_characters_are_named(text: str, missing: str) -> None:
    assert FONT.missing(text) == missing
    for call in (lambda: FONT.width(text, 10), lambda: FONT.embed(Paper(), [text])):
        with pytest.raises(StampError) as caught:
            call()
        assert set(caught.value.fields["characters"]) == set(missing)
        for character in missing:
            assert f"U+{ord(character):04X}" in caught.value.message


@given(st.text(max_size=20))
def test_any_text_is_written_or_refused(text: str) -> None:
    if FONT.missing(text):
        with pytest.raises(StampError):
            FONT.embed(Paper(), [text])
    else:
        FONT.embed(Paper(), [text])


# --- fonts that are none ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"", b"OTTO" + bytes(20), b"ttcf" + bytes(20), b"%PDF-1.7", bytes(99)]
)
def test_another_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "font.ttf"
    path.write_bytes(data)
    with pytest.raises(StampError, match=r"font\.ttf"):
        Font.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StampError, match="cannot be read"):
        Font.load(tmp_path / "none.ttf")


@given(st.data())
def test_a_damaged_font_is_refused_or_used(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.ttf"
    font = bytearray(OPEN_SANS.read_bytes())
    end = 14_000  # all that is read but for outlines lies before
    for _ in range(data.draw(st.integers(0, 6))):
        font[data.draw(st.integers(0, end))] = data.draw(st.integers(0, 255))
    path.write_bytes(font[: data.draw(st.just(len(font)) | st.integers(0, 120_000))])
    try:
        damaged = Font.load(path)
        damaged.embed(Paper(), ["".join(c for c in REPERTOIRE if not damaged.missing(c))])
    except StampError:
        pass


def _tag(paper: Paper) -> bytes:
    body = next(body for body in paper.objects if b"CIDFontType2" in body)
    found = re.search(rb"/BaseFont /(\w+)\+OpenSans-Regular", body)
    assert found is not None
    return found[1]
