"""The double of the service, on this machine, and clients of both versions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import pytest
from bsre_signers import NIK, NOW, PASSPHRASE, make_signer

from sipadek.bsre import BsreSigner, BsreV1, BsreV2, Connection, Patience
from sipadek.testing.authority import Authority
from sipadek.testing.bsre_double import BsreDouble
from sipadek.testing.pdfs import PdfRecipe, build


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create(now=NOW - datetime.timedelta(days=1), key="p256")


@pytest.fixture
def double(authority: Authority) -> Iterator[BsreDouble]:
    with BsreDouble(authority, clock=lambda: NOW) as double:
        double.add_user(NIK, PASSPHRASE)
        yield double


@pytest.fixture
def sleeps() -> list[float]:
    return []


@pytest.fixture
def connection(double: BsreDouble, sleeps: list[float]) -> Connection:
    return Connection(
        double.url,
        username=double.username,
        password=double.password,
        patience=Patience(answer=0.3, connect=2),
        sleep=sleeps.append,
    )


@pytest.fixture(params=[BsreV1, BsreV2])
def service(request: pytest.FixtureRequest, connection: Connection) -> BsreV1 | BsreV2:
    return request.param(connection)  # type: ignore[no-any-return]


@pytest.fixture
def signer(authority: Authority, service: BsreV1 | BsreV2) -> BsreSigner:
    return make_signer(authority, service)


@pytest.fixture(scope="session")
def pdf() -> bytes:
    return build(PdfRecipe(texts=("Keterangan domisili",), pages=2))


@pytest.fixture
def letter_pdf() -> Callable[..., bytes]:
    def made(text: str = "Keterangan domisili", **more: object) -> bytes:
        return build(PdfRecipe(texts=(text,), **more))  # type: ignore[arg-type]

    return made
