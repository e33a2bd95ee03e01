"""Hypothesis strategies that draw page trees as odd as producers write them, and the PDF around them.

`recipes` (``sipadek.testing.strategies``) varies one regular document; here every node of the tree
differs: what is inherited, what stands behind a reference, counts that lie, turns beyond a circle.
"""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import strategies as st

from sipadek.testing.pdf_layout import Item, Section, XrefKind, write_sections
from sipadek.testing.pdf_values import Indirect, Name, Raw, Stream

__all__ = ["DrawnPdf", "drawn_pdfs"]

_TURNS = (0, 90, 180, 270, -90, -180, 360, 450, -630, 45)


@attrs.frozen(kw_only=True)
class DrawnPdf:
    """``data``, and what stands in it: how many pages, and the first page's box and turn."""

    data: bytes
    pages: int
    media_box: tuple[float, float, float, float]
    rotate: int


@st.composite
def drawn_pdfs(draw: st.DrawFn) -> DrawnPdf:
    """Readable PDFs of one to six pages."""
    return _Drawing(draw).pdf()


@attrs.define
class _Drawing:
    """Draws objects one after another; 1 is the catalog."""

    draw: st.DrawFn
    objects: dict[int, Item] = attrs.field(factory=lambda: {1: Item({})})
    leaves: list[dict[str, Any]] = attrs.field(factory=list)

    def add(self, value: Any) -> Indirect:
        number = len(self.objects) + 1
        self.objects[number] = Item(value)
        return Indirect(number)

    def maybe_behind(self, value: Any) -> Any:
        """The value, or a reference to it."""
        return self.add(value) if self.draw(st.booleans()) else value

    def pdf(self) -> DrawnPdf:
        box, turn = self.box(), self.draw(st.sampled_from(_TURNS))
        inherited = {"MediaBox": box, "Rotate": turn}
        root = self.node(inherited, depth=0, parent=None)
        self.objects[1] = Item({"Type": Name("Catalog"), "Pages": root})
        kinds: st.SearchStrategy[XrefKind] = st.sampled_from(("table", "stream", "hybrid"))
        data = write_sections(
            [Section(objects=self.objects, trailer={"Root": Indirect(1)}, kind=self.draw(kinds))],
            predictor=self.draw(st.booleans()),
        )
        first = self.leaves[0]
        return DrawnPdf(
            data=data,
            pages=len(self.leaves),
            media_box=tuple(float(side.text) for side in first["MediaBox"]),  # type: ignore[arg-type]
            rotate=first["Rotate"],
        )

    def box(self) -> list[Raw]:
        """Any two corners, sides from 100 to 900 points, with up to twelve digits."""
        left, bottom = self.draw(st.integers(-300, 300)), self.draw(st.integers(-300, 300))
        across, down = self.draw(st.integers(100, 900)), self.draw(st.integers(100, 900))
        digits = self.draw(st.sampled_from((0, 2, 12)))
        sides = (left, bottom, left + across, bottom + down)
        if self.draw(st.booleans()):
            sides = (*sides[2:], *sides[:2])
        return [Raw(b"%.*f" % (digits, side)) for side in sides]

    def node(self, inherited: dict[str, Any], *, depth: int, parent: Indirect | None) -> Indirect:
        """A node with its kids below it, nodes and pages in any order."""
        own: dict[str, Any] = {}
        if depth == 0 or self.draw(st.booleans()):
            own = {"MediaBox": self.box(), "Rotate": self.draw(st.sampled_from(_TURNS))}
        passed = inherited | own
        ref = self.add({})
        before = len(self.leaves)
        kids = []
        for _ in range(self.draw(st.integers(1, 2))):
            deeper = depth < 3 and len(self.leaves) < 4 and self.draw(st.booleans())
            kids.append(
                self.node(passed, depth=depth + 1, parent=ref) if deeper else self.leaf(passed, ref)
            )
        entries = {key: self.maybe_behind(value) for key, value in own.items()}
        entries |= {"Type": Name("Pages"), "Kids": self.maybe_behind(kids)}
        entries["Count"] = self.maybe_behind(len(self.leaves) - before)
        if parent is not None:
            entries["Parent"] = parent
        self.objects[ref.number] = Item(entries)
        return ref

    def leaf(self, inherited: dict[str, Any], parent: Indirect) -> Indirect:
        """A page; its contents are missing, empty, one stream, an array, or not balanced."""
        own: dict[str, Any] = {}
        if self.draw(st.booleans()):
            own["MediaBox"] = self.box()
        if self.draw(st.booleans()):
            own["Rotate"] = self.draw(st.sampled_from(_TURNS))
        self.leaves.append(inherited | own)
        entries = {key: self.maybe_behind(value) for key, value in own.items()}
        entries |= {"Type": Name("Page"), "Parent": parent, "Resources": self.maybe_behind({})}
        contents = self.draw(st.sampled_from(("missing", "empty", "q", "Q", "array")))
        if contents == "array":
            entries["Contents"] = self.maybe_behind([self.add(Stream({}, b"q")) for _ in range(2)])
        elif contents != "missing":
            data = b"" if contents == "empty" else contents.encode()
            entries["Contents"] = self.add(Stream({}, data))
        return self.add(entries)
