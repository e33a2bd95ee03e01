"""Attacks on what pages show, by way of everything that a page's look hangs on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs

from sipadek.testing.attack_parts import (
    PAINT,
    Attack,
    append,
    body_of,
    catalog_with,
    form_of,
    page_of,
    size_of,
    stream,
    with_entry,
    with_form,
)

_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
_COVER = stream(b"1 g 0 0 595 842 re f 0 g BT /F1 24 Tf 72 700 Td (Lain) Tj ET", _FORM)
_OVER_ALL = b"/Type/Annot/Subtype/Widget/Rect[0 0 595 842]/F 4"


def outlines(pdf: bytes) -> bytes:
    """Bookmarks come, one of which acts."""
    size = size_of(pdf)
    item = b"<</Title(Lain)/Parent %d 0 R/A<</S/URI/URI(http://127.0.0.1/)>>>>" % size
    root = b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count 1>>" % (size + 1, size + 1)
    catalog = catalog_with(pdf, rb"/Pages", b"/PageMode/UseOutlines/Outlines %d 0 R/Pages" % size)
    return append(pdf, {**catalog, size: root, size + 1: item})


def names_script(pdf: bytes) -> bytes:
    """A script of the document's own."""
    names = b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>/Pages"
    return append(pdf, catalog_with(pdf, rb"/Pages", names))


def attached_file(pdf: bytes) -> bytes:
    """Another file is attached."""
    size = size_of(pdf)
    names = b"/Names<</EmbeddedFiles<</Names[(a)%d 0 R]>>>>/Pages" % size
    spec = b"<</Type/Filespec/F(lain.pdf)/EF<</F %d 0 R>>>>" % (size + 1)
    return append(pdf, {**catalog_with(pdf, rb"/Pages", names), size: spec, size + 1: stream(b"x")})


def page_labels(pdf: bytes) -> bytes:
    """Pages are numbered otherwise."""
    labels = b"/PageLabels<</Nums[0<</P(Lampiran )>>]>>/Pages"
    return append(pdf, catalog_with(pdf, rb"/Pages", labels))


def to_unicode(pdf: bytes) -> bytes:
    """The font's characters are read, copied and searched as others."""
    size = size_of(pdf)
    font = with_entry(body_of(pdf, 3), b"/ToUnicode %d 0 R" % size)
    cmap = stream(b"1 begincodespacerange <00><ff> endcodespacerange 1 beginbfchar <31><0039>")
    return append(pdf, {3: font, size: cmap})


def font_encoding(pdf: bytes) -> bytes:
    """The font shows other glyphs for the same characters."""
    encoding = b"/Encoding<</Type/Encoding/Differences[49/nine]>>"
    return append(pdf, {3: with_entry(body_of(pdf, 3), encoding)})


def crop_box(pdf: bytes) -> bytes:
    """The page shows less."""
    page = page_of(pdf)
    return append(pdf, {page: with_entry(body_of(pdf, page), b"/CropBox[0 0 595 600]")})


def page_overlay(pdf: bytes) -> bytes:
    """Shadow attack, replace via overlay: a second content stream."""
    page, size = page_of(pdf), size_of(pdf)
    body = re.sub(rb"/Contents\s*(\d+ 0 R)", rb"/Contents[\1 %d 0 R]" % size, body_of(pdf, page))
    return append(pdf, {page: body, size: PAINT})


def metadata_object(pdf: bytes) -> bytes:
    """The document information becomes the page's content."""
    page = page_of(pdf)
    number = int(re.findall(rb"/Contents\s*(\d+)", body_of(pdf, page))[0])
    return append(pdf, {number: PAINT}, trailer=b"/Info %d 0 R" % number)


def encrypted_later(pdf: bytes) -> bytes:
    """The trailer says that the file is encrypted: streams are read otherwise."""
    size = size_of(pdf)
    handler = b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"00" * 32, b"00" * 32)
    return append(pdf, {size: handler}, trailer=b"/Encrypt %d 0 R" % size)


def empty_field_over_page(pdf: bytes, over: bytes = _OVER_ALL) -> bytes:
    """Sneaky signature: an empty signature field whose look covers the page."""
    size = size_of(pdf)
    field = b"<</FT/Sig/T(Kosong)%s/AP<</N %d 0 R>>>>" % (over, size + 1)
    return append(pdf, {**_shown(pdf, size), size: field, size + 1: _COVER})


def empty_field_by_kid(pdf: bytes) -> bytes:
    """The same, in a widget of the field's own."""
    size = size_of(pdf)
    field = b"<</FT/Sig/T(Kosong)/Kids[%d 0 R]>>" % (size + 1)
    kid = b"<<%s/Parent %d 0 R/AP<</N %d 0 R>>>>" % (_OVER_ALL, size, size + 2)
    shown = _shown(pdf, size, widget=size + 1)
    return append(pdf, {**shown, size: field, size + 1: kid, size + 2: _COVER})


def odd_rectangle(pdf: bytes) -> bytes:
    """The same, with a rectangle of five numbers: no area to some readers."""
    return empty_field_over_page(pdf, _OVER_ALL.replace(b"842]", b"842 1]"))


CONTENT_ATTACKS: Final[Mapping[str, Attack]] = {
    each.__name__: each
    for each in (
        outlines,
        names_script,
        attached_file,
        page_labels,
        to_unicode,
        font_encoding,
        crop_box,
        page_overlay,
        metadata_object,
        encrypted_later,
        empty_field_over_page,
        empty_field_by_kid,
        odd_rectangle,
    )
}


@attrs.frozen(kw_only=True)
class Shadow:
    """A shadow attack: what is put into a file before it is signed, and what is done afterwards."""

    prepare: Attack
    attack: Attack


def _prepared(objects: Mapping[int, bytes], page: bytes = b"", catalog: bytes = b"") -> Attack:
    """Objects from 20 on, and entries of the page and of the catalog."""

    def prepare(pdf: bytes) -> bytes:
        number = page_of(pdf)
        root = int(re.findall(rb"/Root\s*(\d+)", pdf)[-1])
        changed = {
            number: with_entry(body_of(pdf, number), page),
            root: with_entry(body_of(pdf, root), catalog),
        }
        return append(pdf, {**changed, **objects})

    return prepare


def _use_field(pdf: bytes) -> bytes:
    return append(pdf, _shown(pdf, 20))


def _use_kid(pdf: bytes) -> bytes:
    size = size_of(pdf)
    field = b"<</FT/Sig/T(Kosong)/Kids[20 0 R]>>"
    return append(pdf, {**_shown(pdf, size, widget=20), size: field})


def _swap(key: bytes) -> Attack:
    def swap(pdf: bytes) -> bytes:
        return append(pdf, catalog_with(pdf, rb"/%s\s*20 0 R" % key, b"/%s 21 0 R" % key))

    return swap


def _drawn_by_catalog(key: bytes) -> Attack:
    """The page's XObjects are the catalog itself, and the page draws one of its entries."""
    objects = {20: stream(b"", _FORM), 21: _COVER, 22: stream(b"/%s Do" % key)}
    return _from_catalog(key, rb"/Resources<<", b"/Resources<</XObject 1 0 R", objects)


def _font_of_catalog(key: bytes) -> Attack:
    """The page's fonts are the catalog itself, and the page writes with one of its entries."""
    objects = {
        20: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        22: stream(b"BT /%s 24 Tf 72 600 Td (A) Tj ET" % key),
        23: stream(b"9 0 d0 0 0 9 9 re f"),
    }
    return _from_catalog(key, rb"/Font<<[^>]*>>", b"/Font 1 0 R", objects)


def _from_catalog(key: bytes, named: bytes, instead: bytes, objects: dict[int, bytes]) -> Attack:
    """The page's resources get ``instead`` in the place of ``named``, the catalog an entry ``key``, and
    the page object 22 as its last content."""

    def prepare(pdf: bytes) -> bytes:
        page = page_of(pdf)
        body = re.sub(named, instead, body_of(pdf, page))
        body = re.sub(rb"/Contents\s*(\d+ 0 R)", rb"/Contents[\1 22 0 R]", body)
        catalog = catalog_with(pdf, rb"/Pages", b"/%s 20 0 R/Pages" % key)
        return append(pdf, {page: body, **objects, **catalog})

    return prepare


def _new_font(key: bytes) -> Attack:
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 65"
        b"/LastChar 65/Widths[9]/Encoding<</Differences[65/A]>>/CharProcs<</A 23 0 R>>>>"
    )

    def attack(pdf: bytes) -> bytes:
        return append(pdf, catalog_with(pdf, rb"/%s\s*20 0 R" % key, b"/%s%s" % (key, font)))

    return attack


def _dangling(pdf: bytes) -> bytes:
    page = page_of(pdf)
    body = re.sub(rb"/Contents\s*(\d+ 0 R)", rb"/Contents[\1 99 0 R]", body_of(pdf, page))
    return append(pdf, {page: body})


def _fill_dangling(pdf: bytes) -> bytes:
    return append(pdf, {99: PAINT})


def _field_look(pdf: bytes) -> bytes:
    return append(pdf, {21: _COVER})


def _reorder(pdf: bytes) -> bytes:
    """A field that shows nothing comes, and what lay on top lies below."""
    page, size = page_of(pdf), size_of(pdf)
    form = re.sub(rb"/Fields\s*\[", b"/Fields[%d 0 R " % size, form_of(pdf))
    annots = b"/Annots[20 0 R 22 0 R %d 0 R" % size
    body = re.sub(rb"/Annots\s*\[\s*22 0 R\s+20 0 R", annots, body_of(pdf, page))
    field = b"<</FT/Sig/T(Kosong)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 4>>"
    return append(pdf, {**with_form(pdf, form), page: body, size: field})


_LAYERS = {
    20: b"<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 21 0 R>>>>",
    21: stream(b"BT /F1 24 Tf 72 600 Td (Benar) Tj ET", _FORM),
    22: b"<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 23 0 R>>>>",
    23: _COVER,
}
_TEXT_FIELD = {
    20: b"<</FT/Tx/T(isian)/V(lama)%s/AP<</N 21 0 R>>>>" % _OVER_ALL,
    21: stream(b"", _FORM),
}
_PREPARED_FIELD = {
    20: b"<</FT/Sig/T(Kosong)/Subtype/FreeText%s/AP<</N 21 0 R>>>>"
    % _OVER_ALL.replace(b"/Subtype/Widget", b""),
    21: _COVER,
}

SHADOWS: Final[Mapping[str, Shadow]] = {
    "prepared_field": Shadow(prepare=_prepared(_PREPARED_FIELD), attack=_use_field),
    "prepared_kid": Shadow(prepare=_prepared(_PREPARED_FIELD), attack=_use_kid),
    "extensions_drawn": Shadow(
        prepare=_drawn_by_catalog(b"Extensions"), attack=_swap(b"Extensions")
    ),
    "mark_info_drawn": Shadow(prepare=_drawn_by_catalog(b"MarkInfo"), attack=_swap(b"MarkInfo")),
    "font_extensions": Shadow(
        prepare=_font_of_catalog(b"Extensions"), attack=_new_font(b"Extensions")
    ),
    "font_mark_info": Shadow(prepare=_font_of_catalog(b"MarkInfo"), attack=_new_font(b"MarkInfo")),
    "dangling_content": Shadow(prepare=_dangling, attack=_fill_dangling),
    "reordered": Shadow(
        prepare=_prepared(_LAYERS, page=b"/Annots[22 0 R 20 0 R]"), attack=_reorder
    ),
    "field_look": Shadow(
        prepare=_prepared(
            _TEXT_FIELD, page=b"/Annots[20 0 R]", catalog=b"/AcroForm<</Fields[20 0 R]>>"
        ),
        attack=_field_look,
    ),
}
"""By name. What is prepared shows nothing, so that a signer sees nothing of it."""


def _shown(pdf: bytes, field: int, *, widget: int | None = None) -> dict[int, bytes]:
    """The form with the field, the first page with its widget."""
    page = page_of(pdf)
    form = re.sub(rb"/Fields\s*\[", b"/Fields[%d 0 R " % field, form_of(pdf))
    body = body_of(pdf, page)
    widget = field if widget is None else widget
    found = re.search(rb"/Annots\s*\[", body)
    if found is not None:
        body = body[: found.end()] + b"%d 0 R " % widget + body[found.end() :]
        return {**with_form(pdf, form), page: body}
    listed = re.search(rb"/Annots\s*(\d+) 0 R", body)
    if listed is not None:
        number = int(listed[1])
        annots = body_of(pdf, number).replace(b"[", b"[%d 0 R " % widget, 1)
        return {**with_form(pdf, form), number: annots}
    return {**with_form(pdf, form), page: with_entry(body, b"/Annots[%d 0 R]" % widget)}
