"""A tree in memory gives the same root and proofs as the functions of RFC 6962."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.ledger import (
    CompactRange,
    MerkleTree,
    inclusion_proof,
    leaf_hash,
    verify_inclusion,
)

LEAVES = [leaf_hash(b"%d" % number) for number in range(70)]


@pytest.mark.parametrize("size", range(70))
def test_every_size_has_the_root_and_proofs_of_the_standard(size: int) -> None:
    tree = MerkleTree(iter(LEAVES[:size]))
    assert (tree.size, tree.root()) == (size, CompactRange.of(LEAVES[:size]).root())
    for index in range(size):
        assert tree.inclusion_proof(index) == inclusion_proof(LEAVES[:size], index)


@given(size=st.integers(1, 1500), data=st.data())
def test_proofs_of_large_trees_verify(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(b"%d" % number).digest() for number in range(size)]
    tree = MerkleTree(leaves)
    index = data.draw(st.integers(0, size - 1))
    verify_inclusion(leaves[index], index, size, tree.inclusion_proof(index), tree.root())


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(InvalidInput):
        MerkleTree(LEAVES[:3]).inclusion_proof(index)
