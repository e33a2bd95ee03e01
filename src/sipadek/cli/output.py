"""What commands say: one JSON document, or lines and tables that can be piped.

On a terminal tables are drawn to its width; elsewhere they are a header and rows with tabs between
the cells, so that ``cut``, ``sort`` and a spreadsheet can take them.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from sipadek.errors import InvalidInput

if TYPE_CHECKING:
    from rich.console import RenderableType


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
    if not on_terminal(sys.stdout):
        for row in (headers, *rows):
            say("\t".join(map(printable, row)))
        return
    from rich import box  # rich takes 60 ms that commands in scripts do not need
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        drawn.add_column(Text(header), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    _draw(drawn)


def passages(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Like ``table``, for rows that end in a long text: on a terminal that stands below the others."""
    if not on_terminal(sys.stdout):
        table(headers, rows)
        return
    from rich.padding import Padding
    from rich.text import Text

    for first, *others, text in rows:
        _draw(
            Text.assemble((printable(first), "bold"), *(f"  {printable(cell)}" for cell in others))
        )
        _draw(Padding(Text(printable(text), style="dim"), (0, 0, 1, 2)))


@contextlib.contextmanager
def kept(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when it is whole: work that failed replaces none. What is no regular
    file, such as a pipe or a device, is written to as it is."""
    path = path.resolve()
    whole = not path.exists() or path.is_file()
    staged = path.with_name(f".{path.name}.{os.getpid()}.part") if whole else path
    try:
        with staged.open("wb") as file:
            yield file
        if whole:
            staged.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"cannot write {path}: {error.strerror}; choose another -o", path=str(path)
        ) from error
    finally:
        if whole:
            staged.unlink(missing_ok=True)


def _draw(what: RenderableType) -> None:
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False)
    with console.capture() as captured:
        console.print(what)
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
    from rich.console import Console
    from rich.progress import (
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
