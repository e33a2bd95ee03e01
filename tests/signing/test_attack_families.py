"""Attacks on structure, values, looks and certifications: refused, bare and under a trusted seal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields, signers
from signing_documents import (
    NOW,
    plain_pdf,
    sign,
    stamp_time,
    stamping_credential,
    time_stamper,
    verify_here,
)

from sipadek.errors import (
    ChangedAfterSigning,
    SignatureInvalid,
    SipadekError,
    VerificationFailed,
)
from sipadek.testing.attacks import ATTACKS
from sipadek.testing.authority import Authority, Credential
from sipadek.testing.content_attacks import CONTENT_ATTACKS, SHADOWS
from sipadek.testing.structure_attacks import STRUCTURE_ATTACKS
from sipadek.testing.value_attacks import VALUE_ATTACKS

APPENDED = {**STRUCTURE_ATTACKS, **CONTENT_ATTACKS}
UNREADABLE = {
    *("two_contents", "two_pages", "two_values", "two_roots", "encrypted_later"),
    *("no_table", "garbage_tail", "xref_in_comment"),
}
LOOK = "empty_field_over_page"
TEXT = (70, 695, 200, 720)
BLANK = (50, 50, 250, 120)


@pytest.fixture(scope="module")
def stamper(authority: Authority) -> Any:
    return time_stamper(stamping_credential(authority, purposes=["1.3.6.1.5.5.7.3.8"]))


@pytest.fixture
def verify(authority: Authority) -> Any:
    return lambda pdf: verify_here(pdf, trust=[authority.root], at=NOW)


@pytest.mark.parametrize("name", APPENDED)
def test_what_is_appended(verify: Any, signed: bytes, stamper: Any, name: str) -> None:
    """Also under a time stamp, which whoever attacks can have from a public authority."""
    attacked = APPENDED[name](signed)
    assert attacked.startswith(signed)
    assert len(attacked) > len(signed)
    with pytest.raises(SipadekError):
        verify(attacked)
    try:
        pdf = stamp_time(attacked, stamper)
    except Exception:  # pyHanko cannot add to what it cannot read
        assert name in UNREADABLE
        return
    assert name not in UNREADABLE
    with pytest.raises(VerificationFailed):
        verify(pdf)


@pytest.mark.parametrize("name", VALUE_ATTACKS)
def test_each_value_has_its_own_reason(verify: Any, signed: bytes, name: str) -> None:
    attack, reason = VALUE_ATTACKS[name]
    attacked = attack(signed)
    assert attacked != signed
    with pytest.raises(SignatureInvalid, match=reason):
        verify(attacked)


@pytest.mark.parametrize("name", SHADOWS)
def test_what_was_prepared_before_signing(
    verify: Any, credential: Credential, stamper: Any, name: str
) -> None:
    shadow = SHADOWS[name]
    victim = sign(shadow.prepare(plain_pdf()), credential)
    assert len(verify(victim)) == 1
    attacked = shadow.attack(victim)
    for pdf in (attacked, stamp_time(attacked, stamper)):
        with pytest.raises(VerificationFailed):
            verify(pdf)


# --- certifications ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", list(fields.MDPPerm))
def test_a_certified_document(
    verify: Any, credential: Credential, second: Credential, stamper: Any, level: Any
) -> None:
    victim = sign(plain_pdf(), credential, certify=True, docmdp_permissions=level)
    for attack in (ATTACKS["evil_annotation"], CONTENT_ATTACKS[LOOK]):
        with pytest.raises(ChangedAfterSigning):
            verify(stamp_time(attack(victim), stamper))
    # A further signature is what levels 2 and 3 allow, where it shows nothing.
    assert len(verify(stamp_time(victim, stamper))) == 2
    try:
        signed_again = sign(victim, second, "Signature2")
    except Exception:
        assert level is fields.MDPPerm.NO_CHANGES
        return
    assert len(verify(signed_again)) == 2


@pytest.mark.parametrize("name", ["prepared_field", "prepared_kid"])
def test_a_prepared_field_under_certification(
    verify: Any, credential: Credential, stamper: Any, name: str
) -> None:
    shadow = SHADOWS[name]
    victim = sign(shadow.prepare(plain_pdf()), credential, certify=True)
    with pytest.raises(ChangedAfterSigning):
        verify(stamp_time(shadow.attack(victim), stamper))


def test_a_locked_field_is_not_filled_in(
    verify: Any, credential: Credential, second: Credential
) -> None:
    def lock(writer: Any) -> None:
        fields.append_signature_field(writer, fields.SigFieldSpec("Signature2"))
        spec = fields.SigFieldSpec(
            "Signature1",
            field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, ["Signature2"]),
        )
        fields.append_signature_field(writer, spec)

    pdf = written(plain_pdf(), lock)
    with pytest.raises(ChangedAfterSigning):
        verify(sign_field(sign_field(pdf, credential, "Signature1"), second, "Signature2"))


# --- what a later signature shows ----------------------------------------------------------------


def test_a_later_signature_beside_the_text(verify: Any, signed: bytes, second: Credential) -> None:
    first, last = verify(sign(signed, second, "Signature2", box=BLANK))
    assert (first.later, last.later) == ("signatures", "nothing")


@pytest.mark.parametrize("box", [TEXT, (0, 0, 595, 842), (0, 0, 595, 600), (150, 690, 500, 710)])
def test_a_later_signature_over_the_text_or_most_of_a_page(
    verify: Any, signed: bytes, second: Credential, box: tuple[int, int, int, int]
) -> None:
    with pytest.raises(ChangedAfterSigning, match="person"):
        verify(sign(signed, second, "Signature2", box=box))


def test_a_later_signature_over_a_tag(
    verify: Any, credential: Credential, second: Credential
) -> None:
    once = sign(plain_pdf(text="${ttd}"), credential)
    assert len(verify(sign(once, second, "Signature2", box=TEXT))) == 2
    once = sign(plain_pdf(text="${ttd}) Tj 0 0 Td (Rp 1.000"), credential)  # text over the tag
    with pytest.raises(ChangedAfterSigning, match="covers"):
        verify(sign(once, second, "Signature2", box=TEXT))


def test_a_later_signature_over_an_earlier_one(
    verify: Any, authority: Authority, signed_twice: bytes
) -> None:
    third = authority.issue("Siti", key="p256")
    assert len(verify(sign(signed_twice, third, "Signature3", box=(300, 50, 500, 120)))) == 3
    with pytest.raises(ChangedAfterSigning, match="covers what was on page 1"):
        verify(sign(signed_twice, third, "Signature3", box=(200, 60, 300, 100)))


def test_a_place_that_was_kept_for_it(
    verify: Any, credential: Credential, second: Credential
) -> None:
    for box, good in ((BLANK, True), (TEXT, False)):
        pdf = written(
            plain_pdf(),
            lambda writer, box=box: fields.append_signature_field(
                writer, fields.SigFieldSpec("Signature2", box=box)
            ),
        )
        once = sign(pdf, credential)
        twice = sign_field(once, second, "Signature2")
        if good:
            assert len(verify(twice)) == 2
        else:
            with pytest.raises(ChangedAfterSigning, match="covers"):
                verify(twice)


def test_a_time_stamp_that_shows_something(verify: Any, signed: bytes, stamper: Any) -> None:
    pdf = written(signed, shown_field)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    done = signers.PdfTimeStamper(stamper, field_name="Cap").timestamp_pdf(writer, "sha256")
    with pytest.raises(ChangedAfterSigning, match="is a time stamp"):
        verify(done.getvalue())


@pytest.mark.parametrize("flags", [8, 16])
def test_a_look_that_leaves_its_place(
    verify: Any, signed: bytes, second: Credential, flags: int
) -> None:
    def loose(writer: Any) -> None:
        shown_field(writer)
        [field] = [
            each for each in writer.root["/AcroForm"]["/Fields"] if each.get_object()["/T"] == "Cap"
        ]
        field.get_object()["/F"] = generic.NumberObject(flags)

    with pytest.raises(ChangedAfterSigning, match="leaves its place"):
        verify(sign_field(written(signed, loose), second, "Cap"))


def test_an_annotation_in_the_revision_of_a_time_stamp(
    verify: Any, signed: bytes, stamper: Any
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(ATTACKS["evil_annotation"](signed)))
    done = signers.PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256")
    with pytest.raises(ChangedAfterSigning):
        verify(done.getvalue())


def shown_field(writer: Any) -> None:
    """An empty signature field in blank space, with words in it."""
    fields.append_signature_field(writer, fields.SigFieldSpec("Cap", box=BLANK))
    [field] = [
        each for each in writer.root["/AcroForm"]["/Fields"] if each.get_object()["/T"] == "Cap"
    ]
    box = BoxConstraints(width=200, height=70)
    look = RawContent(b"BT /F1 24 Tf (DIBATALKAN) Tj ET", box=box).as_form_xobject()
    field.get_object()["/AP"] = generic.DictionaryObject(
        {generic.NameObject("/N"): writer.add_object(look)}
    )


def written(pdf: bytes, change: Any) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign_field(pdf: bytes, credential: Credential, name: str) -> bytes:
    """Signs a field that is there."""
    return sign(pdf, credential, name, into=True)
