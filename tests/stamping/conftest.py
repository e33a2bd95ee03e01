"""A signed PDF."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import sipadek
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build


@pytest.fixture
def signed_pdf(tmp_path: Path) -> bytes:
    """A letter as an office files it."""
    signer = Authority.create(now=datetime.datetime.now(datetime.UTC)).issue("Siti").signer()
    with sipadek.open(tmp_path / "arsip") as office:
        office.define_series("s", "{nomor}/{tahun}")
        letter = office.file(build(PdfRecipe()), series="s", subject="S", signer=signer)
        return office.filed(letter.id).read()
