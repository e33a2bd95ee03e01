"""Reading TrueType fonts and cutting small ones out of them (ISO/IEC 14496-22, OpenType).

Only fonts with ``glyf`` outlines are read. Hinting is left out, and of a variable font only the
default instance is used: its variation tables are simply not carried over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from itertools import accumulate
from pathlib import Path
from typing import ParamSpec, TypeVar

import attrs

from sipadek.errors import StampError

__all__ = ["Subset", "TrueType"]

_REQUIRED = ("OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp")
_OPTIONAL = ("name", "post")

# Flags of a component in a composite glyph.
_WORD_ARGUMENTS, _ONE_SCALE, _MORE, _TWO_SCALES, _MATRIX, _INSTRUCTIONS = (
    0x0001,
    0x0008,
    0x0020,
    0x0040,
    0x0080,
    0x0100,
)

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _guarded(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turns whatever a malformed font trips over into the one error callers know."""

    @wraps(method)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except (struct.error, IndexError, KeyError, ValueError, OverflowError) as error:
            raise StampError(
                f"The font is damaged ({type(error).__name__}: {error}). "
                "Give an intact TrueType font (.ttf)."
            ) from error

    return wrapper


@attrs.frozen
class Subset:
    """A font cut to some glyphs: the file, and each glyph's advance width in font units."""

    data: bytes
    advances: tuple[int, ...]


@attrs.frozen
class _Glyph:
    outline: bytes
    components: tuple[tuple[int, int], ...]  # where in the outline, which glyph
    advance: int
    metrics: bytes


class TrueType:
    """A TrueType font, read as far as measuring and subsetting need it."""

    def __init__(self, tables: Mapping[str, bytes]) -> None:
        head, os2, hhea = tables["head"], tables["OS/2"], tables["hhea"]
        self.units_per_em: int = struct.unpack_from(">H", head, 18)[0]
        self.box: tuple[int, int, int, int] = struct.unpack_from(">4h", head, 36)
        self.ascent, self.descent = struct.unpack_from(">hh", hhea, 4)
        self.weight: int = struct.unpack_from(">H", os2, 4)[0]
        self.cap_height = _cap_height(os2) or self.ascent
        self.italic_angle = _italic_angle(tables.get("post", b""))
        self.name = _postscript_name(tables.get("name", b"")) or "Font"
        self.characters = _character_map(tables["cmap"])
        if not 16 <= self.units_per_em <= 16384:
            raise ValueError(f"{self.units_per_em} units per em")
        self._tables = tables
        self._glyph_count: int = struct.unpack_from(">H", tables["maxp"], 4)[0]
        self._long_metrics: int = struct.unpack_from(">H", hhea, 34)[0]
        self._offsets = _glyph_offsets(tables["loca"], head, self._glyph_count)
        self._glyphs: dict[int, _Glyph] = {}

    @classmethod
    def load(cls, path: Path) -> TrueType:
        """Reads the needed tables of the font file; raises ``StampError`` if it cannot be used."""
        try:
            tables = _read_tables(path)
        except (OSError, struct.error) as error:
            raise StampError(
                f"The font {path.name} cannot be read: {error}. Give a TrueType font (.ttf).",
                font=str(path),
            ) from error
        return _guarded(cls)(tables)

    @_guarded
    def advance(self, glyph: int) -> int:
        """Advance width of a glyph in font units."""
        return self._glyph(glyph).advance

    @_guarded
    def subset(self, glyphs: Iterable[int]) -> Subset:
        """A font with .notdef as glyph 0, then ``glyphs`` in that order, then their components.

        A glyph named twice is there twice, so that each of its characters has a code of its own.
        """
        chosen = [self._glyph(number) for number in (0, *glyphs)]
        places: dict[int, int] = {}
        for glyph in chosen:  # grows by the components met on the way
            for _, part in glyph.components:
                if part not in places:
                    places[part] = len(chosen)
                    chosen.append(self._glyph(part))
        data = _assemble(self._subset_tables(chosen, places))
        return Subset(data, tuple(glyph.advance for glyph in chosen))

    def _subset_tables(
        self, glyphs: Sequence[_Glyph], places: Mapping[int, int]
    ) -> dict[bytes, bytes]:
        count = len(glyphs)
        outlines = [
            _renumbered(glyph, places) if glyph.components else glyph.outline for glyph in glyphs
        ]
        offsets = list(accumulate(map(len, outlines), initial=0))
        short = offsets[-1] < 0x20000
        head = bytearray(self._tables["head"][:54])
        struct.pack_into(">L", head, 8, 0)
        struct.pack_into(">h", head, 50, 0 if short else 1)
        hhea = bytearray(self._tables["hhea"][:36])
        struct.pack_into(">H", hhea, 34, count)
        maxp = bytearray(self._tables["maxp"][:32])
        struct.pack_into(">H", maxp, 4, count)
        struct.pack_into(">6H", maxp, 16, 0, 0, 0, 0, 0, 0)  # nothing of hinting is left
        if short:
            loca = struct.pack(f">{count + 1}H", *[offset >> 1 for offset in offsets])
        else:
            loca = struct.pack(f">{count + 1}L", *offsets)
        return {
            b"glyf": b"".join(outlines),
            b"head": bytes(head),
            b"hhea": bytes(hhea),
            b"hmtx": b"".join([glyph.metrics for glyph in glyphs]),
            b"loca": loca,
            b"maxp": bytes(maxp),
        }

    def _glyph(self, number: int) -> _Glyph:
        known = self._glyphs.get(number)
        if known is None:
            known = self._glyphs[number] = self._read_glyph(number)
        return known

    def _read_glyph(self, number: int) -> _Glyph:
        if not 0 <= number < self._glyph_count:
            raise ValueError(f"there is no glyph {number}")
        start, end = self._offsets[number], self._offsets[number + 1]
        if not start <= end <= len(self._tables["glyf"]):
            raise ValueError(f"glyph {number} lies outside the outlines")
        outline, components = _without_hints(self._tables["glyf"][start:end])
        hmtx, last = self._tables["hmtx"], self._long_metrics - 1
        (advance,) = struct.unpack_from(">H", hmtx, 4 * min(number, last))
        bearing_at = 4 * number + 2 if number <= last else 4 * (last + 1) + 2 * (number - last - 1)
        (bearing,) = struct.unpack_from(">h", hmtx, bearing_at)
        return _Glyph(outline, components, advance, struct.pack(">Hh", advance, bearing))


# --- reading ------------------------------------------------------------------------------------


def _read_tables(path: Path) -> dict[str, bytes]:
    with path.open("rb") as file:
        version, count = struct.unpack(">4sH6x", file.read(12))
        if version not in (b"\0\1\0\0", b"true"):
            raise StampError(
                f"The font {path.name} is not a single TrueType font with glyf outlines. "
                "Give a .ttf file (not .otf with CFF outlines, .ttc or .woff).",
                font=str(path),
            )
        places: dict[str, tuple[int, int]] = {}
        for tag, _, offset, length in struct.iter_unpack(">4sLLL", file.read(16 * count)):
            places[tag.decode("latin-1")] = (offset, length)
        missing = [tag for tag in _REQUIRED if tag not in places]
        if missing:
            raise StampError(
                f"The font {path.name} lacks the tables {', '.join(missing)}. "
                "Give a complete TrueType font (.ttf).",
                font=str(path),
            )
        tables: dict[str, bytes] = {}
        for tag in (*_REQUIRED, *_OPTIONAL):
            if tag in places:
                file.seek(places[tag][0])
                tables[tag] = file.read(places[tag][1])
    return tables


def _cap_height(os2: bytes) -> int:
    (version,) = struct.unpack_from(">H", os2, 0)
    return int(struct.unpack_from(">h", os2, 88)[0]) if version >= 2 else 0


def _italic_angle(post: bytes) -> float:
    return float(struct.unpack_from(">l", post, 4)[0] / 65536) if post else 0.0


def _postscript_name(table: bytes) -> str:
    if not table:
        return ""
    count, strings = struct.unpack_from(">HH", table, 2)
    for record in range(count):
        platform, _, _, kind, length, offset = struct.unpack_from(">6H", table, 6 + 12 * record)
        if kind == 6:
            raw = table[strings + offset : strings + offset + length]
            text = raw.decode("latin-1" if platform == 1 else "utf-16-be", "ignore")
            return "".join(c for c in text if c.isascii() and (c.isalnum() or c == "-"))
    return ""


def _character_map(cmap: bytes) -> dict[int, int]:
    """Unicode code point → glyph, from the fullest Unicode subtable (format 12, else 4)."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    subtables: dict[int, int] = {}
    for platform, encoding, offset in struct.iter_unpack(">HHL", cmap[4 : 4 + 8 * count]):
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            subtables.setdefault(struct.unpack_from(">H", cmap, offset)[0], offset)
    if 12 in subtables:
        return _segmented_coverage(cmap, subtables[12])
    if 4 in subtables:
        return _segment_mapping(cmap, subtables[4])
    raise ValueError("no Unicode character map of format 4 or 12")


def _segmented_coverage(cmap: bytes, at: int) -> dict[int, int]:
    (groups,) = struct.unpack_from(">L", cmap, at + 12)
    beyond = 0
    characters: dict[int, int] = {}
    for group in range(groups):
        first, last, glyph = struct.unpack_from(">LLL", cmap, at + 16 + 12 * group)
        if not beyond <= first <= last <= 0x10FFFF:
            raise ValueError("a character map out of order")
        beyond = last + 1
        for character in range(first, last + 1):
            characters[character] = glyph + character - first
    return characters


def _segment_mapping(cmap: bytes, at: int) -> dict[int, int]:
    segments = struct.unpack_from(">H", cmap, at + 6)[0] // 2
    columns = f">{segments}H"
    ends = struct.unpack_from(columns, cmap, at + 14)
    starts = struct.unpack_from(columns, cmap, at + 16 + 2 * segments)
    deltas = struct.unpack_from(columns, cmap, at + 16 + 4 * segments)
    offsets_at = at + 16 + 6 * segments
    offsets = struct.unpack_from(columns, cmap, offsets_at)
    characters: dict[int, int] = {}
    for segment, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for character in range(start, min(end, 0xFFFE) + 1):
            glyph = character
            if offsets[segment]:
                where = offsets_at + 2 * segment + offsets[segment] + 2 * (character - start)
                (glyph,) = struct.unpack_from(">H", cmap, where)
                if glyph == 0:
                    continue
            glyph = (glyph + deltas[segment]) & 0xFFFF
            if glyph:
                characters[character] = glyph
    return characters


def _glyph_offsets(loca: bytes, head: bytes, glyphs: int) -> tuple[int, ...]:
    (long,) = struct.unpack_from(">h", head, 50)
    if long:
        return struct.unpack_from(f">{glyphs + 1}L", loca)
    return tuple(2 * half for half in struct.unpack_from(f">{glyphs + 1}H", loca))


# --- writing ------------------------------------------------------------------------------------


def _without_hints(outline: bytes) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The outline without instructions, of even length, and the components it refers to."""
    if not outline:
        return b"", ()
    (contours,) = struct.unpack_from(">h", outline)
    components: list[tuple[int, int]] = []
    if contours >= 0:
        at = 10 + 2 * contours
        (length,) = struct.unpack_from(">H", outline, at)
        bare = outline[:at] + b"\0\0" + outline[at + 2 + length :]
    else:
        copy, at, flags = bytearray(outline), 10, _MORE
        while flags & _MORE:
            flags, glyph = struct.unpack_from(">HH", outline, at)
            struct.pack_into(">H", copy, at, flags & ~_INSTRUCTIONS)
            components.append((at + 2, glyph))
            at += 8 if flags & _WORD_ARGUMENTS else 6
            at += 2 if flags & _ONE_SCALE else 4 if flags & _TWO_SCALES else 0
            at += 8 if flags & _MATRIX else 0
        bare = bytes(copy[:at])
    return bare + b"\0" * (len(bare) & 1), tuple(components)


def _renumbered(glyph: _Glyph, places: Mapping[int, int]) -> bytes:
    copy = bytearray(glyph.outline)
    for at, part in glyph.components:
        struct.pack_into(">H", copy, at, places[part])
    return bytes(copy)


def _assemble(tables: Mapping[bytes, bytes]) -> bytes:
    """An sfnt file of the tables (given in order of their tags), with all its checksums."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    header = struct.pack(
        ">4sHHHH", b"\0\1\0\0", count, 16 * power, power.bit_length() - 1, 16 * (count - power)
    )
    entries, bodies, offset, total = [header], [], 12 + 16 * count, 0
    for tag, data in tables.items():
        padded = data + b"\0" * (-len(data) % 4)
        checksum = _checksum(padded)
        entries.append(struct.pack(">4sLLL", tag, checksum, offset, len(data)))
        bodies.append(padded)
        offset += len(padded)
        total += checksum
    directory = b"".join(entries)
    font = bytearray(directory + b"".join(bodies))
    adjustment = (0xB1B0AFBA - total - _checksum(directory)) & 0xFFFFFFFF
    head = list(tables).index(b"head")
    (head_at,) = struct.unpack_from(">L", directory, 12 + 16 * head + 8)
    struct.pack_into(">L", font, head_at + 8, adjustment)
    return bytes(font)


def _checksum(padded: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}L", padded)
    return sum(words) & 0xFFFFFFFF
