"""A throw-away certificate authority, for demonstrations and tests.

Its certificates look like those of a city's officials, and say CONTOH (sample) in every name so
that nobody takes them for real. Its private keys lie unencrypted where :meth:`Authority.save` puts
them.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Literal, TypeAlias, cast

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sipadek.errors import InvalidInput
from sipadek.signing.keys import KeySigner, PrivateKey

KeyKind: TypeAlias = Literal["rsa-2048", "rsa-3072", "p256", "p384", "ed25519"]

_ORGANIZATION = "Pemerintah Kota Jambi (CONTOH)"
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_DAY = datetime.timedelta(days=1)
_NO_USAGE = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


@attrs.frozen(kw_only=True)
class Credential:
    """A certificate with its private key and the certificates that issued it, without the root."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: PrivateKey = attrs.field(repr=False)

    def signer(self, *, pss: bool = False) -> KeySigner:
        """A signer; ``pss`` as for :meth:`KeySigner.from_pem`."""
        return KeySigner.from_key(self.certificate, self.key, chain=self.chain, pss=pss)

    def write_pkcs12(self, path: Path, passphrase: str) -> None:
        """A PKCS #12 file that its owner alone may read."""
        data = pkcs12.serialize_key_and_certificates(
            b"sipadek CONTOH",
            self.key,
            self.certificate,
            self.chain,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )
        _write_private(path, data)

    def write_pem(self, certificate: Path, key: Path, *, passphrase: str | None = None) -> None:
        """PEM files: the certificate followed by its issuers; the key, which its owner can read."""
        certificate.write_bytes(_pem(self.certificate, *self.chain))
        _write_private(key, _key_pem(self.key, passphrase))


@attrs.frozen(kw_only=True)
class Authority:
    """A root, an intermediate authority, and the power to issue.

    ``services`` is the address of its trust services (`sipadek.testing.trust_server`); certificates
    then say where to ask whether they are revoked, and for their issuer.
    """

    root: x509.Certificate
    intermediate: x509.Certificate
    root_key: PrivateKey = attrs.field(repr=False)
    intermediate_key: PrivateKey = attrs.field(repr=False)
    services: str = ""

    @classmethod
    def create(
        cls,
        *,
        now: datetime.datetime,
        key: KeyKind = "rsa-2048",
        days: int = 3650,
        services: str = "",
    ) -> Authority:
        """New keys and certificates, valid from ``now`` (aware) for ``days`` days."""
        root_key, intermediate_key = new_key(key), new_key(key)
        root_name = _name("CONTOH Akar Sertifikasi Uji", "Otoritas Sertifikat Uji")
        name = _name("CONTOH Penerbit Sertifikat Pejabat", "Otoritas Sertifikat Uji")
        root = _builder(root_name, root_name, root_key, now, days)
        intermediate = _builder(name, root_name, intermediate_key, now, days)
        intermediate = _with_services(intermediate, services, "root")
        return cls(
            root=_authority_certificate(root, root_key, None),
            intermediate=_authority_certificate(intermediate, root_key, 0),
            root_key=root_key,
            intermediate_key=intermediate_key,
            services=services,
        )

    def issue(
        self,
        common_name: str,
        *,
        organization_unit: str = "Sekretariat Daerah",
        employee_number: str = "000000000000000000",
        key: KeyKind = "rsa-2048",
        valid_from: datetime.datetime | None = None,
        days: int = 730,
    ) -> Credential:
        """A certificate for signing documents.

        ``employee_number`` is the NIP (18 digits), which stands as the subject's serialNumber; keep
        to numbers that nobody has. ``valid_from`` (aware) is by default when the authority's own
        validity begins. ``(CONTOH)`` is put behind the name.
        """
        private_key = new_key(key)
        subject = _name(f"{common_name} (CONTOH)", organization_unit, employee_number)
        start = valid_from or self.intermediate.not_valid_before_utc
        usage = {**_NO_USAGE, "digital_signature": True, "content_commitment": True}
        purposes = [_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]
        builder = _builder(subject, self.intermediate.subject, private_key, start, days)
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(_authority_key_id(self.intermediate_key), critical=False)
        )
        return self._issued(_with_services(builder, self.services, "intermediate"), private_key)

    def issue_service(
        self,
        purpose: Literal["time stamps", "ocsp"],
        *,
        key: KeyKind = "rsa-2048",
        valid_from: datetime.datetime | None = None,
        days: int = 730,
        no_check: bool = True,
    ) -> Credential:
        """A certificate for a time-stamping authority or an OCSP responder; with ``no_check`` the
        latter's is not to be asked about itself (RFC 6960, 4.2.2.2.1)."""
        private_key = new_key(key)
        names = {"time stamps": "Stempel Waktu Uji", "ocsp": "Penjawab OCSP Uji"}
        subject = _name(f"{names[purpose]} (CONTOH)", "Otoritas Sertifikat Uji")
        start = valid_from or self.intermediate.not_valid_before_utc
        builder = _builder(subject, self.intermediate.subject, private_key, start, days)
        extended = (
            ExtendedKeyUsageOID.TIME_STAMPING
            if purpose == "time stamps"
            else ExtendedKeyUsageOID.OCSP_SIGNING
        )
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**{**_NO_USAGE, "digital_signature": True}), critical=True)
            .add_extension(x509.ExtendedKeyUsage([extended]), critical=True)
            .add_extension(_authority_key_id(self.intermediate_key), critical=False)
        )
        if purpose == "ocsp" and no_check:
            builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        else:
            builder = _with_services(builder, self.services, "intermediate")
        return self._issued(builder, private_key)

    def _issued(self, builder: x509.CertificateBuilder, key: PrivateKey) -> Credential:
        return Credential(
            certificate=_sign(builder, self.intermediate_key), chain=(self.intermediate,), key=key
        )

    def save(self, folder: Path) -> None:
        """Keeps the authority in ``folder``, keys unencrypted, for :meth:`load`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "root.pem").write_bytes(_pem(self.root))
        (folder / "intermediate.pem").write_bytes(_pem(self.intermediate))
        _write_private(folder / "root-key.pem", _key_pem(self.root_key, None))
        _write_private(folder / "intermediate-key.pem", _key_pem(self.intermediate_key, None))

    @classmethod
    def load(cls, folder: Path) -> Authority:
        """What :meth:`save` kept.

        Raises:
            InvalidInput: the folder does not hold an authority.
        """
        try:
            return cls(
                root=x509.load_pem_x509_certificate((folder / "root.pem").read_bytes()),
                intermediate=x509.load_pem_x509_certificate(
                    (folder / "intermediate.pem").read_bytes()
                ),
                root_key=_load_key(folder / "root-key.pem"),
                intermediate_key=_load_key(folder / "intermediate-key.pem"),
            )
        except (OSError, ValueError) as error:
            raise InvalidInput(
                f"The folder {folder} does not hold a sample authority ({error}). Make one with "
                "Authority.create(...).save(folder).",
                path=str(folder),
            ) from error


def new_key(kind: KeyKind) -> PrivateKey:
    """A fresh private key."""
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "p384":
        return ec.generate_private_key(ec.SECP384R1())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    sizes = {"rsa-2048": 2048, "rsa-3072": 3072}
    if kind not in sizes:
        raise InvalidInput(
            f"{kind!r} is no kind of key. Use rsa-2048, rsa-3072, p256, p384 or ed25519.", key=kind
        )
    return rsa.generate_private_key(public_exponent=65537, key_size=sizes[kind])


def _name(common_name: str, unit: str, employee_number: str = "") -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
        x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Jambi"),
        x509.NameAttribute(NameOID.LOCALITY_NAME, "Kota Jambi"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    if employee_number:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, employee_number))
    return x509.Name(attributes)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, start: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    if start.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=start)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + days * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority_certificate(
    builder: x509.CertificateBuilder, issuer_key: PrivateKey, path_length: int | None
) -> x509.Certificate:
    usage = {**_NO_USAGE, "key_cert_sign": True, "crl_sign": True}
    builder = (
        builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=path_length), critical=True
        )
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(_authority_key_id(issuer_key), critical=False)
    )
    return _sign(builder, issuer_key)


def _with_services(
    builder: x509.CertificateBuilder, services: str, issuer: str
) -> x509.CertificateBuilder:
    if not services:
        return builder
    methods = x509.oid.AuthorityInformationAccessOID
    places = [
        x509.AccessDescription(methods.OCSP, _address(services, "ocsp")),
        x509.AccessDescription(methods.CA_ISSUERS, _address(services, f"{issuer}.crt")),
    ]
    point = x509.DistributionPoint(
        full_name=[_address(services, f"{issuer}.crl")],
        relative_name=None,
        reasons=None,
        crl_issuer=None,
    )
    return builder.add_extension(
        x509.AuthorityInformationAccess(places), critical=False
    ).add_extension(x509.CRLDistributionPoints([point]), critical=False)


def _address(services: str, name: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(f"{services.rstrip('/')}/{name}")


def _authority_key_id(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return builder.sign(key, None)
    strong = isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size > 256
    return builder.sign(key, hashes.SHA384() if strong else hashes.SHA256())


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def _key_pem(key: PrivateKey, passphrase: str | None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _load_key(path: Path) -> PrivateKey:
    return cast(PrivateKey, serialization.load_pem_private_key(path.read_bytes(), None))


def _write_private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
