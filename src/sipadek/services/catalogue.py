"""What citizens can ask for: each service with its requirements, fields, steps, promise and product.

All of it is published (UU 25/2009 art. 21), so that nobody can be told otherwise at the counter.
"""

from __future__ import annotations

import calendar
import datetime
import re
import string
from collections.abc import Mapping
from typing import Final

import attrs

from sipadek.errors import FieldsMissing, InvalidInput, NotFound
from sipadek.naskah import FamilyCardNumber, Nik, date_text
from sipadek.services.working_time import Promise, WorkingCalendar

FIELD_TYPES: Final = ("text", "nik", "kk", "date", "number", "rupiah", "choice")
"""What a field can be. Dates are written as 2026-11-24."""

_LONGEST: Final = 500
_CONTROL: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2066-\u2069]"
)


@attrs.frozen(kw_only=True)
class Field:
    """One thing that an application says. ``label`` stands before it on the form and in the letter,
    ``choices`` are what a 'choice' can be. With ``shown`` it is a row of the letter's table."""

    name: str
    label: str
    type: str = "text"
    required: bool = True
    shown: bool = True
    choices: tuple[str, ...] = ()

    def read(self, text: str, *, today: datetime.date, provinces: frozenset[str]) -> str:
        """The value in ``text`` in its one form. Raises InvalidInput (``fields['field']``), which does
        not repeat it."""
        plain = " ".join(text.split())
        if not plain or len(plain) > _LONGEST or _CONTROL.search(plain):
            raise self._refused(f"is text of 1 to {_LONGEST} plain characters")
        match self.type:
            case "nik":
                nik = Nik.read(plain, today=today, name=self.name)
                return self._in_province(nik.digits, provinces)
            case "kk":
                kk = FamilyCardNumber.read(plain, today=today, name=self.name)
                return self._in_province(kk.digits, provinces)
            case "date":
                return self._date(plain)
            case "number" | "rupiah":
                return self._number(plain)
            case "choice" if plain not in self.choices:
                raise self._refused(f"is one of: {', '.join(self.choices)}")
        return plain

    def written(self, value: str) -> str:
        """The value as a letter writes it."""
        if self.type == "date":
            return date_text(datetime.date.fromisoformat(value))
        if self.type == "rupiah":
            return f"Rp{int(value):,}".replace(",", ".") + ",00"
        return value

    def _in_province(self, digits: str, provinces: frozenset[str]) -> str:
        if provinces and digits[:2] not in provinces:
            raise self._refused("begins with the code of a province, and this does not")
        return digits

    def _date(self, plain: str) -> str:
        try:
            date = datetime.date.fromisoformat(plain)
        except ValueError:
            date = None
        if date is None or not 1900 <= date.year <= 2200:
            raise self._refused("is a date such as 2026-11-24")
        return date.isoformat()

    def _number(self, plain: str) -> str:
        digits = plain.removeprefix("Rp").replace(".", "").strip()
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
            raise self._refused("is a whole number of 0 or more")
        return str(int(digits))

    def _refused(self, why: str) -> InvalidInput:
        return InvalidInput(f"{self.name} ({self.label}) {why}; write it anew", field=self.name)


@attrs.frozen(kw_only=True)
class Signing:
    """One who signs the letter: ``post`` is the kind of post, ``level`` whose it is: 'own' of the unit
    that was asked, 'above' of the unit above it. ``action`` is what the letter says that it does."""

    post: str
    level: str = "own"
    action: str = "Ditandatangani"


@attrs.frozen(kw_only=True)
class Validity:
    """How long a letter holds, from its date: ``months`` and ``days``, or for good where both are 0."""

    months: int = 0
    days: int = 0

    def last_day(self, date: datetime.date) -> datetime.date | None:
        """The last day on which a letter of that date holds; None for good. A month ends on the same day
        of the month, or on its last where there is none."""
        if not (self.months or self.days):
            return None
        years, month = divmod(date.month - 1 + self.months, 12)
        year, month = date.year + years, month + 1
        day = min(date.day, calendar.monthrange(year, month)[1])
        return datetime.date(year, month, day) + datetime.timedelta(days=self.days)

    def __str__(self) -> str:
        parts = [f"{self.months} bulan"] * bool(self.months) + [f"{self.days} hari"] * bool(
            self.days
        )
        return " ".join(parts) or "tidak dibatasi"


@attrs.frozen(kw_only=True)
class Service:
    """One service. ``kind`` is the product's kind of letter and ``classification`` its code; ``title``
    stands over it, ``opening`` before the table of the applicant's fields, and ``paragraphs`` after it,
    with ``{field}`` where a field's value goes. ``checked_by``, ``drafted_by`` and ``handed_over_by``
    are kinds of posts, ``signed_by`` who signs and registers, in order. ``fee`` is in rupiah. ``holder``
    is the field with the name of whom the letter is about. ``source`` says where all this is from.
    """

    code: str
    name: str
    kind: str
    classification: str
    title: str
    opening: str
    paragraphs: tuple[str, ...]
    requirements: tuple[str, ...]
    fields: tuple[Field, ...]
    checked_by: str
    drafted_by: str
    signed_by: tuple[Signing, ...]
    handed_over_by: str
    promise: Promise
    validity: Validity
    fee: int
    source: str
    holder: str = "nama"

    def read(
        self,
        values: Mapping[str, str],
        *,
        today: datetime.date,
        provinces: frozenset[str] = frozenset(),
    ) -> dict[str, str]:
        """The application's values, each in its one form, in the order of the fields.

        Raises FieldsMissing (``fields['missing']``), or InvalidInput for a field that is unknown or not
        what it should be (``fields['field']``). No error repeats a value.
        """
        known = {field.name for field in self.fields}
        if unknown := sorted(set(values) - known):
            raise InvalidInput(
                f"{self.name} has no field {', '.join(unknown)}; its fields are"
                f" {', '.join(field.name for field in self.fields)}",
                field=unknown[0],
            )
        given = {name: text for name, text in values.items() if text.strip()}
        missing = [each for each in self.fields if each.required and each.name not in given]
        if missing:
            raise FieldsMissing(
                f"{self.name} still needs: {', '.join(f'{m.label} ({m.name})' for m in missing)}",
                field=missing[0].name,
                missing=tuple(each.name for each in missing),
            )
        return {
            field.name: field.read(given[field.name], today=today, provinces=provinces)
            for field in self.fields
            if field.name in given
        }

    def rows(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """Label and value of each field that the letter's table shows."""
        return [
            (field.label, field.written(values[field.name]))
            for field in self.fields
            if field.shown and field.name in values
        ]

    def text(self, values: Mapping[str, str]) -> list[str]:
        """The paragraphs with the values in them; '-' for what was not said."""
        written = {
            field.name: field.written(values[field.name]) if field.name in values else "-"
            for field in self.fields
        }
        return [each.format_map(written) for each in self.paragraphs]


def placeholders(text: str) -> set[str]:
    """The names of the ``{field}`` in a paragraph. Raises ValueError for anything else in braces."""
    found = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"{{{name}}}")
        found.add(name)
    return found


@attrs.frozen(kw_only=True)
class Catalogue:
    """All services by code, the calendar that promised times are counted by, and the codes of the
    provinces with which a NIK can begin (none: any)."""

    services: Mapping[str, Service]
    calendar: WorkingCalendar
    provinces: frozenset[str] = frozenset()

    def service(self, code: str) -> Service:
        """The service of that code. Raises NotFound."""
        try:
            return self.services[code]
        except KeyError:
            known = ", ".join(self.services)
            raise NotFound(
                f"there is no service {code!r}; the catalogue has {known}", service=code
            ) from None
