"""Checkpoints: signed notes that others can verify, and strict reading."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import CheckpointInvalid, InvalidInput, KeyUnusable
from sipadek.ledger import (
    EMPTY_ROOT,
    Checkpoint,
    CheckpointKey,
    CheckpointVerifier,
    Note,
    leaf_hash,
)

KEY = CheckpointKey.generate("arsip.kota.example")
OTHER = CheckpointKey.generate("arsip.kota.example")
ROOT = leaf_hash(b"")
NOTE = KEY.sign_checkpoint(KEY.name, 1, ROOT)

# The example of the reference implementation of signed notes (Go's sumdb/note).
GO_NAME = "PeterNeumann"
GO_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of the C2SP specification of checkpoints.
C2SP_NOTE = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""  # noqa: E501
SUMDB_VERIFIER = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def go_key() -> CheckpointKey:
    seed = base64.b64decode(GO_SECRET)[1:]
    pem = ed25519.Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return CheckpointKey.from_pem(pem, GO_NAME)


def test_the_published_note_is_signed_and_verified_alike() -> None:
    key = go_key()
    assert str(key.verifier) == GO_VERIFIER
    assert key.sign(GO_TEXT) == f"{GO_TEXT}\n{GO_SIGNATURE}"
    assert CheckpointVerifier.parse(GO_VERIFIER).verify(f"{GO_TEXT}\n{GO_SIGNATURE}") == GO_TEXT


def test_the_published_checkpoint_is_read() -> None:
    note = Note.parse(C2SP_NOTE)
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(note) == C2SP_NOTE
    assert str(checkpoint) == note.text
    assert note.signatures[0].name == checkpoint.origin


def test_a_published_verifier_key_is_read() -> None:
    assert str(CheckpointVerifier.parse(SUMDB_VERIFIER)) == SUMDB_VERIFIER


names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="+"), min_size=1,
                max_size=20)  # fmt: skip
origins = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=20
).filter(str.strip)


@given(names, origins, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_verifies(name: str, origin: str, size: int, root: bytes) -> None:
    key = CheckpointKey.generate(name)
    note = key.sign_checkpoint(origin, size, root)
    verifier = CheckpointVerifier.parse(str(key.verifier))
    assert verifier == key.verifier
    checkpoint = verifier.verify_checkpoint(note, origin=origin)
    assert checkpoint == Checkpoint(origin=origin, size=size, root=root)
    assert str(Note.parse(note)) == note


@given(st.data())
def test_any_change_of_a_checkpoint_is_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(NOTE)))
    end = data.draw(st.integers(start, min(len(NOTE), start + 2)))
    inserted = data.draw(st.text("\n =+/A1— \r\u00a0a", max_size=2))
    changed = NOTE[:start] + inserted + NOTE[end:]
    if changed == NOTE:
        assert KEY.verifier.verify_checkpoint(changed).size == 1
        return
    with pytest.raises(CheckpointInvalid):
        KEY.verifier.verify_checkpoint(changed)


@given(st.text("\n — +=A1a", max_size=30) | st.text(max_size=30))
def test_any_text_is_a_note_or_refused(text: str) -> None:
    for read in (Note.parse, Checkpoint.parse):
        try:
            value = read(text)
        except CheckpointInvalid:
            continue
        assert str(value) == text


def test_signatures_of_others_are_ignored_and_its_own_must_all_match() -> None:
    line = NOTE.split("\n\n")[1]
    witness = CheckpointKey.generate("saksi.example").sign(str(Note.parse(NOTE).text))
    witnessed = NOTE + witness.split("\n\n")[1]
    assert KEY.verifier.verify_checkpoint(witnessed).size == 1
    assert KEY.verifier.verify_checkpoint(NOTE + line).size == 1
    # Same name, other key: another identity, not a wrong signature.
    assert KEY.verifier.verify_checkpoint(NOTE + OTHER.sign("a\n").split("\n\n")[1]).size == 1
    with pytest.raises(CheckpointInvalid, match="altered"):
        KEY.verifier.verify_checkpoint(NOTE + KEY.sign("a\n").split("\n\n")[1])
    with pytest.raises(CheckpointInvalid, match="not signed by"):
        OTHER.verifier.verify_checkpoint(NOTE)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    note = KEY.sign_checkpoint("log-lain", 1, ROOT)
    assert KEY.verifier.verify_checkpoint(note, origin="log-lain").origin == "log-lain"
    with pytest.raises(CheckpointInvalid, match="log-lain"):
        KEY.verifier.verify_checkpoint(note)


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        f"a\n01\n{'A' * 43}=\n",
        f"a\n+1\n{'A' * 43}=\n",
        f"a\n1 \n{'A' * 43}=\n",
        f"a\n١\n{'A' * 43}=\n",
        f"a\n9223372036854775808\n{'A' * 43}=\n",
        f"a\n{'9' * 5000}\n{'A' * 43}=\n",
        f"\n1\n{'A' * 43}=\n",
        f" \n1\n{'A' * 43}=\n",
        f"a\n0\n{'A' * 43}=\n",
        f"a\n1\n{'A' * 42}B=\n",
        f"a\n1\n{'A' * 43}\n",
        f"a\n1\n{'A' * 40}\n",
        f"a\n1\n{'A' * 43}=\nextension\n",
        f"a\n1\n{'A' * 43}=",
    ],
)
def test_an_irregular_checkpoint_is_refused_though_signed(text: str) -> None:
    assert Checkpoint.parse(f"a\n1\n{'A' * 43}=\n").root == bytes(32)
    with pytest.raises(CheckpointInvalid):
        Checkpoint.parse(text)
    if text.endswith("\n"):
        with pytest.raises(CheckpointInvalid):
            KEY.verifier.verify_checkpoint(KEY.sign(text), origin="a")


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, ROOT),
        (" ", 1, ROOT),
        ("a\nb", 1, ROOT),
        ("x" * 256, 1, ROOT),
        ("a", -1, ROOT),
        ("a", 2**63, ROOT),
        ("a", True, ROOT),
        ("a", 1, b"short"),
        ("a", 0, ROOT),
    ],
)
def test_a_checkpoint_that_cannot_be_is_not_signed(origin: str, size: int, root: bytes) -> None:
    assert KEY.sign_checkpoint("a", 0, EMPTY_ROOT).startswith("a\n0\n47DEQpj8")
    with pytest.raises(InvalidInput):
        KEY.sign_checkpoint(origin, size, root)


@pytest.mark.parametrize("text", ["", "a", "a\rb\n", "a\x00\n", "a\ud800\n"])
def test_a_text_that_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        KEY.sign(text)


def test_a_note_may_hold_empty_lines() -> None:
    for text in ("a\n\nb\n", "\n", "a\n\n\n"):
        assert KEY.verifier.verify(KEY.sign(text)) == text


def test_too_much_is_not_read() -> None:
    with pytest.raises(CheckpointInvalid, match="signatures"):
        Note.parse(NOTE + NOTE.split("\n\n")[1] * 64)
    with pytest.raises(CheckpointInvalid, match="characters"):
        Note.parse("a" * (1 << 20) + "\n" + NOTE)
    with pytest.raises(CheckpointInvalid, match="text"):
        Note.parse(NOTE.encode())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "\ud800", "x" * 256, None])
def test_a_name_that_no_note_can_carry_is_refused(name: Any) -> None:
    with pytest.raises(InvalidInput, match="key name"):
        CheckpointKey.generate(name)


@pytest.mark.parametrize("passphrase", [None, b"rahasia kota"])
def test_a_key_survives_its_file(passphrase: bytes | None) -> None:
    pem = KEY.to_pem(passphrase=passphrase)
    again = CheckpointKey.from_pem(pem, KEY.name, passphrase=passphrase)
    assert again.verifier == KEY.verifier
    assert again.sign_checkpoint(KEY.name, 1, ROOT) == NOTE
    assert (b"ENCRYPTED" in pem) == (passphrase is not None)


def test_an_unusable_key_file_is_refused_without_telling_the_passphrase() -> None:
    locked = KEY.to_pem(passphrase=b"rahasia")
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for pem, passphrase in [
        (locked, None),
        (locked, b"salah-sandi"),
        (KEY.to_pem(), b"salah-sandi"),
        (locked[:40], b"salah-sandi"),
        (b"", None),
        (elliptic, None),
    ]:
        with pytest.raises(KeyUnusable) as refused:
            CheckpointKey.from_pem(pem, "a", passphrase=passphrase)
        assert "salah-sandi" not in str(refused.value) + repr(refused.value.fields)
    with pytest.raises(InvalidInput, match="passphrase"):
        KEY.to_pem(passphrase=b"")


def test_nothing_secret_is_shown_or_pickled() -> None:
    pem = KEY.to_pem().decode().splitlines()[1]
    secret = base64.b64decode(pem)[-32:]
    for shown in (repr(KEY), str(KEY), repr(KEY.verifier)):
        assert pem not in shown
        assert secret.hex() not in shown
        assert "Private" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


@pytest.mark.parametrize(
    "line",
    [
        "— a AAAA\n",
        "— a AAAAAA==\n",
        "— a AAAAAAA\n",
        "— a AAAAAAB=\n",
        "— a AAAA AAA=\n",
        "— a\n",
        "—  AAAAAAA=\n",
        "- a AAAAAAA=\n",
        "— a+b AAAAAAA=\n",
        "— a AAAAAAA=\n ",
        "— a AAAAAAA=\r\n",
        "\n— a AAAAAAA=\n",
    ],
)
def test_an_irregular_signature_line_of_another_is_refused(line: str) -> None:
    assert KEY.verifier.verify_checkpoint(NOTE + "— a AAAAAAA=\n").size == 1
    with pytest.raises(CheckpointInvalid):
        KEY.verifier.verify_checkpoint(NOTE + line)


def test_a_verifier_key_of_another_type_is_refused() -> None:
    with pytest.raises(KeyUnusable, match="not of type Ed25519"):
        CheckpointVerifier.parse(GO_VERIFIER.replace("+AR", "+BR"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        GO_VERIFIER[:-1],
        GO_VERIFIER + "A",
        GO_VERIFIER + "\n",
        GO_VERIFIER.replace("c74f20a3", "c74f20a4"),
        GO_VERIFIER.replace("c74f20a3", "C74F20A3"),
        GO_VERIFIER.replace("PeterNeumann", "Peter"),
        GO_VERIFIER.replace("PeterNeumann", "Peter Neumann"),
        GO_VERIFIER.replace("+ARpc", "+ARpd"),
        GO_VERIFIER.replace("+AR", "+BR"),
        "PeterNeumann+c74f20a3+AQ==",
        None,
    ],
)
def test_an_irregular_verifier_key_is_refused(text: Any) -> None:
    with pytest.raises(KeyUnusable):
        CheckpointVerifier.parse(text)
