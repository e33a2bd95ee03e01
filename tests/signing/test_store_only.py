"""What may follow the newest signature: a security store, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from signing_documents import NOW
from trust_parts import Trust, raised, stamped

from sipadek.errors import VerificationFailed
from sipadek.pdf import Document, Revision
from sipadek.pdf.objects import Ref
from sipadek.signing import verify_pdf
from sipadek.signing.dss import ValidationData, add_to_store
from sipadek.testing.authority import Authority

OTHER = Authority.create(now=NOW, key="p256").root.public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust.create()


@pytest.fixture(scope="module")
def b_lt(trust: Trust) -> bytes:
    return raised(trust, stamped(trust), "B-LT")


def with_store(pdf: bytes, change: Callable[[Revision], None]) -> bytes:
    """One more revision with a store, and a change in it."""
    revision = Revision(Document.open(pdf))
    add_to_store(revision, ValidationData(certificates=(OTHER,)))
    change(revision)
    return pdf + revision.build().data


def root(revision: Revision) -> Ref:
    return revision.document.catalog()[0]


def catalog_entry(key: bytes, value: bytes) -> Callable[[Revision], None]:
    def change(revision: Revision) -> None:
        catalog = revision.current(root(revision))
        catalog[key] = value
        revision.replace(root(revision), bytes(catalog))

    return change


def page_entry(key: bytes, value: bytes) -> Callable[[Revision], None]:
    def change(revision: Revision) -> None:
        ref, _ = revision.document.first_page()
        page = revision.current(ref)
        page[key] = value
        revision.replace(ref, bytes(page))

    return change


def new_content(revision: Revision) -> None:
    ref, _ = revision.document.first_page()
    page = revision.current(ref)
    page[b"Contents"] = bytes(revision.add_stream(b"", b"BT /F1 24 Tf 72 600 Td (palsu) Tj ET"))
    revision.replace(ref, bytes(page))


def replaced_content(revision: Revision) -> None:
    _, page = revision.document.first_page()
    number = int(page[b"Contents"].strip(b"[]").split()[0])
    revision._objects[Ref(number)] = b"<</Length 0>>\nstream\n\nendstream"


def unlisted_object(revision: Revision) -> None:
    revision.add(b"<</Type/Catatan>>")


CHANGES: dict[str, Callable[[Revision], None]] = {
    "another page's content": new_content,
    "content written over": replaced_content,
    "a turned page": page_entry(b"Rotate", b"90"),
    "an annotation": page_entry(b"Annots", b"[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]>>]"),
    "an action at opening": catalog_entry(b"OpenAction", b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "other names": catalog_entry(b"Names", b"<</JavaScript<</Names[]>>>>"),
    "layers": catalog_entry(b"OCProperties", b"<</OCGs[]/D<<>>>>"),
    "no form": catalog_entry(b"AcroForm", b"null"),
    "another form": catalog_entry(b"AcroForm", b"<</Fields[]>>"),
    "other pages": catalog_entry(b"Pages", b"<</Type/Pages/Count 0/Kids[]>>"),
    "metadata": catalog_entry(b"Metadata", b"null"),
    "permissions": catalog_entry(b"Perms", b"<<>>"),
    "an object of its own": unlisted_object,
}


def verified(pdf: bytes, trust: Trust) -> object:
    return verify_pdf(pdf, trust=[trust.authority.root], at=NOW, limits=None)


def test_a_store_may_follow_again_and_again(trust: Trust, b_lt: bytes) -> None:
    more = with_store(b_lt, lambda _: None)
    (evidence,) = verify_pdf(more, trust=[trust.authority.root], at=NOW, limits=None).signatures
    assert (evidence.level, evidence.later, evidence.entire_file) == ("B-LT", "maintenance", False)


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_else_may_come_with_it(trust: Trust, b_lt: bytes, name: str) -> None:
    for pdf in (b_lt, stamped(trust)):
        with pytest.raises(VerificationFailed):
            verified(with_store(pdf, CHANGES[name]), trust)


def test_nothing_at_all_is_no_store(trust: Trust) -> None:
    pdf = stamped(trust)
    for tail in (b"\n", b"%%EOF\n", b" \x00", b"startxref\n0\n%%EOF\n"):
        with pytest.raises(VerificationFailed):
            verified(pdf + tail, trust)


@pytest.mark.parametrize("tail", [b"% catatan\n", b"5 0 obj\n<<>>\nendobj\n", b"\x00\x01"])
def test_bytes_behind_a_store_are_refused(trust: Trust, b_lt: bytes, tail: bytes) -> None:
    with pytest.raises(VerificationFailed):
        verified(b_lt + tail, trust)
