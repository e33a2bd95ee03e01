"""The appended revision, on generated PDFs of every kind, judged by pypdf and pdfium."""

from __future__ import annotations

import io

import pypdf
import pypdfium2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipadek.errors import BrokenPdf, EncryptedPdf, SipadekError
from sipadek.pdf import (
    Document,
    PlacedForm,
    Ref,
    Revision,
    SignatureHole,
    content_balance,
    draw_forms,
    geometry,
    letter_mark,
    signatures,
)
from sipadek.pdf.forms import add_annotation, add_signature_field
from sipadek.pdf.objects import text_string
from sipadek.pdf.syntax import read_array
from sipadek.testing.pdfs import PdfRecipe, build, hostile
from sipadek.testing.strategies import damaged_recipes, junk_recipes, recipes

_TEXT = "Nomor (12) naïf 漢"
_BLUE = b"/Type/XObject/Subtype/Form/BBox[0 0 10 10]/Resources<<>>"


def _extend(data: bytes, *, password: str | None = None, draw: bool = True) -> bytes:
    """``data`` with a revision: a form on page 1, a signature field that holds text, a mark."""
    document = Document.open(data, password=password)
    ref, page = document.first_page()
    revision = Revision(document, mark="abc234")
    form = revision.add_stream(_BLUE, b"0 0 1 rg 0 0 10 10 re f")
    around = content_balance(document, page)
    if draw and around is not None:
        left, bottom, _, _ = geometry(document, page).displayed
        drawn = PlacedForm(form=form, matrix=(1, 0, 0, 1, left, bottom))
        draw_forms(revision, ref, page, [drawn], around)
    field = revision.add(
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T%s/TU%s/F 132/P %s/Rect[0 0 0 0]>>"
        % (text_string("tanda"), text_string(_TEXT), bytes(ref))
    )
    add_annotation(revision, ref, field)
    add_signature_field(revision, field)
    return data + revision.build().data


def _judged(data: bytes, password: str | None = None) -> pypdf.PdfReader:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True, password=password)
    assert not reader.is_encrypted or reader.decrypt(password or "")
    return reader


def _texts(reader: pypdf.PdfReader) -> list[str]:
    return [page.extract_text().strip() for page in reader.pages]


@given(recipes())
def test_a_revision_keeps_every_byte_and_every_page(recipe: PdfRecipe) -> None:
    data = build(recipe)
    password = recipe.user_password or None
    extended = _extend(data, password=password)
    assert extended.startswith(data)
    before, after = _judged(data, password), _judged(extended, password)
    assert _texts(after) == _texts(before)
    assert len(after.pages) == recipe.pages
    fields = after.get_fields() or {}
    assert fields["tanda"].get("/TU") == _TEXT
    assert set(before.get_fields() or {}) < set(fields)
    names = [a.get_object().get("/T") for a in after.pages[0]["/Annots"]]
    assert "tanda" in names
    assert len(names) == len(before.pages[0].annotations or []) + 1


@given(recipes())
def test_the_kind_of_cross_reference_stays(recipe: PdfRecipe) -> None:
    data = build(recipe)
    document = Document.open(data, password=recipe.user_password or None)
    again = Document.open(
        _extend(data, password=recipe.user_password or None), password=recipe.user_password or None
    )
    assert not document.repaired
    assert not again.repaired
    newest = recipe.updates[-1] if recipe.updates else recipe.xref
    assert (b"W" in again.trailer) == (newest == "stream")
    assert letter_mark(again) == "abc234"
    assert again.first_page()[0] == document.first_page()[0]
    assert again.first_id() == (document.first_id() or again.first_id())


@given(recipes(encryption="none"))
def test_the_form_shows_on_the_first_page_and_nothing_else_changes(recipe: PdfRecipe) -> None:
    data = build(recipe)
    document = Document.open(data)
    if content_balance(document, document.first_page()[1]) is None:
        return
    before, after = _picture(data), _picture(_extend(data))
    assert before.size == after.size
    changed = [
        index
        for index, (old, new) in enumerate(zip(_pixels(before), _pixels(after), strict=True))
        if old != new
    ]
    # A square of 10 points (times the unit) at one corner of the page as displayed.
    side = 10 * min(geometry(document, document.first_page()[1]).unit, 1) + 2
    width, height = before.size
    corners = [(index % width, index // width) for index in changed]
    assert corners
    assert max(x for x, _ in corners) - min(x for x, _ in corners) <= side + 10
    assert max(y for _, y in corners) - min(y for _, y in corners) <= side + 10
    assert all(min(x, width - 1 - x) <= side + 10 for x, _ in corners)
    assert all(min(y, height - 1 - y) <= side + 10 for _, y in corners)


def _picture(data: bytes):  # type: ignore[no-untyped-def]
    document = pypdfium2.PdfDocument(data)
    try:
        return document[0].render(scale=1).to_pil().convert("RGB")
    finally:
        document.close()


def _pixels(picture):  # type: ignore[no-untyped-def]
    data = picture.tobytes()
    return [data[i : i + 3] for i in range(0, len(data), 3)]


@example(
    PdfRecipe(
        xref="stream", form="indirect", fields=0, contents="none", junk=b"\n", texts=()
    )  # one blank before the header: offsets from the file's start almost work
)
@given(st.one_of(damaged_recipes(encryption="none"), junk_recipes(encryption="none")))
def test_a_damaged_file_is_extended_soundly_or_refused(recipe: PdfRecipe) -> None:
    data = build(recipe)
    try:
        extended = _extend(data)
    except SipadekError:
        return
    assert extended.startswith(data)
    assert not Document.open(extended).repaired
    document = pypdfium2.PdfDocument(extended)
    try:
        assert b"tanda" in extended[len(data) :]
        assert pypdfium2.raw.FPDFPage_GetAnnotCount(document[0].raw) >= 1
    finally:
        document.close()


@given(recipes(), st.integers(1, 4000), st.binary(max_size=20))
def test_the_byte_range_names_everything_but_the_hole(
    recipe: PdfRecipe, size: int, after: bytes
) -> None:
    data = build(recipe)
    document = Document.open(data, password=recipe.user_password or None)
    revision = Revision(document)
    signature = revision.reserve()
    hole = SignatureHole(
        before=b"<</Type/Sig/Reason(" + after.hex().encode() + b")/ByteRange",
        between=b"/Contents",
        after=b">>",
        size=size,
    )
    revision.put_signature(signature, hole)
    tail = revision.build()
    assert tail.hole is not None
    start, end = tail.hole
    assert tail.data[start:end] == b"<" + b"0" * (2 * size) + b">"
    whole = data + tail.data
    value = Document.open(whole, password=recipe.user_password or None).value(signature)
    numbers = [
        int(n)
        for n in read_array(value[value.index(b"/ByteRange") + 10 : value.index(b"/Contents")])
    ]
    assert numbers == [0, len(data) + start, len(data) + end, len(whole) - len(data) - end]


@given(recipes(encryption="none"))
def test_a_revision_can_follow_a_revision(recipe: PdfRecipe) -> None:
    data = build(recipe)
    once = _extend(data)
    document = Document.open(once)
    revision = Revision(document)
    added = revision.add(b"(dua)")
    twice = once + revision.build().data
    assert added.number >= document.end()
    assert _texts(_judged(twice)) == _texts(_judged(data))
    assert Document.open(twice).value(added) == b"(dua)"


def test_the_same_revision_is_the_same_bytes() -> None:
    data = build(PdfRecipe(xref="stream"))
    assert _extend(data) == _extend(data)


def test_a_new_object_number_is_above_every_one_in_use_even_where_size_is_wrong() -> None:
    data = build(PdfRecipe(damage="size", damage_by=3))
    document = Document.open(data)
    assert document.end() > max(number for s in document.sections for number in s.numbers())


@pytest.mark.no_cover
@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_files_are_opened_or_refused_clearly(name: str) -> None:
    data = hostile()[name]
    try:
        document = Document.open(data)
        list(signatures(document))
        _extend(data)
    except SipadekError as error:
        assert error.message


@pytest.mark.parametrize("encryption", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_wrong_password_is_told_from_a_missing_one(encryption: str) -> None:
    data = build(PdfRecipe(encryption=encryption, user_password="buka"))  # type: ignore[arg-type]
    with pytest.raises(EncryptedPdf, match="needs a password"):
        Document.open(data)
    with pytest.raises(EncryptedPdf, match="does not open"):
        Document.open(data, password="salah")
    assert Document.open(data, password="buka").encryption is not None
    assert Document.open(data, password="pemilik").encryption is not None
    assert "buka" not in repr(Document.open(data, password="buka"))


def test_a_document_without_pages_is_broken() -> None:
    data = build(PdfRecipe())
    with pytest.raises(BrokenPdf, match="no page"):
        Document.open(data.replace(b"/Kids", b"/Kidz"))
    assert Ref(1) < Ref(2)
