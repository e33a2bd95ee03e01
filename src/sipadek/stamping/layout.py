"""How the texts of a stamp are set: sizes, line breaks, positions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import attrs

from sipadek.errors import StampError
from sipadek.pdf.fonts import Font
from sipadek.stamping.stamp import Stamp

__all__ = ["Column", "Line", "compose"]

_LABELS = ("Nomor", "Tanggal")
_SIGNED_BY = "Ditandatangani secara elektronik oleh"

# Tried in turn, in points: the size of number, date and signer, and the size of the small type.
_SIZES = (
    (8.5, 6.0),
    (8.0, 6.0),
    (8.0, 5.5),
    (7.5, 5.5),
    (7.0, 5.5),
    (6.5, 5.5),
    (6.0, 5.0),
    (5.5, 5.0),
    (5.0, 5.0),
)
# Down to this size smaller type is better than a number broken over lines.
_UNBROKEN = 6.5
_LEADING = 1.22
_DESCENT = 0.22
# Points between groups of lines.
_LEAST_GAP, _GAP = 1.5, 4.5

# Where a line may be broken: after a blank; if what stands between two blanks is too long, then
# after the marks that divide a letter number; at last anywhere.
_PIECES = tuple(
    re.compile(pattern) for pattern in (r"\S+ ?", r"[^/]+/* ?|/+ ?", r"[^-.]+[-.]* ?|[-.]+ ?", r".")
)


@attrs.frozen(kw_only=True)
class Column:
    """The room for text: left and bottom edge, width and height, in points."""

    left: float
    bottom: float
    width: float
    height: float


@attrs.frozen(kw_only=True)
class Line:
    """Text at the start of a baseline, in points; ``strong`` is set heavier, ``small`` paler."""

    x: float
    y: float
    size: float
    text: str
    small: bool = False
    strong: bool = False


@attrs.frozen
class _Row:
    """Texts on one baseline: how far from the left edge each starts, and what it says."""

    size: float
    parts: tuple[tuple[float, str], ...]
    small: bool = False
    strong: bool = False


_Groups = Sequence[Sequence[_Row]]


def compose(stamp: Stamp, font: Font, column: Column) -> tuple[Line, ...]:
    """The lines of a stamp, in the largest of a few sizes (5 points at least) that fits.

    Raises ``StampError`` if the texts do not fit at 5 points, or the font lacks a character.
    """
    spare = 0.0
    for unbroken in (True, False):
        for size, small in _SIZES:
            room = column.width - _indents(font, size)[1]
            if unbroken and (size < _UNBROKEN or font.width(stamp.number, size) > room):
                continue
            groups = _groups(stamp, font, column.width, size, small)
            spare = column.height - _height(groups, font) - _LEAST_GAP * (len(groups) - 1)
            if spare >= 0:
                return tuple(_positioned(groups, font, column, spare))
    raise StampError(
        f"The stamp's texts are too long: at {_SIZES[-1][0]:g} points they are still {-spare:.1f} "
        f"points too high (number {len(stamp.number)} characters, footer {len(stamp.footer)}, "
        f"signer {len(stamp.signer)}). Shorten the footer or the signer's name.",
        number=stamp.number,
        footer=stamp.footer,
        signer=stamp.signer,
    )


def _groups(stamp: Stamp, font: Font, width: float, size: float, small: float) -> _Groups:
    indent, value = _indents(font, size)
    head: list[_Row] = []
    for label, text in zip(_LABELS, (stamp.number, stamp.date), strict=True):
        first, *more = _wrapped(text, font, width - value, size)
        head.append(_Row(size, ((0.0, label), (indent, f": {first}"))))
        head += [_Row(size, ((value, line),)) for line in more]
    groups = [head]
    if stamp.signer:
        name = _wrapped(stamp.signer, font, width, size)
        groups.append(
            [
                *[_Row(small, ((0.0, t),)) for t in _wrapped(_SIGNED_BY, font, width, small)],
                *[_Row(size, ((0.0, line),), strong=True) for line in name],
            ]
        )
    if stamp.footer:
        footer = _wrapped(stamp.footer, font, width, small)
        groups.append([_Row(small, ((0.0, line),), small=True) for line in footer])
    return groups


def _indents(font: Font, size: float) -> tuple[float, float]:
    """Where the colons stand, and where what follows them."""
    colon = max(font.width(label, size) for label in _LABELS) + font.width(" ", size)
    return colon, colon + font.width(": ", size)


def _height(groups: _Groups, font: Font) -> float:
    """From the top of the first line's capitals to the last line's descenders, without gaps."""
    rows = [row for group in groups for row in group]
    first, last = rows[0].size * font.cap_height, rows[-1].size * _DESCENT
    return first + sum(row.size * _LEADING for row in rows[1:]) + last


def _positioned(groups: _Groups, font: Font, column: Column, spare: float) -> Iterator[Line]:
    """The lines of all groups, centred in the column's height."""
    between = len(groups) - 1
    gap = min(_GAP, _LEAST_GAP + spare / between) if between else 0.0
    unused = column.height - _height(groups, font) - gap * between
    y = column.bottom + column.height - unused / 2 - groups[0][0].size * font.cap_height
    for above, group in enumerate(groups):
        for index, row in enumerate(group):
            if index:
                y -= row.size * _LEADING
            elif above:
                y -= row.size * _LEADING + gap
            for x, text in row.parts:
                yield Line(
                    x=column.left + x,
                    y=y,
                    size=row.size,
                    text=text,
                    small=row.small,
                    strong=row.strong,
                )


@lru_cache(maxsize=256)  # an office's footers and signers come again and again
def _wrapped(text: str, font: Font, width: float, size: float) -> tuple[str, ...]:
    """``text`` in lines of at most ``width`` points."""
    limit = width / size
    lines: list[str] = []
    line, room = "", limit
    for piece, advance, bare in _fitting(_measured(text, font), font, limit):
        if line and bare > room:
            lines.append(line.rstrip())
            line, room = "", limit
        line += piece
        room -= advance
    return (*lines, line.rstrip())


_Pieces = Iterable[tuple[str, float, float]]
"""Parts between which a line may be broken, each with its width, and its width without the blank
at the end, as shares of the font size."""


@lru_cache(maxsize=256)
def _measured(text: str, font: Font, level: int = 0) -> _Pieces:
    pieces = _PIECES[level].findall(text)
    return [(p, font.width(p, 1.0), font.width(p.rstrip(), 1.0)) for p in pieces]


def _fitting(pieces: _Pieces, font: Font, limit: float, level: int = 1) -> _Pieces:
    """The pieces, with those too wide for a line divided further."""
    for piece in pieces:
        if piece[2] > limit and level < len(_PIECES):
            yield from _fitting(_measured(piece[0], font, level), font, limit, level + 1)
        else:
            yield piece
