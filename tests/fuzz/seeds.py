"""What fuzzing starts from: PDFs made by the project's own generators, and files of a folder."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from pathlib import Path

from sipadek.pdf import Document, Revision
from sipadek.signing import Claim, Widget, add_signature, seal
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build, hostile

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
LONGEST = 40_000  # bytes of a seed: longer ones are slow and teach little
_RECIPES = (
    PdfRecipe(),
    PdfRecipe(xref="stream", form="indirect", annots="indirect"),
    PdfRecipe(xref="stream", predictor=False, updates=("stream",), inherited=True),
    PdfRecipe(xref="hybrid", form="direct", freed=2),
    PdfRecipe(updates=("table", "hybrid"), tree_depth=3, pages=3),
    PdfRecipe(contents="indirect-array", compress=True, resources="inherited"),
    PdfRecipe(contents="missing-Q", rotate=90, crop_box=(9, 9, 300, 300), user_unit=2.0),
    PdfRecipe(encryption="RC4-40"),
    PdfRecipe(encryption="RC4-128", xref="stream"),
    PdfRecipe(encryption="AES-128", form="indirect"),
    PdfRecipe(encryption="AES-256", xref="stream"),
    PdfRecipe(damage="startxref"),
    PdfRecipe(xref="stream", damage="no-xref"),
    PdfRecipe(junk=b"HTTP/1.1 200 OK\r\n\r\n"),
)


def authority() -> Authority:
    """Whose certificates the signed seeds carry."""
    return Authority.create(now=NOW, key="p256")


def signed(data: bytes, issuer: Authority, *, turns: int = 1) -> bytes:
    """The PDF with so many signatures, one revision each."""
    for turn in range(turns):
        signer = issuer.issue(f"Siti Contoh {turn}", key="p256").signer()
        document = Document.open(data)
        ref, _ = document.first_page()
        revision = Revision(document)
        claim = Claim(field=f"ttd{turn}", at=NOW, reason="uji")
        add_signature(revision, Widget(page=ref), claim, signer)
        data += seal(revision.build(), hashlib.sha256(data), signer)
    return data


def plain_seeds() -> Iterator[bytes]:
    """Small PDFs of every kind, the small hostile ones among them."""
    yield from map(build, _RECIPES)
    yield from (data for data in hostile().values() if len(data) <= LONGEST)


def signed_seeds(issuer: Authority) -> Iterator[bytes]:
    """The sound ones, signed once; some of them twice or three times."""
    for recipe in _RECIPES:
        if recipe.damage == "none":
            yield signed(build(recipe), issuer)
    for turns in (2, 3):
        yield signed(build(PdfRecipe()), issuer, turns=turns)
        yield signed(build(PdfRecipe(xref="stream")), issuer, turns=turns)


def folder_seeds(folder: Path) -> Iterator[bytes]:
    """The small PDFs below a folder."""
    for path in sorted(folder.rglob("*.pdf")):
        if path.is_file() and path.stat().st_size <= LONGEST:
            yield path.read_bytes()
