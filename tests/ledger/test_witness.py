"""Witnesses: what they cosign, what they refuse, and what others can verify of it."""

from __future__ import annotations

import base64
import datetime
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipadek.errors import CheckpointInvalid, InvalidInput, KeyUnusable, LedgerInconsistent
from sipadek.ledger import (
    CheckpointKey,
    CompactRange,
    CosignatureVerifier,
    CosignerKey,
    Note,
    Witness,
    WitnessRequest,
    consistency_proof,
    leaf_hash,
)

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
LOG = CheckpointKey.generate("arsip.kota.example")
WATCHER = CosignerKey.generate("inspektorat.kota.example")
LEAVES = [leaf_hash(f"{n}".encode()) for n in range(40)]
FORKED = [*LEAVES[:5], *(leaf_hash(f"lain {n}".encode()) for n in range(5, 40))]


def note(size: int, leaves: list[bytes] = LEAVES) -> str:
    return LOG.sign_checkpoint(LOG.name, size, CompactRange.of(leaves[:size]).root())


def request(old: int, new: int, leaves: list[bytes] = LEAVES) -> WitnessRequest:
    proof = consistency_proof(leaves[:new], old) if old <= new else ()
    return WitnessRequest(old_size=old, proof=proof, checkpoint=note(new, leaves))


def test_the_signed_message_is_that_of_the_specification() -> None:
    cosigned = WATCHER.cosign(note(7), at=NOW)
    parsed = Note.parse(cosigned)
    raw = parsed.signatures[-1].signature
    assert int.from_bytes(raw[:8]) == int(NOW.timestamp())
    public = WATCHER.verifier.public
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    message = f"cosignature/v1\ntime {int(NOW.timestamp())}\n{parsed.text}".encode()
    Ed25519PublicKey.from_public_bytes(public).verify(raw[8:], message)
    id_ = hashlib.sha256(WATCHER.name.encode() + b"\n\x04" + public).digest()[:4]
    assert parsed.signatures[-1].key_id == id_ == WATCHER.verifier.key_id
    assert WATCHER.verifier.verify(cosigned) == NOW
    assert LOG.verifier.verify_checkpoint(cosigned).size == 7  # the log's signature still stands


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=6).map(sorted))
def test_what_only_grows_is_cosigned(sizes: list[int]) -> None:
    witness = Witness(WATCHER, LOG.verifier)
    for size in sizes:
        asked = request(witness.size, size)
        assert WitnessRequest.parse(str(asked)) == asked
        cosigned = witness.cosign(str(asked), at=NOW)
        assert witness.size == size
        assert witness.verifier.verify(cosigned) == NOW
    assert Witness(WATCHER, LOG.verifier, witness.last).size == sizes[-1]


@settings(max_examples=60, deadline=None)
@given(old=st.integers(6, 40), new=st.integers(0, 40))
def test_another_history_and_an_older_state_are_not_cosigned(old: int, new: int) -> None:
    witness = Witness(WATCHER, LOG.verifier)
    witness.cosign(request(0, old), at=NOW)
    last = witness.last
    with pytest.raises(LedgerInconsistent):
        witness.cosign(request(old, new, FORKED), at=NOW)
    assert witness.last == last


def test_a_request_from_another_size_says_which_is_known() -> None:
    witness = Witness(WATCHER, LOG.verifier)
    witness.cosign(request(0, 7), at=NOW)
    with pytest.raises(InvalidInput) as refused:
        witness.cosign(request(3, 9), at=NOW)
    assert refused.value.fields["size"] == 7


def test_what_the_log_did_not_sign_is_not_cosigned() -> None:
    stranger = CheckpointKey.generate(LOG.name)
    forged = stranger.sign_checkpoint(LOG.name, 7, CompactRange.of(LEAVES[:7]).root())
    other_log = LOG.sign_checkpoint("lain.example", 7, CompactRange.of(LEAVES[:7]).root())
    for each in (forged, other_log):
        with pytest.raises(CheckpointInvalid):
            Witness(WATCHER, LOG.verifier).cosign(
                WitnessRequest(old_size=0, proof=(), checkpoint=each), at=NOW
            )


def test_a_last_note_that_is_not_cosigned_is_no_memory() -> None:
    with pytest.raises(CheckpointInvalid):
        Witness(WATCHER, LOG.verifier, note(7))


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_any_changed_byte_of_a_cosignature_is_noticed(data: st.DataObject) -> None:
    cosigned = WATCHER.cosign(note(7), at=NOW)
    *lines, last, _ = cosigned.split("\n")
    name, _, encoded = last.rpartition(" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    changed = "\n".join([*lines, f"{name} {base64.b64encode(raw).decode()}", ""])
    with pytest.raises(CheckpointInvalid):
        WATCHER.verifier.verify(changed)


def test_cosigning_again_replaces_the_older_cosignature() -> None:
    later = NOW + datetime.timedelta(hours=1)
    twice = WATCHER.cosign(WATCHER.cosign(note(3), at=NOW), at=later)
    assert len(Note.parse(twice).signatures) == 2
    assert WATCHER.verifier.verify(twice) == later


def test_keys_as_text_and_as_files() -> None:
    assert CosignatureVerifier.parse(str(WATCHER.verifier)) == WATCHER.verifier
    again = CosignerKey.from_pem(WATCHER.to_pem(passphrase=b"x"), WATCHER.name, passphrase=b"x")
    assert again.verifier == WATCHER.verifier
    assert str(WATCHER.verifier) not in repr(WATCHER)
    for text in (str(LOG.verifier), f"{WATCHER.verifier}x", "", "a+b"):
        with pytest.raises(KeyUnusable):
            CosignatureVerifier.parse(text)
    with pytest.raises(InvalidInput):
        CosignatureVerifier("dua kata", WATCHER.verifier.public)
    with pytest.raises(KeyUnusable):
        CosignatureVerifier("saksi", b"short")


@pytest.mark.parametrize(
    "at", [datetime.datetime(2026, 1, 1), datetime.datetime(1969, 1, 1, tzinfo=datetime.UTC)]
)
def test_a_time_that_is_none_is_refused(at: datetime.datetime) -> None:
    with pytest.raises(InvalidInput):
        WATCHER.cosign(note(1), at=at)


@pytest.mark.parametrize(
    "text", ["", "old 1\n\n", "old 01\n\nx", "lama 1\n\nx", "old 1\nAAAA\n\nx", "old 1\n!\n\nx"]
)
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        Witness(WATCHER, LOG.verifier).cosign(text, at=NOW)
