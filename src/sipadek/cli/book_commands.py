"""Commands about books: the ones that an office prints, and the older one that it brings along."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any, Final

import attrs
import typer

import sipadek
from sipadek import books
from sipadek.cli.failing import FINE, NO
from sipadek.cli.keys import read_file
from sipadek.cli.output import document, kept, note, passages, say
from sipadek.cli.parameters import Actor, Json, OfficeFolder, as_pairs
from sipadek.errors import InvalidInput

SeriesCode = Annotated[str, typer.Argument(metavar="CODE", help="The series.")]
Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help="Ends in .pdf, .xlsx, .csv or .html."),
]
Name = Annotated[
    str, typer.Option(metavar="TEXT", help="The office's name, as it stands under the title.")
]
Period = Annotated[
    str, typer.Option(metavar="PERIOD", help="Only letters of 2026, or 2026-11. [default: all]")
]

_WRITERS: Final[dict[str, Callable[[Iterable[Any], IO[bytes], books.Printed[Any]], None]]] = {
    ".pdf": books.write_pdf,
    ".xlsx": books.write_xlsx,
    ".csv": books.write_csv,
    ".html": books.write_html,
}


def book(
    office: OfficeFolder,
    series: SeriesCode,
    output: Output,
    name: Name = "",
    period: Period = "",
    agenda: Annotated[
        bool, typer.Option("--agenda", help="The agenda, by the day of recording, instead.")
    ] = False,
    columns: Annotated[
        str, typer.Option(metavar="A,B", help=f"Which columns: {', '.join(books.COLUMNS)}, x.NAME.")
    ] = "",
    json: Json = False,
) -> int:
    """Write the register book of a series, with every number: issued, held and void."""
    write = _writer(output)
    with sipadek.open(office, create=False) as opened:
        zone = opened.numbers.series(series).timezone
        letters: Iterator[sipadek.Letter] = (
            letter
            for letter in opened.letters()
            if letter.details.series == series
            and f"{letter.details.date.isoformat()}-".startswith(f"{period}-" if period else "")
        )
        if not agenda:
            letters = iter(sorted(letters, key=_by_number))
        make = books.Book.agenda if agenda else books.Book.register
        printed = make(office=name, period=period or "Semua periode", timezone=zone)
        if columns:
            chosen = [each.strip() for each in columns.split(",") if each.strip()]
            printed = attrs.evolve(printed, columns=tuple(chosen))
        counted = _Counted(letters)
        with kept(output) as file:
            write(counted, file, printed)
    return _written(output, counted.count, json=json)


def gaps(
    office: OfficeFolder,
    output: Output,
    series: Annotated[
        str, typer.Argument(metavar="[CODE]", help="Only this series.", show_default=False)
    ] = "",
    name: Name = "",
    json: Json = False,
) -> int:
    """Write the report that accounts for every number. Exit code 1 where one is missing."""
    write = _writer(output)
    with sipadek.open(office, create=False) as opened:
        accounts = opened.numbers.accounts(series)
    with kept(output) as file:
        write(accounts, file, books.GapReport(office=name, period="Semua periode"))
    _written(output, len(accounts), json=json)
    return NO if any(each.missing for each in accounts) else FINE


def import_(
    office: OfficeFolder,
    series: SeriesCode,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The older book: .csv or .xlsx.")],
    actor: Actor,
    explain: Annotated[
        str, typer.Option(metavar="TEXT", help="What is known of its holes and repeats.")
    ] = "",
    set_aside: Annotated[
        list[str] | None,
        typer.Option(metavar="LINE=REASON", help="Leaves a row out; can be repeated."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=HEADING", help="A heading that is not known by itself."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only show what the import would do.")
    ] = False,
    json: Json = False,
) -> int:
    """Bring an older book into a series; the counters go on after it. Nothing is renumbered.

    Exit code 1 where rows, holes or repeats are in the way; then nothing was imported.
    """
    aside = {_line(line): reason for line, reason in as_pairs("set-aside", set_aside).items()}
    table = _read(file, as_pairs("column", column))
    with sipadek.open(office, create=False) as opened:
        plan = books.plan_legacy(
            opened.numbers.series(series), table.rows, default_explanation=explain, set_aside=aside
        )
        imported = plan.ready and not check
        if imported:
            opened.numbers.import_legacy(series, plan.approved(), source=file.name, actor=actor)
    code = FINE if plan.ready else NO
    if json:
        document(
            {
                "series": series,
                "imported": imported,
                "numbers": len(plan.numbers),
                "set_aside": [one.row.line for one in plan.set_aside],
                "problems": [
                    {
                        "kind": one.kind.value,
                        "line": one.line,
                        "settled": one.settled,
                        "message": one.message,
                    }
                    for one in plan.problems
                ],
            }
        )
        return code
    if plan.problems:
        rows = [
            [one.kind.value, "settled" if one.settled else "OPEN", one.message]
            for one in plan.problems
        ]
        passages(["WHAT", "STATE", "MESSAGE"], rows)
    told = "imported" if imported else "ready to be imported" if plan.ready else "not imported"
    say(f"{series}: {len(plan.numbers)} lines of {file.name} {told}")
    if plan.open:
        note("Correct the rows, explain holes and repeats with --explain, or use --set-aside.")
    return code


class _Counted:
    """Passes entries on and counts them."""

    def __init__(self, entries: Iterable[sipadek.Letter]) -> None:
        self._entries = entries
        self.count = 0

    def __iter__(self) -> Iterator[sipadek.Letter]:
        for entry in self._entries:
            self.count += 1
            yield entry


def _by_number(letter: sipadek.Letter) -> tuple[str, int, int]:
    return letter.counter, letter.sequence, letter.insertion


def _writer(path: Path) -> Callable[[Iterable[Any], IO[bytes], books.Printed[Any]], None]:
    try:
        return _WRITERS[path.suffix.lower()]
    except KeyError:
        raise InvalidInput(
            f"--output {str(path)!r} ends in no known format; write .pdf, .xlsx, .csv or .html"
        ) from None


def _written(path: Path, count: int, *, json: bool) -> int:
    if json:
        document({"path": str(path), "entries": count, "size": path.stat().st_size})
    else:
        say(f"{path}: {count} entries, {path.stat().st_size} bytes")
    return FINE


def _read(path: Path, columns: dict[str, str]) -> books.LegacyTable:
    readers: dict[str, Callable[..., books.LegacyTable]] = {
        ".csv": books.read_legacy_csv,
        ".xlsx": books.read_legacy_xlsx,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput(f"{path} is no older book that can be read; save it as .csv or .xlsx")
    return reader(io.BytesIO(read_file(path)), columns=columns)


def _line(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidInput(
            f"--set-aside has the line {text!r}; write LINE=REASON, such as 12=rusak"
        )
    return int(text)
