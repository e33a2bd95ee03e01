"""What fuzzing verification found, kept as tests."""

from __future__ import annotations

import re

import pytest
from signing_documents import NOW, verify_here

from sipadek.errors import SignatureInvalid
from sipadek.signing import claimed_signers
from sipadek.testing.attack_parts import append_stream
from sipadek.testing.authority import Authority, Credential


@pytest.mark.parametrize("widths", [b"1 4 2", b"0 0 0"])
@pytest.mark.parametrize(
    "claim",
    [
        b"/Index[0 99999999999]",
        b"/#49ndex %]\n[0\n2000000000]",
        b"/Size 2000000000/Size",
        b"/Index[0 1 1 -1 2 400000000]",
    ],
)
def test_more_objects_are_claimed_than_there_can_be(
    signed: bytes, authority: Authority, widths: bytes, claim: bytes
) -> None:
    """pyHanko makes an entry of each, for hours."""
    later = append_stream(signed, {})[len(signed) :].replace(b"/W[1 4 2]", b"/W[%s]" % widths)
    pdf = signed + re.sub(rb"/Index\[\d+ 1\]", lambda _: claim, later)
    assert claimed_signers(pdf) == ()
    with pytest.raises(SignatureInvalid, match="claims to have more than"):
        verify_here(pdf, trust=[authority.root], at=NOW)


def test_an_attached_file_may_be_as_large_as_it_likes(
    signed: bytes, credential: Credential
) -> None:
    pdf = signed + b"\n99 0 obj\n<</Params<</Size 2000000000>>>>\nendobj\n"
    assert claimed_signers(signed) == (credential.certificate,)
    assert claimed_signers(pdf + signed[signed.rindex(b"startxref") :]) == (credential.certificate,)
