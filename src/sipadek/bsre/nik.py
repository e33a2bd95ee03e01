"""The NIK: the number by which the service knows a person."""

from __future__ import annotations

import re

import attrs

from sipadek.errors import InvalidInput

_DIGITS = re.compile(r"[0-9]{16}")


def _checked(value: str) -> str:
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        what = (
            f"text of {len(value)} characters" if isinstance(value, str) else type(value).__name__
        )
        raise InvalidInput(f"A NIK is 16 digits, as text; this is {what}. Check who signs.")
    return value


@attrs.frozen(repr=False)
class Nik:
    """A NIK (nomor induk kependudukan): 16 digits, as text, since some begin with 0.

    It holds a person's date of birth, so that only its last four digits are ever shown. Raises
    InvalidInput, without the value.
    """

    digits: str = attrs.field(converter=_checked)

    def __str__(self) -> str:
        return "*" * 12 + self.digits[12:]

    def __repr__(self) -> str:
        return f"Nik({self})"


def as_user(who: Nik | str) -> dict[str, str]:
    """How the service is told who is meant: by NIK, or (version 2) by the e-mail address."""
    if isinstance(who, str) and "@" in who:
        return {"email": who}
    return {"nik": (who if isinstance(who, Nik) else Nik(who)).digits}
