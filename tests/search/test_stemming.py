from __future__ import annotations

import importlib.resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.search import ANALYSIS, Synonyms, Word, parse_query
from sipadek.search.stemming import is_known, stem, stem_of_doubled


def lines() -> list[str]:
    text = importlib.resources.files("sipadek.search").joinpath("stems.csv").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("word", "root"),
    [
        # Clitics before and behind.
        *(("suratnya", "surat"), ("suratmu", "surat"), ("kepadaku", "kepada")),
        *(("marilah", "mari"), ("siapapun", "siapa"), ("hancurkah", "hancur")),
        *(("kuambil", "ambil"), ("kaubaca", "baca"), ("kukirim", "kirim")),
        # Exceptions, alone and with an ending.
        *(("perpajakan", "pajak"), ("perpajakannya", "pajak"), ("penyidikan", "sidik")),
        *(("menandatangani", "tandatangan"), ("maluku", "maluku")),
        # Words that only look like derived ones.
        *(("ketua", "ketua"), ("tetapi", "tetapi"), ("telanaipura", "telanaipura")),
    ],
)
def test_roots(word: str, root: str) -> None:
    assert stem(word) == root


def test_each_exception_is_needed_and_holds() -> None:
    """A line that repeats the stemmer, or is not of letters a to z, is a mistake in the table."""
    words = [line.split(",") for line in lines()]
    assert words == sorted(words)
    assert all(
        len(pair) == 2 and all(part.isascii() and part.islower() for part in pair) for pair in words
    )
    assert len({word for word, _ in words}) == len(words)
    assert all(stem(word) == root for word, root in words)
    assert all(stem(root) == root for _, root in words)


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("surat-surat", "surat"),
        ("buku-bukunya", "buku"),
        ("berbalas-balasan", "balas"),
        ("meniru-niru", "tiru"),
        ("meniru-nirukan", "tiru"),
        ("memanggil-manggil", "panggil"),
        ("malaikat-malaikat-nya", "malaikat"),
        ("nikmat-ku", "nikmat"),
        ("legok-legok", "legok"),  # Also where the stemmer knows no root.
        # Not one word said twice, or one of its own.
        ("undang-undang", ""),
        ("undang-undangnya", ""),
        ("bolak-balik", ""),
        ("kel-legok", ""),
        ("surat", ""),
        ("", ""),
        ("a-b-c-d", ""),
    ],
)
def test_doubled_words(word: str, root: str) -> None:
    assert stem_of_doubled(word) == root


def test_a_doubled_word_finds_what_its_root_finds() -> None:
    assert parse_query("Surat-surat") == Word(stems=("surat",), exact=("surat", "surat"))
    assert parse_query("undang-undang", synonyms=Synonyms()) == Word(
        stems=("undang", "undang"), exact=("undang", "undang")
    )
    # What stands at the end of a line is the same text.
    for text in ("surat-surat", "surat-\nsurat", "surat -\n surat"):
        assert ANALYSIS.index_tokens(text).stems == ("surat", "surat")


@given(st.from_regex(r"[a-z]{1,10}(-[a-z]{1,10})?", fullmatch=True))
def test_a_word_has_one_stem_and_it_is_a_word(word: str) -> None:
    head = word.split("-", maxsplit=1)[0]
    assert stem(head).isalpha()
    assert not is_known(head) or is_known(stem(head)) or len(stem(head)) < 4
    assert isinstance(parse_query(word, synonyms=Synonyms()), Word)
