"""A printed book can be read back, whatever stands in it."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import pytest
from book_letters import HOSTILE, Sheets, letter

from sipadek.archive import State
from sipadek.books import Book, Cell, GapReport, pdf_file, write_pdf
from sipadek.errors import InvalidInput, MissingExtra, WorkerLost
from sipadek.pdf import extract_text
from sipadek.sql.accounting import Account, Remark

pytest.importorskip("typst")
BOOK = Book.register(office="Kelurahan Legok", period="Tahun 2026")


def written(entries: list[tuple[Cell, ...]], **more: Any) -> bytes:
    file = io.BytesIO()
    write_pdf(entries, file, Sheets(**more))
    return file.getvalue()


def bare(text: str) -> str:
    """Without spaces and places where lines may end."""
    return re.sub(r"[\s\u200b\ufffe\u00ad]+", "", text)


def test_a_register_is_set_on_pages_with_heads() -> None:
    file = io.BytesIO()
    letters = [
        letter(n, state=State.VOID, void_reason="salah unit", filed_digest="")
        if n == 3
        else letter(n)
        for n in range(1, 81)
    ]
    write_pdf(letters, file, BOOK)
    pages = extract_text(file.getvalue()).pages
    assert len(pages) > 1
    for place, page in enumerate(pages, 1):
        assert bare("Nomor surat") in bare(page)
        assert bare(f"Halaman {place} dari {len(pages)}") in bare(page)
    assert "\u200b" not in "".join(pages), "what fits is found by searching"
    text = bare(" ".join(pages))
    assert [one.number for one in letters if one.number not in text] == []
    assert bare("Batal: salah unit") in text
    assert bare("Jumlah 80 nomor: 79 terbit, 0 dipesan, 1 batal.") in text
    assert bare("BUKU REGISTER SURAT") in text


def test_hostile_texts_are_set_as_text() -> None:
    data = written([(text, "tengah", "akhir") for text in HOSTILE], title="#title <b> *x*")
    pages = extract_text(data).pages
    text = bare(" ".join(pages))
    assert text.count("tengah") == len(HOSTILE)
    assert text.count("x") >= 5000
    plain = [each for each in HOSTILE if each.isascii() and each.isprintable() and len(each) < 100]
    assert len(plain) > 10
    assert [each for each in plain if bare(each) not in text] == []
    assert bare("#TITLE <B> *X*") in text


def test_long_words_stay_in_their_column() -> None:
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(written([("W" * 400, "i" * 400, "400.12/" * 60)]))
    for page in document:
        text = page.get_textpage()
        boxes = [
            text.get_charbox(n)
            for n in range(text.count_chars())
            if text.get_text_range(n, 1) == "W"
        ]
        assert boxes
        # The first of three columns ends at a sixth of what lies between the margins.
        assert max(right for _, _, right, _ in boxes) < (16 + 269 / 6) * 72 / 25.4
        text.close()
        page.close()
    document.close()


def test_the_same_book_is_the_same_bytes() -> None:
    rows: list[tuple[Cell, ...]] = [("a", 1, "Keterangan")] * 30
    assert written(rows) == written(rows)


def test_an_empty_book_is_a_page() -> None:
    assert len(extract_text(written([])).pages) == 1


def test_a_book_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_file, "MAX_PDF_ROWS", 3)
    written([("a", 1, 2)] * 3)
    with pytest.raises(InvalidInput, match="at most 3 rows"):
        written([("a", 1, 2)] * 4)
    numbers = tuple(Remark(number=str(n), reason="salah") for n in range(3))
    account = Account(
        series="surat",
        counter="2026",
        start=1,
        last=3,
        issued=0,
        legacy=0,
        void=numbers,
        held=(),
        inserted=(),
        holes=(),
        repeats=(),
        missing=(),
    )
    with pytest.raises(InvalidInput, match="at most 3 rows"):
        write_pdf([account], io.BytesIO(), GapReport(office="", period=""))


def test_a_process_that_dies_or_lingers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pdf_file, "SECONDS", 0.01)
        with pytest.raises(WorkerLost, match="longer than"):
            written([])
    with monkeypatch.context() as patch:
        patch.setattr(pdf_file, "_PROGRAM", "import os; os.abort()")
        with pytest.raises(WorkerLost, match="ended with"):
            written([])
    monkeypatch.setattr(pdf_file, "_template", lambda: "#panic()")
    with pytest.raises(InvalidInput, match="Typst cannot set"):
        written([])


def test_typst_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match=r"sipadek\[all\]"):
        written([])
