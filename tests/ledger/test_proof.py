"""Bundles that prove an event without the office."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipadek.errors import CheckpointInvalid, LedgerInconsistent, SipadekError
from sipadek.ledger import (
    CheckpointKey,
    CompactRange,
    CosignerKey,
    Event,
    Proof,
    inclusion_proof,
    leaf_hash,
)
from sipadek.ledger.verify_proof import main

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
LOG = CheckpointKey.generate("arsip.kota.example")
WATCHERS = [CosignerKey.generate(f"saksi-{n}.example") for n in range(3)]
PDF = b"%PDF-1.7 naskah terbit"
BODIES = [
    Event(
        kind="letter.issued",
        at=NOW,
        subject=f"surat-{n}",
        data={"number": f"{n}/2026", "filed_digest": hashlib.sha256(PDF).hexdigest()},
    ).canonical_bytes()
    for n in range(30)
]
LEAVES = [leaf_hash(body) for body in BODIES]


def bundle(index: int, size: int, *, witnesses: int = 0) -> Proof:
    note = LOG.sign_checkpoint(LOG.name, size, CompactRange.of(LEAVES[:size]).root())
    for watcher in WATCHERS[:witnesses]:
        note = watcher.cosign(note, at=NOW)
    path = inclusion_proof(LEAVES[:size], index)
    return Proof(index=index, path=path, checkpoint=note, extra=BODIES[index])


@settings(max_examples=80, deadline=None)
@given(size=st.integers(1, 30), data=st.data())
def test_a_bundle_proves_its_event_and_is_read_again(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    made = bundle(index, size, witnesses=2)
    assert Proof.parse(str(made)) == made
    verifiers = [watcher.verifier for watcher in WATCHERS]
    proven = made.verify(LOG.verifier, witnesses=verifiers, wanted=2)
    assert proven.event == Event.parse(BODIES[index])
    assert (proven.index, proven.checkpoint.size) == (index, size)
    assert proven.cosigned == {watcher.name: NOW for watcher in WATCHERS[:2]}
    with pytest.raises(CheckpointInvalid, match=WATCHERS[2].name):
        made.verify(LOG.verifier, witnesses=verifiers)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_changed_character_proves_anything_else(data: st.DataObject) -> None:
    made = bundle(11, 23, witnesses=1)
    text = str(made)
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters(codec="utf-8").filter(lambda c: c != text[at]))
    changed = text[:at] + new + text[at + 1 :]
    try:
        proven = Proof.parse(changed).verify(LOG.verifier, witnesses=[WATCHERS[0].verifier])
    except SipadekError:
        return
    raise AssertionError(f"{proven} by {changed}")


def test_another_event_under_the_same_path_is_refused() -> None:
    made = bundle(3, 9)
    swapped = Proof(index=3, path=made.path, checkpoint=made.checkpoint, extra=BODIES[4])
    with pytest.raises(LedgerInconsistent):
        swapped.verify(LOG.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n\nx",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + "A" * 43 + "=\n" * 64 + "\nx",
    ],
)
def test_what_is_no_bundle_is_refused(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        Proof.parse(text)


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "b.tlog-proof").write_text(str(bundle(4, 17, witnesses=1)), encoding="utf-8")
    (tmp_path / "log.pub").write_text(f"{LOG.verifier}\n", encoding="utf-8")
    (tmp_path / "terbit.pdf").write_bytes(PDF)
    (tmp_path / "lain.pdf").write_bytes(PDF + b"x")
    return tmp_path


def _run(files: Path, *more: str) -> int:
    return main([str(files / "b.tlog-proof"), "--origin-key", str(files / "log.pub"), *more])


def test_the_command_says_what_is_proven(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    witness = ("--witness-key", str(WATCHERS[0].verifier))
    assert _run(files, *witness, "--file", str(files / "terbit.pdf")) == 0
    text = capsys.readouterr().out
    assert "TERBUKTI" in text
    assert "4/2026" in text
    assert f"disaksikan {WATCHERS[0].name}" in text
    assert "naskah terbit" in text
    assert _run(files, "--json", "--file", str(files / "lain.pdf")) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["proven"], answer["file"], answer["index"]) == (True, "other", 4)


def test_the_command_refuses_what_is_not_proven(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(files, "--witness-key", str(WATCHERS[1].verifier)) == 1
    assert _run(files, "--witness-key", "tidak-ada.pub") == 2
    other = CheckpointKey.generate(LOG.name)
    assert main([str(files / "b.tlog-proof"), "--origin-key", str(other.verifier), "--json"]) == 1
    captured = capsys.readouterr()
    assert "TIDAK TERBUKTI" in captured.err
    assert json.loads(captured.out)["proven"] is False
