"""Small drawings as inline SVG: bars, columns, a share of a whole."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import attrs

_WIDTH: Final = 900
_ROW: Final = 24
_NAME: Final = 190
_HEIGHT: Final = 200
_GREEN: Final = "#1f6f54"
_TRACK: Final = "#e7e9ed"


@attrs.frozen
class Bar:
    """One bar: what it stands for, how long it is, its colour."""

    name: str
    value: int
    colour: str = "#b3261e"


def bars(rows: Sequence[Bar]) -> str:
    """Bars below each other, with their names before and their values behind them."""
    most = max(1, *(row.value for row in rows))
    room = _WIDTH - _NAME - 70
    drawn = []
    for n, row in enumerate(rows):
        top = n * _ROW
        width = max(2.0, room * row.value / most)
        drawn.append(
            f'<text x="0" y="{top + 16}">{html.escape(row.name)}</text>'
            f'<rect x="{_NAME}" y="{top + 4}" width="{width:.1f}" height="16" rx="3"'
            f' fill="{row.colour}"/>'
            f'<text x="{_NAME + width + 8:.1f}" y="{top + 16}">{row.value}</text>'
        )
    return _svg(_ROW * len(rows), drawn)


def columns(names: Sequence[str], stacks: Sequence[Sequence[int]], colours: Sequence[str]) -> str:
    """Columns beside each other, each of parts on top of each other; names below, totals above."""
    most = max(1, *(sum(stack) for stack in stacks))
    step = _WIDTH / max(6, len(names))
    width = min(48.0, step * 0.7)
    drawn = [f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}" stroke="#b9bec7"/>']
    for n, (name, stack) in enumerate(zip(names, stacks, strict=True)):
        middle = (n + 0.5) * step
        base = float(_HEIGHT)
        for value, colour in zip(stack, colours, strict=True):
            height = (_HEIGHT - 24) * value / most
            base -= height
            if value:
                drawn.append(
                    f'<rect x="{middle - width / 2:.1f}" y="{base:.1f}" width="{width:.1f}"'
                    f' height="{height:.1f}" fill="{colour}"/>'
                )
        if step >= 34:
            drawn.append(_middle(middle, base - 6, str(sum(stack))))
        drawn.append(_middle(middle, _HEIGHT + 18, name))
    return _svg(_HEIGHT + 26, drawn)


def share(part: int, whole: int) -> str:
    """How much of a whole is used."""
    ratio = part / whole
    colour = "#b3261e" if ratio > 0.95 else "#c58a1b" if ratio > 0.85 else _GREEN
    return _svg(
        28,
        [
            f'<rect x="0" y="4" width="{_WIDTH}" height="20" rx="4" fill="{_TRACK}"/>',
            f'<rect x="0" y="4" width="{max(4.0, _WIDTH * ratio):.1f}" height="20" rx="4"'
            f' fill="{colour}"/>',
            f'<text x="12" y="18" style="fill:#fff">{100 * ratio:.0f}% terpakai</text>'
            if ratio > 0.2
            else f'<text x="{_WIDTH * ratio + 10:.1f}" y="18">{100 * ratio:.0f}% terpakai</text>',
        ],
    )


def _middle(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{html.escape(text)}</text>'


def _svg(height: int, drawn: Sequence[str]) -> str:
    inner = "".join(drawn)
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img">{inner}</svg>'
