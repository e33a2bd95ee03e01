"""QR codes: read back as what went in, drawn as they are."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sipadek.errors import StampError
from sipadek.stamping.qr import QUIET_ZONE, QrCode

LINKS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=250)


def read(code: QrCode) -> zxingcpp.Barcode:
    side = code.size + 2 * QUIET_ZONE
    image = Image.new("L", (side, side), 255)
    image.paste(Image.frombytes("L", (code.size, code.size), code.modules), (QUIET_ZONE,) * 2)
    found = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    assert len(found) == 1
    return found[0]


def painted(code: QrCode) -> bytes:
    """The modules as the operators paint them."""
    size = code.size
    canvas = bytearray(b"\xff" * size * size)
    *rectangles, fill = code.operators().split(b"\n")
    assert fill == b"f"
    for rectangle in rectangles:
        match = re.fullmatch(rb"(\d+) (\d+) (\d+) (\d+) re", rectangle)
        assert match is not None
        x, y, width, height = map(int, match.groups())
        for row in range(size - y - height, size - y):
            assert 0 not in canvas[row * size + x : row * size + x + width]  # nothing twice
            canvas[row * size + x : row * size + x + width] = bytes(width)
    return bytes(canvas)


@given(LINKS)
def test_a_code_is_read_back_as_its_content(content: str) -> None:
    assert read(QrCode.encode(content)).text == content


def test_the_correction_level_is_m() -> None:
    assert read(QrCode.encode("https://surat.example.go.id/v/7Q2M")).ec_level == "M"


@given(LINKS)
def test_the_operators_paint_the_modules(content: str) -> None:
    code = QrCode.encode(content)
    assert painted(code) == code.modules


def test_runs_are_merged() -> None:
    code = QrCode.encode("https://surat.example.go.id/v/7Q2M")
    runs = len(re.findall(b"\0+", b"\xff".join(_rows(code))))
    assert code.operators().count(b" re") == runs < code.modules.count(0)


@pytest.mark.parametrize("content", ["", "x" * 3000])
def test_what_no_code_holds_is_refused(content: str) -> None:
    with pytest.raises(StampError, match="short link"):
        QrCode.encode(content)


@given(st.text(min_size=1).filter(lambda text: not (text.isascii() and text.isprintable())))
def test_what_readers_would_disagree_on_is_refused(content: str) -> None:
    with pytest.raises(StampError, match="ASCII"):
        QrCode.encode(content)


def _rows(code: QrCode) -> list[bytes]:
    return [code.modules[i : i + code.size] for i in range(0, code.size**2, code.size)]
