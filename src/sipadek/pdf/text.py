"""The text of a PDF's pages, for the index: pdfium first, pypdf where pdfium cannot read."""

from __future__ import annotations

import ctypes
import io
import re
from pathlib import Path
from typing import Any

import attrs

from sipadek.errors import BrokenPdf, EncryptedPdf, InvalidInput
from sipadek.pdf.pdfium import open_document

__all__ = ["ExtractedText", "extract_text"]

# pdfium writes U+FFFE (older: U+0002) for the hyphen that ends a line, without the line break.
_LINE_HYPHEN = re.compile("[\ufffe\x02]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


@attrs.frozen(kw_only=True)
class ExtractedText:
    """``pages`` holds one text per page, in reading order as far as the file tells it.

    ``extractor`` names what read it ('pypdfium2 5.15.2'); ``truncated`` says that a limit cut the
    text off. Lines end in ``\\n``; a hyphen at the end of a line stays ('-' and ``\\n``). There is no
    other control character, and no lone surrogate.
    """

    pages: tuple[str, ...]
    extractor: str
    truncated: bool


def extract_text(
    source: bytes | Path,
    *,
    password: str | None = None,
    max_pages: int = 2000,
    max_characters: int = 2_000_000,
) -> ExtractedText:
    """Read the text of the first ``max_pages`` pages, at most ``max_characters`` in all.

    A page that cannot be read has the text ''. Raises a leaf of ``PdfError`` where no reader can
    open the file, ``InvalidInput`` where the path cannot be read.
    """
    if max_pages < 0 or max_characters < 0:
        raise InvalidInput(
            f"The limits max_pages={max_pages} and max_characters={max_characters} cannot be"
            " negative. Give 0 or more."
        )
    limits = _Limits(max_pages, max_characters)
    try:
        found, unread = _by_pdfium(source, password, limits)
    except (BrokenPdf, EncryptedPdf) as refused:
        second = _by_pypdf(source, password, limits)
        if second is None:
            raise refused
        return second
    if unread:
        second = _by_pypdf(source, password, limits)
        if second is not None and sum(map(len, second.pages)) > sum(map(len, found.pages)):
            return second
    return found


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
    left: int = attrs.field(init=False)
    cut: bool = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.left = self.limits.characters
        self.cut = self.total > self.limits.pages

    @property
    def wanted(self) -> int:
        return min(self.total, self.limits.pages)

    def add(self, text: str, *, more: bool = False) -> bool:
        """Take one page (``more``: it had more text than this). False: the limit is reached."""
        kept = text[: self.left]
        self.pages.append(kept)
        self.left -= len(kept)
        if more or len(kept) < len(text):
            self.cut = True
            return False
        return True

    def finished(self, extractor: str) -> ExtractedText:
        return ExtractedText(pages=tuple(self.pages), extractor=extractor, truncated=self.cut)


def _by_pdfium(
    source: bytes | Path, password: str | None, limits: _Limits
) -> tuple[ExtractedText, int]:
    """The text, and how many pages pdfium could not load or found nothing at all on."""
    with open_document(source, password=password) as document:
        import pypdfium2
        from pypdfium2 import raw

        collected = _Collected(limits, len(document))
        unread = 0 if collected.total else 1
        for index in range(collected.wanted):
            page = raw.FPDF_LoadPage(document, index)
            if not page:
                unread += 1
                collected.add("")
                continue
            try:
                text, more = _page_text(raw, page, collected.left)
                if not text and not raw.FPDFPage_CountObjects(page):
                    unread += 1  # blank, or content that pdfium gives up on
            finally:
                raw.FPDF_ClosePage(page)
            if not collected.add(text, more=more):
                break
    return collected.finished(f"pypdfium2 {pypdfium2.PYPDFIUM_INFO.version}"), unread


def _page_text(raw: Any, page: Any, limit: int) -> tuple[str, bool]:
    """A page's text, at most about ``limit`` characters, and whether there was more.

    By pdfium's raw calls: pypdfium2's objects around them cost 0.1 ms a page and give no limit.
    """
    text_page = raw.FPDFText_LoadPage(page)
    if not text_page:
        return "", False
    try:
        count = raw.FPDFText_CountChars(text_page)
        taken = min(count, limit + 1)
        if taken <= 0:
            return "", False
        buffer = (ctypes.c_ushort * (2 * taken + 2))()
        written = raw.FPDFText_GetText(text_page, 0, taken, buffer)
    finally:
        raw.FPDFText_ClosePage(text_page)
    units = memoryview(buffer).cast("B")[: 2 * max(written - 1, 0)]
    return _clean(bytes(units).decode("utf-16-le", "replace")), taken < count


def _by_pypdf(source: bytes | Path, password: str | None, limits: _Limits) -> ExtractedText | None:
    """The text as pypdf reads it, None where it cannot open the file either.

    pypdf meets damaged files with many kinds of exceptions, hence the broad ``except`` clauses.
    """
    import pypdf

    try:
        stream = io.BytesIO(source if isinstance(source, bytes) else source.read_bytes())
        reader = pypdf.PdfReader(stream, password=password)
        collected = _Collected(limits, len(reader.pages))
    except Exception:
        return None
    if not collected.total:
        return None
    for index in range(collected.wanted):
        try:
            text = reader.pages[index].extract_text()
        except Exception:
            text = ""
        if not collected.add(_clean(text)):
            break
    return collected.finished(f"pypdf {pypdf.__version__}")


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _LINE_HYPHEN.search(text):
        text = _LINE_HYPHEN.sub("-\n", text)
    if _CONTROLS.search(text):
        text = _CONTROLS.sub(lambda found: "\n" if found[0] in "\x0b\x0c\x85" else " ", text)
    if _SURROGATES.search(text):
        text = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
    return text
