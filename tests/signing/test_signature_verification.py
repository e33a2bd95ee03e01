from __future__ import annotations

import asyncio
import datetime
import io
import logging
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from asn1crypto import cms as asn1_cms
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import fields
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from signing_documents import (
    DAY,
    NOW,
    as_asn1,
    credential_of,
    plain_pdf,
    sign,
    sign_with_our_cms,
    stamp_time,
    stamping_credential,
    startxref,
    time_stamper,
    verify_here,
)

from sipadek.errors import (
    EncryptedPdf,
    InvalidInput,
    NotSigned,
    SignatureIncomplete,
    SignatureInvalid,
    SignatureUntrusted,
    SipadekError,
    VerificationFailed,
)
from sipadek.signing import SignatureEvidence
from sipadek.signing.verifying import claimed_signers
from sipadek.testing.authority import Authority, Credential

TIME_STAMPING = "1.3.6.1.5.5.7.3.8"


@pytest.fixture(scope="session")
def stamper(authority: Authority) -> Any:
    return time_stamper(stamping_credential(authority, name="Uji Waktu", purposes=[TIME_STAMPING]))


@pytest.fixture
def verify(authority: Authority) -> Callable[[bytes], tuple[SignatureEvidence, ...]]:
    return lambda pdf: verify_here(pdf, trust=[authority.root], at=NOW)


# --- good ones -----------------------------------------------------------------------------------


def test_a_signature_gives_evidence(
    verify: Any, signed: bytes, credential: Credential, authority: Authority
) -> None:
    [evidence] = verify(signed)
    assert evidence.kind == "signature"
    assert evidence.field == "Signature1"
    assert evidence.signer == credential.certificate.subject.rfc4514_string()
    assert "Rina Wulandari (CONTOH)" in evidence.signer
    assert evidence.root == authority.root.subject.rfc4514_string()
    assert evidence.scheme == "ecdsa-p256-sha256"
    assert evidence.digest == "sha256"
    assert evidence.covered == len(signed)
    assert evidence.entire_file
    assert evidence.later == "nothing"
    assert evidence.claimed_at is not None
    assert evidence.stamped_at is None
    assert evidence.checked_at == NOW


def test_evidence_is_frozen(verify: Any, signed: bytes) -> None:
    [evidence] = verify(signed)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        evidence.signer = "someone else"


def test_a_path_is_read(tmp_path: Path, signed: bytes, authority: Authority) -> None:
    path = tmp_path / "surat.pdf"
    path.write_bytes(signed)
    assert len(verify_here(path, trust=[authority.root], at=NOW)) == 1


def test_two_signatures_oldest_first(verify: Any, signed: bytes, signed_twice: bytes) -> None:
    first, last = verify(signed_twice)
    assert (first.field, last.field) == ("Signature1", "Signature2")
    assert (first.covered, last.covered) == (len(signed), len(signed_twice))
    assert (first.entire_file, last.entire_file) == (False, True)
    assert (first.later, last.later) == ("signatures", "nothing")


@pytest.mark.parametrize(
    ("key", "pss", "scheme", "digest"),
    [
        ("rsa-2048", False, "rsa-pkcs1-sha256", "sha256"),
        ("rsa-3072", True, "rsa-pss-sha256", "sha256"),
        ("p256", False, "ecdsa-p256-sha256", "sha256"),
        ("p384", False, "ecdsa-p384-sha384", "sha384"),
        ("ed25519", False, "ed25519", "sha512"),
    ],
)
def test_our_own_cms_verifies(
    verify: Any, authority: Authority, key: Any, pss: bool, scheme: str, digest: str
) -> None:
    signer = authority.issue("Siti Aminah", key=key).signer(pss=pss)
    [evidence] = verify(sign_with_our_cms(plain_pdf(), signer))
    assert evidence.scheme == signer.scheme.name == scheme
    assert evidence.digest == signer.scheme.digest == digest
    assert evidence.signer == signer.certificate.subject.rfc4514_string()


def test_our_cms_passes_pyhankos_own_strict_defaults(authority: Authority) -> None:
    pdf = sign_with_our_cms(plain_pdf(), authority.issue("Siti Aminah", key="rsa-2048").signer())
    [embedded] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=[as_asn1(authority.root)], moment=NOW)
    status = validate_pdf_signature(embedded, context)
    assert status.bottom_line
    assert not list(embedded.signer_info["unsigned_attrs"])
    names = {each["type"].native for each in embedded.signer_info["signed_attrs"]}
    assert names == {"content_type", "message_digest", "signing_certificate_v2"}


def test_certified_document(verify: Any, credential: Credential) -> None:
    pdf = sign(plain_pdf(), credential, certify=True)
    assert len(verify(pdf)) == 1


def test_old_style_subfilter(verify: Any, credential: Credential) -> None:
    pdf = sign(plain_pdf(), credential, subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    assert len(verify(pdf)) == 1


def test_trusted_time_stamp_in_the_signature(
    verify: Any, credential: Credential, stamper: Any
) -> None:
    [evidence] = verify(sign(plain_pdf(), credential, stamper=stamper))
    assert evidence.stamped_at == NOW


def test_document_time_stamp(verify: Any, signed: bytes, stamper: Any) -> None:
    first, last = verify(stamp_time(signed, stamper))
    assert (first.kind, last.kind) == ("signature", "timestamp")
    assert (first.later, last.later) == ("maintenance", "nothing")
    assert last.stamped_at == NOW
    assert last.claimed_at is None


def test_encrypted_document(credential: Credential, authority: Authority) -> None:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(plain_pdf())))
    writer.encrypt("pemilik", "pembaca")
    out = io.BytesIO()
    writer.write(out)
    pdf = sign(out.getvalue(), credential, password="pemilik")
    trust = [authority.root]
    for password in ("pemilik", "pembaca"):
        assert len(verify_here(pdf, trust=trust, at=NOW, password=password)) == 1
    for password in ("", "salah"):
        with pytest.raises(EncryptedPdf):
            verify_here(pdf, trust=trust, at=NOW, password=password)


def test_inside_a_running_event_loop(signed: bytes, authority: Authority) -> None:
    async def within() -> int:
        return len(verify_here(signed, trust=[authority.root], at=NOW))

    assert asyncio.run(within()) == 1


# --- trust ---------------------------------------------------------------------------------------


def test_another_root(signed: bytes) -> None:
    other = Authority.create(now=NOW - DAY, key="p256")
    with pytest.raises(SignatureUntrusted, match="leads to none"):
        verify_here(signed, trust=[other.root], at=NOW)


def test_no_root_at_all_falls_back_on_nothing(signed: bytes) -> None:
    with pytest.raises(SignatureUntrusted):
        verify_here(signed, trust=[], at=NOW)


def test_same_name_other_key(credential: Credential) -> None:
    pdf = sign(plain_pdf(), credential)
    namesake = Authority.create(now=NOW - 30 * DAY, key="p256")
    assert namesake.root.subject == Authority.create(now=NOW, key="p256").root.subject
    with pytest.raises(SignatureUntrusted):
        verify_here(pdf, trust=[namesake.root], at=NOW)


def test_missing_intermediate(authority: Authority, credential: Credential) -> None:
    pdf = sign(plain_pdf(), attrs.evolve(credential, chain=()))
    with pytest.raises(SignatureUntrusted):
        verify_here(pdf, trust=[authority.root], at=NOW)
    [evidence] = verify_here(pdf, trust=[authority.intermediate], at=NOW)
    assert evidence.root == authority.intermediate.subject.rfc4514_string()


@pytest.mark.parametrize("days", [-31, 800])
def test_outside_validity(signed: bytes, authority: Authority, days: int) -> None:
    with pytest.raises(SignatureUntrusted, match="is valid from"):
        verify_here(signed, trust=[authority.root], at=NOW + days * DAY)


def test_without_a_time_the_present_is_meant(authority: Authority) -> None:
    now = datetime.datetime.now(datetime.UTC)
    current = Authority.create(now=now - DAY, key="p256")
    assert verify_here(sign(plain_pdf(), current.issue("Uji", key="p256")), trust=[current.root])
    gone = current.issue("Uji", key="p256", valid_from=now - DAY / 2, days=0)
    with pytest.raises(SignatureUntrusted):
        verify_here(sign(plain_pdf(), gone), trust=[current.root])


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"usage": ("key_encipherment",)}, "key usage"),
        ({"usage": ("digital_signature", "key_cert_sign"), "authority": True}, "authority"),
        ({"purposes": ["1.3.6.1.5.5.7.3.1"]}, "machines"),
        ({"purposes": [TIME_STAMPING]}, "machines"),
    ],
)
def test_certificates_that_are_not_for_documents(
    verify: Any, authority: Authority, how: dict[str, Any], why: str
) -> None:
    with pytest.raises(SignatureUntrusted, match=why):
        verify(sign(plain_pdf(), credential_of(authority, **how), signer_key_usage=set()))


@pytest.mark.parametrize(
    "how",
    [
        {"usage": None},
        {"usage": ("digital_signature",)},
        {"usage": ("content_commitment",)},
        {"purposes": ["1.3.6.1.5.5.7.3.36"]},
        {"purposes": ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4"]},
    ],
)
def test_certificates_that_may_sign(verify: Any, authority: Authority, how: Any) -> None:
    assert verify(sign(plain_pdf(), credential_of(authority, **how), signer_key_usage=set()))


def test_weak_digest(verify: Any, credential: Credential) -> None:
    pdf = sign(plain_pdf(), credential, md_algorithm="sha1")
    with pytest.raises(SignatureUntrusted, match="too weak"):
        verify(pdf)


def test_untrusted_time_stamp(verify: Any, credential: Credential) -> None:
    other = Authority.create(now=NOW - 30 * DAY, key="p256")
    stamper = time_stamper(stamping_credential(other, name="Lain", purposes=[TIME_STAMPING]))
    with pytest.raises(SignatureUntrusted, match="time stamp"):
        verify(sign(plain_pdf(), credential, stamper=stamper))


def test_document_time_stamp_by_a_signer(verify: Any, signed: bytes, authority: Authority) -> None:
    signer = stamping_credential(authority, purposes=["1.3.6.1.5.5.7.3.36"])
    with pytest.raises(SignatureUntrusted):
        verify(stamp_time(signed, time_stamper(signer)))


# --- not signed, incomplete, altered -------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"hello", plain_pdf(), b"%PDF-1.7\n", bytes(4096)])
def test_unsigned(verify: Any, data: bytes) -> None:
    with pytest.raises(NotSigned):
        verify(data)


def test_a_time_stamp_alone_is_no_signature(verify: Any, stamper: Any) -> None:
    with pytest.raises(NotSigned, match="only time stamps"):
        verify(stamp_time(plain_pdf(), stamper))


def test_an_empty_signature_field_is_no_signature(verify: Any) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(plain_pdf(text="/ByteRange")))
    fields.append_signature_field(writer, fields.SigFieldSpec("Kosong"))
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(NotSigned):
        verify(out.getvalue())


@given(tail=st.binary(min_size=1, max_size=200))
def test_appended_bytes(
    signed: bytes, signed_twice: bytes, authority: Authority, tail: bytes
) -> None:
    for pdf in (signed, signed_twice):
        with pytest.raises(VerificationFailed):
            verify_here(pdf + tail, trust=[authority.root], at=NOW)


@pytest.mark.parametrize("tail", [b"\n", b" ", b"%", b"%%EOF\n", b"\0", b"startxref\n0\n%%EOF"])
def test_harmless_looking_bytes_behind_the_signature(
    verify: Any, signed: bytes, tail: bytes
) -> None:
    with pytest.raises(VerificationFailed if b"EOF" in tail else SignatureIncomplete):
        verify(signed + tail)


def test_unsigned_revision_behind_the_signature(verify: Any, signed: bytes) -> None:
    later = signed + (
        b"\nxref\n0 0\ntrailer\n<</Size 20/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
        % (startxref(signed), len(signed) + 1)
    )
    with pytest.raises(VerificationFailed):
        verify(later)


@given(data=st.data())
def test_any_flipped_byte_is_noticed(
    signed: bytes, signed_twice: bytes, authority: Authority, data: st.DataObject
) -> None:
    pdf = data.draw(st.sampled_from([signed, signed_twice]))
    holes = [match.span() for match in re.finditer(rb"<[0-9a-fA-F]{1000,}>", pdf)]
    covered = st.integers(0, len(pdf) - 1).filter(
        # Only the newest signature's own hole is not covered.
        lambda at: not holes[-1][0] <= at < holes[-1][1]
    )
    at, bits = data.draw(covered), data.draw(st.integers(1, 255))
    altered = bytearray(pdf)
    altered[at] ^= bits
    with pytest.raises(VerificationFailed):
        verify_here(bytes(altered), trust=[authority.root], at=NOW)


@given(data=st.data())
def test_cut_or_spliced_files(
    signed_twice: bytes, authority: Authority, data: st.DataObject
) -> None:
    where = st.integers(0, len(signed_twice))
    start, end = sorted((data.draw(where), data.draw(where)))
    middle = data.draw(st.sampled_from([b"", b"\n", b"0", signed_twice[:40]]))
    altered = signed_twice[:start] + middle + signed_twice[end:]
    if altered == signed_twice:
        return
    try:
        found = verify_here(altered, trust=[authority.root], at=NOW)
    except VerificationFailed:
        return
    # What is cut off may leave the first signature's file whole, and nothing else.
    assert len(found) == 1
    assert altered == signed_twice[: found[0].covered]


def test_data_behind_the_cms_in_its_hole(verify: Any, signed: bytes) -> None:
    hole = re.search(rb"<[0-9a-fA-F]{1000,}>", signed)
    assert hole is not None
    altered = bytearray(signed)
    altered[hole.end() - 3 : hole.end() - 1] = b"41"
    with pytest.raises(SignatureInvalid, match="other data"):
        verify(bytes(altered))


def test_white_space_in_the_hole(verify: Any, signed: bytes) -> None:
    hole = re.search(rb"<[0-9a-fA-F]{1000,}>", signed)
    assert hole is not None
    altered = bytearray(signed)
    altered[hole.end() - 3 : hole.end() - 1] = b"\n\n"
    with pytest.raises(SignatureInvalid, match="other bytes"):
        verify(bytes(altered))


def test_signature_of_another_document(verify: Any, authority: Authority) -> None:
    credential = authority.issue("Ed", key="ed25519")  # signatures of one length
    one = sign(plain_pdf(text="Halaman 1"), credential)
    two = sign(plain_pdf(text="Halaman 2"), credential)
    hole = re.compile(rb"<[0-9a-fA-F]{1000,}>")
    moved = hole.sub(lambda _: hole.search(one)[0], two)  # type: ignore[index]
    with pytest.raises(SignatureInvalid, match="altered"):
        verify(moved)


def test_unknown_kind_of_signature(verify: Any, signed: bytes, second: Credential) -> None:
    altered = signed.replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.detacked")
    assert altered != signed
    with pytest.raises(SignatureInvalid, match="kind"):
        verify(altered)
    with pytest.raises(SignatureInvalid, match="kind"):
        verify(sign(altered, second, "Signature2"))


# --- what may come after a signature -------------------------------------------------------------


def test_filled_form_after_a_signature(
    verify: Any, credential: Credential, second: Credential
) -> None:
    def fill(writer: Any) -> None:
        for field in writer.root["/AcroForm"]["/Fields"]:
            if field.get_object()["/T"] == "isian":
                field.get_object()["/V"] = generic.TextStringObject("baru")
                writer.mark_update(field.reference)

    once = sign(plain_pdf(form=True), credential)
    assert len(verify(sign(once, second, "Signature2"))) == 2
    with pytest.raises(SignatureInvalid, match="changed after"):
        verify(sign(once, second, "Signature2", change=fill))


def test_changed_page_after_a_signature(verify: Any, signed: bytes, second: Credential) -> None:
    def repaint(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"].raw_get(0)
        content = generic.StreamObject(stream_data=b"BT /F1 24 Tf 72 700 Td (Lain) Tj ET")
        page.get_object()["/Contents"] = writer.add_object(content)
        writer.mark_update(page.reference)

    with pytest.raises(SignatureInvalid, match="changed after"):
        verify(sign(signed, second, "Signature2", change=repaint))


def test_visible_signature_after_certification(
    verify: Any, credential: Credential, second: Credential
) -> None:
    certified = sign(
        plain_pdf(), credential, certify=True, docmdp_permissions=fields.MDPPerm.FILL_FORMS
    )
    assert len(verify(sign(certified, second, "Signature2"))) == 2
    with pytest.raises(SignatureInvalid, match="changed after"):
        verify(sign(certified, second, "Signature2", box=(50, 50, 250, 120)))


@pytest.mark.parametrize(
    "unaccounted",
    [
        b"99 0 obj\n<</Tersembunyi true>>\nendobj\n",
        b"garis\n",
        b"\x00\x01\x02\n",
    ],
)
def test_bytes_of_no_revision(
    verify: Any, signed: bytes, second: Credential, unaccounted: bytes
) -> None:
    pdf = sign(signed + unaccounted, second, "Signature2")
    with pytest.raises(SignatureInvalid, match="belong to no revision"):
        verify(pdf)


def test_a_revision_that_the_next_one_skips(verify: Any, signed: bytes, second: Credential) -> None:
    """The file's chain of revisions leaves one out: readers that rebuild it would find it."""
    at = len(signed)
    skipped = b"5 0 obj\n<</Length 0>>stream\n\nendstream\nendobj\n"
    skipped += b"xref\n5 1\n%010d 00000 n \ntrailer\n<</Size 20/Root 1 0 R/Prev %d>>\n" % (
        at,
        startxref(signed),
    )
    skipped += b"startxref\n%d\n%%%%EOF\n" % startxref(signed)
    with pytest.raises(SignatureInvalid, match="belong to no revision"):
        verify(sign(signed + skipped, second, "Signature2"))


def test_object_and_reference_streams(
    verify: Any, second: Credential, credential: Credential
) -> None:
    """Revisions with cross-reference streams are accounted for as well."""
    out = io.BytesIO()
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(plain_pdf())))
    writer.stream_xrefs = True
    writer.write(out)
    once = sign(out.getvalue(), credential)
    twice = sign(once, second, "Signature2", box=(50, 50, 250, 120))
    assert b"/XRef" in twice[len(once) :]
    assert len(verify(twice)) == 2
    with pytest.raises(SignatureInvalid, match="belong to no revision"):
        verify(sign(once + b"garis\n", second, "Signature2"))


def test_damaged_file_with_one_signature_only(
    verify: Any, credential: Credential, second: Credential
) -> None:
    damaged = plain_pdf(shift=2)
    with pytest.raises(PdfReadError):
        PdfFileReader(io.BytesIO(damaged), strict=True)
    once = sign(damaged, credential, strict=False)
    [evidence] = verify(once)
    assert evidence.entire_file
    with pytest.raises(SignatureIncomplete):
        verify(once + b"\n")
    with pytest.raises(SignatureInvalid, match="several signatures"):
        verify(sign(once, second, "Signature2", strict=False))


# --- manners -------------------------------------------------------------------------------------


def test_naive_time(signed: bytes) -> None:
    with pytest.raises(InvalidInput):
        verify_here(signed, trust=[], at=datetime.datetime(2026, 1, 1))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        verify_here(tmp_path / "none.pdf", trust=[], at=NOW)


def test_import_leaves_pyhanko_out() -> None:
    code = (
        "import sys, sipadek.signing\n"
        "assert not {'pyhanko', 'asn1crypto', 'pyhanko_certvalidator'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_printed_and_no_logging_configured(tmp_path: Path, signed: bytes) -> None:
    path = tmp_path / "surat.pdf"
    path.write_bytes(signed)
    code = (
        "import logging, pathlib, sys\n"
        "from sipadek.signing import verify_pdf\n"
        "from sipadek.errors import SignatureUntrusted\n"
        "try:\n"
        "    verify_pdf(pathlib.Path(sys.argv[1]), trust=[], limits=None)\n"
        "except SignatureUntrusted:\n"
        "    pass\n"
        "else:\n"
        "    sys.exit('verified without a root')\n"
        "assert not logging.getLogger().handlers\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_hosts_that_log_still_hear_pyhanko(signed: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(SignatureUntrusted):
        verify_here(signed, trust=[], at=NOW)
    assert any(each.name.startswith("pyhanko") for each in caplog.records)


def test_errors_of_other_libraries_stay_inside(verify: Any, signed: bytes) -> None:
    for number in (0, 1, 5, 10**12, -1):
        altered = re.sub(rb"/ByteRange ?\[[^]]*\]", b"/ByteRange [0 %d 3 4]" % number, signed)
        with pytest.raises(VerificationFailed):
            verify(altered)


def test_who_claims_to_have_signed(
    signed_twice: bytes, credential: Credential, second: Credential
) -> None:
    """Also where nothing verifies: a host may ask whom it would have to trust."""
    altered = signed_twice.replace(b"Halaman", b"Halamen") + b"\n"
    for pdf in (signed_twice, altered):
        assert claimed_signers(pdf) == (credential.certificate, second.certificate)
    assert claimed_signers(plain_pdf()) == ()
    assert claimed_signers(b"/ByteRange") == ()


# --- real files ----------------------------------------------------------------------------------


def certificates_in(pdf: bytes) -> list[x509.Certificate]:
    found = []
    for match in re.finditer(rb"<([0-9A-Fa-f]{500,})>", pdf):
        try:
            data = asn1_cms.ContentInfo.load(bytes.fromhex(match[1].decode()))["content"]
            ders = [each.chosen.untag().dump() for each in data["certificates"]]
            found += [x509.load_der_x509_certificate(each) for each in ders]
        except (ValueError, KeyError, TypeError):
            continue
    return found


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_attacks_do_not_verify(corpus: Callable[[str], list[Path]]) -> None:
    files = [each for each in corpus("attacks") if "manipulated" in each.name]
    assert files
    for path in files:
        data = path.read_bytes()
        trust = certificates_in(data)
        assert trust, path.name
        at = max(each.not_valid_before_utc for each in trust) + DAY
        with pytest.raises(VerificationFailed):
            verify_here(data, trust=trust, at=at)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_attacked_files_verify_as_signed(corpus: Callable[[str], list[Path]]) -> None:
    """The same certificates are trusted: so it is the manipulation that the test above rejects."""
    files = [each for each in corpus("attacks") if each.stem.endswith("shadowed-signed")]
    assert files
    for path in files:
        data = path.read_bytes()
        trust = certificates_in(data)
        at = max(each.not_valid_before_utc for each in trust) + DAY
        assert len(verify_here(data, trust=trust, at=at)) == 1


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("folder", ["pyhanko", "attacks"])
def test_real_files_give_evidence_or_our_errors(
    corpus: Callable[[str], list[Path]], folder: str
) -> None:
    good = 0
    for path in corpus(folder):
        data = path.read_bytes()
        trust = certificates_in(data)
        at = max((each.not_valid_before_utc for each in trust), default=NOW) + DAY
        try:
            good += len(verify_here(data, trust=trust, at=at))
        except SipadekError:
            continue
    assert good
