from __future__ import annotations

import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from search_register import Case, found, matches, register

from sipadek.errors import InvalidQuery
from sipadek.search import (
    And,
    Field,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Range,
    Restriction,
    Sort,
    Wildcard,
    Word,
    parse_query,
    understand,
    wanted,
)
from sipadek.search.query import MAX_DEPTH, MAX_LEAVES, MAX_LENGTH, MAX_PREFIXES


def word(text: str, field: Field | None = None) -> Word:
    return Word(stems=(text,), exact=(text,), field=field)


A, B, C = word("apa"), word("batu"), word("cara")
LAW = ("12", "tahun", "1959")
YEAR = Restriction(field=Field.YEAR, value=2026)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("apa batu", And((A, B))),
        ("apa DAN batu AND cara", And((A, B, C))),
        ("apa ATAU batu OR cara", Or((A, B, C), several=True)),
        ("apa batu ATAU cara", Or((And((A, B)), C), several=True)),
        ("apa DAN batu ATAU cara", Or((And((A, B)), C), several=True)),
        ("apa (batu ATAU cara)", And((A, Or((B, C), several=True)))),
        ("apa BUKAN batu", And((A, Not(B)))),
        ("apa DAN NOT batu", And((A, Not(B)))),
        ("BUKAN (apa batu)", Not(And((A, B)))),
        ("BUKAN BUKAN apa", A),
        ("dan atau", And((word("dan"), word("atau")))),  # In small letters they are words.
        ('"surat keterangan"', Phrase(exact=("surat", "keterangan"))),
        ("“surat keterangan”", Phrase(exact=("surat", "keterangan"))),
        ('"DAN * ( nomor:"', Phrase(exact=("dan", "nomor"))),
        ("keterangan", Word(stems=("terang",), exact=("keterangan",))),
        ("keter*", Prefix(exact=("keter",))),
        ("kel-leg*", Prefix(exact=("kel", "leg"))),
        (
            "12/1959",
            Or((Word(stems=("12", "1959"), exact=("12", "1959")), Word(stems=LAW, exact=LAW))),
        ),
        ("nomor:0042", Word(stems=("42",), exact=("0042",), field=Field.NUMBER)),
        ("NOMOR: apa", word("apa", Field.NUMBER)),
        (
            "perihal:(apa ATAU batu)",
            Or((word("apa", Field.SUBJECT), word("batu", Field.SUBJECT)), several=True),
        ),
        ('perihal:"apa batu"', Phrase(exact=("apa", "batu"), field=Field.SUBJECT)),
        ("tahun:2026 apa", And((YEAR, A))),
        ("unit:KEL-LEGOK", Restriction(field=Field.UNIT, value="KEL-LEGOK")),
        ('jenis:"surat tugas"', Restriction(field=Field.KIND, value="surat tugas")),
        ("kode:400.12", Restriction(field=Field.CLASSIFICATION, value="400.12")),
        ("kode:400.12.*", Restriction(field=Field.CLASSIFICATION, value="400.12")),
        ("sifat:B", Restriction(field=Field.SECRECY, value=0)),
        ("sifat:sangat-rahasia", Restriction(field=Field.SECRECY, value=3)),
        ('sifat:"Sangat Rahasia"', Restriction(field=Field.SECRECY, value=3)),
        ("sifat:sr", Restriction(field=Field.SECRECY, value=3)),
        ("ket*an", Wildcard(exact=("ket*an",))),
        ("s?rat", Wildcard(exact=("s?rat",))),
        ("?egok", Wildcard(exact=("?egok",))),
        ("ker*ja*", Wildcard(exact=("ker*ja*",))),
        ("leg?k*", Wildcard(exact=("leg?k*",))),
        ("kel-l?g*k", Wildcard(exact=("kel", "l?g*k"))),
        ("nomor:4?0.12/0042", Wildcard(exact=("4?0", "12", "0042"), field=Field.NUMBER)),
        ("Di mana legok?? batu?", And((word("di"), word("mana"), word("legok"), B))),
        ("dari:apa kepada:batu", And((word("apa", Field.SENDER), word("batu", Field.RECIPIENT)))),
        ("tahun:2024..2026", Range(field=Field.YEAR, low=2024, high=2026)),
        ("tahun:2024..", Range(field=Field.YEAR, low=2024)),
        ("tahun: ..2026", Range(field=Field.YEAR, high=2026)),
        ("nomor:40..60", Range(field=Field.NUMBER, low=40, high=60)),
        ("nomor:0040..", Range(field=Field.NUMBER, low=40)),
        ("perihal:40..60", Word(stems=("40", "60"), exact=("40", "60"), field=Field.SUBJECT)),
        ("apa urut:terbaru", A),
        ("urut:", word("urut")),
        ("kepada: dari:", word("dari", Field.RECIPIENT)),
        # What means nothing where it stands is passed over.
        ("apa ATAU", A),
        ("DAN apa", A),
        ("apa BUKAN", A),
        ("((apa", A),
        ("apa))", A),
        ("apa () ( ATAU ) batu", And((A, B))),
        ('"apa', A),
        ("apa ! ? ; batu", And((A, B))),
        ("sifat:", word("sifat")),
        # Not ours: no field of that name, no operator within a word.
        ("url:apa", Word(stems=("url", "apa"), exact=("url", "apa"))),
        ("xnomor:apa", Word(stems=("xnomor", "apa"), exact=("xnomor", "apa"))),
        ("apaDANbatu", word("apadanbatu")),
    ],
)
def test_what_a_query_means(text: str, tree: Query) -> None:
    assert parse_query(text) == tree


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("  ", 0),
        ("?!", 0),
        ("()", 0),
        ("DAN", 0),
        ("BUKAN", 0),
        ('""', 0),
        ("\0\ud800", 0),
        ("*", 0),
        ("surat *", 6),
        ("s*rat", 1),
        ("ke*an", 2),
        ("?u?at", 0),
        ("surat *an", 6),
        ("surat ke*", 6),  # Too short: half the dictionary begins so.
        ("tahun:abc", 6),
        ("surat tahun:26", 12),
        ("tahun:२०२६", 6),
        ("tahun:202*", 6),
        ("sifat:gelap", 6),
        ("kode:400..1", 5),
        ("kode:4'; --", 5),
        ("unit:KEL*", 5),
        ("unit:\ud800", 5),
        ("apa unit:KEL\0", 9),
        ("(" * (MAX_DEPTH + 1) + "apa", MAX_DEPTH),
        ("a" * (MAX_LENGTH + 1), MAX_LENGTH),
        ("a " * (MAX_LEAVES + 1), 2 * MAX_LEAVES),
        ("apa* " * (MAX_PREFIXES + 1), 5 * MAX_PREFIXES),
        ("ap?pa " * (MAX_PREFIXES + 1), 6 * MAX_PREFIXES),
        ("k?l*-l?gok", 1),  # In one part only.
        ("tahun:2026..2024", 6),
        ("tahun:26..27", 6),
        ("tahun:..", 6),
        ("tahun:2024...2026", 6),
        ("nomor:60..40", 6),
        ("apa urut:abjad", 9),
        ("urut:terbaru", 0),
        ("urut:terbaru apa urut:terlama", 22),
        ("urut:ter*", 5),
    ],
)
def test_what_is_no_query(text: str, position: int) -> None:
    with pytest.raises(InvalidQuery) as refused:
        parse_query(text)
    assert refused.value.fields["position"] == position
    refused.value.message.encode()  # Nothing unprintable of the query is in the message.


@pytest.mark.parametrize(
    "text",
    [
        "surat " * 20_000,
        "(" * 100_000,
        "(" * 5_000 + "surat" + ")" * 5_000,
        "BUKAN " * 20_000 + "surat",
        '"' * 100_000,
        "*" * 100_000,
        "nomor:" * 20_000,
        "tanggal:" * 20_000,
        "?" * 100_000,
        "s?rat " * 20_000,
        "kel. " * 20_000,
        "📄" * 100_000,
        "1.." * 30_000,
    ],
)
def test_huge_queries_are_refused(text: str) -> None:
    with pytest.raises(InvalidQuery):
        parse_query(text)


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("apa", None),
        ("apa urut:terbaru", Sort.NEWEST),
        ("URUT:Terlama apa", Sort.OLDEST),
        ("apa (batu urut:terlama) urut:terlama", Sort.OLDEST),
        ("apa urut:relevansi", Sort.RELEVANCE),
    ],
)
def test_an_order_is_asked_for(text: str, sort: Sort | None) -> None:
    assert understand(text).sort is sort


def test_where_words_were_typed() -> None:
    text = 'Apa (batu, ATAU nomor:cara) "frasa kata" BUKAN bukan pre* 0042 dua-kata kun–ci'
    asked = understand(text)
    assert [text[each.start : each.end] for each in asked.words] == ["batu", "cara"]
    assert [each.word for each in asked.words] == [B, word("cara", Field.NUMBER)]


# Pieces of our language, of FTS5's and of SQL, and what upsets parsers.
_OURS = """
    surat legok 0042 400.12 KEL-LEGOK sur* DAN ATAU BUKAN AND OR NOT ( ) ((( ))) nomor: perihal:
    unit: jenis: kode: tahun: sifat: tahun:2026 sifat:B kode:400 dari: kepada: tanggal: urut:
    urut:terbaru 2024..2026 .. tahun:2024.. nomor:1..9 tanggal:bulan-lalu tanggal:..2026-01 s?rat su?at*
    ? ?? ket*an 📄 kel. a.n. surat-surat
"""
_THEIRS = r"""
    " "" ' * ** : ^ + - { } , ; -- \ / % NEAR NEAR(a,b) {body_stem}:a ^a a+b 1=1 ' OR '1'='1
"""
_SIGNS = [" ", "\n", "\u3000", "\0", "\ud800", "\ufffe", "ﬁ", "İ", "ﷺ", "\u202e"]
PIECES = st.sampled_from([*_OURS.split(), *_THEIRS.split(), *_SIGNS])
JUNK = st.one_of(st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join), st.text())
LETTER = Case(
    number="400.12.2.1/0042/KEL-LEGOK/XI/2026",
    subject="Surat keterangan domisili",
    sender="Kepala Dinas",
    pages=("Legok, surat NEAR a b c OR body_stem", "1 = 1"),
)


@given(JUNK)
@example("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
def test_any_text_is_refused_or_searched(text: str) -> None:
    query, place = understood(text)
    if query is None:
        assert 0 <= place <= len(text)
        return
    connection = register([LETTER])
    assert found(connection, query) == ([1] if matches(LETTER, query) else [])
    connection.close()


@given(
    st.lists(PIECES, max_size=6).map(" ".join), st.integers(0, 1500), st.sampled_from('("*?:.- ')
)
def test_any_text_deep_or_long_is_refused_or_searched(text: str, many: int, sign: str) -> None:
    query, place = understood(sign * many + text + sign * many)
    assert query is not None or 0 <= place <= 2 * many + len(text)


@pytest.mark.parametrize(
    "text", ["kel. " * MAX_LEAVES, "BUKAN sktm " * MAX_LEAVES, "kab. ATAU " * MAX_LEAVES]
)
def test_synonyms_do_not_make_a_query_too_large_for_the_engine(text: str) -> None:
    query = parse_query(text)
    connection = register([LETTER])
    assert found(connection, query) == ([1] if matches(LETTER, query) else [])
    connection.close()


def understood(text: str) -> tuple[Query | None, int]:
    try:
        return parse_query(text, today=datetime.date(2026, 11, 3)), -1
    except InvalidQuery as refused:
        return None, refused.fields["position"]


@pytest.mark.parametrize("operators", [("DAN", "ATAU"), ("ATAU", "DAN"), ("DAN BUKAN", "ATAU")])
def test_the_deepest_and_widest_query_is_searched(operators: tuple[str, str]) -> None:
    """FTS5 has limits of its own, on nesting above all; ours must be the ones that are met."""
    text = "surat"
    for depth in range(MAX_DEPTH):
        text = f"({text} {operators[depth % 2]} (kata{depth} {operators[1 - depth % 2]} legok))"
        text = text if depth < MAX_DEPTH - 1 else text[1:-1]
    for query in (parse_query(text), parse_query("nomor:surat ATAU " * (MAX_LEAVES - 1) + "surat")):
        assert sum(1 for _ in wanted(query)) > MAX_DEPTH / 2
        connection = register([LETTER])
        assert found(connection, query) == ([1] if matches(LETTER, query) else [])
        connection.close()
