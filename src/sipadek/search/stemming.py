"""The stem of an Indonesian word: PySastrawi, with exceptions of our own as data (``stems.csv``)."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.resources
import re
from typing import Any, Final

# PySastrawi knows roots in a-z only, leaves words up to three letters alone, and its cost grows
# with the length.
_STEMMABLE: Final = re.compile(r"[a-z]{4,32}")
_CLITICS: Final = re.compile(r"(?:nya|ku|mu)?(?:lah|kah|tah|pun)?$")
# Doubled words that are other words than their half.
_DOUBLED_ROOTS: Final = frozenset(
    (
        "hati-hati",
        "kuda-kuda",
        "kupu-kupu",
        "kura-kura",
        "laba-laba",
        "langit-langit",
        "mata-mata",
        "oleh-oleh",
        "paru-paru",
        "undang-undang",
    )
)


def stem(word: str) -> str:
    """The root of ``word`` (lower case), or the word itself; of digits the number without leading
    zeros."""
    if word[0] == "0":
        return word.lstrip("0") or "0"
    if _STEMMABLE.fullmatch(word) is None:
        return word
    exceptions = _exceptions()
    bare = _CLITICS.sub("", word, count=1)
    found = exceptions.get(word) or exceptions.get(bare)
    return found or _sastrawi().stem_word(word) or word


def is_known(word: str) -> bool:
    """Whether the stemmer leads ``word`` (lower case) to a root of its dictionary."""
    sastrawi = _sastrawi()
    found = _STEMMABLE.fullmatch(word) is not None
    return found and bool(sastrawi.get_dictionary().contains(sastrawi.stem_word(word)))


def stem_of_doubled(word: str) -> str:
    """The root of a word with hyphens that says it twice or hangs a pronoun on it ('surat-surat',
    'berbalas-balasan', 'meniru-niru', 'nikmat-Ku'; lower case); '' where it is no such word."""
    parts = word.split("-")
    if not 2 <= len(parts) <= 3 or not all(re.fullmatch("[a-z]{2,32}", part) for part in parts):
        return ""
    *_, last = parts
    if len(parts) == 2 and re.fullmatch("nya|ku|mu|lah|kah|tah|pun", last):
        return stem(parts[0])
    bare = word.removesuffix(last) + _CLITICS.sub("", last, count=1)
    if bare.rstrip("-") in _DOUBLED_ROOTS:
        return ""
    found = str(_sastrawi().stem_word(word))
    if "-" in found:
        return stem(parts[0]) if parts[0] == parts[1] else ""
    return found


@functools.cache
def version() -> str:
    """Changes whenever the stem of some word may change."""
    digest = hashlib.sha256(_table().encode()).hexdigest()[:8]
    return f"PySastrawi-{importlib.metadata.version('PySastrawi')}-{digest}"


def _table() -> str:
    return importlib.resources.files(__package__).joinpath("stems.csv").read_text("utf-8")


@functools.cache
def _exceptions() -> dict[str, str]:
    lines = (line for line in _table().splitlines() if line and not line.startswith("#"))
    return dict(line.split(",") for line in lines)


@functools.cache
def _sastrawi() -> Any:
    # Import and construction take 20 ms, and opening an office needs neither.
    from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
    from Sastrawi.Stemmer.Stemmer import Stemmer
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

    return Stemmer(ArrayDictionary(StemmerFactory().get_words()))
