"""Documents and certificates for these tests; pyHanko signs, as an independent counterpart."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko_certvalidator.registry import SimpleCertificateStore

from sipadek.signing import (
    SignatureEvidence,
    Signer,
    signed_attributes,
    signed_data,
    signed_data_size,
    verify_pdf,
)
from sipadek.signing.keys import PrivateKey
from sipadek.testing.authority import Authority, Credential

NOW = datetime.datetime(2026, 11, 20, 3, 30, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def plain_pdf(*, text: str = "Halaman 1", form: bool = False, shift: int = 0) -> bytes:
    """A small correct PDF with a classic cross-reference table: one page and, if asked, one text
    field. ``shift`` makes startxref miss by so many bytes."""
    content = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % (b"/AcroForm<</Fields[6 0 R]>>" if form else b""),
        b"<</Type/Pages/Count 1/Kids[4 0 R]/MediaBox[0 0 595 842]>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 3 0 R>>>>/Contents 5 0 R%s>>"
        % (b"/Annots[6 0 R]" if form else b""),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
    if form:
        bodies.append(
            b"<</Type/Annot/Subtype/Widget/FT/Tx/T(isian)/V(lama)/Rect[72 600 300 630]/P 4 0 R>>"
        )
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, count = len(out), len(bodies) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    out += b"".join(b"%010d 00000 n \n" % each for each in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R/ID[<00><00>]>>\n" % count
    out += b"startxref\n%d\n%%%%EOF\n" % (start + shift)
    return bytes(out)


def startxref(pdf: bytes) -> int:
    return int(pdf.rpartition(b"startxref")[2].split()[0])


def certificate(
    issuer: Authority | None,
    key: PrivateKey,
    *,
    name: str = "Uji",
    usage: Iterable[str] | None = ("digital_signature",),
    purposes: Sequence[str] = (),
    authority: bool = False,
    start: datetime.datetime = NOW - DAY,
    end: datetime.datetime = NOW + DAY,
) -> x509.Certificate:
    """Any certificate; self-signed without an issuer."""
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    issuer_name = issuer.intermediate.subject if issuer else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if usage is not None:
        flags = {each: each in set(usage) for each in USAGES}
        builder = builder.add_extension(x509.KeyUsage(**flags), critical=True)
    if purposes:
        oids = [x509.ObjectIdentifier(each) for each in purposes]
        builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=True)
    return builder.sign(issuer.intermediate_key if issuer else key, hashes.SHA256())


def credential_of(issuer: Authority, *, key: PrivateKey | None = None, **how: Any) -> Credential:
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = certificate(issuer, key, **how)
    return Credential(certificate=made, chain=(issuer.intermediate,), key=key)


def as_asn1(given: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(given.public_bytes(Encoding.DER))


def key_as_asn1(key: PrivateKey) -> asn1_keys.PrivateKeyInfo:
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return asn1_keys.PrivateKeyInfo.load(der)


def stamping_credential(issuer: Authority, **how: Any) -> Credential:
    """For a time stamper (pyHanko's knows only RSA)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return credential_of(issuer, key=key, **how)


def time_stamper(credential: Credential) -> timestamps.DummyTimeStamper:
    return timestamps.DummyTimeStamper(
        tsa_cert=as_asn1(credential.certificate),
        tsa_key=key_as_asn1(credential.key),
        certs_to_embed=SimpleCertificateStore.from_certs(map(as_asn1, credential.chain)),
        fixed_dt=NOW,
    )


def sign(
    pdf: bytes,
    credential: Credential,
    field: str = "Signature1",
    *,
    box: tuple[int, int, int, int] | None = None,
    stamper: timestamps.DummyTimeStamper | None = None,
    strict: bool = True,
    password: str = "",
    change: Any = None,
    into: bool = False,
    **metadata: Any,
) -> bytes:
    """One more revision with a signature; ``change(writer)`` may put more into it. ``into``: the field
    is there."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=strict)
    if password:
        writer.encrypt(password)
    if change is not None:
        change(writer)
    signer = signers.SimpleSigner(
        signing_cert=as_asn1(credential.certificate),
        signing_key=key_as_asn1(credential.key),
        cert_registry=SimpleCertificateStore.from_certs(map(as_asn1, credential.chain)),
        prefer_pss=bool(metadata.pop("pss", False)),
    )
    metadata.setdefault("subfilter", fields.SigSeedSubFilter.PADES)
    done = signers.PdfSigner(
        signers.PdfSignatureMetadata(field_name=field, **metadata),
        signer=signer,
        timestamper=stamper,
        new_field_spec=None if into else fields.SigFieldSpec(field, box=box),
    ).sign_pdf(writer)
    return bytes(done.getvalue())


def stamp_time(pdf: bytes, stamper: timestamps.DummyTimeStamper) -> bytes:
    """One more revision with a document time stamp."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    done = signers.PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256")
    return bytes(done.getvalue())


def sign_with_our_cms(pdf: bytes, signer: Signer, field: str = "Signature1") -> bytes:
    """pyHanko writes the revision, sipadek the CMS."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    protocol = PdfCMSEmbedder(new_field_spec=fields.SigFieldSpec(field)).write_cms(field, writer)
    next(protocol)
    dictionary = SignatureObject(
        timestamp=NOW,
        subfilter=fields.SigSeedSubFilter.PADES,
        bytes_reserved=2 * signed_data_size(signer),
    )
    protocol.send(SigObjSetup(sig_placeholder=dictionary))
    digest, output = protocol.send(SigIOSetup(md_algorithm=signer.scheme.digest))
    attributes = signed_attributes(signer.certificate, signer.scheme, digest.document_digest)
    [signature] = signer.sign_many([attributes])
    protocol.send(signed_data(signer, attributes, signature))
    return bytes(output.getvalue())


def verify_here(source: bytes | Path, **how: Any) -> tuple[SignatureEvidence, ...]:
    """The evidence, judged in this process."""
    return verify_pdf(source, limits=None, **how).signatures
