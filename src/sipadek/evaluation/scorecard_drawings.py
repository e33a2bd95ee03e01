"""The plots of a scorecard as inline SVG: how many are where, and every unit on the scale."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from sipadek.evaluation.criteria import HIGHEST, LOWEST, Category, UnitKind
from sipadek.evaluation.scoring import UnitScore

_WIDTH: Final = 900
_NAME: Final = 185
_ROW: Final = 34
_DOT: Final = 4.5


def shares(
    kinds: Sequence[UnitKind],
    categories: Sequence[Category],
    counts: Mapping[tuple[str, str], int],
) -> str:
    """A bar for each kind of unit, with the part that each category has of it."""
    drawn = []
    for n, kind in enumerate(kinds):
        top, left = n * _ROW, float(_NAME)
        of = [counts.get((kind.code, each.code), 0) for each in categories]
        drawn.append(_text(0, top + 20, f"{kind.name} ({sum(of)})"))
        for count, category in zip(of, categories, strict=True):
            if not count:
                continue
            width = (_WIDTH - _NAME) * count / sum(of)
            drawn.append(
                f'<rect x="{left:.1f}" y="{top + 3}" width="{width:.1f}" height="25"'
                f' fill="{category.colour}"/>'
            )
            drawn.append(_text(left + width / 2, top + 20, str(count), "middle", "#ffffff"))
            left += width
    return _svg(_ROW * len(kinds), drawn)


def scale(
    kinds: Sequence[UnitKind], categories: Sequence[Category], scores: Sequence[UnitScore]
) -> str:
    """Every unit as a dot on the scale of 1 to 5, those that are alike above each other."""
    drawn: list[str] = []
    height = 14.0
    for kind in kinds:
        of = [each for each in scores if each.kind.code == kind.code]
        piles: Counter[int] = Counter()
        dots = []
        for each in of:
            place = round(float(_place(each)) / (2 * _DOT))
            dots.append((each, place * 2 * _DOT, piles[place]))
            piles[place] += 1
        bottom = height + max([2, *piles.values()]) * 2 * _DOT + 6
        drawn.append(_text(0, bottom - 4, kind.name))
        drawn.extend(_dot(each, x, bottom - 8 - 2 * _DOT * level) for each, x, level in dots)
        drawn.append(
            f'<line x1="{_NAME}" x2="{_WIDTH}" y1="{bottom}" y2="{bottom}" stroke="#b9bec7"/>'
        )
        height = bottom + 12
    return _svg(round(height + 18), [*_bands(categories, height), *drawn])


def _bands(categories: Sequence[Category], height: float) -> list[str]:
    drawn = []
    ends = [each.least for each in categories[1:]] + [HIGHEST]
    for category, end in zip(categories, ends, strict=True):
        left, right = _x(float(category.least)), _x(float(end))
        drawn.append(
            f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="{height:.1f}"'
            f' fill="{category.colour}" fill-opacity="0.1"/>'
        )
        name = f"{category.name} ≥ {float(category.least):.1f}".replace(".", ",")
        drawn.append(_text(left + 3, height + 14, name, colour=category.colour))
    return drawn


def _dot(score: UnitScore, x: float, y: float) -> str:
    told = f"{score.unit.name or score.unit.code}: {float(score.score):.2f}".replace(".", ",")
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_DOT - 0.5}" fill="{score.category.colour}">'
        f"<title>{html.escape(told)}</title></circle>"
    )


def _place(score: UnitScore) -> float:
    return _x(float(score.score))


def _x(score: float) -> float:
    room = _WIDTH - _NAME - 2 * _DOT
    return _NAME + _DOT + room * (score - float(LOWEST)) / float(HIGHEST - LOWEST)


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#3b424d") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="fill:{colour}">'
        f"{html.escape(text)}</text>"
    )


def _svg(height: int, drawn: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img">{"".join(drawn)}</svg>'
