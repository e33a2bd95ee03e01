"""Attacks on signed PDFs: each makes of a signed file one that a reader may show differently.

They work on small files with classic cross-reference tables and no encryption, such as those that
`sipadek.testing` makes. A verifier must refuse what they give, also after someone else, whom it
trusts, has signed on top of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sipadek.testing.attack_parts import (
    PAINT,
    Attack,
    append,
    body_of,
    catalog_with,
    content_of,
    form_of,
    number_of,
    page_of,
    size_of,
    with_entry,
    with_form,
)


def replace_page(pdf: bytes) -> bytes:
    """Incremental saving: the first page gets other content."""
    page = page_of(pdf)
    content = re.sub(
        rb"/Contents\s*\d+ 0 R", b"/Contents %d 0 R" % size_of(pdf), body_of(pdf, page)
    )
    return append(pdf, {page: content, size_of(pdf): PAINT})


def overwrite_content(pdf: bytes) -> bytes:
    """Shadow attack, replace: the page's content stream is written anew under its own number."""
    return append(pdf, {content_of(pdf): PAINT})


def hide_object(pdf: bytes) -> bytes:
    """Shadow attack, hide: the page's content is taken away, so that what lies below shows."""
    return append(pdf, {content_of(pdf): b"null"})


def free_object(pdf: bytes) -> bytes:
    """Shadow attack, hide: the cross-reference table says that the content is free."""
    number = content_of(pdf)
    return append(pdf, {}, entries=b"%d 1\n0000000000 00001 f \n" % number)


def hide_and_replace(pdf: bytes) -> bytes:
    """Shadow attack: the catalog turns to another page tree."""
    size = size_of(pdf)
    pages = b"<</Type/Pages/Count 1/Kids[%d 0 R]/MediaBox[0 0 595 842]>>" % (size + 1)
    page = b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (size, size + 2)
    return append(
        pdf,
        {
            **catalog_with(pdf, rb"/Pages\s*\d+ 0 R", b"/Pages %d 0 R" % size),
            size: pages,
            size + 1: page,
            size + 2: PAINT,
        },
    )


def change_font(pdf: bytes) -> bytes:
    """Shadow attack, replace: the font that was signed becomes another."""
    number = number_of(rb"/Type\s*/Font\W", pdf)
    return append(pdf, {number: b"<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"})


def new_generation(pdf: bytes) -> bytes:
    """The content gets a second generation: some readers look at the number alone."""
    number = content_of(pdf)
    return append(pdf, {number: PAINT}, generation=1)


def evil_annotation(pdf: bytes) -> bytes:
    """Evil annotation attack: text over the page."""
    page, size = page_of(pdf), size_of(pdf)
    body = re.sub(rb"/Annots\s*(\[[^]]*\]|\d+ 0 R)", b"", body_of(pdf, page))
    annotation = b"<</Type/Annot/Subtype/FreeText/Rect[0 0 595 842]/Contents(Lain)/DA(/F1 40 Tf)>>"
    with_it = with_entry(body, b"/Annots[%d 0 R]" % size)
    return append(pdf, {page: with_it, size: annotation})


def sneaky_field(pdf: bytes) -> bytes:
    """Sneaky signature attack: an empty signature field that paints over the page and acts."""
    size = size_of(pdf)
    field = (
        b"<</FT/Sig/T(Kosong)/Type/Annot/Subtype/Widget/Rect[0 0 595 842]/F 4"
        b"/AA<</E<</S/JavaScript/JS(app.alert\\(1\\))>>>>>>"
    )
    form = form_of(pdf).replace(b"[", b"[%d 0 R " % size, 1)
    return append(pdf, {**with_form(pdf, form), size: field})


def need_appearances(pdf: bytes) -> bytes:
    """Every reader is told to draw the fields anew."""
    return append(pdf, with_form(pdf, with_entry(form_of(pdf), b"/NeedAppearances true")))


def drop_form(pdf: bytes) -> bytes:
    """The form, and with it the signature, is taken out of the catalog."""
    return append(pdf, catalog_with(pdf, rb"/AcroForm\s*(\d+ 0 R|<<.*?>>)", b""))


def null_signature(pdf: bytes) -> bytes:
    """Universal forgery: the signature dictionary becomes null."""
    return append(pdf, {number_of(rb"/ByteRange", pdf): b"null"})


def no_byte_range(pdf: bytes) -> bytes:
    """Universal forgery: the signature covers nothing that is named."""
    body = re.sub(rb"/ByteRange\s*\[[^]]*\]", b"", body_of(pdf, number_of(rb"/ByteRange", pdf)))
    return append(pdf, {number_of(rb"/ByteRange", pdf): body})


def open_action(pdf: bytes) -> bytes:
    """A script runs when the file is opened."""
    action = b"/OpenAction<</S/JavaScript/JS(1)>>"
    return append(pdf, catalog_with(pdf, rb"/Pages", action + b"/Pages"))


def layers(pdf: bytes) -> bytes:
    """Optional content is switched in the catalog."""
    return append(pdf, catalog_with(pdf, rb"/Pages", b"/OCProperties<</OCGs[]/D<<>>>>/Pages"))


def other_root(pdf: bytes) -> bytes:
    """The trailer names another catalog."""
    size = size_of(pdf)
    root = body_of(pdf, int(re.findall(rb"/Root\s*(\d+)", pdf)[-1]))
    return append(pdf, {size: with_entry(root, b"/PageLayout/TwoColumnLeft")}, root=size)


def unlisted_object(pdf: bytes) -> bytes:
    """An object that no table lists; readers that rebuild the file take it."""
    number = content_of(pdf)
    return pdf + b"\n%d 0 obj\n%s\nendobj\n" % (number, PAINT)


def wrapped(pdf: bytes) -> bytes:
    """Signature wrapping: the second signed stretch moves back, and makes room for other objects."""
    found = list(re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf))[-1]
    start, length = int(found[3]), int(found[4])
    room = b"7 0 obj\n%s\nendobj\n" % PAINT
    value = b"/ByteRange [0 %s %d %d]" % (found[2], start + len(room), length)
    moved = pdf[:start] + room + pdf[start:]
    return moved[: found.start()] + value.ljust(len(found[0])) + moved[found.end() :]


def loop(pdf: bytes) -> bytes:
    """A revision whose /Prev is itself."""
    at = len(pdf) + 1
    table = b"\nxref\n0 0\ntrailer\n<</Size %d/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + table % (size_of(pdf), at, at)


def trailing(pdf: bytes) -> bytes:
    """Bytes behind the end."""
    return pdf + b"\n%%EOF\n"


def prefixed(pdf: bytes) -> bytes:
    """The header moves: every offset is counted from where it stands."""
    return b"%\n" + pdf


ATTACKS: Final[Mapping[str, Attack]] = {
    each.__name__: each
    for each in (
        replace_page,
        overwrite_content,
        hide_object,
        free_object,
        hide_and_replace,
        change_font,
        new_generation,
        evil_annotation,
        sneaky_field,
        need_appearances,
        drop_form,
        null_signature,
        no_byte_range,
        open_action,
        layers,
        other_root,
        unlisted_object,
        wrapped,
        loop,
        trailing,
        prefixed,
    )
}
"""All of them, by name."""
