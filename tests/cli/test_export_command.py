"""Handing letters over on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bagit
from command_line import DETAILS, Run


def test_letters_are_exported(
    run: Run, office: Path, pdf: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("satu", "dua"):
        file = pdf(name, name=f"{name}.pdf")
        assert run("file", office, file, *DETAILS, "--subject", name).code == 0
    done = run("export", office, tmp_path / "tas", "--info", "Contact-Name=Ani", "--json")
    assert (done.code, done.value["letters"]) == (0, 2)
    bag = bagit.Bag(str(tmp_path / "tas"))
    assert bag.validate()
    assert bag.info["Contact-Name"] == "Ani"
    assert "1 letters" in run("export", office, tmp_path / "satu", "--query", "satu").out
    listed = ("--letters", tmp_path / "daftar.txt", "--layout", "ocfl")
    number = run("search", office, "dua", "--json").value["hits"][0]["letter"]["number"]
    (tmp_path / "daftar.txt").write_text(f"\n{number}\n")
    assert run("export", office, tmp_path / "ocfl", *listed).code == 0
    assert (tmp_path / "ocfl" / "0=ocfl_1.1").exists()
    assert run("export", office, tmp_path / "ocfl").code == 2  # it is there already
