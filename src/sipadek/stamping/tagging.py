"""Which of the places of a tag are meant."""

from __future__ import annotations

from collections.abc import Collection

from sipadek.errors import InvalidInput
from sipadek.pdf.geometry import Box
from sipadek.pdf.sights import Sights
from sipadek.stamping.marks import Which

__all__ = ["chosen_tags"]


def chosen_tags(
    sights: Sights, tag: str, indices: Collection[int], nth: Which
) -> dict[int, list[Box]]:
    """Where the tag stands on those pages (from 0): boxes of displayed space, by page.

    Raises:
        InvalidInput: it stands nowhere; it must stand in one place and does so in several; or in fewer
            than ``nth``.
        PdfError: a leaf of it, where pdfium cannot read the file.
    """
    found = sights.find(tag, sorted(indices))
    places = [(index, box) for index in sorted(found) for box in found[index]]
    if not places:
        raise InvalidInput(
            f"the text {tag!r} stands on none of the {len(indices)} pages looked at; write it where the"
            " mark is to go, or give another place",
            tag=tag,
        )
    if nth == "every":
        return found
    if nth == "only":
        if len(places) > 1:
            raise InvalidInput(
                f"the text {tag!r} stands in {len(places)} places; say which one is meant (nth), or"
                " write it once",
                tag=tag,
                places=len(places),
            )
        nth = 1
    if abs(nth) > len(places):
        raise InvalidInput(
            f"the text {tag!r} stands in {len(places)} places, so there is none of number {nth}",
            tag=tag,
            places=len(places),
        )
    index, box = places[nth - 1 if nth > 0 else nth]
    return {index: [box]}
