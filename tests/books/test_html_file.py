"""The page shows the cells, repeats its heads in print, and runs nothing."""

from __future__ import annotations

import html.parser
import io
from collections.abc import Iterator

from book_letters import HOSTILE, Sheets, letter, tables
from hypothesis import given

from sipadek.archive import Letter
from sipadek.books import Book, Cell, write_html
from sipadek.books.table import clean, printed_text


class Page(html.parser.HTMLParser):
    """The tags of a page in order, and the texts of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: dict[str, list[str]] = {"td": [], "th": [], "h1": [], "title": [], "p": []}
        self.inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in self.cells:
            self.inside = tag
            self.cells[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[self.inside][-1] += data


def written(entries: list[tuple[Cell, ...]], **more: str) -> str:
    file = io.BytesIO()
    write_html(entries, file, Sheets(**more))  # type: ignore[arg-type]
    return file.getvalue().decode()


@given(tables)
def test_the_page_shows_the_cells(rows: list[tuple[Cell, ...]]) -> None:
    text = written(rows)
    assert text == written(rows)
    page = Page(text)
    assert page.cells["td"] == [printed_text(cell) for row in rows for cell in row]
    assert page.tags.count("tr") == 2 + len(rows)
    known = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "table"}
    assert set(page.tags) <= known | {"colgroup", "col", "thead", "tbody", "tr", "th", "td"}
    assert page.cells["p"][-1] == f"Jumlah {len(rows)}."


def test_hostile_headings_are_shown_as_text() -> None:
    for text in HOSTILE:
        page = Page(written([], title=text, office=text, period=text))
        assert page.cells["h1"] == [clean(text)]
        assert page.cells["p"][:2] == [clean(text)] * 2
        assert "script" not in page.tags


def test_the_page_is_made_for_paper_and_needs_nothing() -> None:
    text = written([])
    assert "size: A4 landscape" in text
    assert "table-header-group" in text
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("http:", "https:", "url(", "src=", "@import"))


def test_a_page_is_written_row_by_row() -> None:
    file = io.BytesIO()

    def entries() -> Iterator[Letter]:
        before = 0
        for n in range(1, 50):
            assert file.tell() > before
            before = file.tell()
            yield letter(n)

    write_html(entries(), file, Book.agenda(office="Kelurahan Legok", period="Tahun 2026"))
    assert file.getvalue().endswith(b"</html>\n")
