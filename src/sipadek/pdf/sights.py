"""What can be seen on the pages of an open document: looked at when it is asked for, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import attrs

from sipadek.pdf.content import Balance
from sipadek.pdf.document import Document
from sipadek.pdf.extraction import find_text_apart, measure_apart
from sipadek.pdf.geometry import Box, PageGeometry, transform_box
from sipadek.pdf.ink import Ink, Measured, measure
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.pages import annotation_boxes, content_balance, geometry
from sipadek.pdf.tags import find_tags, find_text

__all__ = ["Sights"]


class Sights:
    """The pages of a document, what stands on them and where.

    With ``path``, the file in which the document lies, hostile input is looked at in a process of its
    own; without it in this one. ``password`` opens it there.
    """

    def __init__(
        self, document: Document, *, path: Path | None = None, password: str | None = None
    ) -> None:
        self.document = document
        self._path = path
        self._password = password
        self._found: dict[tuple[str, tuple[int, ...]], dict[int, list[Box]]] = {}
        self._measured: dict[int, Measured] = {}
        self._balances: dict[int, Balance | None] = {}

    @cached_property
    def pages(self) -> list[tuple[Ref, Dictionary]]:
        """Every page, as `Document.pages` gives them."""
        return list(self.document.pages())

    def page(self, index: int) -> tuple[Ref, Dictionary]:
        """The page of that index (from 0); the others are not looked for when it is the first."""
        return self.pages[index] if index else self.document.first_page()

    def shape(self, index: int) -> PageGeometry:
        """The boxes and the rotation of a page (from 0)."""
        return geometry(self.document, self.page(index)[1])

    def balance(self, index: int) -> Balance | None:
        """As `content_balance`."""
        if index not in self._balances:
            self._balances[index] = content_balance(self.document, self.page(index)[1])
        return self._balances[index]

    def annotations(self, index: int) -> list[Box]:
        """Boxes of the page's annotations, in points of displayed space."""
        to_displayed = self.shape(index).to_displayed
        boxes = annotation_boxes(self.document, self.page(index)[1])
        return [transform_box(to_displayed, box) for box in boxes]

    def find(self, text: str, pages: Sequence[int]) -> dict[int, list[Box]]:
        """As `find_text`, but in points of displayed space."""
        key = (text, tuple(pages))
        if key not in self._found:
            count, password = len(self.pages), self._password
            if self._path is None:
                data = bytes(self.document.data)
                found = find_text(data, text, pages, count=count, password=password)
            else:
                found = find_text_apart(self._path, text, pages, count=count, password=password)
            self._found[key] = {
                index: [transform_box(self.shape(index).to_displayed, box) for box in boxes]
                for index, boxes in found.items()
            }
        return self._found[key]

    def ink(self, index: int, *, plain: bool = False) -> Ink:
        """What is taken on a page (from 0): all that differs from its paper, text, and annotations;
        with ``plain`` a ground of one grey is free as well."""
        if index not in self._measured:
            self._measured[index] = self._measure(index)
        found, shape = self._measured[index], self.shape(index)
        rows = found.edges if plain else found.ink
        width, height = shape.size
        ink = Ink(
            columns=found.columns, cell=(width / found.columns, height / len(rows)), rows=rows
        )
        texts = [transform_box(shape.to_displayed, box) for box in found.texts]
        return ink.with_boxes([*texts, *self.annotations(index)])

    def text(self, index: int) -> Ink:
        """What is taken on a page (from 0) by text of its content alone, seen or not."""
        ink, shape = self.ink(index), self.shape(index)
        texts = [transform_box(shape.to_displayed, box) for box in self._measured[index].texts]
        return attrs.evolve(ink, rows=(0,) * len(ink.rows)).with_boxes(texts)

    def tags(self, index: int) -> list[Box]:
        """As `find_tags`, in this process, but in points of displayed space."""
        found = find_tags(
            bytes(self.document.data), index, count=len(self.pages), password=self._password
        )
        return [transform_box(self.shape(index).to_displayed, box) for box in found]

    def _measure(self, index: int) -> Measured:
        count, password = len(self.pages), self._password
        if self._path is None:
            return measure(bytes(self.document.data), index, count=count, password=password)
        return measure_apart(self._path, index, count=count, password=password)
