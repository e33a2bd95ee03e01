"""The command that marks the pages of a PDF, without an office."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sipadek.cli.failing import FINE
from sipadek.cli.keys import read_file, read_password
from sipadek.cli.output import document, kept, say
from sipadek.cli.parameters import Json, PdfPasswordFile, as_which
from sipadek.errors import InvalidInput
from sipadek.stamping import Mark, Picture, Text, Watermark, marked


def mark(
    pdf: Annotated[
        Path, typer.Argument(metavar="PDF", exists=True, dir_okay=False, help="It stays as it is.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the marked PDF goes.")
    ],
    text: Annotated[
        str, typer.Option(metavar="TEXT", help="Text; {n} is the page's number, {m} how many.")
    ] = "",
    watermark: Annotated[
        str, typer.Option(metavar="TEXT", help="Across the page, such as SALINAN or RAHASIA.")
    ] = "",
    over: Annotated[
        bool, typer.Option("--over", help="The watermark as outlines over the page, for scans.")
    ] = False,
    pages: Annotated[
        str,
        typer.Option(metavar="PAGES", help="first, last, all, odd, even, or such as 1-3,7,9-last."),
    ] = "all",
    anchor: Annotated[
        str,
        typer.Option(metavar="PLACE", help="Of text or picture: bottom, top-right and so on."),
    ] = "bottom",
    margin: Annotated[
        float, typer.Option(metavar="POINTS", min=0, help="Of both, from the page's edges.")
    ] = 18.0,
    tag: Annotated[
        str, typer.Option(metavar="TAG", help="The text or picture goes where this text stands.")
    ] = "",
    nth: Annotated[
        str, typer.Option(metavar="N", help="Which of the tag's places: 1, -1 the last, or every.")
    ] = "only",
    free: Annotated[
        bool, typer.Option("--free", help="Of text or picture: where nothing is, near the place.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, help="A PNG or JPEG, as a paraf.")
    ] = None,
    width: Annotated[float, typer.Option(metavar="POINTS", help="Of the picture.")] = 80.0,
    size: Annotated[float, typer.Option(metavar="POINTS", help="Of the text's letters.")] = 9.0,
    pdf_password_file: PdfPasswordFile = None,
    json: Json = False,
) -> int:
    """Write page numbers, copy numbers or a watermark on a PDF, in one appended revision.

    A signed PDF is refused; marks that are there already are not drawn twice. Long lines of text are
    not broken; a line break is written as \\n.
    """
    marks = []
    where: dict[str, Any] = {
        "pages": pages, "anchor": anchor, "margin": margin, "tag": tag, "nth": as_which(nth),
        "free": free,
    }  # fmt: skip
    if watermark:
        marks.append(Mark(what=Watermark(text=watermark, over=over), pages=pages))
    if text:
        lines = Text(text=text.replace("\\n", "\n"), size=size)
        marks.append(Mark(what=lines, **where))
    if picture is not None:
        drawn = Picture(data=read_file(picture), width=width)
        marks.append(Mark(what=drawn, **where))
    if not marks:
        raise InvalidInput("there is nothing to draw; give --text, --picture or --watermark")
    data = read_file(pdf)
    found = marked(data, marks, password=read_password(pdf_password_file))
    with kept(output) as file:
        file.write(found)
    if json:
        document({"path": str(output), "size": len(found), "added": len(found) - len(data)})
    else:
        say(f"{output}: {len(found) - len(data)} bytes added")
    return FINE
