from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from signing_documents import DAY, NOW, plain_pdf, sign

from sipadek.testing.authority import Authority, Credential


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create(now=NOW - 30 * DAY, key="p256")


@pytest.fixture(scope="session")
def credential(authority: Authority) -> Credential:
    return authority.issue("Rina Wulandari", organization_unit="Kelurahan Legok", key="p256")


@pytest.fixture(scope="session")
def second(authority: Authority) -> Credential:
    return authority.issue("Budi Santoso", organization_unit="Kecamatan Telanaipura", key="p256")


@pytest.fixture(scope="session")
def signed(credential: Credential) -> bytes:
    return sign(plain_pdf(), credential)


@pytest.fixture(scope="session")
def signed_twice(signed: bytes, second: Credential) -> bytes:
    return sign(signed, second, "Signature2", box=(50, 50, 250, 120))


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], list[Path]]:
    home = os.environ.get("SIPADEK_CORPUS")
    root = Path(home) if home else Path(__file__).parents[3] / "shared" / "corpus"

    def files(folder: str) -> list[Path]:
        found = sorted((root / folder).glob("**/*.pdf"))
        if not found:
            pytest.skip(f"the corpus folder {folder} is missing")
        return found

    return files
