"""What fuzzing and reading with a hostile eye found: each once raised no leaf, or never ended."""

from __future__ import annotations

import pytest

from sipadek.errors import BrokenPdf, EncryptedPdf, LimitExceeded, SipadekError
from sipadek.pdf import Document, Revision, annotation_boxes, content_balance, signatures
from sipadek.pdf.content import Balance
from sipadek.pdf.syntax import read_array, read_string
from sipadek.testing.one_page import EXTRA, one_page, page, with_raw_xref, with_xref_stream
from sipadek.testing.pdf_values import Name, Stream
from sipadek.testing.pdfs import hostile

HOSTILE = hostile()


@pytest.mark.parametrize("token", [b"<zz>", b"<\xff>", b"<a\x0b>"])
def test_a_hexadecimal_string_with_other_characters_is_refused(token: bytes) -> None:
    with pytest.raises(BrokenPdf, match="hexadecimal"):
        read_string(token)


@pytest.mark.parametrize("name", ["container-digits", "container-same-offset"])
def test_an_object_stream_of_endless_digits_or_overlapping_objects_is_not_used(name: str) -> None:
    assert Document.open(HOSTILE[name]).repaired  # by what stands in the open


@pytest.mark.parametrize("name", ["key-short", "key-revisions", "key-strings", "key-digits"])
def test_keys_that_no_cipher_takes_are_refused(name: str) -> None:
    with pytest.raises((EncryptedPdf, BrokenPdf)):
        Document.open(HOSTILE[name])


def test_a_generation_that_no_row_can_hold_does_not_come_into_the_revision() -> None:
    data = one_page({}).replace(b" 00000 n", b" 70000 n").replace(b" 0 obj", b" 70000 obj")
    with pytest.raises(BrokenPdf):
        Document.open(data)
    once = one_page({}).replace(b"\n3 0 obj", b"\n3 0 obj") + b"\n9 99999 obj\n1\nendobj\n"
    document = Document.open(once.replace(b"startxref", b"startxxxx"))
    revision = Revision(document)
    revision.add(b"1")
    assert b"99999" not in revision.build().data


def test_a_form_field_that_is_its_own_kid_ends() -> None:
    for name in ("often-field-in-itself", "often-fields-in-themselves"):
        with pytest.raises(LimitExceeded):
            list(signatures(Document.open(HOSTILE[name])))


def test_an_object_stream_is_not_replaced_by_the_page_it_claims_to_be() -> None:
    head = {"Type": Name("ObjStm"), "N": 1, "First": 4}
    tree = b"2 0 << /Type /Pages /Kids [4 0 R] /Count 1 >> "
    document = Document.open(with_xref_stream({4: Stream(head, tree)}, {2: (2, 4, 0)}))
    assert document.first_page()[0].number == 4
    with pytest.raises(BrokenPdf, match="what it is not"):
        Revision(document).replace(document.first_page()[0], b"<<>>")


def test_one_content_named_often_is_read_once_and_counted_each_time() -> None:
    document = Document.open(one_page({4: Stream({}, b"q"), 3: page(Contents=[EXTRA] * 5000)}))
    assert content_balance(document, document.first_page()[1]) == Balance(0, 5000)
    document = Document.open(HOSTILE["often-contents"])
    assert content_balance(document, document.first_page()[1]) is None


def test_parameters_of_a_predictor_belong_to_the_last_filter() -> None:
    import zlib

    rows = b"\0q\0 \0Q"
    twice = zlib.compress(zlib.compress(rows))
    entries = {
        "Filter": [Name("FlateDecode")] * 2,
        "DecodeParms": [None, {"Predictor": 12, "Columns": 1}],
    }
    document = Document.open(one_page({4: Stream(entries, twice), 3: page(Contents=EXTRA)}))
    assert content_balance(document, document.first_page()[1]) == Balance(0, 0)


def test_content_packed_too_often_has_no_balance() -> None:
    for name in ("filter-names", "filter-ascii85-often", "filter-ascii85", "bomb-filters"):
        document = Document.open(HOSTILE[name])
        assert content_balance(document, document.first_page()[1]) is None


def test_large_values_are_not_read_for_ever() -> None:
    document = Document.open(HOSTILE["often-rectangle"])
    with pytest.raises(LimitExceeded, match="again and again"):
        annotation_boxes(document, document.first_page()[1])
    document = Document.open(HOSTILE["often-annotation"])
    assert len(annotation_boxes(document, document.first_page()[1])) == 1


def test_cross_references_have_a_limit_together() -> None:
    with pytest.raises(LimitExceeded):
        Document.open(HOSTILE["xref-rows-chained"])
    wide = with_raw_xref({"W": [1, 4, 2], "Size": 9, "Index": [0, 8_000_000] * 100}, bytes(7))
    section = Document.open(HOSTILE["xref-index-wide"]).sections[0]
    assert len(section.numbers()) < 10
    with pytest.raises(SipadekError):
        Document.open(wide.replace(b"obj", b"xxx"))


def test_the_elements_of_an_array_are_split_as_ever() -> None:
    value = b"[ 1 0 R%x\n/A(a(b))<<\n/B[1]>>[]<0a>null 12 ]"
    assert read_array(value) == [
        b"1 0 R", b"/A", b"(a(b))", b"<<\n/B[1]>>", b"[]", b"<0a>", b"null", b"12",
    ]  # fmt: skip
    for broken in (b"[1", b"[(", b"[1 >>]", b"["):
        with pytest.raises(BrokenPdf):
            read_array(broken)


def test_a_page_tree_that_names_one_node_again_and_again_is_read() -> None:
    assert len(list(Document.open(HOSTILE["often-kid"]).pages())) == 1
    with pytest.raises(LimitExceeded):
        Document.open(HOSTILE["often-kids"])
