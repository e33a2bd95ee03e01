"""A register as lines of text, and an office made of them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from command_line import DETAILS, Run


def test_an_office_comes_back_from_its_dump(
    run: Run, office: Path, pdf: Callable[..., Path], tmp_path: Path
) -> None:
    assert run("file", office, pdf(), *DETAILS, "--subject", "satu").code == 0
    file, new = tmp_path / "dump.jsonl", tmp_path / "baru"
    told = run("dump", office, "-o", file, "--json").value
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert run("load", new, file, "--keys", tmp_path).code != 0  # no key there
    assert not new.exists()
    assert run("load", new, file, "--keys", office / "keys").code == 0
    assert run("audit", new).code == 1  # the contents are missing
    shutil.copytree(office / "objects", new / "objects", dirs_exist_ok=True)
    assert run("audit", new).code == 0
    assert run("dump", new, "-o", tmp_path / "lagi.jsonl").code == 0
    assert (tmp_path / "lagi.jsonl").read_bytes() == file.read_bytes()
    assert run("load", new, file, "--keys", office / "keys").code == 2  # it is there
