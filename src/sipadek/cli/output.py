"""What commands say: one JSON document, or lines and tables that can be piped.

On a terminal tables are drawn to its width; elsewhere they are a header and rows with tabs between
the cells, so that ``cut``, ``sort`` and a spreadsheet can take them.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO


def printable(text: str) -> str:
    """The text without what could steer a terminal or break a line: controls become spaces."""
    return "".join(each if each.isprintable() else " " for each in text)


def one_line(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(printable(text).split())


def say(text: str = "") -> None:
    """A line on standard output."""
    _write(sys.stdout, f"{text}\n")


def on_terminal(stream: TextIO | None) -> bool:
    """Whether a person sees what is written there. A stream that was closed is None."""
    return stream is not None and stream.isatty()


def note(text: str) -> None:
    """A remark for people: a line on standard output where that is a terminal, else nothing."""
    if on_terminal(sys.stdout):
        say(text)


def flush() -> None:
    """Hand over what was written, so that a failure shows while it can still be told."""
    if sys.stdout is not None:
        sys.stdout.flush()


def complain(message: str) -> None:
    """One line on standard error, as every error is told."""
    _write(sys.stderr, f"sipadek: {one_line(message)}\n")


def document(value: Any) -> None:
    """The one JSON document of a command."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    unicode = codecs.lookup(encoding).name == "utf-8"
    text = json.dumps(value, ensure_ascii=not unicode, indent=2)
    _write(sys.stdout, f"{text}\n")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows below headers. Cells are plain text; what is not printable becomes a space."""
    lines = [[printable(cell) for cell in row] for row in rows]
    if not on_terminal(sys.stdout):
        for line in [list(headers), *lines]:
            say("\t".join(line))
        return
    from rich import box  # noqa: PLC0415  # 60 ms that most commands in scripts do not need
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        drawn.add_column(Text(header), overflow="fold")
    for line in lines:
        drawn.add_row(*map(Text, line))
    console = Console(file=sys.stdout, highlight=False)
    with console.capture() as captured:
        console.print(drawn)
    _write(sys.stdout, captured.get())


def properties(pairs: Sequence[tuple[str, str]]) -> None:
    """One thing's properties, a line each; those that are empty are left out."""
    width = max(len(name) for name, _ in pairs) + 2
    for name, value in pairs:
        if value:
            gap = f"{name}:".ljust(width) if on_terminal(sys.stdout) else f"{name}:\t"
            say(f"{gap}{printable(value)}")


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while work goes on, where that is a terminal.

    Gives a callable that takes how many are done and how many there are.
    """
    if not on_terminal(sys.stderr):
        yield lambda *_: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _write(stream: TextIO | None, text: str) -> None:
    """Write what the stream's encoding has; the rest becomes question marks."""
    if stream is None:
        return
    encoding = stream.encoding or "ascii"
    stream.write(text.encode(encoding, "replace").decode(encoding))
