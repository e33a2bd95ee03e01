"""The commands below `sipadek retention`."""

from __future__ import annotations

import typer

from sipadek.cli import disposal_commands, folder_commands
from sipadek.cli.failing import EXIT_CODES

retention = typer.Typer(
    help="Record folders: how long they are kept, and what becomes of them. All take --json.",
    rich_markup_mode=None,
    epilog=EXIT_CODES,
)
for _command in (
    folder_commands.scheme,
    folder_commands.rules,
    folder_commands.successions,
    folder_commands.rule,
    folder_commands.open_,
    folder_commands.place,
    folder_commands.take_out,
    folder_commands.close,
    folder_commands.reopen,
    folder_commands.list_,
    folder_commands.due,
    folder_commands.hold,
    folder_commands.release,
    folder_commands.appraise,
    folder_commands.reappraise,
    disposal_commands.move,
    disposal_commands.propose,
    disposal_commands.step,
    disposal_commands.exclude,
    disposal_commands.withdraw,
    disposal_commands.disposals,
    disposal_commands.document_,
    disposal_commands.inactive,
    disposal_commands.package,
):
    _name = _command.__name__.rstrip("_").replace("_", "-")
    retention.command(_name, epilog=EXIT_CODES)(_command)
