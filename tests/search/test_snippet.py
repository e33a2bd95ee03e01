from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_register import QUERIES, occurs, texts

from sipadek.search import ANALYSIS, Not, Query, Word, excerpt, parse_query, snippet, wanted

HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "<mark>",
        "</mark>",
        "&amp;",
        "&lt;",
        "\"'>",
        "<img src=x onerror=y>",
        "\u202etxet",
        "\0",
        "\ud800",
        "\ufdfa",
        "ketera-\nngan",
    ]
)
PAGES = st.lists(texts() | HOSTILE, max_size=20).map(" ".join)


class Marks(HTMLParser):
    """Refuses everything but text and <mark>."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = False
        self.marked: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert (tag, attrs, self.open) == ("mark", [], False)
        self.open = True
        self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        assert (tag, self.open) == ("mark", True)
        self.open = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open:
            self.marked[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(piece: str) -> Marks:
    marks = Marks()
    marks.feed(piece)
    marks.close()
    assert not marks.open
    return marks


def words(text: str) -> list[str]:
    """What a reader sees: white space, and characters without a sight of their own, apart."""
    return re.sub(r"[^\w<>&;'\"/.,()=*-]|_", " ", text).split()


@given(PAGES, QUERIES, st.integers(1, 300))
def test_a_snippet_is_safe_and_part_of_the_text(page: str, query: Query, length: int) -> None:
    piece = snippet(page, query, length=length)
    piece.encode()
    shown = read(piece).text
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    whole = re.sub(r"\s+", "", " ".join(words(ANALYSIS.normalise(page))))
    assert re.sub(r"\s+", "", " ".join(words(shown.removeprefix("… ").removesuffix(" …")))) in whole
    # A word or two at the edges is not cut in half, so the length is about.
    assert len(shown) <= length + 2 * 41 + 4


@given(PAGES, QUERIES)
def test_marked_is_what_the_search_matched(page: str, query: Query) -> None:
    marks = read(snippet(page, query, length=10_000))
    tokens = ANALYSIS.index_tokens(page)
    expected = []
    for leaf in wanted(query):
        if leaf.field is not None:
            continue
        size = len(leaf.stems if isinstance(leaf, Word) else leaf.exact)
        for start in range(len(tokens.exact) - size + 1):
            if occurs(tokens, leaf, start):
                expected += range(start, start + size)
    marked = [token for text in marks.marked for token in ANALYSIS.index_tokens(text).exact]
    assert marked == [tokens.exact[index] for index in sorted(set(expected))]


def test_stems_and_whole_numbers_are_marked() -> None:
    text = "Menerangkan bahwa surat 400.12.2.1/0042/\nKEL-LEGOK/XI/2026 berlaku."
    piece = snippet(text, parse_query("keterangan 400.12.2.1/42/kel-legok/xi/2026"))
    assert piece == (
        "<mark>Menerangkan</mark> bahwa surat "
        "<mark>400.12.2.1/0042/ KEL-LEGOK/XI/2026</mark> berlaku."
    )


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("ket*", ["Keterangan", "keterangan"]),
        ("surat-ket*", ["surat keterangan"]),
        ('"surat keterangan"', ["surat keterangan"]),
        ('"surat keterangan" domisili', ["surat keterangan", "domisili"]),
        ('surat "surat keterangan"', ["surat keterangan"]),
        ("keterangan BUKAN surat", ["Keterangan", "keterangan"]),
        ("ket*gan", ["Keterangan", "keterangan"]),
        ("surat-ke?erangan", ["surat keterangan"]),
        ("surat-surat", ["surat"]),
    ],
)
def test_phrases_and_prefixes_are_marked_as_one(query: str, marked: list[str]) -> None:
    piece = snippet("Keterangan dalam surat keterangan domisili", parse_query(query))
    assert read(piece).marked == marked


def test_a_word_without_end_is_cut() -> None:
    piece = snippet("x" * 5000 + " legok " + "y" * 5000, parse_query("legok"), length=50)
    assert "<mark>legok</mark>" in piece
    assert len(piece) < 150


def test_the_window_holds_the_most_different_words() -> None:
    text = "domisili " + "kata " * 200 + "domisili legok " + "kata " * 200
    piece = snippet(text, parse_query("legok domisili"), length=60)
    assert "<mark>domisili</mark> <mark>legok</mark>" in piece
    assert piece.startswith("… ")
    assert piece.endswith(" …")


def test_without_a_hit_the_beginning_is_shown() -> None:
    text = "Dengan hormat, " + "bersama ini " * 50
    assert snippet(text, parse_query("legok"), length=20) == "Dengan hormat, bersama …"
    assert snippet(text, parse_query("tahun:2026"), length=20) == "Dengan hormat, bersama …"
    assert snippet("", parse_query("legok")) == ""


def test_what_is_asked_of_other_fields_or_denied_is_not_marked() -> None:
    text = "surat legok"
    assert snippet(text, parse_query("nomor:surat perihal:legok")) == text
    assert snippet(text, Not(parse_query("surat"))) == text


@pytest.mark.parametrize(
    ("query", "page", "marked"),
    [
        ("legok", 2, ["Legok"]),
        ("surat", 1, ["Surat"]),
        ("surat legok", 3, ["surat", "legok"]),
        ("surat kenali", 1, ["Surat"]),  # Of equals the first.
        ("jambi", 0, []),
    ],
)
def test_the_page_with_most_of_the_words(query: str, page: int, marked: list[str]) -> None:
    pages = ("Surat satu", "Kelurahan Legok", "surat dari legok", "surat legok lagi")
    best = excerpt(pages, parse_query(query))
    assert (best.page, read(best.html).marked) == (page, marked)


def test_an_excerpt_of_nothing() -> None:
    assert excerpt((), parse_query("a")).html == ""
    best = excerpt(("", "Isi surat"), parse_query("nihil"))
    assert (best.page, best.html) == (0, "Isi surat")


@given(st.lists(PAGES, max_size=4), QUERIES)
def test_an_excerpt_is_the_snippet_of_its_page(pages: list[str], query: Query) -> None:
    best = excerpt(pages, query)
    if best.page:
        assert best.html == snippet(pages[best.page - 1], query)
        assert "<mark>" in best.html
    else:
        assert "<mark>" not in best.html
        assert not any("<mark>" in snippet(page, query) for page in pages)


def test_escaping() -> None:
    piece = snippet("<b onclick='x'>surat</b> & \"legok\"", parse_query("surat"))
    assert (
        piece
        == "&lt;b onclick=&#x27;x&#x27;&gt;<mark>surat</mark>&lt;/b&gt; &amp; &quot;legok&quot;"
    )
    assert html.unescape(re.sub("</?mark>", "", piece)) == "<b onclick='x'>surat</b> & \"legok\""
