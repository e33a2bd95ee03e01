"""The objects of a test PDF: catalog, page tree, pages with contents, annotations, form, Info."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from sipadek.testing.pdf_layout import Item
from sipadek.testing.pdf_values import Indirect, Name, Stream, syntax

if TYPE_CHECKING:
    from sipadek.testing.pdfs import PdfRecipe

__all__ = ["Annots", "Contents", "Form", "Layout", "Resources", "first_section", "update_section"]

Annots: TypeAlias = Literal["none", "direct", "indirect", "inline"]
"""How a page lists annotations: an array of references in the page, behind a reference, or an array
of dictionaries."""
Contents: TypeAlias = Literal[
    "none", "stream", "array", "indirect-array", "missing-Q", "extra-Q", "bare-cm"
]
Resources: TypeAlias = Literal["direct", "indirect", "inherited"]
Form: TypeAlias = Literal["none", "direct", "indirect"]

_FONT = "F1"
_LEADING = 14


@attrs.define
class _Numbers:
    """Gives out object numbers, leaving some free in between."""

    to_free: int
    generation: int
    next: int = 1
    freed: list[int] = attrs.field(factory=list)

    def take(self, generation: int = 0) -> Indirect:
        taken = Indirect(self.next, generation)
        self.next += 1
        if len(self.freed) < self.to_free:
            self.freed.append(self.next)
            self.next += 1
        return taken


@attrs.define
class Layout:
    """Where the parts of the document stand."""

    numbers: _Numbers
    catalog: Indirect
    info: Indirect | None
    first_page: Indirect
    font: Indirect


def first_section(recipe: PdfRecipe) -> tuple[dict[int, Item], Layout]:
    """The objects of the document before any update."""
    return _Builder(recipe).document()


def update_section(
    recipe: PdfRecipe, layout: Layout, objects: dict[int, Item], turn: int
) -> dict[int, Item]:
    """Objects that change and come in with one update: page 1 gets one more line."""
    changed: dict[int, Item] = {}
    page = dict(objects[layout.first_page.number].value)
    if recipe.contents != "none":
        ref = layout.numbers.take(recipe.generation)
        lines = len(recipe.texts[0].split("\n")) if recipe.texts else 1
        data = _text(recipe, f"Pembaruan {turn + 1}", skip=lines + turn)
        changed[ref.number] = Item(Stream({}, b"q\n" + data + b"Q\n"), recipe.generation)
        before = page["Contents"]
        if isinstance(before, Indirect) and isinstance(objects[before.number].value, list):
            before = objects[before.number].value
        # Before the rest, whose unbalanced operators would move it.
        page["Contents"] = [ref, *(before if isinstance(before, list) else [before])]
    changed[layout.first_page.number] = Item(page)
    if layout.info:
        info = objects[layout.info.number].value | {"ModDate": b"D:20260102030405+07'00'"}
        changed[layout.info.number] = Item(info, hideable=True)
    return changed


@attrs.define
class _Builder:
    recipe: PdfRecipe
    objects: dict[int, Item] = attrs.field(factory=dict)
    numbers: _Numbers = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.numbers = _Numbers(self.recipe.freed, self.recipe.generation)

    def add(self, value: Any, *, hideable: bool = False, generation: int = 0) -> Indirect:
        ref = self.numbers.take(generation)
        self.objects[ref.number] = Item(value, generation, hideable)
        return ref

    def document(self) -> tuple[dict[int, Item], Layout]:
        recipe = self.recipe
        catalog = self.add({})
        entries: dict[str, Any] = {"Type": Name("Catalog")}
        font = self.add(
            {
                "Type": Name("Font"),
                "Subtype": Name("Type1"),
                "BaseFont": Name("Helvetica"),
                "Encoding": Name("WinAnsiEncoding"),
            }
        )
        entries["Pages"], leaves = self.page_tree(font)
        if recipe.xref == "hybrid":  # something that readers of tables can do without
            entries["ViewerPreferences"] = self.add({"DisplayDocTitle": False}, hideable=True)
        if recipe.form != "none":
            form = self.form(leaves, font)
            entries["AcroForm"] = form if recipe.form == "direct" else self.add(form, hideable=True)
        self.objects[catalog.number] = Item(entries)
        info = self.add(_information(), hideable=True) if recipe.info else None
        return self.objects, Layout(self.numbers, catalog, info, leaves[0], font)

    def page_tree(self, font: Indirect) -> tuple[Indirect, list[Indirect]]:
        recipe = self.recipe
        nodes = [self.add({}) for _ in range(recipe.tree_depth)]
        leaves = [self.page(index, nodes[-1], font) for index in range(recipe.pages)]
        for level, node in enumerate(nodes):
            last = level == len(nodes) - 1
            entries: dict[str, Any] = {"Type": Name("Pages")}
            if level:
                entries["Parent"] = nodes[level - 1]
            entries["Kids"] = leaves if last else [nodes[level + 1]]
            entries["Count"] = len(leaves)
            if level == 0 and recipe.inherited:
                entries |= _geometry(recipe)
            if level == 0 and recipe.resources == "inherited":
                entries["Resources"] = _resources(font)
            self.objects[node.number] = Item(entries)
        return nodes[0], leaves

    def page(self, index: int, parent: Indirect, font: Indirect) -> Indirect:
        recipe = self.recipe
        page = self.add({})
        entries: dict[str, Any] = {"Type": Name("Page"), "Parent": parent}
        if not recipe.inherited:
            entries |= _geometry(recipe)
        if recipe.user_unit != 1:
            entries["UserUnit"] = recipe.user_unit
        if recipe.resources == "direct":
            entries["Resources"] = _resources(font)
        elif recipe.resources == "indirect":
            entries["Resources"] = self.add(_resources(font))
        if recipe.contents != "none":
            entries["Contents"] = self.contents(_page_text(recipe, index))
        if recipe.annots != "none":
            entries["Annots"] = self.annots(page)
        self.objects[page.number] = Item(entries)
        return page

    def contents(self, text: str) -> Any:
        data = _text(self.recipe, text)
        match self.recipe.contents:
            case "array" | "indirect-array":
                middle = data.index(b"Tf\n") + 3  # in the midst of a text object
                parts = [self.stream(data[:middle]), self.stream(b""), self.stream(data[middle:])]
                return parts if self.recipe.contents == "array" else self.add(parts)
            case "missing-Q":
                data = b"q\nq\n" + data
            case "extra-Q":
                data += b"Q\nQ\n"
            case "bare-cm":
                data = self.halved() + data
        return self.stream(data)

    def halved(self) -> bytes:
        """The page's content at half its size, in the middle."""
        left, bottom, right, top = _visible(self.recipe)
        x, y = (left + right) / 4, (bottom + top) / 4
        return b"0.5 0 0 0.5 %s %s cm\n" % (syntax(x), syntax(y))

    def stream(self, data: bytes) -> Indirect:
        generation = self.recipe.generation
        value = Stream({}, data, compress=self.recipe.compress)
        return self.add(value, generation=generation)

    def annots(self, page: Indirect) -> Any:
        left, bottom, right, top = _visible(self.recipe)
        square = {
            "Type": Name("Annot"),
            "Subtype": Name("Square"),
            "Rect": [right - (right - left) / 5, top - (top - bottom) / 10, right - 4, top - 4],
            "P": page,
            "F": 4,
            "C": [1, 0, 0],
            "Contents": b"Catatan (contoh)",
        }
        if self.recipe.annots == "inline":
            return [square]
        listed = [self.add(square, hideable=True)]
        return listed if self.recipe.annots == "direct" else self.add(listed, hideable=True)

    def form(self, leaves: list[Indirect], font: Indirect) -> dict[str, Any]:
        page = self.objects[leaves[0].number].value
        left, bottom = _visible(self.recipe)[:2]
        fields = []
        for index in range(self.recipe.fields):
            field: dict[str, Any] = {"FT": Name("Tx"), "T": b"isian%d" % (index + 1), "V": b"nilai"}
            if self.recipe.annots != "none":
                y = bottom + 4 + 14 * index
                field |= {
                    "Type": Name("Annot"),
                    "Subtype": Name("Widget"),
                    "Rect": [left + 4, y, left + 84, y + 12],
                    "P": leaves[0],
                    "F": 4,
                    "AP": {"N": self.appearance(font)},
                }
            fields.append(self.add(field, hideable=True))
        if self.recipe.annots in ("direct", "inline"):
            page["Annots"] = [*page["Annots"], *fields]
        elif self.recipe.annots == "indirect":
            listed = self.objects[page["Annots"].number].value
            listed.extend(fields)
        default = b"/%s 9 Tf 0 g" % _FONT.encode()
        return {"Fields": fields, "DA": default, "DR": {"Font": {_FONT: font}}}

    def appearance(self, font: Indirect) -> Indirect:
        entries = {
            "Type": Name("XObject"),
            "Subtype": Name("Form"),
            "BBox": [0, 0, 80, 12],
            "Resources": _resources(font),
        }
        return self.add(Stream(entries, b"/Tx BMC q BT /F1 9 Tf 2 3 Td (nilai) Tj ET Q EMC"))


def _geometry(recipe: PdfRecipe) -> dict[str, Any]:
    entries: dict[str, Any] = {"MediaBox": list(recipe.media_box)}
    if recipe.crop_box is not None:
        entries["CropBox"] = list(recipe.crop_box)
    if recipe.rotate:
        entries["Rotate"] = recipe.rotate
    return entries


def _visible(recipe: PdfRecipe) -> tuple[float, float, float, float]:
    """CropBox within MediaBox, sides in order."""
    media, crop = (_ordered(box) for box in (recipe.media_box, recipe.crop_box or recipe.media_box))
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _ordered(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _resources(font: Indirect) -> dict[str, Any]:
    return {"Font": {_FONT: font}, "ProcSet": [Name("PDF"), Name("Text")]}


def _page_text(recipe: PdfRecipe, index: int) -> str:
    return recipe.texts[index] if index < len(recipe.texts) else f"Halaman {index + 1}"


def _text(recipe: PdfRecipe, text: str, *, skip: int = 0) -> bytes:
    """Content operators that write the lines, ``skip`` lines below the top of the visible page."""
    left, bottom, right, top = _visible(recipe)
    size = _text_size(recipe)
    x, y = left + (right - left) / 10, top - (top - bottom) / 10 - (skip + 1) * _LEADING * size / 12
    out = b"BT\n/%s %s Tf\n" % (_FONT.encode(), syntax(size))
    out += b"%s TL\n%s %s Td\n" % (syntax(_LEADING * size / 12), syntax(x), syntax(y))
    shown = (b"%s Tj" % syntax(line.encode("cp1252")) for line in text.split("\n"))
    return out + b"\nT*\n".join(shown) + b"\nET\n"


@functools.lru_cache(maxsize=64)
def _text_size(recipe: PdfRecipe) -> float:
    """At most 12 points, less where the longest line or a small page asks for it."""
    left, bottom, right, top = _visible(recipe)
    longest = max(len(line) for shown in recipe.shown for line in shown.split("\n"))
    return min(12.0, (top - bottom) / 20, 0.8 * (right - left) / (0.75 * max(longest, 10)))


def _information() -> dict[str, Any]:
    return {
        "Title": b"Surat (contoh) \\ uji",
        "Producer": b"sipadek.testing",
        "CreationDate": b"D:20260101030405+07'00'",
    }
