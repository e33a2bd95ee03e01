"""What every format prints: tables of plain cells under a heading."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, Protocol, TypeVar

import attrs

from sipadek.errors import InvalidInput
from sipadek.naskah import date_text

Cell = str | int | datetime.date
"""A text, a whole number, or a date. Nothing is the empty text."""

Entry_contra = TypeVar("Entry_contra", contravariant=True)

# What XML, HTML or a spreadsheet cannot hold: controls but tab and line feed, halves of surrogate
# pairs, and two characters that are none.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@attrs.frozen(kw_only=True)
class Column:
    """``heading`` is what stands above it, ``width`` its millimetres on paper, where the widths of
    a table grow or shrink together to fill the page."""

    heading: str
    width: float
    align: Literal["left", "right", "center"] = "left"


def _no_total() -> str:
    return ""


@attrs.frozen(kw_only=True)
class Table:
    """``rows`` are read once, each with a cell for every column. ``total`` is asked after the last
    row and gives the line below the table, or ''. ``name`` stands above the table, or is empty."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    total: Callable[[], str] = _no_total


class Printed(Protocol[Entry_contra]):
    """What the writers print: a ``Book`` of letters, a ``GapReport`` of accounts."""

    @property
    def title(self) -> str:
        """What it is, such as 'Buku Register Surat'."""

    @property
    def office(self) -> str:
        """Whose it is."""

    @property
    def period(self) -> str:
        """Of which time, such as 'Tahun 2026'."""

    def tables(self, entries: Iterable[Entry_contra], /) -> Iterable[Table]:
        """The tables, to be read one after the other."""


def clean(text: str) -> str:
    """``text`` as every format can hold it: line ends as line feeds, a control character as the
    sign that Unicode has for it (␀ for NUL), other unprintable characters as U+FFFD."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def printed_text(cell: Cell) -> str:
    """A cell as people read it; dates as '3 November 2026'."""
    if isinstance(cell, datetime.date):
        return date_text(cell)
    return clean(str(cell))


def moment_text(moment: datetime.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """'3 November 2026 09.15', in the local time of ``zone``."""
    local = moment.astimezone(zone)
    return f"{date_text(local.date())} {local:%H.%M}"


def time_zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of an IANA name. Raises InvalidInput where it is not known."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, OSError, TypeError, ValueError):
        raise InvalidInput(
            f"time zone {name!r} is not known here; use an IANA name such as 'Asia/Jakarta'",
            timezone=name,
        ) from None


def check_zone(_: object, __: object, name: Any) -> None:
    """The same as a validator of attrs."""
    time_zone(name)
