"""The one door to pdfium, for text extraction and previews: a lock and errors as leaves.

pdfium keeps process-wide state and is not thread-safe, so every call into it happens under
``PDFIUM_LOCK``. The lock is also taken around ``fork``: a child never starts with pdfium half way
through a call or with the lock held by a thread that it does not have.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sipadek.errors import BrokenPdf, EncryptedPdf, InvalidInput, NotAPdf, PdfError

__all__ = ["PDFIUM_LOCK", "check_count", "open_document"]

PDFIUM_LOCK = threading.RLock()
"""Held for every call into pdfium, in the whole process. Reentrant."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=PDFIUM_LOCK.acquire,
        after_in_parent=PDFIUM_LOCK.release,
        after_in_child=PDFIUM_LOCK.release,
    )

# How far into a file its header may stand for most viewers.
_HEADER_WINDOW = 1024


@contextlib.contextmanager
def open_document(source: bytes | Path, *, password: str | None = None) -> Iterator[Any]:
    """A ``pypdfium2.PdfDocument`` of the PDF, closed at the end of the block.

    The calling thread holds ``PDFIUM_LOCK`` within the block, so keep the block short, and let no
    page or bitmap of the document out of it. An error that pypdfium2 raises within the block comes
    out as a leaf of ``PdfError`` too.

    Raises ``InvalidInput`` where the path cannot be read, ``NotAPdf``, ``BrokenPdf`` or
    ``EncryptedPdf`` (a password is needed, is wrong, or the encryption is not supported).
    """
    with PDFIUM_LOCK:
        import pypdfium2

        try:
            document = pypdfium2.PdfDocument(_readable(source), password=password)
        except pypdfium2.PdfiumError as error:
            raise _opening_failed(source, error.err_code, password) from error
        except (OSError, UnicodeEncodeError) as error:
            raise InvalidInput(
                f"The PDF at {str(source)!r} cannot be read ({error}). Give the path of a readable"
                " file, or its bytes."
                if isinstance(source, Path)
                else "The password holds characters that cannot stand in one. Give plain text."
            ) from error
        try:
            yield document
        except pypdfium2.PdfiumError as error:
            raise BrokenPdf(
                f"pdfium opened the PDF but could not read a part of it ({error}). Save the file"
                " again from the program that made it."
            ) from error
        finally:
            document.close()


def check_count(found: int, expected: int | None) -> None:
    """Raise BrokenPdf where pdfium finds other pages than the caller: an index would then mean another
    page."""
    if expected is not None and found != expected:
        raise BrokenPdf(
            f"readers disagree about the PDF's pages ({expected} or {found}), so nothing can be looked"
            " for on them; print it to a new PDF"
        )


def _readable(source: bytes | Path) -> bytes | Path:
    if isinstance(source, Path):
        return source
    return bytes(source)


def _opening_failed(source: bytes | Path, code: int | None, password: str | None) -> PdfError:
    from pypdfium2 import raw

    if code == raw.FPDF_ERR_PASSWORD:
        came = "needs a password" if password is None else "does not open with the password given"
        return EncryptedPdf(f"The PDF {came}. Give the password that opens the document.")
    if code == raw.FPDF_ERR_SECURITY:
        return EncryptedPdf(
            "The PDF is encrypted in a way that pdfium does not support. Save it without"
            " encryption, or with a password (AES-256)."
        )
    if b"%PDF-" not in _head(source):
        return NotAPdf(
            "The file does not start like a PDF: '%PDF-' was expected in its first"
            f" {_HEADER_WINDOW} bytes. Check that the right file was given."
        )
    return BrokenPdf(
        "The PDF is too damaged for pdfium to open. Save the file again from the program that"
        " made it."
    )


def _head(source: bytes | Path) -> bytes:
    if not isinstance(source, Path):
        return bytes(source[:_HEADER_WINDOW])
    with source.open("rb") as file:
        return file.read(_HEADER_WINDOW)
