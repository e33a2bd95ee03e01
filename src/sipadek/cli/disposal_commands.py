"""`sipadek retention …`: moving, destroying and handing over, step by step, and the documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import sipadek
from sipadek.books import DocumentKind, Party
from sipadek.cli.failing import FINE
from sipadek.cli.folder_commands import AsOf, Reason, day
from sipadek.cli.output import document, kept, note, say, table
from sipadek.cli.parameters import Actor, Json, OfficeFolder
from sipadek.cli.retention_values import disposal_value
from sipadek.errors import InvalidInput
from sipadek.retention import Disposal, DisposalKind, Paper, Step

DisposalName = Annotated[
    str, typer.Argument(metavar="DISPOSAL", help="Its name, such as musnah/2029/1.")
]
Folders = Annotated[list[str], typer.Argument(metavar="FOLDER...", help="Record folders.")]
Number = Annotated[str, typer.Option(metavar="NUMBER", help="The paper's number.")]
PaperDate = Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="Its date.")]
By = Annotated[str, typer.Option(metavar="NAME", help="Whose paper it is.")]
Witness = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Who saw it; can be repeated.")
]
Note = Annotated[str, typer.Option(metavar="TEXT", help="What else is to be said.")]
OfficeName = Annotated[str, typer.Option("--name", metavar="TEXT", help="The office's name on it.")]
Place = Annotated[str, typer.Option(metavar="PLACE", help="Where it is made.")]
Parties = Annotated[
    list[str] | None,
    typer.Option("--party", metavar="NAME|POST|NIP|ROLE", help="Who signs; can be repeated."),
]

_KINDS = {kind.value: kind for kind in (DisposalKind.DESTRUCTION, DisposalKind.TRANSFER)}
_STEPS = {
    step.value: step for step in (Step.CONSIDERED, Step.APPROVED, Step.DECIDED, Step.CARRIED_OUT)
}
_DOCUMENTS = {kind.value: kind for kind in DocumentKind}


def move(
    office: OfficeFolder,
    folders: Folders,
    as_of: AsOf,
    number: Number,
    date: PaperDate,
    by: By,
    actor: Actor,
    witness: Witness = None,
    json: Json = False,
) -> int:
    """Move folders to the records centre, with the minutes of it."""
    paper = Paper(number=number, date=day(date), by=by, witnesses=tuple(witness or ()))
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.move(folders, paper, as_of=day(as_of), actor=actor)
    return _told(found, json=json)


def propose(
    office: OfficeFolder,
    folders: Folders,
    to: Annotated[str, typer.Option(metavar="KIND", help="musnah or serah.")],
    as_of: AsOf,
    panel: Annotated[
        list[str], typer.Option(metavar="NAME", help="A member of the panel; can be repeated.")
    ],
    actor: Actor,
    json: Json = False,
) -> int:
    """List folders for their destruction, or for the archive."""
    if to not in _KINDS:
        raise InvalidInput(f"--to is {to!r}; give one of {', '.join(_KINDS)}")
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.propose(
            _KINDS[to], folders, as_of=day(as_of), panel=panel, actor=actor
        )
    return _told(found, json=json)


def step(
    office: OfficeFolder,
    disposal: DisposalName,
    to: Annotated[str, typer.Argument(metavar="STEP", help=f"One of {', '.join(_STEPS)}.")],
    number: Number,
    date: PaperDate,
    by: By,
    actor: Actor,
    witness: Witness = None,
    remark: Annotated[str, typer.Option("--note", metavar="TEXT", help="What else it says.")] = "",
    json: Json = False,
) -> int:
    """Put the next step of a disposal on record; carried-out destroys for good, or hands over.

    The same command again changes nothing, and goes on with a destruction that was interrupted.
    """
    if to not in _STEPS:
        raise InvalidInput(f"the step is {to!r}; give one of {', '.join(_STEPS)}")
    paper = Paper(number=number, date=day(date), by=by, witnesses=tuple(witness or ()), note=remark)
    with sipadek.open(office, create=False) as opened:
        if _STEPS[to] is Step.CARRIED_OUT:
            found = opened.retention.carry_out(disposal, paper, actor=actor)
        else:
            found = opened.retention.record(disposal, _STEPS[to], paper, actor=actor)
    return _told(found, json=json)


def exclude(
    office: OfficeFolder,
    disposal: DisposalName,
    folders: Folders,
    reason: Reason,
    actor: Actor,
    json: Json = False,
) -> int:
    """Take folders out of a disposal that is not carried out."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.exclude(disposal, folders, reason=reason, actor=actor)
    return _told(found, json=json)


def withdraw(
    office: OfficeFolder, disposal: DisposalName, reason: Reason, actor: Actor, json: Json = False
) -> int:
    """Give a disposal up that is not carried out."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.withdraw(disposal, reason=reason, actor=actor)
    return _told(found, json=json)


def disposals(office: OfficeFolder, json: Json = False) -> int:
    """List the disposals and how far they came."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.disposals()
    if json:
        document([disposal_value(each) for each in found])
        return FINE
    rows = [[each.name, each.step.value, str(len(each.folders)), each.authority] for each in found]
    table(["DISPOSAL", "STEP", "FOLDERS", "AUTHORITY"], rows)
    note(f"{len(found)} disposals")
    return FINE


def document_(
    office: OfficeFolder,
    disposal: DisposalName,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(_DOCUMENTS)}.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .pdf.")],
    name: OfficeName,
    place: Place = "",
    party: Parties = None,
    number: Annotated[
        str, typer.Option(metavar="NUMBER", help="Of a consideration, which is not on record yet.")
    ] = "",
    json: Json = False,
) -> int:
    """Write a document of a disposal: its list, consideration, minutes, statement of authenticity."""
    if kind not in _DOCUMENTS:
        raise InvalidInput(f"there is no document {kind!r}; give one of {', '.join(_DOCUMENTS)}")
    parties = [_party(each) for each in party or ()]
    with sipadek.open(office, create=False) as opened, kept(output) as file:
        opened.retention.write_document(
            disposal, _DOCUMENTS[kind], file,
            office=name, place=place, parties=parties, number=number,
        )  # fmt: skip
    return _written(output, json=json)


def inactive(
    office: OfficeFolder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .pdf.")],
    name: OfficeName,
    json: Json = False,
) -> int:
    """Write the list of all inactive folders."""
    with sipadek.open(office, create=False) as opened, kept(output) as file:
        opened.retention.write_inactive_list(file, office=name)
    return _written(output, json=json)


def package(
    office: OfficeFolder,
    disposal: DisposalName,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="A new one.")],
    name: OfficeName,
    place: Place,
    party: Parties,
    json: Json = False,
) -> int:
    """Write what a transfer hands over: PDFs, lists, minutes, statement, digests."""
    parties = [_party(each) for each in party or ()]
    with sipadek.open(office, create=False) as opened:
        opened.retention.write_transfer(disposal, output, office=name, place=place, parties=parties)
    files = sum(1 for path in output.rglob("*") if path.is_file())
    if json:
        document({"path": str(output), "files": files})
    else:
        say(f"{output}: {files} files")
    return FINE


def _party(text: str) -> Party:
    parts = [part.strip() for part in text.split("|")]
    if not 2 <= len(parts) <= 4:
        raise InvalidInput(f"--party {text!r} cannot be read; write NAME|POST|NIP|ROLE")
    name, post, number, role = (*parts, "", "")[:4]
    return Party(name=name, post=post, number=number, role=role)


def _written(path: Path, *, json: bool) -> int:
    if json:
        document({"path": str(path), "size": path.stat().st_size})
    else:
        say(f"{path}: {path.stat().st_size} bytes")
    return FINE


def _told(disposal: Disposal, *, json: bool) -> int:
    if json:
        document(disposal_value(disposal))
    else:
        by = f", to be approved by {disposal.authority}" if disposal.authority else ""
        say(f"{disposal.name}: {disposal.step}, {len(disposal.folders)} folders{by}")
    return FINE
