"""Backing up, checking and restoring on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from command_line import DETAILS, Run


def test_an_office_comes_back_from_its_backup(
    run: Run, office: Path, pdf: Callable[..., Path], tmp_path: Path
) -> None:
    assert run("file", office, pdf(), *DETAILS, "--subject", "satu").code == 0
    target, new = tmp_path / "cadangan", tmp_path / "baru"
    made = run("backup", office, target, "--check", "--json")
    assert made.code == 0
    assert made.value["copied"] == 1
    assert made.value["audit"]["clean"] is True
    assert "keep a copy of keys/" in run("backup", office, target, "--keep", "1").out
    assert len([*(target / "states").iterdir()]) == 1
    assert run("check-backup", target).code != 0  # without the key
    assert run("check-backup", target, "--keys", office / "keys").out.endswith("clean\n")
    restored = run("restore", target, new, "--keys", office / "keys", "--json")
    assert restored.code == 0
    assert restored.value["older"] is False
    assert run("checkpoint", new).out == run("checkpoint", office).out


def test_an_older_state_needs_a_reason(run: Run, office: Path, tmp_path: Path) -> None:
    target = tmp_path / "cadangan"
    first = run("backup", office, target, "--keys", "--json").value["state"]["name"]
    assert run("give", office, *DETAILS, "--subject", "satu", "--key", "1").code == 0
    run("backup", office, target, "--keys")
    refused = run("restore", target, tmp_path / "satu", "--state", first)
    assert refused.code == 1
    assert "log-rolled-back" in refused.out
    why = ("--restored", "yang baru rusak", "--actor", "Ani")
    taken = run("restore", target, tmp_path / "dua", "--state", first, *why)
    assert taken.code == 0
    assert "Make void" in taken.out


def test_what_is_lost_is_told(
    run: Run, office: Path, pdf: Callable[..., Path], tmp_path: Path
) -> None:
    assert run("file", office, pdf(), *DETAILS, "--subject", "satu").code == 0
    (path,) = office.glob("objects/??/*")
    path.unlink()
    made = run("backup", office, tmp_path / "cadangan")
    assert made.code == 1
    assert f"{path.name} is missing or damaged" in made.out
