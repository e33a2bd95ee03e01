"""The tree beside pymerkle's, for all sizes from 0 to 200. pymerkle is GPL: it is no dependency, these
tests are skipped where it is not installed, and nothing of it is shipped."""

from __future__ import annotations

from typing import Any

import pytest

from sipadek.ledger import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

pymerkle = pytest.importorskip("pymerkle")

SIZES = 200
BODIES = [f"peristiwa {n}".encode() for n in range(SIZES)]
LEAVES = [leaf_hash(body) for body in BODIES]
ROOTS = [CompactRange.of(LEAVES[:size]).root() for size in range(SIZES + 1)]


@pytest.fixture(scope="module")
def peer() -> Any:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for body in BODIES:
        tree.append_entry(body)
    return tree


def _some(size: int) -> set[int]:
    """Places in a tree of that size: its ends, and those beside the powers of two."""
    edges = {1 << bit for bit in range(8)}
    near = {edge + step for edge in edges for step in (-1, 0, 1)}
    return {place for place in near | {0, size // 3, size - 1} if 0 <= place < size}


def test_all_roots_are_the_same(peer: Any) -> None:
    assert [peer.get_root(size) for size in range(SIZES + 1)] == ROOTS


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_inclusion_and_consistency_agree(peer: Any, size: int) -> None:
    for index in _some(size):
        theirs = peer.prove_inclusion(index + 1, size)  # they count from one
        ours = inclusion_proof(LEAVES[:size], index)
        assert list(ours) == list(theirs.path[1:])
        pymerkle.verify_inclusion(LEAVES[index], ROOTS[size], theirs)
        verify_inclusion(LEAVES[index], index, size, theirs.path[1:], ROOTS[size])
    for old in _some(size + 1) - {0}:
        theirs = peer.prove_consistency(old, size)  # told in another form: each side verifies
        ours = consistency_proof(LEAVES[:size], old)
        pymerkle.verify_consistency(ROOTS[old], ROOTS[size], theirs)
        verify_consistency(old, peer.get_root(old), size, peer.get_root(size), ours)
