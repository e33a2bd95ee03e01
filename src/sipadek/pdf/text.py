"""The text of a PDF's pages, for the index: pdfium first, pypdf where pdfium cannot read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs

from sipadek.errors import BrokenPdf, EncryptedPdf, InvalidInput
from sipadek.pdf.page_text import PageReader, about, clean
from sipadek.pdf.pdfium import open_document

__all__ = ["MAX_ABOUT", "ExtractedText", "extract_text"]

MAX_ABOUT = 20_000
"""Most characters of what a document says of itself."""


@attrs.frozen(kw_only=True)
class ExtractedText:
    """``pages`` holds one text per page, in reading order as far as the file tells it. Behind a page's
    own text stand, on lines of their own, values of form fields and what annotations say that is
    not drawn on the page. ``about`` holds what the document says of itself, a line each: title,
    subject, author, key words, names of attachments.

    ``extractor`` names what read it ('pypdfium2 5.15.2'); ``truncated`` says that a limit cut the
    text off. Lines end in ``\\n``; a hyphen at the end of a line stays ('-' and ``\\n``). There is no
    other control character, no lone surrogate, and no ligature (fi is two letters).
    """

    pages: tuple[str, ...]
    extractor: str
    truncated: bool
    about: str = ""


def extract_text(
    source: bytes | Path,
    *,
    password: str | None = None,
    max_pages: int = 2000,
    max_characters: int = 2_000_000,
) -> ExtractedText:
    """Read the text of the first ``max_pages`` pages, at most ``max_characters`` of them in all.

    Pages that pdfium cannot read are read by pypdf, without what their annotations say. A page that
    neither can read has the text ''. Raises a leaf of ``PdfError`` where no reader can open the file,
    ``InvalidInput`` where the path cannot be read.
    """
    if max_pages < 0 or max_characters < 0:
        raise InvalidInput(
            f"The limits max_pages={max_pages} and max_characters={max_characters} cannot be"
            " negative. Give 0 or more."
        )
    limits = _Limits(max_pages, max_characters)
    second = _Pypdf(source, password)
    try:
        found = _by_pdfium(source, password, limits, second)
    except (BrokenPdf, EncryptedPdf):
        if not second.count:
            raise
        return _by_pypdf(second, limits)
    return _by_pypdf(second, limits) if found is None else found


@attrs.frozen
class _Limits:
    pages: int
    characters: int


@attrs.define
class _Collected:
    """Pages as they come in, within the limits."""

    limits: _Limits
    total: int
    pages: list[str] = attrs.field(factory=list)
    readers: dict[str, None] = attrs.field(factory=dict)
    left: int = attrs.field(init=False)
    cut: bool = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.left = self.limits.characters
        self.cut = self.total > self.limits.pages

    @property
    def wanted(self) -> int:
        return min(self.total, self.limits.pages)

    def add(self, text: str, reader: str, *, more: bool = False) -> bool:
        """Take one page (``more``: it had more text than this). False: the limit is reached."""
        kept = text[: self.left]
        self.pages.append(kept)
        self.left -= len(kept)
        if kept:
            self.readers[reader] = None
        if more or len(kept) < len(text):
            self.cut = True
            return False
        return True

    def finished(self, reader: str, about: str) -> ExtractedText:
        """What was found; ``reader`` is named where no page had a text."""
        return ExtractedText(
            pages=tuple(self.pages),
            extractor=", ".join(self.readers or (reader,)),
            truncated=self.cut or len(about) > MAX_ABOUT,
            about=about[:MAX_ABOUT],
        )


def _by_pdfium(
    source: bytes | Path, password: str | None, limits: _Limits, second: _Pypdf
) -> ExtractedText | None:
    """The text, None where the second reader finds pages and pdfium none. Single pages that pdfium
    finds nothing on are tried with the second reader."""
    with open_document(source, password=password) as document, PageReader(document) as reader:
        import pypdfium2

        name = f"pypdfium2 {pypdfium2.PYPDFIUM_INFO.version}"
        collected = _Collected(limits, len(document))
        if not collected.total and second.count:
            return None
        for index in range(collected.wanted):
            page = reader.read(index, collected.left)
            # Page numbers must mean the same to both.
            if page.blank and second.count == collected.total:
                going = collected.add(second.page(index), second.name)
            else:
                going = collected.add(page.text, name, more=page.more)
            if not going:
                break
        return collected.finished(name, about(document))


def _by_pypdf(reader: _Pypdf, limits: _Limits) -> ExtractedText:
    collected = _Collected(limits, reader.count)
    for index in range(collected.wanted):
        if not collected.add(reader.page(index), reader.name):
            break
    return collected.finished(reader.name, reader.about())


class _Pypdf:
    """pypdf, opened when it is first asked. It meets damaged files with many kinds of exceptions,
    hence the broad ``except`` clauses."""

    def __init__(self, source: bytes | Path, password: str | None) -> None:
        self._source = source
        self._password = password
        self._reader: Any = None
        self._count = -1

    @property
    def name(self) -> str:
        import pypdf

        return f"pypdf {pypdf.__version__}"

    @property
    def count(self) -> int:
        """How many pages it finds; 0 where it cannot open the file."""
        import pypdf

        if self._count < 0:
            source = self._source
            try:
                stream = io.BytesIO(source if isinstance(source, bytes) else source.read_bytes())
                self._reader = pypdf.PdfReader(stream, password=self._password)
                self._count = len(self._reader.pages)
            except Exception:
                self._count = 0
        return self._count

    def page(self, index: int) -> str:
        try:
            return clean(self._reader.pages[index].extract_text())
        except Exception:
            return ""

    def about(self) -> str:
        try:
            info = self._reader.metadata
            found = (info.title, info.subject, info.author, info.keywords)
            return "\n".join(" ".join(clean(str(each)).split()) for each in found if each)
        except Exception:
            return ""
