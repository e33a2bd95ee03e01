"""Text of files that are not read as pages of a PDF: office documents, plain text, scanned pages."""

from __future__ import annotations

from sipadek.pdf import ExtractedText
from sipadek.text.documents import extract
from sipadek.text.tesseract import LANGUAGES, Tesseract

__all__ = ["LANGUAGES", "ExtractedText", "Tesseract", "extract"]
