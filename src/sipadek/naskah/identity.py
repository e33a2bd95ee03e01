"""The numbers by which the state knows a person (NIK) and a family (nomor KK).

Both are 16 digits: six of the region that gave the number, six of a date (DDMMYY), four that count.
In a woman's NIK the day is 40 higher. They tell a date of birth and a place, so that they are personal
data: only the last four digits are ever shown, and no error repeats them.
"""

from __future__ import annotations

import datetime
import re
from typing import Final, Self

import attrs

from sipadek.errors import InvalidInput

_DIGITS: Final = re.compile(r"[0-9]{16}")
_WOMEN: Final = 40
# A NIK or KK in a text, as letters write them: in one piece, or in fours with one sign between. A digit
# comes first, so that the search for it is quick: every letter that is filed passes here.
_IN_TEXT: Final = re.compile(r"\d\d{3}(?<!\d{5})(?:\d{12}|(?:[ .\-\u00a0]\d{4}){3})(?!\d)")


def _refused(name: str, why: str) -> InvalidInput:
    return InvalidInput(f"{name} {why}; copy its 16 digits from the card", field=name)


def _parts(name: str, text: object) -> tuple[str, int, int, int]:
    """The digits, and day (as written), month and two-digit year of the date in them."""
    if not isinstance(text, str):
        raise _refused(name, f"is text of 16 digits, this is {type(text).__name__}")
    digits = "".join(text.split())
    if not _DIGITS.fullmatch(digits):
        raise _refused(name, f"is 16 digits, this is text of {len(digits)} characters")
    if digits[0] == "0" or "00" in (digits[2:4], digits[4:6]):
        raise _refused(
            name, "begins with a code of province, regency and district, and this does not"
        )
    if digits[12:] == "0000":
        raise _refused(name, "ends with a number from 0001, and this does not")
    return digits, int(digits[6:8]), int(digits[8:10]), int(digits[10:12])


def _dates(day: int, month: int, year: int, today: datetime.date) -> datetime.date | None:
    """The latest such date up to ``today``, of the two centuries that it can be of."""
    for century in (today.year // 100 * 100, today.year // 100 * 100 - 100):
        try:
            date = datetime.date(century + year, month, day)
        except ValueError:
            continue
        if date <= today:
            return date
    return None


@attrs.frozen(repr=False)
class Nik:
    """A NIK that can be one: its region is written, its date exists, and is not in the future.

    Whether the person exists only the population register knows. ``born`` is the latest date up to
    the day on which it was read, since the number tells two digits of the year.
    """

    digits: str
    born: datetime.date
    female: bool

    @classmethod
    def read(cls, text: str, *, today: datetime.date, name: str = "nik") -> Self:
        """The NIK in ``text``, whose blanks do not count. ``name`` is the field's, for the error.

        Raises InvalidInput (``fields['field']``), which does not repeat the digits.
        """
        digits, day, month, year = _parts(name, text)
        female = day > _WOMEN
        born = _dates(day - _WOMEN if female else day, month, year, today)
        if born is None:
            raise _refused(
                name, "holds the date of birth (a woman's day 40 higher), and there is no such date"
            )
        return cls(digits, born, female)

    @property
    def region(self) -> str:
        """The six digits of province, regency and district where it was given."""
        return self.digits[:6]

    def __str__(self) -> str:
        return masked(self.digits)

    def __repr__(self) -> str:
        return f"Nik({self})"


@attrs.frozen(repr=False)
class FamilyCardNumber:
    """A nomor KK that can be one; ``recorded`` is the day on which the family was recorded."""

    digits: str
    recorded: datetime.date

    @classmethod
    def read(cls, text: str, *, today: datetime.date, name: str = "kk") -> Self:
        """As `Nik.read`; there is no 40 in it."""
        digits, day, month, year = _parts(name, text)
        recorded = _dates(day, month, year, today)
        if recorded is None:
            raise _refused(name, "holds the day on which it was made, and there is no such date")
        return cls(digits, recorded)

    @property
    def region(self) -> str:
        """The six digits of province, regency and district where it was given."""
        return self.digits[:6]

    def __str__(self) -> str:
        return masked(self.digits)

    def __repr__(self) -> str:
        return f"FamilyCardNumber({self})"


def masked(digits: str) -> str:
    """'************0001': only the last four of 16 digits."""
    return "*" * (len(digits) - 4) + digits[-4:]


def masked_name(name: str) -> str:
    """'S*** C*****' for 'Siti Contoh': the first letter of each word."""
    return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())


def mask_identities(text: str) -> str:
    """The text with every run of 16 digits, also in fours, masked to its last four."""
    return _IN_TEXT.sub(lambda found: "*" * 12 + found.group()[-4:], text)
