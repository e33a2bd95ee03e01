"""Commands that back an office up, look whether a backup is good, and make the office anew from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import sipadek
from sipadek import office as offices
from sipadek.cli.failing import FINE, NO
from sipadek.cli.ledger_commands import show_audit
from sipadek.cli.output import document, progress, say
from sipadek.cli.parameters import Actor, Json, Kept, OfficeFolder
from sipadek.cli.values import audit_value, backup_value, state_value

BackupPlace = Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup's folder.")]
State = Annotated[
    str | None, typer.Option(metavar="NAME", help="Of this state. [default: the newest]")
]
Keys = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="A copy of the office's keys/, where it is not in there."),
]


def backup(
    office: OfficeFolder,
    target: BackupPlace,
    keys: Annotated[
        bool, typer.Option("--keys", help="Put the office's secret key into it, too.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Remove all but the newest N states.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Open it as if restored, and audit it.")
    ] = False,
    json: Json = False,
) -> int:
    """Back the office up, while others go on filing. Only new contents are copied.

    The same command again goes on after an interruption. Exit code 1 where contents of the office are
    missing or damaged, or --check finds anything.
    """
    with (
        sipadek.open(office, create=False) as opened,
        progress("Copying") as advance,
    ):
        made = opened.backup(target, keys=keys, keep=keep, progress=advance)
    report = None
    if check:
        with progress("Auditing") as advance:
            report = offices.check_backup(target, keys=office / "keys", progress=advance)
    code = FINE if made.whole and (report is None or report.clean) else NO
    if json:
        told = {} if report is None else {"audit": audit_value(report)}
        document({**backup_value(made), **told})
        return code
    if report is not None:
        show_audit(report)
    state = made.state
    say(
        f"{state.name}: {state.letters} letters, {state.objects} objects,"
        f" {made.copied} of them copied ({made.copied_bytes} bytes)"
        + ("" if state.keys else "; the secret key is not in it, keep a copy of keys/")
    )
    for digest in state.lost:
        say(f"{digest} is missing or damaged in the office; audit it")
    return code


def check_backup(
    backup: BackupPlace, state: State = None, keys: Keys = None, json: Json = False
) -> int:
    """Open a backup as if restored, and audit it. Exit code 1 where anything is not as it was."""
    with progress("Auditing") as advance:
        report = offices.check_backup(backup, state=state, keys=keys, progress=advance)
    if json:
        document(audit_value(report))
    else:
        show_audit(report)
    return FINE if report.clean else NO


def restore(
    backup: BackupPlace,
    office: OfficeFolder,
    state: State = None,
    keys: Keys = None,
    kept: Kept = None,
    restored: Annotated[
        str,
        typer.Option(
            metavar="REASON", help="Take the state although the office had gone on after it."
        ),
    ] = "",
    actor: Actor = "",
    json: Json = False,
) -> int:
    """Make the office anew from a backup, in a new or empty folder, and audit it.

    The same command again goes on after an interruption. Exit code 1 where the audit finds anything:
    also that the office is known to have gone on after this state, unless --restored says why it is
    taken nevertheless; the ledger keeps that.
    """
    with progress("Copying") as advance:
        done = offices.restore(
            backup,
            office,
            state=state,
            keys=keys,
            kept=kept,
            reason=restored,
            actor=actor,
            progress=advance,
        )
    taken = done.older and bool(restored)
    others = [each for each in done.report.findings if each.code not in offices.OLDER]
    code = FINE if done.report.clean or (taken and not others) else NO
    if json:
        document(
            {
                "state": state_value(done.state),
                "copied": done.copied,
                "copied_bytes": done.copied_bytes,
                "older": done.older,
                "taken": taken,
                "audit": audit_value(done.report),
            }
        )
        return code
    show_audit(done.report)
    say(f"{office}: restored from {done.state.name}")
    if taken:
        say("The ledger says that this older state was taken. Make void what was given since.")
    return code
