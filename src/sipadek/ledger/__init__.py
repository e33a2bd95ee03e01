"""The ledger: events as bytes, the Merkle tree over them, and signed checkpoints of it. Pure."""

from __future__ import annotations

from sipadek.ledger.checkpoint import Checkpoint, CheckpointKey, CheckpointVerifier
from sipadek.ledger.event import MAX_EVENT, Event
from sipadek.ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from sipadek.ledger.note import Note, NoteSignature

__all__ = [
    "EMPTY_ROOT",
    "MAX_EVENT",
    "Checkpoint",
    "CheckpointKey",
    "CheckpointVerifier",
    "CompactRange",
    "Event",
    "Note",
    "NoteSignature",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
]
