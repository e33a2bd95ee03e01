"""Commands about an office's ledger: auditing it, and proving to others what stands in it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

import sipadek
from sipadek.archive.durable import storage_errors
from sipadek.cli.failing import FINE, NO
from sipadek.cli.output import document, passages, progress, say
from sipadek.cli.parameters import Json, Kept, LetterName, OfficeFolder, Output
from sipadek.cli.values import audit_value
from sipadek.cli.witness_folder import WitnessFolder
from sipadek.errors import InvalidInput
from sipadek.ledger import CheckpointVerifier, CosignatureVerifier
from sipadek.ledger.verify_proof import given_key
from sipadek.office import AuditReport, audit_page


def audit(
    office: OfficeFolder,
    sample: Annotated[
        float, typer.Option(metavar="SHARE", help="Read this share of the objects, such as 0.1.")
    ] = 1.0,
    rate: Annotated[
        float | None, typer.Option(metavar="MB/S", help="Read at most so many MB in a second.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Remembers how far it came; goes on from there."),
    ] = None,
    known: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A checkpoint kept elsewhere or cosigned; can be repeated."
        ),
    ] = None,
    kept: Kept = None,
    signatures: Annotated[
        bool, typer.Option("--signatures/--no-signatures", help="Look at the signatures, too.")
    ] = True,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a report to look at.")
    ] = None,
    json: Json = False,
) -> int:
    """Check everything the office keeps against its ledger.

    Every event, every number, every byte of every letter, the signatures and the index. Exit code 1
    where anything is not as it was registered; each finding names its letter. Warnings (what ends
    soon, a full disk) do not count.
    """
    options: dict[str, Any] = {
        "sample": sample,
        "rate": None if rate is None else rate * 1e6,
        "resume": resume,
        "known": [_text(path) for path in known or ()],
        "signatures": signatures,
    }
    with (
        sipadek.open(office, create=False, kept=kept) as opened,
        progress("Auditing") as advance,
    ):
        report = opened.audit(progress=advance, **options)
    if page is not None:
        _write(page, audit_page(report, office=office.resolve().name))
    if json:
        document(audit_value(report))
        return FINE if report.clean else NO
    show_audit(report)
    return FINE if report.clean else NO


def show_audit(report: AuditReport) -> None:
    """What was found, and how much was looked at."""
    listed = [*report.findings, *report.warnings]
    if listed:
        rows = [[each.code, each.subject, each.message] for each in listed]
        passages(["FINDING", "ABOUT", "WHAT IS WRONG"], rows)
    counts = {"letters": report.letters, "events": report.events, "objects": report.objects}
    seen = ", ".join(f"{count} {name}" for name, count in counts.items())
    say(f"{seen}: {'clean' if report.clean else f'findings: {len(report.findings)}'}")


def checkpoint(
    office: OfficeFolder,
    since: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, help="Write a request for a witness that last cosigned N events."
        ),
    ] = None,
    add: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep this checkpoint, cosigned by a witness,"),
    ] = None,
    witness_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="whose verifier key this is (text or file).")
    ] = None,
    output: Output = None,
    json: Json = False,
) -> int:
    """Show the ledger's newest signed checkpoint, to be kept elsewhere, or have it cosigned."""
    if (add is None) != (witness_key is None):
        raise InvalidInput("--add and --witness-key belong together; give both")
    with sipadek.open(office, create=False) as opened:
        if add is not None and witness_key is not None:
            witness = CosignatureVerifier.parse(_key(witness_key))
            at = opened.add_cosignature(_text(add), witness=witness)
            if json:
                document({"witness": witness.name, "cosigned_at": at.isoformat()})
            else:
                say(f"{witness.name} cosigned at {at:%Y-%m-%d %H:%M:%S} UTC; kept")
            return FINE
        text = opened.checkpoint() if since is None else str(opened.witness_request(since))
    _give(text, output, json=json)
    return FINE


def cosign(
    witness: Annotated[
        Path, typer.Argument(metavar="WITNESS", help="The witness's own folder, made when missing.")
    ],
    request: Annotated[
        Path, typer.Argument(metavar="REQUEST", help="What `sipadek checkpoint --since` wrote.")
    ],
    log_key: Annotated[
        str, typer.Option(metavar="KEY", help="The office's verifier key (checkpoint.pub).")
    ],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The witness's name, for a new folder.")
    ] = "",
    output: Output = None,
    json: Json = False,
) -> int:
    """Cosign an office's checkpoint as a witness, if it follows from the last one that it cosigned.

    The witness keeps its key and the last checkpoint in a folder of its own, on another machine than
    the office.
    """
    made = WitnessFolder(witness).cosign(
        _text(request),
        log=CheckpointVerifier.parse(_key(log_key)),
        name=name,
        at=datetime.datetime.now(datetime.UTC),
    )
    _give(made, output, json=json)
    return FINE


def proof(
    office: OfficeFolder,
    letter: LetterName,
    kind: Annotated[
        str, typer.Option(metavar="EVENT", help="Of this event. [default: the letter's newest]")
    ] = "",
    output: Output = None,
    json: Json = False,
) -> int:
    """Write what proves that a letter stands in the ledger; `sipadek-verify-proof` checks it."""
    with sipadek.open(office, create=False) as opened:
        text = str(opened.proof(letter, kind=kind))
    _give(text, output, json=json)
    return FINE


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read ({error}); give another file") from None


def _key(given: str) -> str:
    try:
        return given_key(given)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{given} is no key and no file with one ({error})") from None


def _write(path: Path, text: str) -> None:
    with storage_errors("Writing", path):
        path.write_text(text, encoding="utf-8")


def _give(text: str, output: Path | None, *, json: bool) -> None:
    if output is not None:
        _write(output, text)
    if json:
        document({"text": text} if output is None else {"written": str(output)})
    elif output is None:
        say(text.removesuffix("\n"))
