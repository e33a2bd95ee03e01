"""Tables as one HTML page that needs nothing else, printable on A4 in landscape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import IO, Final, TypeVar

from sipadek.books.table import Cell, Printed, Table, clean, printed_text

Entry = TypeVar("Entry")

_STYLE: Final = """
@page { size: A4 landscape; margin: 14mm 12mm 16mm 16mm;
  @bottom-right { content: "Halaman " counter(page) " dari " counter(pages); font: 8pt serif; } }
body { font: 9pt/1.3 "Liberation Serif", "Times New Roman", serif; color: #000; margin: 0; }
@media screen { body { max-width: 297mm; margin: 10mm auto; padding: 0 6mm; } }
header { text-align: center; margin-bottom: 5mm; }
h1 { font-size: 14pt; text-transform: uppercase; margin: 0 0 1mm; }
header p { font-size: 11pt; margin: 0; }
h2 { font-size: 11pt; margin: 6mm 0 2mm; break-after: avoid; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 8pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.5pt solid #000; padding: 0.7mm 1mm; overflow-wrap: anywhere; }
th { background: #eee; font-size: 7.5pt; text-align: center; vertical-align: middle;
  print-color-adjust: exact; }
tr.nomor th { font-weight: normal; font-style: italic; font-size: 6.5pt; padding: 0.2mm; }
td { vertical-align: top; white-space: pre-line; unicode-bidi: isolate; }
td.right { text-align: right; }
td.center { text-align: center; }
p.total { margin: 2mm 0 0; }
"""


def write_html(entries: Iterable[Entry], file: IO[bytes], book: Printed[Entry]) -> None:
    """Write the tables of ``book`` as a page in UTF-8, one row in memory at a time where ``entries``
    are. The heads of tables come again on every printed page. Nothing in it runs or is loaded.

    The same entries give the same bytes. Control characters become their signs, as with ``clean``.
    """
    for piece in _page(entries, book):
        file.write(piece.encode())


def _page(entries: Iterable[Entry], book: Printed[Entry]) -> Iterator[str]:
    title, office, period = (escape(clean(t)) for t in (book.title, book.office, book.period))
    yield (
        '<!DOCTYPE html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title} – {office} – {period}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{title}</h1>\n<p>{office}</p>\n<p>{period}</p>\n</header>\n"
    )
    for table in book.tables(entries):
        yield from _table(table)
    yield "</body>\n</html>\n"


def _table(table: Table) -> Iterator[str]:
    if table.name:
        yield f"<h2>{escape(clean(table.name))}</h2>\n"
    whole = sum(column.width for column in table.columns)
    widths = "".join(f'<col style="width:{c.width / whole:.2%}">' for c in table.columns)
    head = "".join(f'<th scope="col">{escape(clean(c.heading))}</th>' for c in table.columns)
    places = "".join(f"<th>{place}</th>" for place in range(1, len(table.columns) + 1))
    yield (
        f"<table>\n<colgroup>{widths}</colgroup>\n<thead>\n<tr>{head}</tr>\n"
        f'<tr class="nomor" aria-hidden="true">{places}</tr>\n</thead>\n<tbody>\n'
    )
    starts = [
        "<td>" if column.align == "left" else f'<td class="{column.align}">'
        for column in table.columns
    ]
    for row in table.rows:
        yield _row(starts, row)
    yield "</tbody>\n</table>\n"
    total = table.total()
    if total:
        yield f'<p class="total">{escape(clean(total))}</p>\n'


def _row(starts: list[str], row: tuple[Cell, ...]) -> str:
    cells = zip(starts, row, strict=True)
    return f"<tr>{''.join(f'{start}{escape(printed_text(cell))}</td>' for start, cell in cells)}</tr>\n"
