"""File every PDF below a folder into an office: numbered, stamped, signed, archived, searchable.

    python examples/batch_archive.py arsip-kota pindaian --demo-signer

The run can be stopped at any moment and started again: what is filed stays filed, and nothing is
filed twice. A letter's idempotency key is the digest of its bytes, which gives three simple rules:

- a file that was moved or renamed since the last run is known by its content and not filed again;
- a second copy of a file gets no number of its own: the report names the letter that holds it;
- a file that was edited is another document, and gets another number.

Every file ends as one row of report.csv and report.json: its number, or the reason it was refused.
The exit code is 0 if each file was filed or refused for a reason that lies in the file, else 1.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import attrs
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

import sipadek
from sipadek.archive import State
from sipadek.errors import NotFound, PdfError, SipadekError
from sipadek.office import FileRequest, Office, Outcome
from sipadek.signing import KeySigner, Signer
from sipadek.testing.authority import Authority

PATTERN = "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}"
console = Console(stderr=True)


@attrs.frozen(kw_only=True)
class Row:
    """How one file ended. ``result``: filed, already filed, copy, refused or failed."""

    path: str
    result: str
    number: str = ""
    reason: str = ""
    message: str = ""


