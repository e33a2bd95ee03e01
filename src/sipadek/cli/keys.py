"""Keys, certificates and secrets from files: never from the command line itself."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from cryptography import x509

from sipadek.cli.output import on_terminal
from sipadek.errors import InvalidInput
from sipadek.signing import KeySigner, TimestampAuthority


def load_signer(
    *,
    pkcs12: Path | None,
    certificate: Path | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    pss: bool,
) -> KeySigner | None:
    """The signer that the options name, None where they name none.

    Raises InvalidInput for options that do not go together, KeyUnusable for a key that cannot be used.
    """
    if pkcs12 is not None and (certificate is not None or key_file is not None):
        raise InvalidInput("both --pkcs12 and PEM files were given; give one of them")
    if (certificate is None) != (key_file is None):
        raise InvalidInput("--certificate and --key-file belong together; give both, or --pkcs12")

    def passphrase() -> bytes:
        return _passphrase(passphrase_file, pkcs12 or key_file)

    if pkcs12 is not None:
        return KeySigner.from_pkcs12(pkcs12, passphrase=passphrase, pss=pss)
    if certificate is not None and key_file is not None:
        return KeySigner.from_pem(certificate, key_file, passphrase=passphrase, pss=pss)
    if pss or passphrase_file is not None:
        raise InvalidInput(
            "there is no key to sign with; give --pkcs12, or --certificate and --key-file"
        )
    return None


def time_stamper(url: str, user: str, password_file: Path | None) -> TimestampAuthority:
    """The time-stamping authority that the options name. Raises InvalidInput, MissingExtra."""
    from sipadek.trust_services import HttpTimestampAuthority  # httpx takes time to import

    if bool(user) != (password_file is not None):
        raise InvalidInput("--tsa-user and --tsa-password-file belong together; give both")
    password = (
        "" if password_file is None else read_secret(password_file).decode("utf-8", "replace")
    )
    return HttpTimestampAuthority(url=url, login=(user, password) if user else None)


def read_secret(path: Path) -> bytes:
    """What a secret's file holds, without the end of its line. Raises as `read_file`."""
    return read_file(path).rstrip(b"\r\n")


def read_password(path: Path | None) -> str | None:
    """The PDF password in the file; raises InvalidInput for one that is no UTF-8 text."""
    if path is None:
        return None
    try:
        return read_secret(path).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not UTF-8 text; write the password as UTF-8") from None


def load_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises InvalidInput where it holds none."""
    try:
        return x509.load_pem_x509_certificates(read_file(path))
    except ValueError:
        raise InvalidInput(
            f"{path} holds no certificate that can be read; give a PEM file", path=str(path)
        ) from None


def read_file(path: Path) -> bytes:
    """A small file's bytes. Raises InvalidInput where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}", path=str(path)) from None


def _passphrase(path: Path | None, key: Path | None) -> bytes:
    if path is not None:
        return read_secret(path)
    if not on_terminal(sys.stdin):
        raise InvalidInput(
            f"the key in {key} has a passphrase and there is no terminal to ask for it; give"
            " --passphrase-file"
        )
    try:
        return getpass.getpass(f"Passphrase of {key}: ", stream=sys.stderr).encode()
    except EOFError:
        raise InvalidInput("no passphrase was given; type it, or give --passphrase-file") from None
