"""How a command ends: exit codes by error class, one line for people, one document for programs."""

from __future__ import annotations

import math
from typing import Any, Final

from sipadek.cli.output import one_line
from sipadek.errors import (
    DamagedObject,
    DamagedRegister,
    KeyConflict,
    LetterDestroyed,
    NotFound,
    NumberVoid,
    PdfError,
    PeriodClosed,
    RetentionError,
    SipadekError,
    StampError,
    VerificationFailed,
    WorkerLost,
)

FINE: Final = 0
NO: Final = 1
"""The command did its work and the answer is no, or it found something wrong."""
CANNOT: Final = 2
"""The command could not do its work: arguments, folder, key or disk."""
INTERRUPTED: Final = 130
"""Stopped by the user: 128 + SIGINT, as shells count."""
PIPE_CLOSED: Final = 141
"""The reader of the output went away: 128 + SIGPIPE, as shells count."""

_ANSWERS: Final = (
    DamagedObject,
    DamagedRegister,
    KeyConflict,
    LetterDestroyed,
    NotFound,
    NumberVoid,
    PeriodClosed,
    PdfError,
    RetentionError,
    StampError,
    VerificationFailed,
    WorkerLost,
)

EXIT_CODES: Final = (
    "Exit codes: 0 fine; 1 the answer is no or something wrong was found (not verified, findings,"
    " a file refused, nothing found); 2 it could not be done (arguments, no office, key, disk)."
)
"""For the end of every command's help."""


def exit_code(error: SipadekError) -> int:
    """NO for a verdict about a letter, a file or the register; CANNOT for everything else."""
    return NO if isinstance(error, _ANSWERS) else CANNOT


def error_value(error: SipadekError) -> dict[str, Any]:
    """The error as JSON values: ``code``, ``message`` and ``fields``."""
    fields = {name: _plain(value) for name, value in error.fields.items()}
    return {"code": error.code, "message": one_line(error.message), "fields": fields}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such numbers
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return str(value)
