"""What pdfium reads on one page: its text, its form fields, its annotations; and what a document says
of itself.

A field's value and a stamp's words are drawn by appearance streams, which are no part of the page's
content. ``FPDFPage_Flatten`` makes them that, in memory only; what has no appearance is added from
the annotation's own entries. By pdfium's raw calls: pypdfium2's objects around them cost 0.1 ms a
page and give no limit.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs

__all__ = ["PageReader", "PageText", "about", "clean"]

MAX_ANNOTATIONS = 2_000
"""Annotations of one page that are looked at."""

MAX_NAMES = 500
"""Attachments of one document that are named."""

_MAX_VALUE = 100_000  # Characters of one value, name or note.
_INFO = ("Title", "Subject", "Author", "Keywords")

# pdfium writes U+FFFE (older: U+0002) for the hyphen that ends a line, without the line break.
_LINE_HYPHEN = re.compile("[\ufffe\x02]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_LIGATURES = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))


@attrs.frozen(kw_only=True)
class PageText:
    """``text`` of a page; ``more``: there was more than asked for; ``blank``: pdfium found nothing at
    all on it, or could not load it."""

    text: str
    more: bool = False
    blank: bool = False


class PageReader:
    """Reads the pages of a ``pypdfium2.PdfDocument`` within the block it is used in."""

    def __init__(self, document: Any) -> None:
        from pypdfium2 import raw

        self._raw = raw
        self._document = document
        self._open = contextlib.ExitStack()
        self._form: Any = None

    def __enter__(self) -> PageReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(self, index: int, limit: int) -> PageText:
        """The page (0 is the first), at most about ``limit`` characters of it."""
        with self._page(index) as page:
            if not page:
                return PageText(text="", blank=True)
            count = self._raw.FPDFPage_GetAnnotCount(page)
            if count <= 0:
                text, more = self._drawn(page, limit)
                blank = not text and not self._raw.FPDFPage_CountObjects(page)
                return PageText(text=text, more=more, blank=blank)
            notes, seen = self._notes(page, min(count, MAX_ANNOTATIONS))
            flat = seen and self._raw.FPDFPage_Flatten(page, self._raw.FLAT_NORMALDISPLAY)
            if flat != self._raw.FLATTEN_SUCCESS:
                text, more = self._drawn(page, limit)
                blank = not (text or notes or self._raw.FPDFPage_CountObjects(page))
                return PageText(text=_with(text, notes), more=more, blank=blank)
        with self._page(index) as page:  # pdfium parses a page's content once
            text, more = self._drawn(page, limit) if page else ("", False)
        return PageText(text=_with(text, notes), more=more)

    @contextlib.contextmanager
    def _page(self, index: int) -> Iterator[Any]:
        page = self._raw.FPDF_LoadPage(self._document, index)
        try:
            yield page
        finally:
            if page:
                self._raw.FPDF_ClosePage(page)

    def _drawn(self, page: Any, limit: int) -> tuple[str, bool]:
        """The text in the page's content, and whether there was more than ``limit``."""
        text_page = self._raw.FPDFText_LoadPage(page)
        if not text_page:
            return "", False
        try:
            count = self._raw.FPDFText_CountChars(text_page)
            taken = min(count, limit + 1)
            if taken <= 0:
                return "", False
            buffer = (ctypes.c_ushort * (2 * taken + 2))()
            written = self._raw.FPDFText_GetText(text_page, 0, taken, buffer)
        finally:
            self._raw.FPDFText_ClosePage(text_page)
        units = memoryview(buffer).cast("B")[: 2 * max(written - 1, 0)]
        return clean(bytes(units).decode("utf-16-le", "replace")), taken < count

    def _notes(self, page: Any, count: int) -> tuple[list[str], bool]:
        """What annotations say in their entries, and whether any of them may be drawn."""
        raw, notes, seen = self._raw, [], False
        unseen = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
        for at in range(count):
            annotation = raw.FPDFPage_GetAnnot(page, at)
            if not annotation:
                continue
            try:
                kind = raw.FPDFAnnot_GetSubtype(annotation)
                if kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
                    continue
                if raw.FPDFAnnot_GetFlags(annotation) & unseen:
                    continue
                seen = True
                notes.append(self._says(annotation, kind))
            finally:
                raw.FPDFPage_CloseAnnot(annotation)
        return [clean(note).strip() for note in notes], seen

    def _says(self, annotation: Any, kind: int) -> str:
        raw = self._raw
        if kind == raw.FPDF_ANNOT_WIDGET:
            return self._value(annotation)
        note = _string(lambda *to: raw.FPDFAnnot_GetStringValue(annotation, b"Contents\0", *to))
        if kind == raw.FPDF_ANNOT_FILEATTACHMENT:
            file = raw.FPDFAnnot_GetFileAttachment(annotation)
            name = _string(lambda *to: raw.FPDFAttachment_GetName(file, *to)) if file else ""
            note = f"{note}\n{name}" if name not in note else note
        return note

    def _value(self, annotation: Any) -> str:
        """What is filled in or chosen; nothing for buttons, signatures and passwords."""
        raw, form = self._raw, self._form_of_document()
        if not form:
            return ""
        kinds = (
            raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX
        )  # fmt: skip
        kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
        flags = raw.FPDFAnnot_GetFormFieldFlags(form, annotation)
        secret = kind == raw.FPDF_FORMFIELD_TEXTFIELD and flags & raw.FPDF_FORMFLAG_TEXT_PASSWORD
        if kind not in kinds or secret:
            return ""
        return _string(lambda *to: raw.FPDFAnnot_GetFormFieldValue(form, annotation, *to))

    def _form_of_document(self) -> Any:
        """pdfium's form environment, without which it gives no values. No script runs in it."""
        if self._form is None:
            config = self._raw.FPDF_FORMFILLINFO(version=2)
            self._form = self._raw.FPDFDOC_InitFormFillEnvironment(self._document, config)
            if self._form:
                self._open.callback(self._raw.FPDFDOC_ExitFormFillEnvironment, self._form)
                self._open.callback(lambda _: None, config)  # is used until then
        return self._form


def about(document: Any) -> str:
    """What the document says of itself, a line each: title, subject, author, key words, and the names
    of its attachments."""
    from pypdfium2 import raw

    found = [
        _string(lambda *to, name=name: raw.FPDF_GetMetaText(document, name.encode() + b"\0", *to))
        for name in _INFO
    ]
    for at in range(min(raw.FPDFDoc_GetAttachmentCount(document), MAX_NAMES)):
        attachment = raw.FPDFDoc_GetAttachment(document, at)
        if attachment:
            found.append(_string(lambda *to, one=attachment: raw.FPDFAttachment_GetName(one, *to)))
    return "\n".join(line for line in (" ".join(clean(each).split()) for each in found) if line)


def clean(text: str) -> str:
    """Text without control characters but ``\\n`` and ``\\t``, lone surrogates and ligatures."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _LINE_HYPHEN.search(text):
        text = _LINE_HYPHEN.sub("-\n", text)
    if _CONTROLS.search(text):
        text = _CONTROLS.sub(lambda found: "\n" if found[0] in "\x0b\x0c\x85" else " ", text)
    if _SURROGATES.search(text):
        text = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
    if _LIGATURE.search(text):
        text = _LIGATURE.sub(lambda found: _LIGATURES[found[0]], text)
    return text


def _string(ask: Callable[..., int]) -> str:
    """A string that pdfium gives into a buffer, whose size in bytes it tells first."""
    size = ask(None, 0)
    if not 2 < size <= 2 * _MAX_VALUE:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    ask(buffer, size)
    return bytes(memoryview(buffer).cast("B")[: size - 2]).decode("utf-16-le", "replace")


def _with(text: str, notes: list[str]) -> str:
    """The text, and behind it what the notes say beyond it."""
    words = f" {' '.join(text.split())} "
    added = []
    for note in dict.fromkeys(notes):
        told = f" {' '.join(note.split())} "
        if told.strip() and told not in words:
            added.append(note)
    return "\n".join([text.rstrip("\n"), *added] if text else added) if added else text
