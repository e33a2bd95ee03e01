"""Marks on the pages of a PDF, in one appended revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sipadek.errors import BrokenPdf, ChangeForbidden, InvalidInput
from sipadek.pdf import (
    Document,
    Revision,
    content_balance,
    draw_forms,
    find_text,
    geometry,
    page_png,
    refuse_forbidden_change,
    signatures,
)
from sipadek.pdf.fonts import Font, default_font
from sipadek.pdf.geometry import Box
from sipadek.stamping.marks import Mark
from sipadek.stamping.painting import Painter
from sipadek.stamping.selection import selected

__all__ = ["add_marks", "find_tags", "marked", "preview"]


def add_marks(
    revision: Revision,
    marks: Sequence[Mark],
    *,
    font: Font | None = None,
    password: str | None = None,
) -> int:
    """Draw the marks on the pages of the revision's document; how many pages were changed.

    ``font`` is Open Sans by default; ``password`` opens the document once more, to look for tags.

    Raises:
        InvalidInput: a page, an anchor or a tag that is not there.
        StampError: the font lacks a character, or a QR code cannot hold its content.
        BrokenPdf: a page's content is damaged so that nothing can be drawn on it for sure.
    """
    pages = list(revision.document.pages())
    chosen = [(mark, selected(mark.pages, len(pages))) for mark in marks]
    tags = find_tags(revision.document, chosen, password)
    painter = Painter(revision, font or default_font(), marks, len(pages))
    changed = 0
    for index in sorted(set[int]().union(*(indices for _, indices in chosen))):
        ref, page = pages[index]
        shape = geometry(revision.document, page)
        drawn = [
            one
            for mark, indices in chosen
            if index in indices
            for one in painter.draw(mark, shape, index + 1, tags.get(mark.tag, {}).get(index, ()))
        ]
        if not drawn:
            continue
        around = content_balance(revision.document, page)
        if around is None:
            raise BrokenPdf(
                f"the content of page {index + 1} is damaged or cannot be decoded, so nothing can be "
                "drawn on it; leave the page out, or print the PDF anew"
            )
        draw_forms(revision, ref, page, drawn, around)
        changed += 1
    return changed


def find_tags(
    document: Document, chosen: Iterable[tuple[Mark, frozenset[int]]], password: str | None
) -> dict[str, dict[int, list[Box]]]:
    """Where each tag stands, by page. ``chosen`` holds marks and the indices of their pages.

    Raises InvalidInput where a tag stands on none of its mark's pages.
    """
    wanted: dict[str, set[int]] = {}
    for mark, indices in chosen:
        if mark.tag:
            wanted.setdefault(mark.tag, set()).update(indices)
    found = {
        tag: find_text(bytes(document.data), tag, sorted(indices), password=password)
        for tag, indices in wanted.items()
    }
    for mark, indices in chosen:
        if mark.tag and not indices & found[mark.tag].keys():
            raise InvalidInput(
                f"the text {mark.tag!r} stands on none of the pages {mark.pages}; write it where the "
                "mark is to go, or give another place",
                tag=mark.tag,
            )
    return found


def marked(data: bytes, marks: Sequence[Mark], *, password: str | None = None) -> bytes:
    """The PDF with one revision appended that draws the marks; ``data`` itself where there are none.

    Raises:
        PdfError: a leaf of it, where the PDF cannot be read or extended; ChangeForbidden where it
            carries a signature, which new content would break.
        InvalidInput, StampError: as of `add_marks`.
    """
    document = Document.open(data, password=password)
    refuse_forbidden_change(document)
    if any(signatures(document)):
        raise ChangeForbidden("the PDF carries a signature, which marks on its pages would break")
    revision = Revision(document)
    if not add_marks(revision, marks, password=password):
        return data
    return data + revision.build().data


def preview(
    data: bytes,
    marks: Sequence[Mark],
    page: int = 1,
    *,
    width: int = 600,
    password: str | None = None,
) -> bytes:
    """How the page (from 1) would look with the marks, as a PNG ``width`` pixels wide.

    Raises:
        InvalidInput, StampError, PdfError: as of `marked`.
        MissingExtra: Pillow is not installed.
    """
    return page_png(
        marked(data, marks, password=password), page - 1, width=width, password=password
    )
