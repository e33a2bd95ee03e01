"""The texts of a stamp: nothing lost, nothing outside, nothing smaller than five points."""

from __future__ import annotations

import string
from itertools import pairwise

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput, StampError
from sipadek.pdf.fonts import default_font
from sipadek.stamping import Stamp
from sipadek.stamping.layout import Column, Line, compose

COLUMN = Column(left=74.0, bottom=5.0, width=170.0, height=64.0)
FONT = default_font()
FOOTER = (
    "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik yang "
    "diterbitkan oleh Balai Besar Sertifikasi Elektronik (BSrE), Badan Siber dan Sandi Negara."
)
STAMP = Stamp(
    number="400.12.2.1/0042/KEL-LEGOK/XI/2026",
    date="12 November 2026",
    qr="https://surat.example.go.id/v/7Q2M",
    footer=FOOTER,
    signer="Drs. H. Ahmad Fauzi Siregar, M.Si.",
)

LETTERS = string.ascii_letters + string.digits
NUMBERS = st.text(LETTERS + "/-. ", min_size=1, max_size=90).filter(str.strip)
PROSE = st.text(LETTERS + " .,()/-:ÀÉéü", max_size=260)
STAMPS = st.builds(
    Stamp,
    number=NUMBERS,
    date=st.text(LETTERS + " ", min_size=1, max_size=40).filter(str.strip),
    qr=st.just("x"),
    footer=PROSE,
    signer=PROSE.map(lambda text: text[:90]),
)


def squeezed(text: str) -> str:
    return "".join(text.split())


def composed(stamp: Stamp) -> tuple[Line, ...]:
    return compose(stamp, FONT, COLUMN)


@given(STAMPS)
@example(STAMP)
def test_all_text_is_set_inside_the_column(stamp: Stamp) -> None:
    try:
        lines = composed(stamp)
    except StampError:
        return
    signed = f"Ditandatangani secara elektronik oleh{stamp.signer}" if stamp.signer else ""
    expected = f"Nomor:{stamp.number}Tanggal:{stamp.date}{signed}{stamp.footer}"
    assert squeezed("".join(line.text for line in lines)) == squeezed(expected)
    for line in lines:
        assert line.size >= 5
        assert line.x >= COLUMN.left
        assert line.x + FONT.width(line.text, line.size) <= COLUMN.left + COLUMN.width + 1e-6
        assert line.y >= COLUMN.bottom
        assert line.y + line.size * FONT.cap_height <= COLUMN.bottom + COLUMN.height + 1e-6


@given(STAMPS)
def test_lines_do_not_touch(stamp: Stamp) -> None:
    try:
        lines = composed(stamp)
    except StampError:
        return
    baselines = sorted({line.y: line.size for line in lines}.items(), reverse=True)
    for (above, _), (below, size) in pairwise(baselines):
        assert above - below >= size * 1.2


def test_ordinary_texts_are_set_large_and_unbroken() -> None:
    lines = composed(STAMP)
    assert lines[1].text == f": {STAMP.number}"
    assert lines[1].size >= 7
    assert [line.text for line in lines if line.strong] == [STAMP.signer]
    assert {line.size for line in lines if line.small} <= {5.5, 6.0}


def test_a_long_number_is_broken_after_its_slashes() -> None:
    number = "B/000.1.5.2.10/00012345/DINKOMINFO-PERSANDIAN-STATISTIK/SEKRETARIAT/XII/2026"
    lines = composed(attrs.evolve(STAMP, number=number))
    parts = [line.text.removeprefix(": ") for line in lines[1:] if line.text in f": {number}"]
    assert "".join(parts[: parts.index("Tanggal")] if "Tanggal" in parts else parts) == number
    assert all(part.endswith("/") for part in parts[:-1])


def test_a_name_is_broken_between_words() -> None:
    signer = "Prof. Dr. Ir. Hj. Siti Nurhaliza Rahmawati Kusumawardhani Putri, S.H., M.H., Ph.D."
    names = [line.text for line in composed(attrs.evolve(STAMP, signer=signer)) if line.strong]
    assert len(names) > 1
    assert " ".join(names) == signer


def test_one_endless_word_is_broken_somewhere() -> None:
    lines = composed(attrs.evolve(STAMP, footer="x" * 150))
    assert sum(line.text.count("x") for line in lines if line.small) == 150


def test_texts_too_long_are_refused_with_what_to_do() -> None:
    with pytest.raises(StampError, match="Shorten the footer"):
        composed(attrs.evolve(STAMP, footer=FOOTER * 4))


def test_characters_the_font_lacks_are_named() -> None:
    with pytest.raises(StampError, match=r"U\+6F22"):
        composed(attrs.evolve(STAMP, signer="漢"))


def test_white_space_and_hyphens_are_made_plain() -> None:
    stamp = attrs.evolve(STAMP, number=" 1/A\u2011B \n2 ", signer="Désirée")
    assert stamp.number == "1/A-B 2"
    assert stamp.signer == "Désirée"


@pytest.mark.parametrize("field", ["number", "date", "qr"])
def test_a_stamp_without_number_date_or_code_is_refused(field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        attrs.evolve(STAMP, **{field: "  "})
