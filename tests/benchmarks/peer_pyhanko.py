"""The peer pyHanko: a QR stamp and a PAdES signature, out of the box and tuned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.stamp import QRStampStyle, TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from sipadek.testing.authority import Credential

BOX = (18, 18, 268, 92)
URL = "https://surat.example.go.id/v/0193a5f2c4d17e0b9c5a2f1e8d7b6a05"
TEXT = "Nomor 400.12.2.1/0042/KEL-LEGOK/XI/2026\nDitandatangani secara elektronik"


class _CachedSigner(signers.SimpleSigner):
    """A signer whose key is loaded once."""

    key: Any = None

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        del digest_algorithm
        if dry_run:
            return bytes(512)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        assert isinstance(self.key, ec.EllipticCurvePrivateKey)
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


class PyHanko:
    """Signs files of the disk; nothing is synced."""

    def __init__(self, credential: Credential) -> None:
        der = credential.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        options: dict[str, Any] = {
            "signing_cert": _certificate(credential.certificate),
            "signing_key": asn1_keys.PrivateKeyInfo.load(der),
            "cert_registry": SimpleCertificateStore.from_certs(map(_certificate, credential.chain)),
        }
        self._plain = signers.SimpleSigner(**options)
        self._cached = _CachedSigner(**options)
        self._cached.key = credential.key

    def out_of_the_box(self, source: Path, target: Path) -> None:
        """As its documentation shows."""
        self._sign(source, target, self._plain, None, visible=True)

    def tuned(self, source: Path, target: Path) -> None:
        """Key loaded once, size of the signature given."""
        self._sign(source, target, self._cached, 8192, visible=True)

    def invisible(self, source: Path, target: Path) -> None:
        """The same without any stamp."""
        self._sign(source, target, self._cached, 8192, visible=False)

    def _sign(
        self, source: Path, target: Path, signer: Any, size: int | None, *, visible: bool
    ) -> None:
        metadata = signers.PdfSignatureMetadata(
            field_name="Signature1", subfilter=fields.SigSeedSubFilter.PADES
        )
        style = QRStampStyle(stamp_text=TEXT) if visible else None
        pdf_signer = signers.PdfSigner(
            metadata,
            signer=signer,
            stamp_style=style,
            new_field_spec=fields.SigFieldSpec("Signature1", box=BOX if visible else None),
        )
        with source.open("rb") as original, target.open("w+b") as file:
            pdf_signer.sign_pdf(
                IncrementalPdfFileWriter(original),
                output=file,
                bytes_reserved=size,
                appearance_text_params={"url": URL} if visible else None,
            )


def stamp_first_page(source: Path, target: Path, url: str) -> None:
    """A QR stamp on the first page, in one appended revision."""
    with source.open("rb") as original, target.open("wb") as file:
        writer = IncrementalPdfFileWriter(original)
        style = QRStampStyle(stamp_text=TEXT)
        style.create_stamp(writer, None, {"url": url}).apply(0, 18, 18)
        writer.write(file)


def stamp_every_page(source: Path, target: Path, pages: int) -> None:
    """A text stamp on each page, in one appended revision."""
    with source.open("rb") as original, target.open("wb") as file:
        writer = IncrementalPdfFileWriter(original)
        stamp = TextStampStyle(stamp_text=TEXT).create_stamp(writer, None, {})
        for page in range(pages):
            stamp.apply(page, 18, 18)
        writer.write(file)


def _certificate(certificate: Any) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
