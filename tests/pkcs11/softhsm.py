"""SoftHSM2 with tokens of its own, and a PIN that can be asked for in any process."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sipadek.testing.authority import Credential

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
PIN = "271828"
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
MODULE = next((each for each in _MODULES if Path(each).exists()), _MODULES[0])


def read_pin() -> str:
    """What is asked for the PIN; counts each time in a file, over all processes."""
    with Path(os.environ["ASKED"]).open("a") as file:
        file.write(f"{os.getpid()}\n")
    return PIN


def wrong_pin() -> str:
    read_pin()
    return "999999"


def times_asked() -> int:
    path = Path(os.environ["ASKED"])
    return len(path.read_text().split()) if path.exists() else 0


def configure(folder: Path, monkeypatch: Any, more: str = "") -> None:
    (folder / "tokens").mkdir(exist_ok=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n{more}"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    monkeypatch.setenv("ASKED", str(folder / "asked"))


def make_token(label: str) -> None:
    command = ["softhsm2-util", "--init-token", "--free", "--label", label]
    subprocess.run([*command, "--pin", PIN, "--so-pin", "314159"], check=True, capture_output=True)


def import_key(folder: Path, token: str, credential: Credential, label: str, id: str) -> None:
    """The key by softhsm2-util; the certificate by python-pkcs11."""
    path = folder / f"{label}.pem"
    path.write_bytes(
        credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    command = ["softhsm2-util", "--import", str(path), "--token", token, "--label", label]
    subprocess.run([*command, "--id", id, "--pin", PIN], check=True, capture_output=True)


def require() -> None:
    pytest.importorskip("pkcs11")
    try:
        subprocess.run(["softhsm2-util", "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("softhsm2-util is missing")
    if not Path(MODULE).exists():
        pytest.skip("SoftHSM2's module libsofthsm2.so is missing")
