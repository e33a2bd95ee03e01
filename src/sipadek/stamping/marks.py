"""Marks: what is drawn on the pages of any PDF beside, or without, a letter's stamp. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from sipadek.errors import InvalidInput
from sipadek.stamping.stamp import one_line

__all__ = ["Code", "Mark", "Panel", "Picture", "Text", "Watermark", "Which"]

_MAX_POINTS: Final = 2000.0
_MAX_LINES: Final = 100


def _within(least: float, most: float) -> Any:
    def check(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not isinstance(value, int | float) or not least <= value <= most:
            raise InvalidInput(
                f"{attribute.name} is {value!r}; give a number from {least:g} to {most:g}",
                field=attribute.name,
            )

    return check


_SIZE: Final = _within(1, 500)
_GREY: Final = _within(0, 1)
_SIDE: Final = _within(1, _MAX_POINTS)
_ANGLE: Final = _within(-360, 360)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(one_line(line) for line in text.split("\n"))


def _any_text(_: Any, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    if not any(value) or len(value) > _MAX_LINES:
        raise InvalidInput(
            f"a mark's {attribute.name} has {len(value)} lines; give text of 1 to {_MAX_LINES} lines",
            field=attribute.name,
        )


@attrs.frozen(kw_only=True)
class Text:
    """Lines of text (``\\n`` parts them), ``size`` points high, ``grey`` from 0 (black) to 1. Where it
    is ``covering`` a white panel lies under it.

    ``{n}`` stands for the page's number, from 1, and ``{m}`` for how many pages there are; on a letter
    that is filed ``{nomor}`` and ``{tanggal}`` for its number and date.
    """

    text: tuple[str, ...] = attrs.field(converter=_lines, validator=_any_text)
    size: float = attrs.field(default=9.0, validator=_SIZE)
    grey: float = attrs.field(default=0.0, validator=_GREY)
    covering: bool = False

    def on_page(self, n: int, m: int) -> tuple[str, ...]:
        """The lines on page ``n`` of ``m``."""
        return tuple(line.replace("{n}", str(n)).replace("{m}", str(m)) for line in self.text)


@attrs.frozen(kw_only=True)
class Watermark:
    """One line across the middle of the page, such as SALINAN or RAHASIA: pale letters under the
    page's content, or with ``over`` only their outlines, over it (a scanned page covers all that is
    under it). ``angle`` is in degrees, counter-clockwise; ``size`` in points, 0 for as large as fits.
    """

    text: str = attrs.field(converter=one_line)
    size: float = attrs.field(default=0.0, validator=_within(0, _MAX_POINTS))
    grey: float = attrs.field(default=0.88, validator=_GREY)
    angle: float = attrs.field(default=45.0, validator=_ANGLE)
    over: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.text:
            raise InvalidInput("a watermark has no text; give some, such as SALINAN")


@attrs.frozen(kw_only=True)
class Code:
    """A QR code of ``side`` points, its quiet zone included, on white."""

    content: str
    side: float = attrs.field(default=70.0, validator=_SIDE)


@attrs.frozen(kw_only=True)
class Panel:
    """A box of ``width`` × ``height`` points: filled with ``fill`` (grey, None for nothing), framed by
    a line of ``line`` points (0 for none)."""

    width: float = attrs.field(validator=_SIDE)
    height: float = attrs.field(validator=_SIDE)
    fill: float | None = attrs.field(default=None, validator=attrs.validators.optional(_GREY))
    line: float = attrs.field(default=0.6, validator=_within(0, 100))


@attrs.frozen(kw_only=True)
class Picture:
    """A PNG or JPEG, ``width`` points wide, and as high as its proportions say. What is transparent
    stays so, but in a PDF/A-1, which allows none, it becomes white. Needs Pillow (extra ``all``)."""

    data: bytes = attrs.field(repr=False)
    width: float = attrs.field(validator=_SIDE)


Which = int | Literal["only", "every"]
"""Which of several places: the n-th from 1, -1 the last, 'only' where there must be one, 'every'."""


def _which(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value not in ("only", "every") and (type(value) is not int or not value):
        raise InvalidInput(
            f"{attribute.name} is {value!r}; give 'only', 'every', or a number from 1, -1 for the last",
            field=attribute.name,
        )


@attrs.frozen(kw_only=True)
class Mark:
    """Something drawn, on which ``pages`` (see `selected`), and where.

    ``anchor`` and ``margin`` are as of `place`: one of nine, and points from the edges, or (x, y)
    from that corner. A watermark needs neither.

    With a ``tag`` the mark's lower left corner goes to where the pages have this text, such as
    '${ttd}', ``offset`` points to the right and up from it; white covers the tag, which stays in the
    text that programs read. ``nth`` says which of its places over all ``pages``.

    With ``free`` it goes where nothing is, as near to the anchor as can be: see `find_free`. ``below``
    draws it under the page's content; a watermark has its own layer.
    """

    what: Text | Watermark | Code | Panel | Picture
    pages: str = "first"
    anchor: str = "bottom-left"
    margin: float | tuple[float, float] = 18.0
    tag: str = ""
    nth: Which = attrs.field(default="only", validator=_which)
    offset: tuple[float, float] = (0.0, 0.0)
    free: bool = False
    below: bool = False

    def __attrs_post_init__(self) -> None:
        if self.tag and self.free:
            raise InvalidInput("a mark goes either to a tag or into free space; choose one")

    def filled(self, values: Mapping[str, str]) -> Mark:
        """The mark with ``{name}`` in its texts replaced by the value of that name."""
        what = self.what
        if isinstance(what, Text):
            lines = "\n".join(what.text)
            for name, value in values.items():
                lines = lines.replace(f"{{{name}}}", value)
            return attrs.evolve(self, what=attrs.evolve(what, text=lines))
        return self
