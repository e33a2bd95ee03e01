"""The application: its commands, and how each way of failing is told."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from sipadek._version import __version__
from sipadek.cli import (
    backup_commands,
    book_commands,
    demo,
    dump_commands,
    export_command,
    filing,
    import_commands,
    ledger_commands,
    letter_commands,
    levels,
    marking,
    number_commands,
    office_commands,
    recognising,
    reindexing,
    scorecard_commands,
    signing,
)
from sipadek.cli.failing import (
    CANNOT,
    EXIT_CODES,
    FINE,
    INTERRUPTED,
    PIPE_CLOSED,
    error_value,
    exit_code,
)
from sipadek.cli.output import complain, document, flush, say
from sipadek.cli.retention_app import retention
from sipadek.errors import InvalidInput, SipadekError, StorageFailed, Unexpected

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
for _command in (
    office_commands.init,
    office_commands.series,
    filing.file,
    letter_commands.search,
    letter_commands.show,
    letter_commands.original,
    letter_commands.verify,
    letter_commands.void,
    number_commands.give,
    number_commands.confirm,
    number_commands.insert,
    number_commands.stock,
    number_commands.draw,
    number_commands.close,
    number_commands.reopen,
    number_commands.expire,
    number_commands.account,
    book_commands.book,
    book_commands.gaps,
    book_commands.import_,
    office_commands.trust,
    ledger_commands.audit,
    ledger_commands.checkpoint,
    ledger_commands.cosign,
    ledger_commands.proof,
    scorecard_commands.scorecard,
    import_commands.import_folder,
    import_commands.import_paperless,
    import_commands.import_opensid,
    export_command.export,
    office_commands.recover,
    backup_commands.backup,
    backup_commands.check_backup,
    backup_commands.restore,
    dump_commands.dump,
    dump_commands.load,
    recognising.ocr,
    reindexing.reindex,
    marking.mark,
    signing.sign,
    levels.raise_,
    levels.renew,
    demo.demo,
):
    app.command(_command.__name__.rstrip("_").replace("_", "-"), epilog=EXIT_CODES)(_command)


app.add_typer(retention, name="retention")


def _version(asked: bool) -> None:
    if asked:
        say(f"sipadek {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _sipadek(
    context: typer.Context,
    _: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Show the version."),
    ] = False,
) -> None:
    """The document office: gap-free numbers, stamped and signed PDFs, a tamper-evident archive.

    Every command but cosign, mark, sign, raise, renew and demo takes the office's folder first;
    check-backup and restore the backup's.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(CANNOT)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. ``argv`` is by default the process's arguments."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _told(arguments)
        flush()
        return code
    except BrokenPipeError:
        _abandon_output()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        complain("interrupted; the same command again goes on where it stopped")
        return INTERRUPTED
    except OSError as error:  # what was still to be written, to a full disk behind a redirection
        _abandon_output()
        complain(_reason(error))
        return CANNOT


def _told(arguments: Sequence[str]) -> int:
    """Run a command; an error becomes one line, and a document where --json was asked for."""
    try:
        return _run(arguments)
    except SipadekError as error:
        told = error
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except OSError as error:
        told = StorageFailed(_reason(error), path=str(error.filename or ""))
    except Exception as error:  # a person at a desk cannot use a traceback
        told = Unexpected(
            f"{type(error).__name__}: {error}; this is a fault of sipadek, please report it",
            error=type(error).__name__,
        )
    if "--json" in arguments:
        document({"error": error_value(told)})
    complain(told.message)
    return exit_code(told)


@functools.cache
def _commands() -> Any:
    """The commands with their options, read from the signatures once in a process."""
    return typer.main.get_command(app)


def _run(arguments: Sequence[str]) -> int:
    command = _commands()
    try:
        with command.make_context("sipadek", list(arguments)) as context:
            result = command.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.TyperException as error:
        asked = getattr(getattr(error, "ctx", None), "command_path", "sipadek")
        message = error.format_message().rstrip(".")
        raise InvalidInput(f"{message}; see `{asked} --help`") from None
    return FINE if result is None else int(result)


def _reason(error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    what = f"cannot use {error.filename}" if error.filename else "cannot write the output"
    return f"{what}: {reason}; check the path, its permissions and the disk"


def _abandon_output() -> None:
    """Nobody reads any more: what is still buffered must not fail again when Python ends."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
