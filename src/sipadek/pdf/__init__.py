"""Reading PDFs for extension, and the one appended revision."""

from __future__ import annotations

from sipadek.pdf.conformance import pdfa_part
from sipadek.pdf.document import Document
from sipadek.pdf.extraction import extracting, page_png_apart, scan_page_apart
from sipadek.pdf.forms import (
    EmptyField,
    empty_field,
    new_field_name,
    refuse_forbidden_change,
    refuse_forbidden_signature,
    signatures,
)
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.page_text import clean
from sipadek.pdf.pages import (
    PlacedForm,
    annotation_boxes,
    content_balance,
    draw_forms,
    geometry,
)
from sipadek.pdf.preview import page_png
from sipadek.pdf.revision import Revision, SignatureHole, Tail, letter_mark
from sipadek.pdf.sights import Sights
from sipadek.pdf.tags import find_text
from sipadek.pdf.text import ExtractedText, extract_text

__all__ = [
    "Dictionary",
    "Document",
    "EmptyField",
    "ExtractedText",
    "PlacedForm",
    "Ref",
    "Revision",
    "Sights",
    "SignatureHole",
    "Tail",
    "annotation_boxes",
    "clean",
    "content_balance",
    "draw_forms",
    "empty_field",
    "extract_text",
    "extracting",
    "find_text",
    "geometry",
    "letter_mark",
    "new_field_name",
    "page_png",
    "page_png_apart",
    "pdfa_part",
    "refuse_forbidden_change",
    "refuse_forbidden_signature",
    "scan_page_apart",
    "signatures",
]
