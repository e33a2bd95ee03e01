"""Formal papers on A4: a title, paragraphs, facts, and who signs. Set with Typst."""

from __future__ import annotations

import functools
import importlib.resources
from typing import IO, Any

import attrs

from sipadek.books.pdf_file import typeset
from sipadek.books.table import clean


@attrs.frozen(kw_only=True)
class Party:
    """Who signs a paper: ``name``, ``post`` (jabatan), ``number`` (NIP, may be empty), and in which
    ``role``, such as 'Pihak Pertama' or 'Saksi'."""

    name: str
    post: str
    number: str = ""
    role: str = ""


Facts = tuple[tuple[str, str], ...]
"""Lines of a name and a value."""


@attrs.frozen(kw_only=True)
class FormalPaper:
    """``parts`` are paragraphs, and facts between them; ``place`` is the line above the signatures,
    'Jambi, 5 Maret 2029'."""

    title: str
    number: str
    office: str
    parts: tuple[str | Facts, ...]
    place: str = ""
    signatories: tuple[Party, ...] = ()


def write_paper(paper: FormalPaper, file: IO[bytes]) -> None:
    """Write the paper as a PDF. The same paper gives the same bytes, as with ``write_pdf``, which also
    says what is raised."""
    content: dict[str, Any] = {
        "title": clean(paper.title),
        "number": clean(paper.number),
        "office": clean(paper.office),
        "place": clean(paper.place),
        "parts": [_part(part) for part in paper.parts],
        "signatories": [
            {name: clean(text) for name, text in attrs.asdict(party).items()}
            for party in paper.signatories
        ],
    }
    file.write(typeset(_template(), content))


def _part(part: str | Facts) -> str | list[list[str]]:
    if isinstance(part, str):
        return clean(part)
    return [[clean(name), clean(value)] for name, value in part]


@functools.cache
def _template() -> str:
    return importlib.resources.files(__package__).joinpath("formal.typ").read_text("utf-8")
