"""The peer: what a developer would glue together today, each part used as its documentation shows.

A QR overlay (qrcode, reportlab) merged onto page 1 by pypdf, a PAdES signature by pyHanko with a
PKCS#12 signer loaded once, the text by pypdf, a Whoosh index, and a file on disk. It is given every
doubt: no register, no fsync, and in a batch a single commit of the index at the end.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pypdf
import qrcode  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen import canvas  # type: ignore[import-untyped]
from whoosh import index
from whoosh.fields import ID, TEXT, Schema

PASSPHRASE = b"rahasia"
SCHEMA = Schema(number=ID(stored=True, unique=True), subject=TEXT(stored=True), content=TEXT)

_signer: Any = None


def load_signer(path: Path) -> None:
    """Load the PKCS#12 file, once in each process."""
    global _signer  # noqa: PLW0603  what a pool's initializer sets is the process's own
    _signer = signers.SimpleSigner.load_pkcs12(str(path), passphrase=PASSPHRASE)


def make_pkcs12(path: Path) -> None:
    """An RSA-2048 key and a self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Pejabat Penanda Tangan")])
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    protection = serialization.BestAvailableEncryption(PASSPHRASE)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"signer", key, certificate, None, protection)
    )


def stamp_and_sign(source: Path, number: str, target: Path) -> str:
    """One letter without the index; returns its text."""
    reader = pypdf.PdfReader(source)
    writer = pypdf.PdfWriter(clone_from=reader)
    writer.pages[0].merge_page(overlay(number).pages[0])
    stamped = io.BytesIO()
    writer.write(stamped)
    signed = signers.sign_pdf(
        IncrementalPdfFileWriter(stamped),
        signers.PdfSignatureMetadata(
            field_name="Signature1", subfilter=fields.SigSeedSubFilter.PADES
        ),
        signer=_signer,
    )
    target.write_bytes(signed.getbuffer())
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(target).pages)


def overlay(number: str) -> pypdf.PdfReader:
    """A page with a QR code and two lines, made anew."""
    code = qrcode.make(f"https://surat.example.go.id/periksa?nomor={number}")
    picture = io.BytesIO()
    code.save(picture)
    picture.seek(0)
    page = io.BytesIO()
    drawing = canvas.Canvas(page, pagesize=(595.276, 841.89))
    drawing.drawImage(ImageReader(picture), 18, 18, width=74, height=74)
    drawing.setFont("Helvetica", 8)
    drawing.drawString(98, 60, f"Nomor: {number}")
    drawing.drawString(98, 48, "Dokumen ini ditandatangani secara elektronik.")
    drawing.save()
    page.seek(0)
    return pypdf.PdfReader(page)


class Glue:
    """The pipeline with its index and its folder."""

    def __init__(self, folder: Path, pkcs12_file: Path) -> None:
        self._files = folder / "files"
        self._files.mkdir(parents=True)
        (folder / "index").mkdir()
        self._index = index.create_in(str(folder / "index"), SCHEMA)
        self._last = 0
        load_signer(pkcs12_file)

    def _next(self) -> tuple[str, Path]:
        self._last += 1
        return f"400.12/{self._last:04}/KEL-LEGOK/2026", self._files / f"{self._last}.pdf"

    def file(self, source: Path) -> None:
        """One letter, indexed at once."""
        self.file_plainly([source])

    def file_plainly(self, sources: Iterable[Path]) -> int:
        """A loop in this process; the index is committed once."""
        writer = self._index.writer()
        count = 0
        for source in sources:
            number, target = self._next()
            text = stamp_and_sign(source, number, target)
            writer.add_document(number=number, subject=source.stem, content=text)
            count += 1
        writer.commit()
        return count

    def file_in_pool(self, sources: Iterable[Path], pool: Executor) -> int:
        """The same with the work of each letter in a pool, the index in this process."""
        jobs = [(source, *self._next()) for source in sources]
        texts = pool.map(stamp_and_sign, *zip(*jobs, strict=True))
        writer = self._index.writer()
        for (source, number, _), text in zip(jobs, texts, strict=True):
            writer.add_document(number=number, subject=source.stem, content=text)
        writer.commit()
        return len(jobs)
