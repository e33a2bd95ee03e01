"""Tables as a PDF on A4 in landscape, set with Typst.

Typst keeps what it set in memory, hundreds of megabytes for the book of a year, and has no way to let
go of it. So it works in a process that ends with the book.
"""

from __future__ import annotations

import functools
import importlib.resources
import importlib.util
import json
import multiprocessing.spawn
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from typing import IO, Any, Final, TypeVar

from sipadek.books.table import Cell, Column, Printed, Table, clean, printed_text
from sipadek.errors import InvalidInput, MissingExtra, WorkerLost

Entry = TypeVar("Entry")

MAX_PDF_ROWS: Final = 10_000
"""The most rows of one PDF; setting them takes about 200 KB each."""

SECONDS: Final = 300
"""The longest that setting a book may take, in seconds."""

_PAPER: Final = 269.0  # Millimetres between the margins of the template.
_INSET: Final = 2.5  # What a cell keeps free at its sides.
# About how wide the template's letters are, in millimetres.
_WIDTHS: Final = {
    **dict.fromkeys("ijltfrI.,;:'|/()- ", 1.0),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 2.3),
    **dict.fromkeys("mwMW%@", 2.9),
}
_WIDEST: Final = 3.1
_BREAK: Final = "\u200b"
_WORD: Final = re.compile(r"\S+")
_BREAKS_ITSELF: Final = re.compile(r"(?<=[/-])(?=[^\W\d_])")
_SEPARATOR: Final = re.compile(r"[/._@-](?=\S)")
# Tags would make the file ten times as large, and the HTML is there for readers aloud. Versions of
# Typst before 0.15 do not take the option.
_PROGRAM: Final = """
import json, sys, typst
job = json.load(sys.stdin.buffer)
compiler = typst.Compiler(input=job["template"].encode(), sys_inputs={"book": job["book"]})
try:
    try:
        pdf = compiler.compile(format="pdf", pdf_tags=False)
    except TypeError:
        pdf = compiler.compile(format="pdf")
except RuntimeError as error:
    sys.stderr.buffer.write(str(error).encode())
    sys.exit(3)
sys.stdout.buffer.write(pdf)
"""
_REFUSED: Final = 3


def write_pdf(entries: Iterable[Entry], file: IO[bytes], book: Printed[Entry]) -> None:
    """Write the tables of ``book`` as a PDF, with the heads of tables on every page. All entries are
    in memory at once. The same entries give the same bytes with the same version of Typst, as long
    as its own fonts have all characters; others are taken from the fonts that are installed.

    Control characters become their signs, as with ``clean``.

    Raises:
        MissingExtra: Typst is not installed.
        InvalidInput: more than MAX_PDF_ROWS rows, or Typst cannot set them.
        WorkerLost: the process that sets the book died, or took longer than SECONDS.
    """
    content: dict[str, Any] = {
        "title": clean(book.title),
        "office": clean(book.office),
        "period": clean(book.period),
        "tables": [],
    }
    room = MAX_PDF_ROWS
    for table in book.tables(entries):
        told = _table(table, room)
        content["tables"].append(told)
        room -= len(told["rows"])
    file.write(typeset(_template(), content))


def typeset(source: str, content: object) -> bytes:
    """What Typst makes of ``source`` with the JSON text of ``content`` in the input "book", as a PDF.
    Raises like ``write_pdf``."""
    if importlib.util.find_spec("typst") is None:
        raise MissingExtra(
            "Books are set as PDF with Typst, which is not installed. Install 'sipadek[all]', or "
            "print the HTML."
        )
    return _set(json.dumps({"template": source, "book": json.dumps(content)}).encode())


def _set(job: bytes) -> bytes:
    executable = os.fsdecode(multiprocessing.spawn.get_executable() or sys.executable)
    command = [executable, "-P", "-c", _PROGRAM]
    try:
        done = subprocess.run(command, input=job, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise WorkerLost(
            f"Setting the book took longer than {SECONDS} seconds. Export a shorter period, or print "
            "the HTML.",
            seconds=SECONDS,
        ) from error
    told = done.stderr.decode(errors="replace").strip()[-500:]
    if done.returncode == _REFUSED:
        raise InvalidInput(f"Typst cannot set the book: {told}. Print the HTML.")
    if done.returncode:
        raise WorkerLost(
            f"The process that sets the book ended with {done.returncode}: {told}. Export a shorter "
            "period, or print the HTML.",
            status=done.returncode,
        )
    return done.stdout


@functools.cache
def _template() -> str:
    return importlib.resources.files(__package__).joinpath("book.typ").read_text("utf-8")


def _table(table: Table, room: int) -> dict[str, Any]:
    whole = sum(column.width for column in table.columns)
    limits = [column.width / whole * _PAPER - _INSET for column in table.columns]
    rows: list[list[str]] = []
    for row in table.rows:
        if len(rows) == room:
            raise InvalidInput(
                f"A PDF holds at most {MAX_PDF_ROWS} rows, and the book has more. Export a shorter "
                "period, or print the HTML.",
                rows=MAX_PDF_ROWS,
            )
        rows.append([_breakable(cell, limit) for cell, limit in zip(row, limits, strict=True)])
    return {
        "name": clean(table.name),
        "columns": [_column(column) for column in table.columns],
        "rows": rows,
        "total": clean(table.total()),
    }


def _column(column: Column) -> dict[str, Any]:
    return {"heading": clean(column.heading), "width": column.width, "align": column.align}


def _breakable(cell: Cell, limit: float) -> str:
    """The text with places where a line may end in words that are wider than the column, since
    Typst lets them run over the edge."""
    text = printed_text(cell)
    if len(text) * _WIDEST <= limit:
        return text
    return _WORD.sub(lambda word: _broken(word.group(), limit), text)


def _broken(word: str, limit: float) -> str:
    parts = _BREAKS_ITSELF.split(word)
    return "".join(part if _width(part) <= limit else _with_breaks(part, limit) for part in parts)


def _with_breaks(part: str, limit: float) -> str:
    """Breaks after separators; in what is still too wide, wherever a line is full."""
    pieces = []
    for piece in _SEPARATOR.sub(lambda found: found.group() + _BREAK, part).split(_BREAK):
        begin, used = 0, 0.0
        for place, char in enumerate(piece):
            used += _width(char)
            if used > limit and place > begin:
                pieces.append(piece[begin:place])
                begin, used = place, _width(char)
        pieces.append(piece[begin:])
    return _BREAK.join(pieces)


def _width(text: str) -> float:
    return sum(_WIDTHS.get(char) or _other_width(char) for char in text)


def _other_width(char: str) -> float:
    if char.isascii():
        return 1.5
    return _WIDEST if unicodedata.east_asian_width(char) in "WF" else 2.0
