from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_register import texts

from sipadek.search import ANALYSIS, Analysis

NUMBER = "400.12.2.1/0042/KEL-LEGOK/XI/2026"


def test_exact_tokens_keep_every_word_and_stems_stand_at_the_same_places() -> None:
    tokens = ANALYSIS.index_tokens("Yang bertanda tangan di bawah ini menerangkan")
    assert tokens.exact == ("yang", "bertanda", "tangan", "di", "bawah", "ini", "menerangkan")
    assert tokens.stems == ("yang", "tanda", "tangan", "di", "bawah", "ini", "terang")


def test_a_letter_number_becomes_its_parts() -> None:
    tokens = ANALYSIS.index_tokens(NUMBER)
    assert tokens.exact == ("400", "12", "2", "1", "0042", "kel", "legok", "xi", "2026")
    assert tokens.stems == ("400", "12", "2", "1", "42", "kel", "legok", "xi", "2026")


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("keterangan", "terang"),
        ("berdomisili", "domisili"),
        ("kependudukan", "duduk"),
        ("Legok", "legok"),  # A name the dictionary does not know stays.
        ("000", "0"),
        ("007", "7"),
        ("RT05", "rt05"),
        ("Jum'at", "jumat"),
        ("Qur’an", "quran"),
        ("ﬁle", "file"),  # A ligature, as PDFs have it.
        ("kete\u00adrangan", "terang"),  # A soft hyphen.
        ("é", "é"),
        ("e\u0301", "é"),
    ],
)
def test_stems(word: str, stem: str) -> None:
    assert ANALYSIS.index_tokens(word).stems == (stem,)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n  "])
def test_a_word_parted_at_the_end_of_a_line_is_joined(line_end: str) -> None:
    def exact(text: str) -> tuple[str, ...]:
        return ANALYSIS.index_tokens(text.replace("|", line_end)).exact

    assert exact("surat ketera-|ngan") == ("surat", "keterangan")
    # These hyphens are the words' own.
    assert exact("undang-|undang") == ("undang", "undang")
    assert exact("KEL-|LEGOK") == ("kel", "legok")
    assert exact("sebaik-|baiknya") == ("sebaik", "baiknya")


@given(texts() | st.text())
def test_tokens_are_safe_between_quotes_and_spaces(text: str) -> None:
    tokens = ANALYSIS.index_tokens(text)
    assert len(tokens.exact) == len(tokens.stems)
    for token in tokens.exact + tokens.stems:
        assert token
        assert len(token) <= 64
        token.encode()  # No lone surrogate.
        assert token == token.lower()
        assert not any(sign.isspace() for sign in token)
        assert not any(sign.isascii() and not sign.isalnum() for sign in token)


@given(texts() | st.text())
def test_an_exact_token_decides_its_stem(text: str) -> None:
    """So that what matches exactly matches by stem too, whatever the cache holds."""
    tokens = ANALYSIS.index_tokens(text)
    stems: dict[str, str] = {}
    for exact, stem in zip(tokens.exact, tokens.stems, strict=True):
        assert stems.setdefault(exact, stem) == stem
    assert Analysis().index_tokens(text) == tokens


@given(texts() | st.text())
def test_places_tell_where_the_tokens_stand(text: str) -> None:
    normal = ANALYSIS.normalise(text)
    written, tokens = ANALYSIS.words(normal)
    assert tokens == ANALYSIS.index_tokens(text)
    places = ANALYSIS.places(normal, written)
    assert [normal[start:end] for start, end in places] == written
    edge = 0
    for (start, end), exact in zip(places, tokens.exact, strict=True):
        assert edge <= start < end <= len(normal)
        assert ANALYSIS.index_tokens(normal[start:end]).exact == (exact,)
        edge = end


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipadek.search.analysis.MAX_CHARACTERS", 1000)
    assert ANALYSIS.index_tokens("\n" * 996 + "awal akhir").exact == ("awal",)
    # A character that NFKC turns into eighteen does not get around the limit.
    assert len(ANALYSIS.normalise("\ufdfa" * 1000)) == 1000
    (long,) = ANALYSIS.index_tokens("x" * 1000).exact
    assert len(long) == 64


def test_the_cache_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipadek.search.analysis._MAX_CACHE", 10)
    analysis = Analysis()
    analysis.warm(f"{n}x" for n in range(100))
    assert len(analysis._forms) <= 10
    assert analysis.index_tokens("menerangkan 99x").stems == ("terang", "99x")


def test_importing_search_imports_neither_whoosh_nor_sastrawi() -> None:
    code = (
        "import sys, sipadek.search\n"
        "heavy = {'whoosh', 'Sastrawi', 'pyhanko', 'pypdf'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
