"""Schemes, rules and successions from the rows of a table, with every fault named by line and column.

Rows come as (line, cells) from a CSV file or a sheet; the first row that is not empty has the headings.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from sipadek.errors import InvalidInput
from sipadek.retention.codes import check_code
from sipadek.retention.rules import NATIONAL_AUTHORITIES, Authority, Fate, RetentionRule, RuleSet
from sipadek.retention.scheme import Classification, Scheme, Successions

Rows = Iterable[tuple[int, Sequence[Any]]]

_TOLD: Final = 5  # Faults that a message names; all are in its fields.
_T = TypeVar("_T")


def read_scheme(rows: Rows, *, name: str, source: str, set_aside: Collection[int] = ()) -> Scheme:
    """The scheme of a table in OpenSID's layout: ``kode``, ``nama``, ``uraian``, ``enabled`` (1 or 0,
    empty for 1); other columns, such as ``id``, are passed over. ``set_aside`` are lines left out.

    Raises InvalidInput that names line and column of what is wrong (``fields['faults']`` has all).
    """
    table = _Table(rows, required=("kode", "nama"), optional=("uraian", "enabled"))
    seen: dict[str, int] = {}

    def entry(cells: _Cells) -> Classification:
        code = cells.unseen_code("kode", seen)
        return Classification(
            code=code,
            name=cells.text("nama", needed=True),
            description=_dash(cells.text("uraian")),
            enabled=cells.one_of("enabled", {"1": True, "0": False, "": True}),
        )

    return Scheme(name=name, source=source, entries=tuple(table.read(entry, set_aside)))


def read_rules(
    rows: Rows,
    *,
    name: str,
    scheme: str,
    source: str,
    authorities: Sequence[Authority] = NATIONAL_AUTHORITIES,
    set_aside: Collection[int] = (),
) -> RuleSet:
    """The rules of a table with ``kode``, ``aktif``, ``inaktif`` (years), ``nasib`` (musnah, permanen,
    dinilai kembali), and, where wanted, ``pemicu``, ``pengecualian``, ``dasar``. Raises as
    `read_scheme`."""
    table = _Table(
        rows,
        required=("kode", "aktif", "inaktif", "nasib"),
        optional=("pemicu", "pengecualian", "dasar"),
    )
    seen: dict[str, int] = {}
    fates = {fate.value: fate for fate in Fate}

    def rule(cells: _Cells) -> RetentionRule:
        code = cells.unseen_code("kode", seen)
        return RetentionRule(
            code=code,
            active_years=cells.years("aktif"),
            inactive_years=cells.years("inaktif"),
            fate=cells.one_of("nasib", fates),
            trigger=_dash(cells.text("pemicu")),
            exceptions=_dash(cells.text("pengecualian")),
            source=_dash(cells.text("dasar")),
        )

    found = tuple(table.read(rule, set_aside))
    return RuleSet(name=name, scheme=scheme, source=source, rules=found, authorities=authorities)


def read_successions(
    rows: Rows, *, old: str, new: str, source: str, set_aside: Collection[int] = ()
) -> Successions:
    """What old codes became, of a table with ``kode_lama`` and ``kode_baru``. Raises as
    `read_scheme`."""
    table = _Table(rows, required=("kode_lama", "kode_baru"))

    def pair(cells: _Cells) -> tuple[str, str]:
        return cells.code("kode_lama"), cells.code("kode_baru")

    found = tuple(dict.fromkeys(table.read(pair, set_aside)))
    return Successions(old=old, new=new, source=source, pairs=found)


class _Fault(Exception):
    """What is wrong in a cell."""


class _Cells:
    """One row, by heading."""

    def __init__(self, line: int, values: dict[str, Any]) -> None:
        self.line = line
        self._values = values

    def text(self, column: str, *, needed: bool = False) -> str:
        value = self._values.get(column)
        text = "" if value is None else " ".join(str(value).split())
        if needed and not text:
            raise _Fault(f"{column}: it is empty")
        return text

    def code(self, column: str) -> str:
        value = self._values.get(column)
        if value is not None and not isinstance(value, str):
            raise _Fault(
                f"{column}: the cell holds the number {value}, in which 400.1 and 400.10 are the same;"
                " format the column as text and type the codes anew"
            )
        try:
            return check_code(self.text(column))
        except InvalidInput as error:
            raise _Fault(f"{column}: {error.message}") from None

    def unseen_code(self, column: str, seen: dict[str, int]) -> str:
        code = self.code(column)
        first = seen.setdefault(code, self.line)
        if first != self.line:
            raise _Fault(f"{column}: {code} stands in line {first} already")
        return code

    def years(self, column: str) -> int:
        value = self._values.get(column)
        text = self.text(column)
        if isinstance(value, float) and value.is_integer():  # as spreadsheets keep whole numbers
            text = str(int(value))
        if not text.isascii() or not text.isdigit() or len(text) > 3:
            raise _Fault(f"{column}: {text!r} are no whole years; write 0 to 500")
        return int(text)

    def one_of(self, column: str, known: dict[str, _T]) -> _T:
        text = self.text(column).lower()
        if text not in known:
            told = ", ".join(repr(each) for each in known if each)
            raise _Fault(f"{column}: {text!r} is not known; write {told}")
        return known[text]


class _Table:
    """The rows below the headings."""

    def __init__(
        self, rows: Rows, *, required: Sequence[str], optional: Sequence[str] = ()
    ) -> None:
        self._rows = iter(rows)
        line, cells = next(((n, r) for n, r in self._rows if _filled(r)), (1, ()))
        headings = [str(cell or "").strip().lower().lstrip("\ufeff") for cell in cells]
        missing = [name for name in required if name not in headings]
        double = [name for name in (*required, *optional) if headings.count(name) > 1]
        if missing or double:
            what = f"has no column {missing[0]!r}" if missing else f"has {double[0]!r} twice"
            raise InvalidInput(
                f"line {line}: the table {what}; its headings are {', '.join(headings)}; needed are "
                f"{', '.join(required)}",
                line=line,
                column=(missing or double)[0],
            )
        self._places = {
            name: headings.index(name) for name in (*required, *optional) if name in headings
        }

    def read(self, make: Callable[[_Cells], _T], set_aside: Collection[int]) -> Iterator[_T]:
        """What ``make`` makes of each row; raises InvalidInput at the end where it refused any."""
        faults: list[str] = []
        for line, row in self._rows:
            if line in set_aside or not _filled(row):
                continue
            values = {name: row[at] for name, at in self._places.items() if at < len(row)}
            try:
                made = make(_Cells(line, values))
            except _Fault as fault:
                faults.append(f"line {line}, {fault}")
            except InvalidInput as error:
                faults.append(f"line {line}: {error.message}")
            else:
                yield made
        if faults:
            more = f" and {len(faults) - _TOLD} more" if len(faults) > _TOLD else ""
            raise InvalidInput(
                f"{'; '.join(faults[:_TOLD])}{more}. Correct these rows, or set their lines aside.",
                faults=faults,
            )


def _filled(row: Sequence[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _dash(text: str) -> str:
    """Tables write '-' for nothing."""
    return "" if text == "-" else text
