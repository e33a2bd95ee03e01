"""The double of the service, on this machine, and clients of both versions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sipadek.bsre import BsreSigner, BsreV1, BsreV2, Connection, Patience
from sipadek.signing import ExpectedSigner
from sipadek.testing.authority import Authority
from sipadek.testing.bsre_double import BsreDouble
from sipadek.testing.pdfs import PdfRecipe, build

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
NIK = "0371010101010007"
PASSPHRASE = 'Rahasia "betul" 77é'


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


def make_signer(authority: Authority, service: BsreV1 | BsreV2, **more: Any) -> BsreSigner:
    given = {"passphrase": lambda: PASSPHRASE, "who": NIK, "name": "Siti Contoh, S.Sos."} | more
    expected = ExpectedSigner(trust=[authority.root], identifier=NIK)
    return BsreSigner(service=service, expected=expected, **given)


@pytest.fixture(scope="session")
def pdf() -> bytes:
    return build(PdfRecipe(texts=("Keterangan domisili",), pages=2))


@pytest.fixture
def letter_pdf() -> Callable[..., bytes]:
    def made(text: str = "Keterangan domisili", **more: object) -> bytes:
        return build(PdfRecipe(texts=(text,), **more))  # type: ignore[arg-type]

    return made
