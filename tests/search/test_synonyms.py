from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_register import Case, found, matches, register

from sipadek.errors import InvalidInput
from sipadek.search import (
    ANALYSIS,
    And,
    Not,
    Or,
    Phrase,
    Query,
    Synonyms,
    Word,
    default_synonyms,
    parse_query,
    snippet,
)
from sipadek.search.synonyms import MAX_EXPRESSIONS, MAX_LINES, MAX_TOKENS

TABLE = Synonyms.parse(
    "# Kita\n\nKelurahan,Kel.\nSKTM , Surat Keterangan Tidak Mampu\natas nama,a.n.\n"
)


def word(text: str) -> Word:
    tokens = ANALYSIS.index_tokens(text)
    return Word(stems=tokens.stems, exact=tokens.exact)


SKTM, LONG = word("SKTM"), word("surat keterangan tidak mampu")
PARTS = tuple(word(each) for each in ["surat", "keterangan", "tidak", "mampu"])


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("kel.", Or((word("kel"), word("kelurahan")))),
        ("KELURAHAN", Or((word("kelurahan"), word("kel")))),
        ("sktm legok", And((Or((SKTM, LONG)), word("legok")))),
        ("surat keterangan tidak mampu legok", And((Or((And(PARTS), SKTM)), word("legok")))),
        ("surat DAN keterangan tidak mampu", Or((And(PARTS), SKTM))),
        ("a.n. camat", And((Or((word("a.n."), word("atas nama"))), word("camat")))),
        ("BUKAN sktm", Not(Or((SKTM, LONG)))),
        ("sktm ATAU legok", Or((Or((SKTM, LONG)), word("legok")), several=True)),
        # Only what was typed as a whole, in this order and in one field.
        ("keterangan surat tidak mampu", And(tuple(PARTS[i] for i in (1, 0, 2, 3)))),
        ("surat keterangan ATAU tidak mampu", Or((And(PARTS[:2]), And(PARTS[2:])), several=True)),
        ("kel-legok", word("kel-legok")),
        ("kelurahannya", word("kelurahannya")),
        # Quotes ask for the exact words.
        ('"kel"', Phrase(exact=("kel",))),
    ],
)
def test_a_query_is_widened(text: str, tree: Query) -> None:
    assert parse_query(text, synonyms=TABLE) == tree


def test_a_field_holds_for_the_synonyms_too() -> None:
    tree = parse_query("perihal:sktm", synonyms=TABLE)
    assert isinstance(tree, Or)
    assert {part.field for part in tree.parts} == {"perihal"}
    apart = parse_query("perihal:surat keterangan tidak mampu", synonyms=TABLE)
    assert isinstance(apart, And)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Kel.,Kelurahan\n , \n", 2),
        ("RT,", 1),
        ("\n\nRT,rt.\n", 3),
        ("x" + " x" * MAX_TOKENS, 1),
        (",".join("abcdefghijkl"[: MAX_EXPRESSIONS + 1]), 1),
        ("#\n" * (MAX_LINES + 1), MAX_LINES + 1),
    ],
)
def test_a_wrong_line_is_named(text: str, line: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        Synonyms.parse(text, name="kota.csv")
    assert refused.value.fields["line"] == line
    assert f"kota.csv, line {line}:" in str(refused.value)


def test_own_lines_stand_in_the_place_of_the_library_s() -> None:
    own = Synonyms.parse("\ufeffKel.,Keluarga\r\nSKTM\r\n")
    both = TABLE.replaced_by(own)
    assert both.of(("kel",)) == (("keluarga",),)
    assert both.of(("kelurahan",)) == both.of(("sktm",)) == ()
    assert both.of(("a", "n")) == (("atas", "nama"),)


def test_an_expression_may_mean_several_things_and_they_are_not_chained() -> None:
    table = Synonyms.parse("Surat Keputusan,SK\nSurat Keterangan,SK\n")
    assert table.of(("sk",)) == (("surat", "keputusan"), ("surat", "keterangan"))
    assert table.of(("surat", "keterangan")) == (("sk",),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Disdukcapil", "Dinas Kependudukan dan Pencatatan Sipil"),
        ("SKTM", "surat keterangan tidak mampu"),
        ("TTE", "tanda tangan elektronik"),
        ("a.n.", "atas nama"),
        ("Kec.", "Kecamatan"),
        ("Kab.", "Kabupaten"),
        ("Prov.", "Provinsi"),
        ("RT", "Rukun Tetangga"),
        ("RW", "Rukun Warga"),
        ("Sekda", "Sekretaris Daerah"),
    ],
)
def test_the_table_that_comes_along(one: str, other: str) -> None:
    connection = register(
        [Case(subject=one), Case(pages=(f"Yth. {other} Kota",)), Case(subject="lain")]
    )
    for typed in (one, other, other.upper()):
        assert set(found(connection, parse_query(typed))) == {1, 2}
    connection.close()
    assert f"<mark>{other}</mark>" in snippet(f"Yth. {other} Kota", parse_query(one))


NAMES = [group[0] for group in default_synonyms().groups]


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3), st.data())
def test_each_of_a_line_finds_the_same(names: list[tuple[str, ...]], data: st.DataObject) -> None:
    """A run of words is found by its synonym and the other way round."""
    name = data.draw(st.sampled_from(names))
    cases = [Case(number="1", subject=" ".join(each)) for each in names]
    connection = register(cases)
    for other in (name, *default_synonyms().of(name)):
        query = parse_query(" ".join(other))
        hits = found(connection, query)
        assert {n for n, case in enumerate(cases, start=1) if matches(case, query)} == set(hits)
        assert names.index(name) + 1 in hits
    connection.close()
