"""audit with its options, checkpoint, cosign, proof, and recover --restored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Run

import sipadek
from sipadek.ledger.verify_proof import main as verify_proof


@pytest.fixture
def given(run: Run, office: Path) -> Path:
    """An office that gave a number."""
    with sipadek.open(office) as opened:
        opened.define_series("nota", "N-{nomor}", restart="never")
    assert run("give", office, "--series", "nota", "--subject", "Undangan", "--key", "a").code == 0
    return office


def test_the_way_of_a_checkpoint_to_a_witness_and_back(
    run: Run, given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request, cosigned, bundle = (tmp_path / name for name in ("a.txt", "b.txt", "c.tlog-proof"))
    witness, log_key = tmp_path / "saksi", given / "keys" / "checkpoint.pub"
    assert run("checkpoint", given, "--since", "0", "--output", request).code == 0
    asked = ("cosign", witness, request, "--log-key", log_key, "--output", cosigned)
    assert run(*asked).code == 2  # a new witness needs a name
    assert run(*asked, "--name", "inspektorat.example").code == 0
    assert run(*asked, "--name", "lain.example").code == 2
    pub = witness / "witness.pub"
    assert run("checkpoint", given, "--add", cosigned).code == 2
    kept = run("checkpoint", given, "--add", cosigned, "--witness-key", pub)
    assert kept.out.startswith("inspektorat.example cosigned at ")
    assert run("proof", given, "N-1", "--output", bundle).code == 0
    assert run("audit", given, "--known", cosigned).code == 0
    assert run("audit", given, "--known", tmp_path / "tidak-ada").code == 2
    keys = ["--origin-key", str(log_key), "--witness-key", str(pub)]
    assert verify_proof([str(bundle), *keys]) == 0
    assert "inspektorat.example" in capsys.readouterr().out
    assert run("checkpoint", given).out.count("\n") == 5
    for asked in (("checkpoint", given), ("proof", given, "N-1")):
        assert run(*asked, "--json").value["text"] == run(*asked).out
    assert run("cosign", witness, request, "--log-key", log_key).code == 2  # starts from 0 again


def test_an_audit_writes_a_page(run: Run, given: Path, tmp_path: Path) -> None:
    page = tmp_path / "laporan.html"
    done = run("audit", given, "--html", page, "--sample", "0.5", "--rate", "100", "--json")
    assert (done.code, done.value["clean"]) == (0, True)
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert run("audit", given, "--sample", "7").code == 2


def test_an_older_folder_is_refused_and_can_be_taken(run: Run, given: Path, tmp_path: Path) -> None:
    kept, older = tmp_path / "kept.json", tmp_path / "lama"
    assert run("audit", given, "--kept", kept).code == 0
    shutil.copytree(given, older)
    with sipadek.open(given, kept=kept) as opened:
        opened.define_series("lain", "L-{nomor}", restart="never")
    refused = run("audit", older, "--kept", kept)
    assert refused.code == 2
    assert "--restored" in refused.err
    assert run("recover", older, "--restored", "disk rusak").code == 2
    options = ("--kept", kept, "--restored", "disk rusak", "--actor", "Ani")
    assert run("recover", older, *options, "--json").value["unregistered"] == []
    assert run("audit", older, "--kept", kept).code == 0
