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
from rich.progress import track

import sipadek
from sipadek import FileRequest, KeySigner, Letter, Office, Outcome, Signer, State
from sipadek.errors import PdfError, StampError, WorkerLost
from sipadek.testing.authority import Authority

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
    office: Annotated[Path, typer.Argument(help="the office's folder, made on first use")],
    folder: Annotated[Path, typer.Argument(help="with the PDFs", exists=True, file_okay=False)],
    signer: Annotated[Path | None, typer.Option(help="PKCS#12 file to sign with")] = None,
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
        opened.recover()  # drop what a killed run had sealed, and this one sealed again
    write_reports(rows, report_dir)
    results = Counter(row.result for row in rows)
    console.print(", ".join(f"{count} {result}" for result, count in results.most_common()))
    raise typer.Exit(1 if results["failed"] else 0)


def archive(
    office: Office, folder: Path, series: str, signer: Signer | None, workers: int
) -> Iterator[Row]:
    """File what is not yet filed, and tell how each file ended."""
    paths = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() == ".pdf" and p.is_file()]
    copies: defaultdict[str, list[Path]] = defaultdict(list)
    for path in track(paths, "Reading", console=console):
        with path.open("rb") as file:
            copies[hashlib.file_digest(file, "sha256").hexdigest()].append(path)
    earlier: defaultdict[str, list[Letter]] = defaultdict(list)
    for letter in office.letters():
        if letter.details.series == series:
            earlier[letter.original_digest].append(letter)

    requests = []
    for digest, same in copies.items():
        if issued := [each for each in earlier[digest] if each.state is State.ISSUED]:
            yield from _rows(folder, same, Row(result="filed before", number=issued[0].number))
        else:
            requests.append(_request(same[0], digest, series, earlier[digest]))
    groups = {same[0]: same for same in copies.values()}
    outcomes = office.file_many(requests, signer=signer, workers=workers)
    for outcome in track(outcomes, "Filing", total=len(requests), console=console):
        yield from _rows(folder, groups[Path(str(outcome.request.source))], _row(outcome))


def _request(path: Path, digest: str, series: str, earlier: list[Letter]) -> FileRequest:
    """A letter whose filing was interrupted goes on under its key, with the details it had. After a
    number was made void the document needs a new key, because no number is used twice."""
    voids = sum(letter.state is State.VOID for letter in earlier)
    begun = [letter.details for letter in earlier if letter.state is State.RESERVED]
    return FileRequest(
        source=path,
        series=series,
        subject=begun[0].subject if begun else path.stem,
        date=begun[0].date if begun else None,
        key=f"{series}:{digest}:{voids}",
    )


def _row(outcome: Outcome) -> Row:
    if outcome.letter is not None:
        return Row(result="filed", number=outcome.letter.number)
    assert outcome.error is not None
    refused = isinstance(outcome.error, PdfError | StampError | WorkerLost)  # the file's own fault
    result = "refused" if refused else "failed"
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
    office: Office, pkcs12: Path | None, passphrase_file: Path | None, demo: bool
) -> Signer | None:
    if demo:
        authority = Authority.create(now=datetime.datetime.now(datetime.UTC))
        office.trust(authority.root)
        return authority.issue("Arsiparis").signer()
    secret = passphrase_file.read_text("utf-8").rstrip("\r\n") if passphrase_file else None
    return KeySigner.from_pkcs12(pkcs12, passphrase=secret) if pkcs12 else None


if __name__ == "__main__":
    try:
        typer.run(main)
    except (sipadek.SipadekError, OSError) as error:
        raise SystemExit(f"batch_archive: {error}") from None
