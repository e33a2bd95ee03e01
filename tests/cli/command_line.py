"""What the tests of the command line share: how a command ended, and a signer's files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

PASSPHRASE = "kata sandi contoh"
DETAILS = ("--series", "ket", "--unit", "KEL-LEGOK", "--classification", "400.12.2.1")


@attrs.frozen
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The one JSON document of standard output."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The table of standard output, without its header."""
        return [line.split("\t") for line in self.out.splitlines()[1:]]


Run = Callable[..., Ran]


@attrs.frozen
class Keys:
    """Where a signer's files lie."""

    root: Path
    pkcs12: Path
    certificate: Path
    key: Path
    passphrase: Path

    @property
    def options(self) -> list[str]:
        return ["--pkcs12", str(self.pkcs12), "--passphrase-file", str(self.passphrase)]
