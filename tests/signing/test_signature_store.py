"""B-LT: a file may end with a security store that nothing covers, and with nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from signing_documents import DAY, NOW, plain_pdf
from trust_parts import Trust, sign_own

from sipadek.errors import CertificateRevoked, SignatureIncomplete, VerificationFailed
from sipadek.pdf import Document
from sipadek.pdf.revision import Revision
from sipadek.signing import raise_level, renew, verify_pdf
from sipadek.signing.dss import ValidationData, add_to_store
from sipadek.testing.attacks import ATTACKS
from sipadek.testing.pdfs import PdfRecipe, build


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust.create()


@pytest.fixture(scope="module")
def stamped(trust: Trust) -> bytes:
    return sign_own(plain_pdf(), trust.signer.signer(), timestamp=trust.timestamps)


@pytest.fixture(scope="module")
def long_term(trust: Trust, stamped: bytes) -> bytes:
    return stamped + raise_level(stamped, to="B-LT", **trust.arguments())


def report(trust: Trust, pdf: bytes, at: Any = NOW, **how: Any) -> Any:
    return verify_pdf(pdf, trust=[trust.authority.root], at=at, limits=None, **how)


@pytest.mark.parametrize("own_stamp", [True, False])
@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
def test_levels_of_our_own_writer(trust: Trust, own_stamp: bool, level: Any) -> None:
    signer = trust.signer.signer()
    pdf = sign_own(plain_pdf(), signer, timestamp=trust.timestamps if own_stamp else None)
    pdf += raise_level(pdf, to=level, **trust.arguments())
    for at in (NOW, NOW + 1000 * DAY):  # the signer's certificate holds for 365 days
        first = report(trust, pdf, at).signatures[0]
        assert first.level == level
    assert first.later in ("nothing", "maintenance")


def test_a_store_at_the_end(trust: Trust, stamped: bytes, long_term: bytes) -> None:
    [one] = report(trust, long_term).signatures
    assert (one.later, one.entire_file, one.covered) == ("maintenance", False, len(stamped))
    again = long_term + raise_level(long_term, to="B-LTA", **trust.arguments())
    months = renew(again, within=DAY, **trust.arguments())
    assert report(trust, again + months).signatures[0].level == "B-LTA"


@pytest.mark.parametrize("xref", ["table", "stream"])
@pytest.mark.parametrize("encryption", ["none", "AES-256"])
def test_other_files(trust: Trust, xref: Any, encryption: Any) -> None:
    password = "buka" if encryption != "none" else ""
    recipe = PdfRecipe(xref=xref, encryption=encryption, user_password=password)
    pdf = sign_own(
        build(recipe), trust.signer.signer(), timestamp=trust.timestamps, password=password or None
    )
    pdf += raise_level(pdf, to="B-LT", password=password or None, **trust.arguments())
    [one] = report(trust, pdf, password=password).signatures
    assert (one.level, one.later) == ("B-LT", "maintenance")


def test_a_second_store(trust: Trust, long_term: bytes) -> None:
    assert report(trust, with_store(trust, long_term)).signatures[0].level == "B-LT"


@pytest.mark.parametrize(
    "tail", [b" ", b"\0", b"%%EOF\n", b"% x\n", b"\n\n", b"1 0 obj null endobj"]
)
def test_bytes_behind_the_store(trust: Trust, long_term: bytes, tail: bytes) -> None:
    with pytest.raises(VerificationFailed):
        report(trust, long_term + tail)


def test_cut_in_the_store(trust: Trust, stamped: bytes, long_term: bytes) -> None:
    for end in range(len(stamped) + 1, len(long_term) - 1, 97):
        with pytest.raises(VerificationFailed):
            report(trust, long_term[:end])
    with pytest.raises(SignatureIncomplete):
        report(trust, stamped + b"\n")


def test_an_old_answer_still_revokes() -> None:
    """Long stale, yet it says that the certificate was revoked before the time stamp."""
    mine = Trust.create()
    mine.revocation.revoke(mine.signer.certificate, NOW - DAY)
    pdf = sign_own(plain_pdf(), mine.signer.signer(), timestamp=mine.timestamps)
    for no_ocsp in (False, True):
        mine.revocation.no_ocsp = no_ocsp
        how: dict[str, Any] = {"at": NOW + 1000 * DAY, "revocation": mine.revocation}
        with pytest.raises(CertificateRevoked):
            report(mine, pdf, **how)
    mine.revocation.revoke(mine.signer.certificate, NOW + DAY)
    assert report(mine, pdf, **how).signatures[0].level == "B-T"


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"sneaky_field", "need_appearances"}))
def test_attacks_behind_the_store(trust: Trust, long_term: bytes, name: str) -> None:
    with pytest.raises(VerificationFailed):
        report(trust, ATTACKS[name](long_term))


def with_store(
    trust: Trust, pdf: bytes, change: Callable[[Revision], None] = lambda _: None
) -> bytes:
    """One more store revision, into which ``change`` puts more."""
    revision = Revision(Document.open(pdf))
    crl = trust.revocation.crl_of(trust.authority.root)
    add_to_store(revision, ValidationData(crls=(crl,)))
    change(revision)
    return pdf + revision.build().data


def page(revision: Revision) -> None:
    ref, entries = revision.document.first_page()
    revision.replace(ref, bytes(entries).replace(b"/Contents", b"/Rotate 90/Contents"))


def content(revision: Revision) -> None:
    from sipadek.pdf.syntax import read_ref

    _, entries = revision.document.first_page()
    ref = read_ref(entries[b"Contents"])
    assert ref is not None
    revision.replace(ref, b"null")


def catalog(key: bytes, value: bytes) -> Callable[[Revision], None]:
    def change(revision: Revision) -> None:
        root, _ = revision.document.catalog()
        entries = revision.current(root)
        entries[key] = value
        revision.replace(root, bytes(entries))

    return change


def orphan(revision: Revision) -> None:
    revision.add(b"<</Lain true>>")


CHANGES = {
    "page": page,
    "content": content,
    "orphan": orphan,
    "action": catalog(b"OpenAction", b"<</S/JavaScript/JS(1)>>"),
    "names": catalog(b"Names", b"<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>"),
    "layers": catalog(b"OCProperties", b"<</OCGs[]/D<<>>>>"),
    "form": catalog(b"AcroForm", b"<</Fields[]/SigFlags 3>>"),
    "store that holds more": catalog(b"DSS", b"<</Lain 1 0 R>>"),
    "metadata": catalog(b"Metadata", b"null"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_store_that_brings_more(trust: Trust, stamped: bytes, name: str) -> None:
    assert report(trust, with_store(trust, stamped))
    with pytest.raises(VerificationFailed):
        report(trust, with_store(trust, stamped, CHANGES[name]))


def test_a_store_object_that_the_page_waited_for(trust: Trust) -> None:
    """The signed page has a reference to nothing; the store's revision would fill it."""
    bare = plain_pdf()
    new = int(re.findall(rb"/Size (\d+)", sign_own(bare, trust.signer.signer()))[-1])
    waiting = bare.replace(b"/Contents 5 0 R", b"/Contents[5 0 R %d 0 R]" % new)
    shift = len(waiting) - len(bare)
    at = int(bare.rpartition(b"startxref")[2].split()[0])
    head, table = waiting[: at + shift], waiting[at + shift :]
    five = b"%010d 00000 n" % bare.index(b"5 0 obj")
    table = table.replace(five, b"%010d 00000 n" % (bare.index(b"5 0 obj") + shift))
    table = table.replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + shift))
    pdf = sign_own(head + table, trust.signer.signer(), timestamp=trust.timestamps)
    assert report(trust, pdf)
    with pytest.raises(VerificationFailed):
        report(trust, with_store(trust, pdf))
