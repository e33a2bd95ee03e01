"""Tables as an XLSX workbook, written row by row with openpyxl."""

from __future__ import annotations

import datetime
import re
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from sipadek.books.table import Cell, Column, Printed, Table, clean
from sipadek.errors import InvalidInput, MissingExtra

Entry = TypeVar("Entry")

MAX_ROWS: Final = 1_048_576
"""The rows of a worksheet."""

MAX_TEXT: Final = 32_767
"""The longest text of a cell, in UTF-16 code units."""

_CUT: Final = " … (dipotong)"
_MADE: Final = datetime.datetime(2000, 1, 1)
_FIRST_DATE: Final = datetime.date(1900, 3, 1)  # Spreadsheets do not agree on days before.
_DATE_FORMAT: Final = "[$-421]d mmmm yyyy"  # 421: month names in Indonesian.
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x005F_(?=x[0-9A-Fa-f]{4}_)")
_HEAD_ROWS: Final = 5
_MM_PER_CHARACTER: Final = 1.9


def write_xlsx(entries: Iterable[Entry], file: IO[bytes], book: Printed[Entry]) -> None:
    """Write the tables of ``book``, each on its sheet, row by row. ``file`` needs no seeking.

    Texts are text cells, whatever they look like; dates from March 1900 on are dates. Control
    characters become their signs, as with ``clean``; a text of more than MAX_TEXT is cut and says so.
    The same entries give the same bytes with the same versions of openpyxl and lxml.

    Raises:
        MissingExtra: openpyxl is not installed.
        InvalidInput: a table has more rows than a sheet.
    """
    try:
        import openpyxl
        from openpyxl.writer.excel import ExcelWriter
    except ImportError as error:
        raise MissingExtra(
            "Workbooks are written with openpyxl, which is not installed. Install 'sipadek[all]', "
            "or write CSV."
        ) from error
    workbook = openpyxl.Workbook(write_only=True)
    properties = workbook.properties
    properties.creator, properties.title = "sipadek", _cell_text(book.title)
    properties.created = properties.modified = _MADE
    for table in book.tables(entries):
        _Sheet(workbook, table, (book.title, book.office, book.period)).write()
    with _Archive(file, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(workbook, archive).save()


def read_back(text: str) -> str:
    """A text cell of a workbook as it was written: without the marks of ``_x000D_`` and the like."""
    return _ESCAPED.sub("_", text) if "_x005F_" in text else text


class _Sheet:
    """One table. Each column has one cell object that is used for every row, so that its style is
    looked up once."""

    def __init__(self, workbook: Any, table: Table, heading: tuple[str, ...]) -> None:
        self._table = table
        self._heading = heading
        self._sheet = workbook.create_sheet(table.name or "Buku")
        self._set_up()
        self._texts = [self._cell(column, "@") for column in table.columns]
        self._numbers = [self._cell(column, "0") for column in table.columns]
        self._dates = [self._cell(column, _DATE_FORMAT) for column in table.columns]

    def write(self) -> None:
        try:
            count = self._write_rows()
            last = self._letter(len(self._table.columns))
            self._sheet.auto_filter.ref = f"A{_HEAD_ROWS}:{last}{count}"
        finally:
            self._sheet.close()

    def _write_rows(self) -> int:
        count = 0
        for line in self._head():
            count += 1
            self._sheet.append(line)
        for row in self._table.rows:
            count += 1
            if count > MAX_ROWS:
                raise InvalidInput(
                    f"The table has more than the {MAX_ROWS} rows of a worksheet. Export a shorter "
                    "period, or write CSV.",
                    rows=count,
                )
            self._sheet.append([self._filled(place, cell) for place, cell in enumerate(row)])
        return count

    def _set_up(self) -> None:
        sheet = self._sheet
        sheet.freeze_panes = f"A{_HEAD_ROWS + 1}"
        sheet.print_title_rows = f"{_HEAD_ROWS}:{_HEAD_ROWS}"
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddFooter.right.text = "Halaman &P dari &N"
        for place, column in enumerate(self._table.columns, 1):
            width = sheet.column_dimensions[self._letter(place)]
            width.width = max(column.width / _MM_PER_CHARACTER, len(column.heading) + 3)

    def _head(self) -> list[list[Any]]:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        def styled(text: str, **styles: Any) -> Any:
            cell = WriteOnlyCell(self._sheet)
            for name, style in {"number_format": "@", **styles}.items():
                setattr(cell, name, style)
            cell.value, cell.data_type = _cell_text(text), "s"
            return cell

        title, office, period = self._heading
        line = Side(style="thin")
        head = {
            "font": Font(bold=True),
            "fill": PatternFill("solid", start_color="E7E6E6"),
            "alignment": Alignment(horizontal="center", vertical="center", wrap_text=True),
            "border": Border(left=line, right=line, top=line, bottom=line),
        }
        name = f"{title}: {self._table.name}" if self._table.name else title
        return [
            [styled(name, font=Font(bold=True, size=14))],
            [styled(office)],
            [styled(period)],
            [],
            [styled(column.heading, **head) for column in self._table.columns],
        ]

    def _cell(self, column: Column, number_format: str) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Border, Side

        cell = WriteOnlyCell(self._sheet)
        cell.number_format = number_format
        cell.alignment = Alignment(horizontal=column.align, vertical="top", wrap_text=True)
        line = Side(style="thin", color="BFBFBF")
        cell.border = Border(left=line, right=line, top=line, bottom=line)
        return cell

    def _filled(self, place: int, value: Cell) -> Any:
        if isinstance(value, int):
            cell = self._numbers[place]
            cell.value = value
        elif isinstance(value, datetime.date) and value >= _FIRST_DATE:
            cell = self._dates[place]
            cell.value = value
        else:
            cell = self._texts[place]
            cell.value = _cell_text(value if isinstance(value, str) else value.isoformat())
            # openpyxl would make a formula of '=1' and an error of '#N/A'.
            cell.data_type = "s"
        return cell

    @staticmethod
    def _letter(place: int) -> str:
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(place))


def _cell_text(text: str) -> str:
    """What a cell can hold: readers of the format take ``_x000D_`` for a character."""
    text = _ESCAPE.sub("_x005F_", clean(text))
    if len(text) * 2 <= MAX_TEXT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_TEXT:
        return text
    kept = units[: 2 * (MAX_TEXT - len(_CUT))].decode("utf-16-le", errors="ignore")
    return kept + _CUT


class _Archive(zipfile.ZipFile):
    """An archive whose entries all have the same date, so that the same workbook is the same bytes."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        super().writestr(self._entry(zinfo_or_arcname), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        path = Path(filename)
        entry = self._entry(arcname or path.name)
        entry.file_size = path.stat().st_size
        with path.open("rb") as source, self.open(entry, "w") as target:
            shutil.copyfileobj(source, target)

    @staticmethod
    def _entry(name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name)  # Dated 1980.
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry
