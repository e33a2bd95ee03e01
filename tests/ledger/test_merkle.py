"""The Merkle tree against RFC 6962, written out naively, and against published vectors."""

from __future__ import annotations

import functools
import hashlib
import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput, LedgerInconsistent, VerificationFailed
from sipadek.ledger import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

SIZE = 131
BODIES = tuple(b"event %d" % n for n in range(SIZE))
LEAVES = [leaf_hash(body) for body in BODIES]

# The inputs and results of the reference tests of Certificate Transparency.
CT_BODIES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CT_CONSISTENCY = {
    (1, 8): CT_INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


# --- RFC 6962, section 2.1, as it is written ---


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@functools.cache
def naive_root(bodies: tuple[bytes, ...]) -> bytes:
    if not bodies:
        return hashlib.sha256().digest()
    if len(bodies) == 1:
        return hashlib.sha256(b"\0" + bodies[0]).digest()
    k = split(len(bodies))
    return hashlib.sha256(b"\1" + naive_root(bodies[:k]) + naive_root(bodies[k:])).digest()


def naive_path(m: int, bodies: tuple[bytes, ...]) -> list[bytes]:
    if len(bodies) == 1:
        return []
    k = split(len(bodies))
    if m < k:
        return [*naive_path(m, bodies[:k]), naive_root(bodies[k:])]
    return [*naive_path(m - k, bodies[k:]), naive_root(bodies[:k])]


def naive_proof(m: int, bodies: tuple[bytes, ...], complete: bool = True) -> list[bytes]:
    if m == len(bodies):
        return [] if complete else [naive_root(bodies)]
    k = split(len(bodies))
    if m <= k:
        return [*naive_proof(m, bodies[:k], complete), naive_root(bodies[k:])]
    return [*naive_proof(m - k, bodies[k:], False), naive_root(bodies[:k])]


ROOTS = [naive_root(BODIES[:size]) for size in range(SIZE + 1)]


def test_the_root_of_every_size_is_the_defined_one() -> None:
    tree = CompactRange()
    for size, leaf in enumerate(LEAVES):
        assert tree.size == size
        assert tree.root() == ROOTS[size]
        tree = tree.append(leaf)
    assert tree.root() == ROOTS[SIZE]


def test_published_roots() -> None:
    leaves = [leaf_hash(body) for body in CT_BODIES]
    assert [CompactRange.of(leaves[:n]).root().hex() for n in range(9)] == CT_ROOTS


@pytest.mark.parametrize(("place", "proof"), CT_INCLUSION.items())
def test_published_inclusion_proofs(place: tuple[int, int], proof: list[str]) -> None:
    index, size = place
    leaves = [leaf_hash(body) for body in CT_BODIES[:size]]
    made = inclusion_proof(leaves, index)
    assert [node.hex() for node in made] == proof
    verify_inclusion(leaves[index], index, size, made, bytes.fromhex(CT_ROOTS[size]))


@pytest.mark.parametrize(("sizes", "proof"), CT_CONSISTENCY.items())
def test_published_consistency_proofs(sizes: tuple[int, int], proof: list[str]) -> None:
    old, new = sizes
    leaves = [leaf_hash(body) for body in CT_BODIES[:new]]
    made = consistency_proof(leaves, old)
    assert [node.hex() for node in made] == proof
    verify_consistency(old, bytes.fromhex(CT_ROOTS[old]), new, bytes.fromhex(CT_ROOTS[new]), made)


@pytest.mark.no_cover
@pytest.mark.parametrize("size", range(1, SIZE))
def test_every_inclusion_proof_is_the_defined_one_and_verifies(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(LEAVES[:size], index)
        assert list(proof) == naive_path(index, BODIES[:size])
        verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.no_cover
@pytest.mark.parametrize("size", range(SIZE))
def test_every_consistency_proof_is_the_defined_one_and_verifies(size: int) -> None:
    for old in range(size + 1):
        proof = consistency_proof(LEAVES[:size], old)
        if old:
            assert list(proof) == naive_proof(old, BODIES[:size])
        verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)


@given(st.lists(st.binary(max_size=4), max_size=40), st.data())
def test_ranges_do_not_depend_on_how_they_grew(bodies: list[bytes], data: st.DataObject) -> None:
    leaves = list(map(leaf_hash, bodies))
    cut = data.draw(st.integers(0, len(leaves)))
    whole = CompactRange.of(leaves)
    assert CompactRange.of(leaves[:cut]).extend(leaves[cut:]) == whole
    assert CompactRange(whole.size, whole.hashes) == whole
    assert pickle.loads(pickle.dumps(whole)) == whole
    assert whole.root() == naive_root(tuple(bodies))


indexed = st.integers(1, SIZE - 1).flatmap(
    lambda size: st.tuples(st.integers(0, size - 1), st.just(size))
)


def changed(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """The proof with one thing wrong in it."""
    kind = data.draw(st.sampled_from(["flip", "drop", "add", "swap"]))
    place = data.draw(st.integers(0, max(0, len(proof) - 1)))
    if kind == "add" or not proof:
        return [*proof[:place], data.draw(st.sampled_from(LEAVES)), *proof[place:]]
    if kind == "drop":
        return proof[:place] + proof[place + 1 :]
    if kind == "swap":
        return proof[::-1]
    bit = data.draw(st.integers(0, 255))
    wrong = (int.from_bytes(proof[place], "big") ^ (1 << bit)).to_bytes(32, "big")
    return [*proof[:place], wrong, *proof[place + 1 :]]


@given(indexed, st.data())
def test_an_altered_inclusion_proof_is_refused(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    proof = naive_path(index, BODIES[:size])
    wrong = changed(data, proof)
    assume(wrong != proof)
    with pytest.raises(LedgerInconsistent):
        verify_inclusion(LEAVES[index], index, size, wrong, ROOTS[size])


@given(indexed, st.integers(-1, SIZE - 1), st.integers(0, SIZE))
def test_a_proof_proves_no_other_leaf_index_or_root(
    place: tuple[int, int], index: int, size: int
) -> None:
    right, of = place
    proof = naive_path(right, BODIES[:of])
    if index != right:
        with pytest.raises(VerificationFailed):
            verify_inclusion(LEAVES[right], index, of, proof, ROOTS[of])
        with pytest.raises(VerificationFailed):
            verify_inclusion(LEAVES[index], right, of, proof, ROOTS[of])
    if size != of:
        with pytest.raises(VerificationFailed):
            verify_inclusion(LEAVES[right], right, of, proof, ROOTS[size])


def test_a_proof_of_another_shape_is_refused_whatever_root_it_leads_to() -> None:
    places = [(index, size) for size in range(1, 18) for index in range(size)]
    paths = {place: naive_path(place[0], BODIES[: place[1]]) for place in places}
    refused = 0
    for index, size in places:
        for claimed in places:
            if len(paths[claimed]) != len(paths[index, size]):
                with pytest.raises(LedgerInconsistent):
                    verify_inclusion(LEAVES[index], *claimed, paths[index, size], ROOTS[size])
                refused += 1
    assert refused > 10_000


def test_a_consistency_of_another_shape_is_refused_whatever_roots_it_leads_to() -> None:
    sizes = [(old, new) for new in range(1, 18) for old in range(1, new + 1)]
    proofs = {pair: naive_proof(pair[0], BODIES[: pair[1]]) for pair in sizes}
    refused = 0
    for old, new in sizes:
        for claimed in sizes:
            if len(proofs[claimed]) != len(proofs[old, new]):
                with pytest.raises(LedgerInconsistent):
                    verify_consistency(
                        claimed[0], ROOTS[old], claimed[1], ROOTS[new], proofs[old, new]
                    )
                refused += 1
    assert refused > 10_000


@given(indexed, st.data())
def test_an_altered_consistency_proof_is_refused(
    sizes: tuple[int, int], data: st.DataObject
) -> None:
    old, new = sizes
    proof = list(consistency_proof(LEAVES[:new], old))
    wrong = changed(data, proof)
    assume(wrong != proof)
    with pytest.raises(LedgerInconsistent):
        verify_consistency(old, ROOTS[old], new, ROOTS[new], wrong)


@given(st.integers(1, SIZE), st.integers(1, SIZE), st.data())
def test_a_rewritten_past_is_refused(one: int, other: int, data: st.DataObject) -> None:
    old, new = sorted((one, other))
    bodies = list(BODIES[:new])
    bodies[data.draw(st.integers(0, old - 1))] = b"another"
    leaves = list(map(leaf_hash, bodies))
    proof = consistency_proof(leaves, old)
    with pytest.raises(LedgerInconsistent):
        verify_consistency(old, ROOTS[old], new, naive_root(tuple(bodies)), proof)
    verify_consistency(old, naive_root(tuple(bodies[:old])), new, naive_root(tuple(bodies)), proof)


@pytest.mark.parametrize(
    ("old", "old_root", "new", "root", "proof"),
    [
        (5, ROOTS[5], 4, ROOTS[4], []),
        (-1, ROOTS[0], 4, ROOTS[4], []),
        (0, ROOTS[1], 4, ROOTS[4], []),
        (0, EMPTY_ROOT, 0, ROOTS[1], []),
        (0, EMPTY_ROOT, 4, ROOTS[4], [LEAVES[0]]),
        (4, ROOTS[4], 4, ROOTS[5], []),
        (4, ROOTS[4], 4, ROOTS[4], [LEAVES[0]]),
        (3, ROOTS[3], 4, ROOTS[4], []),
        (2, ROOTS[2], 4, ROOTS[4], []),
        (3, ROOTS[3], 4, ROOTS[4], [b"short", LEAVES[3], ROOTS[2]]),
        (4, ROOTS[4][:31], 4, ROOTS[4][:31], []),
    ],
)
def test_impossible_consistency_is_refused(
    old: int, old_root: bytes, new: int, root: bytes, proof: list[bytes]
) -> None:
    with pytest.raises(LedgerInconsistent, match="consistency is not proven"):
        verify_consistency(old, old_root, new, root, proof)


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(-1, ()), (1, ()), (0, (LEAVES[0],)), (2, (LEAVES[0], LEAVES[1])), (1, (b"short",))],
)
def test_a_range_that_cannot_be_is_refused(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(LedgerInconsistent, match="rebuild"):
        CompactRange(size, hashes)


def test_an_inclusion_of_something_that_is_no_hash_is_refused() -> None:
    with pytest.raises(LedgerInconsistent, match="bytes"):
        verify_inclusion(b"short", 0, 1, (), b"short")


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InvalidInput, match="leaf_hash"):
        CompactRange().append(b"an event, not its hash")
    for index in (-1, 3):
        with pytest.raises(InvalidInput, match="does not exist"):
            inclusion_proof(LEAVES[:3], index)
    for size in (-1, 4):
        with pytest.raises(InvalidInput, match="never had"):
            consistency_proof(LEAVES[:3], size)


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_no_leaf_is_a_node(left: bytes, right: bytes) -> None:
    assert node_hash(left, right) != leaf_hash(left + right)
