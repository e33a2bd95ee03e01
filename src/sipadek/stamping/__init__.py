"""What a stamp is, how it is drawn, and where on a page it goes; marks on the pages of any PDF."""

from __future__ import annotations

from sipadek.stamping.appearing import Shown, appear, appear_in
from sipadek.stamping.drawing import STAMP_HEIGHT, STAMP_WIDTH, draw
from sipadek.stamping.free import Free, find_free
from sipadek.stamping.marking import Marking, add_marks, marked, preview
from sipadek.stamping.marks import Code, Mark, Panel, Picture, Text, Watermark, Which
from sipadek.stamping.placement import beside, place
from sipadek.stamping.selection import selected
from sipadek.stamping.stamp import Appearance, Placement, Stamp
from sipadek.stamping.tagging import chosen_tags

__all__ = [
    "STAMP_HEIGHT",
    "STAMP_WIDTH",
    "Appearance",
    "Code",
    "Free",
    "Mark",
    "Marking",
    "Panel",
    "Picture",
    "Placement",
    "Shown",
    "Stamp",
    "Text",
    "Watermark",
    "Which",
    "add_marks",
    "appear",
    "appear_in",
    "beside",
    "chosen_tags",
    "draw",
    "find_free",
    "marked",
    "place",
    "preview",
    "selected",
]
