"""Odd but valid PDFs from nothing, and broken ones, for tests: say what you want in a `PdfRecipe`.

``build(PdfRecipe(rotate=90, xref="stream", annots="indirect"))`` gives the bytes, always the same
ones for the same recipe. Strategies for property-based tests are in ``sipadek.testing.strategies``,
files that attack their reader in ``sipadek.testing.hostile_pdfs``.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import attrs

from sipadek.errors import InvalidInput
from sipadek.testing.hostile_pdfs import hostile
from sipadek.testing.pdf_damage import Damage, damaged
from sipadek.testing.pdf_encryption import Encryption, SecurityHandler, security_handler
from sipadek.testing.pdf_layout import Item, Section, XrefKind, own_numbers, write_sections
from sipadek.testing.pdf_pages import (
    Annots,
    Contents,
    Form,
    Resources,
    first_section,
    update_section,
)

__all__ = [
    "Annots",
    "Box",
    "Contents",
    "Damage",
    "Encryption",
    "Form",
    "PdfRecipe",
    "Resources",
    "XrefKind",
    "build",
    "hostile",
    "linearize",
]

Box: TypeAlias = tuple[float, float, float, float]
JunkOffsets: TypeAlias = Literal["header", "file"]


def _one_of(alias: Any) -> Any:
    return attrs.validators.in_(get_args(alias))


@attrs.frozen(kw_only=True)
class PdfRecipe:
    """What a test PDF is to look like. The defaults give a plain A4 page with one line of text.

    ``texts`` go onto the pages in turn (lines split by ``\\n``; characters of Windows-1252); a page
    without one says 'Halaman 2'. ``media_box``, ``crop_box`` (points), ``rotate`` (degrees) hold for
    all pages and, with ``inherited``, stand in the page tree's root. ``tree_depth`` counts the nodes
    from the root down to the pages. ``freed`` object numbers stand free between those in use;
    ``generation`` is that of content streams. Each of ``updates`` appends an incremental update of
    that kind, which adds the line 'Pembaruan 1' (2, ...) to page 1. ``junk`` stands before the
    header, not counted by offsets (``junk_offsets='header'``) or counted (``'file'``).
    ``damage`` breaks the file in one way; ``damage_by`` is how far (bytes, or numbers).
    """

    pages: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    texts: tuple[str, ...] = ("Surat contoh",)
    media_box: Box = (0.0, 0.0, 595.28, 841.89)
    crop_box: Box | None = None
    rotate: int = attrs.field(default=0, validator=attrs.validators.in_((0, 90, 180, 270, -90)))
    user_unit: float = 1.0
    inherited: bool = False
    tree_depth: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    xref: XrefKind = attrs.field(default="table", validator=_one_of(XrefKind))
    hidden_freed: bool = False
    predictor: bool = True
    freed: int = 0
    generation: int = 0
    annots: Annots = attrs.field(default="none", validator=_one_of(Annots))
    contents: Contents = attrs.field(default="stream", validator=_one_of(Contents))
    compress: bool = False
    resources: Resources = attrs.field(default="direct", validator=_one_of(Resources))
    form: Form = attrs.field(default="none", validator=_one_of(Form))
    fields: int = 1
    info: bool = True
    identifier: bool = True
    updates: tuple[XrefKind, ...] = ()
    junk: bytes = b""
    junk_offsets: JunkOffsets = attrs.field(default="header", validator=_one_of(JunkOffsets))
    final_eol: bool = True
    encryption: Encryption = attrs.field(default="none", validator=_one_of(Encryption))
    user_password: str = ""
    owner_password: str = "pemilik"  # noqa: S105  (a test file's)
    damage: Damage = attrs.field(default="none", validator=_one_of(Damage))
    damage_by: int = 1

    @property
    def shown(self) -> tuple[str, ...]:
        """The text of each page, in order; nothing where there are no contents."""
        if self.contents == "none":
            return ("",) * self.pages
        texts = [
            self.texts[index] if index < len(self.texts) else f"Halaman {index + 1}"
            for index in range(self.pages)
        ]
        texts[0] += "".join(f"\nPembaruan {turn + 1}" for turn in range(len(self.updates)))
        return tuple(texts)


def build(recipe: PdfRecipe) -> bytes:
    """The PDF that the recipe asks for.

    Raises ``InvalidInput`` for a text that Windows-1252 does not hold.
    """
    try:
        objects, layout = first_section(recipe)
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"The text holds {error.object[error.start]!r}; pages of test PDFs take characters of"
            " Windows-1252 only."
        ) from error
    identifier = _identifier(recipe, 0) if recipe.identifier or recipe.encryption != "none" else b""
    security: SecurityHandler | None = None
    trailer: dict[str, Any] = {"Root": layout.catalog}
    if layout.info:
        trailer["Info"] = layout.info
    if identifier:
        trailer["ID"] = [identifier, identifier]
    if recipe.encryption != "none":
        security = security_handler(
            recipe.encryption, recipe.user_password, recipe.owner_password, identifier
        )
        entry = layout.numbers.take()
        objects[entry.number] = Item(security.dictionary, exposed=True)
        trailer["Encrypt"] = entry
    sections = [
        Section(
            objects=objects, trailer=trailer, kind=recipe.xref, free=frozenset(layout.numbers.freed)
        )
    ]
    for turn, kind in enumerate(recipe.updates):
        layout.numbers.next += own_numbers(sections[-1])
        changed = update_section(recipe, layout, objects, turn)
        if identifier:
            trailer = trailer | {"ID": [identifier, _identifier(recipe, turn + 1)]}
        objects = objects | changed
        sections.append(Section(objects=changed, trailer=trailer, kind=kind))
    data = write_sections(
        sections,
        version=_version(recipe),
        start=len(recipe.junk) if recipe.junk_offsets == "file" else 0,
        security=security,
        predictor=recipe.predictor,
        hidden_freed=recipe.hidden_freed,
    )
    data = recipe.junk + (data if recipe.final_eol else data.rstrip(b"\n"))
    return damaged(data, recipe.damage, recipe.damage_by)


def linearize(data: bytes, *, password: str = "") -> bytes | None:
    """The PDF linearized by the qpdf program, None where that is not installed."""
    program = shutil.which("qpdf")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(data)
        options = ["--linearize", "--static-id", "--static-aes-iv", f"--password={password}"]
        outcome = subprocess.run(
            [program, *options, str(source), str(target)], capture_output=True, check=False
        )
        if outcome.returncode not in (0, 3):  # 3: warnings
            raise InvalidInput(f"qpdf cannot linearize the PDF: {outcome.stderr.decode().strip()}")
        return target.read_bytes()


def _identifier(recipe: PdfRecipe, turn: int) -> bytes:
    return hashlib.md5(f"{turn} {recipe}".encode(), usedforsecurity=False).digest()


def _version(recipe: PdfRecipe) -> str:
    if recipe.encryption == "AES-256":
        return "2.0"
    kinds = {recipe.xref, *recipe.updates}
    modern = kinds != {"table"} or recipe.user_unit != 1 or recipe.encryption == "AES-128"
    return "1.7" if modern else "1.4"
