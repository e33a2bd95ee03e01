"""The command that reads scanned pages."""

from __future__ import annotations

from typing import Annotated

import attrs
import typer

import sipadek
from sipadek.cli.failing import FINE
from sipadek.cli.output import document, progress, say
from sipadek.cli.parameters import Json, OfficeFolder
from sipadek.text import LANGUAGES, Tesseract


def ocr(
    office: OfficeFolder,
    language: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANG",
            help="A language of Tesseract; can be repeated. [default: ind, or eng without it]",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Read at most N pages. [default: all]")
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Also pages that failed, or that another language or version of Tesseract was at.",
        ),
    ] = False,
    json: Json = False,
) -> int:
    """Read the pages on which no text was found, so that their words are found (Tesseract).

    Letters are filed meanwhile as ever. It can be interrupted; the same command goes on. One such
    command at a time works on an office.
    """
    recogniser = Tesseract(language or LANGUAGES)
    with sipadek.open(office, create=False) as opened, progress("Recognising") as advance:
        done = opened.recognise(recogniser, limit=limit, again=again, progress=advance)
    if json:
        document(attrs.asdict(done))
        return FINE
    say(
        f"{done.recognised} pages recognised by {done.recogniser}, {done.empty} with nothing to read,"
        f" {done.failed} failed, {done.waiting} waiting"
    )
    return FINE
