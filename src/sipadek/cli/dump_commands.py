"""Commands for all that a register knows, as lines of text."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

import sipadek
from sipadek import office as offices
from sipadek.archive.durable import storage_errors
from sipadek.cli.failing import FINE
from sipadek.cli.output import document, kept, say
from sipadek.cli.parameters import Json, OfficeFolder


def dump(
    office: OfficeFolder,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Write it there.")],
    json: Json = False,
) -> int:
    """Write all that the register knows as JSON Lines, for another database.

    The same register gives the same bytes on SQLite and PostgreSQL. Contents and keys are no part of it.
    """
    digest, count = hashlib.sha256(), 0
    with sipadek.open(office, create=False) as opened, kept(output) as file:
        for line in opened.numbers.dump():
            digest.update(line)
            file.write(line)
            count += 1
    if json:
        document({"path": str(output), "lines": count, "sha256": digest.hexdigest()})
    else:
        say(f"{output}: {count} lines, SHA-256 {digest.hexdigest()}")
    return FINE


def load(
    office: OfficeFolder,
    file: Annotated[Path, typer.Argument(metavar="DUMP", help="What `sipadek dump` wrote.")],
    keys: Annotated[Path, typer.Option(metavar="FOLDER", help="A copy of the office's keys/.")],
    json: Json = False,
) -> int:
    """Make an office in a new folder from a dump of its register.

    It is taken only if every table agrees with its signed log. Put the folder objects there, and audit.
    """
    with storage_errors("Reading", file), file.open("rb") as lines:
        offices.load_dump(office, lines, keys=keys)
    with sipadek.open(office, create=False) as opened:
        count = sum(1 for _ in opened.letters())
    if json:
        document({"office": str(office), "letters": count})
    else:
        say(f"{office}: {count} letters loaded; put the folder objects there, and audit")
    return FINE
