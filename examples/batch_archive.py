"""File every PDF below a folder into an office: numbered, stamped, signed, archived, searchable.

    python examples/batch_archive.py arsip-kota pindaian --demo-signer

Stop it at any moment and start it again: what is filed stays filed, and nothing is filed twice.
A document is known by the digest of its bytes, which gives three simple rules:

- a file that was moved or renamed since the last run is not filed again;
- a copy of another file gets no number of its own: the report shows its content's number;
- a file that was edited is another document, and gets another number.

Each file ends as one row of report.csv and report.json: its number, or the reason it was refused.
The exit code is 0 if every file was filed, or refused for a reason that lies in the file, else 1.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import attrs
import typer
from rich.console import Console
from rich.progress import Progress, track

import sipadek
from sipadek.errors import PdfError, StampError, WorkerLost
from sipadek.testing.authority import Authority

FAULT_OF_THE_FILE = (PdfError, StampError, WorkerLost)
console = Console(stderr=True)


@attrs.frozen(kw_only=True)
class Row:
    """How one file ended; ``result`` is filed, filed before, copy, refused or failed."""

    path: str = ""
    result: str
    number: str = ""
    error: str = ""
    message: str = ""


def main(
    office: Annotated[Path, typer.Argument(help="the office's folder; made on first use")],
    folder: Annotated[
        Path, typer.Argument(help="its PDFs are filed", exists=True, file_okay=False)
    ],
    signer: Annotated[
        Path | None, typer.Option(help="PKCS#12 file with key and certificate")
    ] = None,
    passphrase_file: Annotated[Path | None, typer.Option(help="holds its passphrase")] = None,
    demo_signer: Annotated[bool, typer.Option(help="sign with a throw-away certificate")] = False,
    workers: Annotated[int, typer.Option(help="processes that stamp and sign")] = 2,
    report_dir: Annotated[Path, typer.Option(help="where report.csv and report.json go")] = Path(),
    series: Annotated[str, typer.Option(help="the series that gives the numbers")] = "arsip",
) -> None:
    """File every PDF below FOLDER; without a signer letters are stamped only."""
    with sipadek.open(office) as opened:
        opened.recover()  # complete or void what a run that was killed long ago left behind
        if series not in {known.code for known in opened.series()}:
            opened.define_series(series, f"{series.upper()}/{{nomor:5}}/{{tahun}}")
        key = _signer(opened, signer, passphrase_file, demo_signer)
        rows = sorted(archive(opened, folder, series, key, workers), key=lambda row: row.path)
    write_reports(rows, report_dir)
    results = Counter(row.result for row in rows)
    console.print(", ".join(f"{count} {result}" for result, count in results.most_common()))
    raise typer.Exit(1 if results["failed"] else 0)


def archive(
    office: sipadek.Office, folder: Path, series: str, signer: sipadek.Signer | None, workers: int
) -> Iterator[Row]:
    """File what is not yet filed, and tell how each file ended."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".pdf")
    copies: defaultdict[str, list[Path]] = defaultdict(list)
    for path in track(paths, "Reading", console=console):
        with path.open("rb") as file:
            copies[hashlib.file_digest(file, "sha256").hexdigest()].append(path)
    earlier: defaultdict[str, list[sipadek.Letter]] = defaultdict(list)
    for letter in office.letters():
        if letter.details.series == series:
            earlier[letter.original_digest].append(letter)

    requests = []
    for digest, same in copies.items():
        if issued := [each for each in earlier[digest] if each.state is sipadek.State.ISSUED]:
            yield from _rows(folder, same, Row(result="filed before", number=issued[0].number))
        else:
            requests.append(_request(same[0], digest, series, earlier[digest]))
    with Progress(console=console) as progress:
        task = progress.add_task("Filing", total=len(requests))
        groups = {same[0]: same for same in copies.values()}
        for outcome in office.file_many(requests, signer=signer, workers=workers):
            progress.advance(task)
            yield from _rows(folder, groups[Path(str(outcome.request.source))], _row(outcome))


def _request(
    path: Path, digest: str, series: str, earlier: list[sipadek.Letter]
) -> sipadek.FileRequest:
    """A letter that was being filed when a run was killed goes on with the same key and details.
    Behind a number made void the document needs a new key: no number is used twice."""
    voids = sum(letter.state is sipadek.State.VOID for letter in earlier)
    resumed = [letter.details for letter in earlier if letter.state is sipadek.State.RESERVED]
    return sipadek.FileRequest(
        source=path,
        series=series,
        subject=resumed[0].subject if resumed else path.stem,
        date=resumed[0].date if resumed else None,
        key=f"{series}:{digest}:{voids}",
    )


def _row(outcome: sipadek.Outcome) -> Row:
    if outcome.letter is not None:
        return Row(result="filed", number=outcome.letter.number)
    assert outcome.error is not None
    result = "refused" if isinstance(outcome.error, FAULT_OF_THE_FILE) else "failed"
    return Row(result=result, error=outcome.error.code, message=outcome.error.message)


def _rows(folder: Path, same: list[Path], row: Row) -> Iterator[Row]:
    """The row for a file, and for each copy of it."""
    for place, path in enumerate(same):
        result = "copy" if place and row.number else row.result
        yield attrs.evolve(row, path=path.relative_to(folder).as_posix(), result=result)


def write_reports(rows: list[Row], folder: Path) -> None:
    """report.csv for a spreadsheet, report.json for a program."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = [attrs.asdict(row) for row in rows]
    with (folder / "report.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in attrs.fields(Row)])
        writer.writeheader()
        writer.writerows(entries)
    (folder / "report.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")


def _signer(
    office: sipadek.Office, path: Path | None, passphrase_file: Path | None, demo: bool
) -> sipadek.Signer | None:
    if demo:
        authority = Authority.create(now=datetime.datetime.now(datetime.UTC))
        office.trust(authority.root)
        return authority.issue("Arsiparis").signer()
    if path is None:
        return None
    secret = passphrase_file.read_text("utf-8").rstrip("\r\n") if passphrase_file else None
    return sipadek.KeySigner.from_pkcs12(path, passphrase=secret)


if __name__ == "__main__":
    try:
        typer.run(main)
    except sipadek.SipadekError as error:
        raise SystemExit(f"batch_archive: {error.message}") from None
