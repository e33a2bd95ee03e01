"""Marks on the pages of any PDF, as two viewers show them."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from test_drawing import in_pdfium, in_poppler

from sipadek.errors import BrokenPdf, ChangeForbidden, InvalidInput, StampError
from sipadek.pdf import Document, find_text, geometry, pdfa_part
from sipadek.pdf.fonts import Font
from sipadek.pdf.geometry import transform_box
from sipadek.stamping import Code, Mark, Panel, Picture, Text, Watermark, marked, preview
from sipadek.testing.pdfs import PdfRecipe, build
from sipadek.testing.strategies import boxes, recipes

LINK = "https://surat.example.go.id/v/7q2m"
NUMBERS = Mark(what=Text(text="Halaman {n}/{m}"), pages="all", anchor="bottom")


def texts(pdf: bytes) -> list[str]:
    document = pdfium.PdfDocument(pdf)
    found = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    # pdfium's own sign for a hyphen at the end of a line, which other text behind it undoes
    return [text.replace("\ufffe", "-").replace("\x02", "-") for text in found]


def changed(before: Image.Image, after: Image.Image) -> tuple[float, float, float, float] | None:
    """What differs, as shares of the picture: left, top, right, bottom."""
    box = ImageChops.difference(before, after).getbbox()
    if box is None:
        return None
    width, height = before.size
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def test_every_page_is_numbered_and_the_original_stays() -> None:
    pdf = build(PdfRecipe(pages=3, tree_depth=2, inherited=True))
    found = marked(pdf, [NUMBERS])
    assert found.startswith(pdf)
    assert [f"Halaman {n}/3" in text for n, text in enumerate(texts(found), 1)] == [True] * 3
    assert "Surat contoh" in texts(found)[0]


def test_marks_stand_on_their_pages_only() -> None:
    pdf = build(PdfRecipe(pages=4))
    marks = [
        Mark(what=Text(text="SATU"), pages="first"),
        Mark(what=Text(text="GENAP"), pages="even", anchor="top"),
        Mark(what=Text(text="AKHIR"), pages="last", anchor="right"),
    ]
    found = [{w for w in ("SATU", "GENAP", "AKHIR") if w in t} for t in texts(marked(pdf, marks))]
    assert found == [{"SATU"}, {"GENAP"}, set(), {"GENAP", "AKHIR"}]


def test_without_marks_nothing_is_appended() -> None:
    pdf = build(PdfRecipe())
    assert marked(pdf, []) == pdf
    assert marked(pdf, [Mark(what=Text(text="X"), pages="even")]) == pdf


@pytest.mark.parametrize(
    ("anchor", "where"),
    [
        ("bottom-left", (0.0, 0.8, 0.3, 1.0)),
        ("top-right", (0.7, 0.0, 1.0, 0.2)),
        ("center", (0.4, 0.4, 0.6, 0.6)),
        ("bottom", (0.3, 0.8, 0.7, 1.0)),
    ],
)
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_mark_stands_where_a_reader_expects_it(
    anchor: str, where: tuple[float, float, float, float], rotate: int
) -> None:
    recipe = PdfRecipe(rotate=rotate, media_box=(-200.0, 100.0, 400.0, 700.0), contents="none")
    pdf = build(recipe)
    after = marked(pdf, [Mark(what=Code(content=LINK, side=60), anchor=anchor)])
    for draw in (in_pdfium, in_poppler):
        box = changed(draw(pdf), draw(after))
        assert box is not None
        assert where[0] <= box[0] < box[2] <= where[2]
        assert where[1] <= box[1] < box[3] <= where[3]
        (code,) = zxingcpp.read_barcodes(draw(after))
        assert (code.text, abs(code.orientation)) == (LINK, 0)


def test_absolute_points_count_from_their_corner() -> None:
    pdf = build(PdfRecipe(contents="none", media_box=(0.0, 0.0, 400.0, 400.0)))
    panel = Panel(width=40, height=20, fill=0.0, line=0)
    after = marked(pdf, [Mark(what=panel, anchor="top-right", margin=(100, 40))])
    box = changed(in_pdfium(pdf, 72), in_pdfium(after, 72))
    assert box == pytest.approx((260 / 400, 40 / 400, 300 / 400, 60 / 400), abs=0.005)


def test_a_watermark_lies_under_the_text_or_outlines_over_it() -> None:
    pdf = build(PdfRecipe(texts=("\n".join(["Surat contoh yang panjang sekali"] * 20),)))
    plain = in_pdfium(pdf)
    under = in_pdfium(marked(pdf, [Mark(what=Watermark(text="SALINAN"))]))
    over = in_pdfium(marked(pdf, [Mark(what=Watermark(text="SALINAN", over=True))]))
    for image in (under, over):
        box = changed(plain, image)
        assert box is not None
        assert box[0] < 0.2
        assert box[2] > 0.8
    # Nothing that was black has become paler under the text.
    black = plain.convert("L").point(lambda v: 255 if v < 40 else 0)
    assert ImageChops.multiply(black, under.convert("L")).getextrema()[1] < 60
    assert "SALINAN" in texts(marked(pdf, [Mark(what=Watermark(text="SALINAN"))]))[0]


@given(
    recipes(encryption="none", pages=st.integers(1, 3), media_box=boxes(), form="none"),
    st.sampled_from(["all", "first", "last", "odd"]),
)
def test_any_sound_pdf_keeps_its_bytes_pages_and_text(recipe: PdfRecipe, pages: str) -> None:
    pdf = build(recipe)
    after = marked(
        pdf, [Mark(what=Watermark(text="RAHASIA")), Mark(what=Text(text="{n}"), pages=pages)]
    )
    assert after.startswith(pdf)
    document = Document.open(after)
    assert not document.repaired
    assert len(list(document.pages())) == recipe.pages
    for before, found in zip(texts(pdf), texts(after), strict=True):
        assert [word for word in before.split() if word not in found] == []


def test_an_encrypted_pdf_is_marked_with_its_password() -> None:
    pdf = build(PdfRecipe(encryption="AES-256", user_password="sandi"))
    after = marked(pdf, [NUMBERS], password="sandi")
    document = pdfium.PdfDocument(after, password="sandi")
    assert "Halaman 1/1" in document[0].get_textpage().get_text_bounded()
    document.close()


def pictures() -> dict[str, bytes]:
    """One picture, its left half red and its right half clear (white where there is no such thing)."""
    found = {}
    half = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    half.paste((220, 0, 0, 255), (0, 0, 20, 20))
    flat = Image.alpha_composite(Image.new("RGBA", half.size, "white"), half).convert("RGB")
    for name, image, form in (
        ("rgba", half, "PNG"),
        ("palette", half.quantize(), "PNG"),
        ("rgb", flat, "PNG"),
        ("jpeg", flat, "JPEG"),
        ("cmyk", flat.convert("CMYK"), "JPEG"),
    ):
        out = io.BytesIO()
        image.save(out, form)
        found[name] = out.getvalue()
    return found


@pytest.mark.parametrize("name", ["rgba", "palette", "rgb", "jpeg", "cmyk"])
def test_a_picture_is_drawn_as_it_looks(name: str) -> None:
    pdf = build(PdfRecipe(contents="none", media_box=(0.0, 0.0, 200.0, 200.0)))
    ground = Mark(what=Panel(width=200, height=200, fill=0.5, line=0), margin=0)
    picture = Mark(what=Picture(data=pictures()[name], width=100), anchor="center")
    for draw in (in_pdfium, in_poppler):
        image = draw(marked(pdf, [ground, picture]), 72)
        red, green, _ = image.getpixel((75, 100))  # type: ignore[misc]
        assert (red > 180, green < 60) == (True, True)
        right = image.getpixel((125, 100))
        beside = image.getpixel((20, 20))
        clear = name in ("rgba", "palette")
        assert (right == beside) if clear else min(right) > 230  # type: ignore[type-var, arg-type]
        assert image.getpixel((75, 70)) == beside  # 50 points high, and no more


def test_in_pdfa_1_nothing_is_transparent() -> None:
    claim = b"<x xmlns:pdfaid='p'><pdfaid:part>1</pdfaid:part></x>"
    stream = b"9 0 obj <</Length %d>> stream\n%s\nendstream endobj\n" % (len(claim), claim)
    plain = build(PdfRecipe(contents="none"))
    catalog = re.search(rb"/Type ?/Catalog", plain)
    assert catalog is not None
    cut = plain[: catalog.end()] + b"/Metadata 9 0 R" + plain[catalog.end() :]
    claims = cut.replace(b"xref\n", stream + b"xref\n", 1)
    picture = [Mark(what=Picture(data=pictures()["rgba"], width=100))]
    assert pdfa_part(Document.open(claims)) == 1
    assert pdfa_part(Document.open(plain)) is None
    assert b"/SMask" not in marked(claims, picture)
    assert b"/SMask" in marked(plain, picture)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="PNG or JPEG"):
        marked(build(PdfRecipe()), [Mark(what=Picture(data=data, width=10))])


def test_a_picture_that_is_a_bomb_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(InvalidInput, match="pixels"):
        marked(build(PdfRecipe()), [Mark(what=Picture(data=out.getvalue(), width=10))])


def test_a_preview_shows_the_page_with_its_marks() -> None:
    pdf = build(PdfRecipe(pages=2))
    image = Image.open(io.BytesIO(preview(pdf, [Mark(what=Code(content=LINK), pages="2")], 2)))
    assert image.width == 600
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [LINK]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_mark_goes_where_its_tag_stands_and_covers_it(rotate: int) -> None:
    body = "Jambi, 5 Januari 2026\n\n${ttd}\n\nLurah"
    pdf = build(
        PdfRecipe(
            pages=3, texts=(body, "Lampiran", body), media_box=(-100, 50, 500, 850), rotate=rotate
        )
    )
    code = Code(content=LINK, side=60)
    after = marked(pdf, [Mark(what=code, pages="all", tag="${ttd}", nth="every", offset=(10, 5))])
    document = pdfium.PdfDocument(after)
    found = []
    for page in document:
        codes = zxingcpp.read_barcodes(page.render(scale=2).to_pil().convert("RGB"))
        found.append([each.text for each in codes])
    document.close()
    assert found == [[LINK], [], [LINK]]
    (box,) = find_text(pdf, "${ttd}", [0])[0]
    shape = geometry(*_first(pdf))
    left, bottom, _, _ = transform_box(shape.to_displayed, box)
    seen = changed(in_pdfium(pdf, 72), in_pdfium(after, 72))
    assert seen is not None
    width, height = shape.size
    # The code's dark corner is four modules inside its quiet zone.
    assert seen[0] * width == pytest.approx(left, abs=12)
    assert (1 - seen[3]) * height == pytest.approx(bottom, abs=12)
    assert texts(after)[0].count("${ttd}") == 1


def _first(pdf: bytes) -> Any:
    document = Document.open(pdf)
    return document, document.first_page()[1]


def test_every_place_of_a_tag_is_marked_and_a_missing_one_is_told() -> None:
    pdf = build(PdfRecipe(texts=("# satu\n\n# dua",)))
    after = marked(pdf, [Mark(what=Text(text="PARAF"), tag="#", nth="every", offset=(8, 0))])
    assert texts(after)[0].count("PARAF") == 2
    with pytest.raises(InvalidInput, match="ttd"):
        marked(pdf, [Mark(what=Text(text="X"), tag="${ttd}")])
    with pytest.raises(InvalidInput, match="empty"):
        marked(pdf, [Mark(what=Text(text="X"), tag=" ")])


@pytest.mark.parametrize(
    ("nth", "pages", "found"),
    [(1, "all", [1, 0]), (2, "all", [1, 0]), (-1, "all", [0, 1]), ("every", "all", [2, 1]),
     ("only", "2", [0, 1]), ("every", "first", [2, 0])],
)  # fmt: skip
def test_which_place_of_a_tag_is_meant(nth: Any, pages: str, found: list[int]) -> None:
    pdf = build(PdfRecipe(pages=2, texts=("# satu\n\n# dua", "# tiga")))
    after = marked(pdf, [Mark(what=Text(text="PARAF"), pages=pages, tag="#", nth=nth)])
    assert [text.count("PARAF") for text in texts(after)] == found


@pytest.mark.parametrize("nth", ["only", 4, -4])
def test_a_tag_that_is_ambiguous_or_not_there_so_often_is_told(nth: Any) -> None:
    pdf = build(PdfRecipe(pages=2, texts=("# satu\n\n# dua", "# tiga")))
    with pytest.raises(InvalidInput, match="3 places"):
        marked(pdf, [Mark(what=Text(text="X"), pages="all", tag="#", nth=nth)])


def test_marks_are_drawn_once() -> None:
    pdf = build(PdfRecipe(pages=2))
    copy = [Mark(what=Watermark(text="SALINAN"))]
    once = marked(pdf, [NUMBERS])
    assert marked(once, [NUMBERS]) == once
    both = marked(once, copy)
    assert both != once
    assert marked(both, [NUMBERS]) == marked(both, copy) == both
    assert marked(once, [Mark(what=Text(text="Halaman {n}/{m}"), pages="all")]) != once
    # The same values in another kind of mark are other marks.
    assert marked(marked(pdf, copy), [Mark(what=Watermark(text="SALINAN", over=True))]) != once


def test_a_mark_may_lie_under_the_page() -> None:
    pdf = build(PdfRecipe(texts=("\n".join(["Surat contoh"] * 20),)))
    panel = Panel(width=500, height=800, fill=0.7, line=0)
    under = marked(pdf, [Mark(what=panel, anchor="center", below=True)])
    over = marked(pdf, [Mark(what=panel, anchor="center")])

    def dark(data: bytes) -> int:
        return sum(in_pdfium(data).convert("L").histogram()[:100])

    assert dark(over) * 2 < dark(pdf) <= dark(under)


def test_a_font_of_the_callers_is_used() -> None:
    package = pytest.importorskip("fontpkg_open_sans")
    path = Path(str(package.__path__[0])) / "files" / "OpenSans[wdth,wght].ttf"
    font = Font.load(path)
    after = marked(build(PdfRecipe()), [NUMBERS], font=font)
    assert "Halaman 1/1" in texts(after)[0]


def test_what_cannot_be_drawn_is_refused() -> None:
    pdf = build(PdfRecipe())
    with pytest.raises(StampError):
        marked(pdf, [Mark(what=Text(text="漢字"))])
    with pytest.raises(InvalidInput, match="pages"):
        marked(pdf, [Mark(what=Text(text="X"), pages="2")])
    with pytest.raises(InvalidInput, match="anchor"):
        marked(pdf, [Mark(what=Text(text="X"), anchor="tengah")])
    with pytest.raises(BrokenPdf, match="page 1"):
        marked(pdf.replace(b" Tj", b" T("), [NUMBERS])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Text(text=" "),
        lambda: Text(text="x", size=0),
        lambda: Text(text="x", grey=1.5),
        lambda: Text(text="x\n" * 200),
        lambda: Watermark(text=""),
        lambda: Watermark(text="x", angle=float("nan")),
        lambda: Code(content="x", side=-1),
        lambda: Panel(width=0, height=1),
        lambda: Panel(width=1, height=1, fill=2),
        lambda: Mark(what=Text(text="x"), tag="#", free=True),
        lambda: Mark(what=Text(text="x"), tag="#", nth=0),
        lambda: Mark(what=Text(text="x"), tag="#", nth=True),
        lambda: Mark(what=Text(text="x"), tag="#", nth="all"),
    ],
)
def test_what_is_no_mark_is_refused(make: Any) -> None:
    with pytest.raises(InvalidInput):
        make()


def test_a_signed_pdf_is_not_marked(signed_pdf: bytes) -> None:
    with pytest.raises(ChangeForbidden):
        marked(signed_pdf, [NUMBERS])
