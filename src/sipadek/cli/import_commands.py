"""Commands that bring in letters that have their numbers from elsewhere."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import attrs
import typer

import sipadek
from sipadek import intake
from sipadek.cli.failing import FINE, NO, error_value
from sipadek.cli.output import document, passages, say
from sipadek.cli.parameters import Json, OfficeFolder, as_pairs
from sipadek.cli.values import letter_value
from sipadek.errors import InvalidInput
from sipadek.intake import Fault, Incoming
from sipadek.office import Imported, import_letters

Source = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Where they come from; say the same to go on after an interruption."
    ),
]
Actor = Annotated[str, typer.Option(metavar="NAME", help="Who does it, for the record.")]
Series = Annotated[str, typer.Option(metavar="CODE", help="The series of their accession numbers.")]
Unit = Annotated[str, typer.Option(metavar="UNIT", help="The unit, where a letter has none.")]
Files = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Where the files lie that it names.")
]
Workers = Annotated[int, typer.Option(min=0, max=64, metavar="N", help="Processes that file.")]


def import_folder(
    office: OfficeFolder,
    table: Annotated[Path, typer.Argument(metavar="CSV", help="A line a letter, with headings.")],
    source: Source,
    actor: Actor,
    files: Files = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=HEADING", help="A heading that is not known by itself."),
    ] = None,
    extra: Annotated[
        list[str] | None, typer.Option(metavar="HEADING", help="Keep this column, too.")
    ] = None,
    series: Series = "arsip-lama",
    unit: Unit = "",
    workers: Workers = 0,
    json: Json = False,
) -> int:
    """Bring in a folder of PDFs, as a CSV describes them.

    The same command again goes on where it stopped. Exit code 1 where letters could not be taken.
    """
    found = intake.read_csv_folder(
        table, folder=files, columns=as_pairs("column", column), extra=extra or ()
    )
    return _import(office, found, source, actor, series, unit, workers, json=json)


def import_paperless(
    office: OfficeFolder,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="What document_exporter wrote, unpacked.")
    ],
    source: Source,
    actor: Actor,
    archived: Annotated[
        bool, typer.Option("--archived", help="Take the PDF/A that paperless made.")
    ] = False,
    series: Series = "arsip-lama",
    unit: Unit = "",
    workers: Workers = 0,
    json: Json = False,
) -> int:
    """Bring in an export of paperless-ngx. Goes on, and ends, as import-folder."""
    found = intake.read_paperless(folder, archived=archived)
    return _import(office, found, source, actor, series, unit, workers, json=json)


def import_opensid(
    office: OfficeFolder,
    dump: Annotated[
        Path, typer.Argument(metavar="FILE", help="An SQL dump, or a CSV of one table.")
    ],
    source: Source,
    actor: Actor,
    table: Annotated[
        str,
        typer.Option(metavar="TABLE", help=f"Of a CSV: {', '.join(intake.OPENSID_TABLES)}."),
    ] = "",
    files: Files = None,
    series: Series = "arsip-lama",
    unit: Unit = "",
    workers: Workers = 0,
    json: Json = False,
) -> int:
    """Bring in OpenSID's letters: surat_masuk, surat_keluar, log_surat.

    Without --files they are only registered. Goes on, and ends, as import-folder.
    """
    if dump.suffix.lower() == ".csv":
        found = intake.read_opensid_csv(dump, table=table, folder=files)
    elif table:
        raise InvalidInput("--table says what a CSV holds; an SQL dump names its tables itself")
    else:
        found = intake.read_opensid_sql(dump, folder=files)
    return _import(office, found, source, actor, series, unit, workers, json=json)


def _import(
    office: Path,
    letters: Iterator[Incoming | Fault],
    source: str,
    actor: str,
    series: str,
    unit: str,
    workers: int,
    *,
    json: bool,
) -> int:
    first = list(itertools.islice(letters, 1))  # what is no such file is refused before anything
    coming = (_with_unit(each, unit) for each in itertools.chain(first, letters))
    with sipadek.open(office, create=False) as opened:
        done = import_letters(
            opened, coming, source=source, actor=actor, series=series, workers=workers
        )
        counts, refused, brought = _counted(done, json=json)
    code = NO if refused else FINE
    if json:
        document({**counts, "refused": len(refused), "letters": brought})
        return code
    if refused:
        rows = [["refused", each.place, str(each.error)] for each in refused]
        passages(["RESULT", "WHERE", "WHY"], rows)
    say(
        f"{counts['imported']} imported, {counts['before']} were there before,"
        f" {len(refused)} refused"
    )
    return code


def _with_unit(one: Incoming | Fault, unit: str) -> Incoming | Fault:
    return attrs.evolve(one, unit=unit) if isinstance(one, Incoming) and not one.unit else one


def _counted(
    done: Iterable[Imported], *, json: bool
) -> tuple[dict[str, int], list[Imported], list[object]]:
    counts = Counter(imported=0, before=0)
    refused: list[Imported] = []
    told: list[object] = []
    for each in done:
        if each.letter is None:
            refused.append(each)
        else:
            counts["before" if each.before else "imported"] += 1
        if json:
            told.append(
                {
                    "place": each.place,
                    "before": each.before,
                    "letter": None if each.letter is None else letter_value(each.letter),
                    "error": None if each.error is None else error_value(each.error),
                }
            )
    return dict(counts), refused, told
