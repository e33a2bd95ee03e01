"""The command that hands letters over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import sipadek
from sipadek.cli.failing import FINE
from sipadek.cli.keys import read_file
from sipadek.cli.output import document, progress, say
from sipadek.cli.parameters import Json, OfficeFolder, as_pairs
from sipadek.errors import InvalidInput


def export(
    office: OfficeFolder,
    target: Annotated[Path, typer.Argument(metavar="PACKAGE", help="A new path.")],
    query: Annotated[
        str, typer.Option(metavar="QUERY", help="Only what this finds. [default: every letter]")
    ] = "",
    letter: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER_OR_ID", help="Only this one; can be repeated."),
    ] = None,
    letters: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only those of this list, one a line.")
    ] = None,
    layout: Annotated[str, typer.Option(metavar="LAYOUT", help="bagit or ocfl.")] = "bagit",
    info: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL=TEXT",
            help="What is said of the package, such as Source-Organization=…; can be repeated.",
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Write a package of letters with their descriptions, histories and proofs.

    By default a BagIt bag (RFC 8493); with --layout ocfl an OCFL 1.1 storage root.
    """
    chosen = None if letter is None and letters is None else [*(letter or ()), *_listed(letters)]
    with (
        sipadek.open(office, create=False) as opened,
        progress("Exporting") as advance,
    ):
        done = opened.export(
            target,
            query=query,
            letters=chosen,
            layout=layout,
            info=as_pairs("info", info),
            progress=advance,
        )
    if json:
        document(
            {
                "path": str(done.path),
                "letters": done.letters,
                "filed": done.filed,
                "size": done.size,
                "checkpoint": done.checkpoint,
            }
        )
    else:
        say(f"{done.path}: {done.letters} letters, {done.filed} PDFs of {done.size} bytes")
    return FINE


def _listed(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        lines = read_file(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not a text in UTF-8; save the list so") from None
    return [line.strip() for line in lines if line.strip()]
