"""The Merkle tree of RFC 6962 (section 2.1) and RFC 9162 (section 2.1) with SHA-256.

Leaves are hashed with a 0x00 before the body, inner nodes with a 0x01 before both children, so that
no node can be passed off as a leaf. Hashes are 32 bytes. Verification raises and never answers with
a bare bool.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from typing import Final, Self

import attrs

from sipadek.errors import InvalidInput, LedgerInconsistent

HASH_SIZE: Final = 32

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(body: bytes) -> bytes:
    """SHA-256(0x00 ‖ body)."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@attrs.frozen
class CompactRange:
    """All of a tree that is needed to append to it: the roots of its perfect subtrees, the largest
    (leftmost) first; one for each bit set in ``size``.

    An append costs one hash on average and at most one for each subtree held. Raises
    LedgerInconsistent where ``hashes`` cannot belong to ``size``: a stored range was altered.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __attrs_post_init__(self) -> None:
        if (
            self.size < 0
            or len(self.hashes) != self.size.bit_count()
            or sum(map(len, self.hashes)) != HASH_SIZE * len(self.hashes)
        ):
            raise LedgerInconsistent(
                f"{len(self.hashes)} hashes cannot be a tree of {self.size} leaves, which needs "
                f"{max(self.size, 0).bit_count()} of {HASH_SIZE} bytes; rebuild it from the events",
                size=self.size,
            )

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Self:
        """The range of all these leaf hashes."""
        return cls().extend(leaves)

    def append(self, leaf: bytes) -> Self:
        """The range with one more leaf hash at its end."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Self:
        """The range with these leaf hashes at its end, in their order."""
        hashes, size = list(self.hashes), self.size
        for leaf in leaves:
            _check_hash(leaf)
            merged, below = leaf, size
            while below & 1:  # a subtree of equal height stands to the left
                merged = node_hash(hashes.pop(), merged)
                below >>= 1
            hashes.append(merged)
            size += 1
        return type(self)(size, tuple(hashes))

    def root(self) -> bytes:
        """The root of the tree; EMPTY_ROOT without leaves."""
        if not self.hashes:
            return EMPTY_ROOT
        *left, root = self.hashes
        for subtree in reversed(left):
            root = node_hash(subtree, root)
        return root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of leaf ``index`` (0-based) in the tree of these leaf hashes, nearest first
    (RFC 6962, section 2.1.1). Takes time in proportion to the number of leaves. Raises InvalidInput
    for an index that does not exist."""
    if not 0 <= index < len(leaves):
        raise InvalidInput(
            f"leaf {index} does not exist in a tree of {len(leaves)}; count from 0", index=index
        )
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_subtree(leaves, middle, high))
            high = middle
        else:
            path.append(_subtree(leaves, low, middle))
            low = middle
    return tuple(reversed(path))


class MerkleTree:
    """A whole tree in memory, for many proofs under one root: 64 bytes a leaf. ``leaves`` are leaf
    hashes; making it takes time in proportion to them, each proof to the height alone."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            above = [node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)]
            if len(below) & 1:  # it has no sibling here, and goes up as it is
                above.append(below[-1])
            self._levels.append(above)

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0])

    def root(self) -> bytes:
        """The root; EMPTY_ROOT without leaves."""
        return self._levels[-1][0] if self.size else EMPTY_ROOT

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """As the function of that name. Raises InvalidInput for an index that does not exist."""
        if not 0 <= index < self.size:
            raise InvalidInput(
                f"leaf {index} does not exist in a tree of {self.size}; count from 0", index=index
            )
        path = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index >>= 1
        return tuple(path)


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The proof that the tree of these leaf hashes has the tree of the first ``old_size`` leaves as
    its beginning (RFC 6962, section 2.1.2); empty for sizes 0 and all. Takes time in proportion to
    the number of leaves. Raises InvalidInput for a size beyond the leaves."""
    if not 0 <= old_size <= len(leaves):
        raise InvalidInput(
            f"the tree has {len(leaves)} leaves and never had {old_size}; give a size it had",
            old_size=old_size,
        )
    if old_size in {0, len(leaves)}:
        return ()
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high != old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(_subtree(leaves, middle, high))
            high = middle
        else:
            path.append(_subtree(leaves, low, middle))
            low = middle
    if low:  # otherwise this subtree is the whole old tree, whose root the verifier holds
        path.append(_subtree(leaves, low, high))
    return tuple(reversed(path))


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Checks that ``leaf`` (a leaf hash) is leaf ``index`` (0-based) of the tree of ``size`` leaves
    with this ``root`` (RFC 9162, section 2.1.3.2). Raises LedgerInconsistent if not proven."""
    if not 0 <= index < size:
        raise _unproven("inclusion", f"leaf {index} does not exist in a tree of {size}")
    _check_hashes("inclusion", (leaf, root, *proof))
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _unproven("inclusion", "the proof is too long")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise _unproven("inclusion", "the proof is too short")
    if computed != root:
        raise _unproven("inclusion", f"leaf {index} leads to another root")


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Checks that the tree of ``size`` leaves begins with the tree of ``old_size`` leaves (RFC
    9162, section 2.1.4.2; the empty tree begins every tree). Raises LedgerInconsistent if not
    proven: leaves were altered, taken out, or an older state came back."""
    if not 0 <= old_size <= size:
        raise _unproven("consistency", f"a tree of {size} cannot follow one of {old_size} leaves")
    _check_hashes("consistency", (old_root, root, *proof))
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise _unproven("consistency", "a tree without leaves has another root")
    if old_size in {0, size}:
        if proof:
            raise _unproven("consistency", "the proof is too long")
        if old_size == size and old_root != root:
            raise _unproven("consistency", f"two trees of {size} leaves have different roots")
        return
    if not proof:
        raise _unproven("consistency", "the proof is too short")
    computed = _replayed(old_size, old_root, size, proof)
    if computed != (old_root, root):
        which = "old" if computed[0] != old_root else "new"
        raise _unproven("consistency", f"the proof leads to another root of the {which} tree")


def _replayed(
    old_size: int, old_root: bytes, size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The roots of the old and of the new tree that the proof leads to."""
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # A perfect old tree is itself the first node; the proof leaves it out.
    siblings = iter(proof) if node else itertools.chain((old_root,), proof)
    old = new = next(siblings)
    for sibling in siblings:
        if last == 0:
            raise _unproven("consistency", "the proof is too long")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise _unproven("consistency", "the proof is too short")
    return old, new


def _split(count: int) -> int:
    """The greatest power of two below ``count`` (at least 2)."""
    return 1 << (count - 1).bit_length() - 1


def _subtree(leaves: Sequence[bytes], low: int, high: int) -> bytes:
    return CompactRange.of(itertools.islice(leaves, low, high)).root()


def _check_hash(value: bytes) -> None:
    if len(value) != HASH_SIZE:
        raise InvalidInput(
            f"a hash of {len(value)} bytes came; leaf hashes have {HASH_SIZE}, see leaf_hash",
            size=len(value),
        )


def _check_hashes(what: str, hashes: Iterable[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise _unproven(what, f"a hash has {len(value)} bytes instead of {HASH_SIZE}")


def _unproven(what: str, reason: str) -> LedgerInconsistent:
    return LedgerInconsistent(
        f"{what} is not proven: {reason}; do not rely on it, and find out which side was altered",
        reason=reason,
    )
