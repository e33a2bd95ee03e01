"""Fuzzes reading and extending: ``python tests/fuzz/reading.py [FOLDER] -max_total_time=900``.

Needs the extra ``fuzz``. FOLDER holds more PDFs to start from. An input that raises anything but a
leaf of SipadekError, takes longer than 20 s or more than 1.5 GB is written to ``crash-…``,
``timeout-…`` or ``oom-…`` in the current folder; give such a file's name instead of options to see it
again. What is extended must keep its bytes, open again and have as many pages.
"""

from __future__ import annotations

import atheris

with atheris.instrument_imports(include=["sipadek.pdf"]):
    import sipadek.pdf  # noqa: F401  (instrumented as it is imported)

from running import run
from seeds import plain_seeds

from sipadek.errors import SipadekError
from sipadek.pdf import (
    Document,
    PlacedForm,
    Revision,
    annotation_boxes,
    content_balance,
    draw_forms,
    geometry,
    letter_mark,
    pdfa_part,
    refuse_forbidden_change,
    signatures,
)
from sipadek.pdf.forms import add_annotation, add_signature_field

_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>"


def read(data: bytes) -> None:
    """Everything that filing and marking ask of a PDF, and a revision that adds a bit of each."""
    document = Document.open(data)
    letter_mark(document)
    pdfa_part(document)
    list(signatures(document))
    pages = list(document.pages())
    for _, page in pages:
        assert len(geometry(document, page).to_user) == 6
        annotation_boxes(document, page)
    refuse_forbidden_change(document)
    ref, page = document.first_page()
    around = content_balance(document, page)
    revision = Revision(document, mark="abc234")
    if around is not None:
        form = revision.add_stream(_FORM, b"0 0 9 9 re f")
        placed = PlacedForm(form=form, matrix=(1, 0, 0, 1, 0, 0))
        draw_forms(revision, ref, page, [placed], around)
    field = revision.add(b"<</Type/Annot/Subtype/Widget/FT/Sig/T(ttd)/Rect[0 0 0 0]>>")
    add_annotation(revision, ref, field)
    add_signature_field(revision, field)
    extended = data + revision.build().data
    try:
        again = Document.open(extended)
        assert letter_mark(again) == "abc234"
        assert again.first_page()[0].number == ref.number
        # A reference that led nowhere may lead to a new object, but no page is lost.
        assert {one.number for one, _ in pages} <= {one.number for one, _ in again.pages()}
    except SipadekError as error:
        raise AssertionError("the extended file cannot be read") from error


if __name__ == "__main__":
    run(read, plain_seeds())
