"""The text of any document that an office receives: PDF, DOCX, XLSX, OpenDocument, plain text.

Python's own zipfile and expat are used, and no package for office files: those build the whole
document as objects, which a small file can make very large. Here the parts are read as a stream, no
part is kept, and what a reader must not do (entities, document types, other compression) is refused.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from sipadek.errors import DocumentUnreadable, InvalidInput
from sipadek.pdf import ExtractedText, clean, extract_text
from sipadek.text.office_files import office_text

__all__ = ["MAX_BYTES", "extract"]

MAX_BYTES: Final = 200_000_000
"""The largest file that is looked at, in bytes."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the next one
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Control characters that no text holds; what has them is a picture, a program or the like.
_BINARY: Final = bytes({*range(32)} - {7, 8, 9, 10, 11, 12, 13, 26, 27})


def extract(
    source: bytes | Path, *, password: str | None = None, max_characters: int = 2_000_000
) -> ExtractedText:
    """The text of a document, whose kind is told by its content, never by its name.

    PDF: a text for each page, as `sipadek.pdf.extract_text`, in this process; ``password`` opens an
    encrypted one. Workbooks (XLSX, ODS): one for each sheet, with a tab between cells. DOCX, ODT, plain
    text and CSV: a single one. Plain text is UTF-8, or what its byte order mark says, or else
    Windows-1252.

    Raises ``DocumentUnreadable`` for a file that is of no such kind, damaged, encrypted, or beyond the
    limits of what a document needs; leaves of ``PdfError`` for PDFs; ``InvalidInput`` where the path
    cannot be read or ``max_characters`` is negative.
    """
    if max_characters < 0:
        raise InvalidInput(
            f"The limit max_characters={max_characters} is negative. Give 0 or more."
        )
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                _check_size(source.stat().st_size)
                data = file.read()
        except OSError as error:
            raise InvalidInput(
                f"The document at {str(source)!r} cannot be read ({error}). Give the path of a readable"
                " file, or its bytes."
            ) from error
    else:
        data = source
    _check_size(len(data))
    if b"%PDF-" in data[:1024]:
        return extract_text(source, password=password, max_characters=max_characters)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return office_text(data, max_characters)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise DocumentUnreadable(
            "The document is of an Office before 2007, or encrypted. Save it as DOCX, XLSX or PDF,"
            " without a password."
        )
    return _plain(data, max_characters)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise DocumentUnreadable(
            f"The document has {size} bytes; at most {MAX_BYTES} are looked at. Save it smaller."
        )


def _plain(data: bytes, most: int) -> ExtractedText:
    encoding, start = "", 0
    for mark, name in _MARKS:
        if data.startswith(mark):
            encoding, start = name, len(mark)
            break
    if not encoding and data[:65536].translate(None, _BINARY) != data[:65536]:
        raise DocumentUnreadable(
            "The file is neither a PDF nor a document of an office program nor plain text. Give one of"
            " these."
        )
    # A character takes at most four bytes, so this is enough of them.
    body = data[start : start + 4 * (most + 1)]
    whole = start + len(body) == len(data)
    if not encoding:
        encoding = "utf-8" if _is_utf8(body, whole=whole) else "cp1252"
    text = codecs.getincrementaldecoder(encoding)("replace").decode(body, final=whole)
    text = clean(text)
    pages = (text[:most],) if text else ()
    truncated = not whole or len(text) > most
    return ExtractedText(pages=pages, extractor=f"sipadek text {encoding}", truncated=truncated)


def _is_utf8(body: bytes, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body, final=whole)
    except UnicodeDecodeError:
        return False
    return True
