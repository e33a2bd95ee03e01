"""From text to searchable words: the one analysis that the index, queries and snippets share.

A token is a run of letters and digits of one script; everything else separates.
``400.12/0042/KEL-LEGOK`` is the sequence ``400 12 0042 kel legok``, and a query's word that holds
several tokens is looked for as such a sequence: so a number is found whole, by any part, and across
a line break alike.

Each token has two forms: *exact* (NFKC, lower case, without apostrophes) and *stem* (the Indonesian
root, see ``stemming``; for digits the number without leading zeros, so ``42`` finds ``0042``). Both
streams keep every token at its place: no stop word is dropped, because phrases need them.

``whoosh.analysis`` is not used here: a RegexTokenizer with LowercaseFilter and StemFilter takes
0.35 ms for a letter of 2 kB and gives one stream; one regular expression and a dictionary give both
in a third of that, and filing has 1 ms for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import attrs

from sipadek.search.stemming import is_known, stem, version

MAX_CHARACTERS: Final = 2_000_000
"""Characters of one text that are analysed; what stands beyond is not found."""

_MAX_TOKEN: Final = 64  # Characters; longer runs are noise and are cut, in text and query alike.
_MAX_CACHE: Final = 100_000  # Words; about 25 MB.
_RULES: Final = "3"  # Raise it with every change of what a text's tokens are.

_APOSTROPHES: Final = "'\u2019\u02bc`"
# Latin letters and digits; a word of another script is a word of its own, even where no space
# stands between: texts of PDFs run together at such places.
_LATIN: Final = "[0-9A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿ]"
_TOKEN: Final = re.compile(
    rf"{_LATIN}+(?:[{_APOSTROPHES}]{_LATIN}+)*|(?:(?!{_LATIN})[^\W_])+"
    rf"(?:[{_APOSTROPHES}](?:(?!{_LATIN})[^\W_])+)*"
)
_NO_APOSTROPHES: Final = str.maketrans("", "", _APOSTROPHES)
# Soft hyphen, zero-width characters, byte order mark: they part no word.
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]+")
_LINE_HYPHEN: Final = re.compile(r"([a-z]+)-\r?\n[ \t]*(?=([a-z]+))")


@attrs.frozen
class Tokens:
    """The two streams of one text, of the same length."""

    exact: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()


class _Forms(dict[str, tuple[str, str]]):
    """Word as written → (exact, stem): computed once, kept for the life of the process."""

    def __missing__(self, word: str) -> tuple[str, str]:
        exact = _exact(word)
        forms = exact, stem(exact)
        if len(word) <= _MAX_TOKEN:
            # Starting anew is simpler than ageing, and harmless: the forms are a pure function.
            if len(self) >= _MAX_CACHE:
                self.clear()
            self[word] = forms
        return forms


class Analysis:
    """The analysis of Indonesian letters. Safe to share between threads."""

    def __init__(self) -> None:
        self._forms = _Forms()

    @property
    def version(self) -> str:
        """Changes whenever the tokens of some text may change: an index then needs a rebuild."""
        return f"{_RULES}/{version()}"

    def normalise(self, text: str) -> str:
        """``text`` as it is analysed and shown: NFKC, no invisible characters, words that a hyphen
        parts at the end of a line joined again. At most ``MAX_CHARACTERS``."""
        text = text[:MAX_CHARACTERS]
        if not text.isascii():
            text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))[:MAX_CHARACTERS]
        if "-\n" in text or "-\r" in text:
            text = _LINE_HYPHEN.sub(_join, text)
        return text

    def index_tokens(self, text: str) -> Tokens:
        """The exact tokens and stems of ``text``, in order."""
        forms = self._forms
        found = [forms[word] for word in _TOKEN.findall(self.normalise(text))]
        if not found:
            return Tokens()
        exact, stems = zip(*found, strict=True)
        return Tokens(exact, stems)

    def exact_tokens(self, text: str) -> tuple[str, ...]:
        """The exact tokens alone, which cost no stemming."""
        return tuple(map(_exact, _TOKEN.findall(self.normalise(text))))

    def words(self, text: str) -> tuple[list[str], Tokens]:
        """The tokens of a normalised text, and before them each as it is written there."""
        written = _TOKEN.findall(text)
        if not written:
            return [], Tokens()
        exact, stems = zip(*map(self._forms.__getitem__, written), strict=True)
        return written, Tokens(exact, stems)

    def places(self, text: str, written: Iterable[str]) -> list[tuple[int, int]]:
        """(start, end) of each of the tokens with which a normalised text begins, as ``words`` has
        them."""
        # What stands between two of them is in no token: each is the first of its kind from there on.
        places, at = [], 0
        for word in written:
            start = text.index(word, at)
            at = start + len(word)
            places.append((start, at))
        return places

    def warm(self, words: Iterable[str]) -> None:
        """Compute the forms of ``words`` ahead: an unknown word costs about 0.1 ms."""
        for word in words:
            self._forms[word]


ANALYSIS: Final = Analysis()
"""The process's analysis, with its cache of word forms."""


def _exact(word: str) -> str:
    # U+02BC is a letter too, so a word may be nothing but apostrophes.
    return (word.lower().translate(_NO_APOSTROPHES) or word)[:_MAX_TOKEN]


def _join(match: re.Match[str]) -> str:
    """Only a word that the stemmer knows was parted by its hyphen: 'ketera-/ngan' was,
    'undang-/undang' was not."""
    return match[1] if is_known(match[1] + match[2]) else match[1] + "-"
