"""Every attack of the generator is refused: bare, and under a trusted signature or time stamp."""

from __future__ import annotations

from typing import Any

import pytest
from signing_documents import (
    NOW,
    plain_pdf,
    sign,
    stamp_time,
    stamping_credential,
    time_stamper,
    verify_here,
)

from sipadek.errors import ChangedAfterSigning, VerificationFailed
from sipadek.testing.attacks import ATTACKS
from sipadek.testing.authority import Authority, Credential


@pytest.fixture(scope="module")
def stamper(authority: Authority) -> Any:
    return time_stamper(stamping_credential(authority, purposes=["1.3.6.1.5.5.7.3.8"]))


@pytest.fixture(scope="module", params=["approved", "certified"])
def victim(request: Any, authority: Authority, credential: Credential) -> bytes:
    signed = sign(plain_pdf(), credential, certify=request.param == "certified")
    assert verify_here(signed, trust=[authority.root], at=NOW)
    return signed


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(victim: bytes, authority: Authority, name: str) -> None:
    attacked = ATTACKS[name](victim)
    assert attacked != victim
    with pytest.raises(VerificationFailed):
        verify_here(attacked, trust=[authority.root], at=NOW)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("how", ["signature", "time stamp"])
def test_refused_under_a_trusted_seal(
    victim: bytes, authority: Authority, second: Credential, stamper: Any, name: str, how: str
) -> None:
    attacked = ATTACKS[name](victim)
    try:
        if how == "signature":
            sealed = sign(attacked, second, "Signature2")
        else:
            sealed = stamp_time(attacked, stamper)
    except Exception as error:  # pyHanko cannot add to what it cannot read
        pytest.skip(f"the file takes no further signature: {type(error).__name__}")
    with pytest.raises(VerificationFailed):
        verify_here(sealed, trust=[authority.root], at=NOW)


def test_a_plain_change_goes_to_a_person(
    victim: bytes, authority: Authority, second: Credential
) -> None:
    attacked = sign(ATTACKS["replace_page"](victim), second, "Signature2")
    with pytest.raises(ChangedAfterSigning, match="person"):
        verify_here(attacked, trust=[authority.root], at=NOW)
