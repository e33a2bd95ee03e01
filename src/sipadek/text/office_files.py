"""The text of DOCX, XLSX and OpenDocument files."""

from __future__ import annotations

import contextlib
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

import attrs

from sipadek.errors import DocumentUnreadable
from sipadek.pdf import ExtractedText, clean
from sipadek.text.office_parts import Parts, opened

_ABOUT: Final = {"title", "subject", "creator", "keywords", "keyword", "description"}
_MAX_ABOUT: Final = 20_000
_SHEET: Final = re.compile(r"xl/worksheets/sheet(\d{1,9})\.xml")
_MORE: Final = re.compile(r"word/(?:header|footer|footnotes|endnotes|comments)\d{0,9}\.xml")


def office_text(data: bytes, max_characters: int) -> ExtractedText:
    """As `extract` says. Raises DocumentUnreadable."""
    try:
        with opened(data) as archive:
            return _read(Parts(archive), max_characters)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DocumentUnreadable(
            f"The document's archive is damaged or encrypted ({error}). Save it again from the program"
            " that made it, without a password."
        ) from error
    except (expat.ExpatError, ValueError, LookupError, OSError) as error:
        raise DocumentUnreadable(
            f"A part of the document is not of its kind ({error}). Save it again from the program that"
            " made it."
        ) from error


def _read(parts: Parts, most: int) -> ExtractedText:
    if "word/document.xml" in parts.names:
        kind, out, about = "docx", _docx(parts, most), "docProps/core.xml"
    elif "xl/workbook.xml" in parts.names:
        kind, out, about = "xlsx", _xlsx(parts, most), "docProps/core.xml"
    elif "content.xml" in parts.names and "mimetype" in parts.names:
        kind, out, about = "opendocument", _opendocument(parts, most), "meta.xml"
    else:
        raise DocumentUnreadable(
            "The archive is no DOCX, XLSX or OpenDocument file. Give the document itself."
        )
    pages, left = [], most
    for page in out.finished():
        pages.append(page[:left])
        left -= len(pages[-1])
    told = _About(_Text(_MAX_ABOUT))
    with contextlib.suppress(_Full):
        parts.walk(about, told)
    return ExtractedText(
        pages=tuple(pages),
        extractor=f"sipadek {kind}",
        truncated=out.full or told.out.full,
        about="\n".join(told.out.finished())[:_MAX_ABOUT],
    )


class _Full(Exception):
    """As much text as is wanted was read."""


@attrs.define
class _Text:
    """Text as it comes in, ``most`` characters of it."""

    most: int
    full: bool = False
    pages: list[list[str]] = attrs.Factory(lambda: [[]])
    _left: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._left = self.most

    def write(self, text: str) -> None:
        """Raises _Full where there is more than is wanted."""
        self.pages[-1].append(text[: self._left])
        self._left -= len(text)
        if self._left < 0:
            self.full = True
            raise _Full

    def finished(self) -> list[str]:
        """The texts, without spaces at the ends of lines and without empty lines."""
        found = []
        for page in self.pages:
            lines = (line.rstrip() for line in clean("".join(page)).split("\n"))
            found.append("\n".join(line for line in lines if line))
        return found


def _docx(parts: Parts, most: int) -> _Text:
    """Body, then headers, footers, notes and comments."""
    out = _Text(most)
    with contextlib.suppress(_Full):
        for name in ("word/document.xml", *sorted(filter(_MORE.fullmatch, parts.names))):
            parts.walk(name, _Paragraphs(out))
    return out


@attrs.define
class _Paragraphs:
    """WordprocessingML. What stands in a ``Fallback`` stands elsewhere too."""

    out: _Text
    inside: int = 0
    skipped: int = 0

    def start(self, tag: str, _: Mapping[str, str], /) -> None:
        self.inside += tag == "t"
        self.skipped += tag == "Fallback"

    def end(self, tag: str, /) -> None:
        self.inside -= tag == "t"
        self.skipped -= tag == "Fallback"
        if not self.skipped:
            ends = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}
            self.out.write(ends.get(tag, ""))

    def text(self, data: str, /) -> None:
        if self.inside and not self.skipped:
            self.out.write(data)


def _xlsx(parts: Parts, most: int) -> _Text:
    """A text for each sheet: a line for each row, a tab between cells, values as they are stored."""
    shared = _Shared(_Text(most))
    with contextlib.suppress(_Full):
        parts.walk("xl/sharedStrings.xml", shared)
    texts = ["".join(text) for text in shared.out.pages[1:]]
    out = _Text(most)
    sheets = [(int(found[1]), name) for name in parts.names if (found := _SHEET.fullmatch(name))]
    with contextlib.suppress(_Full):
        for turn, (_, name) in enumerate(sorted(sheets)):
            if turn:
                out.pages.append([])
            parts.walk(name, _Cells(out, texts))
    return out


@attrs.define
class _Shared:
    """A workbook's table of texts, as far as they could all be shown: each is a page."""

    out: _Text
    reading: bool = False

    def start(self, tag: str, _: Mapping[str, str], /) -> None:
        if tag == "si":
            self.out.pages.append([])
        self.reading = tag == "t"

    def end(self, _: str, /) -> None:
        self.reading = False

    def text(self, data: str, /) -> None:
        if self.reading:
            self.out.write(data)


@attrs.define
class _Cells:
    """SpreadsheetML. A value that stands for a shared text is short: it is held until it is whole."""

    out: _Text
    shared: list[str]
    kind: str = ""
    index: str = ""
    reading: bool = False

    def start(self, tag: str, attributes: Mapping[str, str], /) -> None:
        if tag == "c":
            self.kind, self.index = attributes.get("t", ""), ""
        self.reading = tag in ("v", "t")

    def end(self, tag: str, /) -> None:
        self.reading = False
        if tag == "row":
            self.out.write("\n")
        elif tag == "c":
            at = int(self.index) if self.index.isdecimal() else len(self.shared)
            self.out.write(f"{self.shared[at]}\t" if at < len(self.shared) else "\t")

    def text(self, data: str, /) -> None:
        if not self.reading:
            return
        if self.kind == "s":
            self.index = (self.index + data)[:12]
        else:
            self.out.write(data)


def _opendocument(parts: Parts, most: int) -> _Text:
    """Paragraphs and headings, then headers and footers; each sheet of a workbook by itself."""
    kind = b"".join(parts.chunks("mimetype"))
    out = _Text(most)
    with contextlib.suppress(_Full):
        if kind.endswith(b"spreadsheet"):
            parts.walk("content.xml", _Sheets(out))
        else:
            parts.walk("content.xml", _Body(out))
            parts.walk("styles.xml", _Body(out))
    return out


@attrs.define
class _Body:
    """OpenDocument text. What was deleted is kept apart, as a tracked change."""

    out: _Text
    inside: int = 0
    skipped: int = 0
    stop: str = "\n"

    def start(self, tag: str, _: Mapping[str, str], /) -> None:
        self.inside += tag in ("p", "h")
        self.skipped += tag == "tracked-changes"
        if self.inside and not self.skipped:
            self.out.write({"tab": "\t", "line-break": "\n", "s": " "}.get(tag, ""))

    def end(self, tag: str, /) -> None:
        self.inside -= tag in ("p", "h")
        self.skipped -= tag == "tracked-changes"
        if tag in ("p", "h") and not self.skipped:
            self.out.write(self.stop)

    def text(self, data: str, /) -> None:
        if self.inside and not self.skipped:
            self.out.write(data)


@attrs.define
class _Sheets(_Body):
    """OpenDocument workbooks."""

    stop: str = " "
    tables: int = 0

    def start(self, tag: str, _: Mapping[str, str], /) -> None:
        if tag == "table":
            self.tables += 1
            if self.tables > 1:
                self.out.pages.append([])
        super().start(tag, _)

    def end(self, tag: str, /) -> None:
        super().end(tag)
        self.out.write({"table-cell": "\t", "table-row": "\n"}.get(tag, ""))


@attrs.define
class _About:
    """What a document says of itself: title, subject, author, key words, a line each."""

    out: _Text
    reading: bool = False

    def start(self, tag: str, _: Mapping[str, str], /) -> None:
        self.reading = tag in _ABOUT

    def end(self, tag: str, /) -> None:
        self.reading = False
        if tag in _ABOUT:
            self.out.write("\n")

    def text(self, data: str, /) -> None:
        if self.reading:
            self.out.write(data.replace("\n", " "))
