from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import softhsm

from sipadek.testing.authority import Authority, Credential, KeyKind

KINDS: dict[str, KeyKind] = {"rsa": "rsa-2048", "p256": "p256", "p384": "p384", "ed": "ed25519"}


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create(now=softhsm.NOW - datetime.timedelta(days=1), key="p256")


@pytest.fixture(scope="session")
def credentials(authority: Authority) -> dict[str, Credential]:
    return {label: authority.issue(f"Uji {label}", key=kind) for label, kind in KINDS.items()}


@pytest.fixture(scope="session")
def _tokens(
    tmp_path_factory: pytest.TempPathFactory,
    authority: Authority,
    credentials: dict[str, Credential],
) -> Path:
    """Two tokens: one with a key of each kind and their certificates, one with nothing."""
    softhsm.require()
    from cryptography.hazmat.primitives.serialization import Encoding

    import pkcs11

    folder = tmp_path_factory.mktemp("softhsm")
    with pytest.MonkeyPatch.context() as patch:
        softhsm.configure(folder, patch)
        softhsm.make_token("kantor")
        softhsm.make_token("kosong")
        for number, (label, credential) in enumerate(credentials.items(), 1):
            softhsm.import_key(folder, "kantor", credential, label, f"0{number}")
        module = pkcs11.lib(softhsm.MODULE)
        session = module.get_token(token_label="kantor").open(user_pin=softhsm.PIN, rw=True)
        held = [(each.certificate, name) for name, each in credentials.items()]
        for number, (certificate, name) in enumerate([*held, (authority.intermediate, "ca")], 1):
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.LABEL: name,
                    pkcs11.Attribute.ID: bytes([number]),
                    pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                    pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
                }
            )
        module.finalize()
    return folder


@pytest.fixture
def hsm(_tokens: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The tokens, with nothing logged in and no PIN asked yet."""
    import pkcs11
    from sipadek.pkcs11 import connection

    softhsm.configure(_tokens, monkeypatch)
    (_tokens / "asked").unlink(missing_ok=True)
    yield _tokens
    connection._connections.clear()
    connection._refused.clear()
    pkcs11.lib(softhsm.MODULE).finalize()
