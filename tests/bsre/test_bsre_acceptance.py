"""Which replies of a signing service are believed."""

from __future__ import annotations

import datetime

import pytest
from bsre_signers import NIK, NOW, make_signer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipadek.bsre import BsreV1, BsreV2
from sipadek.errors import InvalidInput, ReplyNotAccepted
from sipadek.signing import ExpectedSigner, accept_reply, sign_remotely, verify_pdf
from sipadek.testing.authority import Authority
from sipadek.testing.bsre_double import BsreDouble
from sipadek.testing.bsre_signing import sign_pdf
from sipadek.testing.pdfs import PdfRecipe, build


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("altered", "other-bytes"),
        ("unsigned", "not-signed"),
        ("two-signatures", "other-signatures"),
        ("other-signer", "other-signer"),
        ("new-content", "changed"),
        ("trailing", "signature-incomplete"),
    ],
)
def test_what_is_not_our_document_with_one_good_signature_is_refused(
    double: BsreDouble,
    service: BsreV1 | BsreV2,
    authority: Authority,
    pdf: bytes,
    fault: str,
    reason: str,
) -> None:
    double.next(fault)  # type: ignore[arg-type]
    with pytest.raises(ReplyNotAccepted) as raised:
        sign_remotely(pdf, make_signer(authority, service), at=NOW)
    assert raised.value.fields["reason"] == reason
    assert NIK not in repr(raised.value) + repr(raised.value.fields)


def test_a_signature_by_another_root_or_at_another_time_is_refused(
    authority: Authority, pdf: bytes
) -> None:
    reply = sign_pdf(pdf, authority.issue("Siti", employee_number=NIK, key="p256"), at=NOW)
    stranger = Authority.create(now=NOW, key="p256")
    for trust, at in (
        (stranger.root, NOW),
        (authority.root, NOW + datetime.timedelta(days=4000)),
    ):
        with pytest.raises(ReplyNotAccepted) as raised:
            accept_reply(pdf, reply, ExpectedSigner(trust=[trust], identifier=NIK), at=at)
        assert raised.value.fields["reason"] == "signature-untrusted"
        assert NIK not in str(raised.value)
    with pytest.raises(InvalidInput):
        ExpectedSigner(trust=[stranger.root], fingerprint="abc")
    with pytest.raises(InvalidInput):
        ExpectedSigner(trust=[stranger.root], subject="bukan nama")


@pytest.mark.parametrize(
    "recipe",
    [
        PdfRecipe(),
        PdfRecipe(xref="stream"),
        PdfRecipe(annots="indirect", pages=3),
        PdfRecipe(annots="direct", form="direct"),
        PdfRecipe(form="indirect", xref="stream", rotate=90),
        PdfRecipe(updates=("table",)),
        PdfRecipe(inherited=True, tree_depth=2, pages=3),
    ],
    ids=str,
)
def test_sound_replies_for_odd_documents_are_accepted(
    authority: Authority, recipe: PdfRecipe
) -> None:
    pdf = build(recipe)
    credential = authority.issue("Siti", employee_number=NIK, key="p256")
    expected = ExpectedSigner(trust=[authority.root], identifier=NIK)
    once = sign_pdf(pdf, credential, at=NOW)
    accept_reply(pdf, once, expected, at=NOW)
    twice = sign_pdf(once, credential, at=NOW)
    assert accept_reply(once, twice, expected, at=NOW).covered == len(twice)
    with pytest.raises(ReplyNotAccepted):
        accept_reply(pdf, twice, expected, at=NOW)


def test_replies_of_another_writer_are_accepted(authority: Authority, pdf: bytes) -> None:
    """pyHanko writes dictionaries anew, as the service's library does."""
    import io

    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    credential = authority.issue("Siti", employee_number=NIK, key="p256")
    der = credential.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    given_by = [x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in credential.chain]
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(credential.certificate.public_bytes(Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore.from_certs(given_by),
    )
    expected = ExpectedSigner(trust=[authority.root], identifier=NIK)
    for box in (None, (50, 50, 150, 100)):
        done = signers.PdfSigner(
            signers.PdfSignatureMetadata(
                field_name="S", subfilter=fields.SigSeedSubFilter.PADES, reason="Nomor 1"
            ),
            signer=signer,
            new_field_spec=fields.SigFieldSpec("S", box=box),
        ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
        reply = bytes(done.getvalue())
        assert accept_reply(pdf, reply, expected, at=NOW).entire_file


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_good_reply_is_refused(
    authority: Authority, pdf: bytes, data: st.DataObject
) -> None:
    expected = ExpectedSigner(trust=[authority.root], identifier=NIK)
    reply = _good(authority, pdf)
    place = data.draw(st.integers(0, len(reply) - 1))
    flip = data.draw(st.integers(1, 255))
    spoilt = reply[:place] + bytes((reply[place] ^ flip,)) + reply[place + 1 :]
    try:
        accept_reply(pdf, spoilt, expected, at=NOW)
    except ReplyNotAccepted:
        return
    # Hex digits may be written large or small, and the room behind the CMS is of no account to it.
    start, end = reply.rindex(b"/Contents<"), reply.index(b">", reply.rindex(b"/Contents<"))
    assert start < place < end
    assert verify_pdf(spoilt, trust=[authority.root], at=NOW, limits=None).signatures


_GOOD: dict[bytes, bytes] = {}


def _good(authority: Authority, pdf: bytes) -> bytes:
    if pdf not in _GOOD:
        credential = authority.issue("Siti", employee_number=NIK, key="p256")
        _GOOD[pdf] = sign_pdf(pdf, credential, at=NOW)
    return _GOOD[pdf]


def test_the_time_needs_a_zone(authority: Authority, service: BsreV1 | BsreV2, pdf: bytes) -> None:
    with pytest.raises(InvalidInput):
        sign_remotely(pdf, make_signer(authority, service), at=NOW.replace(tzinfo=None))
