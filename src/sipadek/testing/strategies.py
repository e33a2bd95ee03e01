"""Hypothesis strategies for property-based tests with PDFs. The only module that needs Hypothesis."""

from __future__ import annotations

from typing import Any, get_args

import attrs
from hypothesis import strategies as st

from sipadek.testing.pdfs import (
    Annots,
    Box,
    Contents,
    Damage,
    Encryption,
    Form,
    PdfRecipe,
    Resources,
    XrefKind,
)

__all__ = ["boxes", "damaged_recipes", "junk_recipes", "recipes"]

_WORDS = st.text(
    st.characters(codec="cp1252", exclude_categories=("Cc", "Cf", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=12,
)
_LINES = st.lists(_WORDS, min_size=1, max_size=4).map(" ".join)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Page boxes: any origin, also negative, sides from 20 to 2,000 points, any two corners."""
    x, y = (draw(st.integers(-600, 600)) / draw(st.sampled_from((1, 8))) for _ in range(2))
    width, height = (draw(st.integers(20, 2000)) for _ in range(2))
    left, bottom, right, top = float(x), float(y), float(x + width), float(y + height)
    corners = ((left, bottom, right, top), (right, top, left, bottom), (left, top, right, bottom))
    return draw(st.sampled_from((corners[0], *corners)))


def recipes(**fixed: Any) -> st.SearchStrategy[PdfRecipe]:
    """Recipes of valid files. ``fixed`` holds fields to keep at a value, or strategies for them:
    ``recipes(encryption="none", pages=st.just(3))``."""
    return _built(_as_strategies(fixed))


def damaged_recipes(**fixed: Any) -> st.SearchStrategy[PdfRecipe]:
    """Recipes of files with one damage each."""
    damages = [damage for damage in get_args(Damage) if damage != "none"]
    damage = {"damage": st.sampled_from(damages), "damage_by": st.integers(1, 40)}
    return _built(damage | _as_strategies(fixed))


def junk_recipes(**fixed: Any) -> st.SearchStrategy[PdfRecipe]:
    """Recipes of files with something before the header. Readers take them, some with warnings."""
    junk = {
        "junk": st.sampled_from((b"\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\x00\xff" * 100)),
        "junk_offsets": st.sampled_from(("header", "file")),
    }
    return _built(junk | _as_strategies(fixed))


def _built(changed: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[PdfRecipe]:
    return st.builds(PdfRecipe, **(_fields() | changed)).map(_showing)


def _showing(recipe: PdfRecipe) -> PdfRecipe:
    """Drop a crop box that leaves less than 2 points of the media box: nothing would show."""
    if recipe.crop_box is None:
        return recipe
    for axis in (0, 1):
        low, high = sorted((recipe.media_box[axis], recipe.media_box[axis + 2]))
        crop = sorted((recipe.crop_box[axis], recipe.crop_box[axis + 2]))
        if min(high, crop[1]) - max(low, crop[0]) < 2:
            return attrs.evolve(recipe, crop_box=None)
    return recipe


def _fields() -> dict[str, st.SearchStrategy[Any]]:
    kinds = st.sampled_from(get_args(XrefKind))
    return {
        "pages": st.integers(1, 4),
        "texts": st.lists(_LINES, max_size=4).map(tuple),
        "media_box": st.one_of(st.just((0.0, 0.0, 595.28, 841.89)), boxes()),
        "crop_box": st.one_of(st.none(), boxes()),
        "rotate": st.sampled_from((0, 90, 180, 270, -90)),
        "user_unit": st.sampled_from((1.0, 0.5, 2.0, 10.0)),
        "inherited": st.booleans(),
        "tree_depth": st.integers(1, 5),
        "xref": kinds,
        "predictor": st.booleans(),
        "freed": st.integers(0, 3),
        "generation": st.sampled_from((0, 0, 0, 2)),
        "annots": st.sampled_from(get_args(Annots)),
        "contents": st.sampled_from(get_args(Contents)),
        "compress": st.booleans(),
        "resources": st.sampled_from(get_args(Resources)),
        "form": st.sampled_from(get_args(Form)),
        "fields": st.integers(0, 3),
        "info": st.booleans(),
        "identifier": st.booleans(),
        "updates": st.lists(kinds, max_size=2).map(tuple),
        "final_eol": st.booleans(),
        "encryption": st.sampled_from(("none", *get_args(Encryption))),
    }


def _as_strategies(fixed: dict[str, Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value)
        for name, value in fixed.items()
    }
