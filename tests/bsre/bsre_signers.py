"""Who signs in these tests, and when."""

from __future__ import annotations

import datetime
from typing import Any

from sipadek.bsre import BsreSigner, BsreV1, BsreV2
from sipadek.signing import ExpectedSigner
from sipadek.testing.authority import Authority

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
NIK = "0371010101010007"
PASSPHRASE = 'Rahasia "betul" 77é'


def make_signer(authority: Authority, service: BsreV1 | BsreV2, **more: Any) -> BsreSigner:
    given = {"passphrase": lambda: PASSPHRASE, "who": NIK, "name": "Siti Contoh, S.Sos."} | more
    expected = ExpectedSigner(trust=[authority.root], identifier=NIK)
    return BsreSigner(service=service, expected=expected, **given)
