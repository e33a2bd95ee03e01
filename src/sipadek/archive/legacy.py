"""Numbers that were given before the register was kept, as their own book has them. Pure values."""

from __future__ import annotations

import datetime
import enum

import attrs


class LegacyKind(enum.StrEnum):
    """What a line of an older book is: a number, the same number again, or one that is not there."""

    NUMBER = "number"
    REPEAT = "repeat"
    HOLE = "hole"


@attrs.frozen(kw_only=True)
class LegacyNumber:
    """One line of an older book, never renumbered.

    ``line`` is its place in the import, from 1 (holes: any line, such as that of the next number).
    ``number`` is the text as the book has it, empty for a hole; ``explanation`` says what is known of
    a repeat or a hole, and may say more of a number.
    """

    counter: str
    sequence: int
    line: int
    kind: LegacyKind
    number: str = ""
    date: datetime.date | None = None
    subject: str = ""
    explanation: str = ""
