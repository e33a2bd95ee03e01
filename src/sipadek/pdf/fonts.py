"""Fonts for what is written into a PDF: measured, cut to the characters used, and embedded."""

from __future__ import annotations

import hashlib
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Protocol

import attrs

from sipadek.errors import StampError
from sipadek.pdf.objects import Ref
from sipadek.pdf.truetype import TrueType

__all__ = ["EmbeddedFont", "Font", "ObjectWriter", "default_font"]

_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
%bendcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


_FLATE = b"/Filter /FlateDecode"
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_DIGITS = frozenset("0123456789")


class ObjectWriter(Protocol):
    """Takes new indirect objects."""

    def add(self, body: bytes) -> Ref:
        """Adds an object given in full PDF syntax."""

    def add_stream(self, entries: bytes, data: bytes, *, compress: bool = True) -> Ref:
        """Adds a stream; ``entries`` go into its dictionary beside what the writer puts there.

        That is /Length, and with ``compress`` the /Filter. Data that is already encoded comes with
        a /Filter among its entries and ``compress=False``.
        """


@attrs.frozen
class EmbeddedFont:
    """A font in a PDF: the reference for a /Font resource, and the codes of its characters."""

    ref: Ref
    codes: Mapping[str, bytes] = attrs.field(repr=False)

    def encode(self, text: str) -> bytes:
        """``text`` as a hexadecimal string for ``Tj``.

        Raises ``StampError`` for a character that was not named when the font was embedded.
        """
        try:
            return b"<" + b"".join([self.codes[character] for character in text]) + b">"
        except KeyError as error:
            raise StampError(
                f"The embedded font has no {_described(error.args[0])}. "
                "Name every text when embedding the font.",
                characters=error.args[0],
            ) from None


class Font:
    """A TrueType font to write with, left to right, one glyph per character."""

    def __init__(self, source: TrueType) -> None:
        self._source = source
        self._advances: dict[str, int] = {}
        self._glyphs: dict[str, int | None] = {}

    @classmethod
    def load(cls, path: str | Path) -> Font:
        """The font in the file; raises ``StampError`` if it is not a usable TrueType font."""
        return cls(TrueType.load(Path(path)))

    @property
    def name(self) -> str:
        """The font's PostScript name."""
        return self._source.name

    @property
    def cap_height(self) -> float:
        """Height of capital letters as a share of the font size."""
        return self._source.cap_height / self._source.units_per_em

    def width(self, text: str, size: float) -> float:
        """Width of ``text`` in points at ``size`` points.

        Raises ``StampError`` naming the characters the font lacks.
        """
        try:
            units = sum([self._advances[character] for character in text])
        except KeyError:
            units = sum([self._advance(text, character) for character in text])
        return units * size / self._source.units_per_em

    def missing(self, text: str) -> str:
        """The characters of ``text`` that cannot be written, each once; empty if there are none.

        Right-to-left scripts count as missing, since their letters would come out in the wrong
        order, and so do control and format characters, which nobody could see.
        """
        return "".join(c for c in dict.fromkeys(text) if self._glyph(c) is None)

    def embed(self, writer: ObjectWriter, texts: Iterable[str]) -> EmbeddedFont:
        """Writes the font, cut to the characters of ``texts``, as a Type 0 font.

        With one digit go all ten, so that letters of one office share a subset: the last few are
        kept. The same font and characters give the same bytes and the same subset tag
        (ISO 32000-1, 9.6.4 and 9.7.4). Raises ``StampError`` naming the characters the font lacks.
        """
        characters: set[str] = set().union(*texts)
        if not characters.isdisjoint(_DIGITS):
            characters |= _DIGITS
        cut = _cut(self, "".join(sorted(characters)))
        file = writer.add_stream(cut.file_entries, cut.file, compress=False)
        cid_set = writer.add_stream(b"", cut.cid_set, compress=False)
        descriptor = writer.add(cut.descriptor % (bytes(file), bytes(cid_set)))
        descendant = writer.add(cut.descendant % bytes(descriptor))
        unicode_map = writer.add_stream(_FLATE, cut.to_unicode, compress=False)
        ref = writer.add(
            b"<</Type /Font /Subtype /Type0 /BaseFont /%b /Encoding /Identity-H "
            b"/DescendantFonts [%b] /ToUnicode %b>>"
            % (cut.name, bytes(descendant), bytes(unicode_map))
        )
        return EmbeddedFont(ref, cut.codes)

    def _glyph(self, character: str) -> int | None:
        try:
            return self._glyphs[character]
        except KeyError:
            glyph = self._source.characters.get(ord(character)) or None
            if (
                unicodedata.category(character).startswith("C")
                or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT
            ):
                glyph = None
            self._glyphs[character] = glyph
            return glyph

    def _found(self, characters: str) -> list[int]:
        glyphs = [glyph for glyph in map(self._glyph, characters) if glyph is not None]
        if len(glyphs) < len(characters):
            raise self._lacking(characters)
        return glyphs

    def _advance(self, text: str, character: str) -> int:
        known = self._advances.get(character)
        if known is None:
            glyph = self._glyph(character)
            if glyph is None:
                raise self._lacking(text)
            known = self._advances[character] = self._source.advance(glyph)
        return known

    def _lacking(self, text: str) -> StampError:
        missing = self.missing(text)
        return StampError(
            f"The font {self.name} has no {', '.join(map(_described, missing))}. "
            "Leave these characters out, or give a font that has them.",
            characters=missing,
        )


@attrs.frozen(kw_only=True)
class _Cut:
    """All that is written of a font cut to some characters, but for the references."""

    name: bytes
    file: bytes
    file_entries: bytes
    cid_set: bytes
    to_unicode: bytes
    descriptor: bytes
    descendant: bytes
    codes: Mapping[str, bytes]


@lru_cache(maxsize=64)
def _cut(font: Font, characters: str) -> _Cut:
    source = font._source
    subset = source.subset(font._found(characters))
    count = len(subset.advances)
    name = f"{_tag(font.name, characters)}+{font.name}".encode()
    scale = 1000 / source.units_per_em
    widths = b" ".join([b"%d" % round(advance * scale) for advance in subset.advances])
    codes = {character: b"%04X" % code for code, character in enumerate(characters, 1)}
    # PDF/A-1 (ISO 19005-1, 6.3.5) asks for the set of all CIDs in the file, .notdef included.
    present = ((1 << count) - 1) << (-count % 8)
    return _Cut(
        name=name,
        file=zlib.compress(subset.data),
        file_entries=b"%b /Length1 %d" % (_FLATE, len(subset.data)),
        cid_set=present.to_bytes((count + 7) // 8),
        to_unicode=zlib.compress(_to_unicode(codes)),
        descriptor=_descriptor(source, name),
        descendant=b"<</Type /Font /Subtype /CIDFontType2 /BaseFont /%b /CIDSystemInfo "
        b"<</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %%b "
        b"/W [0 [%b]] /CIDToGIDMap /Identity>>" % (name, widths),
        codes=codes,
    )


def _descriptor(source: TrueType, name: bytes) -> bytes:
    """The font descriptor, with places for the references of font file and CID set."""
    scale = 1000 / source.units_per_em
    return b"".join(
        (
            b"<</Type /FontDescriptor /FontName /%b /Flags 4 " % name,
            b"/FontBBox [%d %d %d %d] " % tuple(round(value * scale) for value in source.box),
            b"/ItalicAngle %b " % f"{source.italic_angle:.4g}".encode(),
            b"/Ascent %d " % round(source.ascent * scale),
            b"/Descent %d " % round(source.descent * scale),
            b"/CapHeight %d " % round(source.cap_height * scale),
            # No table of a font holds the width of its stems, and viewers hardly use it.
            b"/StemV %d " % (50 + round((source.weight / 65) ** 2)),
            b"/FontFile2 %b /CIDSet %b>>",
        )
    )


@cache
def default_font() -> Font:
    """Open Sans Regular, read once per process (fontpkg-open-sans, SIL Open Font License)."""
    package = resources.files("fontpkg_open_sans")
    with resources.as_file(package / "files" / "OpenSans[wdth,wght].ttf") as path:
        return Font.load(path)


def _tag(name: str, characters: str) -> str:
    digest = hashlib.sha256(f"{name}\0{characters}".encode())
    number = int.from_bytes(digest.digest()[:8])
    letters = []
    for _ in range(6):
        number, letter = divmod(number, 26)
        letters.append(chr(65 + letter))
    return "".join(letters)


def _to_unicode(codes: Mapping[str, bytes]) -> bytes:
    entries = [
        b"<%b> <%b>\n" % (code, character.encode("utf-16-be").hex().encode())
        for character, code in codes.items()
    ]
    blocks = []
    for start in range(0, len(entries), 100):  # a block holds at most 100 entries
        block = entries[start : start + 100]
        blocks.append(b"%d beginbfchar\n%bendbfchar\n" % (len(block), b"".join(block)))
    return _TO_UNICODE % b"".join(blocks)


def _described(character: str) -> str:
    shown = f"“{character}” " if character.isprintable() else ""
    return f"{shown}(U+{ord(character):04X})"
