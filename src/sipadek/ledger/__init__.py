"""The ledger: events as bytes, the Merkle tree over them, signed checkpoints of it,
witnesses that cosign these, and proofs to be checked elsewhere. Pure."""

from __future__ import annotations

from sipadek.ledger.checkpoint import Checkpoint, CheckpointKey, CheckpointVerifier
from sipadek.ledger.cosignature import CosignatureVerifier, CosignerKey
from sipadek.ledger.event import MAX_EVENT, Event
from sipadek.ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    MerkleTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from sipadek.ledger.note import Note, NoteSignature
from sipadek.ledger.proof import Proof, Proven
from sipadek.ledger.witness import Witness, WitnessRequest

__all__ = [
    "EMPTY_ROOT",
    "MAX_EVENT",
    "Checkpoint",
    "CheckpointKey",
    "CheckpointVerifier",
    "CompactRange",
    "CosignatureVerifier",
    "CosignerKey",
    "Event",
    "MerkleTree",
    "Note",
    "NoteSignature",
    "Proof",
    "Proven",
    "Witness",
    "WitnessRequest",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
]
